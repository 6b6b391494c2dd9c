//! Contributions to a key: each multiplies delta by a number that its maker forgets, and proves that it knew it. While
//! one of them was honest, nobody can forge.
//!
//! The transcript chains them: each hash covers the circuit and all contributions before it. Source: Bowe, Gabizon and
//! Miers, eprint 2017/1050; snarkjs `zkey_contribute.js`, `keypair.js`, `zkey_verify_frominit.js`.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing, short_weierstrass::SWCurveConfig};
use ark_ff::{BigInteger256, Field, UniformRand, Zero};
use ark_groth16::ProvingKey;
use blake2::{Blake2b512, Digest};
use rand_arkworks::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

use super::{
    container::{ContainerError, Cursor},
    points::{from_montgomery, g1s, g2s, hashed_g1, hashed_g2, put_g1, put_g2},
    zkey,
};
use crate::keys::points::{G1_BYTES, G2_BYTES};

/// BLAKE2b with 64 bytes.
pub type Hash = [u8; 64];

/// Number of the section in a zkey, for errors.
const SECTION: u32 = 10;
/// Most contributions that are read: each takes two pairing checks.
const MAX_CONTRIBUTIONS: u32 = 10_000;
/// Parameter that holds a contributor's name.
const NAME: u8 = 1;
/// Longest name, in bytes.
const MAX_NAME: usize = 64;

/// One contribution, as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    delta_after: G1Affine,
    g1_s: G1Affine,
    g1_sx: G1Affine,
    g2_spx: G2Affine,
    transcript: Hash,
    kind: u32,
    parameters: Vec<u8>,
}

/// The circuit's hash and all contributions to its key, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    circuit: Hash,
    contributions: Vec<Contribution>,
}

/// Contributions that do not follow from each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// Not the bytes of a section of contributions.
    #[error(transparent)]
    Malformed(#[from] ContainerError),
    /// A contribution whose transcript is not the hash of what came before.
    #[error("contribution {0}: its transcript is not that of the contributions before it")]
    Transcript(usize),
    /// A contribution whose maker did not prove to know its number.
    #[error("contribution {0}: its maker did not prove to know the number it multiplied by")]
    Knowledge(usize),
    /// A contribution whose delta is not the one before times its number.
    #[error("contribution {0}: its delta does not follow from the one before")]
    Delta(usize),
}

