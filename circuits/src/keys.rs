//! Key sets: the keys of all circuits and sizes under one id, in two files.
//!
//! `setup` makes them, `prove.keys` and `verify.keys` hold them. Sections are checked against the head when they are
//! used; a key set that somebody else made is checked once more before it proves anything. Source: design section 10.

pub mod file;
mod matrices;
pub mod points;
mod query;
mod source;

use std::{borrow::Cow, collections::BTreeMap, panic::resume_unwind, sync::OnceLock, thread};

use ark_groth16::{ProvingKey, VerifyingKey};
use rand_arkworks::{CryptoRng, RngCore, rngs::OsRng};

use self::{
    file::{KeyFile, Role, Sections, VERIFYING},
    matrices::read_matrices,
    points::{G1_BYTES, G2_BYTES, few_g1s, few_g2s, g1_bytes, put_g1, put_g2},
};
pub use self::{
    file::{KeyFileError, KeySetId, NotAKeySetId},
    source::KeyBytes,
};
pub(crate) use self::{matrices::matrices_bytes, query::Query};
use crate::{
    direct,
    groth16::{KeyError, Points, Proving, Verifying},
    iden3::{ceremony::Ceremony, zkey},
    prover::Bases,
    shape::Matrices,
    tally::{self, TallySize},
    verdict,
};

/// The circuits of a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Circuit {
    /// A tally of one size.
    Tally(TallySize),
    /// The verdict on the totals of tallies.
    Verdict,
    /// The verdict on a short document, without tallies.
    Direct,
}

impl Circuit {
    /// All circuits, in the order of a key file.
    pub const ALL: [Circuit; 4] =
        [Circuit::Tally(TallySize::Short), Circuit::Tally(TallySize::Long), Circuit::Verdict, Circuit::Direct];

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Circuit::Tally(size) => size.name(),
            Circuit::Verdict => "verdict",
            Circuit::Direct => direct::NAME,
        }
    }

    /// Number of public inputs.
    pub fn inputs(self) -> usize {
        match self {
            Circuit::Tally(_) => tally::TallyStatement::INPUTS.len(),
            Circuit::Verdict => verdict::VerdictStatement::INPUTS.len(),
            Circuit::Direct => direct::DirectStatement::INPUTS.len(),
        }
    }

    /// SHA-256 of the circuit's section of matrices: what a key set must be made for. A key set for other matrices, an
    /// older version's or a stranger's, proves other statements; it is refused by prover and verifier alike.
    pub fn matrices_digest(self) -> &'static str {
        match self {
            Circuit::Tally(TallySize::Short) => "f3b01919492c356ae3126c0f8d36829caecdfa37276f915d3fc58dd1a11187d4",
            Circuit::Tally(TallySize::Long) => "685cd7f376a9e3ecb9cf2df8c2cb020237c8e3e556b1009ae95b508dbd50dc1d",
            Circuit::Verdict => "12c723752ca950e88be51798d85f439fbb46c48fa03c24d64343c5c9d6346552",
            Circuit::Direct => "8f14506ef5b15ef4359f54052dc661782fc7600b3491096ebe4e5c7a0eb0eddf",
        }
    }

    /// Lays the circuit out anew.
    pub fn matrices(self) -> Matrices {
        let shape = match self {
            Circuit::Tally(size) => tally::shape(size),
            Circuit::Verdict => verdict::shape(),
            Circuit::Direct => direct::shape(),
        };
        shape.expect("a recording builder gives a shape").into_matrices()
    }

    /// The section of matrices in a key file.
    pub fn matrices_section(self) -> Vec<u8> {
        matrices_bytes(&self.matrices())
    }

    fn index(self) -> usize {
        match self {
            Circuit::Tally(TallySize::Short) => 0,
            Circuit::Tally(TallySize::Long) => 1,
            Circuit::Verdict => 2,
            Circuit::Direct => 3,
        }
    }
}

