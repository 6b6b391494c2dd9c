//! Proving: from dossiers and a request to a presentation.
//!
//! The policy is evaluated in the clear first; then every document runs through its filter sets in chained tallies, the
//! commitments of a verdict's tallies are added, and the verdict judges the sum; where a verdict asks one thing of one
//! short document, one proof does all that. Every proof is verified before the presentation exists. Source: design
//! sections 7, 8 and 10.

mod estimate;
mod witnesses;

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use consign_crypto::{
    commitment::blocks,
    dossier::CheckedDossier,
    identity::{Identity, SignerKey},
    sd_jwt::SdJwtError,
    totals::TotalsBlinding,
};
use consign_documents::{
    compile::{CompileError, Compiled, CurrencyNeed, Needs, UnitNeed, VerdictPlan, compile},
    evaluate::{Documents, Outcome, evaluate},
    facts::Facts,
    filter::{Bounds, FilterSet, Totals},
    table::Table,
};
use jiff::Timestamp;
use rand_arkworks::rngs::OsRng;
use rayon::{join, prelude::*};

use crate::{
    assign::Assigned,
    direct::{self, DirectWitness},
    groth16::{Proof, ProveError as Groth16Error},
    keys::{Circuit, KeySetError, KeySetId, ProvingKeys},
    presentation::{
        Judged, Presentation, PresentationError, PresentedDocument, ProvedDirect, ProvedTally, ProvedVerdict,
        check_limits, proofs_digest,
    },
    prover::Work,
    request::AcceptedRequest,
    tally::{self, Block, TallySize, TallyStatement, TallyWitness},
    verdict::{self, VerdictWitness},
};

pub use self::{estimate::Estimate, witnesses::TakeWitness};

/// Why there is no presentation.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The claims that do not hold.
    #[error("{}", refusal(.0))]
    DoesNotHold(Vec<Outcome>),
    /// The policy cannot be proved.
    #[error("the policy cannot be proved: {0}")]
    Compile(#[from] CompileError),
    /// Keys of another key set.
    #[error("the request asks for key set {expected}; these keys are of {found}")]
    OtherKeySet {
        /// The request's.
        expected: KeySetId,
        /// The file's.
        found: KeySetId,
    },
    /// A dossier that was made out to somebody else.
    #[error("the {role} was attested to another holder, {holder}; only that holder can present it")]
    NotTheHolder {
        /// The role.
        role: String,
        /// The holder's key.
        holder: SignerKey,
    },
    /// An attestation past its expiry.
    #[error("the attestation of the {role} expired at {expires}")]
    AttestationExpired {
        /// The role.
        role: String,
        /// Until when it held.
        expires: Timestamp,
    },
    /// The policy asks for status and the attestation has none.
    #[error("the policy asks whether attestations are revoked; that of the {role} names no status list")]
    NoStatus {
        /// The role.
        role: String,
    },
    /// More tallies, verdicts or documents than a verifier reads.
    #[error("nothing was proved, for no verifier would read it: {0}")]
    TooMany(PresentationError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeySetError),
    /// A proof made with these keys does not verify with them; it is not sent.
    #[error("a proof made with key set {0} does not verify: the keys are faulty")]
    FaultyKeys(KeySetId),
    /// The witness does not satisfy the circuit though the policy holds.
    #[error("the prover contradicts the evaluation in the clear ({0}); this is a bug")]
    Contradiction(String),
    /// The attestation could not be presented.
    #[error("the attestation of the {role}: {source}")]
    Present {
        /// The role.
        role: String,
        /// Why.
        source: SdJwtError,
    },
}

fn refusal(outcomes: &[Outcome]) -> String {
    // Without the figures: an error may end up where they must not.
    let line = |o: &Outcome| match &o.reason {
        Some(reason) => format!("{}: {reason}", o.text),
        None => o.text.clone(),
    };
    let all: Vec<String> = outcomes.iter().map(line).collect();
    match &all[..] {
        [one] => format!("the claim does not hold: {one}"),
        _ => format!("{} claims do not hold: {}", all.len(), all.join("; ")),
    }
}

