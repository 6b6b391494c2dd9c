// Verifies a presentation with npm packages and nothing of consign: a second reading of docs/format.md.
//
//   npm ci && node verify.mjs ANSWER REQUEST STATEMENT VERIFY_KEYS TRUST
//
// answer.json and request.json; statement.json as `consign export statement` writes it, the one thing that is taken on
// trust: that the policy's claims compile to these filters and bounds; verify.keys; trust.toml. Exit status 0 for yes.
// A verifier also remembers the nonces that it has accepted; this program remembers nothing.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { edwards } from "@noble/curves/abstract/edwards.js";
import { bn254 } from "@noble/curves/bn254.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import canonicalize from "canonicalize";
import { poseidon3, poseidon10, poseidon11 } from "poseidon-lite";
import { parse as toml } from "smol-toml";

const MATRICES = {
    "tally-40": "f3b01919492c356ae3126c0f8d36829caecdfa37276f915d3fc58dd1a11187d4",
    "tally-90": "685cd7f376a9e3ecb9cf2df8c2cb020237c8e3e556b1009ae95b508dbd50dc1d",
    "verdict": "12c723752ca950e88be51798d85f439fbb46c48fa03c24d64343c5c9d6346552",
    "direct-40": "8f14506ef5b15ef4359f54052dc661782fc7600b3491096ebe4e5c7a0eb0eddf",
};
const INPUTS = { "tally-40": 5, "tally-90": 5, "verdict": 4, "direct-40": 5 };
const COMPILER = 3;
const GRACE = 60;
const NOW = Math.floor(Date.now() / 1000);

// ---- small things ----------------------------------------------------------------------------------------------

const need = (holds, why) => { if (!holds) throw Error(why); };
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(n)); return b; };
const sized = (part) => Buffer.concat([u64(Buffer.from(part).length), Buffer.from(part)]);
const day = (seconds) => new Date(1000 * seconds).toISOString().slice(0, 10);
const same = (a, b) => canonicalize(a) === canonicalize(b);
const members = (object, names, what) => need(same(Object.keys(object).sort(), [...names].sort()), `${what}: members`);

function base64url(text, what) {
    const bytes = Buffer.from(text, "base64url");
    need(bytes.toString("base64url") === text, `${what}: not base64url`);
    return bytes;
}

function number(text, modulus, what) {
    need(/^[0-9a-f]{64}$/.test(text), `${what}: not 64 hexadecimal digits`);
    const n = BigInt(`0x${text}`);
    need(n < modulus, `${what}: not below the modulus`);
    return n;
}

// Parts of given widths, the first in the lowest bits.
const pack = (parts) => parts.reduceRight((sum, [value, bits]) => (sum << BigInt(bits)) | BigInt(value), 0n);

// ---- curves ----------------------------------------------------------------------------------------------------

const { G1, G2, fields: { Fr, Fp, Fp2, Fp12 } } = bn254;
const r = Fr.ORDER;
// Baby Jubjub as arkworks has it; the base point is circomlib's Base8, scaled.
const SCALE = 7214280148105020021932206872019688659210616427216992810330019057549499971851n;
const Jubjub = edwards({
    p: r,
    n: 2736030358979909402780800718157159386076813972158567259200215660948447373041n,
    h: 8n,
    a: 1n,
    d: Fr.div(168696n, 168700n),
    Gx: Fr.mul(5299619240641551281634865583518297030282874472190772894086521144482721001553n, SCALE),
    Gy: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
});

function commitment([x, y], what) {
    try {
        const point = Jubjub.fromAffine({ x, y });
        point.assertValidity();
        need(point.isTorsionFree(), "subgroup");
        return point;
    } catch {
        throw Error(`${what}: no commitment`);
    }
}

function point(Group, affine, what) {
    try {
        const point = Group.Point.fromAffine(affine);
        point.assertValidity();
        need(!point.equals(Group.Point.ZERO) && point.isTorsionFree(), "group");
        return point;
    } catch {
        throw Error(`${what}: no point of the group`);
    }
}
const g1 = ([x, y], what) => point(G1, { x, y }, what);
const g2 = ([x0, x1, y0, y1], what) =>
    point(G2, { x: Fp2.fromBigTuple([x0, x1]), y: Fp2.fromBigTuple([y0, y1]) }, what);

// ---- the files -------------------------------------------------------------------------------------------------

