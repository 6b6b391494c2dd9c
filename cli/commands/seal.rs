//! `seal`: one file for each reader, and the sender's own copy.

use std::path::{Path, PathBuf};

use consign_crypto::{
    files,
    identity::PublicIdentity,
    seal::{Consignment, Epoch, MemberName, Purpose, Sealed},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::KeyArg,
    commands::open::DOCUMENT_NAME,
    context::Context,
    error::{Failure, one_line},
    inputs,
    outputs::wrote,
    say,
};

/// Send a dossier and attachments to the parties you name
///
/// Writes one file for each reader, which any age opens too, and shows no other reader; and your own copy, from which
/// `consign grant` names more readers later.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// A reader: a public file, or a name on the trust list. May be given more than once
    #[arg(long, value_name = "PARTY", required = true)]
    to: Vec<PathBuf>,
    /// A file to send along. May be given more than once
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// What it is sent for; readers see it, signed
    #[arg(long, value_name = "TEXT", default_value = "for your information")]
    purpose: String,
    #[command(flatten)]
    key: KeyArg,
    /// Where to write [default: the current folder]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// The register of what one has sealed.
pub const REGISTER: &str = "grants.jsonl";

/// An entry of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// The document's commitment.
    pub commitment: String,
    /// Epoch of the body.
    pub epoch: u64,
    /// SHA-256 of the record.
    pub record: String,
    /// What for.
    pub purpose: String,
    /// Public lines of the readers.
    pub to: Vec<String>,
}

impl Sent {
    /// The entry of a sealed body.
    pub fn new<'a>(
        sealed: &Sealed<'_>,
        at: Timestamp,
        purpose: &Purpose,
        to: impl IntoIterator<Item = &'a PublicIdentity>,
    ) -> Sent {
        Sent {
            at,
            commitment: sealed.record().commitment().to_hex(),
            epoch: sealed.record().epoch().number(),
            record: sealed.record_digest().to_string(),
            purpose: purpose.to_string(),
            to: to.into_iter().map(ToString::to_string).collect(),
        }
    }
}

/// Enters what was sealed in the register.
pub fn register(cx: &Context<'_>, sent: Sent) -> Result<(), Failure> {
    cx.home.journal(REGISTER)?.append(sent)
}

/// A purpose from the command line.
pub fn purpose(text: &str) -> Result<Purpose, Failure> {
    text.parse().map_err(|e| Failure::usage(format!("purpose: {e}"), "give a purpose of 1 to 100 printable characters"))
}

/// The folder in which a target lies.
pub fn folder(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => ".".into(),
    }
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let purpose = purpose(&args.purpose)?;
    let folder = args.output.clone().unwrap_or_default();
    let stem = inputs::stem(&args.dossier).display().to_string();
    let mut readers = Vec::new();
    for given in &args.to {
        let (word, public) = inputs::recipient(&trust, given)?;
        readers.push((public, folder.join(format!("{stem}.{word}.age"))));
    }
    let own = folder.join(format!("{stem}.own.age"));
    let existing = if args.force { files::Existing::Replace } else { files::Existing::Refuse };
    let mut targets: Vec<&PathBuf> = readers.iter().map(|(_, target)| target).chain([&own]).collect();
    targets.sort();
    if let Some(pair) = targets.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Failure::usage(
            format!("two files would be named {}", pair[0].display()),
            "give each reader once, and public files of different names; `own` is your own copy's",
        ));
    }

    let unsealed = inputs::own_dossier(cx, &args.dossier, &identity, &trust)?;
    let commitment = unsealed.dossier.attestation().commitment();
    let mut consignment = Consignment::new(unsealed.dossier.to_json()?, commitment);
    for path in &args.attach {
        consignment.attach(member_name(path)?, path.clone());
    }

    // The register stays locked from reading the last epoch to writing this one.
    let mut register = cx.home.journal::<Sent>(REGISTER)?;
    let commitment = commitment.to_hex();
    let last = register.entries().iter().filter(|sent| sent.commitment == commitment).map(|sent| sent.epoch).max();
    let epoch = last.unwrap_or(0).checked_add(1).and_then(Epoch::new).unwrap_or(Epoch::FIRST);
    let mut rng = rand::rng();
    let mut sealed = consignment.seal(
        &identity,
        epoch,
        cx.now,
        if folder.as_os_str().is_empty() { Path::new(".") } else { &folder },
        &mut rng,
    )?;
    register.append(Sent::new(&sealed, cx.now, &purpose, readers.iter().map(|(public, _)| public)))?;
    let files: Vec<_> =
        readers.iter().map(|(public, target)| (*public.recipient(), purpose.clone(), target.clone())).collect();
    sealed.write_files(&files, Some(&own), existing, cx.now, &mut rng)?;

    let members: Vec<&str> = sealed.record().members().iter().map(|m| m.name().as_str()).collect();
    say!(cx, "sealed {} (epoch {epoch}, record {})", members.join(", "), sealed.record_digest());
    for (public, target) in &readers {
        say!(cx, "for {}: {}", one_line(public.name().as_str()), target.display());
    }
    wrote(cx, &own);
    if epoch != Epoch::FIRST {
        say!(cx, "note: this supersedes epoch {}; copies of it that are out stay readable", epoch.number() - 1);
    }
    Ok(())
}

/// The name under which an attachment travels: the file's own.
fn member_name(path: &Path) -> Result<MemberName, Failure> {
    let rename = "rename the file";
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::usage(format!("{} has no name in UTF-8", path.display()), rename))?;
    if name.eq_ignore_ascii_case(DOCUMENT_NAME) {
        return Err(Failure::usage(format!("an attachment cannot be named {DOCUMENT_NAME}"), rename));
    }
    name.parse().map_err(|e| Failure::usage(e, rename))
}
