//! Sums of multiples of points, `sum k[i] P[i]`, by buckets of affine points.
//!
//! Scalars are cut into halves and digits ([`super::scalar`]). For each digit the points are sorted by its size into
//! buckets, each bucket is added up in pairs, and so is the weighted sum of the buckets: nothing but sums of pairs, all
//! of them in batches ([`super::curve`]). Digits are tasks of their own, so that several sums fill all cores together.

use std::{
    marker::PhantomData,
    sync::{Mutex, PoisonError},
};

use ark_bn254::{Fq, Fq2};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use super::{
    Bases, Work,
    curve::{Across, Pair, Point, Scratch, Within, add_pairs, signs},
    octet::{Backend, Kernel, LANES, Octet, each_lane},
    scalar::{BETA_G1, BETA_G2, Digits},
};

/// A group of the pairing.
pub trait Group: SWCurveConfig {
    /// What the endomorphism multiplies the first coordinate by.
    const BETA: Self::BaseField;
}

impl Group for ark_bn254::g1::Config {
    const BETA: Fq = BETA_G1;
}
impl Group for ark_bn254::g2::Config {
    const BETA: Fq2 = Fq2::new(BETA_G2, Fq::ZERO);
}

/// Points with a half each, the second halves with the endomorphism's points.
pub struct Terms<S> {
    points: Vec<Point<S>>,
    halves: Vec<i128>,
}

/// How many bases are read at a time: what they take stays in the cache until they are in the backend's form.
const PIECE: usize = 1 << 10;

impl<S: Copy + Default + Send + Sync> Terms<S> {
    /// Pairs bases with the halves of their scalars. Nothing is kept of a half that is zero, unless work is to be constant,
    /// and a base that has no half left is not read if none beside it is. A base that is the identity leaves places with
    /// the identity and zero.
    ///
    /// # Errors
    /// Bases that cannot be read.
    pub fn new<G, O, B>(backend: O::Backend, bases: &B, halves: &[[i128; 2]], work: Work) -> Result<Terms<S>, B::Error>
    where
        G: Group,
        O: Octet<Field = G::BaseField, Stored = S>,
        B: Bases + ?Sized,
    {
        let size = 2 * O::BYTES;
        let terms = |halves: &[[i128; 2]]| halves.iter().flatten().filter(|&&half| counts(half, work)).count();
        let places: Vec<usize> = halves.par_chunks(PIECE).map(terms).collect();
        // Written by whichever core, and once more by the one that has the piece: so all cores bring in the memory.
        let blank = |_| (Point { x: S::default(), y: S::default() }, 0);
        let all = places.iter().sum::<usize>();
        let (mut points, mut kept): (Vec<_>, Vec<_>) = (0..all).into_par_iter().map(blank).unzip();
        let (mut points_left, mut kept_left) = (&mut points[..], &mut kept[..]);
        let mut pieces = Vec::with_capacity(places.len());
        for ((halves, places), number) in halves.chunks(PIECE).zip(places).zip(0..) {
            let (points, kept);
            (points, points_left) = points_left.split_at_mut(places);
            (kept, kept_left) = kept_left.split_at_mut(places);
            let counting = |halves: &[i128; 2]| halves.iter().any(|&half| counts(half, work));
            if let (Some(first), Some(last)) = (halves.iter().position(counting), halves.iter().rposition(counting)) {
                let start = (number * PIECE + first) * size;
                pieces.push((start, Piece { halves: &halves[first..=last], points, kept }));
            }
        }
        pieces.into_par_iter().try_for_each_init(Vec::new, |space, (start, piece)| {
            let bases = bases.read(start..start + piece.halves.len() * size, space)?;
            backend.run(Prepare::<G, O> { bases, piece, work, group: PhantomData });
            Ok(())
        })?;
        Ok(Terms { points, halves: kept })
    }
}

#[inline(always)]
fn counts(half: i128, work: Work) -> bool {
    work == Work::Constant || half != 0
}

/// Halves of scalars, and places for as many terms as there are halves that count.
struct Piece<'a, S> {
    halves: &'a [[i128; 2]],
    points: &'a mut [Point<S>],
    kept: &'a mut [i128],
}

/// Brings points to the backend's form, and applies the endomorphism where it is asked for.
struct Prepare<'a, G, O: Octet> {
    bases: &'a [u8],
    piece: Piece<'a, O::Stored>,
    work: Work,
    group: PhantomData<G>,
}