/// Why a key set is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// The file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// A key in it.
    #[error("key of circuit {circuit}: {source}")]
    Key {
        /// Which circuit.
        circuit: &'static str,
        /// What is wrong.
        source: KeyError,
    },
    /// Its matrices are not those of this version's circuit.
    #[error("key of circuit {0}: its matrices are not those of this version's circuit")]
    OtherCircuit(&'static str),
    /// Some witness would give a proof that does not verify.
    #[error("key of circuit {0}: it is faulty, and whether a proof verifies may depend on what is proved")]
    Faulty(&'static str),
}

/// The hint for a key set that another version made.
const ANOTHER_VERSION: &str = "use the version of consign that the key set was made with, or run `consign setup`";

impl KeySetError {
    fn key(circuit: Circuit) -> impl Fn(KeyError) -> KeySetError {
        move |source| match source {
            KeyError::File(error) => KeySetError::File(error),
            source => KeySetError::Key { circuit: circuit.name(), source },
        }
    }

    /// One action the user can take.
    pub fn hint(&self) -> &'static str {
        match self {
            KeySetError::File(KeyFileError::OtherRole { .. }) => {
                "`consign setup` writes two files: prove.keys to prove, verify.keys to verify"
            }
            // Of a version that had fewer circuits: to get it again would not help.
            KeySetError::File(KeyFileError::Missing(section)) if section.ends_with(MATRICES) => ANOTHER_VERSION,
            KeySetError::File(KeyFileError::Changed) => "leave the file alone and run it again",
            KeySetError::File(_) => "get the file again from whoever ran `consign setup`",
            KeySetError::Key { .. } | KeySetError::Faulty(_) => "do not use this key set; tell whoever made it",
            KeySetError::OtherCircuit(_) => ANOTHER_VERSION,
        }
    }
}

/// A key set fresh from `setup`.
pub struct KeySet {
    sections: Sections,
}

impl KeySet {
    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.sections.id()
    }
    /// The bytes of `prove.keys`: some 70 MB.
    pub fn prove_file(&self) -> Vec<u8> {
        self.sections.to_file(Role::Prove)
    }
    /// The bytes of `verify.keys`: a few kilobytes.
    pub fn verify_file(&self) -> Vec<u8> {
        self.sections.to_file(Role::Verify)
    }
}

/// Makes a key set for all circuits. Single-party: whoever runs it can forge proofs for it. `progress` is told what
/// comes next. Some ten seconds on two cores.
///
/// # Errors
/// [`KeySetError::Key`] if chance drew a key that would be refused.
pub fn setup(
    maker: &str,
    created: jiff::Timestamp,
    rng: &mut (impl CryptoRng + RngCore),
    progress: &mut dyn FnMut(&str),
) -> Result<KeySet, KeySetError> {
    let mut keys = Vec::new();
    for circuit in Circuit::ALL {
        progress(circuit.name());
        let key = Proving::setup(circuit.matrices(), rng).map_err(KeySetError::key(circuit))?;
        keys.push((circuit, key, Vec::new()));
    }
    KeySet::of(maker, created, &keys)
}

impl KeySet {
    /// A key set of these keys, one for each circuit in order; each with the contributions of its ceremony, as a zkey's
    /// section 10 holds them, or none.
    ///
    /// # Errors
    /// [`KeySetError::File`] of keys whose points are in a file.
    pub(crate) fn of(
        maker: &str,
        created: jiff::Timestamp,
        keys: &[(Circuit, Proving, Vec<u8>)],
    ) -> Result<KeySet, KeySetError> {
        let mut sections = Vec::new();
        for (circuit, proving, _) in keys {
            sections.extend(key_sections(*circuit, proving).map_err(KeySetError::key(*circuit))?);
        }
        // After the sections that every key set has.
        for (circuit, _, contributions) in keys.iter().filter(|(_, _, contributions)| !contributions.is_empty()) {
            sections.push((format!("{}{CONTRIBUTIONS}", circuit.name()), contributions.clone()));
        }
        Ok(KeySet { sections: Sections::new(maker, &created.to_string(), sections) })
    }
}

/// How the names of sections end that tell who contributed to a key.
const CONTRIBUTIONS: &str = "/contributions";