const [answerFile, requestFile, statementFile, keysFile, trustFile] = process.argv.slice(2);
need(trustFile, "usage: node verify.mjs ANSWER REQUEST STATEMENT VERIFY_KEYS TRUST");
const json = (file) => JSON.parse(readFileSync(file, "utf8"));
const trust = toml(readFileSync(trustFile, "utf8"));

// The party of a key, if it is trusted with a capacity on the day of a time.
function trusted(key, capacities, time) {
    const party = (trust.party ?? []).find(({ public: line }) => line.split(" ")[2] === key);
    need(party, `unknown signer ${key}`);
    need(capacities.some((c) => party.capacities.includes(c)), `${party.name} is not trusted for this`);
    const from = party.valid_from?.toISOString().slice(0, 10) ?? "0000-01-01";
    const until = party.valid_until?.toISOString().slice(0, 10) ?? "9999-12-31";
    need(from <= day(time) && day(time) <= until, `${party.name} is not trusted at that time`);
    return party.name;
}

// A compact JWS, under the key that it names.
function open(jws, typ, what) {
    const [header, payload, signature, ...more] = jws.split(".");
    need(signature && more.length === 0, `${what}: not a compact JWS`);
    const head = JSON.parse(base64url(header, what));
    members(head, ["alg", "kid", "typ"], what);
    need(head.alg === "EdDSA" && head.typ === typ, `${what}: another type`);
    const signed = Buffer.from(`${header}.${payload}`);
    const holds = ed25519.verify(base64url(signature, what), signed, base64url(head.kid, what), { zip215: false });
    need(holds, `${what}: signature`);
    return { signer: head.kid, claims: JSON.parse(base64url(payload, what)) };
}

// verify.keys: the head, whose digest is the key set's id, and the verifying keys.
function verifyingKeys(bytes) {
    need(bytes.subarray(0, 16).equals(Buffer.from("consign-keys-1\nV")), "keys: not verify.keys");
    const end = 20 + bytes.readUInt32LE(16);
    const head = JSON.parse(bytes.subarray(20, end));
    need(head.consign === "keys/1" && head.curve === "bn254" && head.reduction === "circom", "keys: another version");
    const keys = {};
    let at = end;
    for (const { name, bytes: size, sha256: digest } of head.sections) {
        const [circuit, part] = name.split("/");
        need(part !== "matrices" || digest === MATRICES[circuit], `keys: other matrices of ${circuit}`);
        if (part !== "verifying") continue;
        const start = Math.ceil(at / 64) * 64;
        const section = bytes.subarray(start, at = start + size);
        need(hex(sha256(section)) === digest, `keys: digest of ${name}`);
        const n = Array.from({ length: size / 32 }, (_, i) =>
            BigInt(`0x${hex(section.subarray(32 * i, 32 * i + 32).reverse())}`));
        need(n.every((x) => x < Fp.ORDER), `keys: a number in ${name}`);
        const [alpha, beta, gamma, delta] = [g1(n.slice(0, 2), name), ...[2, 6, 10].map((i) => g2(n.slice(i, i + 4), name))];
        const inputs = Array.from({ length: (n.length - 14) / 2 }, (_, i) => g1(n.slice(14 + 2 * i, 16 + 2 * i), name));
        need(inputs.length === INPUTS[circuit] + 1, `keys: inputs of ${circuit}`);
        for (const p of [G2.Point.BASE, gamma]) need(!delta.equals(p) && !delta.equals(p.negate()), "keys: delta");
        keys[circuit] = { alpha, beta, gamma, delta, inputs };
    }
    need(at === bytes.length && Object.keys(MATRICES).every((circuit) => keys[circuit]), "keys: length");
    need(Object.keys(MATRICES).every((c) => head.sections.some((s) => s.name === `${c}/matrices`)), "keys: matrices");
    return { id: hex(sha256(bytes.subarray(20, end))), keys };
}

// ---- what a policy's filters and bounds are --------------------------------------------------------------------

const PADDING = (1 << 20) - 16;

