//! The Pedersen commitment to totals in the circuit; native half [`consign_crypto::totals::TotalsCommitment::commit`].
//!
//! Fixed bases, windows of three bits, incomplete additions on the Montgomery form: two constraints a bit and one for
//! the bit itself.
//!
//! Why incomplete additions are sound here. The accumulator starts at `K`, a generator of its own, and every table
//! entry is `(d + 1) 8^w G` for another generator, never the identity. So each accumulator is `K` plus a combination of
//! the other generators, and each entry is a combination without `K`. An addition has an exception only if the
//! accumulator is plus or minus the entry or the identity; then `K` would be a known combination of the others, which
//! is a discrete logarithm that nobody knows (the generators are hashed to the curve). At the end the constant
//! `K + sum (8^w G)` is taken off with the complete law of the Edwards form.

use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsProjective};
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};
use consign_documents::filter::{TOTAL_BITS, TOTALS};
use rayon::prelude::*;

use crate::builder::{Bit, Builder, Num};
use consign_crypto::totals::{CURVE_A, CURVE_D, SCALAR_BITS, TotalsCommitment, generators};

/// Bits of a window.
const WINDOW: usize = 3;

/// A point of the curve in Montgomery form, `B v^2 = u^3 + A u^2 + u`.
#[derive(Clone, Copy)]
struct Montgomery {
    u: Fr,
    v: Fr,
}

/// `A` and `B` of the Montgomery form.
fn montgomery() -> [Fr; 2] {
    static FORM: OnceLock<[Fr; 2]> = OnceLock::new();
    *FORM.get_or_init(|| {
        let inverse = (CURVE_A - CURVE_D).inverse().expect("a and d differ");
        [(CURVE_A + CURVE_D).double(), Fr::from(4u64)].map(|x| x * inverse)
    })
}

impl Montgomery {
    /// Of points of odd order other than the identity: there `x` is not 0 and `y` is not 1. With one inversion.
    fn of(points: &[EdwardsAffine]) -> Vec<Montgomery> {
        let mut inverses: Vec<Fr> = points.iter().flat_map(|p| [Fr::ONE - p.y, p.x]).collect();
        batch_inversion(&mut inverses);
        let pair = |(p, inverses): (&EdwardsAffine, &[Fr])| {
            let u = (Fr::ONE + p.y) * inverses[0];
            Montgomery { u, v: u * inverses[1] }
        };
        points.iter().zip(inverses.chunks_exact(2)).map(pair).collect()
    }
}

/// The windows of one generator: `table[w][d] = (d + 1) 8^w G`, in both forms.
struct Windows {
    generator: EdwardsAffine,
    points: Vec<[EdwardsAffine; 1 << WINDOW]>,
    tables: Vec<[Montgomery; 1 << WINDOW]>,
}

impl Windows {
    fn new(generator: EdwardsAffine, bits: usize) -> Windows {
        let mut base = generator.into_group();
        let mut points = Vec::new();
        for _ in 0..bits.div_ceil(WINDOW) {
            let mut entry = EdwardsProjective::zero();
            for _ in 0..1 << WINDOW {
                entry += base;
                points.push(entry);
            }
            base = entry;
        }
        let points = EdwardsProjective::normalize_batch(&points);
        let tables = Montgomery::of(&points);
        Windows {
            generator,
            points: points.chunks_exact(1 << WINDOW).map(|t| std::array::from_fn(|i| t[i])).collect(),
            tables: tables.chunks_exact(1 << WINDOW).map(|t| std::array::from_fn(|i| t[i])).collect(),
        }
    }
}

