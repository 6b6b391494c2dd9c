//! An assignment to tamper with, and random rows, filter sets and tallies.

use std::collections::BTreeSet;

use ark_bn254::Fr;
use ark_ff::{Field, UniformRand, Zero};
use consign_circuits::{
    builder::Builder,
    shape::Shape,
    tally::{Block, TallySize, TallyWitness},
};
use consign_crypto::{commitment::BLOCK_ROWS, totals::TotalsBlinding};
use consign_documents::{
    filter::{ClassTest, Filter, FilterKind, FilterSet, Group, Threshold, ThresholdUse},
    table::{Code, Row, RowKind},
};
use rand_arkworks::{Rng, rngs::StdRng};

/// The constraints of a circuit of one's own.
pub fn shape<T>(circuit: impl FnOnce(&mut Builder) -> T) -> Shape {
    let mut b = Builder::recording();
    circuit(&mut b);
    b.into_shape().unwrap()
}

/// Its assignment, and what it yields.
pub fn assignment<T>(circuit: impl FnOnce(&mut Builder) -> T) -> (Vec<Fr>, T) {
    let mut b = Builder::proving();
    let result = circuit(&mut b);
    (b.into_assignment(), result)
}

/// Names of the constraints that an assignment breaks, each once.
pub fn broken(shape: &Shape, values: &[Fr]) -> BTreeSet<String> {
    let m = shape.matrices();
    (0..m.constraints()).filter(|&row| m.breaks(row, values)).map(|row| shape.constraints()[row].to_string()).collect()
}

/// The set of these names.
pub fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// An assignment that is changed wire by wire.
pub struct Trial<'a> {
    shape: &'a Shape,
    pub values: Vec<Fr>,
    set: BTreeSet<usize>,
}