function filterDigest({ tests, thresholds, filters }) {
    need(tests.length === 4 && thresholds.length === 2 && filters.length === 6, "statement: a filter set");
    const places = tests.flatMap(({ codes }) => Array.from({ length: 16 }, (_, i) => [codes[i] ?? PADDING + i, 20]));
    const elements = Array.from({ length: 8 }, (_, i) => pack(places.slice(8 * i, 8 * i + 8)));
    const group = (size, { members, negated }) =>
        [...Array.from({ length: size }, (_, i) => [members.includes(i) ? 1 : 0, 1]), [negated ? 1 : 0, 1]];
    const all = { members: [], negated: true };
    elements.push(pack([
        ...tests.map(({ code }) => [code, 3]),
        ...thresholds.flatMap(({ measure, at_least }) => [[measure, 2], [at_least, 48]]),
        ...filters.flatMap((filter) => [
            [filter?.kind === "goods" ? 1 : 0, 1],
            [filter?.kind === "document" ? 1 : 0, 1],
            ...group(4, filter?.a ?? all),
            ...group(4, filter?.b ?? all),
            ...group(2, filter?.threshold ?? all),
        ]),
    ]));
    return poseidon10([0x636f6e730002n, ...elements]);
}

function boundsDigest(bounds) {
    need(bounds.length === 12 && bounds.every(({ terms }) => terms.length === 3), "statement: bounds");
    const terms = bounds.flatMap(({ terms }) => terms).flatMap(({ total, weight }) => [[total, 5], [weight + (1 << 20), 21]]);
    const elements = [0, 18, 36, 54].map((i) => pack(terms.slice(i, i + 18)));
    elements.push(...bounds.flatMap(({ lo, hi }) => [Fr.create(BigInt(lo)), Fr.create(BigInt(hi))]));
    let digest = 0x636f6e730003n;
    for (let i = 0; i < 28; i += 10) {
        digest = poseidon11([digest, ...Array.from({ length: 10 }, (_, j) => elements[i + j] ?? 0n)]);
    }
    return digest;
}

// ---- the checks, in their order --------------------------------------------------------------------------------

const [answer, request, statement] = [answerFile, requestFile, statementFile].map(json);
members(answer, ["consign", "request", "documents", "verdicts"], "answer");
need(answer.consign === "presentation/1" && request.consign === "request/1", "another version");
need(statement.consign === "statement/1", "statement: another version");

// Public inputs and proofs: canonical, points in their groups.
const proofs = [];
function readProof(circuit, { inputs, proof }, what) {
    need(inputs.length === INPUTS[circuit], `${what}: number of public inputs`);
    const flat = [...proof.a, ...proof.b.flat(), ...proof.c];
    need(flat.length === 8, `${what}: proof`);
    const read = { circuit, what, inputs: inputs.map((n) => number(n, r, what)), texts: [...inputs, ...flat] };
    const n = flat.map((text) => number(text, Fp.ORDER, what));
    Object.assign(read, { a: g1(n.slice(0, 2), what), b: g2(n.slice(2, 6), what), c: g1(n.slice(6), what) });
    if (circuit !== "direct-40") {
        read.totals = commitment(circuit === "verdict" ? read.inputs : read.inputs.slice(3), what);
    }
    proofs.push(read);
    return read;
}
const verdicts = answer.verdicts.map((verdict, v) => {
    if (verdict.circuit !== undefined) {
        members(verdict, ["circuit", "inputs", "proof"], `verdict ${v + 1}`);
        need(verdict.circuit === "direct-40", `verdict ${v + 1}: circuit`);
        return { chains: [], own: readProof("direct-40", verdict, `verdict ${v + 1}`) };
    }
    members(verdict, ["chains", "inputs", "proof"], `verdict ${v + 1}`);
    const chains = verdict.chains.map((chain, c) => chain.map((tally, t) => {
        const what = `verdict ${v + 1}, chain ${c + 1}, tally ${t + 1}`;
        need(tally.circuit === "tally-40" || tally.circuit === "tally-90", `${what}: circuit`);
        return readProof(tally.circuit, tally, what);
    }));
    return { chains, own: readProof("verdict", verdict, `verdict ${v + 1}`) };
});
need(verdicts.flatMap(({ chains }) => chains.flat()).length <= 16384, "too many tallies");

// The request: mine, from a verifier who asks for itself, in force.
need(answer.request === request.request, "the answer is not to this request");
const { signer: verifier, claims: asked } = open(request.request, "consign-request+jwt", "request");
members(asked, ["aud", "nonce", "iat", "exp", "key_set", "policy", ...(asked.chain ? ["chain"] : [])], "request");
need(trusted(verifier, ["verifier"], NOW) === asked.aud, "the request is not from its audience");
need(asked.iat <= NOW + GRACE && asked.iat < asked.exp && NOW < asked.exp, "the request is not in force");
const { policy } = asked;
need((policy["valid-from"] ?? "") <= day(NOW) && day(NOW) <= (policy["valid-until"] ?? "9"), "policy: not in force");
need(policy.status === undefined, "policy: status lists are not read here");
const policyDigest = sha256("consign/policy/v1\0", u32(COMPILER), canonicalize(policy));
need(statement.policy_digest === hex(policyDigest), "the statement is of another policy");

