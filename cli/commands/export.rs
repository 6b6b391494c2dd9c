//! `export`: circuits, keys, proofs and witnesses in the files that snarkjs and its like read.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use consign_circuits::{
    iden3::{json, r1cs, wtns},
    keys::Circuit,
    presentation::{self, Presentation, Proved, proofs as proofs_of},
    prove::Plan,
    request::SignedRequest,
};
use consign_crypto::files::{self, Existing, PendingFile};
use consign_documents::compile::{StatementJson, compile};
use serde::Serialize;

use crate::{
    args::{KeyArg, OutputArgs, RevealArg, RoleFile, role_file},
    context::Context,
    error::{Failure, OfFile},
    home::cannot,
    inputs, keys, ledger,
    outputs::wrote,
    report, say,
};

/// Write circuits, keys, proofs and witnesses for other provers and verifiers
///
/// The files are those of iden3's tools: r1cs, zkey and wtns, and the JSON of snarkjs. docs/interop.md has the commands
/// that go with them.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write the constraints of the circuits: CIRCUIT.r1cs
    R1cs {
        #[command(flatten)]
        circuits: Circuits,
        #[command(flatten)]
        output: FolderArgs,
    },
    /// Write proving keys with their contributions: CIRCUIT.zkey
    Zkey {
        #[command(flatten)]
        circuits: Circuits,
        /// The key set's prove.keys [default: the one in the current folder]
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        #[command(flatten)]
        output: FolderArgs,
    },
    /// Write verifying keys: CIRCUIT.vkey.json
    Vkey {
        #[command(flatten)]
        circuits: Circuits,
        /// The key set's verify.keys [default: the one in the current folder]
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        #[command(flatten)]
        output: FolderArgs,
    },
    /// Write the proofs of a presentation and their public inputs: NUMBER-CIRCUIT.proof.json, NUMBER-CIRCUIT.public.json
    ///
    /// In the order of the presentation: for each verdict its tallies, if it has any, then its own. What else there
    /// is to check of a presentation stays in it: `snarkjs groth16 verify` says of a proof that it proves, not what.
    Proof {
        /// The presentation
        #[arg(value_name = "ANSWER")]
        answer: PathBuf,
        #[command(flatten)]
        output: FolderArgs,
    },
    /// Write what a request asks as filters and bounds: statement.json
    ///
    /// For verifiers that do not compile claims themselves. Of a presentation, the statement of the request in it.
    Statement {
        /// The request, or a presentation
        #[arg(value_name = "REQUEST")]
        request: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write the witnesses behind an answer, for another prover: NUMBER-CIRCUIT.wtns. They are SECRET
    ///
    /// A witness holds every row of a document and the blindings that hide them: whoever has it has the document.
    Wtns {
        /// The request
        #[arg(value_name = "REQUEST")]
        request: PathBuf,
        /// Dossiers, assigned to the policy's roles by their kind, or each by name: ROLE=FILE
        #[arg(value_name = "DOSSIER", required = true, value_parser = role_file)]
        dossiers: Vec<RoleFile>,
        #[command(flatten)]
        key: KeyArg,
        #[command(flatten)]
        reveal: RevealArg,
        #[command(flatten)]
        output: FolderArgs,
    },
}

#[derive(Debug, clap::Args)]
struct Circuits {
    /// The circuits: tally-40, tally-90, verdict, direct-40 [default: all]
    #[arg(value_name = "CIRCUIT", value_parser = circuit)]
    circuits: Vec<Circuit>,
}

