//! Eight field elements side by side: what the prover's inner loops are written in.
//!
//! Three backends compute with them, and give the same elements: [`Portable`], on arkworks' fields, [`super::ifma`], with
//! the 52-bit multipliers of newer processors, and [`super::fma`], with the floating-point units of older ones. The loops
//! are written once, as kernels; a backend compiles a kernel for its instructions.
//!
//! Values are congruent to the element, not always the least: a *canonical* one is the least, a *tight* one is below twice
//! the modulus `p`, a *loose* one, the sum or difference of two tight ones, below `4p`. A backend may keep others of as
//! many values, on both sides of zero. Products are tight. Each operation says what it takes.

use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{BigInt, Field, Fp, MontBackend, MontConfig, PrimeField};

/// How many elements an octet holds.
pub const LANES: usize = 8;

/// An element in memory: four words, whose meaning is the backend's, but for zero, which is zero words.
pub type Words = [u64; 4];

/// Bytes of an integer in a key file.
pub(super) const PRIME_BYTES: usize = 32;

/// Little-endian bytes as words.
#[inline(always)]
pub(super) fn from_bytes(bytes: &[u8]) -> Words {
    let bytes = &bytes[..PRIME_BYTES];
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// `2^exponent` modulo a prime below `2^255`.
pub(super) const fn power_of_two<C: MontConfig<4>>(exponent: u32) -> Words {
    let (mut power, mut i) = ([1u64, 0, 0, 0], 0);
    while i < exponent {
        let [a, b, c, d] = power;
        power = [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63];
        let (mut less, mut borrow, mut limb) = ([0; 4], false, 0);
        while limb < 4 {
            let (difference, first) = power[limb].overflowing_sub(C::MODULUS.0[limb]);
            let (difference, second) = difference.overflowing_sub(borrow as u64);
            (less[limb], borrow) = (difference, first | second);
            limb += 1;
        }
        if !borrow {
            power = less;
        }
        i += 1;
    }
    power
}

/// An array of what an expression gives for each lane. Written out, since what closures are given to does not always
/// inline into a kernel.
macro_rules! each_lane {
    ($lane:ident => $value:expr) => {
        [
            {
                let $lane = 0usize;
                $value
            },
            {
                let $lane = 1usize;
                $value
            },
            {
                let $lane = 2usize;
                $value
            },
            {
                let $lane = 3usize;
                $value
            },
            {
                let $lane = 4usize;
                $value
            },
            {
                let $lane = 5usize;
                $value
            },
            {
                let $lane = 6usize;
                $value
            },
            {
                let $lane = 7usize;
                $value
            },
        ]
    };
}
pub(super) use each_lane;

/// What computes with octets.
pub trait Backend: Copy + Send + Sync + 'static {
    /// Octets of coordinates.
    type Base: PrimeOctet<Backend = Self, Field = Fq>;
    /// Octets of scalars.
    type Scalar: PrimeOctet<Backend = Self, Field = Fr>;

    /// Runs a kernel, compiled for this backend.
    fn run<K: Kernel<Self>>(self, kernel: K) -> K::Output;
}

/// A loop over octets. Everything that it calls is inlined into it.
pub trait Kernel<B: Backend> {
    /// What it gives.
    type Output;
    /// The loop.
    fn on(self, backend: B) -> Self::Output;
}

/// Eight elements of a field.
pub trait Octet: Copy + Send + Sync {
    /// What computes with them; an octet exists only where its backend does.
    type Backend: Backend;
    /// The field.
    type Field: Field;
    /// An element in memory.
    type Stored: Copy + Send + Sync + Default + PartialEq;

    /// Bytes of an element in a key file: least integers of 32 bytes, little-endian.
    const BYTES: usize;

    /// The integers that stand for an element in a key file, of which so many bytes are given.
    fn integers(bytes: &[u8]) -> Self::Stored;
    /// An element as it is kept in memory.
    fn to_stored(element: &Self::Field) -> Self::Stored;
    /// From an element in memory, of any value below twice the modulus.
    fn from_stored(stored: &Self::Stored) -> Self::Field;

    /// Has the processor fetch an element that will be loaded soon.
    fn prefetch(backend: Self::Backend, stored: &Self::Stored);
    /// Eight elements from memory, as they lie there.
    fn load(backend: Self::Backend, from: [&Self::Stored; LANES]) -> Self;
    /// Eight times the same.
    fn splat(backend: Self::Backend, stored: &Self::Stored) -> Self;
    /// Eight of arkworks' elements. Tight.
    fn from_field(backend: Self::Backend, from: [&Self::Field; LANES]) -> Self;
    /// Eight elements from a key file, each as [`Octet::integers`] takes it from there. Tight.
    fn from_integers(backend: Self::Backend, from: [&Self::Stored; LANES]) -> Self;
    /// To memory; takes tight values.
    fn store(self) -> [Self::Stored; LANES];

    /// The sum of the values, not reduced.
    fn add(self, other: Self) -> Self;
    /// The difference: `other` is tight, and the result below this value and `2p`.
    fn sub(self, other: Self) -> Self;
    /// The product, tight; takes loose values, or others whose bounds multiply to at most `16 p p`.
    fn mul(self, other: Self) -> Self;
    /// The square, tight; takes tight values.
    fn square(self) -> Self;
    /// A value made tight: loose, or a tight one less the sum of two.
    fn tight(self) -> Self;
    /// The same, made canonical.
    fn canonical(self) -> Self;
    /// The negatives of tight values in the lanes of the mask, at most `2p`.
    fn negate_where(self, mask: u8) -> Self;

