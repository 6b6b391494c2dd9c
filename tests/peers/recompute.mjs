// A commitment to a table and one to totals, recomputed with npm's poseidon-lite and @noble/curves as docs/format.md
// describes them. JSON from standard input to standard output; numbers are decimal text.
import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import { edwards } from "@noble/curves/abstract/edwards.js";
import { Field } from "@noble/curves/abstract/modular.js";
import { poseidon10, poseidon11, poseidon12, poseidon3 } from "poseidon-lite";

const { kind, profile, blocks, totals, blinding, ten, eleven } = JSON.parse(await text(process.stdin));

let chain = poseidon3([0x636f6e730001n, kind, profile]);
const values = [chain, ...blocks.map((block) => (chain = poseidon12([chain, ...block.map(BigInt)])))];

const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const F = Field(r);
const d = F.div(168696n, 168700n);

// `x² = (1 - y²) / (1 - d y²)`; the lesser root.
function lift(y) {
    const square = F.div(F.sub(1n, F.sqr(y)), F.sub(1n, F.mul(d, F.sqr(y))));
    try {
        const x = F.sqrt(square);
        return x < F.neg(x) ? x : F.neg(x);
    } catch {
        return undefined;
    }
}

// A point of the whole curve, before its cofactor is cleared: only addition is used, which is complete.
const curve = (x, y) => edwards({ p: r, n: 2736030358979909402780800718157159386076813972158567259200215660948447373041n, h: 8n, a: 1n, d, Gx: x, Gy: y });

function generator(i) {
    for (let j = 0; ; j++) {
        const numbers = Buffer.alloc(8);
        numbers.writeUInt32BE(i, 0);
        numbers.writeUInt32BE(j, 4);
        const hash = createHash("sha256").update("consign/pedersen/1").update(numbers).digest();
        hash[0] &= 0x3f;
        const y = BigInt(`0x${hash.toString("hex")}`);
        const x = y < r ? lift(y) : undefined;
        if (x === undefined) continue;
        const point = Point.fromAffine({ x, y }).double().double().double();
        if (!point.equals(Point.ZERO)) return point;
    }
}

// Any point serves as the base that the library asks for; nothing here multiplies it.
let Point;
for (let y = 2n; Point === undefined; y++) {
    const x = lift(y);
    if (x !== undefined) Point = curve(x, y);
}
const times = (point, n) => (n === 0n ? Point.ZERO : point.multiplyUnsafe(n));
const sum = [...totals, blinding].map(BigInt).reduce((sum, n, i) => sum.add(times(generator(i), n)), Point.ZERO);
const { x, y } = sum.toAffine();

const shown = (n) => n.toString();
console.log(JSON.stringify({
    values: values.map(shown),
    ten: shown(poseidon10(ten.map(BigInt))),
    eleven: shown(poseidon11(eleven.map(BigInt))),
    x: shown(x),
    y: shown(y),
}));