impl ProveError {
    /// One action the user can take.
    pub fn hint(&self) -> String {
        match self {
            ProveError::DoesNotHold(_) => {
                "`consign check` shows every figure beside its bound; nothing was sent".into()
            }
            ProveError::Compile(error) => error.hint(),
            ProveError::OtherKeySet { .. } => {
                "get prove.keys from whoever made the key set that the request names".into()
            }
            ProveError::NoStatus { .. } => "ask its issuer to attest it again, with --status-list".into(),
            ProveError::NotTheHolder { .. } => "prove with the key that the dossier was made out to".into(),
            ProveError::AttestationExpired { .. } => "ask the attester for a new attestation".into(),
            ProveError::TooMany(_) => "split the policy, or prove fewer documents at once".into(),
            ProveError::Keys(error) => error.hint().into(),
            ProveError::FaultyKeys(_) => {
                "do not use this key set, and do not tell its maker what you tried to prove: that alone may say something".into()
            }
            ProveError::Contradiction(_) => "please report it, with the policy".into(),
            ProveError::Present { .. } => "get the dossier again from its attester".into(),
        }
    }
}

/// How many tallies are proved at once: two, so that one computes its witness while the other fills the cores.
const AT_ONCE: usize = 2;

/// How the blocks of a document are cut into tallies: long ones, and a short one for a rest of at most four blocks.
pub fn segments(blocks: usize) -> Vec<TallySize> {
    let (long, rest) = (blocks / TallySize::Long.blocks(), blocks % TallySize::Long.blocks());
    let mut sizes = vec![TallySize::Long; long];
    if rest > TallySize::Short.blocks() {
        sizes.push(TallySize::Long);
    } else if rest > 0 {
        sizes.push(TallySize::Short);
    }
    sizes
}

/// Whether a direct verdict can say it: one filter set runs over one document, of few blocks, and few enough bounds are
/// asked. For each chain its number of blocks.
fn is_direct(plan: &VerdictPlan, chains: &[usize]) -> bool {
    plan.chains.len() == 1 && matches!(chains, [blocks] if *blocks <= direct::BLOCKS) && direct::can_judge(&plan.bounds)
}

/// The circuits of an answer's proofs, whose keys proving will read.
///
/// # Errors
/// [`CompileError`] for a policy that cannot be proved.
pub fn circuits(request: &AcceptedRequest, documents: &Assigned) -> Result<BTreeSet<Circuit>, CompileError> {
    let mut circuits = BTreeSet::new();
    for plan in &compile(&request.request().policy)?.verdicts {
        circuits.extend(circuits_of(plan, &chains(plan, documents)));
    }
    Ok(circuits)
}

