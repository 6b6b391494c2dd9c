//! Each gadget against its native half, and each witness that a gadget must forbid against the constraint that does.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ed_on_bn254::Fr as Scalar;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, UniformRand};
use consign_circuits::{
    builder::{Bit, Builder, Num},
    gadgets::{
        bits::{allocate, decompose, low_bits},
        filter::FilterSetGadget,
        pedersen, poseidon,
        row::RowGadget,
        select::{OneHot, Paired},
    },
    shape::Shape,
};
use consign_crypto::{
    commitment::row_element,
    poseidon as native,
    statement::{filter_digest, power_of_two},
    totals::{SCALAR_BITS, TotalsBlinding, TotalsCommitment},
};
use consign_documents::{
    filter::{ClassTest, Filter, FilterKind, FilterSet, Group, PADDING, TOTALS, Threshold, ThresholdUse, Totals},
    table::{Code, ROW_BITS, Row, RowKind},
};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};

use super::trial::{Trial, assignment, broken, filter_set, names, row, shape};

static ROW: LazyLock<Shape> = LazyLock::new(|| shape(|b| RowGadget::new(b, &Row::EMPTY)));
static COUNT: LazyLock<Shape> = LazyLock::new(|| shape(|b| count(b, &FilterSet::null(), &Row::EMPTY)));

fn row_trial(row: &Row) -> Trial<'static> {
    Trial::new(&ROW, assignment(|b| RowGadget::new(b, row)).0)
}

/// A filter set over one row: its digest and the thirty totals.
fn count(b: &mut Builder, set: &FilterSet, row: &Row) -> (Fr, [Fr; TOTALS]) {
    let (set, digest) = FilterSetGadget::new(b, set);
    let row = RowGadget::new(b, row);
    let mut totals: [Num; TOTALS] = std::array::from_fn(|_| Num::zero());
    set.count(b, &row, &mut totals);
    (digest.value(), totals.map(|total| total.value()))
}

fn count_trial(set: &FilterSet, row: &Row) -> Trial<'static> {
    Trial::new(&COUNT, assignment(|b| count(b, set, row)).0)
}

fn goods(measures: [u64; 4]) -> Row {
    Row::new(RowKind::Goods, measures, 704, [3480, 2], [84, 71, 30]).unwrap()
}

#[test]
fn a_row_is_the_number_its_native_half_makes() {
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..200 {
        let row = row(&mut rng);
        let (values, gadget) = assignment(|b| RowGadget::new(b, &row));
        assert_eq!(gadget.packed.value(), row_element(&row));
        assert_eq!(broken(&ROW, &values), names([]));
    }
}

#[test]
fn the_third_kind_is_impossible() {
    for kind in [RowKind::Empty, RowKind::Goods, RowKind::Document] {
        let mut trial = row_trial(&Row::new(kind, [1; 4], 1, [1; 2], [1; 3]).unwrap());
        trial.set_bits("kind", 3);
        trial.settle();
        assert_eq!(trial.broken(), names(["kind is not 3"]));
    }
}

#[test]
fn an_hs_group_is_below_a_hundred() {
    let mut trial = row_trial(&goods([1; 4]));
    for group in ["HS chapter", "HS heading", "HS subheading"] {
        for value in (0..128).rev() {
            trial.set_bits(group, value);
            trial.settle();
            let expected = if value < 100 { names([]) } else { names(["HS group below 100"]) };
            assert_eq!(trial.broken(), expected, "{group} {value}");
        }
    }
}

#[test]
fn a_measure_has_47_bits_and_no_value_flows_into_the_next_column() {
    // The top bit of m0 counted twice is the lowest bit of m1: the same packed row.
    let honest = row_trial(&goods([5, 1, 0, 0]));
    let mut trial = row_trial(&goods([5, 1, 0, 0]));
    let (m0, m1) = (trial.wires("m0"), trial.wires("m1"));
    assert_eq!((m0.len(), m1.len()), (47, 47));
    trial.set(m0[46], Fr::from(2u64));
    trial.set(m1[0], Fr::ZERO);
    trial.settle();
    assert_eq!(trial.values[trial.wire("packed row")], honest.values[honest.wire("packed row")]);
    assert_eq!(trial.broken(), names(["m0"]));
}

#[test]
fn a_packed_row_has_one_unpacking() {
    let mut rng = StdRng::seed_from_u64(2);
    for _ in 0..20 {
        let (one, other) = (row(&mut rng), row(&mut rng));
        let mut trial = row_trial(&other);
        let packed = trial.wire("packed row");
        trial.set(packed, row_element(&one));
        let expected = if one == other { names([]) } else { names(["packed row"]) };
        assert_eq!(trial.broken(), expected);
    }
    // Nor does the number plus the modulus have 253 bits.
    assert!(Fr::MODULUS.num_bits() > ROW_BITS && Fr::MODULUS.get_bit(ROW_BITS as usize));
}

