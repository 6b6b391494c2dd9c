//! `verify`: whether an answer holds, or each of many.

mod many;
mod record;
mod stream;

use std::path::{Path, PathBuf};

use consign_circuits::{
    presentation::{self, Presentation, PresentationError},
    report::{NOT_PROMISED, Report},
    verify::{Known, Reader, VerifyError, verify},
};
use consign_crypto::trust::TrustList;
use serde_json::{Value, json};

use self::record::OnDisk;
use crate::{
    args::ReportArgs,
    commands::{request::class as request_class, status},
    context::Context,
    error::{Class, Failure, OfFile, one_line},
    inputs, keys,
    report::{self, count},
};

/// Check an answer, or many
///
/// Prints who attested what and when, each claim that is proved, whose key set it rests on, and what is not promised.
/// Without your own --request it says for whom the answer was made: such an answer was passed on, and may be old.
/// Of a folder, and of a stream, it prints a line for each answer; with --json, an object a line. Many cost a fraction
/// of what they cost one by one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The answer, - for standard input, or a folder whose .json files are answers
    #[arg(value_name = "ANSWER")]
    answer: PathBuf,
    /// The answer is many, one after another
    #[arg(long)]
    stream: bool,
    /// The request that you made, or a folder of those that you made
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// The key set's verify.keys [default: the one in the current folder or the state folder]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// A status list of an attester, got from the address that the attestation names. May be given more than once
    #[arg(long, value_name = "FILE")]
    status: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    if args.stream || args.answer.is_dir() {
        return many::run(args, cx);
    }
    let trust = cx.home.trust()?;
    let request = match &args.request {
        Some(file) if file.is_dir() => {
            return Err(Failure::usage(
                format!("{} is a folder, and there is one answer", file.display()),
                "name the request that it answers",
            ));
        }
        Some(file) => Some(inputs::request(file)?),
        None => None,
    };
    let mut answers = OnDisk::new(&cx.home);
    let reader = match &request {
        Some(request) => Reader::Audience { request, answers: &mut answers },
        None => Reader::ThirdParty,
    };
    match check(cx, &args.answer, &trust, args.keys.as_deref(), &args.status, reader) {
        Ok(found) if args.report.json => report::json(cx.out, &valid(&found)),
        Ok(found) => {
            let text = text(&found);
            Ok(cx.out.write_all(text.as_bytes())?)
        }
        Err(failure) => {
            if args.report.json && failure.class() == Class::No {
                report::json(cx.out, &invalid(&failure))?;
            }
            Err(failure)
        }
    }
}

/// The report for programs.
fn valid(found: &Report) -> Value {
    let mut value = serde_json::to_value(found).unwrap_or_default();
    value["valid"] = true.into();
    value["not_promised"] = json!(NOT_PROMISED);
    value
}

/// The same of what does not hold.
fn invalid(failure: &Failure) -> Value {
    json!({"valid": false, "error": failure.message(), "hint": failure.hint()})
}

/// Verifies the answer in a file.
pub fn check(
    cx: &Context<'_>,
    file: &Path,
    trust: &TrustList,
    given: Option<&Path>,
    status: &[PathBuf],
    reader: Reader<'_>,
) -> Result<Report, Failure> {
    let bytes = inputs::bytes(file, presentation::MAX_BYTES as u64)?;
    // Read once more than needed, to know which keys to look for.
    let asked = Presentation::parse(&bytes).map_err(VerifyError::from).of_file(file)?.request.request().key_set;
    let keys = keys::verifying(&cx.home, given, Some(asked))?;
    let status = status::read_all(status)?;
    let _progress = cx.progress("verifying");
    verify(&bytes, Known { trust, status: &status, keys: &keys, now: cx.now }, reader).of_file(file)
}

/// The report for people.
fn text(found: &Report) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out += &text;
        out.push('\n');
    };
    let proofs = count(found.tallies + found.verdicts, "proof", "proofs");
    line(format!("valid: each claim holds for the attested documents ({proofs})"));
    if found.third_party {
        let late = if found.expired { ", and could be answered until" } else { ", and can be answered until" };
        line(format!(
            "made for {} at {}{late} {}: not for you",
            one_line(&found.audience),
            found.requested,
            found.expires
        ));
    } else {
        line(format!(
            "asked by {} at {}, to be answered until {}",
            one_line(&found.audience),
            found.requested,
            found.expires
        ));
    }
    if let Some(chain) = &found.chain {
        line(format!("bound to contract {}", crate::commands::request::on_chain(chain)));
    }
    if let Some(at) = found.accepted_before {
        line(format!("already accepted at {at}: these are the same bytes"));
    }
    line(String::new());
    line("documents".into());
    for document in &found.documents {
        line(format!(
            "  {}: {} attested by {} at {}",
            document.role,
            document.kind,
            one_line(&document.issuer),
            document.issued
        ));
        let words = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), one_line);
        let shown: Vec<String> = document
            .disclosed
            .iter()
            .filter(|(name, _)| !name.starts_with("complete."))
            .map(|(name, value)| format!("{} {}", name.trim_start_matches("reference."), words(value)))
            .collect();
        let complete: Vec<&str> = document.disclosed.keys().filter_map(|name| name.strip_prefix("complete.")).collect();
        if !complete.is_empty() {
            line(format!("    known in every line: {}", complete.join(", ")));
        }
        if !shown.is_empty() {
            line(format!("    disclosed: {}", shown.join(", ")));
        }
        if let Some(at) = document.not_revoked {
            line(format!("    not revoked, as {} says at {at}", one_line(&document.issuer)));
        }
        line(format!("    commitment {}", document.commitment));
    }
    line(String::new());
    line(format!("claims of {}", one_line(&format!("{} {}", found.policy, found.policy_version))));
    for claim in &found.claims {
        line(format!("  \u{2713} {}", one_line(&claim.meaning)));
        line(format!("      {}", one_line(&claim.source)));
    }
    line(String::new());
    let maker = one_line(&found.key_set_made_by);
    line(format!("key set {:?} made by {maker}: this relies on {maker} not to forge", one_line(&found.key_set_name)));
    found.notes.iter().for_each(|note| line(format!("note: {}", one_line(note))));
    line("not promised:".into());
    NOT_PROMISED.iter().for_each(|what| line(format!("  {what}")));
    out
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Failure {
        let hint = error.hint();
        let class = match &error {
            VerifyError::Request(error) | VerifyError::Presentation(PresentationError::Request(error)) => {
                request_class(error)
            }
            VerifyError::Presentation(_)
            | VerifyError::Compile(_)
            | VerifyError::Answers(_)
            | VerifyError::Key { .. } => Class::Input,
            _ => Class::No,
        };
        Failure::new(class, &error, hint)
    }
}