// The key set.
const { id, keys } = verifyingKeys(readFileSync(keysFile));
need(id === asked.key_set, "the keys are of another key set");
need((trust.key_set ?? []).some((set) => set.id === id), "the key set is not accepted");

// Attestations: who signed, of what, when; what is disclosed is among what was signed.
const OPEN = ["iss", "iat", "exp", "kind", "profile", "id", "commitment", "document_digest", "credentialStatus", "cnf", "_sd", "_sd_alg"];
const documents = answer.documents.map(({ role, attestation }, i) => {
    const [jwt, ...rest] = attestation.split("~");
    const [binding, what, expected] = [rest.pop(), `document ${i + 1}`, statement.roles[role]];
    need(expected, `${what}: no role ${role}`);
    need(i === 0 || answer.documents[i - 1].role <= role, `${what}: order of roles`);
    const { signer, claims } = open(jwt, "consign-attestation+sd-jwt", what);
    need(Object.keys(claims).every((name) => OPEN.includes(name)), `${what}: members`);
    need(claims.iss === signer, `${what}: issuer`);
    need(claims.kind === expected.kind && claims.profile === expected.profile, `${what}: kind`);
    const capacities = ["issuer:*", `issuer:${claims.kind}`];
    trusted(signer, capacities, claims.iat);
    const issuer = trusted(signer, capacities, NOW);
    need(claims.iat <= NOW + GRACE && claims.iat < claims.exp && NOW < claims.exp, `${what}: not in force`);
    need(expected.issuers.length === 0 || expected.issuers.includes(issuer), `${what}: issuer not in the policy`);
    need(claims._sd_alg === "sha-256" && new Set(claims._sd).size === claims._sd.length, `${what}: digests`);
    const [facts, left] = [new Map(), new Set(claims._sd)];
    for (const text of rest) {
        const [, name, value, ...more] = JSON.parse(base64url(text, what));
        need(left.delete(sha256(text).toString("base64url")), `${what}: ${name} was not signed`);
        need(more.length === 0 && !facts.has(name) && !OPEN.includes(name), `${what}: ${name} twice`);
        facts.set(name, value);
    }
    const sdHash = sha256(attestation.slice(0, attestation.length - binding.length)).toString("base64url");
    const end = number(claims.commitment, r, what);
    return { what, role, expected, issuer, claims, facts, binding, sdHash, end, digest: sha256(jwt) };
});
const distinct = (values) => new Set(values).size === values.length;
need(distinct(documents.map((d) => `${d.issuer} ${d.claims.id}`)), "one document twice");
need(distinct(documents.map((d) => d.claims.commitment)), "one table twice");

// Numbers of documents, and what must be disclosed of them.
for (const [role, { documents: [least, most], complete, references, currency, unit, expected }] of Object.entries(statement.roles)) {
    const of = documents.filter((document) => document.role === role);
    need(least <= of.length && of.length <= most, `${role}: number of documents`);
    for (const { facts, what } of of) {
        for (const column of complete) need(facts.get(`complete.${column}`) === true, `${what}: ${column} not complete`);
        for (const name of references) need(typeof facts.get(`reference.${name}`) === "string", `${what}: ${name}`);
        for (const [name, value] of [["currency", currency], ["unit", unit]]) {
            if (value === null) continue;
            const found = facts.get(name);
            need(typeof found === "string" && found === of[0].facts.get(name), `${what}: ${name}`);
            need(value === "*" || value === found, `${what}: another ${name}`);
        }
    }
    const numbers = of.map(({ facts }) => facts.get("reference.document"));
    need(expected.length === 0 || same(numbers.sort(), [...expected].sort()), `${role}: not the expected documents`);
}
for (const { subject, roles } of statement.agreements) {
    const values = documents.filter(({ role }) => roles.includes(role)).map(({ facts }) => facts.get(subject));
    need(values.every((value) => value === values[0]), `${subject}: not the same in all documents`);
}