impl<'a> Trial<'a> {
    pub fn new(shape: &'a Shape, values: Vec<Fr>) -> Trial<'a> {
        assert_eq!(values.len(), shape.matrices().wires);
        Trial { shape, values, set: BTreeSet::new() }
    }

    /// All wires of this name.
    pub fn wires(&self, name: &str) -> Vec<usize> {
        let found: Vec<usize> =
            self.shape.wires().iter().enumerate().filter(|(_, n)| n.to_string() == name).map(|(i, _)| i).collect();
        assert!(!found.is_empty(), "no wire {name:?}");
        found
    }

    /// The one wire of this name.
    pub fn wire(&self, name: &str) -> usize {
        let found = self.wires(name);
        assert_eq!(found.len(), 1, "{name:?}");
        found[0]
    }

    pub fn set(&mut self, wire: usize, value: Fr) {
        self.values[wire] = value;
        self.set.insert(wire);
    }

    /// Sets the wires of this name to the bits of a number.
    pub fn set_bits(&mut self, name: &str, number: u64) {
        for (i, wire) in self.wires(name).into_iter().enumerate() {
            self.set(wire, Fr::from(number >> i & 1));
        }
    }

    /// Computes anew each witness wire that a product defines, unless it was set: what a cheat would do, so that only
    /// the constraint remains broken that forbids the cheat.
    pub fn settle(&mut self) {
        let m = self.shape.matrices();
        let mut defined = BTreeSet::new();
        for row in 0..m.constraints() {
            let &[(wire, coefficient)] = m.abc[2].row(row) else { continue };
            let wire = wire as usize;
            let used = |i: usize| m.abc[i].row(row).iter().any(|&(w, _)| w as usize == wire);
            let one = m.coefficients[coefficient as usize] == Fr::ONE;
            if one && wire > m.publics && !used(0) && !used(1) && !self.set.contains(&wire) && defined.insert(wire) {
                let [a, b] = [0, 1].map(|i| m.evaluate(&m.abc[i], row, &self.values));
                self.values[wire] = a * b;
            }
        }
    }

    pub fn broken(&self) -> BTreeSet<String> {
        broken(self.shape, &self.values)
    }

    /// What is broken beside the digest of the filter set, whose rounds a changed filter set breaks too.
    pub fn broken_beside_digest(&self) -> BTreeSet<String> {
        self.broken().into_iter().filter(|name| !name.contains("filter digest")).collect()
    }
}

/// A random row with edges of every column.
pub fn row(rng: &mut StdRng) -> Row {
    let kind = [RowKind::Empty, RowKind::Goods, RowKind::Goods, RowKind::Document][rng.gen_range(0..4)];
    let mut measure = || match rng.gen_range(0..4) {
        0 => 0,
        1 => (1 << 47) - 1,
        2 => rng.gen_range(0..5),
        _ => rng.gen_range(0..1 << 47),
    };
    let measures = [measure(), measure(), measure(), measure()];
    let mut code = |max: u16| [0, 1, 7, max, rng.gen_range(0..=max)][rng.gen_range(0..5)];
    let (origin, codes) = (code(1023), [code(u16::MAX), code(u16::MAX)]);
    let hs = [code(99), code(99), code(99)].map(|group| group as u8);
    Row::new(kind, measures, origin, codes, hs).unwrap()
}

/// A random filter set, whose codes and bounds lie at those of the rows or beside them.
pub fn filter_set(rng: &mut StdRng, rows: &[Row]) -> FilterSet {
    let tests = std::array::from_fn(|_| {
        let code = Code::ALL[rng.gen_range(0..6)];
        let length = [0, 1, 2, 15, 16][rng.gen_range(0..5)];
        let beside =
            |rng: &mut StdRng| (rows[rng.gen_range(0..rows.len())].code(code) + rng.gen_range(0..2)).min(999_999);
        let codes: std::collections::BTreeSet<u32> = (0..length).map(|_| beside(rng)).collect();
        ClassTest::new(code, codes.into_iter().collect()).unwrap()
    });
    let thresholds = std::array::from_fn(|_| {
        let measure = rng.gen_range(0..4);
        let value = rows[rng.gen_range(0..rows.len())].measures()[usize::from(measure)];
        let at_least = [0, value.saturating_sub(1), value, value + 1, 1 << 47][rng.gen_range(0..5)];
        Threshold::new(measure, at_least).unwrap()
    });
    let group = |rng: &mut StdRng| match rng.gen_range(0..3) {
        0 => Group::TRUE,
        _ => Group { tests: std::array::from_fn(|_| rng.gen_range(0..2) == 0), negated: rng.gen_range(0..2) == 0 },
    };
    let filters = std::array::from_fn(|_| match rng.gen_range(0..8) {
        0 => Filter::Null,
        n => Filter::Rows {
            kind: if n == 1 { FilterKind::Document } else { FilterKind::Goods },
            a: group(rng),
            b: group(rng),
            threshold: match rng.gen_range(0..5) {
                0 => ThresholdUse::Holds(0),
                1 => ThresholdUse::Holds(1),
                2 => ThresholdUse::Fails(0),
                3 => ThresholdUse::Fails(1),
                _ => ThresholdUse::Any,
            },
        },
    });
    FilterSet { tests, thresholds, filters }
}

/// The parts of a random tally: every second block but one holds rows, one is skipped.
pub struct Sample {
    pub start: Fr,
    pub blocks: Vec<Block>,
    pub filters: FilterSet,
    pub blinding: TotalsBlinding,
}

impl Sample {
    pub fn new(size: TallySize, rng: &mut StdRng) -> Sample {
        let mut all = Vec::new();
        let blocks = (0..size.blocks())
            .map(|i| {
                if i == 2 {
                    return Block::Skipped;
                }
                let rows: [Row; BLOCK_ROWS] = std::array::from_fn(|_| row(rng));
                all.extend(rows);
                Block::Rows { blinding: Fr::rand(rng), rows: Box::new(rows) }
            })
            .collect();
        let mut filters = filter_set(rng, &all);
        // At least one test that hits, so that the one wire without effect occurs.
        filters.tests[0] = ClassTest::new(Code::Origin, vec![all[0].origin().into()]).unwrap();
        filters.filters[0] = Filter::all(FilterKind::Goods);
        Sample { start: Fr::rand(rng), blocks, filters, blinding: TotalsBlinding::random(rng) }
    }

    pub fn witness(&self) -> TallyWitness<'_> {
        TallyWitness { start: self.start, blocks: &self.blocks, filters: &self.filters, blinding: &self.blinding }
    }
}

/// Whether a value is a bit.
pub fn is_bit(value: &Fr) -> bool {
    value.is_zero() || *value == Fr::ONE
}
