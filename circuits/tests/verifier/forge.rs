//! A prover that does as it is told: it evaluates nothing in the clear, and every part of what it proves and signs can be
//! another than the request asks for. Proofs are real; a proof of one statement is made once.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use ark_bn254::Fr;
use consign_circuits::{
    direct::{self, DirectWitness},
    groth16::{Proof, ProveError},
    keys::Circuit,
    presentation::{Judged, Presentation, PresentedDocument, ProvedDirect, ProvedTally, ProvedVerdict, proofs_digest},
    request::{Request, SignedRequest},
    tally::{self, Block, TallySize, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::{
    commitment::blocks, dossier::CheckedDossier, identity::Identity, sd_jwt::SdJwt, statement::Context,
    totals::TotalsBlinding,
};
use consign_documents::{
    compile::{Compiled, CurrencyNeed, Needs, UnitNeed, compile},
    filter::{Bounds, FilterSet, Totals},
};
use jiff::Timestamp;
use rand_arkworks::rngs::OsRng;
use sha2::{Digest, Sha256};

use super::world::{KEYS, NOW, attested, invoice, manifest, party, policy, request, time};

/// A tally to be proved.
#[derive(Clone)]
pub struct Tally {
    pub size: TallySize,
    pub start: Fr,
    pub blocks: Vec<Block>,
    pub filters: FilterSet,
    pub blinding: TotalsBlinding,
}

impl Tally {
    /// A tally of 40 rows over the dossier's blocks from one to another.
    pub fn over(dossier: &CheckedDossier, filters: &FilterSet, from: usize, to: usize) -> Tally {
        let table = dossier.document().table();
        let rows = blocks(&table).zip(dossier.blindings().elements()).skip(from).take(to - from);
        let mut blocks: Vec<Block> =
            rows.map(|(rows, &blinding)| Block::Rows { blinding, rows: Box::new(rows) }).collect();
        blocks.resize(TallySize::Short.blocks(), Block::Skipped);
        let (start, blinding) = (dossier.chain().values()[from], TotalsBlinding::random(&mut OsRng));
        Tally { size: TallySize::Short, start, blocks, filters: filters.clone(), blinding }
    }

    /// The whole dossier in tallies of 40 rows.
    pub fn chain(dossier: &CheckedDossier, filters: &FilterSet) -> Vec<Tally> {
        let blocks = dossier.chain().values().len() - 1;
        (0..blocks).step_by(4).map(|at| Tally::over(dossier, filters, at, blocks.min(at + 4))).collect()
    }

    fn witness(&self) -> TallyWitness<'_> {
        TallyWitness { start: self.start, blocks: &self.blocks, filters: &self.filters, blinding: &self.blinding }
    }

    pub fn totals(&self) -> Totals {
        self.witness().totals()
    }

    fn prove(&self) -> Result<ProvedTally, ProveError> {
        let statement = self.witness().statement();
        let proof = prove(Circuit::Tally(self.size), &statement.inputs(), || tally::assign(&self.witness()).0)?;
        Ok(ProvedTally { size: self.size, statement, proof })
    }
}

/// Proofs by circuit and public inputs.
type Made = HashMap<(Circuit, Vec<Fr>), Proof>;

fn prove(circuit: Circuit, inputs: &[Fr], assignment: impl FnOnce() -> Vec<Fr>) -> Result<Proof, ProveError> {
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let key = (circuit, inputs.to_vec());
    if let Some(proof) = MADE.lock().unwrap().get(&key) {
        return Ok(*proof);
    }
    let proof = KEYS.proving.key(circuit).unwrap().prove(&assignment(), &mut OsRng)?;
    // Another test may have made one meanwhile: the first stands, so that what is presented twice is the same.
    Ok(*MADE.lock().unwrap().entry(key).or_insert(proof))
}

/// A verdict to be proved.
#[derive(Clone)]
pub struct Verdict {
    pub chains: Vec<Vec<Tally>>,
    pub bounds: Bounds,
    /// Totals to judge in place of the sum of the tallies.
    pub judged: Option<Totals>,
    /// Context in place of the request's.
    pub context: Option<Fr>,
}

impl Verdict {
    /// The sum of the tallies.
    pub fn sum(&self) -> Totals {
        let tallies = self.chains.iter().flatten();
        tallies.fold(Totals::ZERO, |sum, tally| sum.checked_add(&tally.totals()).unwrap())
    }
}

/// A document to be presented.
#[derive(Clone)]
pub struct Shown {
    pub role: String,
    pub dossier: CheckedDossier,
    pub sd_jwt: SdJwt,
    pub holder: Identity,
}

impl Shown {
    /// With what the policy needs of it, as far as it can be disclosed.
    pub fn new(role: &str, dossier: &CheckedDossier, compiled: &Compiled) -> Shown {
        let names = compiled.needs.get(role).map(needed).unwrap_or_default();
        let known = dossier.attestation().disclosed();
        let names = names.iter().map(String::as_str).filter(|name| known.contains_key(*name));
        let sd_jwt = dossier.attestation().sd_jwt().showing(names).unwrap();
        Shown { role: role.into(), dossier: dossier.clone(), sd_jwt, holder: party("shipper") }
    }

    /// Without the disclosure of one claim.
    pub fn without(&mut self, name: &str) {
        let rest: Vec<String> = self.names().into_iter().filter(|n| n != name).collect();
        assert_eq!(rest.len() + 1, self.names().len(), "{name} is disclosed");
        self.sd_jwt = self.dossier.attestation().sd_jwt().showing(rest.iter().map(String::as_str)).unwrap();
    }

    pub fn names(&self) -> Vec<String> {
        self.sd_jwt.names().unwrap()
    }
}

fn needed(needs: &Needs) -> Vec<String> {
    let mut names: Vec<String> = needs.complete.iter().map(|column| format!("complete.{column}")).collect();
    names.extend(needs.references.iter().map(|name| format!("reference.{name}")));
    if needs.currency != CurrencyNeed::None {
        names.push("currency".into());
    }
    if needs.unit != UnitNeed::None {
        names.push("unit".into());
    }
    names
}

/// A presentation to be made.
#[derive(Clone)]
pub struct Forge {
    pub request: Request,
    pub documents: Vec<Shown>,
    pub verdicts: Vec<Verdict>,
    /// What the holders sign, in place of what the request asks for.
    pub audience: Option<String>,
    pub nonce: Option<String>,
    pub proofs: Option<[u8; 32]>,
    pub at: Timestamp,
}

impl Forge {
    /// What the request asks for, of documents in the order of their roles, whether or not it holds.
    pub fn honest(request: Request, documents: &[(&str, CheckedDossier)]) -> Forge {
        let compiled = compile(&request.policy).unwrap();
        let verdicts = compiled.verdicts.iter().map(|plan| {
            let chains = plan.chains.iter().flat_map(|(role, filters)| {
                let of_role = documents.iter().filter(move |(r, _)| r == role);
                of_role.map(move |(_, dossier)| Tally::chain(dossier, filters))
            });
            Verdict { chains: chains.collect(), bounds: plan.bounds.clone(), judged: None, context: None }
        });
        let verdicts = verdicts.collect();
        let documents = documents.iter().map(|(role, dossier)| Shown::new(role, dossier, &compiled)).collect();
        Forge { request, documents, verdicts, audience: None, nonce: None, proofs: None, at: time(NOW) }
    }

    /// The request, signed by customs.
    pub fn signed(&self) -> SignedRequest {
        SignedRequest::sign(&self.request, &party("customs")).unwrap()
    }

    /// The context of a verdict under this request and these documents.
    pub fn context(&self, verdict: u32) -> Fr {
        let attestations: Vec<(&str, [u8; 32])> =
            self.documents.iter().map(|d| (d.role.as_str(), Sha256::digest(d.sd_jwt.jwt()).into())).collect();
        let context = Context {
            audience: &self.request.audience,
            nonce: &self.request.nonce,
            expires: self.request.expires.as_second(),
            policy: &self.request.policy.digest(),
            verdict,
            attestations: &attestations,
            chain: self.request.chain.as_ref(),
        };
        context.element()
    }

    /// Proves and signs all of it.
    pub fn try_present(&self) -> Result<Vec<u8>, ProveError> {
        self.present_with(|_| ())
    }

    pub fn present(&self) -> Vec<u8> {
        self.try_present().unwrap()
    }

    /// The same, with a change after the proofs and before the holders sign them.
    pub fn present_with(&self, change: impl FnOnce(&mut Vec<ProvedVerdict>)) -> Result<Vec<u8>, ProveError> {
        let mut verdicts = self.prove()?;
        change(&mut verdicts);
        Ok(self.sign(verdicts.into_iter().map(Judged::Tallied).collect()))
    }

    fn prove(&self) -> Result<Vec<ProvedVerdict>, ProveError> {
        let proved = self.verdicts.iter().enumerate().map(|(i, verdict)| {
            let tallies = || verdict.chains.iter().flatten();
            let totals = verdict.judged.unwrap_or_else(|| verdict.sum());
            let blinding = TotalsBlinding::sum(tallies().map(|t| &t.blinding));
            let context = verdict.context.unwrap_or_else(|| self.context(i as u32));
            let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &verdict.bounds, context };
            let statement = witness.statement();
            let proof = prove(Circuit::Verdict, &statement.inputs(), || verdict::assign(&witness).0)?;
            let chains = verdict.chains.iter().map(|chain| chain.iter().map(Tally::prove).collect());
            Ok(ProvedVerdict { chains: chains.collect::<Result<_, ProveError>>()?, statement, proof })
        });
        proved.collect()
    }

    /// Signs these verdicts, whatever they say.
    pub fn sign(&self, verdicts: Vec<Judged>) -> Vec<u8> {
        let request = self.signed();
        let proofs = self.proofs.unwrap_or_else(|| proofs_digest(&verdicts));
        let audience = self.audience.as_ref().unwrap_or(&self.request.audience);
        let nonce = self.nonce.clone().unwrap_or_else(|| request.nonce());
        let documents = self.documents.iter().map(|shown| PresentedDocument {
            role: shown.role.clone(),
            attestation: shown.sd_jwt.clone().bind(&shown.holder, audience, &nonce, &proofs, self.at).unwrap(),
        });
        Presentation { documents: documents.collect(), request, verdicts }.to_bytes()
    }
}

