//! Octets on AVX2 and FMA: eight elements in limbs of 51 bits, multiplied as floating-point numbers. For processors
//! without the multipliers of [`super::ifma`]; it pays by a factor of two and more (`docs/performance.md`). With that one the
//! only modules with `unsafe` code.
//!
//! An element is five signed limbs, whole numbers in doubles, in Montgomery form for `R = 2^306`: six steps of reduction,
//! since after five a product of sums would not be small. *Balanced* limbs are at most `2^50` in size, but for the
//! highest. A value is within `p` of zero where it is tight or canonical; a few times that where it is loose.
//!
//! **Products of limbs** (after N. Emmart et al., *Faster Modular Exponentiation Using Double Precision Floating Point
//! Arithmetic on the GPU*, ARITH 2018, with limbs of 51 bits since we round to nearest). For `|a b| <= 2^102` and `H =
//! 3 * 2^102`, `h = a b + H`, rounded once, lies in `[2^103, 2^104]`, where doubles are `2^51` apart: its bits, as an
//! integer, are those of `H` plus the nearest integer to `a b / 2^51`. `H + L - h`, with `L = 3 * 2^51`, is exact, and so
//! is `a b + (H + L - h)`, which lies within `2^50` of `L`, where doubles are 1 apart: its bits are those of `L` plus the
//! rest. Bits are added as integers, and sums begin at the negative of all bits of `H` and `L` that will come.
//!
//! **How far limbs go.** Sums and differences of octets are those of limbs, without carries. Where the numbers of
//! balanced terms in two factors multiply to at most four, products of limbs are at most `2^102`: two loose values, or a
//! tight one and a sum of four. Sums of up to twenty-two products stay far below `2^62`.
//!
//! **In memory** an element is the number `x + B`, exclusive-or `B`, where each of the five digits of `B` is `2^50`: digits
//! less `2^50` are balanced limbs without a carry, and zero is zero words.
//!
//! **Why it is sound.** As in [`super::ifma`]: an [`Fma`] is only made by [`Fma::detect`], every octet is made from one or
//! from other octets, and memory is read and written through references to arrays of the very size, without alignment.

#![allow(unsafe_code)]

use std::{arch::x86_64::*, marker::PhantomData};

use ark_bn254::{FqConfig, FrConfig};
use ark_ff::{BigInt, Fp, MontBackend, MontConfig};

use super::octet::{
    Backend, Kernel, LANES, Octet, PRIME_BYTES, PrimeOctet, Words, each_lane, from_bytes, power_of_two,
};

/// Runs octets of floating-point limbs. Exists only where the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Fma(());

impl Fma {
    /// The backend, if this processor has what it needs.
    pub fn detect() -> Option<Fma> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Fma(()))
    }
}

impl Backend for Fma {
    type Base = Limbs<FqConfig>;
    type Scalar = Limbs<FrConfig>;

    fn run<K: Kernel<Fma>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2,fma")]
        fn compiled<K: Kernel<Fma>>(kernel: K, backend: Fma) -> K::Output {
            kernel.on(backend)
        }
        // SAFETY: an `Fma` exists, so the processor has the features.
        unsafe { compiled(kernel, self) }
    }
}

/// Five limbs of four elements.
type Limbs5 = [__m256d; 5];
type Element<C> = Fp<MontBackend<C, 4>, 4>;

/// Five limbs of eight elements, four and four.
pub struct Limbs<C>([Limbs5; 2], PhantomData<C>);

impl<C> Clone for Limbs<C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Limbs<C> {}

const BITS: i32 = 51;
const MASK: u64 = (1 << BITS) - 1;
/// A digit of `B`: what makes a balanced limb a digit.
const HALF: u64 = 1 << 50;
/// Added to a sum that is shifted down, so that it is not negative; and what is left of it then.
const LIFT: u64 = 1 << 62;
const LIFTED: u64 = LIFT >> BITS;