    /// The lanes whose values are the same number; for canonical values, the same element.
    fn same(self, other: Self) -> u8;
    /// `yes` in the lanes of the mask, `no` in the others.
    fn select(mask: u8, yes: Self, no: Self) -> Self;

    /// The inverses of tight values, none of which is zero.
    #[inline(always)]
    fn invert(self, backend: Self::Backend) -> Self {
        let mut elements = self.store().map(|stored| Self::from_stored(&stored));
        invert_each(&mut elements);
        let stored = elements.map(|element| Self::to_stored(&element));
        Self::load(backend, stored.each_ref())
    }
}

/// Octets of a prime field.
pub trait PrimeOctet: Octet<Stored = Words> {
    /// `a b + c d`, tight, for loose values.
    fn sum_of_products(self, b: Self, c: Self, d: Self) -> Self;
    /// The negative of a loose value, loose.
    fn negate(self) -> Self;
    /// The least integers that the elements stand for; takes loose values.
    fn to_integers(self) -> [Words; LANES];
    /// Lane `i` of octet `j` becomes lane `j` of octet `i`.
    fn transpose(octets: [Self; LANES]) -> [Self; LANES];
}

/// Inverts in place. Not arkworks' batch inversion, which spreads eight elements over all cores.
#[inline(never)]
fn invert_each<F: Field>(elements: &mut [F; LANES]) {
    let mut before = [F::ONE; LANES];
    let mut product = F::ONE;
    for (before, element) in before.iter_mut().zip(&*elements) {
        *before = product;
        product *= element;
    }
    let mut inverse = product.inverse().unwrap_or(F::ZERO);
    for (before, element) in before.iter().zip(elements).rev() {
        let next = inverse * *element;
        *element = inverse * before;
        inverse = next;
    }
}

/// arkworks' arithmetic, on every processor.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Backend for Portable {
    type Base = Plain<FqConfig>;
    type Scalar = Plain<FrConfig>;

    fn run<K: Kernel<Portable>>(self, kernel: K) -> K::Output {
        kernel.on(self)
    }
}

/// Eight of arkworks' elements; always canonical.
pub struct Plain<C: MontConfig<4>>([Fp<MontBackend<C, 4>, 4>; LANES]);

impl<C: MontConfig<4>> Clone for Plain<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C: MontConfig<4>> Copy for Plain<C> {}

impl<C: MontConfig<4>> Plain<C> {
    fn zip(
        self,
        other: Self,
        f: impl Fn(Fp<MontBackend<C, 4>, 4>, Fp<MontBackend<C, 4>, 4>) -> Fp<MontBackend<C, 4>, 4>,
    ) -> Self {
        Plain(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl<C: MontConfig<4>> Octet for Plain<C>
where
    Portable: Backend,
{
    type Backend = Portable;
    type Field = Fp<MontBackend<C, 4>, 4>;
    type Stored = Words;
    const BYTES: usize = PRIME_BYTES;

    fn integers(bytes: &[u8]) -> Words {
        from_bytes(bytes)
    }
    fn to_stored(element: &Self::Field) -> Words {
        element.0.0
    }
    fn from_stored(stored: &Words) -> Self::Field {
        Fp::new_unchecked(BigInt::new(*stored))
    }
    fn prefetch(_: Portable, _: &Words) {}
    fn load(_: Portable, from: [&Words; LANES]) -> Self {
        Plain(from.map(Self::from_stored))
    }
    fn splat(_: Portable, stored: &Words) -> Self {
        Plain([Self::from_stored(stored); LANES])
    }
    fn from_field(_: Portable, from: [&Self::Field; LANES]) -> Self {
        Plain(from.map(|element| *element))
    }
    fn from_integers(_: Portable, from: [&Words; LANES]) -> Self {
        // An integer, taken as arkworks' form of an element, is that over `2^256`.
        Plain(from.map(|integer| Self::from_stored(integer) * Self::from_stored(&C::R2.0)))
    }
    fn store(self) -> [Words; LANES] {
        self.0.map(|element| Self::to_stored(&element))
    }
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    fn square(self) -> Self {
        Plain(self.0.map(|a| a.square()))
    }
    fn tight(self) -> Self {
        self
    }
    fn canonical(self) -> Self {
        self
    }
    fn negate_where(self, mask: u8) -> Self {
        Self::select(mask, self.negate(), self)
    }
    fn same(self, other: Self) -> u8 {
        (0..LANES).fold(0, |mask, i| mask | (u8::from(self.0[i] == other.0[i]) << i))
    }
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Plain(std::array::from_fn(|i| if mask >> i & 1 == 1 { yes.0[i] } else { no.0[i] }))
    }
}

impl<C: MontConfig<4>> PrimeOctet for Plain<C> {
    fn sum_of_products(self, b: Self, c: Self, d: Self) -> Self {
        Plain(std::array::from_fn(|i| Self::Field::sum_of_products(&[self.0[i], c.0[i]], &[b.0[i], d.0[i]])))
    }
    fn negate(self) -> Self {
        Plain(self.0.map(|a| -a))
    }
    fn to_integers(self) -> [Words; LANES] {
        self.0.map(|a| a.into_bigint().0)
    }
    fn transpose(octets: [Self; LANES]) -> [Self; LANES] {
        std::array::from_fn(|i| Plain(std::array::from_fn(|j| octets[j].0[i])))
    }
}

#[cfg(test)]
mod tests;
