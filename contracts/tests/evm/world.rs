//! The parties, one key set, and one presentation of each kind for all tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use alloy_primitives::{Address, B256, U256, address};
use consign_circuits::{
    assign::Assigned,
    keys::{self, ProvingKeys, UncheckedKeys, VerifyingKeys},
    presentation::Presentation,
    prove::Plan,
    request::{Request, SignedRequest},
};
use consign_contracts::{
    abi,
    anchor::Anchor,
    artifacts::REGISTRY,
    keys::deployment,
    presentation::{Sent, accept_call, check_call, submission},
    statement::{OnChain, Parties},
};
use consign_crypto::{
    attestation::{Validity, attest},
    chain_contract::ChainContract,
    dossier::CheckedDossier,
    identity::Identity,
    trust::{Capacity, Party, TrustList},
};
use consign_documents::{
    document::Document,
    policy::{Policy, ResolvedPolicy},
    profile::Kind,
};
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use rand_arkworks::rngs::OsRng;
use serde_json::json;

use super::chain::{Chain, Done, Reverted};

pub const ATTESTED: &str = "2026-05-01T08:00:00Z";
pub const NOW: &str = "2026-06-01T12:00:00Z";
pub const EXPIRES: &str = "2026-06-08T08:00:00Z";
pub const ATTESTATION_EXPIRES: &str = "2027-06-01T08:00:00Z";

pub const DEPLOYER: Address = address!("0x00000000000000000000000000000000000000d0");
pub const CUSTOMS: Address = address!("0x00000000000000000000000000000000000000c0");
pub const CARRIER: Address = address!("0x00000000000000000000000000000000000000ca");
pub const CHAMBER: Address = address!("0x00000000000000000000000000000000000000cb");
pub const SHIPPER: Address = address!("0x0000000000000000000000000000000000000051");

/// The chain that bound presentations are for.
pub const CHAIN: u64 = 137;

pub fn seconds(time: &str) -> u64 {
    time.parse::<Timestamp>().unwrap().as_second().try_into().unwrap()
}

fn party(name: &str) -> Identity {
    let seed = name.bytes().fold(0, |seed: u64, b| seed.wrapping_mul(31).wrapping_add(b.into()));
    Identity::generate(name.parse().unwrap(), Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(seed))
}

pub struct Keys {
    pub proving: ProvingKeys,
    pub verifying: VerifyingKeys,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let set = keys::setup("customs", Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).unwrap();
    let proving = UncheckedKeys::parse(set.prove_file()).unwrap().checked_before();
    Keys { proving, verifying: VerifyingKeys::parse(set.verify_file()).unwrap() }
});

pub const POLICY: &str = r#"
[roles.invoice]
kind = "commercial-invoice"
[roles.manifest]
kind = "cargo-manifest"
[[claims]]
claim = "total gross_mass of manifest <= 26500 kg"
source = "a test"
[[claims]]
claim = "every origin of manifest in VN, TH"
source = "a test"
[[claims]]
claim = "total amount of invoice <= total value of manifest"
source = "a test"
[[claims]]
claim = "total quantity of invoice <= 100 C62"
source = "a test"
"#;

pub fn policy(toml: &str) -> ResolvedPolicy {
    let text = format!("name = \"test\"\nversion = \"1\"\nvalid-from = 2026-01-01\nvalid-until = 2026-12-31\n{toml}");
    Policy::from_toml(&text).unwrap_or_else(|e| panic!("{e}")).resolve(&BTreeMap::new()).unwrap()
}

pub fn request(chain: Option<ChainContract>) -> Request {
    Request {
        policy: policy(POLICY),
        key_set: KEYS.verifying.id(),
        audience: "customs".into(),
        nonce: [7; 32],
        issued: "2026-06-01T08:00:00Z".parse().unwrap(),
        expires: EXPIRES.parse().unwrap(),
        chain,
    }
}

/// 96 rows: a tally of 90 and one of 40.
fn manifest() -> Document {
    let line = |i: usize| {
        json!({
            "id": (i + 1).to_string(), "description": format!("machine parts, lot {i}"), "hs": "847989",
            "origin": if i.is_multiple_of(3) { "VN" } else { "TH" },
            "gross_mass": {"value": (100 + i).to_string(), "unit": "KGM"}, "packages": 2, "value": "1000.50",
        })
    };
    let document = json!({
        "consign": "document/1", "kind": "cargo-manifest", "profile": 1, "number": "MAN-1",
        "issue_date": "2026-04-30", "currency": "USD", "lines": (0..95).map(line).collect::<Vec<_>>(),
    });
    Document::from_json(document.to_string().as_bytes(), "manifest.json").unwrap()
}

