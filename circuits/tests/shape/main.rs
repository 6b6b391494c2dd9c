//! Pins what the circuits are: constraints, nonzeros, public inputs and the digest of the matrices. A change here is a
//! change of every key set, and of `docs/circuits.md`, whose table of costs is compared with what is counted here.
//! `cargo test -p consign-circuits --test shape -- --nocapture` prints the table.

use std::{collections::BTreeMap, sync::LazyLock};

use consign_circuits::{
    direct,
    shape::{Matrix, Shape},
    tally::{self, TallySize},
    verdict,
};

mod parts;

use parts::{tally_part, verdict_part};

static SHORT: LazyLock<Shape> = LazyLock::new(|| tally::shape(TallySize::Short).unwrap());
static LONG: LazyLock<Shape> = LazyLock::new(|| tally::shape(TallySize::Long).unwrap());
static VERDICT: LazyLock<Shape> = LazyLock::new(|| verdict::shape().unwrap());
static DIRECT: LazyLock<Shape> = LazyLock::new(|| direct::shape().unwrap());

struct Pin {
    constraints: usize,
    wires: usize,
    nonzeros: [usize; 3],
    domain: usize,
    publics: &'static [&'static str],
    digest: &'static str,
}

fn check(name: &str, shape: &Shape, pin: &Pin) {
    let m = shape.matrices();
    println!("{name}: {} constraints, {} wires, nonzeros {:?}", m.constraints(), m.wires, m.nonzeros());
    println!(
        "{name}: domain 2^{}, inputs {:?}, matrices {}",
        m.domain().ilog2(),
        shape.publics(),
        hex::encode(m.digest())
    );
    assert_eq!(shape.publics(), pin.publics, "{name}");
    for (index, public) in pin.publics.iter().enumerate() {
        assert_eq!(shape.wires()[index + 1].to_string(), *public, "{name}: wire {}", index + 1);
    }
    assert_eq!((m.publics, shape.wires()[0].to_string().as_str()), (pin.publics.len(), "one"));
    assert_eq!((shape.wires().len(), shape.constraints().len()), (m.wires, m.constraints()));
    assert_eq!(
        (m.constraints(), m.wires, m.nonzeros(), m.domain()),
        (pin.constraints, pin.wires, pin.nonzeros, pin.domain),
        "{name}"
    );
    assert_eq!(hex::encode(m.digest()), pin.digest, "{name}");
}

#[test]
fn the_short_tally_is_pinned() {
    let pin = Pin {
        constraints: 31_476,
        wires: 31_190,
        nonzeros: [92_109, 211_931, 46_525],
        domain: 1 << 15,
        publics: &["start", "end", "filters", "x", "y"],
        digest: "83f49b43aed0a609e9be7c02c057d2a1783c25333fdb81475038f9f71921222c",
    };
    check("tally-40", &SHORT, &pin);
}

#[test]
fn the_long_tally_is_pinned() {
    let pin = Pin {
        constraints: 62_562,
        wires: 61_976,
        nonzeros: [193_050, 449_552, 84_229],
        domain: 1 << 16,
        publics: &["start", "end", "filters", "x", "y"],
        digest: "bc3775e2246a00b999d36d65a67f12979dd76f09a69a5696beb96143864ac782",
    };
    check("tally-90", &LONG, &pin);
}

#[test]
fn the_verdict_is_pinned() {
    let pin = Pin {
        constraints: 13_477,
        wires: 13_443,
        nonzeros: [61_886, 78_325, 27_763],
        domain: 1 << 14,
        publics: &["x", "y", "bounds", "context"],
        digest: "5397e13da9f4e41507b80df2d92cb9f8c3c0e5695e33057d770257b43c094d9c",
    };
    check("verdict", &VERDICT, &pin);
}

#[test]
fn the_direct_verdict_is_pinned() {
    let pin = Pin {
        constraints: 32_661,
        wires: 32_373,
        nonzeros: [98_019, 215_736, 44_239],
        domain: 1 << 15,
        publics: &["start", "end", "filters", "bounds", "context"],
        digest: "4944bd3dacb5f582af233d0d59b7c708069521ca2b8be1973fd266d9cf65bcf4",
    };
    check("direct-40", &DIRECT, &pin);
}

/// Constraints and nonzeros by part: what `part` says of each name.
fn count(shape: &Shape, part: impl Fn(&str) -> &'static str) -> BTreeMap<&'static str, [usize; 2]> {
    let mut parts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (row, name) in shape.constraints().iter().enumerate() {
        let counted = parts.entry(part(&name.to_string())).or_default();
        counted[0] += 1;
        counted[1] += shape.matrices().abc.iter().map(|matrix| matrix.row(row).len()).sum::<usize>();
    }
    parts
}

/// Of a direct verdict: parts of a tally and of a verdict, and what joins them.
fn direct_part(name: &str) -> &'static str {
    match name.split(' ').next() {
        Some("total") => "a wire for each total",
        Some("block" | "filters" | "end") => tally_part(name),
        _ => verdict_part(name),
    }
}

/// With a comma before each three digits.
fn thousands(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", thousands(n / 1000), n % 1000) }
}