impl<G: Group, O: Octet<Field = G::BaseField>> Kernel<O::Backend> for Prepare<'_, G, O> {
    type Output = ();

    #[inline(always)]
    fn on(self, backend: O::Backend) {
        let Prepare { bases, piece: Piece { halves, points, kept }, work, .. } = self;
        let beta = O::splat(backend, &O::to_stored(&G::BETA));
        let mut places = points.iter_mut().zip(kept);
        let is_wanted = |(base, halves): &(&[u8], &[i128; 2])| {
            halves.iter().any(|&half| counts(half, work)) && base.iter().any(|&byte| byte != 0)
        };
        let wanted: Vec<(&[u8], &[i128; 2])> = bases.chunks_exact(2 * O::BYTES).zip(halves).filter(is_wanted).collect();
        for eight in wanted.chunks(LANES) {
            let last = eight.len() - 1;
            let bases = each_lane!(i => eight[i.min(last)].0);
            let [x, y] = [0, O::BYTES].map(|from| each_lane!(i => O::integers(&bases[i][from..])));
            let x = O::from_integers(backend, each_lane!(i => &x[i])).canonical();
            let y = O::from_integers(backend, each_lane!(i => &y[i])).store();
            for (which, x) in [x, x.mul(beta).canonical()].into_iter().enumerate() {
                let x = x.store();
                for (i, (_, halves)) in eight.iter().enumerate() {
                    if counts(halves[which], work)
                        && let Some((point, half)) = places.next()
                    {
                        (*point, *half) = (Point { x: x[i], y: y[i] }, halves[which]);
                    }
                }
            }
        }
    }
}

impl<S: Copy + Default + Send + Sync + PartialEq> Terms<S> {
    /// The sum of all terms. With constant work also zero digits are added up, into a bucket that nothing looks at.
    pub fn sum<G, O>(&self, backend: O::Backend, work: Work) -> Projective<G>
    where
        G: Group,
        O: Octet<Field = G::BaseField, Stored = S>,
    {
        let digits = Digits::for_terms(self.halves.len());
        // One workspace a core, used for one digit after the other.
        let spaces = Mutex::new(Vec::new());
        let take = || spaces.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        // Each a task of its own, or a core would be left with several at the end.
        let windows: Vec<Projective<G>> = (0..digits.windows())
            .into_par_iter()
            .with_max_len(1)
            .map(|window| {
                let mut space: Space<O> = take();
                let sum = self.window::<G, O>(backend, digits, window, work, &mut space);
                spaces.lock().unwrap_or_else(PoisonError::into_inner).push(space);
                sum
            })
            .collect();
        windows.into_iter().rev().fold(Projective::ZERO, |mut sum, window| {
            for _ in 0..digits.bits() {
                sum.double_in_place();
            }
            sum + window
        })
    }

    /// The sum of all terms with one digit in place of the scalar.
    fn window<G, O>(
        &self,
        backend: O::Backend,
        digits: Digits,
        window: u32,
        work: Work,
        space: &mut Space<O>,
    ) -> Projective<G>
    where
        G: Group,
        O: Octet<Field = G::BaseField, Stored = S>,
    {
        let buckets = digits.buckets() + 1;
        let sorted = Sorted::new(&self.halves, digits, window, work);
        if sorted.names.is_empty() {
            return Projective::ZERO;
        }
        let mut runs = self.first_round(backend, &sorted, space);
        while runs.iter().any(|run| run.length > 1) {
            space.halve(backend, &mut runs);
        }
        let mut sums = vec![Point::default(); buckets];
        for run in runs {
            sums[run.bucket as usize] = space.table[run.start as usize];
        }
        weighted_sum::<G, O>(backend, &mut sums[1..], &mut space.scratch)
    }

    /// Adds the points of each bucket in pairs, from the terms to a table of half their number.
    fn first_round<O: Octet<Stored = S>>(
        &self,
        backend: O::Backend,
        sorted: &Sorted,
        Space { scratch, table, pairs }: &mut Space<O>,
    ) -> Vec<Run> {
        let (mut odd, mut runs) = (Vec::new(), Vec::new());
        let mut places = 0;
        pairs.clear();
        for (bucket, bounds) in sorted.ends.windows(2).enumerate() {
            let names = &sorted.names[bounds[0] as usize..bounds[1] as usize];
            if names.is_empty() {
                continue;
            }
            let half = names.len() / 2;
            let start = places;
            for (&left, &right) in names.iter().zip(&names[names.len() - half..]).take(half) {
                pairs.push(Pair { left, right, into: places });
                places += 1;
            }
            if names.len() % 2 == 1 {
                odd.push(Pair { left: names[half], right: names[half], into: places });
                places += 1;
            }
            runs.push(Run { bucket: bucket as u32, start, length: places - start });
        }
        // What it held before is written over.
        if table.len() < places as usize {
            table.resize(places as usize, Point::default());
        }
        add_pairs(backend, pairs, &mut Across { from: &self.points, to: table }, scratch);
        backend.run(CopyPoints::<O> { from: &self.points, to: table, names: &odd });
        runs
    }
}

/// Memory for the sum of one digit, to be used again for the next.
struct Space<O: Octet> {
    scratch: Scratch<O>,
    table: Vec<Point<O::Stored>>,
    pairs: Vec<Pair>,
}

impl<O: Octet> Default for Space<O> {
    fn default() -> Self {
        Space { scratch: Scratch::default(), table: Vec::new(), pairs: Vec::new() }
    }
}