fn invoice() -> Document {
    let line = |i: usize| {
        json!({
            "id": (i + 1).to_string(), "description": format!("machine parts, lot {i}"), "hs": "847989",
            "origin": "VN", "quantity": {"value": "12", "unit": "C62"}, "amount": "15000.00",
        })
    };
    let document = json!({
        "consign": "document/1", "kind": "commercial-invoice", "profile": 1, "number": "INV-1",
        "issue_date": "2026-04-30", "currency": "USD", "lines": (0..3).map(line).collect::<Vec<_>>(),
    });
    Document::from_json(document.to_string().as_bytes(), "invoice.json").unwrap()
}

fn attested(document: &Document, issuer: &str, seed: u64) -> CheckedDossier {
    let validity = Validity { issued: ATTESTED.parse().unwrap(), expires: ATTESTATION_EXPIRES.parse().unwrap() };
    attest(document, &party(issuer), party("shipper").public(), validity, &mut StdRng::seed_from_u64(seed)).unwrap()
}

/// The invoice by the chamber and the manifest by the carrier.
fn dossiers() -> [CheckedDossier; 2] {
    [attested(&invoice(), "chamber", 1), attested(&manifest(), "carrier", 2)]
}

pub fn anchors() -> [Sent; 2] {
    static ANCHORS: LazyLock<[Anchor; 2]> = LazyLock::new(|| dossiers().map(|dossier| Anchor::of(&dossier).unwrap()));
    let [invoice, manifest] = ANCHORS.clone();
    [Sent { attester: CHAMBER, anchor: invoice }, Sent { attester: CARRIER, anchor: manifest }]
}

/// An answer about the invoice alone, of four rows: a direct verdict.
pub static DIRECT: LazyLock<Presentation> = LazyLock::new(|| {
    let claim = "claim = \"total amount of invoice <= 45000 USD\"\nsource = \"a test\"";
    let policy = policy(&format!("[roles.invoice]\nkind = \"commercial-invoice\"\n[[claims]]\n{claim}"));
    present(&Request { policy, ..request(None) })
});

/// An answer in three verdicts: tallies of the cargo, tallies of both, and a direct verdict on the invoice.
pub static MIXED: LazyLock<Presentation> = LazyLock::new(|| {
    let each = |figure: &str, role: &str| {
        let filters = ["hs in 84", "hs in 85, 90", "origin in VN", "origin in TH, DE"].map(String::from).into_iter();
        let filters = filters.chain(["hs in 84 and origin in VN".into(), "hs in 85, 90 and origin in TH, DE".into()]);
        let claim = |filter: String| format!("total {figure} of {role} where {filter} <= 900000 USD");
        filters.map(claim).collect::<Vec<String>>()
    };
    let cross = vec!["total amount of invoice <= total value of cargo".into()];
    let claims = [each("value", "cargo"), each("amount", "invoice"), cross].concat();
    let claims: String =
        claims.iter().map(|claim| format!("[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\"\n")).collect();
    let roles = "[roles.cargo]\nkind = \"cargo-manifest\"\n[roles.invoice]\nkind = \"commercial-invoice\"\n";
    present(&Request { policy: policy(&format!("{roles}{claims}")), ..request(None) })
});

fn present(request: &Request) -> Presentation {
    let now = NOW.parse().unwrap();
    let customs = party("customs");
    let mut trust = TrustList::default();
    trust.add(Party::new("customs".parse().unwrap(), customs.public().clone(), [Capacity::Verifier]).unwrap()).unwrap();
    let request = SignedRequest::sign(request, &customs).unwrap().accept(&trust, now).unwrap();
    let documents = dossiers().into_iter().take(request.request().policy.roles().len());
    let documents = documents.map(|dossier| (None, dossier)).collect();
    let documents = Assigned::new(&request.request().policy, documents).unwrap();
    Plan::new(&request, &documents).unwrap().prove(&KEYS.proving, &party("shipper"), now, &|| ()).unwrap()
}

/// Bound to nothing.
pub static UNBOUND: LazyLock<Presentation> = LazyLock::new(|| present(&request(None)));
/// Bound to the registry of every [`World`] with the id [`CHAIN`].
pub static BOUND: LazyLock<Presentation> = LazyLock::new(|| present(&request(Some(contract()))));

