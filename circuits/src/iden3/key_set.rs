//! Key sets that begin from public powers of tau, and key sets that others contributed to.
//!
//! In: a `ptau` file; or zkeys of all circuits, with the `ptau` file or the key set that their ceremony began from. Out:
//! a [`KeySet`], whose files remember the contributions.

use rand_arkworks::{CryptoRng, RngCore};

use super::{
    ceremony::Ceremony,
    container::ContainerError,
    import::{ImportError, Origin, import},
    initial::Initial,
    ptau::{Ptau, PtauError},
    zkey::Sizes,
};
use crate::{
    groth16::{KeyError, Proving},
    keys::{Circuit, KeySet, KeySetError, UncheckedKeys, check_key},
};

/// Why there is no key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonySetError {
    /// The powers of tau.
    #[error("powers of tau: {0}")]
    Ptau(#[from] PtauError),
    /// The key set that the ceremony began from.
    #[error(transparent)]
    Keys(#[from] KeySetError),
    /// A key that would be refused; chance draws one once in 2^250 times.
    #[error("key of circuit {circuit}: {source}")]
    Key {
        /// Which circuit.
        circuit: &'static str,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A file that is no zkey of any circuit.
    #[error("zkey {number}: {source}")]
    NotAZkey {
        /// Its number in the list, from 1.
        number: usize,
        /// What is wrong with it.
        source: ContainerError,
    },
    /// A zkey of sizes that no circuit has.
    #[error("zkey {0}: no circuit of this version has its numbers of wires, public inputs and rows")]
    NoSuchCircuit(usize),
    /// Not one zkey for each circuit.
    #[error("{found} zkeys of circuit {circuit}; one is needed")]
    Number {
        /// Which circuit.
        circuit: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A zkey that is refused.
    #[error("zkey of circuit {circuit}: {source}")]
    Import {
        /// Which circuit.
        circuit: &'static str,
        /// Why.
        source: ImportError,
    },
}

impl CeremonySetError {
    /// One action the user can take.
    pub fn hint(&self) -> &'static str {
        match self {
            CeremonySetError::Ptau(error) => error.hint(),
            CeremonySetError::Keys(error) => error.hint(),
            CeremonySetError::Key { .. } => {
                "take powers of tau that others contributed to: before the first contribution they are those of one"
            }
            CeremonySetError::NotAZkey { .. } | CeremonySetError::NoSuchCircuit(_) => {
                "make zkeys from what `consign export r1cs` or `consign export zkey` of this version writes"
            }
            CeremonySetError::Number { .. } => "name one zkey for each of tally-40, tally-90, verdict and direct-40",
            CeremonySetError::Import { source, .. } => source.hint(),
        }
    }
}

/// A key set from public powers of tau and one contribution, the maker's own. Whoever knows that number can forge; tau
/// itself nobody knows while one participant of its ceremony was honest. Some minutes on two cores, most of them for
/// checking the powers.
///
/// # Errors
/// [`CeremonySetError::Ptau`] for a file that is too small, not prepared, or not powers of one number.
pub fn setup(
    ptau: &Ptau<'_>,
    maker: &str,
    created: jiff::Timestamp,
    rng: &mut (impl CryptoRng + RngCore),
    progress: &mut dyn FnMut(&str),
) -> Result<KeySet, CeremonySetError> {
    let mut keys = Vec::new();
    for circuit in Circuit::ALL {
        progress(circuit.name());
        let failed = |source| CeremonySetError::Key { circuit: circuit.name(), source };
        let matrices = circuit.matrices();
        let Initial { mut key, mut ceremony } = Initial::new(&ptau.domain(matrices.domain(), rng)?, &matrices);
        ceremony.contribute(&mut key, maker, rng).map_err(|_| failed(KeyError::Identity("delta")))?;
        let proving = Proving::new(key, matrices).map_err(failed)?;
        keys.push((circuit, proving, ceremony.to_bytes()));
    }
    Ok(KeySet::of(maker, created, &keys)?)
}

/// What a ceremony began from.
pub enum Beginning<'a> {
    /// Public powers of tau.
    Ptau(Ptau<'a>),
    /// A key set; what it says of its own ceremony must be the beginning of theirs.
    KeySet(Box<UncheckedKeys>),
}

/// A contribution to a key of a set, as it is shown to whoever compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which circuit's key.
    pub circuit: Circuit,
    /// Number of the contribution, from 1.
    pub number: usize,
    /// The name that its maker gave itself.
    pub name: Option<String>,
    /// Its hash, 128 hexadecimal digits.
    pub hash: String,
}

/// The contributions to a circuit's key.
pub fn shown(circuit: Circuit, ceremony: &Ceremony) -> Vec<Shown> {
    let contributions = ceremony.contributions().iter().enumerate();
    let shown = |(i, c): (usize, &super::ceremony::Contribution)| Shown {
        circuit,
        number: i + 1,
        name: c.name(),
        hash: hex::encode(c.hash()),
    };
    contributions.map(shown).collect()
}

/// Takes over the zkeys of all circuits, in any order, that others contributed to.
///
/// # Errors
/// [`CeremonySetError`] for a zkey that is missing, of another circuit, did not begin from here, or whose contributions
/// do not follow from each other; and for a key that somebody else's key set would make faulty.
pub fn import_key_set(
    zkeys: &[Vec<u8>],
    beginning: &Beginning<'_>,
    maker: &str,
    created: jiff::Timestamp,
    rng: &mut (impl CryptoRng + RngCore),
    progress: &mut dyn FnMut(&str),
) -> Result<(KeySet, Vec<Shown>), CeremonySetError> {
    let mut sizes = Vec::new();
    for (i, bytes) in zkeys.iter().enumerate() {
        let number = i + 1;
        sizes.push(Sizes::read(bytes).map_err(|source| CeremonySetError::NotAZkey { number, source })?);
    }
    let circuits = Circuit::ALL.map(|circuit| {
        let matrices = circuit.matrices();
        (circuit, Sizes::of(&matrices), matrices)
    });
    // Of which circuit each is, before any is looked into: a wrong one is named by its own number.
    let is_known = |found: &Sizes| circuits.iter().any(|(_, known, _)| known == found);
    if let Some(other) = sizes.iter().position(|found| !is_known(found)) {
        return Err(CeremonySetError::NoSuchCircuit(other + 1));
    }
    let (mut keys, mut contributions) = (Vec::new(), Vec::new());
    for (circuit, known, matrices) in circuits {
        progress(circuit.name());
        let is_ours: Vec<usize> = (0..zkeys.len()).filter(|&i| sizes[i] == known).collect();
        let [ours] = is_ours[..] else {
            return Err(CeremonySetError::Number { circuit: circuit.name(), found: is_ours.len() });
        };
        let failed = |source| CeremonySetError::Import { circuit: circuit.name(), source };
        let (proving, ceremony) = match beginning {
            Beginning::Ptau(ptau) => {
                let Initial { key, ceremony } = Initial::new(&ptau.domain(matrices.domain(), rng)?, &matrices);
                import(&zkeys[ours], matrices, &Origin { key: &key, ceremony: &ceremony }, rng)
            }
            Beginning::KeySet(keys) => {
                let (key, ceremony) = keys.origin(circuit)?;
                import(&zkeys[ours], matrices, &Origin { key: &key, ceremony: &ceremony }, rng)
            }
        }
        .map_err(failed)?;
        // Powers of tau give the queries; those of a key set are its maker's word, and may fail for some witnesses.
        if let Beginning::KeySet(_) = beginning {
            check_key(circuit, &proving, rng)?;
        }
        contributions.extend(shown(circuit, &ceremony));
        keys.push((circuit, proving, ceremony.to_bytes()));
    }
    Ok((KeySet::of(maker, created, &keys)?, contributions))
}