/// The circuits of one verdict's proofs.
fn circuits_of(plan: &VerdictPlan, chains: &[Chain<'_>]) -> BTreeSet<Circuit> {
    let blocks = numbers_of_blocks(chains);
    if is_direct(plan, &blocks) {
        return BTreeSet::from([Circuit::Direct]);
    }
    blocks.into_iter().flat_map(segments).map(Circuit::Tally).chain([Circuit::Verdict]).collect()
}

/// A document and a filter set that runs over it.
type Chain<'a> = (&'a CheckedDossier, &'a FilterSet);

/// The documents that filter sets of a verdict run over, in the order of its chains.
fn chains<'a>(plan: &'a VerdictPlan, documents: &'a Assigned) -> Vec<Chain<'a>> {
    let dossiers = |role: &String| documents.roles().get(role).into_iter().flatten();
    plan.chains.iter().flat_map(|(role, filters)| dossiers(role).map(move |dossier| (dossier, filters))).collect()
}

/// The chain has a value before each block, and the last.
fn numbers_of_blocks(chains: &[Chain<'_>]) -> Vec<usize> {
    chains.iter().map(|(dossier, _)| dossier.chain().values().len() - 1).collect()
}

/// A policy with the documents that are to satisfy it, evaluated: what can be proved.
pub struct Plan<'a> {
    request: &'a AcceptedRequest,
    documents: &'a Assigned,
    compiled: Compiled,
    tables: BTreeMap<String, Vec<(Table, Facts)>>,
    work: Work,
}

/// A tally that is still to be proved.
struct Job {
    size: TallySize,
    start: Fr,
    blocks: Vec<Block>,
    filters: FilterSet,
    blinding: TotalsBlinding,
    totals: Totals,
}

impl<'a> Plan<'a> {
    /// Evaluates the policy in the clear and compiles it.
    ///
    /// # Errors
    /// [`ProveError::DoesNotHold`] with every claim that does not, [`ProveError::Compile`],
    /// [`ProveError::TooMany`].
    pub fn new(request: &'a AcceptedRequest, documents: &'a Assigned) -> Result<Plan<'a>, ProveError> {
        let policy = &request.request().policy;
        if policy.status_hours().is_some()
            && let Some((role, _)) = documents.ordered().find(|(_, dossier)| dossier.attestation().status().is_none())
        {
            return Err(ProveError::NoStatus { role: role.into() });
        }
        let of = |dossier: &CheckedDossier| (dossier.document().table(), dossier.document().facts());
        let tables: BTreeMap<String, Vec<(Table, Facts)>> = documents
            .roles()
            .iter()
            .map(|(role, dossiers)| (role.clone(), dossiers.iter().map(of).collect()))
            .collect();
        let compiled = compile(policy)?;
        let plan = Plan { request, documents, compiled, tables, work: Work::Fast };
        let clear = plan.in_the_clear();
        let failed: Vec<Outcome> = evaluate(policy, &clear).into_iter().filter(|o| !o.holds).collect();
        if !failed.is_empty() {
            return Err(ProveError::DoesNotHold(failed));
        }
        let facts = clear.iter().map(|(role, list)| (role.clone(), list.iter().map(|(_, facts)| *facts).collect()));
        if let Err(reason) = plan.compiled.needs_met(&facts.collect()) {
            return Err(ProveError::Contradiction(reason.to_string()));
        }
        if !plan.compiled.holds(&clear) {
            return Err(ProveError::Contradiction("a bound is missed".into()));
        }
        drop(clear);
        let tallies = usize::try_from(plan.estimate().tallies()).unwrap_or(usize::MAX);
        check_limits(tallies, plan.compiled.verdicts.len(), documents.ordered().count())
            .map_err(ProveError::TooMany)?;
        Ok(plan)
    }

    /// The same plan, with so much work for each proof.
    pub fn with_work(self, work: Work) -> Plan<'a> {
        Plan { work, ..self }
    }

    fn in_the_clear(&self) -> Documents<'_> {
        self.tables.iter().map(|(role, list)| (role.clone(), list.iter().map(|(t, f)| (t, f)).collect())).collect()
    }

    /// How many proofs of each kind it takes, and what they will cost.
    pub fn estimate(&self) -> Estimate {
        let rows = |list: &Vec<(Table, Facts)>| list.iter().map(|(table, _)| table.rows().len()).collect();
        Estimate::of(&self.compiled, &self.tables.iter().map(|(role, list)| (role.clone(), rows(list))).collect())
    }

    /// What a presentation will disclose of the documents of each role, by the names of an attestation's claims.
    pub fn disclosures(&self) -> BTreeMap<&str, Vec<String>> {
        self.compiled.needs.iter().map(|(role, needs)| (role.as_str(), disclosures(needs).collect())).collect()
    }

    /// Proves, as the holder of every dossier. `progress` is told of each proof that is done.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn prove(
        &self,
        keys: &ProvingKeys,
        holder: &Identity,
        now: Timestamp,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Presentation, ProveError> {
        let request = self.request.request();
        if keys.id() != request.key_set {
            return Err(ProveError::OtherKeySet { expected: request.key_set, found: keys.id() });
        }
        for (role, dossier) in self.documents.ordered() {
            let attestation = dossier.attestation();
            if attestation.holder() != holder.public().signer() {
                return Err(ProveError::NotTheHolder { role: role.into(), holder: *attestation.holder() });
            }
            if attestation.expires() <= now {
                return Err(ProveError::AttestationExpired { role: role.into(), expires: attestation.expires() });
            }
        }
        let attested = self.documents.ordered().map(|(role, dossier)| (role, dossier.attestation().sd_jwt()));
        let context = request.context(attested);
        let mut verdicts = Vec::new();
        for (i, plan) in self.compiled.verdicts.iter().enumerate() {
            verdicts.push(self.prove_verdict(keys, plan, context.of_verdict(i), progress)?);
        }
        let proofs = proofs_digest(&verdicts);
        let documents = self
            .documents
            .ordered()
            .map(|(role, dossier)| {
                let needs = self.compiled.needs.get(role);
                let shown = needs.into_iter().flat_map(disclosures).collect::<Vec<_>>();
                let attestation = dossier
                    .attestation()
                    .sd_jwt()
                    .showing(shown.iter().map(String::as_str))
                    .and_then(|sd_jwt| sd_jwt.bind(holder, &request.audience, &self.request.nonce(), &proofs, now))
                    .map_err(|source| ProveError::Present { role: role.into(), source })?;
                Ok(PresentedDocument { role: role.into(), attestation })
            })
            .collect::<Result<Vec<_>, ProveError>>()?;
        Ok(Presentation { request: (**self.request).clone(), documents, verdicts })
    }

    fn prove_verdict(
        &self,
        keys: &ProvingKeys,
        plan: &VerdictPlan,
        context: Fr,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Judged, ProveError> {
        let chains = chains(plan, self.documents);
        // Keys are read before the work is spread, so that no two threads read the same one, and beside the first witnesses.
        let circuits = circuits_of(plan, &chains);
        let read = || circuits.into_par_iter().try_for_each(|circuit| keys.key(circuit).map(drop));
        if let Some(short) = Short::of(plan, &chains) {
            let witness = short.witness(context);
            let (read, (assignment, statement)) = join(read, || direct::assign(&witness));
            read?;
            let proof = prove_checked(keys, Circuit::Direct, &assignment, &statement.inputs(), self.work)?;
            progress();
            return Ok(Judged::Direct(ProvedDirect { statement, proof }));
        }
        let chains: Vec<Vec<Job>> = chains.into_iter().map(|(dossier, filters)| jobs(dossier, filters)).collect();
        let jobs = || chains.iter().flatten();
        let blinding = TotalsBlinding::sum(jobs().map(|job| &job.blinding));
        let totals = jobs()
            .try_fold(Totals::ZERO, |sum, job| sum.checked_add(&job.totals))
            .ok_or_else(|| ProveError::Contradiction("a total reaches 2^72".into()))?;
        let all: Vec<&Job> = jobs().collect();
        let begin = || all[..AT_ONCE.min(all.len())].par_iter().map(|job| job.assign()).collect::<Vec<_>>();
        let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &plan.bounds, context };
        let (read, (begun, (assignment, statement))) = join(read, || join(begin, || verdict::assign(&witness)));
        read?;
        let mut begun = begun.into_iter();
        let mut tallies = |few: &[&Job]| {
            let few: Vec<_> = few.iter().map(|job| (*job, begun.next())).collect();
            let few = few.into_par_iter().map(|(job, begun)| {
                let (assignment, statement) = begun.unwrap_or_else(|| job.assign());
                let proof = prove_checked(keys, Circuit::Tally(job.size), &assignment, &statement.inputs(), self.work)?;
                progress();
                Ok(ProvedTally { size: job.size, statement, proof })
            });
            few.collect::<Result<Vec<_>, ProveError>>()
        };
        let verdict = || {
            let proof = prove_checked(keys, Circuit::Verdict, &assignment, &statement.inputs(), self.work)?;
            progress();
            Ok::<_, ProveError>(proof)
        };
        // A few at a time: each fills all cores, and what it needs does not add up over a long document. The verdict goes
        // with the last ones, for witnesses are computed by one core each.
        let (first, last) = all.split_at(all.len().saturating_sub(1) / AT_ONCE * AT_ONCE);
        let mut proved = Vec::new();
        for few in first.chunks(AT_ONCE) {
            proved.extend(tallies(few)?);
        }
        let (last, verdict) = join(|| tallies(last), verdict);
        proved.extend(last?);
        let proof = verdict?;
        let mut proved = proved.into_iter();
        let chains = chains.iter().map(|chain| proved.by_ref().take(chain.len()).collect()).collect();
        Ok(Judged::Tallied(ProvedVerdict { chains, statement, proof }))
    }
}