// The holders' signatures, over this request and these proofs in their order.
const words = ({ circuit, texts }) => Buffer.concat([sized(circuit), Buffer.from(texts.join(""), "hex")]);
const proofsDigest = hex(sha256("consign/proofs/1", u64(verdicts.length), ...verdicts.flatMap(({ chains, own }) => [
    u64(chains.length),
    ...chains.flatMap((chain) => [u64(chain.length), ...chain.map(words)]),
    words(own),
])));
for (const { what, claims, binding, sdHash } of documents) {
    need(claims.cnf.jwk.kty === "OKP" && claims.cnf.jwk.crv === "Ed25519", `${what}: holder's key`);
    const { signer, claims: bound } = open(binding, "kb+jwt", `${what}, holder`);
    members(bound, ["iat", "aud", "nonce", "sd_hash", "proofs"], `${what}, holder`);
    need(signer === claims.cnf.jwk.x, `${what}: not signed by its holder`);
    need(bound.aud === asked.aud && bound.nonce === asked.nonce, `${what}: presented to somebody else`);
    need(bound.proofs === proofsDigest, `${what}: presented with other proofs`);
    need(bound.sd_hash === sdHash, `${what}: presented with other disclosures`);
    need(asked.iat - GRACE <= bound.iat && bound.iat <= NOW + GRACE, `${what}: presented at another time`);
}

// Exactly the verdicts and chains of the statement: contiguous, of these filters and bounds, for this request.
need(verdicts.length === statement.verdicts.length, "number of verdicts");
statement.verdicts.forEach((plan, v) => {
    const { chains, own } = verdicts[v];
    const expected = plan.chains.flatMap((chain) => {
        const digest = filterDigest(chain);
        return documents.filter(({ role }) => role === chain.role).map((document) => ({ digest, document }));
    });
    const begin = ({ expected: { kind_number, profile } }) => poseidon3([0x636f6e730001n, kind_number, profile]);
    const direct = own.circuit === "direct-40";
    if (direct) {
        // One filter set over the whole of one document, and no commitment between.
        need(expected.length === 1, `verdict ${v + 1}: direct, for more than one chain`);
        const [{ digest, document }] = expected;
        need(own.inputs[2] === digest, `verdict ${v + 1}: other filters`);
        need(own.inputs[0] === begin(document), `verdict ${v + 1}: rows are missing before it`);
        need(own.inputs[1] === document.end, `verdict ${v + 1}, chain 1: the last rows are missing`);
    } else {
        need(chains.length === expected.length, `verdict ${v + 1}: number of chains`);
    }
    let sum = Jubjub.ZERO;
    chains.forEach((chain, c) => {
        const { digest, document } = expected[c];
        const attested = document.end;
        let at = begin(document);
        for (const { what, inputs: [start, end, filters], totals } of chain) {
            need(filters === digest, `${what}: other filters`);
            need(start === at, `${what}: rows are missing before it`);
            [at, sum] = [end, sum.add(totals)];
        }
        need(at === attested, `verdict ${v + 1}, chain ${c + 1}: the last rows are missing`);
    });
    const context = sha256(...[
        "consign/context/1", asked.aud, base64url(asked.nonce, "nonce"), u64(asked.exp), policyDigest, u32(v),
        u64(documents.length), ...documents.flatMap(({ role, digest }) => [role, digest]),
        ...(asked.chain ? [Buffer.concat([u64(asked.chain.id), Buffer.from(asked.chain.contract.slice(2), "hex")])] : []),
    ].map(sized));
    const [bounds, answered] = own.inputs.slice(direct ? 3 : 2);
    need(bounds === boundsDigest(plan.bounds), `verdict ${v + 1}: other bounds`);
    need(direct || own.totals.equals(sum), `verdict ${v + 1}: not the sum of its tallies`);
    need(answered === BigInt(`0x${hex(context.subarray(0, 31))}`), `verdict ${v + 1}: made for another request`);
});

// The proofs: e(a, b) = e(alpha, beta) e(inputs, gamma) e(c, delta).
for (const { circuit, what, inputs, a, b, c } of proofs) {
    const { alpha, beta, gamma, delta, inputs: [constant, ...points] } = keys[circuit];
    const input = points.reduce((sum, p, i) => (inputs[i] === 0n ? sum : sum.add(p.multiply(inputs[i]))), constant);
    const pairs = [[a.negate(), b], [alpha, beta], [input, gamma], [c, delta]].filter(([p]) => !p.equals(G1.Point.ZERO));
    const product = bn254.pairingBatch(pairs.map(([g1, g2]) => ({ g1, g2 })));
    need(Fp12.eql(product, Fp12.ONE), `${what}: the proof does not verify`);
}
console.log(`yes: ${documents.length} documents, ${proofs.length} proofs, policy ${policy.name}`);
