//! Proves to customs that a manifest weighs no more than a truck may carry, without showing the manifest.
//!
//! `cargo run --release --example prove_a_claim [FOLDER]` plays three parties and leaves in FOLDER (by default
//! `target/example`) what customs has at the end: its keys, its trust list, its request and the answer. The example
//! `verify_a_presentation` takes it from there.

use std::{collections::BTreeMap, error::Error, fs, path::PathBuf, time::Instant};

use consign_circuits::{
    assign::Assigned,
    keys::{self, UncheckedKeys},
    prove::Plan,
    request::{NONCE_BYTES, Request, SignedRequest},
};
use consign_crypto::{
    attestation::{Validity, attest},
    identity::Identity,
    trust::{Capacity, KeySet, Party, TrustList},
};
use consign_documents::{
    import::{ImportOptions, import},
    policy::Policy,
    profile::Kind,
};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;

const MANIFEST: &[u8] = include_bytes!("documents/manifest.xml");
const CLAIM: &str = "total gross_mass <= 26500 kg";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/example".into()));
    fs::create_dir_all(&folder)?;
    let (mut rng, now) = (rand::rng(), Timestamp::now());
    let [carrier, shipper, customs] = {
        let mut party = |name: &str| Ok::<_, Box<dyn Error>>(Identity::generate(name.parse()?, now, &mut rng));
        [party("Carrier")?, party("Shipper")?, party("Customs")?]
    };

    // Customs makes keys and trusts itself not to forge. They are made once and serve every policy.
    let started = Instant::now();
    let made = keys::setup("Customs", now, &mut rand_arkworks::rngs::OsRng, &mut |_| ())?;
    println!("customs made key set {} in {:.1?}", made.id(), started.elapsed());

    // Shipper and customs know the same parties, so one list serves both here.
    let mut trust = TrustList::default();
    trust.add(Party::new("Carrier".parse()?, carrier.public().clone(), [Capacity::Issuer(Kind::CargoManifest)])?)?;
    trust.add(Party::new("Customs".parse()?, customs.public().clone(), [Capacity::Verifier])?)?;
    trust.accept(KeySet { id: *made.id().as_bytes(), name: "entry".parse()?, made_by: "Customs".parse()? })?;

    // The carrier reads the manifest and vouches for it. The dossier goes to the shipper, sealed.
    let manifest = import(MANIFEST, "manifest.xml", &ImportOptions::default())?.document;
    let validity = Validity { issued: now, expires: now + SignedDuration::from_hours(24 * 90) };
    let dossier = attest(&manifest, &carrier, shipper.public(), validity, &mut rng)?;
    println!("the carrier attests {} rows: commitment {}", manifest.table().rows().len(), dossier.chain().commitment());

    // Customs asks.
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let request = Request {
        policy: Policy::from_claims(&[CLAIM], &[Kind::CargoManifest])?.resolve(&BTreeMap::new())?,
        key_set: made.id(),
        audience: "Customs".into(),
        nonce,
        issued: now,
        expires: now + SignedDuration::from_hours(24),
        chain: None,
    };
    let request = SignedRequest::sign(&request, &customs)?;
    println!("customs asks: {CLAIM}");

    // The shipper checks who asks, evaluates the claim in the clear, and proves it.
    let accepted = request.clone().accept(&trust, now)?;
    let documents = Assigned::new(&accepted.request().policy, vec![(None, dossier)])?;
    let plan = Plan::new(&accepted, &documents)?;
    let proving = UncheckedKeys::parse(made.prove_file())?.check()?;
    let started = Instant::now();
    let answer = plan.prove(&proving, &shipper, now, &|| ())?.to_bytes();
    println!("the shipper proves it in {:.1?}: {} bytes", started.elapsed(), answer.len());

    fs::write(folder.join("verify.keys"), made.verify_file())?;
    fs::write(folder.join("trust.toml"), trust.to_toml())?;
    fs::write(folder.join("request.json"), request.to_bytes())?;
    fs::write(folder.join("answer.json"), answer)?;
    println!("customs has verify.keys, trust.toml, request.json and answer.json in {}", folder.display());
    Ok(())
}
