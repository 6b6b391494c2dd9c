//! `prove`: the answer to a request.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use consign_circuits::{
    assign::{AssignError, Assigned},
    prove::{Plan, ProveError},
    prover::Work,
    request::AcceptedRequest,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::{KeyArg, OutputArgs, RoleFile, role_file},
    commands::request::{show, title},
    context::Context,
    error::{Class, Failure, one_line},
    inputs, keys,
    report::count,
    say,
};

/// Answer a request with proofs about your dossiers
///
/// Shows in words what is asked, evaluates it in the clear first, and stops when a claim does not hold. What leaves is
/// that the claims are true, who attested the documents, and what the policy needs disclosed; no figure does.
/// The answer is answer.json, or the file that -o names.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The request
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// Dossiers, assigned to the policy's roles by their kind, or each by name: ROLE=FILE
    #[arg(value_name = "DOSSIER", required = true, value_parser = role_file)]
    dossiers: Vec<RoleFile>,
    #[command(flatten)]
    key: KeyArg,
    /// The key set's prove.keys [default: the one in the current folder or the state folder]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Work as much for every document: the time taken says little of its figures. Slower
    #[arg(long)]
    constant_work: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// What was answered about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Presented {
    at: Timestamp,
    commitment: String,
    audience: String,
    policy: String,
    policy_digest: String,
    claims: Vec<String>,
}

const LEDGER: &str = "presented.jsonl";

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let target = args.output.path("answer.json");
    args.output.check(&target)?;

    let request = inputs::accepted_request(&args.request, &trust, cx.now)?;
    show(cx, request.request());

    let documents = inputs::own_dossiers(cx, &request, &args.dossiers, &identity, &trust)?;
    let work = if args.constant_work { Work::Constant } else { Work::Fast };
    let plan = Plan::new(&request, &documents)?.with_work(work);
    say!(cx, "every claim holds in the clear");
    let (tallies, verdicts) =
        (count(plan.tallies(), "tally", "tallies"), count(plan.verdicts(), "verdict", "verdicts"));
    say!(cx, "the answer takes {tallies} and {verdicts}: {}", plan.estimate().words());

    let keys = keys::proving(cx, args.keys.as_deref(), request.request().key_set)?;
    // On record before it leaves; locked so that two answers see each other.
    let mut ledger = cx.home.journal::<Presented>(LEDGER)?;
    recall(cx, ledger.entries(), &documents);

    let all = plan.tallies() + plan.verdicts();
    let (progress, done) = (cx.progress(&format!("proof 0 of {all}")), AtomicUsize::new(0));
    let one_more = || progress.at(&format!("proof {} of {all}", done.fetch_add(1, Ordering::Relaxed) + 1));
    let presentation = plan.prove(&keys, &identity, cx.now, &one_more)?;
    drop(progress);

    for (_, dossier) in documents.ordered() {
        ledger.append(entry(cx.now, &request, dossier.attestation().commitment().to_hex()))?;
    }
    say!(cx, "proved with {tallies} and {verdicts}, each verified here");
    args.output.write(cx, &target, &presentation.to_bytes())
}

fn entry(at: Timestamp, request: &AcceptedRequest, commitment: String) -> Presented {
    let asked = request.request();
    Presented {
        at,
        commitment,
        audience: asked.audience.clone(),
        policy: title(&asked.policy),
        policy_digest: hex::encode(asked.policy.digest()),
        claims: asked.policy.claims().iter().map(|claim| claim.explain()).collect(),
    }
}

/// Reminds of what was answered about these documents before: bounds add up.
fn recall(cx: &mut Context<'_>, entries: &[Presented], documents: &Assigned) {
    for (role, dossier) in documents.ordered() {
        let commitment = dossier.attestation().commitment().to_hex();
        for entry in entries.iter().filter(|entry| entry.commitment == commitment) {
            let (policy, audience) = (one_line(&entry.policy), one_line(&entry.audience));
            say!(cx, "note: {role} was the subject of an answer to {audience} under {policy} on {}", entry.at);
        }
    }
}

impl From<AssignError> for Failure {
    fn from(error: AssignError) -> Failure {
        Failure::usage(&error, error.hint())
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Failure {
        let class = match error {
            ProveError::DoesNotHold(_)
            | ProveError::OtherKeySet { .. }
            | ProveError::NotTheHolder { .. }
            | ProveError::NoStatus { .. }
            | ProveError::AttestationExpired { .. } => Class::No,
            ProveError::Contradiction(_) => Class::Bug,
            _ => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}
