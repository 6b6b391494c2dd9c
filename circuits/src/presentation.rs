//! Presentations: the answer to one request, in one file.
//!
//! The request, one attestation a document with its holder's signature, and for each verdict of the policy its chains
//! of tallies, or a direct verdict that takes none. Reading checks version, size, the number and canonical form of
//! every public input and every point; a [`Presentation`] in hand has none of these faults, and says nothing yet.
//! Source: design section 7, `docs/format.md`, "Presentations".

use ark_bn254::Fr;
use consign_crypto::{
    field::{self, FieldError},
    labels,
    sd_jwt::{Presented, SdJwtError},
    strict_json,
    totals::{PointError, TotalsCommitment},
};
use consign_documents::{compile::MAX_CHAINS, policy};
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    direct::{self, DirectStatement},
    groth16::{Proof, ProofError, ProofJson},
    keys::Circuit,
    request::{RequestError, SignedRequest},
    tally::{TallySize, TallyStatement},
    verdict::VerdictStatement,
};

/// Version word of the file.
const FORMAT: &str = "presentation/1";
/// Largest presentation: the most tallies, their JSON, and room for attestations.
pub const MAX_BYTES: usize = 64 << 20;
/// Most tallies.
pub const MAX_TALLIES: usize = 1 << 14;
/// Most values of its JSON, an object counted as 16: 52 a tally, no more a verdict or document. A list of empty chains,
/// which would take some twenty times its size in memory, is refused before it is built.
const MAX_VALUES: usize = 1 << 20;
/// Most verdicts: the compiler yields no more chains, and each verdict is on one at least.
pub const MAX_VERDICTS: usize = MAX_CHAINS;
/// Most documents, of all roles together: as many as one role may have.
pub const MAX_DOCUMENTS: usize = policy::MAX_DOCUMENTS as usize;

/// Why something is no presentation.
#[derive(Debug, thiserror::Error)]
pub enum PresentationError {
    /// Larger than [`MAX_BYTES`].
    #[error("the presentation has {0} bytes; it may have {MAX_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of a presentation.
    #[error("this is not a presentation: {0}")]
    Json(consign_crypto::strict_json::JsonError),
    /// Another version.
    #[error("this file is {0:?}; a presentation is \"{FORMAT}\"")]
    Version(String),
    /// More tallies than [`MAX_TALLIES`].
    #[error("the presentation has {0} tallies; it may have {MAX_TALLIES}")]
    TooManyTallies(usize),
    /// More verdicts than [`MAX_VERDICTS`].
    #[error("the presentation has {0} verdicts; it may have {MAX_VERDICTS}")]
    TooManyVerdicts(usize),
    /// More documents than [`MAX_DOCUMENTS`].
    #[error("the presentation has {0} documents; it may have {MAX_DOCUMENTS}")]
    TooManyDocuments(usize),
    /// The request in it.
    #[error("in the presentation: {0}")]
    Request(#[from] RequestError),
    /// A document's attestation.
    #[error("document {document}: {source}")]
    Document {
        /// Its number, from 1.
        document: usize,
        /// What is wrong.
        source: SdJwtError,
    },
    /// The name of a role has another form.
    #[error("document {document}: {found:?} is no name of a role")]
    Role {
        /// Its number, from 1.
        document: usize,
        /// What stands there.
        found: String,
    },
    /// A size of tally that this version does not have.
    #[error("{place}: the circuit is {found:?}; known are tally-40 and tally-90")]
    Circuit {
        /// Which tally.
        place: Place,
        /// What stands there.
        found: String,
    },
    /// A verdict that says of its proof neither that it is direct nor what tallies it judges, or both, or names a circuit
    /// that is no direct verdict's.
    #[error("{place}: a verdict has either chains, or the circuit {}", direct::NAME)]
    Form {
        /// Which verdict.
        place: Place,
    },
    /// More or fewer public inputs than the circuit has.
    #[error("{place}: {found} public inputs where the circuit has {expected}")]
    Inputs {
        /// Which proof.
        place: Place,
        /// Inputs of the circuit.
        expected: usize,
        /// Inputs in the file.
        found: usize,
    },
    /// A public input that is no field element in its one spelling.
    #[error("{place}: public input {input:?}: {source}")]
    Input {
        /// Which proof.
        place: Place,
        /// Name of the input.
        input: &'static str,
        /// What is wrong.
        source: FieldError,
    },
    /// A commitment to totals that is no point of the group.
    #[error("{place}: the commitment to totals: {source}")]
    Totals {
        /// Which proof.
        place: Place,
        /// What is wrong.
        source: PointError,
    },
    /// A proof that is none.
    #[error("{place}: {source}")]
    Proof {
        /// Which proof.
        place: Place,
        /// What is wrong.
        source: ProofError,
    },
}

/// Which proof of a presentation; numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A verdict.
    Verdict(usize),
    /// A tally of a chain of a verdict.
    Tally {
        /// The verdict.
        verdict: usize,
        /// The chain.
        chain: usize,
        /// The tally.
        tally: usize,
    },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Verdict(verdict) => write!(f, "verdict {verdict}"),
            Place::Tally { verdict, chain, tally } => write!(f, "verdict {verdict}, chain {chain}, tally {tally}"),
        }
    }
}