/// The lines of the tables of `docs/circuits.md`, "What it costs".
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    let (short, long) = (count(&SHORT, tally_part), count(&LONG, tally_part));
    let (mut row, mut fixed) = ([0; 2], [0; 2]);
    let mut a_row = 0.0;
    for (part, &[constraints, nonzeros]) in &long {
        let of_short = short[part][0];
        if part.starts_with("a row") || part.starts_with("a block") {
            let (in_long, in_short) = if part.starts_with("a row") { (90, 40) } else { (9, 4) };
            // The same code lays out both sizes, and every row and block alike.
            assert_eq!(constraints * in_short, of_short * in_long, "{part}");
            assert!(nonzeros.is_multiple_of(in_long), "{part}");
            let each = [constraints / in_long, nonzeros / in_long];
            lines.push(format!("| {part} | {} | {} |", thousands(each[0]), thousands(each[1])));
            if in_long == 90 {
                row = [row[0] + each[0], row[1] + each[1]];
            }
            a_row += constraints as f64 / 90.0;
        } else {
            let both = if constraints == of_short {
                thousands(constraints)
            } else {
                format!("{} / {}", thousands(of_short), thousands(constraints))
            };
            lines.push(format!("| {part} | {both} | {} |", thousands(nonzeros)));
            fixed = [fixed[0] + of_short, fixed[1] + constraints];
        }
    }
    lines.push(format!("| **a row** | **{}** | **{}** |", row[0], thousands(row[1])));
    lines.push(format!("| a row, with its tenth of the hash | about 600 | {a_row:.1} |"));
    let [of_short, of_long] = fixed.map(thousands);
    lines.push(format!("| fixed, tally | 8,500 | {of_short} (40 rows), {of_long} (90 rows) |"));
    let verdict = count(&VERDICT, verdict_part);
    lines.extend(verdict.iter().map(|(part, [constraints, _])| format!("| {part} | {} |", thousands(*constraints))));
    let direct = count(&DIRECT, direct_part);
    for (part, &[constraints, _]) in &direct {
        let (of_tally, of_verdict) = (long.get(part), verdict.get(part));
        match (part.starts_with("a row"), part.starts_with("a block")) {
            // Every row and block as in a tally, and every part that is a tally's or a verdict's; but one bound less.
            (true, _) => assert_eq!(constraints * 90, long[part][0] * direct::ROWS, "{part}"),
            (_, true) => assert_eq!(constraints * 9, long[part][0] * direct::BLOCKS, "{part}"),
            _ if *part == "twelve bounds of 402" => assert_eq!(constraints, 11 * 402),
            _ if *part == "a wire for each total" => {
                lines.push(format!("| {part} | {} |", thousands(constraints)));
            }
            _ => assert_eq!(Some(constraints), of_tally.or(of_verdict).map(|counted| counted[0]), "{part}"),
        }
    }
    let sum = |of: &BTreeMap<&str, [usize; 2]>| {
        direct.iter().filter(|(part, _)| of.contains_key(*part)).map(|(_, counted)| counted[0]).sum::<usize>()
    };
    let (of_tally, of_verdict) = (sum(&long), sum(&verdict));
    lines.push(format!(
        "| rows, blocks, the filter set and its digest, as in a tally of 40 rows | {} |",
        thousands(of_tally)
    ));
    lines.push(format!(
        "| shared products, eleven bounds, their digest, `context`, as in a verdict | {} |",
        thousands(of_verdict)
    ));
    // No part is in both sums, and none in neither.
    let own = direct["a wire for each total"][0];
    assert_eq!(of_tally + own + of_verdict, DIRECT.matrices().constraints());
    assert!([&short, &long, &verdict, &direct].iter().all(|parts| !parts.contains_key("unknown")));
    for (name, inputs, shape) in [
        ("tally-40", "`start`, `end`, `filters`, `x`, `y`", &*SHORT),
        ("tally-90", "the same", &*LONG),
        ("verdict", "`x`, `y`, `bounds`, `context`", &*VERDICT),
        ("direct-40", "`start`, `end`, `filters`, `bounds`, `context`", &*DIRECT),
    ] {
        let m = shape.matrices();
        let [a, b, c] = m.nonzeros();
        let each = (a + b + c) as f64 / m.constraints() as f64;
        let (constraints, wires) = (thousands(m.constraints()), thousands(m.wires));
        let [a, b, c] = [a, b, c].map(thousands);
        lines.push(format!("| `{name}` | {inputs} | {constraints} | {wires} | {a} + {b} + {c} | {each:.1} |"));
    }
    lines
}

#[test]
fn the_costs_are_those_that_the_documentation_lists() {
    let lines = lines();
    lines.iter().for_each(|line| println!("{line}"));
    let path = format!("{}/../docs/circuits.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(path).unwrap();
    for line in lines {
        assert!(page.contains(&line), "docs/circuits.md, \"What it costs\", lacks: {line}");
    }
}

/// A matrix is read from files; one that is none would be multiplied out of its bounds.
#[test]
fn a_matrix_has_rows_that_ascend_to_its_end_and_entries_that_exist() {
    let new = |ends: &[u32], entries: &[(u32, u32)]| Matrix::new(ends.to_vec(), entries.to_vec(), 3, 2);
    let entries = [(0, 0), (2, 1), (1, 0)];
    let good = new(&[1, 1, 3], &entries).unwrap();
    assert_eq!((0..3).map(|row| good.row(row)).collect::<Vec<_>>(), [&entries[..1], &[], &entries[1..]]);
    assert!(new(&[], &[]).is_some());
    for (ends, entries) in [
        (&[2, 1, 3][..], &entries[..]),
        (&[1, 2], &entries),
        (&[1, 4], &entries),
        (&[], &entries),
        (&[1], &[(3, 0)]),
        (&[1], &[(0, 2)]),
    ] {
        assert!(new(ends, entries).is_none(), "{ends:?} {entries:?}");
    }
}