/// `H`, `L` and the double whose bits hold any number below `2^52`.
const HIGH: f64 = 3.0 * (1u128 << 102) as f64;
const LOW: f64 = 3.0 * (1u64 << 51) as f64;
const UNIT: f64 = (1u64 << 52) as f64;
const DOWN: f64 = 1.0 / (1u64 << 51) as f64;

/// A number below `2^256` as digits of 51 bits, the highest of 52.
const fn digits(w: Words) -> [u64; 5] {
    [
        w[0] & MASK,
        (w[0] >> 51 | w[1] << 13) & MASK,
        (w[1] >> 38 | w[2] << 26) & MASK,
        (w[2] >> 25 | w[3] << 39) & MASK,
        w[3] >> 12,
    ]
}

/// The reverse, for digits of 51 bits.
const fn words(d: [u64; 5]) -> Words {
    [d[0] | d[1] << 51, d[1] >> 13 | d[2] << 38, d[2] >> 26 | d[3] << 25, d[3] >> 39 | d[4] << 12]
}

const B: Words = words([HALF; 5]);

const fn wrapping_add(a: Words, b: Words) -> Words {
    let (mut out, mut carry, mut i) = ([0; 4], 0u128, 0);
    while i < 4 {
        carry += a[i] as u128 + b[i] as u128;
        out[i] = carry as u64;
        carry >>= 64;
        i += 1;
    }
    out
}

const fn wrapping_sub(a: Words, b: Words) -> Words {
    let not = [!b[0], !b[1], !b[2], !b[3]];
    wrapping_add(wrapping_add(a, not), [1, 0, 0, 0])
}

const fn xor(a: Words, b: Words) -> Words {
    [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]]
}

/// Limbs of a number in memory.
const fn limbs(stored: Words) -> [f64; 5] {
    let d = digits(xor(stored, B));
    let (mut out, mut i) = ([0.0; 5], 0);
    while i < 5 {
        out[i] = d[i] as i64 as f64 - HALF as f64;
        i += 1;
    }
    out
}

/// A number below `p` as it lies in memory.
const fn to_memory(n: Words) -> Words {
    xor(wrapping_add(n, B), B)
}

/// What each of the eleven sums of a product begins with, for so many products in each row: the bits of `H` and `L` that
/// will be added, negative, and what shifting down needs.
const fn beginnings(products: u64) -> [u64; 11] {
    let (mut out, mut row) = ([0u64; 11], 0);
    while row < 6 {
        // Rows of factors, and one of reduction.
        let count = if row < 5 { products + 1 } else { 1 };
        let mut i = 0;
        while i < 5 {
            out[row + i] = out[row + i].wrapping_sub(LOW.to_bits().wrapping_mul(count));
            out[row + i + 1] = out[row + i + 1].wrapping_sub(HIGH.to_bits().wrapping_mul(count));
            i += 1;
        }
        row += 1;
    }
    let mut i = 0;
    while i < 10 {
        out[i] = out[i].wrapping_add(LIFT);
        out[i + 1] = out[i + 1].wrapping_sub(LIFTED);
        i += 1;
    }
    // Digits of the result that are shifted down are made balanced; the highest becomes a double as it is.
    let mut i = 6;
    while i < 10 {
        out[i] = out[i].wrapping_add(HALF);
        i += 1;
    }
    out[10] = out[10].wrapping_add(LOW.to_bits());
    out
}

const OF_ONE: [u64; 11] = beginnings(1);
const OF_TWO: [u64; 11] = beginnings(2);

/// The modulus and its negated inverse modulo `2^51`, balanced.
struct Constants<C>(PhantomData<C>);

