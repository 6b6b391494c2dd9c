//! Seals an attested invoice with a scan for a bank, opens it as the bank, and sees a stranger fail.
//!
//! `cargo run --release --example seal_and_open`

use std::{error::Error, io::Write, path::PathBuf};

use consign_crypto::{
    attestation::{Validity, attest},
    identity::Identity,
    seal::{Consignment, Epoch, OpenError, Opening},
    trust::{Capacity, Party, TrustList},
};
use consign_documents::import::{ImportOptions, import};
use jiff::{SignedDuration, Timestamp};

const INVOICE: &[u8] = include_bytes!("documents/invoice.xml");
const SCAN: &[u8] = include_bytes!("documents/scan.pdf");

fn main() -> Result<(), Box<dyn Error>> {
    let (mut rng, now) = (rand::rng(), Timestamp::now());
    let [shipper, bank, stranger] = {
        let mut party = |name: &str| Ok::<_, Box<dyn Error>>(Identity::generate(name.parse()?, now, &mut rng));
        [party("Shipper")?, party("Bank")?, party("Stranger")?]
    };

    // The shipper attests its own invoice; a carrier or a chamber would do it in the same way.
    let invoice = import(INVOICE, "invoice.xml", &ImportOptions::default())?.document;
    let validity = Validity { issued: now, expires: now + SignedDuration::from_hours(24 * 90) };
    let dossier = attest(&invoice, &shipper, shipper.public(), validity, &mut rng)?;

    // One body, and a header that names the bank and nobody else.
    let mut scan = tempfile::NamedTempFile::new()?;
    scan.write_all(SCAN)?;
    let mut consignment = Consignment::new(dossier.to_json()?, dossier.chain().commitment());
    consignment.attach("scan.pdf".parse()?, PathBuf::from(scan.path()));
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now, &std::env::temp_dir(), &mut rng)?;
    let mut file = Vec::new();
    sealed.write(bank.public().recipient(), &"letter of credit".parse()?, now, &mut rng, &mut file)?;
    println!("sealed: {} bytes, which any age opens with the bank's key", file.len());

    // The bank knows the shipper as a sender and as one who may vouch for invoices.
    let mut trust = TrustList::default();
    let capacities = [Capacity::Sender, Capacity::IssuerOfAll];
    trust.add(Party::new("ACME Shipping".parse()?, shipper.public().clone(), capacities)?)?;
    let opening = |identity| Opening { identity, trust: &trust, known_epoch: &|_, _| None, now, temporary: None };
    let opened = opening(&bank).open(&file[..])?;
    println!("opened: from {}, for {}", opened.sender(), opened.purpose());

    // Nothing in the dossier is believed: rows, commitment and digest are computed anew from the document.
    let dossier = opened.checked_dossier()?;
    let attestation = dossier.attestation().clone().verify(&trust, now)?;
    println!("the invoice {} is as {} attested it", dossier.document().number(), attestation.issuer());
    println!("commitment {}: a presentation with this one is about this document", attestation.commitment());

    match opening(&stranger).open(&file[..]) {
        Err(error @ OpenError::NoKey) => println!("a stranger: {error}"),
        other => return Err(format!("a stranger was not refused as it should be: {other:?}").into()),
    }
    Ok(())
}
