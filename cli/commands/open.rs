//! `open`: what was sealed to the reader, released once all of it is verified.

use std::{
    fs,
    path::{Path, PathBuf},
};

use consign_circuits::{report::AttestedDocument, verify::Reader};
use consign_crypto::{
    attestation::Attestation,
    files::{self, Existing},
    identity::Identity,
    seal::{Epoch, Opened},
    trust::TrustList,
};
use consign_documents::summary::{Summary, summary};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::{KeyArg, ReportArgs},
    commands::verify,
    context::Context,
    error::{Failure, OfFile, one_line},
    home::cannot,
    inputs::{self, Unsealed},
    report, say,
};

/// Open what was sealed to you, once all of it is verified
///
/// Checks who sent it, that it was meant for you, that nothing was changed on the way, and that the document inside is,
/// row for row and word for word, the one that its issuer attested; with --presentation also that it is the one that was
/// proved. Then writes document and attachments to a folder of its own. Nothing is written before.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The sealed file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your header, where FILE is a body that is kept once for all readers
    #[arg(long, value_name = "FILE")]
    header: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArg,
    /// An answer that was given about the document: is this the one that was proved?
    #[arg(long, value_name = "ANSWER")]
    presentation: Option<PathBuf>,
    /// The verify.keys of the answer's key set [default: the one in the current folder or the state folder]
    #[arg(long, value_name = "FILE", requires = "presentation")]
    keys: Option<PathBuf>,
    /// The folder to write, which must not exist [default: the file's name without .age]; - writes the document alone to
    /// standard output
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

/// Under which name the document is released.
pub const DOCUMENT_NAME: &str = "document.json";

/// The latest epoch opened of a document from a sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    at: Timestamp,
    sender: String,
    commitment: String,
    epoch: u64,
}

const SEEN: &str = "epochs.jsonl";

#[derive(Serialize)]
struct Report {
    sender: String,
    reader: String,
    purpose: String,
    sealed_at: Timestamp,
    granted_at: Timestamp,
    epoch: u64,
    record: String,
    issuer: String,
    attested_at: Timestamp,
    document: Summary,
    proved: Option<Proved>,
    folder: String,
    members: Vec<String>,
}

/// The answer of which the document is a part.
#[derive(Serialize)]
struct Proved {
    role: String,
    audience: String,
    requested: Timestamp,
    policy: String,
    claims: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let target = args.output.clone().unwrap_or_else(|| folder_for(args.header.as_deref().unwrap_or(&args.file)));
    let standard = target == Path::new("-");
    if standard && args.report.json {
        return Err(Failure::usage(
            "document and report cannot both go to standard output",
            "leave out --json or -o -",
        ));
    }
    if target.symlink_metadata().is_ok() {
        return Err(Failure::usage(
            format!("{} exists already", target.display()),
            "name another folder with -o FOLDER, or remove that one first",
        ));
    }

    let mut seen = cx.home.journal::<Seen>(SEEN)?;
    let Unsealed { opened, dossier } =
        inputs::unseal(cx, args.header.as_deref(), &args.file, &identity, &trust, &|sender, commitment| {
            let (sender, commitment) = (sender.to_string(), commitment.to_hex());
            let same = seen.entries().iter().filter(|e| e.sender == sender && e.commitment == commitment);
            same.map(|e| e.epoch).max().and_then(Epoch::new)
        })?;
    from_whom(cx, &identity, &opened);
    let issuer = issuer(dossier.attestation(), &identity, &trust, cx.now).of_file(&args.file)?;
    let proved = match &args.presentation {
        Some(answer) => Some(proved(args, cx, answer, &trust, dossier.attestation())?),
        None => None,
    };
    let in_short = summary(dossier.document());
    say!(cx, "attested by {issuer} on {}; every row and word is as attested", dossier.attestation().issued());
    match &proved {
        Some(Proved { role, audience, requested, claims, .. }) => {
            say!(cx, "this is the document that was proved as {role} to {}, asked {requested}:", one_line(audience));
            claims.iter().for_each(|claim| say!(cx, "  \u{2713} {}", one_line(claim)));
        }
        None => say!(cx, "no presentation given: whether it is a document that was proved is not checked"),
    }

