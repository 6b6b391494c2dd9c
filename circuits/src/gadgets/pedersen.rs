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

use std::{iter::successors, sync::OnceLock};

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsProjective};
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};
use consign_documents::filter::{TOTAL_BITS, TOTALS};

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

/// A window of a generator `G`: `8^w G`, and twice and four times that.
type Window = [EdwardsProjective; WINDOW];

/// The windows of a generator, for scalars of so many bits.
fn windows_of(generator: EdwardsAffine, bits: usize) -> Vec<Window> {
    let powers = successors(Some(generator.into_group()), |power| Some(power.double()));
    let powers: Vec<_> = powers.take(bits.div_ceil(WINDOW) * WINDOW).collect();
    powers.as_chunks().0.to_vec()
}

/// The windows of the totals' generators and of the blinding's.
fn windows() -> &'static (Vec<Vec<Window>>, Vec<Window>) {
    static WINDOWS: OnceLock<(Vec<Vec<Window>>, Vec<Window>)> = OnceLock::new();
    WINDOWS.get_or_init(|| {
        let g = generators();
        let totals = g.totals.iter().map(|&point| windows_of(point, TOTAL_BITS as usize)).collect();
        (totals, windows_of(g.blinding, SCALAR_BITS))
    })
}

/// All entries of a window's table: `table[d] = (d + 1) 8^w G`.
fn table(window: &Window) -> [Montgomery; 1 << WINDOW] {
    let points: Vec<_> = successors(Some(window[0]), |point| Some(window[0] + point)).take(1 << WINDOW).collect();
    let table = Montgomery::of(&EdwardsProjective::normalize_batch(&points));
    table.try_into().unwrap_or_else(|_| unreachable!("an entry a point"))
}

/// The entry that three bits pick, by the same work for each.
fn entry(window: &Window, digit: &[Bit]) -> EdwardsProjective {
    let pick = |(bit, point): (&Bit, &EdwardsProjective)| {
        if bit.is_one() { *point } else { EdwardsProjective::zero() }
    };
    window[0] + digit.iter().zip(window).map(pick).sum::<EdwardsProjective>()
}

/// What a witness has of a window: the entry of the table that its digit picks, and the inverse of what the slope is
/// divided by.
struct Step {
    entry: Montgomery,
    inverse: Fr,
}

/// The accumulator: a point in Montgomery form.
struct Accumulator {
    u: Num,
    v: Num,
    /// Of the windows to come, in order; none where no witness is computed.
    steps: std::vec::IntoIter<Step>,
}

impl Accumulator {
    fn start(b: &Builder, steps: Vec<Step>) -> Accumulator {
        let Montgomery { u, v } = Montgomery::of(&[generators().start])[0];
        Accumulator { u: b.constant(u), v: b.constant(v), steps: steps.into_iter() }
    }

    /// Adds `scalar G`. Six constraints a full window.
    fn add(&mut self, b: &mut Builder, windows: &[Window], scalar: &[Bit]) {
        for (digit, window) in scalar.chunks(WINDOW).zip(windows) {
            let step = self.steps.next();
            let (u, v) = match &step {
                Some(step) => look_up_witness(b, digit, &step.entry),
                None => look_up(b, digit, &table(window)),
            };
            self.add_point(b, &u, &v, step.map(|step| step.inverse).unwrap_or_default());
        }
    }

    /// Incomplete addition, with the inverse of the difference of the first coordinates. Three constraints.
    fn add_point(&mut self, b: &mut Builder, u: &Num, v: &Num, inverse: Fr) {
        let (du, dv) = (u - &self.u, v - &self.v);
        let slope = b.witness("slope", dv.value() * inverse);
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

    /// Takes a constant off and constrains `(x, y)` to the rest. Five constraints.
    fn finish(self, b: &mut Builder, constant: EdwardsProjective, x: &Num, y: &Num) {
        let one = b.one();
        // u = -1 is on no point of the subgroup, v = 0 only on the point of order two: see the module's argument.
        let xm = b.witness("Edwards x", self.u.value() * self.v.value().inverse().unwrap_or_default());
        b.enforce("Edwards x", &xm, &self.v, &self.u);
        let denominator = &self.u + &one;
        let numerator = &self.u - &one;
        let ym = b.witness("Edwards y", numerator.value() * denominator.value().inverse().unwrap_or_default());
        b.enforce("Edwards y", &ym, &denominator, &numerator);
        let taken = (-constant).into_affine();
        let (xq, yq) = (taken.x, taken.y);
        let xy = b.product("Edwards xy", &xm, &ym);
        let tau = xy.scaled(CURVE_D * xq * yq);
        b.enforce("x of the commitment", &(&one + &tau), x, &(&xm.scaled(yq) + &ym.scaled(xq)));
        b.enforce("y of the commitment", &(&one - &tau), y, &(&ym.scaled(yq) - &xm.scaled(CURVE_A * xq)));
    }
}

/// The digits of scalars, with their windows.
fn digits<'a>(scalars: &[(&'a [Window], &'a [Bit])]) -> impl Iterator<Item = (&'a [Bit], &'a Window)> {
    scalars.iter().flat_map(|&(windows, scalar)| scalar.chunks(WINDOW).zip(windows))
}

