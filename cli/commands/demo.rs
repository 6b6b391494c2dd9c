//! `demo`: the whole story, played.
//!
//! Each party has its own folder with its own keys and state folder; every step is a command line that is parsed and run
//! as a user's would be, and what it prints is shown. What is bundled are documents and a policy, nothing else.

mod stage;
mod tamper;

use std::{path::PathBuf, time::Instant};

use self::{
    stage::{Party, Stage},
    tamper::Change,
};
use crate::{context::Context, error::Failure, say};

/// Play the whole story with bundled documents, and five refusals
///
/// A carrier attests a manifest, a shipper proves six claims about it and its invoice to customs, and seals the invoice
/// for a bank, which sees that it is the invoice that was proved. Each step shows the command line that does it. Takes
/// less than a minute.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep all files of all parties in this folder, which must be empty or not exist
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

const CARRIER: Party = Party { folder: "carrier", name: "Blue Meridian Lines" };
const CUSTOMS: Party = Party { folder: "customs", name: "Rotterdam Customs" };
const SHIPPER: Party = Party { folder: "shipper", name: "Saigon Pacific Trading" };
const BANK: Party = Party { folder: "bank", name: "Maas Trade Bank" };
const INSURER: Party = Party { folder: "insurer", name: "Hanse Marine Insurance" };
const STRANGER: Party = Party { folder: "stranger", name: "Somebody Else" };
const PARTIES: [Party; 6] = [CARRIER, CUSTOMS, SHIPPER, BANK, INSURER, STRANGER];

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let began = Instant::now();
    let mut stage = Stage::new(cx, args.keep.as_deref(), &PARTIES)?;
    keys(&mut stage)?;
    story(&mut stage)?;
    refusals(&mut stage)?;
    let (steps, folder) = stage.end()?;
    writeln!(
        cx.out,
        "\nall as it should be: {steps} commands in {} s, five of them refused",
        began.elapsed().as_secs()
    )?;
    match folder {
        Some(folder) => say!(cx, "the files of all parties are in {}", folder.display()),
        None => say!(cx, "the files are gone; `consign demo --keep DIR` keeps them"),
    }
    Ok(())
}

/// Everybody makes keys, hands out a public line, and says whom it trusts for what.
fn keys(stage: &mut Stage<'_, '_>) -> Result<(), Failure> {
    stage.chapter("Keys and trust: everybody makes an identity and hands out its public line")?;
    for party in &PARTIES {
        let (key, public) = (format!("{}.key", party.folder), format!("{}.pub", party.folder));
        stage.quietly(party, &["keygen", party.name, "-o", &key])?;
        stage.quietly(party, &["id", "--key", &key, "-o", &public])?;
    }
    for from in &PARTIES[..5] {
        for to in PARTIES[..5].iter().filter(|to| to.folder != from.folder) {
            stage.copy(from, &format!("{}.pub", from.folder), to)?;
        }
    }
    stage.says("each public line is on everybody's machine; each party decides whom it trusts, and for what:")?;
    for (party, whom, what) in [
        (&CUSTOMS, &CARRIER, "issuer:cargo-manifest"),
        (&CUSTOMS, &SHIPPER, "issuer:commercial-invoice"),
        (&SHIPPER, &CARRIER, "issuer:cargo-manifest"),
        (&SHIPPER, &CUSTOMS, "verifier"),
        (&BANK, &SHIPPER, "sender,issuer:commercial-invoice"),
        (&BANK, &CARRIER, "issuer:cargo-manifest"),
        (&BANK, &CUSTOMS, "verifier"),
        (&INSURER, &SHIPPER, "sender,issuer:commercial-invoice"),
    ] {
        stage.quietly(party, &["trust", "add", &format!("{}.pub", whom.folder), "--as", what])?;
    }
    stage.sees("secret keys stay with their owners; a key counts for what the reader's own trust list says of it")
}