impl Contribution {
    /// The name that its maker gave itself, if it did.
    pub fn name(&self) -> Option<String> {
        let (&[kind, length], rest) = self.parameters.split_first_chunk::<2>()?;
        let name = rest.get(..usize::from(length)).filter(|_| kind == NAME)?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    /// Whether its number was drawn from a public beacon, by its own word.
    pub fn is_beacon(&self) -> bool {
        self.kind == 1
    }

    /// What its maker published, and whoever checks compares.
    pub fn hash(&self) -> Hash {
        let mut hasher = Blake2b512::new();
        self.absorb(&mut hasher);
        hasher.finalize().into()
    }

    fn absorb(&self, hasher: &mut Blake2b512) {
        [&self.delta_after, &self.g1_s, &self.g1_sx].iter().for_each(|p| hasher.update(hashed_g1(p)));
        hasher.update(hashed_g2(&self.g2_spx));
        hasher.update(self.transcript);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Contribution, ContainerError> {
        let group = "a point that is not in the group, or the identity";
        let point = |cursor: &mut Cursor<'_>| {
            let point = g1s(cursor.bytes(G1_BYTES)?).map(|p| p[0]).filter(|p| !p.is_zero());
            point.ok_or_else(|| cursor.error(group))
        };
        let (delta_after, g1_s, g1_sx) = (point(cursor)?, point(cursor)?, point(cursor)?);
        let g2_spx = g2s(cursor.bytes(G2_BYTES)?).map(|p| p[0]).filter(|p| !p.is_zero());
        let g2_spx = g2_spx.ok_or_else(|| cursor.error(group))?;
        let mut transcript = [0; 64];
        transcript.copy_from_slice(cursor.bytes(64)?);
        let (kind, length) = (cursor.word()?, cursor.word()?);
        let parameters = cursor.bytes(length as usize)?.to_vec();
        Ok(Contribution { delta_after, g1_s, g1_sx, g2_spx, transcript, kind, parameters })
    }

    fn write(&self, out: &mut Vec<u8>) {
        [&self.delta_after, &self.g1_s, &self.g1_sx].iter().for_each(|p| put_g1(out, p));
        put_g2(out, &self.g2_spx);
        out.extend_from_slice(&self.transcript);
        out.extend_from_slice(&self.kind.to_le_bytes());
        out.extend_from_slice(&(self.parameters.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.parameters);
    }
}

impl Ceremony {
    /// Without contributions, for a circuit of this hash.
    pub fn new(circuit: Hash) -> Ceremony {
        Ceremony { circuit, contributions: Vec::new() }
    }

    /// For a key of one's own randomness, which follows from no public powers of tau: the hash of all its points. Nobody
    /// can check such a key against a file of powers, but others can contribute to it.
    pub fn of_own_randomness(key: &ProvingKey<Bn254>) -> Ceremony {
        let mut hasher = Blake2b512::new();
        let vk = &key.vk;
        [&vk.alpha_g1, &key.beta_g1, &key.delta_g1].iter().for_each(|p| hasher.update(hashed_g1(p)));
        [&vk.beta_g2, &vk.gamma_g2, &vk.delta_g2].iter().for_each(|p| hasher.update(hashed_g2(p)));
        zkey::hashed_points(key).for_each(|p| hasher.update(hashed_g1(p)));
        zkey::hashed_twist(key).for_each(|p| hasher.update(hashed_g2(p)));
        Ceremony::new(hasher.finalize().into())
    }

    /// The circuit's hash: of matrices and powers of tau, and so of the key that the ceremony began from.
    pub fn circuit(&self) -> &Hash {
        &self.circuit
    }

    /// The contributions in order.
    pub fn contributions(&self) -> &[Contribution] {
        &self.contributions
    }

    /// Whether this ceremony went on where the other stood.
    pub fn continues(&self, earlier: &Ceremony) -> bool {
        self.circuit == earlier.circuit && self.contributions.starts_with(&earlier.contributions)
    }

    /// Reads section 10 of a zkey.
    ///
    /// # Errors
    /// [`ContainerError`] for another length, or a point that is not in its group or is the identity.
    pub fn read(bytes: &[u8]) -> Result<Ceremony, ContainerError> {
        let mut cursor = Cursor::new(SECTION, bytes);
        let mut ceremony = Ceremony::new([0; 64]);
        ceremony.circuit.copy_from_slice(cursor.bytes(64)?);
        let count = cursor.word()?;
        if count > MAX_CONTRIBUTIONS {
            return Err(cursor.error("more than 10,000 contributions"));
        }
        for _ in 0..count {
            ceremony.contributions.push(Contribution::read(&mut cursor)?);
        }
        cursor.end()?;
        Ok(ceremony)
    }

    /// Section 10 of a zkey.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.circuit.to_vec();
        out.extend_from_slice(&(self.contributions.len() as u32).to_le_bytes());
        self.contributions.iter().for_each(|c| c.write(&mut out));
        out
    }

    /// Checks every contribution after the first `known`, from this delta on; gives the last delta. Four pairings each.
    ///
    /// # Errors
    /// [`CeremonyError`] for the first contribution that does not follow from those before it.
    pub fn check(&self, known: usize, delta: G1Affine) -> Result<G1Affine, CeremonyError> {
        let mut before = delta;
        let mut so_far = self.hasher(known);
        for (i, c) in self.contributions.iter().enumerate().skip(known) {
            let number = i + 1;
            if transcript(so_far.clone(), &c.g1_s, &c.g1_sx) != c.transcript {
                return Err(CeremonyError::Transcript(number));
            }
            c.absorb(&mut so_far);
            let g2_sp = hash_to_g2(&c.transcript);
            if !same_ratio((c.g1_s, c.g1_sx), (g2_sp, c.g2_spx)) {
                return Err(CeremonyError::Knowledge(number));
            }
            if !same_ratio((before, c.delta_after), (g2_sp, c.g2_spx)) {
                return Err(CeremonyError::Delta(number));
            }
            before = c.delta_after;
        }
        Ok(before)
    }

    /// A hasher that has read the circuit's hash and the first `count` contributions.
    fn hasher(&self, count: usize) -> Blake2b512 {
        let mut hasher = Blake2b512::new();
        hasher.update(self.circuit);
        self.contributions[..count].iter().for_each(|c| c.absorb(&mut hasher));
        hasher
    }

    /// Contributes to a key with a fresh number, which is forgotten: multiplies delta by it and divides `L` and `H`.
    ///
    /// # Errors
    /// [`NoInverse`], once in 2^254 times.
    pub fn contribute(
        &mut self,
        key: &mut ProvingKey<Bn254>,
        name: &str,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), NoInverse> {
        let secret = Fr::rand(rng);
        let inverse = secret.inverse().ok_or(NoInverse)?;
        let g1_s = (G1Affine::generator() * Fr::rand(rng)).into_affine();
        let g1_sx = (g1_s * secret).into_affine();
        let transcript = transcript(self.hasher(self.contributions.len()), &g1_s, &g1_sx);
        let g2_spx = (hash_to_g2(&transcript) * secret).into_affine();
        key.delta_g1 = (key.delta_g1 * secret).into_affine();
        key.vk.delta_g2 = (key.vk.delta_g2 * secret).into_affine();
        for query in [&mut key.l_query, &mut key.h_query] {
            let scaled: Vec<_> = query.par_iter().map(|p| *p * inverse).collect();
            *query = CurveGroup::normalize_batch(&scaled);
        }
        let mut kept = name.len().min(MAX_NAME);
        while !name.is_char_boundary(kept) {
            kept -= 1;
        }
        let mut parameters = Vec::new();
        if kept > 0 {
            parameters.extend_from_slice(&[NAME, kept as u8]);
            parameters.extend_from_slice(&name.as_bytes()[..kept]);
        }
        let delta_after = key.delta_g1;
        self.contributions.push(Contribution { delta_after, g1_s, g1_sx, g2_spx, transcript, kind: 0, parameters });
        Ok(())
    }
}

/// The hash that a contribution must name, with the point that it shows, after what was hashed so far.
fn transcript(mut so_far: Blake2b512, g1_s: &G1Affine, g1_sx: &G1Affine) -> Hash {
    so_far.update(hashed_g1(g1_s));
    so_far.update(hashed_g1(g1_sx));
    so_far.finalize().into()
}

/// Chance drew the number zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chance drew zero")]
pub struct NoInverse;

/// Whether `b` is to `a` what `d` is to `c`. No point of them may be the identity.
pub fn same_ratio((a, b): (G1Affine, G1Affine), (c, d): (G2Affine, G2Affine)) -> bool {
    Bn254::multi_pairing([a, -b], [d, c]).is_zero()
}

/// A point of the twist that nobody knows the logarithm of, drawn from a hash as snarkjs draws it: ChaCha20's words from
/// the first half of the hash, coordinates taken as Montgomery forms, the cofactor cleared.
pub fn hash_to_g2(hash: &Hash) -> G2Affine {
    let mut seed = [0; 32];
    // The words of the key are read big-endian from the hash; the cipher reads them little-endian from the seed.
    for (word, from) in seed.chunks_exact_mut(4).zip(hash.chunks_exact(4)) {
        word.copy_from_slice(from);
        word.reverse();
    }
    let mut words = ChaCha20Rng::from_seed(seed);
    loop {
        let x = Fq2::new(draw(&mut words), draw(&mut words));
        let greatest = words.next_u32() & 1 == 1;
        let square = x.square() * x + <ark_bn254::g2::Config as SWCurveConfig>::COEFF_B;
        let Some(root) = square.sqrt() else { continue };
        let y = if is_negative(&root) == greatest { root } else { -root };
        return G2Affine::new_unchecked(x, y).mul_by_cofactor();
    }
}

/// A coordinate below the modulus: four times 64 bits, the first word of each pair the higher, cut to 254 bits.
fn draw(words: &mut ChaCha20Rng) -> Fq {
    loop {
        let limbs: [u64; 4] = std::array::from_fn(|i| {
            let (high, low) = (u64::from(words.next_u32()), u64::from(words.next_u32()));
            let limb = high << 32 | low;
            if i == 3 { limb & (u64::MAX >> 2) } else { limb }
        });
        if let Some(number) = from_montgomery(BigInteger256::new(limbs)) {
            return number;
        }
    }
}

/// Whether the imaginary part, or the real part where there is none, is above half the modulus.
fn is_negative(y: &Fq2) -> bool {
    let part = if y.c1.is_zero() { y.c0 } else { y.c1 };
    part > -part
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From snarkjs 0.7.6: `hashToG2(curve, Uint8Array.from({ length: 64 }, (_, i) => i))`.
    #[test]
    fn the_hash_to_the_twist_is_that_of_snarkjs() {
        let point = hash_to_g2(&std::array::from_fn(|i| i as u8));
        assert!(point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve());
        let shown = [point.x.c0, point.x.c1, point.y.c0, point.y.c1].map(|c| c.to_string());
        let expected = [
            "4331880802040179507408134841181032487087173600464364024802210002059667950604",
            "4271516305872202364858900391755946161657037246250020514439168976697447665804",
            "14194165528950986229237743759035044030322996258565805903348263410557850081640",
            "3572495062036222432809855904167672718120072387698078762897023322348755581936",
        ];
        assert_eq!(shown, expected);
        // Of hashes that begin with 1, 2, 3, … the last coordinate: some of the greater root and some of the lesser.
        for (first, expected) in (1..).zip([
            "10551926402791629954520539013638630099059042879970107284293781360462632311529",
            "17699902288037274156780012533119747124115430161371577794770875869237258130127",
            "14787471726201062035703868135645585208808207449022960880454711903292882605902",
            "15675013938292737974907400203781776205005276458968151461187071875579679352222",
            "6332661243816855365012212382363949613121995038189167477830366955039747280808",
            "7583335999021975727207555796109712286101550966289680864565887229735852165242",
            "13434938167484753005768033092373300976345473103088227418717043875248345162277",
        ]) {
            let point = hash_to_g2(&std::array::from_fn(|i| i as u8 + first));
            assert_eq!(point.y.c1.to_string(), expected);
        }
    }
}
