//! Sums of pairs of points in affine form, thousands at a time with one inversion.
//!
//! `x3 = s s - x1 - x2`, `y3 = s (x1 - x3) - y1`, where the slope `s` is `(y2 - y1) / (x2 - x1)`, or `3 x1 x1 / 2 y1` for
//! a double: five multiplications and a square a sum, where mixed addition takes eleven. The identity is `(0, 0)`, which
//! is on neither curve. Every case is right: points may be equal, opposite or the identity.

use super::octet::{Backend, Kernel, LANES, Octet, each_lane};

/// A point in memory: `x` canonical, `y` tight; the identity is two zeros.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Point<S> {
    /// First coordinate.
    pub x: S,
    /// Second coordinate.
    pub y: S,
}

/// The sum of two points goes to a place. Points are named by twice their place, plus one where the opposite is meant.
#[derive(Clone, Copy)]
pub struct Pair {
    /// The first.
    pub left: u32,
    /// The second.
    pub right: u32,
    /// Where the sum goes.
    pub into: u32,
}

/// Where pairs are read and sums are written.
pub trait Places<S> {
    /// Whether signs of names count.
    const SIGNED: bool;
    /// The point at a place.
    fn at(&self, place: usize) -> &Point<S>;
    /// Writes a point.
    fn put(&mut self, place: usize, point: Point<S>);
}

/// From one table to another, with signs.
pub struct Across<'a, S> {
    /// Points to add.
    pub from: &'a [Point<S>],
    /// Their sums.
    pub to: &'a mut [Point<S>],
}

impl<S> Places<S> for Across<'_, S> {
    const SIGNED: bool = true;
    #[inline(always)]
    fn at(&self, place: usize) -> &Point<S> {
        &self.from[place]
    }
    #[inline(always)]
    fn put(&mut self, place: usize, point: Point<S>) {
        self.to[place] = point;
    }
}

/// In one table, without signs. A place that is written is read by the same pair at most.
pub struct Within<'a, S>(pub &'a mut [Point<S>]);

impl<S> Places<S> for Within<'_, S> {
    const SIGNED: bool = false;
    #[inline(always)]
    fn at(&self, place: usize) -> &Point<S> {
        &self.0[place]
    }
    #[inline(always)]
    fn put(&mut self, place: usize, point: Point<S>) {
        self.0[place] = point;
    }
}

/// Octets that share an inversion, at most: their differences and products stay in the second-level cache.
const BATCH: usize = 256;

/// How many octets ahead points are fetched.
const AHEAD: usize = 4;

/// Memory of the loop, to be used again.
pub struct Scratch<O: Octet> {
    differences: Vec<O>,
    before: Vec<O>,
    doubles: Vec<u8>,
    trivial: Vec<(u32, Point<O::Stored>)>,
}

impl<O: Octet> Default for Scratch<O> {
    fn default() -> Self {
        Scratch { differences: Vec::new(), before: Vec::new(), doubles: Vec::new(), trivial: Vec::new() }
    }
}

/// Adds all pairs.
pub fn add_pairs<O: Octet, P: Places<O::Stored>>(
    backend: O::Backend,
    pairs: &[Pair],
    places: &mut P,
    scratch: &mut Scratch<O>,
) {
    for batch in pairs.chunks(BATCH * LANES) {
        backend.run(AddPairs { pairs: batch, places, scratch });
    }
}

struct AddPairs<'a, O: Octet, P> {
    pairs: &'a [Pair],
    places: &'a mut P,
    scratch: &'a mut Scratch<O>,
}