/// Names of what a presentation discloses of a document, by what the policy needs.
fn disclosures(needs: &Needs) -> impl Iterator<Item = String> {
    let complete = needs.complete.iter().map(|column| format!("complete.{column}"));
    let references = needs.references.iter().map(|name| format!("reference.{name}"));
    let currency = (needs.currency != CurrencyNeed::None).then(|| "currency".to_owned());
    let unit = (needs.unit != UnitNeed::None).then(|| "unit".to_owned());
    complete.chain(references).chain(currency).chain(unit).collect::<Vec<_>>().into_iter()
}

/// The blocks of a document.
fn blocks_of(dossier: &CheckedDossier) -> Vec<Block> {
    let blindings = dossier.blindings().elements();
    let block = |(rows, &blinding)| Block::Rows { blinding, rows: Box::new(rows) };
    blocks(&dossier.document().table()).zip(blindings).map(block).collect()
}

/// A short document and the one filter set that runs over it.
struct Short<'a> {
    start: Fr,
    blocks: Vec<Block>,
    filters: &'a FilterSet,
    bounds: &'a Bounds,
}

impl<'a> Short<'a> {
    /// Of the chains of a verdict, if a direct verdict can say it.
    fn of(plan: &'a VerdictPlan, chains: &[Chain<'a>]) -> Option<Short<'a>> {
        let direct = is_direct(plan, &numbers_of_blocks(chains));
        let [(dossier, filters)] = direct.then_some(chains)? else { return None };
        let mut blocks = blocks_of(dossier);
        blocks.resize(direct::BLOCKS, Block::Skipped);
        Some(Short { start: dossier.chain().values()[0], blocks, filters, bounds: &plan.bounds })
    }

    fn witness(&self, context: Fr) -> DirectWitness<'_> {
        let Short { start, blocks, filters, bounds } = self;
        DirectWitness { start: *start, blocks, filters, bounds, context }
    }
}