#[test]
fn a_number_has_one_unpacking_of_its_width_or_none() {
    let circuit = |value: Fr, width: usize| {
        move |b: &mut Builder| {
            let number = b.witness("number", value);
            decompose(b, "bits", &number, width)
        }
    };
    let mut rng = StdRng::seed_from_u64(3);
    for width in [1, 2, 6, 48, 72, 99, 253] {
        let shape = shape(circuit(Fr::ZERO, width));
        let top = power_of_two(width as u32 - 1);
        let random = low_bits(&Fr::rand(&mut rng), width);
        let random = random.iter().rev().fold(Fr::ZERO, |sum, &bit| sum.double() + Fr::from(bit));
        for value in [Fr::ZERO, Fr::ONE, top, top + top - Fr::ONE, random] {
            let (values, bits) = assignment(circuit(value, width));
            assert_eq!(Num::from_bits(&bits).value(), value);
            assert_eq!(broken(&shape, &values), names([]));
            for bit in 2..values.len() {
                let mut other = values.clone();
                other[bit] = Fr::ONE - other[bit];
                assert_eq!(broken(&shape, &other), names(["bits"]), "another unpacking");
            }
        }
        for value in [top + top, top + top + Fr::ONE, -Fr::ONE, -top] {
            // With one bit, minus the top is minus one, which is in the list already.
            assert_eq!(broken(&shape, &assignment(circuit(value, width)).0), names(["bits"]), "{width} bits");
        }
    }
}

#[test]
fn a_selection_is_of_exactly_one() {
    const CHOICES: usize = 6;
    let values: [Fr; CHOICES] = [5u64, 0, 1 << 46, 7, 65_535, 1].map(Fr::from);
    let circuit = |index: usize| {
        move |b: &mut Builder| {
            let wires = values.iter().map(|&value| b.witness("value", value)).collect();
            let paired = Paired::new(b, "product", wires);
            let selection = OneHot::new(b, "selector", index, CHOICES);
            let number = selection.index().value();
            (paired.select(b, "selected", &selection).value(), number)
        }
    };
    let shape = shape(circuit(0));
    for (index, &value) in values.iter().enumerate() {
        let (honest, selected) = assignment(circuit(index));
        assert_eq!(selected, (value, Fr::from(index as u64)));
        let mut trial = Trial::new(&shape, honest);
        for pattern in 0..1 << CHOICES {
            trial.set_bits("selector", pattern);
            trial.settle();
            let expected = if pattern.count_ones() == 1 { names([]) } else { names(["selector"]) };
            assert_eq!(trial.broken(), expected, "{pattern:06b}");
        }
        // Two and minus one add up to one.
        let wires = trial.wires("selector");
        trial.set_bits("selector", 0);
        trial.set(wires[0], Fr::from(2u64));
        trial.set(wires[1], -Fr::ONE);
        trial.settle();
        assert_eq!(trial.broken(), names(["selector"]));
    }
}

#[test]
fn filters_count_what_their_native_half_counts() {
    let mut rng = StdRng::seed_from_u64(4);
    for round in 0..300 {
        let rows: [Row; 3] = std::array::from_fn(|_| row(&mut rng));
        let set = filter_set(&mut rng, &rows);
        let (values, (digest, totals)) = assignment(|b| count(b, &set, &rows[0]));
        assert_eq!(digest, filter_digest(&set));
        assert_eq!(totals, set.totals(&rows[..1]).0.map(Fr::from), "round {round}");
        assert_eq!(broken(&COUNT, &values), names([]), "round {round}");
    }
}

/// A set of one filter over goods, whose group A is the first class test.
fn testing(test: ClassTest) -> FilterSet {
    let mut set = FilterSet::null();
    set.tests[0] = test;
    set.filters[0] = Filter::Rows {
        kind: FilterKind::Goods,
        a: Group { tests: [true, false, false, false], negated: false },
        b: Group::TRUE,
        threshold: ThresholdUse::Any,
    };
    set
}