impl<O: Octet, P: Places<O::Stored>> Kernel<O::Backend> for AddPairs<'_, O, P> {
    type Output = ();

    #[inline(always)]
    fn on(self, backend: O::Backend) {
        let AddPairs { pairs, places, scratch } = self;
        scratch.differences.clear();
        scratch.before.clear();
        scratch.doubles.clear();
        scratch.trivial.clear();
        let zero = O::splat(backend, &O::Stored::default());
        let one = O::splat(backend, &O::to_stored(&ark_ff::Field::ONE));

        // Forwards: the products of all differences before each. Two chains, since one would wait for itself.
        let mut products = [one; 2];
        for (i, eight) in pairs.chunks(LANES).enumerate() {
            let (left, right) = names(eight);
            if let Some(soon) = pairs.get(LANES * (i + AHEAD)..LANES * (i + AHEAD + 1)) {
                for pair in soon {
                    O::prefetch(backend, &places.at(pair.left as usize / 2).x);
                    O::prefetch(backend, &places.at(pair.right as usize / 2).x);
                }
            }
            let x1 = O::load(backend, each_lane!(i => &places.at(left[i] as usize / 2).x));
            let x2 = O::load(backend, each_lane!(i => &places.at(right[i] as usize / 2).x));
            let mut difference = x2.sub(x1);
            let mut doubles = 0;
            if x1.same(x2) | x1.same(zero) | x2.same(zero) != 0 {
                let special = Special { x1, x2, difference, one, zero, left, right, eight };
                (difference, doubles) = special.sort_out(backend, &*places, &mut scratch.trivial);
            }
            scratch.doubles.push(doubles);
            scratch.differences.push(difference);
            scratch.before.push(products[i % 2]);
            products[i % 2] = products[i % 2].mul(difference);
        }

        let inverse = products[0].mul(products[1]).invert(backend);
        let mut inverses = [inverse.mul(products[1]), inverse.mul(products[0])];
        for (i, eight) in pairs.chunks(LANES).enumerate().rev() {
            let (left, right) = names(eight);
            let inverse = inverses[i % 2].mul(scratch.before[i]);
            inverses[i % 2] = inverses[i % 2].mul(scratch.differences[i]);
            let x1 = O::load(backend, each_lane!(i => &places.at(left[i] as usize / 2).x));
            let x2 = O::load(backend, each_lane!(i => &places.at(right[i] as usize / 2).x));
            let (y1, y2) = ordinates::<O, P>(backend, places, left, right);
            let mut rise = y2.sub(y1);
            let doubles = scratch.doubles[i];
            if doubles != 0 {
                let square = x1.square();
                rise = O::select(doubles, square.add(square).add(square), rise);
            }
            let slope = inverse.mul(rise);
            let x3 = slope.square().sub(x1.add(x2)).canonical();
            let y3 = slope.mul(x1.sub(x3)).sub(y1).tight();
            let (x3, y3) = (x3.store(), y3.store());
            for (lane, pair) in eight.iter().enumerate() {
                places.put(pair.into as usize, Point { x: x3[lane], y: y3[lane] });
            }
        }
        for &(place, point) in &scratch.trivial {
            places.put(place as usize, point);
        }
    }
}

/// Names of the points of up to eight pairs; the first pair stands in for those that are missing.
#[inline(always)]
fn names(eight: &[Pair]) -> ([u32; LANES], [u32; LANES]) {
    let mut full = [eight[0]; LANES];
    match <&[Pair; LANES]>::try_from(eight) {
        Ok(eight) => full = *eight,
        Err(_) => full[..eight.len()].copy_from_slice(eight),
    }
    (each_lane!(i => full[i].left), each_lane!(i => full[i].right))
}

/// The second coordinates of the points with these names.
#[inline(always)]
fn ordinates<O: Octet, P: Places<O::Stored>>(
    backend: O::Backend,
    places: &P,
    left: [u32; LANES],
    right: [u32; LANES],
) -> (O, O) {
    let y1 = O::load(backend, each_lane!(i => &places.at(left[i] as usize / 2).y));
    let y2 = O::load(backend, each_lane!(i => &places.at(right[i] as usize / 2).y));
    if !P::SIGNED {
        return (y1, y2);
    }
    (y1.negate_where(signs(left)), y2.negate_where(signs(right)))
}

/// The lanes whose names mean the opposite point.
#[inline(always)]
pub fn signs(names: [u32; LANES]) -> u8 {
    let mut mask = 0;
    for (lane, name) in names.into_iter().enumerate() {
        mask |= ((name & 1) as u8) << lane;
    }
    mask
}

/// Eight pairs of which one is perhaps no sum of two different points.
struct Special<'a, O: Octet> {
    x1: O,
    x2: O,
    difference: O,
    one: O,
    zero: O,
    left: [u32; LANES],
    right: [u32; LANES],
    eight: &'a [Pair],
}

impl<O: Octet> Special<'_, O> {
    /// What to divide by in each lane, and which lanes are doubles. Sums that need no division are noted as trivial.
    #[inline(always)]
    fn sort_out<P: Places<O::Stored>>(
        self,
        backend: O::Backend,
        places: &P,
        trivial: &mut Vec<(u32, Point<O::Stored>)>,
    ) -> (O, u8) {
        let (y1, y2) = ordinates::<O, P>(backend, places, self.left, self.right);
        let (y1, y2) = (y1.canonical(), y2.canonical());
        let none = [(self.x1, y1), (self.x2, y2)].map(|(x, y)| x.same(self.zero) & y.same(self.zero));
        let equal = self.x1.same(self.x2) & !none[0] & !none[1];
        let doubles = equal & y1.same(y2) & !y1.same(self.zero);
        let opposite = equal & !doubles;
        let simple = none[0] | none[1] | opposite;
        let (x, y) = ([self.x1.store(), self.x2.store()], [y1.store(), y2.store()]);
        for (lane, pair) in self.eight.iter().enumerate().filter(|(lane, _)| simple >> lane & 1 == 1) {
            let point = match [none[0] >> lane & 1, none[1] >> lane & 1] {
                [1, _] => Point { x: x[1][lane], y: y[1][lane] },
                [_, 1] => Point { x: x[0][lane], y: y[0][lane] },
                _ => Point::default(),
            };
            trivial.push((pair.into, point));
        }
        let difference = O::select(doubles, y1.add(y1), self.difference);
        (O::select(simple, self.one, difference), doubles)
    }
}