/// From the carrier's signature to the bank's certainty.
fn story(stage: &mut Stage<'_, '_>) -> Result<(), Failure> {
    stage.chapter("Customs makes a key set and asks")?;
    stage.bundled(&CUSTOMS, "eu-entry.toml", include_bytes!("../../examples/policies/eu-entry.toml"))?;
    stage.runs(&CUSTOMS, &["setup", "--key", "customs.key"])?;
    stage.runs(&CUSTOMS, &["request", "eu-entry.toml", "--key", "customs.key"])?;
    stage.hands(&CUSTOMS, &["request.json", "prove.keys"], &SHIPPER)?;
    stage.hands(&CUSTOMS, &["verify.keys"], &BANK)?;
    stage.sees("customs knows only its own question; who made the key set could forge, so the verifier made it")?;

    stage.chapter("The carrier attests its manifest, the shipper its invoice")?;
    stage.bundled(&CARRIER, "manifest.xml", include_bytes!("../../examples/documents/manifest.xml"))?;
    stage.runs(&CARRIER, &["attest", "manifest.xml", "--key", "carrier.key", "--holder", "shipper.pub"])?;
    stage.hands(&CARRIER, &["manifest.dossier"], &SHIPPER)?;
    stage.bundled(&SHIPPER, "invoice.xml", include_bytes!("../../examples/documents/invoice.xml"))?;
    stage.runs(&SHIPPER, &["attest", "invoice.xml", "--key", "shipper.key"])?;
    stage.sees("the carrier sees its own manifest; on the way the dossier is sealed, and only the shipper opens it")?;

    stage.chapter("The shipper proves, customs verifies")?;
    let prove = ["prove", "request.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key"];
    stage.runs(&SHIPPER, &prove)?;
    stage.hands(&SHIPPER, &["answer.json"], &CUSTOMS)?;
    stage.runs(&CUSTOMS, &["verify", "answer.json", "--request", "request.json"])?;
    stage.sees("customs learns that the claims hold, who attested, and what is disclosed above: no figure, no line")?;

    stage.chapter("The shipper seals the invoice for a bank and an insurer")?;
    stage.bundled(&SHIPPER, "scan.pdf", include_bytes!("../../examples/documents/scan.pdf"))?;
    let seal = ["seal", "invoice.dossier", "--to", "bank.pub", "--to", "insurer.pub", "--attach", "scan.pdf"];
    stage.runs(&SHIPPER, &[&seal[..], &["--purpose", "letter of credit", "--key", "shipper.key"]].concat())?;
    stage.hands(&SHIPPER, &["invoice.bank.age", "answer.json"], &BANK)?;
    stage.hands(&SHIPPER, &["invoice.insurer.age"], &INSURER)?;
    stage.sees("whoever carries the files sees their length, and neither the sender nor any reader")?;

    stage.chapter("The bank opens it, and sees that it is the invoice that was proved")?;
    stage.runs(&BANK, &["trust", "keys", "verify.keys"])?;
    stage.runs(&BANK, &["open", "invoice.bank.age", "--key", "bank.key", "--presentation", "answer.json"])?;
    stage.quietly(&INSURER, &["open", "invoice.insurer.age", "--key", "insurer.key"])?;
    stage.sees("bank and insurer see the whole invoice, word for word as attested; the manifest they never see")
}

/// What must not work does not.
fn refusals(stage: &mut Stage<'_, '_>) -> Result<(), Failure> {
    stage.chapter("Refusal 1: a policy that the manifest does not satisfy")?;
    let strict = ["request", "eu-entry.toml", "--set", "ceiling=15000 kg", "--key", "customs.key"];
    stage.quietly(&CUSTOMS, &[&strict[..], &["-o", "strict.json"]].concat())?;
    stage.hands(&CUSTOMS, &["strict.json"], &SHIPPER)?;
    let prove = ["prove", "strict.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key"];
    stage.refused(
        &SHIPPER,
        &[&prove[..], &["-o", "strict-answer.json"]].concat(),
        "the claim does not hold: total gross_mass of manifest",
    )?;
    stage.sees("the shipper sees which claim fails and by how much; nothing is written, nobody else learns of it")?;

    stage.chapter("Refusal 2: an answer shown to another audience")?;
    stage.bundled(&BANK, "eu-entry.toml", include_bytes!("../../examples/policies/eu-entry.toml"))?;
    stage.quietly(&BANK, &["request", "eu-entry.toml", "--key", "bank.key"])?;
    stage.refused(
        &BANK,
        &["verify", "answer.json", "--request", "request.json"],
        "the presentation answers another request than yours",
    )?;
    stage.sees(
        "the bank asked the same, but customs' answer is for customs: the shipper has to answer the bank itself",
    )?;

    stage.chapter("Refusal 3: a dossier with one weight changed by 1 g")?;
    stage.says(
        "the shipper, who has the keys, opens the dossier, adds 1 g to a line, and seals it again for the bank",
    )?;
    tamper::forge(stage, "manifest.dossier", Change::OneGram, "heavier.bank.age")?;
    stage.hands(&SHIPPER, &["heavier.bank.age"], &BANK)?;
    stage.refused(
        &BANK,
        &["open", "heavier.bank.age", "--key", "bank.key"],
        "the figures of the document are not those that were attested",
    )?;
    stage.sees("the rows no longer give the attested commitment; nothing is released")?;

    stage.chapter("Refusal 4: a dossier with one word of a description changed")?;
    stage.says("the same attack on a word that is in no column: the commitment does not cover it, the digest does")?;
    tamper::forge(stage, "invoice.dossier", Change::OneWord, "reworded.bank.age")?;
    stage.hands(&SHIPPER, &["reworded.bank.age"], &BANK)?;
    stage.refused(
        &BANK,
        &["open", "reworded.bank.age", "--key", "bank.key"],
        "the text of the document is not that which was attested",
    )?;
    stage.sees("figures agree and words do not; nothing is released")?;

    stage.chapter("Refusal 5: a stranger's key")?;
    stage.hands(&SHIPPER, &["invoice.bank.age"], &STRANGER)?;
    stage.refused(
        &STRANGER,
        &["open", "invoice.bank.age", "--key", "stranger.key"],
        "this key does not open the file",
    )?;
    stage.sees("a file that somebody intercepted tells its length")
}