/// How the names of sections end that hold constraints.
const MATRICES: &str = "/matrices";

/// The sections of a circuit's key, by part.
const PARTS: [&str; 8] = ["verifying", "single", "a", "b1", "b2", "h", "l", "matrices"];

/// Those of single points: a zero delta among them would give proofs that verify and leak the witness.
const SINGLE: [&str; 2] = ["verifying", "single"];

/// The sections of a circuit's key, by name.
fn key_sections(circuit: Circuit, proving: &Proving) -> Result<impl Iterator<Item = (String, Vec<u8>)>, KeyError> {
    let Points { beta_g1, delta_g1, a, b1, b2, h, l } = proving.points().in_memory()?;
    let single = [verifying_bytes(proving.verifying().key()), g1_bytes(&[beta_g1, delta_g1])];
    let queries = [a, b1, b2, h, l].map(Cow::into_owned);
    let bytes = single.into_iter().chain(queries).chain([matrices_bytes(proving.matrices())]);
    Ok(PARTS.into_iter().zip(bytes).map(move |(part, bytes)| (format!("{}/{part}", circuit.name()), bytes)))
}

fn verifying_bytes(key: &VerifyingKey<ark_bn254::Bn254>) -> Vec<u8> {
    let mut out = Vec::new();
    put_g1(&mut out, &key.alpha_g1);
    [&key.beta_g2, &key.gamma_g2, &key.delta_g2].into_iter().for_each(|p| put_g2(&mut out, p));
    key.gamma_abc_g1.iter().for_each(|p| put_g1(&mut out, p));
    out
}

fn read_verifying(bytes: &[u8]) -> Option<VerifyingKey<ark_bn254::Bn254>> {
    let (alpha, rest) = bytes.split_at_checked(points::G1_BYTES)?;
    let (g2, inputs) = rest.split_at_checked(3 * points::G2_BYTES)?;
    let [beta_g2, gamma_g2, delta_g2] = few_g2s(g2)?.try_into().ok()?;
    Some(VerifyingKey { alpha_g1: few_g1s(alpha)?[0], beta_g2, gamma_g2, delta_g2, gamma_abc_g1: few_g1s(inputs)? })
}

/// The contents of `verify.keys`, every key in it checked.
#[derive(Debug)]
pub struct VerifyingKeys {
    id: KeySetId,
    maker: String,
    created: String,
    keys: [Verifying; Circuit::ALL.len()],
}

impl VerifyingKeys {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(bytes: Vec<u8>) -> Result<VerifyingKeys, KeySetError> {
        let file = KeyFile::open(bytes, Role::Verify)?;
        check_circuits(&file)?;
        let key = |circuit: Circuit| {
            let name = format!("{}{VERIFYING}", circuit.name());
            let key = read_verifying(&file.section(&name)?).ok_or(KeyFileError::Section(name))?;
            Verifying::new(key, circuit.inputs()).map_err(KeySetError::key(circuit))
        };
        let [a, b, c, d] = Circuit::ALL;
        let keys = [key(a)?, key(b)?, key(c)?, key(d)?];
        Ok(VerifyingKeys {
            id: file.id(),
            maker: file.head().maker.clone(),
            created: file.head().created.clone(),
            keys,
        })
    }
    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.id
    }
    /// Name that the maker gave itself.
    pub fn maker(&self) -> &str {
        &self.maker
    }
    /// When the key set was made.
    pub fn created(&self) -> &str {
        &self.created
    }
    /// The key of a circuit.
    pub fn key(&self, circuit: Circuit) -> &Verifying {
        &self.keys[circuit.index()]
    }
}

/// Every circuit's matrices are this version's, by the head.
fn check_circuits(file: &KeyFile) -> Result<(), KeySetError> {
    for circuit in Circuit::ALL {
        let name = format!("{}{MATRICES}", circuit.name());
        let pinned = file.head().digest(&name).ok_or(KeyFileError::Missing(name))?;
        if pinned != circuit.matrices_digest() {
            return Err(KeySetError::OtherCircuit(circuit.name()));
        }
    }
    Ok(())
}

