//! `prove`: the answer to a request.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use consign_circuits::{
    assign::AssignError,
    prove::{Plan, ProveError, circuits},
    prover::Work,
};

use crate::{
    args::{KeyArg, OutputArgs, RevealArg, RoleFile, role_file},
    commands::request::show,
    context::Context,
    error::{Class, Failure},
    inputs, keys, ledger, say,
};

/// Answer a request with proofs about your dossiers
///
/// Shows in words what is asked, evaluates it in the clear first, and stops when a claim does not hold. What leaves is
/// that the claims are true, who attested the documents, and what the policy needs disclosed; no figure does. Stops also
/// when an answer, alone or with earlier ones, would narrow a figure down.
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
    reveal: RevealArg,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let target = args.output.path("answer.json");
    args.output.check(&target)?;

    let request = inputs::accepted_request(&args.request, &trust, cx.now)?;
    show(cx, request.request());

    let keys = keys::find_proving(cx, args.keys.as_deref(), request.request().key_set)?;
    let documents = inputs::own_dossiers(cx, &request, &args.dossiers, &identity, &trust)?;
    if let keys::Found::Known(keys) = &keys {
        // Read meanwhile, each by a thread of its own. Where that fails, it fails again when the key is used.
        for circuit in circuits(&request, &documents).unwrap_or_default() {
            let keys = Arc::clone(keys);
            thread::spawn(move || _ = keys.key(circuit));
        }
    }
    // Before the claims are looked at: what is said here must not depend on whether they hold.
    ledger::admit(cx, &request, &documents, args.reveal.reveal)?;
    let plan = Plan::new(&request, &documents)?;
    let plan = plan.with_work(if args.constant_work { Work::Constant } else { Work::Fast });
    say!(cx, "every claim holds in the clear");
    let estimate = plan.estimate();
    say!(cx, "the answer takes {}", estimate.words());

    let keys = keys::checked(cx, keys)?;
    let all = estimate.proofs();
    let (progress, done) = (cx.progress(&format!("proof 0 of {all}")), AtomicUsize::new(0));
    let one_more = || progress.at(&format!("proof {} of {all}", done.fetch_add(1, Ordering::Relaxed) + 1));
    let presentation = plan.prove(&keys, &identity, cx.now, &one_more)?;
    drop(progress);

    say!(cx, "proved, and each proof verified here");
    args.output.write(cx, &target, &presentation.to_bytes())
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