impl<C: MontConfig<4>> Constants<C> {
    const P: [f64; 5] = limbs(to_memory(C::MODULUS.0));
    const INVERSE: f64 = {
        let low = C::INV & MASK;
        if low > HALF { low as f64 - (MASK + 1) as f64 } else { low as f64 }
    };
    /// One over the modulus, in units of the highest limb.
    const QUOTIENT: f64 = 1.0 / Self::P[4];
    /// `2^-50`, as arkworks holds it.
    const DOWN_50: Element<C> = {
        let (mut x, mut i) = ([1u64, 0, 0, 0], 0);
        while i < 50 {
            if x[0] & 1 == 1 {
                x = wrapping_add(x, C::MODULUS.0);
            }
            x = [x[0] >> 1 | x[1] << 63, x[1] >> 1 | x[2] << 63, x[2] >> 1 | x[3] << 63, x[3] >> 1];
            i += 1;
        }
        Element::<C>::new(BigInt(x))
    };
    const R_SQUARED: Words = to_memory(power_of_two::<C>(2 * 306));
    const UP_50: Element<C> = Element::<C>::new(BigInt([1 << 50, 0, 0, 0]));
}

/// Four times the same.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn all(x: f64) -> __m256d {
    _mm256_set1_pd(x)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn whole(x: u64) -> __m256i {
    _mm256_set1_epi64x(x as i64)
}

/// The nearest multiple of `2^51`, for numbers below `2^102` in size.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn nearest_high(x: __m256d) -> __m256d {
    _mm256_sub_pd(_mm256_add_pd(x, all(HIGH)), all(HIGH))
}

/// The nearest whole number, for numbers below `2^51` in size.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn nearest(x: __m256d) -> __m256d {
    _mm256_sub_pd(_mm256_add_pd(x, all(LOW)), all(LOW))
}

/// Balanced limbs; the value stays.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn balance(mut t: Limbs5) -> Limbs5 {
    for i in 0..4 {
        let high = nearest_high(t[i]);
        t[i] = _mm256_sub_pd(t[i], high);
        t[i + 1] = _mm256_fmadd_pd(high, all(DOWN), t[i + 1]);
    }
    t
}

/// `a b` of limbs, added to two neighbouring sums.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add_product(t: &mut [__m256i; 6], i: usize, a: __m256d, b: __m256d) {
    let high = _mm256_fmadd_pd(a, b, all(HIGH));
    let low = _mm256_fmadd_pd(a, b, _mm256_sub_pd(all(HIGH + LOW), high));
    t[i] = _mm256_add_epi64(t[i], _mm256_castpd_si256(low));
    t[i + 1] = _mm256_add_epi64(t[i + 1], _mm256_castpd_si256(high));
}

/// The first six sums.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn begin(with: &[u64; 11]) -> [__m256i; 6] {
    [whole(with[0]), whole(with[1]), whole(with[2]), whole(with[3]), whole(with[4]), whole(with[5])]
}

/// The multiple of `p` that clears the lowest 51 bits, and one limb down; `next` begins the highest sum.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn reduce_limb<C: MontConfig<4>>(mut t: [__m256i; 6], next: u64) -> [__m256i; 6] {
    let unit = all(UNIT);
    let low = _mm256_or_si256(_mm256_and_si256(t[0], whole(MASK)), _mm256_castpd_si256(unit));
    let (low, inverse) = (_mm256_sub_pd(_mm256_castsi256_pd(low), unit), all(Constants::<C>::INVERSE));
    let high = _mm256_fmadd_pd(low, inverse, all(HIGH));
    let m = _mm256_sub_pd(_mm256_fmadd_pd(low, inverse, _mm256_sub_pd(all(HIGH + LOW), high)), all(LOW));
    for (i, p) in Constants::<C>::P.into_iter().enumerate() {
        add_product(&mut t, i, m, all(p));
    }
    let carry = _mm256_srli_epi64::<BITS>(t[0]);
    [_mm256_add_epi64(t[1], carry), t[2], t[3], t[4], t[5], whole(next)]
}