/// The contents of `prove.keys` as they come: nothing can be proved with them. Keys made to leak give proofs that
/// verify, so they are [checked](UncheckedKeys::check) first, in full, once.
pub struct UncheckedKeys(ProvingKeys);

impl UncheckedKeys {
    /// Reads the head of a file in memory.
    ///
    /// # Errors
    /// [`KeySetError::File`], [`KeySetError::OtherCircuit`].
    pub fn parse(bytes: Vec<u8>) -> Result<UncheckedKeys, KeySetError> {
        UncheckedKeys::open(bytes)
    }

    /// Reads the head of a file, and nothing else yet: what is not used is never read.
    ///
    /// # Errors
    /// [`KeySetError::File`], [`KeySetError::OtherCircuit`].
    pub fn open(source: impl KeyBytes + 'static) -> Result<UncheckedKeys, KeySetError> {
        let file = KeyFile::open(source, Role::Prove)?;
        check_circuits(&file)?;
        Ok(UncheckedKeys(ProvingKeys { file, keys: Default::default() }))
    }
    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.0.id()
    }
    /// Name that the maker gave itself.
    pub fn maker(&self) -> &str {
        self.0.maker()
    }

    /// The zkey of a circuit, for other provers and for a ceremony's next participant. Nothing is proved with it here,
    /// so the key need not be checked.
    ///
    /// # Errors
    /// [`KeySetError`] for a section that is malformed or not the one that the head pins.
    pub fn zkey(&self, circuit: Circuit) -> Result<Vec<u8>, KeySetError> {
        let (key, ceremony) = self.origin(circuit)?;
        Ok(zkey::write(&key, self.0.key(circuit)?.matrices(), &ceremony.to_bytes()))
    }

    /// The key of a circuit, its pairings checked, with its ceremony so far: to hold a zkey against that others
    /// contributed to.
    pub(crate) fn origin(&self, circuit: Circuit) -> Result<(ProvingKey<ark_bn254::Bn254>, Ceremony), KeySetError> {
        let proving = self.0.key(circuit)?;
        let key = proving.check_pairings().and_then(|()| proving.key()).map_err(KeySetError::key(circuit))?;
        let ceremony = self.0.ceremony(circuit)?.unwrap_or_else(|| Ceremony::of_own_randomness(&key));
        Ok((key, ceremony))
    }

    /// Checks every point, and that every witness gives a proof that verifies: keys that fail for some would tell their
    /// maker, by an answer that does not come, what a document says. Some ten seconds.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn check(self) -> Result<ProvingKeys, KeySetError> {
        Circuit::ALL.into_iter().try_for_each(|circuit| check_key(circuit, self.0.key(circuit)?, &mut OsRng))?;
        Ok(self.0)
    }

    /// For a key set that this user made or [checked](UncheckedKeys::check) before, by a record of its id that nobody
    /// else writes to. The id pins every byte, so one check is enough.
    pub fn checked_before(self) -> ProvingKeys {
        self.0
    }
}