/// The registry's contract: the deployer's first on every chain.
pub fn contract() -> ChainContract {
    ChainContract::new(CHAIN, DEPLOYER.create(0).into_array()).unwrap()
}

pub fn parties(proofs: Address) -> Parties {
    let attesters = BTreeMap::from([
        ("invoice".into(), BTreeSet::from([CARRIER, CHAMBER])),
        ("manifest".into(), BTreeSet::from([CARRIER])),
    ]);
    Parties { verifier: CUSTOMS, proofs, attesters }
}

/// A chain with the contracts, and what is to be checked there.
pub struct World {
    pub chain: Chain,
    pub registry: Address,
    pub proofs: Address,
    pub statement: OnChain,
    pub presentation: abi::Presentation,
}

impl World {
    /// The contracts deployed and nothing more. The presentation is one for the registry or for none.
    pub fn bare(id: u64, presentation: &Presentation) -> World {
        let mut chain = Chain::new(id, seconds(NOW));
        let registry = chain.deploy(DEPLOYER, REGISTRY.bytecode.clone()).unwrap().created.unwrap();
        let proofs = chain.deploy(DEPLOYER, deployment(&KEYS.verifying)).unwrap().created.unwrap();
        let roles = presentation.request.request().policy.roles();
        let attesters = roles.iter().map(|(name, role)| {
            let accepted = match role.kind {
                Kind::CommercialInvoice => BTreeSet::from([CARRIER, CHAMBER]),
                _ => BTreeSet::from([CARRIER]),
            };
            (name.clone(), accepted)
        });
        let parties = Parties { attesters: attesters.collect(), ..parties(proofs) };
        let statement = OnChain::new(presentation.request.request(), parties).unwrap();
        let presentation = submission(presentation, &statement, &anchors()).unwrap();
        World { chain, registry, proofs, statement, presentation }
    }

    /// Anchored, registered and asked: the presentation is accepted.
    pub fn ready(id: u64, presentation: &Presentation) -> World {
        let mut world = World::bare(id, presentation);
        world.anchor();
        world.register();
        world.ask();
        world
    }

    /// The plain case.
    pub fn new() -> World {
        World::ready(CHAIN, &UNBOUND)
    }

    pub fn send(&mut self, from: Address, data: Vec<u8>) -> Result<Done, Reverted> {
        self.chain.send(from, self.registry, data)
    }

    pub fn anchor(&mut self) {
        for sent in anchors() {
            self.send(sent.attester, sent.anchor.anchor_call()).unwrap();
        }
    }

    pub fn register(&mut self) -> Done {
        self.send(CUSTOMS, self.statement.register_call()).unwrap()
    }

    pub fn ask(&mut self) -> Done {
        self.send(CUSTOMS, self.statement.ask_call()).unwrap()
    }

    pub fn check(&mut self) -> Result<Done, Reverted> {
        let data = check_call(&self.statement, self.presentation.clone());
        self.chain.call(SHIPPER, self.registry, data)
    }

    pub fn accept(&mut self) -> Result<Done, Reverted> {
        let data = accept_call(&self.statement, self.presentation.clone());
        self.send(SHIPPER, data)
    }

    /// What the check says of the presentation with a change.
    pub fn refused(change: impl FnOnce(&mut abi::Presentation)) -> Reverted {
        World::refused_of(&UNBOUND, |_| (), change)
    }

    /// What the check says under a statement with a change, which is registered and asked.
    pub fn refused_under(change: impl FnOnce(&mut abi::Statement)) -> Reverted {
        World::refused_of(&UNBOUND, change, |_| ())
    }

    /// What the check says of this presentation with a change, under a statement with another.
    pub fn refused_of(
        presentation: &Presentation,
        change: impl FnOnce(&mut abi::Statement),
        present: impl FnOnce(&mut abi::Presentation),
    ) -> Reverted {
        let mut world = World::bare(CHAIN, presentation);
        present(&mut world.presentation);
        change(&mut world.statement.statement);
        world.anchor();
        world.register();
        world.ask();
        world.check().unwrap_err()
    }
}

pub fn number(n: u64) -> U256 {
    U256::from(n)
}

pub fn text(code: &str) -> B256 {
    B256::right_padding_from(code.as_bytes())
}