/// Sums of the limbs of a product, as balanced limbs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn finish(mut t: [__m256i; 6]) -> Limbs5 {
    let unit = all(UNIT);
    let mut out = [_mm256_setzero_pd(); 5];
    for i in 0..4 {
        let digit = _mm256_or_si256(_mm256_and_si256(t[i], whole(MASK)), _mm256_castpd_si256(unit));
        out[i] = _mm256_sub_pd(_mm256_castsi256_pd(digit), all(UNIT + HALF as f64));
        t[i + 1] = _mm256_add_epi64(t[i + 1], _mm256_srli_epi64::<BITS>(t[i]));
    }
    out[4] = _mm256_sub_pd(_mm256_castsi256_pd(t[4]), all(LOW));
    out
}

/// `a b / 2^306`, within `p / 2` and a little of zero. Not inlined: a kernel of many would not fit the cache of
/// instructions.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn product<C: MontConfig<4>>(a: &[Limbs5; 2], b: &[Limbs5; 2]) -> [Limbs5; 2] {
    let mut out = *a;
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        let mut t = begin(&OF_ONE);
        for (row, b) in b.iter().enumerate() {
            for (i, a) in a.iter().enumerate() {
                add_product(&mut t, i, *a, *b);
            }
            t = reduce_limb::<C>(t, OF_ONE[row + 6]);
        }
        *out = finish(reduce_limb::<C>(t, 0));
    }
    out
}

/// `(a b + c d) / 2^306`.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn products<C: MontConfig<4>>(a: &[Limbs5; 2], b: &[Limbs5; 2], c: &[Limbs5; 2], d: &[Limbs5; 2]) -> [Limbs5; 2] {
    let mut out = *a;
    for half in 0..2 {
        let mut t = begin(&OF_TWO);
        for row in 0..5 {
            for i in 0..5 {
                add_product(&mut t, i, a[half][i], b[half][row]);
                add_product(&mut t, i, c[half][i], d[half][row]);
            }
            t = reduce_limb::<C>(t, OF_TWO[row + 6]);
        }
        out[half] = finish(reduce_limb::<C>(t, 0));
    }
    out
}

/// The value less the nearest multiple of `p`: balanced, within `p / 2` and a little of zero.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn tight<C: MontConfig<4>>(mut t: Limbs5) -> Limbs5 {
    let top = _mm256_fmadd_pd(t[3], all(DOWN), t[4]);
    let times = nearest(_mm256_mul_pd(top, all(Constants::<C>::QUOTIENT)));
    for (limb, p) in t.iter_mut().zip(Constants::<C>::P) {
        *limb = _mm256_fnmadd_pd(times, all(p), *limb);
    }
    balance(t)
}

/// The value, plus `p` where it is negative; takes balanced limbs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn lift<C: MontConfig<4>>(mut t: Limbs5) -> Limbs5 {
    // A limb that is not zero outweighs all lower ones, so this has the sign of the value.
    let mut sign = t[0];
    for limb in &t[1..] {
        sign = _mm256_fmadd_pd(sign, all(DOWN), *limb);
    }
    let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(sign, _mm256_setzero_pd());
    for (limb, p) in t.iter_mut().zip(Constants::<C>::P) {
        *limb = _mm256_add_pd(*limb, _mm256_and_pd(negative, all(p)));
    }
    t
}

/// Digits of 51 bits of the value plus `offset` in each digit, which is not negative.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_digits(t: Limbs5, offset: u64) -> [__m256i; 5] {
    let mut out = [_mm256_setzero_si256(); 5];
    let mut carry = whole(0);
    for i in 0..5 {
        let limb = _mm256_castpd_si256(_mm256_add_pd(t[i], all(LOW)));
        let lift = if i == 4 { 0 } else { LIFT };
        let lifted = if i == 0 { 0 } else { LIFTED };
        let begin = offset.wrapping_add(lift).wrapping_sub(lifted).wrapping_sub(LOW.to_bits());
        let sum = _mm256_add_epi64(_mm256_add_epi64(limb, whole(begin)), carry);
        carry = _mm256_srli_epi64::<BITS>(sum);
        out[i] = if i == 4 { sum } else { _mm256_and_si256(sum, whole(MASK)) };
    }
    out
}

