//! `grant`: one more reader for a body that is sealed already.

use std::path::PathBuf;

use consign_crypto::{files::PendingFile, seal::OwnCopy};

use crate::{
    args::{KeyArg, OutputArgs},
    commands::seal::{self, REGISTER, Sent},
    context::Context,
    error::{Failure, OfFile},
    inputs,
    outputs::wrote,
    say,
};

/// Name one more reader for what you sealed
///
/// Takes your own copy, which `consign seal` wrote beside the readers' files, and writes a file for the new reader. The
/// body stays as it is. The file is invoice.bank.age for bank.pub and invoice.own.age, unless -o says otherwise.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your own copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The reader: a public file, or a name on the trust list
    #[arg(long, value_name = "PARTY")]
    to: PathBuf,
    /// What it is sent for; the reader sees it, signed
    #[arg(long, value_name = "TEXT", default_value = "for your information")]
    purpose: String,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let purpose = seal::purpose(&args.purpose)?;
    let (word, reader) = inputs::recipient(&cx.home.trust()?, &args.to)?;
    if args.output.is_standard() {
        return Err(Failure::usage("a grant is checked while it is written", "name a file with -o FILE"));
    }
    let stem = inputs::stem(&args.file).display().to_string();
    let stem = stem.strip_suffix(".own").unwrap_or(&stem);
    let target = args.output.path(format!("{stem}.{word}.age"));
    consign_crypto::files::refuse_same(&args.file, &target)?;

    let copy = OwnCopy::open(inputs::stream(&args.file)?, &identity).of_file(&args.file)?;
    let mut file = PendingFile::create(&target, args.output.existing())?;
    let record = copy.grant(reader.recipient(), &purpose, cx.now, &mut rand::rng(), &mut file).of_file(&args.file)?;

    let mut register = cx.home.journal::<Sent>(REGISTER)?;
    let commitment = record.commitment().to_hex();
    let known = register.entries().iter().rfind(|sent| sent.commitment == commitment);
    if let Some(latest) = known.filter(|sent| sent.epoch > record.epoch().number()) {
        return Err(Failure::no(
            format!("{} is of epoch {}, which epoch {} superseded", args.file.display(), record.epoch(), latest.epoch),
            "grant it from the copy of the latest epoch",
        ));
    }
    register.append(Sent {
        at: cx.now,
        commitment,
        epoch: record.epoch().number(),
        record: known.map(|sent| sent.record.clone()).unwrap_or_default(),
        purpose: purpose.to_string(),
        to: vec![reader.to_string()],
    })?;
    file.commit()?;
    say!(cx, "granted to {}", reader.name());
    wrote(cx, &target);
    Ok(())
}