/// A tally with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedTally {
    /// Size of the circuit.
    pub size: TallySize,
    /// What it says.
    pub statement: TallyStatement,
    /// The proof.
    pub proof: Proof,
}

/// A verdict with its proof and the chains that it judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedVerdict {
    /// For each document and filter set, in the compiler's order, the chained tallies.
    pub chains: Vec<Vec<ProvedTally>>,
    /// What it says.
    pub statement: VerdictStatement,
    /// The proof.
    pub proof: Proof,
}

/// A direct verdict with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedDirect {
    /// What it says.
    pub statement: DirectStatement,
    /// The proof.
    pub proof: Proof,
}

/// How a verdict of a policy is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// By tallies, and a verdict on their totals.
    Tallied(ProvedVerdict),
    /// By one proof, where one filter set runs over one short document.
    Direct(ProvedDirect),
}

impl Judged {
    /// The chains of tallies, of which a direct verdict has none.
    pub fn chains(&self) -> &[Vec<ProvedTally>] {
        match self {
            Judged::Tallied(verdict) => &verdict.chains,
            Judged::Direct(_) => &[],
        }
    }

    /// The verdict's own circuit, public inputs and proof.
    pub fn own(&self) -> (Circuit, Vec<Fr>, &Proof) {
        match self {
            Judged::Tallied(verdict) => (Circuit::Verdict, verdict.statement.inputs().into(), &verdict.proof),
            Judged::Direct(verdict) => (Circuit::Direct, verdict.statement.inputs().into(), &verdict.proof),
        }
    }
}

/// A proof, with what it is a proof of.
#[derive(Clone, Debug)]
pub struct Proved<'a> {
    /// Where it stands.
    pub place: Place,
    /// The circuit.
    pub circuit: Circuit,
    /// The public inputs.
    pub inputs: Vec<Fr>,
    /// The proof.
    pub proof: &'a Proof,
}

/// All proofs of verdicts, in order: of each its tallies, then its own.
pub fn proofs(verdicts: &[Judged]) -> impl Iterator<Item = Proved<'_>> {
    verdicts.iter().enumerate().flat_map(|(i, verdict)| {
        let tallies = verdict.chains().iter().enumerate().flat_map(move |(j, chain)| {
            chain.iter().enumerate().map(move |(k, tally)| Proved {
                place: Place::Tally { verdict: i + 1, chain: j + 1, tally: k + 1 },
                circuit: Circuit::Tally(tally.size),
                inputs: tally.statement.inputs().into(),
                proof: &tally.proof,
            })
        });
        let (circuit, inputs, proof) = verdict.own();
        tallies.chain([Proved { place: Place::Verdict(i + 1), circuit, inputs, proof }])
    })
}

/// A document of a presentation.
#[derive(Clone, Debug)]
pub struct PresentedDocument {
    /// Name of the role it plays.
    pub role: String,
    /// Its attestation, with the disclosures that the policy needs, signed by the holder.
    pub attestation: Presented,
}