/// The limbs of digits that have `2^50` too much.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn from_digits(d: [__m256i; 5]) -> Limbs5 {
    let mut out = [_mm256_setzero_pd(); 5];
    for i in 0..5 {
        let double = _mm256_castsi256_pd(_mm256_or_si256(d[i], whole(UNIT.to_bits())));
        out[i] = _mm256_sub_pd(double, all(UNIT + HALF as f64));
    }
    out
}

/// The least value that is not negative, with its only balanced limbs; takes loose values.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn canonical<C: MontConfig<4>>(t: Limbs5) -> Limbs5 {
    from_digits(to_digits(lift::<C>(tight::<C>(t)), HALF))
}

/// Four by four words.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose_words(r: [__m256i; 4]) -> [__m256i; 4] {
    let low = [_mm256_unpacklo_epi64(r[0], r[1]), _mm256_unpacklo_epi64(r[2], r[3])];
    let high = [_mm256_unpackhi_epi64(r[0], r[1]), _mm256_unpackhi_epi64(r[2], r[3])];
    [
        _mm256_permute2x128_si256::<0x20>(low[0], low[1]),
        _mm256_permute2x128_si256::<0x20>(high[0], high[1]),
        _mm256_permute2x128_si256::<0x31>(low[0], low[1]),
        _mm256_permute2x128_si256::<0x31>(high[0], high[1]),
    ]
}

/// Four elements from memory.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(from: [&Words; 4]) -> Limbs5 {
    let mut rows = [_mm256_setzero_si256(); 4];
    for i in 0..4 {
        // SAFETY: a reference to four words may be read as 32 bytes; the load asks for no alignment.
        rows[i] = unsafe { _mm256_loadu_si256((from[i] as *const Words).cast()) };
    }
    let [w0, w1, w2, w3] = transpose_words(rows);
    let mask = whole(MASK);
    let digits = [
        _mm256_and_si256(w0, mask),
        _mm256_and_si256(_mm256_or_si256(_mm256_srli_epi64::<51>(w0), _mm256_slli_epi64::<13>(w1)), mask),
        _mm256_and_si256(_mm256_or_si256(_mm256_srli_epi64::<38>(w1), _mm256_slli_epi64::<26>(w2)), mask),
        _mm256_and_si256(_mm256_or_si256(_mm256_srli_epi64::<25>(w2), _mm256_slli_epi64::<39>(w3)), mask),
        _mm256_srli_epi64::<12>(w3),
    ];
    let mut out = [_mm256_setzero_pd(); 5];
    for i in 0..5 {
        // One exclusive-or takes the digit of `B` off and puts the exponent on.
        let double = _mm256_castsi256_pd(_mm256_xor_si256(digits[i], whole(UNIT.to_bits() | HALF)));
        out[i] = _mm256_sub_pd(double, all(UNIT + HALF as f64));
    }
    out
}

/// Digits of four elements as words, exclusive-or `with`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(d: [__m256i; 5], with: Words) -> [Words; 4] {
    let words = [
        _mm256_or_si256(d[0], _mm256_slli_epi64::<51>(d[1])),
        _mm256_or_si256(_mm256_srli_epi64::<13>(d[1]), _mm256_slli_epi64::<38>(d[2])),
        _mm256_or_si256(_mm256_srli_epi64::<26>(d[2]), _mm256_slli_epi64::<25>(d[3])),
        _mm256_or_si256(_mm256_srli_epi64::<39>(d[3]), _mm256_slli_epi64::<12>(d[4])),
    ];
    let mut rows = words;
    for i in 0..4 {
        rows[i] = _mm256_xor_si256(words[i], whole(with[i]));
    }
    let mut out = [[0; 4]; 4];
    for (out, row) in out.iter_mut().zip(transpose_words(rows)) {
        // SAFETY: 32 bytes of a local array; the store asks for no alignment.
        unsafe { _mm256_storeu_si256((out as *mut Words).cast(), row) };
    }
    out
}