#[test]
fn a_code_is_listed_or_not_and_padding_is_no_code() {
    let largest = Row::new(RowKind::Goods, [1; 4], 1023, [u16::MAX; 2], [99; 3]).unwrap();
    let smallest = Row::new(RowKind::Goods, [1; 4], 0, [0; 2], [0; 3]).unwrap();
    for row in [goods([1; 4]), largest, smallest] {
        for code in Code::ALL {
            let own = row.code(code);
            assert!(own < PADDING - 15);
            let full: Vec<u32> = (own.saturating_sub(15)..own.saturating_sub(15) + 16).collect();
            for codes in [vec![], vec![own], vec![own + 1], full] {
                let listed = codes.contains(&own);
                let test = ClassTest::new(code, codes.into_iter().filter(|&c| c < 1_000_000).collect()).unwrap();
                let (values, (_, totals)) = assignment(|b| count(b, &testing(test.clone()), &row));
                assert_eq!((totals[0], broken(&COUNT, &values)), (Fr::from(listed), names([])));

                // The opposite, in a set where nothing depends on it.
                let mut unused = testing(test);
                unused.filters[0] = Filter::all(FilterKind::Goods);
                let mut trial = count_trial(&unused, &row);
                let wire = trial.wire("class test 0 listed");
                trial.set(wire, Fr::from(!listed));
                trial.settle();
                let expected = if listed {
                    "class test 0 unlisted if the product is not zero"
                } else {
                    "class test 0 listed only if the product is zero"
                };
                // A miss called a hit also contradicts its inverse; a cheat sets that to zero.
                let inverse = trial.wire("class test 0 inverse of the product");
                trial.set(inverse, Fr::ZERO);
                trial.settle();
                assert_eq!(trial.broken(), names([expected]));
            }
        }
    }
}

#[test]
fn a_measure_reaches_its_threshold_or_not() {
    for at_least in [0, 1, 1000, (1 << 47) - 1, 1 << 47] {
        for measure in 0..4u8 {
            let mut set = FilterSet::null();
            set.thresholds[1] = Threshold::new(measure, at_least).unwrap();
            for (filter, threshold) in [(0, ThresholdUse::Holds(1)), (1, ThresholdUse::Fails(1))] {
                set.filters[filter] =
                    Filter::Rows { kind: FilterKind::Goods, a: Group::TRUE, b: Group::TRUE, threshold };
            }
            for value in [0, at_least.saturating_sub(1), at_least, at_least + 1, (1 << 47) - 1] {
                let value = value.min((1 << 47) - 1);
                let mut measures = [1 << 46, 3, (1 << 47) - 1, 0];
                measures[usize::from(measure)] = value;
                let row = goods(measures);
                let (values, (_, totals)) = assignment(|b| count(b, &set, &row));
                let reached = value >= at_least;
                assert_eq!([totals[0], totals[5]], [Fr::from(reached), Fr::from(!reached)], "{value} {at_least}");
                assert_eq!(broken(&COUNT, &values), names([]));

                let mut trial = Trial::new(&COUNT, values);
                let top = *trial.wires("threshold 1 difference").last().unwrap();
                trial.set(top, Fr::from(!reached));
                trial.settle();
                assert_eq!(trial.broken(), names(["threshold 1 difference"]));
            }
        }
    }
    // A bound beyond 2^47 leaves a difference that is negative for small measures: no bits are those of it.
    let mut trial = count_trial(&FilterSet::null(), &goods([0; 4]));
    trial.set_bits("threshold 0 at least", (1 << 48) - 1);
    trial.settle();
    assert_eq!(trial.broken_beside_digest(), names(["threshold 0 difference"]));
}

#[test]
fn a_filter_has_one_kind_and_at_most_one_threshold() {
    let mut set = FilterSet::null();
    set.filters[2] = Filter::all(FilterKind::Goods);
    for row in [goods([1; 4]), Row::EMPTY] {
        let mut trial = count_trial(&set, &row);
        let document = trial.wire("filter 2 document");
        trial.set(document, Fr::ONE);
        trial.settle();
        assert_eq!(trial.broken_beside_digest(), names(["filter 2 not both kinds"]));

        let mut trial = count_trial(&set, &row);
        let wires = trial.wires("filter 2 threshold");
        trial.set(wires[0], Fr::ONE);
        trial.set(wires[1], Fr::ONE);
        trial.settle();
        assert_eq!(trial.broken_beside_digest(), names(["filter 2 at most one threshold"]));
    }
}

#[test]
fn every_part_of_a_filter_set_is_in_its_digest() {
    let mut rng = StdRng::seed_from_u64(5);
    let rows: [Row; 3] = std::array::from_fn(|_| row(&mut rng));
    let set = filter_set(&mut rng, &rows);
    let trial = count_trial(&set, &Row::EMPTY);
    let first_of_row = trial.wires("kind")[0];
    let digest = trial.wires("filter digest S-box input")[0];
    let mut parts = 0;
    for wire in 1..digest.min(first_of_row) {
        let mut changed = Trial::new(&COUNT, trial.values.clone());
        // Not as a value to keep: what a product defines falls back.
        changed.values[wire] = Fr::ONE - trial.values[wire];
        changed.settle();
        let derived = changed.values == trial.values;
        parts += usize::from(!derived);
        // The first of a selection counts zero in its index: that it is not alone breaks the selection itself.
        let caught = |name: &String| {
            name.starts_with("filter digest") || name.ends_with("selected code") || name.ends_with("selected measure")
        };
        assert!(derived || changed.broken().iter().any(caught), "wire {wire}");
    }
    // Selectors and codes, selectors and bounds, and the bits of filters.
    assert_eq!(parts, 4 * (6 + 16 * 20) + 2 * (4 + 48) + 6 * 15);
}