fn windows() -> &'static (Vec<Windows>, Windows) {
    static WINDOWS: OnceLock<(Vec<Windows>, Windows)> = OnceLock::new();
    if let Some(windows) = WINDOWS.get() {
        return windows;
    }
    // Outside the cell: a thread that waits for its share of the work could take up another witness, which would wait for
    // the cell.
    let g = generators();
    let totals = g.totals.par_iter().map(|&point| Windows::new(point, TOTAL_BITS as usize)).collect();
    let windows = (totals, Windows::new(g.blinding, SCALAR_BITS));
    WINDOWS.get_or_init(|| windows)
}

/// The accumulator: a point in Montgomery form, and the constants that its windows have added beside the digits.
struct Accumulator {
    u: Num,
    v: Num,
    offset: EdwardsProjective,
    /// Inverses of what the slopes are divided by, in order; none where no witness is computed.
    inverses: std::vec::IntoIter<Fr>,
}

impl Accumulator {
    fn start(b: &Builder, inverses: Vec<Fr>) -> Accumulator {
        let start = generators().start;
        let Montgomery { u, v } = Montgomery::of(&[start])[0];
        let inverses = inverses.into_iter();
        Accumulator { u: b.constant(u), v: b.constant(v), offset: start.into_group(), inverses }
    }

    /// Adds `scalar G`. Six constraints a full window.
    fn add(&mut self, b: &mut Builder, windows: &Windows, scalar: &[Bit]) {
        let mut power = windows.generator.into_group();
        for (digit, table) in scalar.chunks(WINDOW).zip(&windows.tables) {
            self.offset += power;
            (0..WINDOW).for_each(|_| power += power);
            let (u, v) = lookup(b, digit, table);
            self.add_point(b, &u, &v);
        }
    }

    /// Incomplete addition. Three constraints.
    fn add_point(&mut self, b: &mut Builder, u: &Num, v: &Num) {
        let (du, dv) = (u - &self.u, v - &self.v);
        let slope = b.witness("slope", dv.value() * self.inverses.next().unwrap_or_default());
        b.enforce("slope", &slope, &du, &dv);
        let [a, by] = montgomery();
        let sum = &(&self.u + u) + &b.constant(a);
        let scaled = slope.scaled(by);
        let u3 = b.witness("u", scaled.value() * slope.value() - sum.value());
        b.enforce("u", &scaled, &slope, &(&u3 + &sum));
        let step = &self.u - &u3;
        let v3 = b.witness("v", slope.value() * step.value() - self.v.value());
        b.enforce("v", &slope, &step, &(&v3 + &self.v));
        (self.u, self.v) = (u3, v3);
    }

    /// Takes the constants off and constrains `(x, y)` to the rest. Five constraints.
    fn finish(self, b: &mut Builder, x: &Num, y: &Num) {
        let one = b.one();
        // u = -1 is on no point of the subgroup, v = 0 only on the point of order two: see the module's argument.
        let xm = b.witness("Edwards x", self.u.value() * self.v.value().inverse().unwrap_or_default());
        b.enforce("Edwards x", &xm, &self.v, &self.u);
        let denominator = &self.u + &one;
        let numerator = &self.u - &one;
        let ym = b.witness("Edwards y", numerator.value() * denominator.value().inverse().unwrap_or_default());
        b.enforce("Edwards y", &ym, &denominator, &numerator);
        let taken = (-self.offset).into_affine();
        let (xq, yq) = (taken.x, taken.y);
        let xy = b.product("Edwards xy", &xm, &ym);
        let tau = xy.scaled(CURVE_D * xq * yq);
        b.enforce("x of the commitment", &(&one + &tau), x, &(&xm.scaled(yq) + &ym.scaled(xq)));
        b.enforce("y of the commitment", &(&one - &tau), y, &(&ym.scaled(yq) - &xm.scaled(CURVE_A * xq)));
    }
}

