//! `grants`: who was given a document, when and what for, by the sender's register.

use std::path::PathBuf;

use consign_crypto::seal::OwnCopy;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    args::{KeyArg, ReportArgs},
    context::Context,
    error::{Failure, OfFile, one_line},
    inputs,
    register::{Act, Reader, Register},
    report, say,
};

/// List who was given what you sealed, when and what for
///
/// Takes your own copy, and tells what your register, in the state folder, has about its document.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your own copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Serialize)]
struct Row {
    at: Timestamp,
    epoch: u64,
    act: Act,
    reader: String,
    purpose: String,
    /// What it sees; empty where it is all.
    only: Vec<String>,
    recipient: String,
    /// Whether it may read the latest epoch.
    reads: bool,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let copy = OwnCopy::open(inputs::stream(&args.file)?, &identity).of_file(&args.file)?;
    let record = copy.record().of_file(&args.file)?;
    let register = Register::open(&cx.home)?;
    let commitment = record.commitment();
    let readers = register.readers(commitment);
    let mut rows = Vec::new();
    for sent in register.entries(commitment) {
        let row = |act, reader: &Reader| {
            let public = reader.public()?;
            let known = trust.recipient(public.recipient()).map(|party| party.name().to_string());
            Ok::<Row, Failure>(Row {
                at: sent.at,
                epoch: sent.epoch,
                act,
                reader: known.unwrap_or_else(|| reader.name()),
                purpose: reader.purpose.clone(),
                only: reader.only.clone(),
                recipient: public.recipient().to_string(),
                reads: act != Act::Revoke && readers.contains(&reader),
            })
        };
        // A revocation takes from some and gives anew to the others.
        let given = if sent.act == Act::Revoke { Act::Seal } else { sent.act };
        for reader in &sent.from {
            rows.push(row(Act::Revoke, reader)?);
        }
        for reader in &sent.to {
            rows.push(row(given, reader)?);
        }
    }
    if args.report.json {
        return report::json(cx.out, &rows);
    }
    if rows.is_empty() {
        say!(cx, "your register has nothing about this document");
    }
    let latest = register.latest_epoch(commitment);
    if latest.is_some_and(|latest| latest > record.epoch().number()) {
        say!(cx, "this copy is of epoch {}, which a later one superseded", record.epoch());
    }
    let mut table = report::table(&["when", "epoch", "what", "reader", "sees", "purpose"]);
    for Row { at, epoch, act, reader, purpose, only, reads, .. } in &rows {
        let what = match act {
            Act::Revoke => "revoked from",
            _ if !reads => "superseded, for",
            Act::Attest | Act::Seal => "sealed for",
            Act::Grant => "granted to",
        };
        let sees = if only.is_empty() { "all".into() } else { only.join(", ") };
        table.add_row([&at.to_string(), &epoch.to_string(), what, &one_line(reader), &sees, &one_line(purpose)]);
    }
    write!(cx.out, "{}", report::lines(&table, ""))?;
    Ok(())
}