/// The answer to one request.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// The request.
    pub request: SignedRequest,
    /// The documents, by role name and then in the prover's order.
    pub documents: Vec<PresentedDocument>,
    /// The verdicts, in the compiler's order.
    pub verdicts: Vec<Judged>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    request: String,
    documents: Vec<DocumentJson>,
    verdicts: Vec<VerdictJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentJson {
    role: String,
    attestation: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictJson {
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    circuit: Option<String>,
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    chains: Option<Vec<Vec<TallyJson>>>,
    inputs: Vec<String>,
    proof: ProofJson,
}

/// A member that may be left out, but is not null where it stands.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyJson {
    circuit: String,
    inputs: Vec<String>,
    proof: ProofJson,
}

impl Presentation {
    /// Reads a presentation.
    ///
    /// # Errors
    /// [`PresentationError`], with the place.
    pub fn parse(bytes: &[u8]) -> Result<Presentation, PresentationError> {
        if bytes.len() > MAX_BYTES {
            return Err(PresentationError::TooLarge(bytes.len()));
        }
        let file: File = strict_json::from_slice_within(bytes, MAX_VALUES).map_err(PresentationError::Json)?;
        if file.consign != FORMAT {
            return Err(PresentationError::Version(file.consign.chars().take(80).collect()));
        }
        let tallies = file.verdicts.iter().flat_map(|v| &v.chains).flatten().map(Vec::len).sum();
        check_limits(tallies, file.verdicts.len(), file.documents.len())?;
        let request = SignedRequest::from_jws(file.request)?;
        let document = |(i, json): (usize, DocumentJson)| {
            let attestation = Presented::parse(&json.attestation)
                .map_err(|source| PresentationError::Document { document: i + 1, source })?;
            let role = json.role;
            if !is_role_name(&role) {
                return Err(PresentationError::Role { document: i + 1, found: strict_json::printable(&role, 80) });
            }
            Ok::<_, PresentationError>(PresentedDocument { role, attestation })
        };
        let documents = file.documents.into_iter().enumerate().map(document).collect::<Result<_, _>>()?;
        let verdicts =
            file.verdicts.iter().enumerate().map(|(i, v)| read_verdict(i + 1, v)).collect::<Result<_, _>>()?;
        Ok(Presentation { request, documents, verdicts })
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let hexes = |inputs: &[Fr]| inputs.iter().map(field::to_hex).collect();
        let tally = |t: &ProvedTally| TallyJson {
            circuit: t.size.name().into(),
            inputs: hexes(&t.statement.inputs()),
            proof: t.proof.to_json(),
        };
        let verdict = |v: &Judged| match v {
            Judged::Tallied(v) => VerdictJson {
                circuit: None,
                chains: Some(v.chains.iter().map(|chain| chain.iter().map(tally).collect()).collect()),
                inputs: hexes(&v.statement.inputs()),
                proof: v.proof.to_json(),
            },
            Judged::Direct(v) => VerdictJson {
                circuit: Some(direct::NAME.into()),
                chains: None,
                inputs: hexes(&v.statement.inputs()),
                proof: v.proof.to_json(),
            },
        };
        let document =
            |d: &PresentedDocument| DocumentJson { role: d.role.clone(), attestation: d.attestation.to_string() };
        let file = File {
            consign: FORMAT.into(),
            request: self.request.jws().into(),
            documents: self.documents.iter().map(document).collect(),
            verdicts: self.verdicts.iter().map(verdict).collect(),
        };
        let mut bytes = serde_json::to_vec(&file).expect("strings and lists serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Number of tallies.
    pub fn tallies(&self) -> usize {
        self.verdicts.iter().flat_map(Judged::chains).map(Vec::len).sum()
    }
}

/// Whether a presentation may have as many: also asked by the prover, before it proves what no verifier reads.
pub(crate) fn check_limits(tallies: usize, verdicts: usize, documents: usize) -> Result<(), PresentationError> {
    if tallies > MAX_TALLIES {
        return Err(PresentationError::TooManyTallies(tallies));
    }
    if verdicts > MAX_VERDICTS {
        return Err(PresentationError::TooManyVerdicts(verdicts));
    }
    if documents > MAX_DOCUMENTS {
        return Err(PresentationError::TooManyDocuments(documents));
    }
    Ok(())
}

/// Digest of the ordered proofs: what the holder's signature covers. SHA-256 over the tag and, for each verdict, its
/// chains with their tallies and then itself (a direct verdict has no chains, and another circuit's name); counts are
/// 8 bytes, big-endian, a proof is its circuit's name with its length, its public inputs and its eight coordinates,
/// 32 bytes each.
pub fn proofs_digest(verdicts: &[Judged]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(labels::PROOFS);
    let count = |hash: &mut Sha256, n: usize| hash.update((n as u64).to_be_bytes());
    let proof = |hash: &mut Sha256, circuit: Circuit, inputs: &[Fr], proof: &Proof| {
        count(hash, circuit.name().len());
        hash.update(circuit.name());
        inputs.iter().for_each(|input| hash.update(field::to_bytes(input)));
        proof.coordinates().iter().for_each(|x| hash.update(field::to_bytes(x)));
    };
    count(&mut hash, verdicts.len());
    for verdict in verdicts {
        count(&mut hash, verdict.chains().len());
        for chain in verdict.chains() {
            count(&mut hash, chain.len());
            for tally in chain {
                proof(&mut hash, Circuit::Tally(tally.size), &tally.statement.inputs(), &tally.proof);
            }
        }
        let (circuit, inputs, own) = verdict.own();
        proof(&mut hash, circuit, &inputs, own);
    }
    hash.finalize().into()
}

/// The form of role names in policies: short, and nothing that a terminal would act on.
fn is_role_name(role: &str) -> bool {
    (1..=100).contains(&role.len()) && role.bytes().all(|b| b.is_ascii_graphic())
}

fn read_inputs<const N: usize>(
    place: Place,
    names: [&'static str; N],
    texts: &[String],
) -> Result<[Fr; N], PresentationError> {
    if texts.len() != N {
        return Err(PresentationError::Inputs { place, expected: N, found: texts.len() });
    }
    let mut inputs = [Fr::from(0u64); N];
    for ((input, name), text) in inputs.iter_mut().zip(names).zip(texts) {
        *input = field::from_hex(text).map_err(|source| PresentationError::Input { place, input: name, source })?;
    }
    Ok(inputs)
}

fn read_proof(place: Place, json: &ProofJson) -> Result<Proof, PresentationError> {
    Proof::from_json(json).map_err(|source| PresentationError::Proof { place, source })
}

fn read_totals(place: Place, x: Fr, y: Fr) -> Result<TotalsCommitment, PresentationError> {
    TotalsCommitment::from_coordinates(x, y).map_err(|source| PresentationError::Totals { place, source })
}

fn read_verdict(number: usize, json: &VerdictJson) -> Result<Judged, PresentationError> {
    let place = Place::Verdict(number);
    let all = match (&json.circuit, &json.chains) {
        (None, Some(chains)) => chains,
        (Some(circuit), None) if circuit == direct::NAME => {
            let inputs = read_inputs(place, DirectStatement::INPUTS, &json.inputs)?;
            let statement = DirectStatement::of_inputs(inputs);
            return Ok(Judged::Direct(ProvedDirect { statement, proof: read_proof(place, &json.proof)? }));
        }
        _ => return Err(PresentationError::Form { place }),
    };
    let mut chains = Vec::with_capacity(all.len());
    for (i, chain) in all.iter().enumerate() {
        let tally =
            |(j, t): (usize, &TallyJson)| read_tally(Place::Tally { verdict: number, chain: i + 1, tally: j + 1 }, t);
        chains.push(chain.par_iter().enumerate().map(tally).collect::<Result<_, _>>()?);
    }
    let [x, y, bounds, context] = read_inputs(place, VerdictStatement::INPUTS, &json.inputs)?;
    let statement = VerdictStatement { totals: read_totals(place, x, y)?, bounds, context };
    Ok(Judged::Tallied(ProvedVerdict { chains, statement, proof: read_proof(place, &json.proof)? }))
}

fn read_tally(place: Place, json: &TallyJson) -> Result<ProvedTally, PresentationError> {
    let size = TallySize::from_name(&json.circuit)
        .ok_or_else(|| PresentationError::Circuit { place, found: json.circuit.chars().take(80).collect() })?;
    let [start, end, filters, x, y] = read_inputs(place, TallyStatement::INPUTS, &json.inputs)?;
    let statement = TallyStatement { start, end, filters, totals: read_totals(place, x, y)? };
    Ok(ProvedTally { size, statement, proof: read_proof(place, &json.proof)? })
}
