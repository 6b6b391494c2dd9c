//! `status`: what an attester takes back, and the list that says so.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use consign_crypto::{
    identity::Identity,
    jws::JwsError,
    status::{MIN_BITS, StatusError, StatusList, StatusLists, StatusReference, is_address},
};
use consign_documents::profile::Kind;
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    args::{KeyArg, OutputArgs, ReportArgs},
    context::Context,
    error::{Class, Failure, OfFile, one_line},
    home::Home,
    inputs,
    journal::Journal,
    report::{self, count},
    say,
};

/// Longest status list that is read: a JWS.
const MAX_BYTES: u64 = consign_crypto::jws::MAX_BYTES as u64 + 2;
/// What an attester has given a bit of a list to, and what it has taken back.
const REGISTER: &str = "status.jsonl";

/// Take attestations back, and publish which
///
/// An attestation made with `consign attest --status-list ADDRESS` has a bit in the list that you publish at that
/// address, a W3C Bitstring Status List. Publish it anew before it runs out, and after each revocation: a verifier whose
/// policy asks for status accepts no older list than it says.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Revoke(RevokeArgs),
    Publish(PublishArgs),
    Show(ShowArgs),
}

/// Take back every attestation that you made of a document
#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// Kind of the document, such as cargo-manifest
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// Its number
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    key: KeyArg,
}

/// Sign the list of an address as it stands now
#[derive(Debug, clap::Args)]
struct PublishArgs {
    /// The address at which you publish it
    #[arg(value_name = "ADDRESS", value_parser = address)]
    list: String,
    /// For how many days it holds
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    output: OutputArgs,
}

/// Say what a list is: whose, from when until when, how many it takes back
#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The list
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    report: ReportArgs,
}

/// An entry of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: Timestamp,
    list: String,
    index: u64,
    /// The issuer's id of the document, hexadecimal.
    document: String,
    revoked: bool,
}

/// The address of a list, from the command line.
pub fn address(text: &str) -> Result<String, String> {
    if is_address(text) {
        Ok(text.to_owned())
    } else {
        Err("accepted is an absolute URI of printable ASCII, such as https://carrier.example/status/1".into())
    }
}

/// A bit that no attestation has yet, written down before anything is signed for it. Drawn at random, so that neighbours
/// in the list are no neighbours in time. `document` is the issuer's id of the document.
pub fn assign(home: &Home, list: &str, document: &[u8; 32], at: Timestamp) -> Result<StatusReference, Failure> {
    let mut register: Journal<Entry> = home.journal(REGISTER)?;
    let taken: BTreeSet<u64> = of(&register, list).map(|entry| entry.index).collect();
    if taken.len() as u64 > MIN_BITS / 2 {
        return Err(Failure::usage(
            format!("half of the {MIN_BITS} bits of {list} are taken"),
            "give another address with --status-list, and go on publishing this one",
        ));
    }
    let mut rng = rand::rng();
    let index = std::iter::repeat_with(|| rng.random_range(0..MIN_BITS)).find(|index| !taken.contains(index));
    let index = index.expect("half of the bits are free");
    register.append(Entry { at, list: list.to_owned(), index, document: hex::encode(document), revoked: false })?;
    Ok(StatusReference { index, list: list.to_owned() })
}

fn of<'a>(register: &'a Journal<Entry>, list: &'a str) -> impl Iterator<Item = &'a Entry> {
    register.entries().iter().filter(move |entry| entry.list == list)
}

/// Reads a list and checks its form and signature.
fn read(file: &Path) -> Result<StatusList, Failure> {
    StatusList::parse(&inputs::text(file, MAX_BYTES)?).of_file(file)
}

/// All the lists that a verifier names.
pub fn read_all(files: &[PathBuf]) -> Result<StatusLists, Failure> {
    Ok(StatusLists::new(files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?))
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    match &args.what {
        What::Revoke(args) => revoke(args, cx),
        What::Publish(args) => publish(args, cx),
        What::Show(args) => show(args, cx),
    }
}