/// The inverses of all differences that [`Accumulator::add`] divides by, from the points themselves: two inversions in
/// place of one a window. And the sum that they lead to.
fn slope_divisors(scalars: &[(&Windows, &[Bit])]) -> (Vec<Fr>, EdwardsProjective) {
    let start = generators().start;
    let (mut sums, mut entries) = (vec![start.into_group()], Vec::new());
    let mut sum = start.into_group();
    for (windows, scalar) in scalars {
        for ((digit, table), points) in scalar.chunks(WINDOW).zip(&windows.tables).zip(&windows.points) {
            let digit = number(digit);
            sum += points[digit];
            sums.push(sum);
            entries.push(table[digit].u);
        }
    }
    let before = Montgomery::of(&EdwardsProjective::normalize_batch(&sums));
    let mut differences: Vec<Fr> = entries.iter().zip(&before).map(|(entry, before)| *entry - before.u).collect();
    batch_inversion(&mut differences);
    (differences, sum)
}

/// Bits, least significant first, as a number.
fn number(digit: &[Bit]) -> usize {
    digit.iter().rev().fold(0, |digit, bit| 2 * digit + usize::from(bit.is_one()))
}

/// The table's entry at one to three bits. Three constraints for three bits, one for two, none for one.
fn lookup(b: &mut Builder, digit: &[Bit], table: &[Montgomery; 1 << WINDOW]) -> (Num, Num) {
    let b0 = digit[0].num();
    let coordinate = |f: fn(&Montgomery) -> Fr| table.each_ref().map(f);
    let (us, vs) = (coordinate(|p| p.u), coordinate(|p| p.v));
    let one = b.one();
    if digit.len() == 1 {
        let pick = |t: &[Fr]| &one.scaled(t[0]) + &b0.scaled(t[1] - t[0]);
        return (pick(&us), pick(&vs));
    }
    let b1 = digit[1].num();
    let both = b.product("window bits 0 and 1", b0, b1);
    if !b.is_recording() {
        // The combinations below come to the entry itself, which a full window has two wires for.
        let Montgomery { u, v } = table[number(digit)];
        if digit.len() == WINDOW {
            return (b.witness("window u", u), b.witness("window v", v));
        }
        return (b.constant(u), b.constant(v));
    }
    let four = |t: &[Fr]| {
        Num::combination([(&one, t[0]), (b0, t[1] - t[0]), (b1, t[2] - t[0]), (&both, t[3] - t[2] - t[1] + t[0])])
    };
    if digit.len() == 2 {
        return (four(&us), four(&vs));
    }
    let mut eight = |name: &'static str, t: &[Fr]| {
        let (low, high) = (four(&t[..4]), four(&t[4..]));
        let change = &high - &low;
        let entry = b.witness(name, low.value() + digit[2].num().value() * change.value());
        b.enforce(name, digit[2].num(), &change, &(&entry - &low));
        entry
    };
    (eight("window u", &us), eight("window v", &vs))
}

/// Constrains `(x, y)` to commit to the totals, each given by at most 72 bits, under the blinding's 251 bits.
/// The commitment comes back; the values of `x` and `y` are not looked at.
pub fn commit(b: &mut Builder, totals: &[Vec<Bit>; TOTALS], blinding: &[Bit], x: &Num, y: &Num) -> TotalsCommitment {
    let (total_windows, blinding_windows) = windows();
    let scalars = total_windows.iter().zip(totals).map(|(windows, total)| (windows, &total[..]));
    let scalars: Vec<_> = scalars.chain([(blinding_windows, blinding)]).collect();
    let (inverses, last) =
        if b.is_recording() { (Vec::new(), EdwardsProjective::zero()) } else { slope_divisors(&scalars) };
    let mut sum = Accumulator::start(b, inverses);
    for (i, (windows, total)) in scalars[..TOTALS].iter().enumerate() {
        b.scoped(|| format!("total {i}"), |b| sum.add(b, windows, total));
    }
    b.scoped(|| "blinding".into(), |b| sum.add(b, blinding_windows, blinding));
    let commitment = TotalsCommitment::known((last - sum.offset).into_affine());
    sum.finish(b, x, y);
    commitment
}