    let commitment = dossier.attestation().commitment().to_hex();
    let epoch = opened.record().epoch().number();
    let sender = opened.sender_key().to_string();
    if !seen.entries().iter().any(|e| e.sender == sender && e.commitment == commitment && e.epoch >= epoch) {
        seen.append(Seen { at: cx.now, sender, commitment, epoch })?;
    }
    if standard {
        // All is verified by now: the body to its last byte, the document against its attestation.
        for member in opened.record().members().iter().skip(1) {
            say!(cx, "not written: {}", member.name());
        }
        return Ok(cx.out.write_all(&dossier.document().to_json())?);
    }
    let members = release(&opened, &dossier.document().to_json(), &target)?;

    if args.report.json {
        let report = Report {
            sender: opened.sender().to_string(),
            reader: identity.public().name().to_string(),
            purpose: opened.purpose().to_string(),
            sealed_at: opened.sealed_at(),
            granted_at: opened.granted_at(),
            epoch,
            record: opened.record_digest().to_string(),
            issuer,
            attested_at: dossier.attestation().issued(),
            document: in_short,
            proved,
            folder: target.display().to_string(),
            members,
        };
        return report::json(cx.out, &report);
    }
    write!(cx.out, "{}", report::summary(&in_short))?;
    for member in members {
        say!(cx, "wrote {}", target.join(member).display());
    }
    Ok(())
}

fn folder_for(file: &Path) -> PathBuf {
    match file.extension() {
        Some(_) => inputs::stem(file),
        None => inputs::stem(file).with_extension("opened"),
    }
}

/// From whom, for whom, what for.
fn from_whom(cx: &mut Context<'_>, identity: &Identity, opened: &Opened) {
    say!(
        cx,
        "from {} for {}, purpose: {}",
        opened.sender(),
        identity.public().name(),
        one_line(opened.purpose().as_str())
    );
    say!(
        cx,
        "sealed {}, granted {}, epoch {}, record {}",
        opened.sealed_at(),
        opened.granted_at(),
        opened.record().epoch(),
        opened.record_digest()
    );
}

/// Who attested the document, by the reader's own trust list; its own attestations it knows itself.
fn issuer(
    attestation: &Attestation,
    identity: &Identity,
    trust: &TrustList,
    now: Timestamp,
) -> Result<String, Failure> {
    if attestation.issuer_key() == identity.public().signer() {
        return Ok("yourself".into());
    }
    Ok(attestation.clone().verify(trust, now)?.issuer().to_string())
}

/// Verifies an answer that was passed on, and finds the document among those it speaks of.
fn proved(
    args: &Args,
    cx: &Context<'_>,
    answer: &Path,
    trust: &TrustList,
    attestation: &Attestation,
) -> Result<Proved, Failure> {
    let report = verify::check(cx, answer, trust, args.keys.as_deref(), Reader::ThirdParty)?;
    let (commitment, digest) = (attestation.commitment().to_hex(), attestation.digest().to_string());
    let same = |d: &&AttestedDocument| d.commitment == commitment && d.document_digest == digest;
    let Some(document) = report.documents.iter().find(same) else {
        return Err(Failure::no(
            format!("{} holds another document than those that {} proves", args.file.display(), answer.display()),
            "ask the sender for the document that was proved, or for the answer about this one",
        ));
    };
    Ok(Proved {
        role: document.role.clone(),
        audience: report.audience.clone(),
        requested: report.requested,
        policy: format!("{} {}", report.policy, report.policy_version),
        claims: report.claims.iter().map(|claim| claim.meaning.clone()).collect(),
    })
}

/// Writes document and attachments to a new folder: beside its place first, and renamed when it is whole.
fn release(opened: &Opened, document: &[u8], target: &Path) -> Result<Vec<String>, Failure> {
    let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fault = |e: &std::io::Error| cannot("write", target, e);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".consign-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir_in(parent).map_err(|e| fault(&e))?;
    let attached = opened.release_to(folder.path(), |member| member.name().as_str() != "dossier.json")?;
    files::write_file(&folder.path().join(DOCUMENT_NAME), Existing::Refuse, document)?;
    fs::rename(folder.path(), target).map_err(|e| fault(&e))?;
    // Renamed: nothing is left to remove.
    let _ = folder.keep();
    let names = attached.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    Ok([DOCUMENT_NAME.to_owned()].into_iter().chain(names).collect())
}