/// A direct verdict to be proved.
#[derive(Clone)]
pub struct Direct {
    pub start: Fr,
    pub blocks: Vec<Block>,
    pub filters: FilterSet,
    pub bounds: Bounds,
    pub context: Fr,
}

impl Direct {
    /// What a verdict of the forge's says, of the first blocks of this dossier.
    pub fn of(forge: &Forge, verdict: usize, dossier: &CheckedDossier) -> Direct {
        let planned = &forge.verdicts[verdict];
        let filters = planned.chains[0][0].filters.clone();
        let blocks = dossier.chain().values().len() - 1;
        let Tally { start, mut blocks, filters, .. } = Tally::over(dossier, &filters, 0, blocks.min(direct::BLOCKS));
        blocks.truncate(direct::BLOCKS);
        Direct { start, blocks, filters, bounds: planned.bounds.clone(), context: forge.context(verdict as u32) }
    }

    /// Proves it.
    pub fn prove(&self) -> Result<Judged, ProveError> {
        let Direct { start, blocks, filters, bounds, context } = self;
        let witness = DirectWitness { start: *start, blocks, filters, bounds, context: *context };
        let statement = witness.statement();
        let proof = prove(Circuit::Direct, &statement.inputs(), || direct::assign(&witness).0)?;
        Ok(Judged::Direct(ProvedDirect { statement, proof }))
    }
}

/// The policy of the base: one verdict, one filter set a role.
pub const POLICY: &str = r#"
same = ["shipment"]
[roles.invoice]
kind = "commercial-invoice"
[roles.manifest]
kind = "cargo-manifest"
[[claims]]
claim = "total gross_mass of manifest <= 26500 kg"
source = "a test"
[[claims]]
claim = "total value of manifest <= 900000 USD"
source = "a test"
[[claims]]
claim = "every origin of manifest in VN, TH"
source = "a test"
[[claims]]
claim = "total amount of invoice <= 900000 USD"
source = "a test"
"#;

/// An invoice in one tally and a manifest of 51 rows in two.
pub static BASE: LazyLock<Forge> = LazyLock::new(|| {
    let invoice = attested(&invoice("INV-1", |_| ()), "carrier", 1);
    let manifest = attested(&manifest("MAN-1", 50, |_| ()), "carrier", 2);
    let forge = Forge::honest(request(policy(POLICY)), &[("invoice", invoice), ("manifest", manifest)]);
    let shape: Vec<Vec<usize>> = forge.verdicts.iter().map(|v| v.chains.iter().map(Vec::len).collect()).collect();
    assert_eq!(shape, [[1, 2]], "the tests count on this");
    forge
});