#[derive(Debug, clap::Args)]
struct FolderArgs {
    /// The folder to write to, made if there is none [default: the current folder]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

fn circuit(text: &str) -> Result<Circuit, String> {
    let known = Circuit::ALL.into_iter().find(|circuit| circuit.name() == text);
    known.ok_or_else(|| "the circuits are tally-40, tally-90, verdict and direct-40".into())
}

impl Circuits {
    fn all(&self) -> Vec<Circuit> {
        if self.circuits.is_empty() { Circuit::ALL.to_vec() } else { self.circuits.clone() }
    }
}

/// Files under way in one folder: all of them appear, or none; of very many each batch, for a system bounds how many
/// may be open.
struct Output {
    folder: PathBuf,
    existing: Existing,
    pending: Vec<PendingFile>,
    done: Vec<PathBuf>,
}

/// Files that are open at a time.
const BATCH: usize = 200;

impl FolderArgs {
    fn open(&self) -> Result<Output, Failure> {
        let folder = self.output.clone().unwrap_or_default();
        if !folder.as_os_str().is_empty() {
            fs::create_dir_all(&folder).map_err(|e| cannot("make", &folder, &e))?;
        }
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        Ok(Output { folder, existing, pending: Vec::new(), done: Vec::new() })
    }
}

impl Output {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let target = self.folder.join(name);
        let mut file = PendingFile::create(&target, self.existing)?;
        file.write_all(bytes).map_err(|e| cannot("write", &target, &e))?;
        self.pending.push(file);
        if self.pending.len() >= BATCH { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.done.extend(self.pending.iter().map(|file| file.target().to_owned()));
        Ok(files::commit_all(std::mem::take(&mut self.pending))?)
    }

    fn put_json(&mut self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        self.put(name, report::pretty(value)?.as_bytes())
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.commit()?;
        self.done.iter().for_each(|target| wrote(cx, target));
        Ok(())
    }
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    match &args.what {
        What::R1cs { circuits, output } => {
            let mut output = output.open()?;
            for circuit in circuits.all() {
                output.put(&format!("{}.r1cs", circuit.name()), &r1cs::write(&circuit.matrices()))?;
            }
            output.finish(cx)
        }
        What::Zkey { circuits, keys, output } => {
            let keys = keys::unchecked(cx, keys.as_deref())?;
            let mut output = output.open()?;
            for circuit in circuits.all() {
                output.put(&format!("{}.zkey", circuit.name()), &keys.zkey(circuit)?)?;
            }
            output.finish(cx)
        }
        What::Vkey { circuits, keys, output } => {
            let keys = keys::verifying(&cx.home, keys.as_deref(), None)?;
            let mut output = output.open()?;
            for circuit in circuits.all() {
                output.put_json(&format!("{}.vkey.json", circuit.name()), &json::verifying_key(keys.key(circuit)))?;
            }
            output.finish(cx)
        }
        What::Proof { answer, output } => proofs(answer, output, cx),
        What::Statement { request, output } => statement(request, output, cx),
        What::Wtns { request, dossiers, key, reveal, output } => witnesses(request, dossiers, key, reveal, output, cx),
    }
}

fn proofs(answer: &Path, output: &FolderArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let presentation = inputs::presentation(answer)?;
    let (mut output, mut number) = (output.open()?, 0);
    for Proved { circuit, inputs, proof, .. } in proofs_of(&presentation.verdicts) {
        number += 1;
        let name = format!("{number}-{}", circuit.name());
        output.put_json(&format!("{name}.proof.json"), &json::proof(proof))?;
        output.put_json(&format!("{name}.public.json"), &json::public_inputs(&inputs))?;
    }
    output.finish(cx)
}

fn statement(request: &Path, output: &OutputArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let bytes = inputs::bytes(request, presentation::MAX_BYTES as u64)?;
    // A presentation has its request in it.
    let asked = match Presentation::parse(&bytes) {
        Ok(presentation) => presentation.request,
        Err(_) => SignedRequest::parse(&bytes).of_file(request)?,
    };
    let policy = &asked.request().policy;
    let json = StatementJson::new(policy, &compile(policy)?);
    output.write(cx, &output.path("statement.json"), report::pretty(&json)?.as_bytes())
}

fn witnesses(
    request: &Path,
    dossiers: &[RoleFile],
    key: &KeyArg,
    reveal: &RevealArg,
    output: &FolderArgs,
    cx: &mut Context<'_>,
) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, key)?;
    let trust = cx.home.trust()?;
    let request = inputs::accepted_request(request, &trust, cx.now)?;
    let documents = inputs::own_dossiers(cx, &request, dossiers, &identity, &trust)?;
    ledger::admit(cx, &request, &documents, reveal.reveal)?;
    let plan = Plan::new(&request, &documents)?;
    let (mut output, mut number) = (output.open()?, 0);
    plan.witnesses::<Failure>(&mut |circuit, assignment| {
        number += 1;
        output.put(&format!("{number}-{}.wtns", circuit.name()), &wtns::write(assignment))
    })?;
    say!(cx, "warning: a witness is as secret as the document: it holds every row, and what hides them");
    output.finish(cx)
}
