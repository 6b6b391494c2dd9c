//! `inspect`: what a file is, and what it shows to whoever has it.

use std::{
    io::{self, BufRead, BufReader, Seek},
    path::PathBuf,
};

use consign_circuits::{
    presentation::{Presentation, PresentedDocument},
    request::SignedRequest,
    verify::VerifyError,
};
use consign_crypto::{
    attestation::Attestation,
    identity::PublicIdentity,
    seal::{self, Checked, Member},
};
use consign_documents::summary::{Summary, summary};
use serde_json::{Map, Value, json};

use crate::{
    args::{ImportArgs, KeyArg, ReportArgs},
    commands::request::on_chain,
    context::Context,
    error::{Failure, OfFile, one_line},
    inputs, report,
};

/// Say what a file of consign is and what it shows
///
/// Of a sealed file it says what anybody can see; with --key, when it opens, also what is inside, writing nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    report: ReportArgs,
}

/// Longest file that is looked into, in bytes: a presentation.
const MAX_BYTES: u64 = 64 << 20;

/// What was found: facts in the order in which they print, and the document in short.
#[derive(Default)]
struct Found {
    facts: Vec<(&'static str, Value)>,
    document: Option<Summary>,
}

impl Found {
    fn new<const N: usize>(facts: [(&'static str, Value); N]) -> Found {
        Found { facts: facts.into(), document: None }
    }
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    // A secret is read as such: its permissions first, and into memory that is wiped.
    let found = if inputs::is_identity(&args.file) {
        identity(args, cx)?
    } else {
        match inputs::is_sealed(inputs::stream(&args.file)?) {
            (true, file) => sealed(args, cx, file)?,
            (false, file) => open_file(args, cx, file)?,
        }
    };
    if args.report.json {
        let mut all: Map<String, Value> =
            found.facts.into_iter().map(|(name, value)| (name.replace(' ', "_"), value)).collect();
        if let Some(document) = found.document {
            all.insert("document".into(), json!(document));
        }
        return report::json(cx.out, &all);
    }
    let mut table = report::table(&[]);
    for (name, value) in &found.facts {
        match value {
            Value::Null => {}
            Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| {
                table.add_row([if i == 0 { name } else { "" }.to_owned(), word(item)]);
            }),
            value => {
                table.add_row([(*name).to_owned(), word(value)]);
            }
        }
    }
    write!(cx.out, "{}", report::lines(&table, ""))?;
    if let Some(document) = &found.document {
        write!(cx.out, "{}", report::summary(document))?;
    }
    Ok(())
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        value => value.to_string(),
    }
}

fn identity(args: &Args, cx: &Context<'_>) -> Result<Found, Failure> {
    let identity = inputs::identity(&cx.home, &KeyArg { key: Some(args.file.clone()), ..args.key.clone() })?;
    Ok(Found::new([
        ("file", "identity, secret".into()),
        ("name", identity.public().name().as_str().into()),
        ("created", identity.created().to_string().into()),
        ("public line", identity.public().to_string().into()),
    ]))
}

/// What a sealed file shows to whoever has it.
fn outside(args: &Args, file: Box<dyn BufRead>) -> Result<Found, Failure> {
    let shown = seal::inspect(file).of_file(&args.file)?;
    let alone = shown.body_bytes == 0;
    let what = match shown.is_sealed() {
        true if alone => "header of a sealed file, without its body",
        true => "sealed file",
        false => "age file, not sealed by consign",
    };
    let cut = shown.plain_bytes.is_none() && !alone;
    Ok(Found::new([
        ("file", what.into()),
        ("stanzas", shown.stanzas.join(", ").into()),
        ("header bytes", shown.header_bytes.into()),
        ("body bytes", shown.body_bytes.into()),
        ("plain bytes", shown.plain_bytes.into()),
        ("damage", if cut { "the file is cut short".into() } else { Value::Null }),
    ]))
}

fn sealed(args: &Args, cx: &Context<'_>, mut file: Box<dyn BufRead>) -> Result<Found, Failure> {
    if args.key.key.is_none() {
        return outside(args, file);
    }
    // It is read twice, which a pipe cannot be.
    let mut kept = tempfile::tempfile()?;
    io::copy(&mut file, &mut kept)?;
    kept.rewind()?;
    let mut found = outside(args, Box::new(BufReader::new(kept.try_clone()?)))?;
    let identity = inputs::identity(&cx.home, &args.key)?;
    kept.rewind()?;
    let file = Box::new(BufReader::new(kept));
    let opened = inputs::unseal(cx, file, &args.file, &identity, &cx.home.trust()?, &|_, _| None)?;
    let checked = opened.checked().of_file(&args.file)?;
    let member = |m: &Member| Value::from(format!("{} ({} bytes, SHA-256 {})", m.name(), m.size(), m.sha256()));
    let attestation = checked.attestation();
    found.facts.extend([
        ("sender", opened.sender().to_string().into()),
        ("purpose", opened.purpose().as_str().into()),
        ("epoch", opened.record().epoch().number().into()),
        ("record", opened.record_digest().to_string().into()),
        ("members", opened.record().members().iter().map(member).collect()),
    ]);
    found.facts.extend(attested(attestation));
    match &checked {
        Checked::Whole(dossier) => found.document = Some(summary(dossier.document())),
        Checked::Part(view) => {
            found.facts.push(("shows", view.only().iter().map(|only| Value::from(only.to_string())).collect()));
        }
    }
    Ok(found)
}

/// What an attestation says openly.
fn attested(attestation: &Attestation) -> [(&'static str, Value); 8] {
    [
        ("kind", attestation.kind().name().into()),
        ("document id", hex::encode(attestation.id()).into()),
        ("commitment", attestation.commitment().to_hex().into()),
        ("document digest", attestation.digest().to_string().into()),
        ("issuer key", attestation.issuer_key().to_string().into()),
        ("holder key", attestation.holder().to_string().into()),
        ("attested", attestation.issued().to_string().into()),
        ("holds until", attestation.expires().to_string().into()),
    ]
}

fn open_file(args: &Args, cx: &Context<'_>, open: Box<dyn BufRead>) -> Result<Found, Failure> {
    let file = &args.file;
    let bytes = inputs::bytes_of(open, file, MAX_BYTES)?;
    if inputs::begins_identity(&bytes) {
        // From a pipe, and refused as a secret that is no file of its owner's.
        return identity(args, cx);
    }
    if let Some(found) = made_by_circuits(&bytes) {
        return found.of_file(file);
    }
    let begins = |start: &str| bytes.trim_ascii_start().starts_with(start.as_bytes());
    if begins("<") || begins("{") {
        let imported = inputs::document_of(&bytes, file, &ImportArgs::default())?;
        let mut found = Found::new([("file", "document in the clear".into()), ("format", imported.format.into())]);
        found.document = Some(summary(&imported.document));
        return Ok(found);
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::input(
            format!("{} is none of the files that consign writes or reads", file.display()),
            "check that this is the file you mean",
        )
    })?;
    if begins_public(&text) {
        let public = PublicIdentity::parse_file(&text).of_file(file)?;
        return Ok(Found::new([
            ("file", "public line".into()),
            ("name", public.name().as_str().into()),
            ("recipient", public.recipient().to_string().into()),
            ("signing key", public.signer().to_string().into()),
        ]));
    }
    let policy = inputs::read_policy(file)?;
    Ok(Found::new([
        ("file", "policy".into()),
        ("name", policy.name().into()),
        ("version", policy.version().into()),
        ("parameters", policy.parameters().map(|parameter| Value::from(parameter.name)).collect()),
        ("roles", policy.roles().iter().map(|(name, role)| Value::from(format!("{name}: {}", role.kind))).collect()),
        ("claims", policy.claims().iter().map(|c| Value::from(format!("{} [{}]", c.text, c.source))).collect()),
    ]))
}

/// Requests, answers and key sets; `None` for other files.
fn made_by_circuits(bytes: &[u8]) -> Option<Result<Found, Failure>> {
    #[derive(serde::Deserialize)]
    struct Head {
        consign: String,
    }
    let head: Head = serde_json::from_slice(bytes).ok()?;
    match head.consign.split('/').next() {
        Some("request") => {
            Some(SignedRequest::parse(bytes).map(|signed| Found::new(asked(&signed))).map_err(Failure::from))
        }
        Some("presentation") => {
            Some(Presentation::parse(bytes).map_err(VerifyError::from).map_err(Failure::from).map(|answer| {
                let document = |d: &PresentedDocument| Value::from(d.role.as_str());
                let mut found = Found::new([
                    ("file", "answer, not verified".into()),
                    ("documents", answer.documents.iter().map(document).collect()),
                    ("tallies", answer.tallies().into()),
                    ("verdicts", answer.verdicts.len().into()),
                ]);
                found.facts.extend(asked(&answer.request).into_iter().skip(1));
                found
            }))
        }
        _ => None,
    }
}

/// What a request says.
fn asked(signed: &SignedRequest) -> [(&'static str, Value); 9] {
    let request = signed.request();
    let claims = request.policy.claims().iter().zip(request.policy.sources());
    [
        ("file", "request".into()),
        ("audience", request.audience.as_str().into()),
        ("signed by", signed.signer().to_string().into()),
        ("key set", request.key_set.to_string().into()),
        ("made", request.issued.to_string().into()),
        ("answers until", request.expires.to_string().into()),
        ("bound to contract", request.chain.map_or(Value::Null, |chain| on_chain(&chain).into())),
        ("policy", format!("{} {}", request.policy.name(), request.policy.version()).into()),
        ("claims", claims.map(|(c, s)| Value::from(format!("{} [{}]", c.explain(), s.source))).collect()),
    ]
}

fn begins_public(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("consign-id-1 "))
}
