//! Octets on AVX-512 IFMA: eight elements in limbs of 52 bits, multiplied by the `vpmadd52` instructions. With
//! [`super::fma`] the only modules with `unsafe` code; it pays by a factor of three and more (`docs/performance.md`).
//!
//! An element is five limbs below 2^52, in Montgomery form for `R = 2^260`. `R` exceeds 84 `p`, so that sums of a few
//! terms can be multiplied without being reduced first. In memory it is four words of 64 bits, below `2p`.
//!
//! **Why it is sound.** All that is unsafe is to run instructions that the processor may lack, and to read eight
//! elements through references. An [`Ifma`] is only made by [`Ifma::detect`], which asks the processor for every feature
//! that [`FEATURES`] names; every octet is made from an `Ifma` or from other octets. So where there is an octet, the
//! instructions are there. Loads and stores go through references to arrays of the very size, without alignment.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, marker::PhantomData};

use ark_bn254::{FqConfig, FrConfig};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Fp, MontBackend, MontConfig};

use super::octet::{
    Backend, Kernel, LANES, Octet, PRIME_BYTES, PrimeOctet, Words, each_lane, from_bytes, power_of_two,
};

/// Runs octets of 52-bit limbs. Exists only where the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

impl Ifma {
    /// The backend, if this processor has what it needs.
    pub fn detect() -> Option<Ifma> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512vbmi2");
        all.then_some(Ifma(()))
    }
}

impl Backend for Ifma {
    type Base = Limbs<FqConfig>;
    type Scalar = Limbs<FrConfig>;

    fn run<K: Kernel<Ifma>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
        fn compiled<K: Kernel<Ifma>>(kernel: K, backend: Ifma) -> K::Output {
            kernel.on(backend)
        }
        // SAFETY: an `Ifma` exists, so the processor has the features.
        unsafe { compiled(kernel, self) }
    }
}

/// Five limbs of eight elements.
pub struct Limbs<C>([__m512i; 5], PhantomData<C>);

impl<C> Clone for Limbs<C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Limbs<C> {}

type Limbs5 = [__m512i; 5];
type Element<C> = Fp<MontBackend<C, 4>, 4>;

const BITS: u32 = 52;
const MASK: u64 = (1 << BITS) - 1;

/// A number below 2^260, in limbs.
const fn limbs(n: Words, shift: u32) -> [u64; 5] {
    // Times 2^shift, for shifts of at most 2 of numbers below 2^254.
    let w = [
        n[0] << shift,
        n[1] << shift | n[0] >> 1 >> (63 - shift),
        n[2] << shift | n[1] >> 1 >> (63 - shift),
        n[3] << shift | n[2] >> 1 >> (63 - shift),
    ];
    [
        w[0] & MASK,
        (w[0] >> 52 | w[1] << 12) & MASK,
        (w[1] >> 40 | w[2] << 24) & MASK,
        (w[2] >> 28 | w[3] << 36) & MASK,
        w[3] >> 16,
    ]
}

/// The modulus, twice and four times the modulus, and its negated inverse modulo 2^52.
struct Constants<C>(PhantomData<C>);

impl<C: MontConfig<4>> Constants<C> {
    const P: [u64; 5] = limbs(C::MODULUS.0, 0);
    const TWO_P: [u64; 5] = limbs(C::MODULUS.0, 1);
    const FOUR_P: [u64; 5] = limbs(C::MODULUS.0, 2);
    const INV: u64 = C::INV & MASK;
    const R_SQUARED: Words = power_of_two::<C>(2 * 260);
}

/// Eight times the same limb.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn all<C: MontConfig<4>>(x: u64) -> __m512i {
    _mm512_set1_epi64(x as i64)
}

/// Limbs below 2^52 again, after sums of limbs; the value stays.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn carry<C: MontConfig<4>>(mut t: Limbs5) -> Limbs5 {
    let mask = all::<C>(MASK);
    for i in 0..4 {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<BITS>(t[i]));
        t[i] = _mm512_and_si512(t[i], mask);
    }
    t
}

/// The same where limbs may be negative; the value is not.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn borrow<C: MontConfig<4>>(mut t: Limbs5) -> Limbs5 {
    let mask = all::<C>(MASK);
    for i in 0..4 {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srai_epi64::<BITS>(t[i]));
        t[i] = _mm512_and_si512(t[i], mask);
    }
    t
}