/// Poseidon of public inputs, against a public output.
fn poseidon_circuit<const N: usize>(b: &mut Builder, inputs: [Fr; N], output: Fr) -> Fr {
    let inputs = inputs.map(|input| b.public("input", input));
    let output = b.public("output", output);
    let hash = poseidon::hash(b, &inputs);
    b.enforce_equal("output", &hash, &output);
    hash.value()
}

fn poseidon_agrees<const N: usize>(constraints: usize) {
    let mut rng = StdRng::seed_from_u64(N as u64);
    let shape = shape(|b| poseidon_circuit(b, [Fr::ZERO; N], Fr::ZERO));
    assert_eq!(shape.matrices().constraints(), constraints + 1, "{N} inputs");
    for round in 0..8 {
        let inputs: [Fr; N] = match round {
            0 => [Fr::ZERO; N],
            1 => [-Fr::ONE; N],
            _ => std::array::from_fn(|_| Fr::rand(&mut rng)),
        };
        let expected = native::hash(&inputs);
        let (values, output) = assignment(|b| poseidon_circuit(b, inputs, expected));
        assert_eq!((output, broken(&shape, &values)), (expected, names([])));
        let (values, _) = assignment(|b| poseidon_circuit(b, inputs, expected + Fr::ONE));
        assert_eq!(broken(&shape, &values), names(["output"]));
        let mut values = assignment(|b| poseidon_circuit(b, inputs, expected)).0;
        values[1 + rng.gen_range(0..N)] += Fr::ONE;
        assert!(broken(&shape, &values).contains("S-box"));
    }
}

#[test]
fn poseidon_is_its_native_half() {
    poseidon_agrees::<10>(460);
    poseidon_agrees::<11>(466);
    poseidon_agrees::<12>(505);
}

/// A commitment to totals of 72 bits under any 251 bits.
fn commitment(b: &mut Builder, totals: &Totals, blinding: Fr, (x, y): (Fr, Fr)) {
    let (x, y) = (b.public("x", x), b.public("y", y));
    let totals: [Vec<Bit>; TOTALS] = std::array::from_fn(|i| allocate(b, "total", totals.0[i], 72));
    let blinding: Vec<Bit> =
        low_bits(&blinding, SCALAR_BITS).into_iter().map(|value| b.bit("blinding", value)).collect();
    pedersen::commit(b, &totals, &blinding, &x, &y);
}

#[test]
fn pedersen_is_its_native_half() {
    let mut rng = StdRng::seed_from_u64(6);
    let shape = shape(|b| commitment(b, &Totals::ZERO, Fr::ZERO, (Fr::ZERO, Fr::ZERO)));
    let max = Totals([(1 << 72) - 1; TOTALS]);
    let mut one = Totals::ZERO;
    one.0[29] = 1;
    let mut cases = vec![(Totals::ZERO, TotalsBlinding::zero()), (max, TotalsBlinding::zero())];
    cases.extend([Totals::ZERO, max, one].map(|totals| (totals, TotalsBlinding::random(&mut rng))));
    for _ in 0..8 {
        let totals = Totals(std::array::from_fn(|_| rng.gen_range(0..1u128 << 72)));
        cases.push((totals, TotalsBlinding::random(&mut rng)));
    }
    for (totals, blinding) in cases {
        let point = TotalsCommitment::commit(&totals, &blinding).coordinates();
        let check = |blinding, point| broken(&shape, &assignment(|b| commitment(b, &totals, blinding, point)).0);
        assert_eq!(check(blinding.bits(), point), names([]));
        let wrong = names(["x of the commitment", "y of the commitment"]);
        assert_eq!(check(blinding.bits(), (point.0 + Fr::ONE, point.1)), names(["x of the commitment"]));
        assert_eq!(check(blinding.bits(), (point.0, point.1 + Fr::ONE)), names(["y of the commitment"]));
        let other = TotalsCommitment::commit(&totals, &TotalsBlinding::random(&mut rng)).coordinates();
        assert_eq!(check(blinding.bits(), other), wrong);
        let mut more = totals;
        more.0[17] ^= 1;
        assert_eq!(check(blinding.bits(), TotalsCommitment::commit(&more, &blinding).coordinates()), wrong);
        // A blinding may be spelled with the subgroup's order added: a commitment to the same totals.
        let order = Fr::from_bigint(Scalar::MODULUS).unwrap();
        let spelled = blinding.bits() + order;
        if spelled.into_bigint().num_bits() as usize <= SCALAR_BITS {
            assert_eq!(check(spelled, point), names([]));
        }
    }
}