impl<O: Octet> Space<O> {
    /// Adds the second half of every run to its first.
    fn halve(&mut self, backend: O::Backend, runs: &mut [Run]) {
        self.pairs.clear();
        for run in runs {
            let (half, kept) = (run.length / 2, run.length.div_ceil(2));
            let pair = |i: u32| Pair { left: 2 * i, right: 2 * (i + kept), into: i };
            self.pairs.extend((run.start..run.start + half).map(pair));
            run.length = kept;
        }
        add_pairs(backend, &self.pairs, &mut Within(&mut self.table), &mut self.scratch);
    }
}

/// Copies points with their signs.
struct CopyPoints<'a, O: Octet> {
    from: &'a [Point<O::Stored>],
    to: &'a mut [Point<O::Stored>],
    names: &'a [Pair],
}

impl<O: Octet> Kernel<O::Backend> for CopyPoints<'_, O> {
    type Output = ();
    #[inline(always)]
    fn on(self, backend: O::Backend) {
        for eight in self.names.chunks(LANES) {
            let last = eight.len() - 1;
            let names = each_lane!(i => eight[i.min(last)].left);
            let y = O::load(backend, each_lane!(i => &self.from[names[i] as usize / 2].y));
            let y = y.negate_where(signs(names)).store();
            for (i, name) in eight.iter().enumerate() {
                self.to[name.into as usize] = Point { x: self.from[name.left as usize / 2].x, y: y[i] };
            }
        }
    }
}

/// Names of points, sorted by the sizes of their digits.
struct Sorted {
    /// Bucket `b` has the names from `ends[b]` to `ends[b + 1]`.
    ends: Vec<u32>,
    names: Vec<u32>,
}

impl Sorted {
    fn new(halves: &[i128], digits: Digits, window: u32, work: Work) -> Sorted {
        let buckets = digits.buckets() + 1;
        let bucket_of = |half: i128| {
            let digit = digits.of(half, window);
            (digit.unsigned_abs() as usize, u32::from(digit < 0))
        };
        let mut ends = vec![0u32; buckets + 1];
        halves.iter().for_each(|&half| ends[bucket_of(half).0 + 1] += 1);
        let skipped = if work == Work::Constant { 0 } else { std::mem::take(&mut ends[1]) };
        for bucket in 0..buckets {
            ends[bucket + 1] += ends[bucket];
        }
        let mut next = ends.clone();
        let mut names = vec![0; halves.len() - skipped as usize];
        for (place, &half) in halves.iter().enumerate() {
            let (bucket, sign) = bucket_of(half);
            if bucket != 0 || work == Work::Constant {
                names[next[bucket] as usize] = 2 * place as u32 + sign;
                next[bucket] += 1;
            }
        }
        Sorted { ends, names }
    }
}

/// Points of one bucket, side by side in a table.
struct Run {
    bucket: u32,
    start: u32,
    length: u32,
}

/// `sum (i + 1) P[i]`, for a power of two of points; the points are used up.
///
/// Adding neighbours over and over, place 0 ends with the sum of all; a place whose index has its lowest bit at `l` is left
/// when the distance is `2^l`, and holds the sum of the `2^l` points from there on. Each index is the sum of its bits, so
/// the weighted sum is that of all, and `2^l` times the sum of the places of lowest bit `l`, for each `l`. Those sums are
/// made in the same batches, one step behind.
fn weighted_sum<G, O>(backend: O::Backend, points: &mut [Point<O::Stored>], scratch: &mut Scratch<O>) -> Projective<G>
where
    G: Group,
    O: Octet<Field = G::BaseField>,
{
    debug_assert!(points.len().is_power_of_two());
    let levels = points.len().ilog2();
    // Of the places of lowest bit `l`, `2^l (2 i + 1)`, so many are still to be summed.
    let mut left: Vec<u32> = (0..levels).map(|level| (points.len() as u32 >> level) / 2).collect();
    let mut pairs = Vec::new();
    for step in 0.. {
        pairs.clear();
        if step < levels {
            let ends = (0..points.len() as u32).step_by(2 << step);
            pairs.extend(ends.map(|i| Pair { left: 2 * i, right: 2 * (i + (1 << step)), into: i }));
        }
        for (level, left) in left.iter_mut().enumerate().take(step as usize) {
            let (half, kept) = (*left / 2, left.div_ceil(2));
            let place = |i: u32| (2 * i + 1) << level;
            let pair = |i: u32| Pair { left: 2 * place(i), right: 2 * place(i + kept), into: place(i) };
            pairs.extend((0..half).map(pair));
            *left = kept;
        }
        if pairs.is_empty() {
            break;
        }
        add_pairs(backend, &pairs, &mut Within(points), scratch);
    }
    let affine =
        |point: &Point<O::Stored>| Affine::<G>::new_unchecked(O::from_stored(&point.x), O::from_stored(&point.y));
    let by_level = (0..levels).rev().fold(Projective::ZERO, |mut sum, level| {
        sum.double_in_place();
        sum + affine(&points[1 << level])
    });
    by_level + affine(&points[0])
}

#[cfg(test)]
mod tests;