/// The value less `n` in lanes where it is not below `n`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn reduce_once<C: MontConfig<4>>(x: Limbs5, n: [u64; 5]) -> Limbs5 {
    let mut t = x;
    for i in 0..5 {
        t[i] = _mm512_sub_epi64(x[i], all::<C>(n[i]));
    }
    let t = borrow::<C>(t);
    let below = _mm512_movepi64_mask(t[4]);
    let mut out = x;
    for i in 0..5 {
        out[i] = _mm512_mask_blend_epi64(below, t[i], x[i]);
    }
    out
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn sum<C: MontConfig<4>>(a: Limbs5, b: Limbs5) -> Limbs5 {
    let mut t = a;
    for i in 0..5 {
        t[i] = _mm512_add_epi64(a[i], b[i]);
    }
    carry::<C>(t)
}

/// `a + n - b`, for `b <= n`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn difference<C: MontConfig<4>>(a: Limbs5, b: Limbs5, n: [u64; 5]) -> Limbs5 {
    let mut t = a;
    for i in 0..5 {
        t[i] = _mm512_sub_epi64(_mm512_add_epi64(a[i], all::<C>(n[i])), b[i]);
    }
    borrow::<C>(t)
}

/// `n - b`, for `b <= n`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn negative<C: MontConfig<4>>(b: Limbs5, n: [u64; 5]) -> Limbs5 {
    let mut t = b;
    for i in 0..5 {
        t[i] = _mm512_sub_epi64(all::<C>(n[i]), b[i]);
    }
    borrow::<C>(t)
}

/// One limb of `b` times `a`, added to the accumulator; then the multiple of `p` that clears the lowest limb, and one
/// limb down.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn step<C: MontConfig<4>>(t: [__m512i; 6], a: Limbs5, b: __m512i) -> [__m512i; 6] {
    reduce_limb::<C>(accumulate::<C>(t, a, b))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn accumulate<C: MontConfig<4>>(mut t: [__m512i; 6], a: Limbs5, b: __m512i) -> [__m512i; 6] {
    for i in 0..5 {
        t[i] = _mm512_madd52lo_epu64(t[i], a[i], b);
    }
    for i in 0..5 {
        t[i + 1] = _mm512_madd52hi_epu64(t[i + 1], a[i], b);
    }
    t
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn reduce_limb<C: MontConfig<4>>(mut t: [__m512i; 6]) -> [__m512i; 6] {
    let zero = _mm512_setzero_si512();
    let m = _mm512_madd52lo_epu64(zero, t[0], all::<C>(Constants::<C>::INV));
    let p = Constants::<C>::P;
    for i in 0..5 {
        t[i] = _mm512_madd52lo_epu64(t[i], m, all::<C>(p[i]));
    }
    for i in 0..5 {
        t[i + 1] = _mm512_madd52hi_epu64(t[i + 1], m, all::<C>(p[i]));
    }
    let low = _mm512_srli_epi64::<BITS>(t[0]);
    [_mm512_add_epi64(t[1], low), t[2], t[3], t[4], t[5], zero]
}

/// `a b / 2^260`: below `p + a b / 2^260`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn product<C: MontConfig<4>>(a: Limbs5, b: Limbs5) -> Limbs5 {
    let mut t = [_mm512_setzero_si512(); 6];
    for limb in b {
        t = step::<C>(t, a, limb);
    }
    carry::<C>([t[0], t[1], t[2], t[3], t[4]])
}

/// `(a b + c d) / 2^260`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn products<C: MontConfig<4>>(a: Limbs5, b: Limbs5, c: Limbs5, d: Limbs5) -> Limbs5 {
    let mut t = [_mm512_setzero_si512(); 6];
    for i in 0..5 {
        t = step::<C>(accumulate::<C>(t, a, b[i]), c, d[i]);
    }
    carry::<C>([t[0], t[1], t[2], t[3], t[4]])
}

/// Words of eight elements, word by word, to limbs.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn from_words<C: MontConfig<4>>(w: [__m512i; 4]) -> Limbs5 {
    let mask = all::<C>(MASK);
    [
        _mm512_and_si512(w[0], mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<52>(w[0], w[1]), mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<40>(w[1], w[2]), mask),
        _mm512_and_si512(_mm512_shrdi_epi64::<28>(w[2], w[3]), mask),
        _mm512_srli_epi64::<16>(w[3]),
    ]
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn to_words<C: MontConfig<4>>(t: Limbs5) -> [__m512i; 4] {
    [
        _mm512_or_si512(t[0], _mm512_slli_epi64::<52>(t[1])),
        _mm512_or_si512(_mm512_srli_epi64::<12>(t[1]), _mm512_slli_epi64::<40>(t[2])),
        _mm512_or_si512(_mm512_srli_epi64::<24>(t[2]), _mm512_slli_epi64::<28>(t[3])),
        _mm512_or_si512(_mm512_srli_epi64::<36>(t[3]), _mm512_slli_epi64::<16>(t[4])),
    ]
}

