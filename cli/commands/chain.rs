//! `chain`: what goes on an EVM chain. It writes the bytes of calls; a wallet or node of one's own sends them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use alloy_primitives::{Address, Bytes};
use consign_contracts::{
    anchor::{self, Anchor, AnchorError},
    artifacts::{PROOF_VERIFIER, REGISTRY},
    keys::deployment,
    presentation::{Sent, SubmitError, accept_call, check_call, submission},
    statement::{self, OnChain, Parties, StatementError},
};
use serde_json::json;

use crate::{
    args::OutputArgs,
    context::Context,
    error::{Class, Failure, OfFile},
    inputs, keys,
};

/// Write what goes on an EVM chain: contracts, a verifier's statement, an answer
///
/// Calls are written as JSON with their bytes in hexadecimal, for a wallet or node to send; consign itself talks to no
/// chain. An attester's part is `consign attest --anchor`. What the contracts check, and what they cannot, is in
/// contracts/README.md.
#[derive(Debug, clap::Args)]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Contracts(Contracts),
    Statement(Statement),
    Answer(Answer),
}

/// The contracts, ready to be deployed: the registry, and the verifier of proofs with a key set
///
/// The registry is one for everybody on a chain; the verifier of proofs is one for each key set. Written to
/// contracts.json unless -o says otherwise.
#[derive(Debug, clap::Args)]
struct Contracts {
    /// The key set's verify.keys [default: the one in the current folder or the state folder]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The calls of a verifier: to register what a request asks, to ask with its nonce, and to withdraw
///
/// The registry then checks answers to the request. References that documents would have to disclose cannot be checked
/// there. Written to statement.json unless -o says otherwise; give it to whoever answers.
#[derive(Debug, clap::Args)]
struct Statement {
    /// The request
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// The address that you send the calls from
    #[arg(long, value_name = "0xADDRESS", value_parser = address)]
    verifier: Address,
    /// The address of the verifier of proofs, deployed with the key set of the request
    #[arg(long, value_name = "0xADDRESS", value_parser = address)]
    proofs: Address,
    /// An attester whom you accept in a role, by the address that it anchors from. May be given more than once
    #[arg(long = "attester", value_name = "ROLE=0xADDRESS", required = true, value_parser = attester)]
    attesters: Vec<(String, Address)>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The calls of a holder: to have an answer checked, and accepted
///
/// Of the answer it shows statements and proofs; of the documents what their attesters anchored. Written to calls.json
/// unless -o says otherwise.
#[derive(Debug, clap::Args)]
struct Answer {
    /// The answer, as `consign prove` wrote it
    #[arg(value_name = "ANSWER")]
    answer: PathBuf,
    /// The verifier's statement, as `consign chain statement` wrote it
    #[arg(long, value_name = "FILE")]
    statement: PathBuf,
    /// The anchor of each document, and the address of the attester that sent it
    #[arg(long = "anchor", value_name = "0xADDRESS=FILE", required = true, value_parser = anchored)]
    anchors: Vec<(Address, PathBuf)>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Reads an address: digits of one case, or of both as the checksum of EIP-55 has them.
pub fn address(text: &str) -> Result<Address, String> {
    let accepted = || format!("{text:?} is no address: 0x and 40 hexadecimal digits");
    let digits = text.strip_prefix("0x").ok_or_else(accepted)?;
    let address: Address = text.parse().map_err(|_| accepted())?;
    let has = |is: fn(&u8) -> bool| digits.as_bytes().iter().any(is);
    if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && address.to_checksum(None) != text {
        return Err(format!("{text:?} is mistyped: upper and lower case are not those of its checksum (EIP-55)"));
    }
    Ok(address)
}

fn attester(text: &str) -> Result<(String, Address), String> {
    let (role, at) = text.split_once('=').ok_or("write it as ROLE=0xADDRESS")?;
    Ok((role.into(), address(at)?))
}

fn anchored(text: &str) -> Result<(Address, PathBuf), String> {
    let (at, file) = text.split_once('=').ok_or("write it as 0xADDRESS=FILE")?;
    Ok((address(at)?, file.into()))
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    match &args.what {
        What::Contracts(args) => contracts(args, cx),
        What::Statement(args) => statement(args, cx),
        What::Answer(args) => answer(args, cx),
    }
}

fn contracts(args: &Contracts, cx: &mut Context<'_>) -> Result<(), Failure> {
    let target = args.output.path("contracts.json");
    args.output.check(&target)?;
    let keys = keys::verifying(&cx.home, args.keys.as_deref(), None)?;
    let both = json!({
        "registry": {"compiler": REGISTRY.compiler, "deploy": Bytes::from(REGISTRY.bytecode.clone())},
        "proofs": {
            "compiler": PROOF_VERIFIER.compiler,
            "key_set": keys.id().to_string(),
            "deploy": Bytes::from(deployment(&keys)),
        },
    });
    write(cx, &args.output, &target, &both)
}

fn statement(args: &Statement, cx: &mut Context<'_>) -> Result<(), Failure> {
    let target = args.output.path("statement.json");
    args.output.check(&target)?;
    let request = inputs::request(&args.request)?;
    let mut attesters: BTreeMap<String, BTreeSet<Address>> = BTreeMap::new();
    for (role, at) in &args.attesters {
        attesters.entry(role.clone()).or_default().insert(*at);
    }
    let parties = Parties { verifier: args.verifier, proofs: args.proofs, attesters };
    let made = OnChain::new(request.request(), parties)?;
    args.output.write(cx, &target, &made.to_bytes())
}

fn answer(args: &Answer, cx: &mut Context<'_>) -> Result<(), Failure> {
    let target = args.output.path("calls.json");
    args.output.check(&target)?;
    let answer = inputs::presentation(&args.answer)?;
    let asked = inputs::bytes(&args.statement, statement::MAX_BYTES as u64)?;
    let asked = OnChain::parse(&asked, answer.request.request()).of_file(&args.statement)?;
    let mut anchors = Vec::new();
    for (attester, file) in &args.anchors {
        let anchor = Anchor::parse(&inputs::bytes(file, anchor::MAX_BYTES as u64)?).of_file(file)?;
        anchors.push(Sent { attester: *attester, anchor });
    }
    let submitted = submission(&answer, &asked, &anchors)?;
    let calls = json!({
        "statement": asked.id(),
        "check": Bytes::from(check_call(&asked, submitted.clone())),
        "accept": Bytes::from(accept_call(&asked, submitted)),
    });
    write(cx, &args.output, &target, &calls)
}

fn write(
    cx: &mut Context<'_>,
    output: &OutputArgs,
    target: &std::path::Path,
    value: &serde_json::Value,
) -> Result<(), Failure> {
    output.write(cx, target, format!("{value:#}\n").as_bytes())
}

impl From<AnchorError> for Failure {
    fn from(error: AnchorError) -> Failure {
        Failure::input(&error, "`consign attest --anchor` makes it")
    }
}

impl From<StatementError> for Failure {
    fn from(error: StatementError) -> Failure {
        let class = match error {
            StatementError::NoAttester(_) | StatementError::UnknownRole(_) => Class::Usage,
            StatementError::OtherRequest(_) => Class::No,
            _ => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Failure {
        let class = match error {
            SubmitError::NoAnchor { .. } => Class::Usage,
            SubmitError::Attestation { .. } => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}
