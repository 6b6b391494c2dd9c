//! Which part of a circuit a constraint or a wire belongs to, by its name.

/// Of a tally.
pub fn tally_part(name: &str) -> &'static str {
    match name.split(' ').collect::<Vec<_>>()[..] {
        ["block", _, "row", _, "class", "test", ..] | ["block", _, "row", _, "product", "of", "class", ..] => {
            "a row: four class tests"
        }
        ["block", _, "row", _, "threshold", ..] | ["block", _, "row", _, "product", "of", "thresholds"] => {
            "a row: two thresholds"
        }
        ["block", _, "row", _, "filter", ..] => "a row: six filters",
        ["block", _, "row", ..] => "a row: its bits, HS groups, packing, shared products",
        ["block", _, "hash", ..] => "a block: Poseidon",
        ["block", ..] => "a block: skipping",
        ["filters", "filter", "digest", ..] => "filter set: digest",
        ["filters"] | ["end"] => "equalities with `filters` and `end`",
        ["filters", ..] => "filter set: range checks, one-hot selectors",
        ["commitment", ..] => "Pedersen commitment",
        ["total", ..] => "bits of the totals",
        ["blinding"] => "blinding",
        _ => "unknown",
    }
}

/// Of a verdict.
pub fn verdict_part(name: &str) -> &'static str {
    match name.split(' ').collect::<Vec<_>>()[..] {
        ["bounds"] | ["context", "squared"] => "`context`, equality with `bounds`",
        ["bounds", "digest", ..] => "digest of the bounds",
        ["bound", ..] => "twelve bounds of 402",
        ["commitment", ..] => "Pedersen commitment",
        ["total", ..] => "bits of thirty totals of 72",
        ["product", "of", "totals"] => "shared products of pairs of totals",
        ["blinding"] => "blinding",
        _ => "unknown",
    }
}
