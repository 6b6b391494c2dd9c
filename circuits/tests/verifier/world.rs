//! The parties, one key set for all tests, and documents.

use std::{collections::BTreeMap, sync::LazyLock};

use consign_circuits::{
    answers::MemoryAnswers,
    keys::{self, KeySet, ProvingKeys, UncheckedKeys, VerifyingKeys},
    report::Report,
    request::{Request, SignedRequest},
    verify::{Known, Reader, VerifyError, verify},
};
use consign_crypto::{
    attestation::{Validity, attest_revocable},
    dossier::CheckedDossier,
    identity::Identity,
    status::{StatusLists, StatusReference},
    trust::{self, Capacity, Party, TrustList},
};
use consign_documents::{
    document::Document,
    policy::{Policy, ResolvedPolicy},
};
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use rand_arkworks::rngs::OsRng;
use serde_json::{Value, json};

pub const ATTESTED: &str = "2026-05-01T08:00:00Z";
pub const REQUESTED: &str = "2026-06-01T08:00:00Z";
pub const NOW: &str = "2026-06-01T12:00:00Z";
pub const EXPIRES: &str = "2026-06-08T08:00:00Z";
pub const ATTESTATION_EXPIRES: &str = "2027-06-01T08:00:00Z";

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A party whose keys follow from its name.
pub fn party(name: &str) -> Identity {
    let seed = name.bytes().fold(0, |seed: u64, b| seed.wrapping_mul(31).wrapping_add(b.into()));
    Identity::generate(name.parse().unwrap(), Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(seed))
}

/// The keys that all tests prove and verify with.
pub struct Keys {
    pub set: KeySet,
    pub proving: ProvingKeys,
    pub verifying: VerifyingKeys,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let set = keys::setup("customs", Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).unwrap();
    let proving = UncheckedKeys::parse(set.prove_file()).unwrap().checked_before();
    let verifying = VerifyingKeys::parse(set.verify_file()).unwrap();
    Keys { set, proving, verifying }
});

/// Customs' trust list: who may do what.
#[derive(Clone)]
pub struct Trust {
    pub parties: BTreeMap<&'static str, Party>,
    pub key_set: bool,
}

impl Trust {
    pub fn new() -> Trust {
        let parties = BTreeMap::from([
            ("customs", trusted("customs", &party("customs"), &[Capacity::Verifier])),
            ("carrier", trusted("carrier", &party("carrier"), &[Capacity::IssuerOfAll])),
            ("chamber", trusted("chamber", &party("chamber"), &[Capacity::IssuerOfAll])),
        ]);
        Trust { parties, key_set: true }
    }

    pub fn with(mut self, name: &'static str, party: Party) -> Trust {
        self.parties.insert(name, party);
        self
    }

    pub fn without(mut self, name: &str) -> Trust {
        self.parties.remove(name);
        self
    }

    pub fn list(&self) -> TrustList {
        let mut list = TrustList::default();
        self.parties.values().for_each(|party| list.add(party.clone()).unwrap());
        if self.key_set {
            let (name, made_by) = ("test keys".parse().unwrap(), "customs".parse().unwrap());
            list.accept(trust::KeySet { id: *KEYS.verifying.id().as_bytes(), name, made_by }).unwrap();
        }
        list
    }
}

pub fn trusted(name: &str, identity: &Identity, capacities: &[Capacity]) -> Party {
    Party::new(name.parse().unwrap(), identity.public().clone(), capacities.iter().copied()).unwrap()
}

/// Verifies as customs, with the trust list and at the time of the tests.
pub fn judge(bytes: &[u8], request: &SignedRequest) -> Result<Report, VerifyError> {
    judge_with(bytes, request, &Trust::new(), NOW)
}

pub fn judge_with(bytes: &[u8], request: &SignedRequest, trust: &Trust, now: &str) -> Result<Report, VerifyError> {
    judge_by(bytes, request, trust, &StatusLists::default(), now)
}