/// The lanes of the low four bits of a mask, as all ones.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn lanes(mask: u8) -> __m256d {
    let bits = _mm256_setr_epi64x(1, 2, 4, 8);
    _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(whole(mask.into()), bits), bits))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn equal_lanes(a: Limbs5, b: Limbs5) -> u8 {
    let mut same = _mm256_cmp_pd::<_CMP_EQ_OQ>(a[0], b[0]);
    for i in 1..5 {
        same = _mm256_and_pd(same, _mm256_cmp_pd::<_CMP_EQ_OQ>(a[i], b[i]));
    }
    _mm256_movemask_pd(same) as u8
}

/// Negative where the mask is.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn negative(mut t: Limbs5, mask: u8) -> Limbs5 {
    let sign = _mm256_and_pd(lanes(mask), all(-0.0));
    for limb in &mut t {
        *limb = _mm256_xor_pd(*limb, sign);
    }
    t
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn blend(mask: u8, yes: Limbs5, mut no: Limbs5) -> Limbs5 {
    let mask = lanes(mask);
    for i in 0..5 {
        no[i] = _mm256_blendv_pd(no[i], yes[i], mask);
    }
    no
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum(mut a: Limbs5, b: Limbs5) -> Limbs5 {
    for i in 0..5 {
        a[i] = _mm256_add_pd(a[i], b[i]);
    }
    a
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn difference(mut a: Limbs5, b: Limbs5) -> Limbs5 {
    for i in 0..5 {
        a[i] = _mm256_sub_pd(a[i], b[i]);
    }
    a
}

/// Lane `i` of octet `j` becomes lane `j` of octet `i`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose(octets: [[Limbs5; 2]; LANES]) -> [[Limbs5; 2]; LANES] {
    let mut out = octets;
    for limb in 0..5 {
        for (high, low) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut block = [_mm256_setzero_si256(); 4];
            for (i, row) in block.iter_mut().enumerate() {
                *row = _mm256_castpd_si256(octets[4 * high + i][low][limb]);
            }
            for (i, row) in transpose_words(block).into_iter().enumerate() {
                out[4 * low + i][high][limb] = _mm256_castsi256_pd(row);
            }
        }
    }
    out
}

// SAFETY of every block below: an octet or an `Fma` is an argument, so the processor has the features.
impl<C: MontConfig<4>> Octet for Limbs<C> {
    type Backend = Fma;
    type Field = Element<C>;
    type Stored = Words;
    const BYTES: usize = PRIME_BYTES;

