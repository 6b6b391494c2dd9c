//! `attest`: a document that somebody vouches for, sealed to its holder.

use std::{io::Write, path::PathBuf};

use consign_contracts::anchor::Anchor;
use consign_crypto::{
    attestation::{self, Validity},
    files::{self, PendingFile},
    seal::{Consignment, Epoch},
};
use consign_documents::summary::summary;
use jiff::SignedDuration;

use crate::{
    args::{ImportArgs, KeyArg, OutputArgs},
    commands::{seal, status},
    context::Context,
    error::Failure,
    home::cannot,
    inputs,
    outputs::wrote,
    register::{Act, Reader, Register, Sent},
    report, say,
};

/// Vouch for a document: sign it and seal it, as a dossier, to its holder
///
/// Reads the document as `consign import` does, shows what it understood, and signs for every row and every word of
/// it. The dossier opens with the holder's key only; you are its sender. It is
/// written to the current folder, as manifest.dossier for manifest.xml, unless -o says otherwise.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    import: ImportArgs,
    #[command(flatten)]
    key: KeyArg,
    /// Whose the dossier will be, a public file or a name on the trust list [default: yourself]
    #[arg(long, value_name = "PARTY")]
    holder: Option<PathBuf>,
    /// For how many days the attestation holds
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// The address of the list in which you will publish whether the attestation still holds; see `consign status`
    #[arg(long, value_name = "ADDRESS", value_parser = status::address)]
    status_list: Option<String>,
    /// Also write the anchor: what you put on an EVM chain about the document, for contracts to check answers by. It
    /// shows which columns are complete, the currency and the unit
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let (word, holder) = match &args.holder {
        Some(given) => inputs::recipient(&cx.home.trust()?, given)?,
        None => (String::new(), identity.public().clone()),
    };
    let target = args.output.path(inputs::stem(&args.file).with_extension("dossier"));
    args.output.check(&target)?;
    if let Some(anchor) = &args.anchor {
        args.output.check(anchor)?;
    }

    let imported = inputs::document(&args.file, &args.import)?;
    let in_short = summary(&imported.document);
    report::imported(cx, &imported, &in_short);

    let expires = cx.now.saturating_add(SignedDuration::from_hours(24 * i64::from(args.days))).unwrap_or(cx.now);
    let mut rng = rand::rng();
    let (document, validity) = (&imported.document, Validity { issued: cx.now, expires });
    let assign = |list: &String| {
        status::assign(&cx.home, list, &identity.document_id(document.kind(), document.number()), cx.now)
    };
    let reference = args.status_list.as_ref().map(assign).transpose()?;
    let dossier = attestation::attest_revocable(document, &identity, &holder, validity, reference.as_ref(), &mut rng)?;
    let commitment = dossier.attestation().commitment();
    let anchor = args.anchor.as_ref().map(|target| Ok::<_, Failure>((target, Anchor::of(&dossier)?.to_bytes())));
    let anchor = anchor.transpose()?;
    let consignment = Consignment::new(dossier.to_json()?, commitment);
    let purpose = seal::purpose("dossier for its holder")?;
    let mut sealed = consignment.seal(&identity, Epoch::FIRST, cx.now, &seal::folder(&target), &mut rng)?;
    // All is written beside its place, then entered, and only then handed out.
    let (mut pending, mut standard) = (Vec::new(), Vec::new());
    if args.output.is_standard() {
        sealed.write(holder.recipient(), &purpose, cx.now, &mut rng, &mut standard)?;
    } else {
        let mut file = PendingFile::create(&target, args.output.existing())?;
        sealed.write(holder.recipient(), &purpose, cx.now, &mut rng, &mut file)?;
        pending.push(file);
    }
    if let Some((target, bytes)) = &anchor {
        let mut file = PendingFile::create(target, args.output.existing())?;
        file.write_all(bytes).map_err(|e| cannot("write", target, &e))?;
        pending.push(file);
    }
    if holder != *identity.public() {
        let to = vec![Reader::new(&word, &holder, &purpose)];
        Register::open(&cx.home)?.enter(Sent::sealed(&sealed, cx.now, Act::Attest, to))?;
    }
    files::commit_all(pending)?;
    cx.out.write_all(&standard)?;
    say!(
        cx,
        "{} attests {} {} and seals it to {}",
        identity.public().name(),
        in_short.kind,
        in_short.number,
        holder.name()
    );
    if !args.output.is_standard() {
        wrote(cx, &target);
    }
    if let Some((target, _)) = anchor {
        wrote(cx, target);
    }
    Ok(())
}
