//! What the circuits' public inputs say: digests of filter sets and bounds, and the context of a verdict.
//!
//! The native half of the digests in `consign_circuits::{tally, verdict, direct}`. Packed elements have at most 250 bits, first
//! part in the lowest bits; the circuits range-check every part, so one digest opens to one statement. Source: design
//! section 7, `docs/format.md`, "Statements".

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField};
use consign_documents::{
    filter::{
        Bounds, CLASS_TESTS, CODES_PER_TEST, FILTERS, Filter, FilterKind, FilterSet, Group, LISTED_CODE_BITS, TERMS,
        ThresholdUse, WEIGHT_BITS,
    },
    table::Code,
};
use sha2::{Digest, Sha256};

use crate::{chain_contract::ChainContract, field::from_signed, labels, poseidon};

/// Bits of a threshold's bound: 2^47 is allowed, for a bound that no measure reaches.
pub const THRESHOLD_BITS: u32 = 48;
/// Codes in one packed element: half a class test.
pub const CODES_PER_ELEMENT: usize = CODES_PER_TEST / 2;
/// Packed elements of a filter set: two for each class test, one for all else.
pub const FILTER_ELEMENTS: usize = 2 * CLASS_TESTS + 1;
/// Elements that one step of the digest of bounds takes in.
pub const BOUNDS_STEP: usize = 10;

/// Adds parts to an element from its lowest bits up.
struct Packer {
    element: Fr,
    bits: u32,
}

impl Packer {
    fn new() -> Packer {
        Packer { element: Fr::ZERO, bits: 0 }
    }
    fn put(&mut self, value: u64, width: u32) {
        debug_assert!(self.bits + width <= 250 && (width == 64 || value >> width == 0));
        self.element += Fr::from(value) * power_of_two(self.bits);
        self.bits += width;
    }
    fn put_bits(&mut self, bits: &[bool]) {
        bits.iter().for_each(|&bit| self.put(bit.into(), 1));
    }
}

/// Two to the power `bits`, below 254.
pub fn power_of_two(bits: u32) -> Fr {
    debug_assert!(bits < 254);
    let mut limbs = [0u64; 4];
    limbs[bits as usize / 64] = 1 << (bits % 64);
    Fr::from_bigint(ark_ff::BigInteger256::new(limbs)).expect("below 2^253")
}

/// The parts of a filter as they are packed: goods, document, group A, group B, threshold. The null filter is of
/// neither kind and otherwise true, so that it too has one form.
pub struct FilterParts {
    /// Goods, document; both false for the null filter.
    pub kind: [bool; 2],
    /// Group A.
    pub a: Group,
    /// Group B.
    pub b: Group,
    /// The threshold.
    pub threshold: ThresholdUse,
}

impl From<&Filter> for FilterParts {
    fn from(filter: &Filter) -> FilterParts {
        match *filter {
            Filter::Null => {
                FilterParts { kind: [false; 2], a: Group::TRUE, b: Group::TRUE, threshold: ThresholdUse::Any }
            }
            Filter::Rows { kind, a, b, threshold } => {
                FilterParts { kind: [kind == FilterKind::Goods, kind == FilterKind::Document], a, b, threshold }
            }
        }
    }
}

/// Position of a code among the selectors.
fn selector(code: Code) -> u64 {
    code as u64
}

/// The packed elements of a filter set: codes 0 to 7 and 8 to 15 of each class test (20 bits each), then one element of
/// the tests' selectors (3 bits each), the thresholds' selectors and bounds (2 and 48 bits each) and the filters (15
/// bits each: goods, document, members and negation of A, of B, members and negation of the threshold).
pub fn filter_elements(set: &FilterSet) -> [Fr; FILTER_ELEMENTS] {
    let mut elements = [Fr::ZERO; FILTER_ELEMENTS];
    for (test, pair) in set.tests.iter().zip(elements.chunks_exact_mut(2)) {
        for (half, element) in test.places().chunks_exact(CODES_PER_ELEMENT).zip(pair) {
            let mut packer = Packer::new();
            half.iter().for_each(|&code| packer.put(code.into(), LISTED_CODE_BITS));
            *element = packer.element;
        }
    }
    let mut rest = Packer::new();
    set.tests.iter().for_each(|test| rest.put(selector(test.code()), 3));
    for threshold in &set.thresholds {
        rest.put(threshold.measure().into(), 2);
        rest.put(threshold.at_least(), THRESHOLD_BITS);
    }
    for filter in &set.filters {
        let parts = FilterParts::from(filter);
        rest.put_bits(&parts.kind);
        for group in [parts.a, parts.b] {
            rest.put_bits(&group.tests);
            rest.put_bits(&[group.negated]);
        }
        let (members, negated) = parts.threshold.parts();
        rest.put_bits(&members);
        rest.put_bits(&[negated]);
    }
    debug_assert_eq!(rest.bits as usize, 3 * CLASS_TESTS + 2 * 50 + 15 * FILTERS);
    elements[FILTER_ELEMENTS - 1] = rest.element;
    elements
}