/// Four words each of eight elements, gathered word by word.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn gather<C: MontConfig<4>>(from: [&Words; LANES]) -> [__m512i; 4] {
    let mut rows = [_mm512_setzero_si512(); 4];
    for i in 0..4 {
        // SAFETY: a reference to four words may be read as 32 bytes; the loads ask for no alignment.
        let (low, high) = unsafe {
            (
                _mm256_loadu_si256((from[i] as *const Words).cast()),
                _mm256_loadu_si256((from[i + 4] as *const Words).cast()),
            )
        };
        rows[i] = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high);
    }
    let (even, odd) = (
        [_mm512_unpacklo_epi64(rows[0], rows[1]), _mm512_unpacklo_epi64(rows[2], rows[3])],
        [_mm512_unpackhi_epi64(rows[0], rows[1]), _mm512_unpackhi_epi64(rows[2], rows[3])],
    );
    let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    [
        _mm512_permutex2var_epi64(even[0], first, even[1]),
        _mm512_permutex2var_epi64(odd[0], first, odd[1]),
        _mm512_permutex2var_epi64(even[0], second, even[1]),
        _mm512_permutex2var_epi64(odd[0], second, odd[1]),
    ]
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn scatter<C: MontConfig<4>>(w: [__m512i; 4]) -> [Words; LANES] {
    let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    let even = [_mm512_permutex2var_epi64(w[0], first, w[2]), _mm512_permutex2var_epi64(w[0], second, w[2])];
    let odd = [_mm512_permutex2var_epi64(w[1], first, w[3]), _mm512_permutex2var_epi64(w[1], second, w[3])];
    let rows = [
        _mm512_unpacklo_epi64(even[0], odd[0]),
        _mm512_unpackhi_epi64(even[0], odd[0]),
        _mm512_unpacklo_epi64(even[1], odd[1]),
        _mm512_unpackhi_epi64(even[1], odd[1]),
    ];
    let mut out = [[0; 4]; LANES];
    for (i, row) in rows.into_iter().enumerate() {
        let halves = [_mm512_castsi512_si256(row), _mm512_extracti64x4_epi64::<1>(row)];
        for (j, half) in halves.into_iter().enumerate() {
            // SAFETY: 32 bytes of a local array; the store asks for no alignment.
            unsafe { _mm256_storeu_si256((&raw mut out[i + 4 * j]).cast(), half) };
        }
    }
    out
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn canonical<C: MontConfig<4>>(x: Limbs5) -> Limbs5 {
    reduce_once::<C>(reduce_once::<C>(x, Constants::<C>::TWO_P), Constants::<C>::P)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn equal_lanes<C: MontConfig<4>>(a: Limbs5, b: Limbs5) -> u8 {
    let mut differs = _mm512_xor_si512(a[0], b[0]);
    for i in 1..5 {
        differs = _mm512_or_si512(differs, _mm512_xor_si512(a[i], b[i]));
    }
    _mm512_testn_epi64_mask(differs, differs)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn blend<C: MontConfig<4>>(mask: u8, yes: Limbs5, no: Limbs5) -> Limbs5 {
    let mut out = no;
    for i in 0..5 {
        out[i] = _mm512_mask_blend_epi64(mask, no[i], yes[i]);
    }
    out
}

/// Eight by eight words.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,avx512vbmi2")]
fn transpose_words<C: MontConfig<4>>(r: [__m512i; 8]) -> [__m512i; 8] {
    let (mut a, mut b) = (r, r);
    for i in 0..4 {
        a[2 * i] = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]);
        a[2 * i + 1] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]);
    }
    // Now pairs of words; then quarters of 128 bits.
    for i in 0..2 {
        for j in 0..2 {
            let (low, high) = (a[4 * i + j], a[4 * i + 2 + j]);
            b[4 * i + j] = _mm512_shuffle_i64x2::<0b10_00_10_00>(low, high);
            b[4 * i + 2 + j] = _mm512_shuffle_i64x2::<0b11_01_11_01>(low, high);
        }
    }
    let mut out = b;
    for j in 0..4 {
        out[j] = _mm512_shuffle_i64x2::<0b10_00_10_00>(b[j], b[4 + j]);
        out[j + 4] = _mm512_shuffle_i64x2::<0b11_01_11_01>(b[j], b[4 + j]);
    }
    out
}

// SAFETY of every block below: an octet or an `Ifma` is an argument, so the processor has the features.
impl<C: MontConfig<4>> Octet for Limbs<C> {
    type Backend = Ifma;
    type Field = Element<C>;
    type Stored = Words;
    const BYTES: usize = PRIME_BYTES;

