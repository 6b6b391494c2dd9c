//! `open`: what was sealed to the reader, released once all of it is verified.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use consign_circuits::{report::AttestedDocument, verify::Reader};
use consign_crypto::{
    attestation::Attestation,
    commitment::Commitment,
    files::{self, Existing, PendingFolder},
    identity::{Identity, SignerKey},
    seal::{Checked, DOCUMENT_NAME, Epoch, Opened, Opening, PART_NAME},
    trust::TrustList,
    view::CheckedView,
};
use consign_documents::summary::{Summary, summary};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::{KeyArg, ReportArgs},
    commands::verify,
    context::Context,
    error::{Failure, OfFile, one_line},
    inputs, report, say,
};

/// Open what was sealed to you, once all of it is verified
///
/// Checks who sent it, that it was meant for you, that nothing was changed on the way, and that the document inside is,
/// row for row and word for word, the one that its issuer attested; with --presentation also that it is the one that was
/// proved. Then writes document and attachments to a folder of its own. Nothing is written before.
///
/// Of a file that holds a part of a document it shows the values, which are those that were attested, and says what they
/// are all of; the rest stays hidden.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The sealed file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your header, where FILE is a body that is kept once for all readers
    #[arg(long, value_name = "FILE")]
    header: Option<PathBuf>,
    /// A file with the passphrase of what you sealed for your own archive [default: asked on the terminal]
    #[arg(long, value_name = "FILE", conflicts_with = "header")]
    archive_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArg,
    /// An answer that was given about the document: is this the one that was proved?
    #[arg(long, value_name = "ANSWER")]
    presentation: Option<PathBuf>,
    /// The verify.keys of the answer's key set [default: the one in the current folder or the state folder]
    #[arg(long, value_name = "FILE", requires = "presentation")]
    keys: Option<PathBuf>,
    /// A status list of an attester, for an answer whose policy asks for status. May be given more than once
    #[arg(long, value_name = "FILE", requires = "presentation")]
    status: Vec<PathBuf>,
    /// The folder to write, which must not exist [default: the file's name without .age]; - writes the document alone to
    /// standard output
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

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
    document: Option<Summary>,
    shown: Option<serde_json::Map<String, serde_json::Value>>,
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
    let known = |sender: &SignerKey, commitment: &Commitment| {
        let (sender, commitment) = (sender.to_string(), commitment.to_hex());
        let same = seen.entries().iter().filter(|e| e.sender == sender && e.commitment == commitment);
        same.map(|e| e.epoch).max().and_then(Epoch::new)
    };
    let (is_archive, file) = inputs::is_archive(inputs::stream(&args.file)?);
    let opened = if args.archive_passphrase_file.is_some() || is_archive {
        let what = format!("passphrase of {}", args.file.display());
        let passphrase = inputs::passphrase(args.archive_passphrase_file.as_deref(), &what)?;
        let opening = Opening { identity: &identity, trust: &trust, known_epoch: &known, now: cx.now, temporary: None };
        opening.open_archive(file, &passphrase).of_file(&args.file)?
    } else {
        let file = inputs::sealed(args.header.as_deref(), &args.file, file)?;
        inputs::unseal(cx, file, &args.file, &identity, &trust, &known)?
    };
    let checked = opened.checked().of_file(&args.file)?;
    let attestation = checked.attestation();
    from_whom(cx, &identity, &opened);
    let issuer = issuer(attestation, &identity, &trust, cx.now).of_file(&args.file)?;
    let proved = match &args.presentation {
        Some(answer) => Some(proved(args, cx, answer, &trust, attestation)?),
        None => None,
    };
    let what = match &checked {
        Checked::Whole(_) => "every row and word is",
        Checked::Part(_) => "the values shown are",
    };
    say!(cx, "attested by {issuer} on {}; {what} as attested", attestation.issued());
    match &proved {
        Some(Proved { role, audience, requested, claims, .. }) => {
            say!(cx, "this is the document that was proved as {role} to {}, asked {requested}:", one_line(audience));
            claims.iter().for_each(|claim| say!(cx, "  \u{2713} {}", one_line(claim)));
        }
        None => say!(cx, "no presentation given: whether it is a document that was proved is not checked"),
    }

    let commitment = attestation.commitment().to_hex();
    let epoch = opened.record().epoch().number();
    let sender = opened.sender_key().to_string();
    if !seen.entries().iter().any(|e| e.sender == sender && e.commitment == commitment && e.epoch >= epoch) {
        seen.append(Seen { at: cx.now, sender, commitment, epoch })?;
    }
    let (name, document) = match &checked {
        Checked::Whole(dossier) => (DOCUMENT_NAME, Cow::from(dossier.document().as_json().as_bytes())),
        Checked::Part(view) => (PART_NAME, part(view)?.into()),
    };
    if standard {
        // All is verified by now: the body to its last byte, the document against its attestation.
        for member in opened.record().members().iter().skip(1) {
            say!(cx, "not written: {}", member.name());
        }
        return Ok(cx.out.write_all(&document)?);
    }
    let members = release(&opened, name, &document, &target)?;

    let (in_short, shown) = match &checked {
        Checked::Whole(dossier) => (Some(summary(dossier.document())), None),
        Checked::Part(view) => {
            (None, Some(view.values().into_iter().map(|(p, value)| (p, value.clone())).collect::<Vec<_>>()))
        }
    };
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
            attested_at: attestation.issued(),
            document: in_short,
            shown: shown.map(|shown| shown.into_iter().collect()),
            proved,
            folder: target.display().to_string(),
            members,
        };
        return report::json(cx.out, &report);
    }
    if let Checked::Part(view) = &checked {
        let only: Vec<String> = view.only().iter().map(ToString::to_string).collect();
        say!(cx, "a part of a {}: all that it says of {}", attestation.kind(), only.join(", "));
    }
    if let Some(in_short) = &in_short {
        write!(cx.out, "{}", report::summary(in_short))?;
    }
    if let Some(shown) = &shown {
        write!(cx.out, "{}", report::values(shown))?;
    }
    for member in members {
        say!(cx, "wrote {}", target.join(member).display());
    }
    Ok(())
}

/// What is released of a part: the values in the document's shape, and what says which document that is.
fn part(view: &CheckedView) -> Result<Vec<u8>, Failure> {
    let attestation = view.attestation();
    let part = serde_json::json!({
        "consign": "part/1",
        "kind": attestation.kind().name(),
        "commitment": attestation.commitment().to_hex(),
        "document_digest": attestation.digest().to_string(),
        "only": view.only().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "shown": view.to_value(),
    });
    let mut text = Vec::new();
    report::json(&mut text, &part)?;
    Ok(text)
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
    let report = verify::check(cx, answer, trust, args.keys.as_deref(), &args.status, Reader::ThirdParty)?;
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
fn release(opened: &Opened, name: &str, document: &[u8], target: &Path) -> Result<Vec<String>, Failure> {
    let folder = PendingFolder::create(target)?;
    let first = opened.record().members()[0].name();
    let attached = opened.release_to(folder.path(), |member| member.name() != first)?;
    files::write_file(&folder.path().join(name), Existing::Refuse, document)?;
    folder.commit()?;
    let names = attached.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    Ok([name.to_owned()].into_iter().chain(names).collect())
}