/// The `filters` input of a tally: `Poseidon10(tag, nine packed elements)`.
pub fn filter_digest(set: &FilterSet) -> Fr {
    let mut inputs = [Fr::from(labels::FILTERS); FILTER_ELEMENTS + 1];
    inputs[1..].copy_from_slice(&filter_elements(set));
    poseidon::hash(&inputs)
}

/// The elements of a verdict's bounds: for each triple of bounds one packed element of nine terms (5 bits of index, 21
/// bits of weight plus 2^20), then for each bound `lo` and `hi` as they are, negative numbers counting down from the
/// modulus.
pub fn bounds_elements(bounds: &Bounds) -> Vec<Fr> {
    let packed = bounds.0.chunks_exact(3).map(|triple| {
        let mut packer = Packer::new();
        for term in triple.iter().flat_map(|b| b.terms()) {
            packer.put(term.total.into(), 5);
            packer.put((i64::from(term.weight) + (1 << WEIGHT_BITS)) as u64, WEIGHT_BITS + 1);
        }
        debug_assert_eq!(packer.bits as usize, 3 * TERMS * 26);
        packer.element
    });
    packed.chain(bounds.0.iter().flat_map(|b| [from_signed(b.lo()), from_signed(b.hi())])).collect()
}

/// The `bounds` input of a verdict: `d = tag`, then for each ten elements (the last step filled with zeros)
/// `d = Poseidon11(d, ten elements)`. The number of elements is fixed, so the filling is unambiguous.
pub fn bounds_digest(bounds: &Bounds) -> Fr {
    bounds_elements(bounds).chunks(BOUNDS_STEP).fold(Fr::from(labels::BOUNDS), |digest, step| {
        let mut inputs = [Fr::ZERO; BOUNDS_STEP + 1];
        inputs[0] = digest;
        inputs[1..=step.len()].copy_from_slice(step);
        poseidon::hash(&inputs)
    })
}

/// What a verdict answers, hashed into its `context` input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// Name of the verifier that asked.
    pub audience: &'a str,
    /// The request's nonce.
    pub nonce: &'a [u8],
    /// Expiry of the request, seconds since 1970.
    pub expires: i64,
    /// Digest of the policy with its parameter values.
    pub policy: &'a [u8; 32],
    /// Which verdict of the policy this is, from 0.
    pub verdict: u32,
    /// The ordered (role, attestation) pairs: role name and SHA-256 of the attestation's issuer-signed part.
    pub attestations: &'a [(&'a str, [u8; 32])],
    /// The contract that alone is to accept it, where it is bound to one.
    pub chain: Option<&'a ChainContract>,
}

impl Context<'_> {
    /// SHA-256 over the tag and the length-prefixed parts, its first 248 bits as a field element.
    pub fn element(&self) -> Fr {
        let mut hash = Sha256::new();
        let mut put = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        put(labels::CONTEXT);
        put(self.audience.as_bytes());
        put(self.nonce);
        put(&self.expires.to_be_bytes());
        put(self.policy);
        put(&self.verdict.to_be_bytes());
        put(&(self.attestations.len() as u64).to_be_bytes());
        for (role, attestation) in self.attestations {
            put(role.as_bytes());
            put(attestation);
        }
        // The number of attestations stands before them, so this part can be mistaken for none of theirs.
        if let Some(chain) = self.chain {
            put(&chain.to_bytes());
        }
        Fr::from_be_bytes_mod_order(&hash.finalize()[..31])
    }
}
