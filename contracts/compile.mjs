// Compiles solidity/ and writes one artefact for each contract into the folder that is named, or into artifacts/.
//
// Usage: node compile.mjs [FOLDER]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "artifacts");

const settings = {
  // The instructions that consortium chains have too: nothing after London is needed.
  evmVersion: "london",
  optimizer: { enabled: true, runs: 10000 },
  viaIR: true,
  // Bytecode that depends on the sources' meaning alone, and not on comments or paths.
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};
const names = readdirSync(join(here, "solidity")).filter((name) => name.endsWith(".sol")).sort();
const sources = Object.fromEntries(
  names.map((name) => [name, { content: readFileSync(join(here, "solidity", name), "utf8") }]),
);
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
for (const error of output.errors ?? []) console.error(error.formattedMessage);
if ((output.errors ?? []).length > 0) process.exit(1);

mkdirSync(folder, { recursive: true });
const { outputSelection, ...shown } = settings;
for (const contract of ["ProofVerifier", "Registry"]) {
  const { abi, evm } = output.contracts[`${contract}.sol`][contract];
  const artefact = {
    contract,
    compiler: solc.version(),
    settings: shown,
    abi,
    bytecode: "0x" + evm.bytecode.object,
  };
  writeFileSync(join(folder, `${contract}.json`), JSON.stringify(artefact, null, 1) + "\n");
  console.log(`${contract}: ${evm.deployedBytecode.object.length / 2} bytes on chain`);
}