fn revoke(args: &RevokeArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let document = hex::encode(identity.document_id(args.kind, &args.number));
    let mut register: Journal<Entry> = cx.home.journal(REGISTER)?;
    let of_document = |revoked: bool| {
        let entries = register.entries().iter().filter(|entry| entry.document == document && entry.revoked == revoked);
        entries.map(|entry| (entry.list.clone(), entry.index)).collect::<BTreeSet<_>>()
    };
    let (made, already) = (of_document(false), of_document(true));
    if made.is_empty() {
        return Err(Failure::no(
            format!("{} {:?}: you attested no such document with a status list", args.kind, args.number),
            "give kind and number as `consign inspect` shows them; the register is in the state folder of whoever attested",
        ));
    }
    let rest: Vec<_> = made.difference(&already).cloned().collect();
    for (list, index) in &rest {
        let entry = Entry { at: cx.now, list: list.clone(), index: *index, document: document.clone(), revoked: true };
        register.append(entry)?;
    }
    let attestations = |n| count(n, "attestation", "attestations");
    say!(cx, "{} of {} {} revoked", attestations(rest.len()), args.kind, one_line(&args.number));
    if rest.len() < made.len() {
        say!(cx, "{} had been revoked before", attestations(made.len() - rest.len()));
    }
    let lists: BTreeSet<&String> = made.iter().map(|(list, _)| list).collect();
    for list in lists {
        say!(cx, "publish the list anew: consign status publish {list}");
    }
    Ok(())
}

fn publish(args: &PublishArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity: Identity = inputs::identity(&cx.home, &args.key)?;
    let target = args.output.path("status.jwt");
    args.output.check(&target)?;
    let register: Journal<Entry> = cx.home.journal(REGISTER)?;
    let revoked: BTreeSet<u64> = of(&register, &args.list).filter(|entry| entry.revoked).map(|e| e.index).collect();
    let until = cx.now.saturating_add(SignedDuration::from_hours(24 * i64::from(args.days))).unwrap_or(cx.now);
    let list = StatusList::sign(&args.list, MIN_BITS, &revoked, (cx.now, until), &identity)?;
    let revoked = count(revoked.len(), "attestation", "attestations");
    say!(cx, "{revoked} revoked, until {until}; to be published at {}", args.list);
    args.output.write(cx, &target, format!("{list}\n").as_bytes())
}

fn show(args: &ShowArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let list = read(&args.file)?;
    let trust = cx.home.trust()?;
    let name = trust.signer(list.issuer()).map(|party| party.name().to_string());
    if args.report.json {
        let value = json!({
            "list": list.address(),
            "issuer": list.issuer().to_string(),
            "issuer_name": name,
            "made": list.made(),
            "until": list.until(),
            "bits": list.size(),
            "revoked": list.revoked(),
        });
        return report::json(cx.out, &value);
    }
    let issuer = name.unwrap_or_else(|| format!("the key {}, nobody on your trust list", list.issuer()));
    let over = if list.until() <= cx.now { "; that is past" } else { "" };
    let text = format!(
        "status list {}\nsigned by {}\nmade at {}, holds until {}{over}\n{} of {} bits revoked\n",
        list.address(),
        one_line(&issuer),
        list.made(),
        list.until(),
        list.revoked(),
        list.size()
    );
    Ok(cx.out.write_all(text.as_bytes())?)
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Failure {
        let class = match &error {
            StatusError::Jws(JwsError::Signature)
            | StatusError::NoReference
            | StatusError::NotAtHand { .. }
            | StatusError::TooOld { .. }
            | StatusError::Over { .. }
            | StatusError::FromTheFuture { .. }
            | StatusError::Revoked { .. } => Class::No,
            _ => Class::Input,
        };
        let hint = error.hint();
        Failure::new(class, &error, hint)
    }
}