    #[inline(always)]
    fn integers(bytes: &[u8]) -> Words {
        from_bytes(bytes)
    }
    /// arkworks' form has `R = 2^256`: sixteen times as much is ours.
    #[inline(always)]
    fn to_stored(element: &Element<C>) -> Words {
        let mut x = *element;
        for _ in 0..4 {
            x.double_in_place();
        }
        x.0.0
    }
    #[inline(always)]
    fn from_stored(stored: &Words) -> Element<C> {
        let mut x = BigInt::new(*stored);
        if x >= C::MODULUS {
            x.sub_with_borrow(&C::MODULUS);
        }
        for _ in 0..4 {
            if x.is_odd() {
                x.add_with_carry(&C::MODULUS);
            }
            x.div2();
        }
        Fp::new_unchecked(x)
    }
    #[inline(always)]
    fn prefetch(_: Ifma, stored: &Words) {
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>((stored as *const Words).cast()) }
    }
    #[inline(always)]
    fn load(_: Ifma, from: [&Words; LANES]) -> Self {
        Limbs(unsafe { from_words::<C>(gather::<C>(from)) }, PhantomData)
    }
    #[inline(always)]
    fn splat(_: Ifma, stored: &Words) -> Self {
        let [a, b, c, d, e] = limbs(*stored, 0);
        Limbs(unsafe { [all::<C>(a), all::<C>(b), all::<C>(c), all::<C>(d), all::<C>(e)] }, PhantomData)
    }
    #[inline(always)]
    fn from_field(backend: Ifma, from: [&Element<C>; LANES]) -> Self {
        // What arkworks holds, taken as ours, is a sixteenth of the element.
        let sixteen = Self::splat(backend, &Self::to_stored(&Element::<C>::from(16u64)));
        Self::load(backend, each_lane!(i => &from[i].0.0)).mul(sixteen)
    }
    #[inline(always)]
    fn from_integers(backend: Ifma, from: [&Words; LANES]) -> Self {
        // An integer, taken as ours, is that over `2^260`.
        Self::load(backend, from).mul(Self::splat(backend, &Constants::<C>::R_SQUARED))
    }
    #[inline(always)]
    fn store(self) -> [Words; LANES] {
        unsafe { scatter::<C>(to_words::<C>(self.0)) }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Limbs(unsafe { sum::<C>(self.0, other.0) }, PhantomData)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Limbs(unsafe { difference::<C>(self.0, other.0, Constants::<C>::TWO_P) }, PhantomData)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Limbs(unsafe { product::<C>(self.0, other.0) }, PhantomData)
    }
    #[inline(always)]
    fn square(self) -> Self {
        self.mul(self)
    }
    #[inline(always)]
    fn tight(self) -> Self {
        Limbs(unsafe { reduce_once::<C>(self.0, Constants::<C>::TWO_P) }, PhantomData)
    }
    #[inline(always)]
    fn canonical(self) -> Self {
        Limbs(unsafe { canonical::<C>(self.0) }, PhantomData)
    }
    #[inline(always)]
    fn negate_where(self, mask: u8) -> Self {
        let negative = unsafe { negative::<C>(self.0, Constants::<C>::TWO_P) };
        Self::select(mask, Limbs(negative, PhantomData), self)
    }
    #[inline(always)]
    fn same(self, other: Self) -> u8 {
        unsafe { equal_lanes::<C>(self.0, other.0) }
    }
    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Limbs(unsafe { blend::<C>(mask, yes.0, no.0) }, PhantomData)
    }
}

impl<C: MontConfig<4>> PrimeOctet for Limbs<C> {
    #[inline(always)]
    fn sum_of_products(self, b: Self, c: Self, d: Self) -> Self {
        Limbs(unsafe { products::<C>(self.0, b.0, c.0, d.0) }, PhantomData)
    }
    #[inline(always)]
    fn negate(self) -> Self {
        Limbs(unsafe { negative::<C>(self.0, Constants::<C>::FOUR_P) }, PhantomData)
    }
    #[inline(always)]
    fn to_integers(self) -> [Words; LANES] {
        // Times one: out of Montgomery form.
        let one = unsafe {
            let zero = all::<C>(0);
            [all::<C>(1), zero, zero, zero, zero]
        };
        Limbs(unsafe { product::<C>(self.0, one) }, PhantomData::<C>).canonical().store()
    }
    #[inline(always)]
    fn transpose(octets: [Self; LANES]) -> [Self; LANES] {
        let mut out = octets;
        for limb in 0..5 {
            let rows = unsafe { transpose_words::<C>(each_lane!(i => octets[i].0[limb])) };
            for (octet, row) in out.iter_mut().zip(rows) {
                octet.0[limb] = row;
            }
        }
        out
    }
}