    #[inline(always)]
    fn integers(bytes: &[u8]) -> Words {
        from_bytes(bytes)
    }
    /// arkworks' form has `R = 2^256`: `2^50` times as much is ours.
    #[inline(always)]
    fn to_stored(element: &Element<C>) -> Words {
        to_memory((*element * Constants::<C>::UP_50).0.0)
    }
    #[inline(always)]
    fn from_stored(stored: &Words) -> Element<C> {
        let mut x = wrapping_sub(xor(*stored, B), B);
        if x[3] >> 63 == 1 {
            x = wrapping_add(x, C::MODULUS.0);
        }
        Element::<C>::new_unchecked(BigInt(x)) * Constants::<C>::DOWN_50
    }
    #[inline(always)]
    fn prefetch(_: Fma, stored: &Words) {
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>((stored as *const Words).cast()) }
    }
    #[inline(always)]
    fn load(_: Fma, from: [&Words; LANES]) -> Self {
        let [a, b, c, d, e, f, g, h] = from;
        Limbs(unsafe { [load([a, b, c, d]), load([e, f, g, h])] }, PhantomData)
    }
    #[inline(always)]
    fn splat(_: Fma, stored: &Words) -> Self {
        let [a, b, c, d, e] = limbs(*stored);
        let limbs = unsafe { [all(a), all(b), all(c), all(d), all(e)] };
        Limbs([limbs; 2], PhantomData)
    }
    #[inline(always)]
    fn from_field(backend: Fma, from: [&Element<C>; LANES]) -> Self {
        // What arkworks holds, taken as ours, is the element over 2^50.
        let factor = Self::splat(backend, &Self::to_stored(&Constants::<C>::UP_50));
        let stored = each_lane!(i => to_memory(from[i].0.0));
        Self::load(backend, stored.each_ref()).mul(factor)
    }
    #[inline(always)]
    fn from_integers(backend: Fma, from: [&Words; LANES]) -> Self {
        // An integer, taken as ours, is that over `2^306`.
        let factor = Self::splat(backend, &Constants::<C>::R_SQUARED);
        let stored = each_lane!(i => to_memory(*from[i]));
        Self::load(backend, stored.each_ref()).mul(factor)
    }
    #[inline(always)]
    fn store(self) -> [Words; LANES] {
        let [low, high] = self.0.map(|limbs| unsafe { store(to_digits(limbs, HALF), B) });
        [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]]
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Limbs(unsafe { [sum(a, c), sum(b, d)] }, PhantomData)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Limbs(unsafe { [difference(a, c), difference(b, d)] }, PhantomData)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Limbs(unsafe { product::<C>(&self.0, &other.0) }, PhantomData)
    }
    #[inline(always)]
    fn square(self) -> Self {
        self.mul(self)
    }
    #[inline(always)]
    fn tight(self) -> Self {
        let [a, b] = self.0;
        Limbs(unsafe { [tight::<C>(a), tight::<C>(b)] }, PhantomData)
    }
    #[inline(always)]
    fn canonical(self) -> Self {
        let [a, b] = self.0;
        Limbs(unsafe { [canonical::<C>(a), canonical::<C>(b)] }, PhantomData)
    }
    #[inline(always)]
    fn negate_where(self, mask: u8) -> Self {
        let [a, b] = self.0;
        Limbs(unsafe { [negative(a, mask), negative(b, mask >> 4)] }, PhantomData)
    }
    #[inline(always)]
    fn same(self, other: Self) -> u8 {
        let ([a, b], [c, d]) = (self.0, other.0);
        unsafe { equal_lanes(a, c) | equal_lanes(b, d) << 4 }
    }
    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        let ([a, b], [c, d]) = (yes.0, no.0);
        Limbs(unsafe { [blend(mask, a, c), blend(mask >> 4, b, d)] }, PhantomData)
    }
}

impl<C: MontConfig<4>> PrimeOctet for Limbs<C> {
    #[inline(always)]
    fn sum_of_products(self, b: Self, c: Self, d: Self) -> Self {
        Limbs(unsafe { products::<C>(&self.0, &b.0, &c.0, &d.0) }, PhantomData)
    }
    #[inline(always)]
    fn negate(self) -> Self {
        self.negate_where(u8::MAX)
    }
    #[inline(always)]
    fn to_integers(self) -> [Words; LANES] {
        // Times one: out of Montgomery form.
        let one = unsafe {
            let zero = all(0.0);
            [all(1.0), zero, zero, zero, zero]
        };
        let [low, high] = self.mul(Limbs([one; 2], PhantomData)).0.map(|limbs| unsafe {
            let limbs = lift::<C>(tight::<C>(limbs));
            store(to_digits(limbs, 0), [0; 4])
        });
        [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]]
    }
    #[inline(always)]
    fn transpose(octets: [Self; LANES]) -> [Self; LANES] {
        unsafe { transpose(octets.map(|octet| octet.0)) }.map(|limbs| Limbs(limbs, PhantomData))
    }
}