pub fn judge_by(
    bytes: &[u8],
    request: &SignedRequest,
    trust: &Trust,
    status: &StatusLists,
    now: &str,
) -> Result<Report, VerifyError> {
    let known = Known { trust: &trust.list(), status, keys: &KEYS.verifying, now: time(now) };
    let mut answers = MemoryAnswers::default();
    verify(bytes, known, Reader::Audience { request, answers: &mut answers })
}

pub fn policy(toml: &str) -> ResolvedPolicy {
    let text = format!("name = \"test\"\nversion = \"1\"\nvalid-from = 2026-01-01\nvalid-until = 2026-12-31\n{toml}");
    Policy::from_toml(&text).unwrap_or_else(|e| panic!("{e}\n{text}")).resolve(&BTreeMap::new()).unwrap()
}

pub fn request(policy: ResolvedPolicy) -> Request {
    Request {
        policy,
        key_set: KEYS.verifying.id(),
        audience: "customs".into(),
        nonce: [7; 32],
        issued: time(REQUESTED),
        expires: time(EXPIRES),
        chain: None,
    }
}

/// A manifest with one line changed from the plain.
pub fn manifest(number: &str, lines: usize, change: impl FnOnce(&mut Value)) -> Document {
    let line = |i: usize| {
        json!({
            "id": (i + 1).to_string(),
            "description": format!("machine parts, lot {i}"),
            "hs": "847989",
            "origin": if i.is_multiple_of(3) { "VN" } else { "TH" },
            "gross_mass": {"value": (100 + i).to_string(), "unit": "KGM"},
            "net_mass": {"value": "90", "unit": "KGM"},
            "packages": 2,
            "value": "1000.50",
            "dangerous": "none",
            "container": format!("MSKU907032{}", i % 2),
        })
    };
    let mut document = json!({
        "consign": "document/1",
        "kind": "cargo-manifest",
        "profile": 1,
        "number": number,
        "issue_date": "2026-04-30",
        "currency": "USD",
        "export_country": "VN",
        "import_country": "DE",
        "references": {"shipment": "SHP-9"},
        "lines": (0..lines).map(line).collect::<Vec<_>>(),
    });
    change(&mut document);
    Document::from_json(document.to_string().as_bytes(), "manifest.json").unwrap()
}

pub fn invoice(number: &str, change: impl FnOnce(&mut Value)) -> Document {
    let line = |i: usize| {
        json!({
            "id": (i + 1).to_string(),
            "description": format!("machine parts, lot {i}"),
            "hs": "847989",
            "origin": "VN",
            "net_mass": {"value": "900", "unit": "KGM"},
            "quantity": {"value": "12", "unit": "C62"},
            "packages": 20,
            "amount": "15000.00",
        })
    };
    let mut document = json!({
        "consign": "document/1",
        "kind": "commercial-invoice",
        "profile": 1,
        "number": number,
        "issue_date": "2026-04-30",
        "currency": "USD",
        "export_country": "VN",
        "import_country": "DE",
        "references": {"shipment": "SHP-9"},
        "lines": (0..3).map(line).collect::<Vec<_>>(),
    });
    change(&mut document);
    Document::from_json(document.to_string().as_bytes(), "invoice.json").unwrap()
}

/// The document, attested to the shipper; the seed decides its blindings.
pub fn attested(document: &Document, issuer: &str, seed: u64) -> CheckedDossier {
    attested_at(document, issuer, None, seed)
}

/// The same, with a bit of a status list.
pub fn attested_at(document: &Document, issuer: &str, status: Option<&StatusReference>, seed: u64) -> CheckedDossier {
    let validity = Validity { issued: time(ATTESTED), expires: time(ATTESTATION_EXPIRES) };
    let holder = party("shipper");
    let rng = &mut StdRng::seed_from_u64(seed);
    attest_revocable(document, &party(issuer), holder.public(), validity, status, rng).unwrap()
}