/// What a witness has of all windows, from the points themselves: a few inversions in place of one a window. And the sum
/// that they lead to.
fn steps(scalars: &[(&[Window], &[Bit])]) -> (Vec<Step>, EdwardsProjective) {
    let mut points: Vec<_> = digits(scalars).map(|(digit, window)| entry(window, digit)).collect();
    let number = points.len();
    let mut sum = generators().start.into_group();
    for i in 0..number {
        points.push(sum);
        sum += points[i];
    }
    let points = Montgomery::of(&EdwardsProjective::normalize_batch(&points));
    let (entries, before) = points.split_at(number);
    let mut inverses: Vec<Fr> = entries.iter().zip(before).map(|(entry, before)| entry.u - before.u).collect();
    batch_inversion(&mut inverses);
    (entries.iter().zip(inverses).map(|(&entry, inverse)| Step { entry, inverse }).collect(), sum)
}

/// The table's entry at one to three bits. Three constraints for three bits, one for two, none for one.
fn look_up(b: &mut Builder, digit: &[Bit], table: &[Montgomery; 1 << WINDOW]) -> (Num, Num) {
    let coordinate = |f: fn(&Montgomery) -> Fr| table.each_ref().map(f);
    let (us, vs) = (coordinate(|p| p.u), coordinate(|p| p.v));
    let (one, b0) = (b.one(), digit[0].num());
    let [_, b1, ..] = digit else {
        let pick = |t: &[Fr]| &one.scaled(t[0]) + &b0.scaled(t[1] - t[0]);
        return (pick(&us), pick(&vs));
    };
    let b1 = b1.num();
    let both = b.product("window bits 0 and 1", b0, b1);
    let four = |t: &[Fr]| {
        Num::combination([(&one, t[0]), (b0, t[1] - t[0]), (b1, t[2] - t[0]), (&both, t[3] - t[2] - t[1] + t[0])])
    };
    let [_, _, b2] = digit else { return (four(&us), four(&vs)) };
    let mut eight = |name: &'static str, t: &[Fr]| {
        let (low, high) = (four(&t[..4]), four(&t[4..]));
        let change = &high - &low;
        let entry = b.witness(name, low.value() + b2.num().value() * change.value());
        b.enforce(name, b2.num(), &change, &(&entry - &low));
        entry
    };
    (eight("window u", &us), eight("window v", &vs))
}

/// The same where no constraints are recorded: the wires, and the entry that the combinations come to.
fn look_up_witness(b: &mut Builder, digit: &[Bit], &Montgomery { u, v }: &Montgomery) -> (Num, Num) {
    if let [b0, b1, ..] = digit {
        b.product("window bits 0 and 1", b0.num(), b1.num());
    }
    match digit.len() {
        WINDOW => (b.witness("window u", u), b.witness("window v", v)),
        _ => (b.constant(u), b.constant(v)),
    }
}

/// Constrains `(x, y)` to commit to the totals, each given by at most 72 bits, under the blinding's 251 bits.
/// The commitment comes back; the values of `x` and `y` are not looked at.
pub fn commit(b: &mut Builder, totals: &[Vec<Bit>; TOTALS], blinding: &[Bit], x: &Num, y: &Num) -> TotalsCommitment {
    let (total_windows, blinding_windows) = windows();
    let scalars = total_windows.iter().zip(totals).map(|(windows, total)| (&windows[..], &total[..]));
    let scalars: Vec<_> = scalars.chain([(&blinding_windows[..], blinding)]).collect();
    let (steps, last) = if b.is_recording() { (Vec::new(), EdwardsProjective::zero()) } else { steps(&scalars) };
    let mut sum = Accumulator::start(b, steps);
    for (i, (windows, total)) in scalars[..TOTALS].iter().enumerate() {
        b.scoped(|| format!("total {i}"), |b| sum.add(b, windows, total));
    }
    b.scoped(|| "blinding".into(), |b| sum.add(b, blinding_windows, blinding));
    // What all digits zero come to.
    let constant = digits(&scalars).fold(generators().start.into_group(), |sum, (_, window)| sum + window[0]);
    let commitment = TotalsCommitment::known((last - constant).into_affine());
    sum.finish(b, constant, x, y);
    commitment
}