/// The check of a key that somebody else made.
pub(crate) fn check_key(
    circuit: Circuit,
    key: &Proving,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(), KeySetError> {
    key.check_foreign().map_err(KeySetError::key(circuit))?;
    let complete = key.is_complete(rng).map_err(KeySetError::key(circuit))?;
    complete.then_some(()).ok_or(KeySetError::Faulty(circuit.name()))
}

/// The contents of `prove.keys`, checked; a circuit's key is read and checked against the head when it is first used.
pub struct ProvingKeys {
    file: KeyFile,
    keys: [OnceLock<Result<Proving, KeySetError>>; Circuit::ALL.len()],
}

impl ProvingKeys {
    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.file.id()
    }
    /// Name that the maker gave itself.
    pub fn maker(&self) -> &str {
        &self.file.head().maker
    }

    /// The key of a circuit, read on first use, by one thread; others wait for it.
    ///
    /// # Errors
    /// [`KeySetError`] for a section that is malformed or not the one that the head pins.
    pub fn key(&self, circuit: Circuit) -> Result<&Proving, KeySetError> {
        // Nothing in there may be given to the pool: its threads could all be waiting here.
        self.keys[circuit.index()].get_or_init(|| self.read(circuit)).as_ref().map_err(Clone::clone)
    }

    /// The ceremony that a circuit's key came from; none for a key of its maker's own randomness.
    fn ceremony(&self, circuit: Circuit) -> Result<Option<Ceremony>, KeySetError> {
        let name = format!("{}{CONTRIBUTIONS}", circuit.name());
        match self.file.section(&name) {
            Ok(bytes) => Ok(Some(Ceremony::read(&bytes).map_err(|_| KeyFileError::Section(name))?)),
            Err(KeyFileError::Missing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, circuit: Circuit) -> Result<Proving, KeySetError> {
        let name = |part: &str| format!("{}/{part}", circuit.name());
        let bad = |part: &str| KeySetError::File(KeyFileError::Section(name(part)));
        let mut sections = self.sections(circuit)?;
        let vk = read_verifying(&sections["verifying"].bytes()?).ok_or_else(|| bad("verifying"))?;
        let single = few_g1s(&sections["single"].bytes()?).ok_or_else(|| bad("single"))?;
        let [beta_g1, delta_g1] = single[..].try_into().map_err(|_| bad("single"))?;
        let section = &sections["matrices"];
        let matrices = read_matrices(section)?.ok_or_else(|| bad("matrices"))?;
        if !section.is_still_whole() {
            return Err(KeyFileError::Changed.into());
        }
        let inputs = circuit.inputs();
        if matrices.publics != inputs {
            return Err(bad("matrices"));
        }
        let mut query = |part: &'static str, points: usize, bytes: usize| {
            sections.remove(part).filter(|query| query.size() == points * bytes).ok_or_else(|| bad(part))
        };
        let points = Points {
            beta_g1,
            delta_g1,
            a: query("a", matrices.wires, G1_BYTES)?,
            b1: query("b1", matrices.wires, G1_BYTES)?,
            b2: query("b2", matrices.wires, G2_BYTES)?,
            h: query("h", matrices.domain(), G1_BYTES)?,
            l: query("l", matrices.wires - inputs - 1, G1_BYTES)?,
        };
        Proving::known(points, vk, matrices).map_err(KeySetError::key(circuit))
    }

    /// The sections of a circuit by part. Where all were found whole before, the large ones stay in their file; otherwise each
    /// is read, and has the digest that the head pins.
    fn sections(&self, circuit: Circuit) -> Result<BTreeMap<&'static str, Query>, KeySetError> {
        let (file, source) = (&self.file, self.file.source());
        let name = |part: &str| format!("{}/{part}", circuit.name());
        let read = &|part: &&'static str| Ok((*part, Query::from(file.unchecked(&name(part))?)));
        let check = &|part: &str, query: &Query| file.check(&name(part), &query.bytes()?);
        if source.whole_before(circuit.name()) {
            let find = |part: &&'static str| match SINGLE.contains(part) {
                true => read(part),
                false => Ok((*part, Query::Stored(file.stored(circuit.name(), &name(part))?))),
            };
            let sections: BTreeMap<_, _> = PARTS.iter().map(find).collect::<Result<_, KeyFileError>>()?;
            // Those on which secrecy depends are small, and checked each time.
            SINGLE.iter().try_for_each(|part| check(part, &sections[part]))?;
            return Ok(sections);
        }
        let sections = thread::scope(|scope| {
            let threads = PARTS.map(|part| {
                scope.spawn(move || {
                    let (part, query) = read(&part)?;
                    check(part, &query).map(|()| (part, query))
                })
            });
            let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().unwrap_or_else(|e| resume_unwind(e));
            threads.into_iter().map(join).collect::<Result<BTreeMap<_, _>, KeyFileError>>()
        })?;
        source.found_whole(circuit.name());
        Ok(sections)
    }
}
