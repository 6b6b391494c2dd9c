// npm's age-encryption as a program, for the tests: data from standard input to standard output.
//
//   node age.mjs encrypt (--recipient R | --passphrase P) [--armor]
//   node age.mjs decrypt (--identity I | --passphrase P) [--armor]
//   node age.mjs keygen          a post-quantum identity, and its recipient on the next line
//
// The binary form streams; the package's armor does not.
import { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { armor, Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const { positionals: [verb], values } = parseArgs({
    allowPositionals: true,
    options: {
        recipient: { type: "string" },
        identity: { type: "string" },
        passphrase: { type: "string" },
        armor: { type: "boolean" },
    },
});

if (verb === "keygen") {
    const identity = await generateHybridIdentity();
    console.log(`${identity}\n${await identityToRecipient(identity)}`);
} else if (verb === "encrypt") {
    const age = new Encrypter();
    if (values.passphrase) {
        age.setPassphrase(values.passphrase);
        age.setScryptWorkFactor(12);
    } else {
        age.addRecipient(values.recipient);
    }
    if (values.armor) {
        process.stdout.write(armor.encode(await age.encrypt(new Uint8Array(await buffer(process.stdin)))));
    } else {
        await (await age.encrypt(Readable.toWeb(process.stdin))).pipeTo(Writable.toWeb(process.stdout));
    }
} else if (verb === "decrypt") {
    const age = new Decrypter();
    if (values.passphrase) {
        age.addPassphrase(values.passphrase);
    } else {
        age.addIdentity(values.identity);
    }
    if (values.armor) {
        process.stdout.write(await age.decrypt(armor.decode(String(await buffer(process.stdin)))));
    } else {
        await (await age.decrypt(Readable.toWeb(process.stdin))).pipeTo(Writable.toWeb(process.stdout));
    }
} else {
    throw Error("a verb is missing: encrypt, decrypt or keygen");
}