/// The chain of tallies of one document and filter set.
fn jobs(dossier: &CheckedDossier, filters: &FilterSet) -> Vec<Job> {
    let chain = dossier.chain().values();
    let all = blocks_of(dossier);
    let mut at = 0;
    let mut jobs = Vec::new();
    for size in segments(all.len()) {
        let end = (at + size.blocks()).min(all.len());
        let mut blocks = all[at..end].to_vec();
        blocks.resize(size.blocks(), Block::Skipped);
        let blinding = TotalsBlinding::random(&mut OsRng);
        let mut job = Job { size, start: chain[at], blocks, filters: filters.clone(), blinding, totals: Totals::ZERO };
        job.totals = job.witness().totals();
        jobs.push(job);
        at = end;
    }
    jobs
}

impl Job {
    fn witness(&self) -> TallyWitness<'_> {
        TallyWitness { start: self.start, blocks: &self.blocks, filters: &self.filters, blinding: &self.blinding }
    }

    fn assign(&self) -> (Vec<Fr>, TallyStatement) {
        tally::assign(&self.witness())
    }
}

/// A proof that verifies.
fn prove_checked(
    keys: &ProvingKeys,
    circuit: Circuit,
    assignment: &[Fr],
    inputs: &[Fr],
    work: Work,
) -> Result<Proof, ProveError> {
    let key = keys.key(circuit)?;
    let prove = || key.prove_with(assignment, work, &mut OsRng);
    let (proof, statement) = join(prove, || key.verifying().statement(inputs));
    let proof = proof.map_err(|error| match error {
        Groth16Error::Unsatisfied(_) | Groth16Error::Wires { .. } => {
            ProveError::Contradiction(format!("{}: {error}", circuit.name()))
        }
        Groth16Error::File(error) => ProveError::Keys(error.into()),
    })?;
    if statement.is_ok_and(|statement| statement.is_proved_by(&proof)) {
        Ok(proof)
    } else {
        Err(ProveError::FaultyKeys(keys.id()))
    }
}
