//! Every form of the language, and every problem with its place.

use super::*;
use crate::profile::{CARGO_MANIFEST, COMMERCIAL_INVOICE};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn parse(text: &str) -> Result<Claim, ClaimError> {
    let roles = BTreeMap::from([
        ("manifest".to_owned(), RoleScope { profile: &CARGO_MANIFEST, single: true }),
        ("invoice".to_owned(), RoleScope { profile: &COMMERCIAL_INVOICE, single: true }),
    ]);
    // Beside the others it would make every goods column of manifests ambiguous.
    let many = BTreeMap::from([("many".to_owned(), RoleScope { profile: &CARGO_MANIFEST, single: false })]);
    let roles = if text.contains("of many") { many } else { roles };
    let list = |codes: &[&str]| codes.iter().map(|&c| c.to_owned()).collect::<Vec<_>>();
    let lists = BTreeMap::from([
        ("rcep".to_owned(), list(&["CN", "VN", "TH", "JP"])),
        ("dual-use".to_owned(), list(&["8456", "3601..3606"])),
        ("wrong".to_owned(), list(&["84711"])),
        ("many".to_owned(), vec!["84".to_owned(); 6_000]),
    ]);
    let parameter = |kind, value: &str| Parameter { kind, value: Some(value.to_owned()) };
    let parameters = BTreeMap::from([
        ("ceiling".to_owned(), parameter(FigureKind::Mass, "26500 kg")),
        ("since".to_owned(), parameter(FigureKind::Date, "2026-01-01")),
        ("part".to_owned(), parameter(FigureKind::Percent, "40 %")),
        ("fine".to_owned(), parameter(FigureKind::Mass, "0.5 g")),
        ("heading".to_owned(), parameter(FigureKind::Codes, "8471, 8473..8479")),
        ("containers".to_owned(), parameter(FigureKind::Number, "40")),
    ]);
    Claim::parse(text, &Scope { roles: &roles, lists: &lists, parameters: &parameters })
}

/// What a claim means, and its bound.
#[track_caller]
fn says(text: &str, explained: &str, bound: &str) {
    let claim = parse(text).unwrap_or_else(|e| panic!("{e}\n{}", e.render()));
    assert_eq!(claim.text(), text.trim());
    assert_eq!(claim.explain(), explained);
    assert_eq!(claim.bound(), bound);
}

#[test]
fn every_form_is_read_and_explained() {
    says(
        "total gross_mass <= 26500 kg",
        "the total gross mass of all goods lines of manifest is at most 26500 kg",
        "<= 26500 kg",
    );
    says(
        "total value between 10000 and 250000 USD",
        "the total value of all goods lines of manifest is between 10000 USD and 250000 USD",
        "between 10000 USD and 250000 USD",
    );
    says(
        "total net_mass of manifest where origin in VN >= 1 t",
        "the total net mass of the goods lines of manifest with origin among VN is at least 1 t",
        ">= 1 t",
    );
    says(
        "every origin of manifest in CN, VN, @rcep",
        "every goods line of manifest has origin among CN, VN, @rcep (CN, VN, TH, JP)",
        "in CN, VN, @rcep",
    );
    says(
        "no hs of manifest in 3601..3606, 9301, @dual-use",
        "every goods line of manifest has hs not among 3601..3606, 9301, @dual-use (3601..3606, 9301, 8456)",
        "not in 3601..3606, 9301, @dual-use",
    );
    says("every dangerous in none", "every goods line of manifest has dangerous among none", "in none");
    says(
        "no dangerous in 3480, UN3481",
        "every goods line of manifest has dangerous not among 3480, UN3481",
        "not in 3480, UN3481",
    );
    says("each gross_mass <= 1000 kg", "each goods line of manifest has gross mass at most 1000 kg", "<= 1000 kg");
    says(
        "share of value where origin in @rcep and hs in 84, 85 >= 40 %",
        "of the total value of manifest, at least 40 % is that of the goods lines of manifest with origin among @rcep (CN, \
         VN, TH, JP) and hs among 84, 85",
        ">= 40 %",
    );
    says(
        "count where dangerous in 3480, 3481 = 0",
        "the number of the goods lines of manifest with dangerous among 3480, 3481 is exactly 0",
        "= 0",
    );
    says("count of invoice >= 1", "the number of all goods lines of invoice is at least 1", ">= 1");
    says(
        "document issue_date of manifest >= 2026-01-01",
        "each document of manifest has issue date at least 2026-01-01",
        ">= 2026-01-01",
    );
    says("document currency of invoice in USD", "each document of invoice has currency among USD", "in USD");
    says("document export_country of manifest in VN", "each document of manifest has export country among VN", "in VN");
    says(
        "total amount of invoice = total value of manifest",
        "the total amount of all goods lines of invoice equals the total value of all goods lines of manifest",
        "= total value of manifest",
    );
    says(
        "total amount of invoice where origin in VN <= total value of manifest where value > 10 USD",
        "the total amount of the goods lines of invoice with origin among VN is at most the total value of the goods \
         lines of manifest with value above 10 USD",
        "<= total value of manifest",
    );
    says(
        "total quantity where unit in MTR, 2N < 1.5 MTR",
        "the total quantity of the goods lines of invoice with unit among MTR, 2N is below 1.5 MTR",
        "< 1.5 MTR",
    );
    says(
        "count where container not in none, 3 and gross_mass >= 100 kg > 2",
        "the number of the goods lines of manifest with container not among none, 3 and gross mass at least 100 kg is \
         above 2",
        "> 2",
    );
    says(
        "total net_mass of invoice within 0.5 % of total net_mass of manifest",
        "the total net mass of all goods lines of invoice differs from the total net mass of all goods lines of manifest \
         by at most 0.5 % of the latter",
        "within 0.5 % of total net_mass of manifest",
    );
    says(
        "total amount <= $part of total value + document value of manifest",
        "the total amount of all goods lines of invoice is at most 40 % of (the total value of all goods lines of \
         manifest plus the value in the header of manifest)",
        "<= 40 % of total value of manifest + document value of manifest",
    );
    says(
        "80 % of total amount >= 1000 USD",
        "80 % of the total amount of all goods lines of invoice is at least 1000 USD",
        ">= 1000 USD",
    );
    says(
        "document value - total value where origin = VN >= 40 % of document value",
        "the value in the header of manifest less the total value of the goods lines of manifest with origin among VN is \
         at least 40 % of the value in the header of manifest",
        ">= 40 % of document value of manifest",
    );
    says(
        "document issue_date of invoice <= document issue_date of manifest",
        "the issue date in the header of invoice is at most the issue date in the header of manifest",
        "<= document issue_date of manifest",
    );
    says(
        "per container up to $containers total gross_mass where dangerous in none <= 26500 kg",
        "for each container of manifest, the total gross mass of the goods lines of manifest with dangerous among none is \
         at most 26500 kg; there are at most 40, and no goods line is outside them",
        "<= 26500 kg",
    );
    says(
        "total net_mass over manifest <= 50 t",
        "the total net mass of all goods lines of manifest is at most 50 t",
        "<= 50 t",
    );
    says(
        "no hs of manifest in $heading where origin not in VN and gross_mass > 1 kg",
        "every goods line of manifest with origin not among VN and gross mass above 1 kg has hs not among 8471, 8473..8479",
        "not in 8471, 8473..8479",
    );
    says(
        "each gross_mass <= 1 t where dangerous in none",
        "each goods line of manifest with dangerous among none has gross mass at most 1 t",
        "<= 1 t",
    );
    // Countries whose letters are words of the language.
    says("no origin of invoice in IN, NO", "every goods line of invoice has origin not among IN, NO", "not in IN, NO");
}

#[test]
fn a_factor_is_of_all_sums_behind_it() {
    let (manifest, invoice) =
        ("the total value of all goods lines of manifest", "the total amount of all goods lines of invoice");
    says(
        "80 % of total amount - total value >= 35 USD",
        &format!("80 % of ({invoice} less {manifest}) is at least 35 USD"),
        ">= 35 USD",
    );
    says(
        "total value <= 80 % of total amount + document value",
        &format!("{manifest} is at most 80 % of ({invoice} plus the value in the header of manifest)"),
        "<= 80 % of total amount of invoice + document value of manifest",
    );
    says(
        "document value within 5 % of total amount - total value",
        &format!(
            "the value in the header of manifest differs from ({invoice} less {manifest}) by at most 5 % of that difference"
        ),
        "within 5 % of total amount of invoice - total value of manifest",
    );
    says(
        "document value within 5 % of total amount + total value",
        &format!(
            "the value in the header of manifest differs from ({invoice} plus {manifest}) by at most 5 % of that sum"
        ),
        "within 5 % of total amount of invoice + total value of manifest",
    );
}

#[test]
fn parameters_stand_for_their_values() {
    says(
        "total gross_mass <= $ceiling",
        "the total gross mass of all goods lines of manifest is at most 26500 kg",
        "<= 26500 kg",
    );
    assert_eq!(parse("share of value where origin in VN >= $part").unwrap().bound(), ">= 40 %");
    assert_eq!(parse("document issue_date of invoice < $since").unwrap().bound(), "< 2026-01-01");
}

fn range(text: &str) -> (Option<i128>, Option<i128>) {
    match parse(text).unwrap().statement() {
        Statement::Sums { comparison: Comparison::Range(range), .. }
        | Statement::Each { range, .. }
        | Statement::Count { range, .. } => (range.lo, range.hi),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ranges_have_both_ends_within() {
    assert_eq!(range("total gross_mass <= 26.5 t"), (None, Some(26_500_000)));
    assert_eq!(range("total gross_mass < 26.5t"), (None, Some(26_499_999)));
    assert_eq!(range("total gross_mass > 1 kg"), (Some(1001), None));
    assert_eq!(range("total value = 12.34 USD"), (Some(1234), Some(1234)));
    assert_eq!(range("total value = 12 JPY"), (Some(12), Some(12)));
    assert_eq!(range("each quantity between 1 and 2.5"), (Some(1000), Some(2500)));
    assert_eq!(range("count of manifest < 0"), (None, Some(-1)));
    // A third of a cent is within neither end.
    assert_eq!(range("total value within 10 % of 33.33 USD"), (Some(3000), Some(3666)));
    assert_eq!(range("total value <= 110 % of 33.33 USD"), (None, Some(3666)));
    assert_eq!(range("total value < 110 % of 33.33 USD"), (None, Some(3666)));
    assert_eq!(range("total value < 110 % of 33.30 USD"), (None, Some(3662)));
    assert_eq!(range("total value > 95 % of 1 JPY"), (Some(1), None));
    assert_eq!(range("total value >= 95 % of 1 JPY"), (Some(1), None));
    assert_eq!(range("total value = 50 % of 1 JPY"), (Some(1), Some(0)));
    // Times the denominator of the factor, of the numerator times the sum.
    assert_eq!(range("50 % of total packages of manifest < 10"), (None, Some(19)));
    assert_eq!(range("150 % of total packages of manifest > 50 % of 19"), (Some(20), None));
}

/// The problem of a claim; the caret `^` in the second line stands at its place.
#[track_caller]
fn fails(text: &str, caret: &str) -> Problem {
    let error = parse(text).expect_err("an error");
    assert_eq!(error.at(), caret.len() - 1, "{error}\n{}", error.render());
    assert_eq!(error.render(), format!("  {}\n  {caret}", text.trim_end()));
    assert!(!error.hint().is_empty());
    assert!(error.to_string().ends_with(&format!("(column {})", caret.len())));
    error.problem().clone()
}

macro_rules! fails {
    ($text:literal, $caret:literal, $problem:pat) => {
        let problem = fails($text, $caret);
        assert!(matches!(problem, $problem), "{problem:?}");
    };
}

#[test]
#[rustfmt::skip]
fn errors_point_at_the_character() {
    fails!("",
           "^", Problem::Expected { .. });
    fails!("totl gross_mass <= 1 kg",
           "^", Problem::Expected { .. });
    fails!("total gros_mass <= 1 kg",
           "      ^", Problem::UnknownColumn { .. });
    fails!("total gross_mass 1 kg",
           "                 ^", Problem::Expected { .. });
    fails!("total gross_mass <= 26,500 kg",
           "                      ^", Problem::Character(',')); 
    fails!("total gross_mass <= 26 500 kg",
           "                       ^", Problem::Expected { .. });
    fails!("total gross_mass <= 1 KG",
           "                      ^", Problem::Unit { .. });
    fails!("total gross_mass <= 1",
           "                    ^", Problem::Figure { takes: FigureKind::Mass, .. });
    fails!("total gross_mass <= 1 kg kg",
           "                         ^", Problem::Expected { .. });
    fails!("total gross_mass <= ",
           "                   ^", Problem::Expected { .. });
    fails!("total gross_mass <= 0.0001 kg",
           "                    ^", Problem::NotWhole { .. });
    fails!("total gross_mass <= 1 lb",
           "                    ^", Problem::NotWhole { .. });
    fails!("total gross_mass <= 9999999999999999999999 t",
           "                    ^", Problem::TooLarge(_));
    fails!("total gross_mass <= 1000000000000000000000000000000 t",
           "                    ^", Problem::Digits(31));
    fails!("total gross_mass <= -1 kg",
           "                    ^", Problem::Expected { .. });
    fails!("total gross_mass ≤ 1 kg",
           "                 ^", Problem::Character('≤'));
    fails!("total value <= 1 kg",
           "                 ^", Problem::Unit { what: "currency", .. });
    fails!("total value <= 1 usd",
           "                 ^", Problem::Unit { what: "currency", .. });
    fails!("total value <= 1.234 USD",
           "               ^", Problem::NotWhole { .. });
    fails!("total value <= 1.5 JPY",
           "               ^", Problem::NotWhole { .. });
    fails!("total value between 2 and 1 USD",
           "                    ^", Problem::Reversed(..));
    fails!("total value between 1 EUR and 2 USD",
           "                              ^", Problem::MixedRange(..));
    fails!("total value between 1 USD",
           "                         ^", Problem::Expected { .. });
    fails!("total quantity <= 1 QQQ",
           "                    ^", Problem::Unit { what: "unit", .. });
    fails!("total origin of manifest <= 1",
           "      ^", Problem::WrongColumn { .. });
    fails!("every gross_mass in 84",
           "      ^", Problem::WrongColumn { .. });
    fails!("total net_mass <= 1 kg",
           "      ^", Problem::AmbiguousRole { .. });
    fails!("count >= 1",
           "^", Problem::AmbiguousRole { .. });
    fails!("total amount where container in none >= 1 USD",
           "      ^", Problem::NoRole(_));
    fails!("total value of ship <= 1 USD",
           "               ^", Problem::UnknownRole { .. });
    fails!("total value of invoice <= 1 USD",
           "      ^", Problem::UnknownColumn { .. });
    fails!("document vessel in VN",
           "         ^", Problem::UnknownFact { .. });
    fails!("document issue_date >= 2026-01-01",
           "         ^", Problem::AmbiguousRole { .. });
    fails!("document issue_date of invoice >= 2026-02-30",
           "                                  ^", Problem::Date(_));
    fails!("document issue_date of invoice >= 1969-12-31",
           "                                  ^", Problem::Date(_));
    fails!("document issue_date of invoice >= 20260101",
           "                                  ^", Problem::Figure { takes: FigureKind::Date, .. });
    fails!("every origin of manifest in VN, XX",
           "                                ^", Problem::Code { .. });
    fails!("every origin of manifest in vn",
           "                            ^", Problem::Code { .. });
    fails!("every origin of manifest in VN,",
           "                               ^", Problem::Expected { .. });
    fails!("every origin of manifest in CN..VN",
           "                            ^", Problem::CodeRange);
    fails!("every origin of manifest in none",
           "                            ^", Problem::Code { .. });
    fails!("every origin of manifest = VN",
           "                         ^", Problem::Expected { .. });
    fails!("no hs of manifest in 847",
           "                     ^", Problem::Code { .. });
    fails!("no hs of manifest in 0084",
           "                     ^", Problem::Code { .. });
    fails!("no hs of manifest in 3606..3601",
           "                     ^", Problem::HsRange { .. });
    fails!("no hs of manifest in 36..3606",
           "                     ^", Problem::HsRange { .. });
    fails!("no hs of manifest in 84, @arms",
           "                         ^", Problem::UnknownList(_));
    fails!("no hs of manifest in @wrong",
           "                     ^", Problem::InList { .. });
    fails!("no hs of manifest in @many, @many",
           "                            ^", Problem::LongList(10_000));
    fails!("no hs of manifest in @",
           "                      ^", Problem::Expected { .. });
    fails!("no dangerous in 34800",
           "                ^", Problem::Code { .. });
    fails!("no container in 0",
           "                ^", Problem::Code { .. });
    fails!("each gross_mass <= $weight",
           "                   ^", Problem::UnknownParameter(_));
    fails!("each gross_mass <= $part",
           "                   ^", Problem::ParameterKind { .. });
    fails!("each gross_mass <= $fine",
           "                   ^", Problem::InParameter { .. });
    fails!("each gross_mass where origin in VN <= 1 kg",
           "                ^", Problem::Expected { .. });
    fails!("share of value >= 40 %",
           "               ^", Problem::Expected { .. });
    fails!("share of value where origin in VN >= 40",
           "                                     ^", Problem::Figure { takes: FigureKind::Percent, .. });
    fails!("share of value where origin in VN >= 101 %",
           "                                     ^", Problem::OverWhole(_, 100));
    fails!("share of value where origin in VN >= 33.33333 %",
           "                                     ^", Problem::FineShare(..));
    fails!("share value where origin in VN >= 40 %",
           "      ^", Problem::Expected { .. });
    fails!("count where hs in 84 and origin in VN and dangerous in none = 0",
           "                                          ^", Problem::ThirdList);
    fails!("count where gross_mass > 1 kg and net_mass > 1 kg = 0",
           "                                  ^", Problem::SecondThreshold);
    fails!("count where gross_mass = 1 kg = 0",
           "            ^", Problem::TwoSidedThreshold);
    fails!("count where origin in VN",
           "                        ^", Problem::Expected { .. });
    fails!("count of manifest <= 1 kg",
           "                       ^", Problem::Figure { takes: FigureKind::Number, .. });
    fails!("total amount of invoice = total net_mass of manifest",
           "                        ^", Problem::Incomparable { .. });
    fails!("total amount = total value within 1 %",
           "                           ^", Problem::Expected { .. });
    fails!("total amount within 1 % of total net_mass of invoice",
           "             ^", Problem::Incomparable { .. });
    fails!("total amount within 101 % of 5 USD",
           "                    ^", Problem::OverWhole(_, 100));
    fails!("total amount <= 1001 % of 5 USD",
           "                ^", Problem::OverWhole(_, 1000));
    fails!("total amount within 1 kg of 5 USD",
           "                    ^", Problem::Figure { takes: FigureKind::Percent, .. });
    fails!("total amount + document net_mass of invoice <= 1 USD",
           "               ^", Problem::Incomparable { .. });
    fails!("total amount + net_mass <= 1 USD",
           "               ^", Problem::Expected { .. });
    fails!("2 % of document issue_date of invoice <= document issue_date of manifest",
           "                                      ^", Problem::DateSum);
    fails!("document issue_date of manifest within 10 % of 2026-01-31",
           "                                       ^", Problem::DatePart);
    fails!("document issue_date of manifest <= 90 % of $since",
           "                                   ^", Problem::DatePart);
    fails!("document export_country of invoice <= document issue_date of manifest",
           "         ^", Problem::WrongColumn { .. });
    fails!("per pallet total gross_mass <= 1 t",
           "    ^", Problem::UnknownColumn { .. });
    fails!("per origin total gross_mass <= 1 t",
           "    ^", Problem::PerColumn(_));
    fails!("per container up to 0 total gross_mass <= 1 t",
           "                    ^", Problem::ContainerCount(0));
    fails!("per container total gross_mass >= 1 t",
           "                               ^", Problem::EmptyContainer(_));
    fails!("per container total gross_mass < total net_mass",
           "                               ^", Problem::EmptyContainer(_));
    fails!("per container total gross_mass <= total net_mass of invoice",
           "              ^", Problem::MixedContainers);
    fails!("per container total gross_mass of many <= 1 t",
           "              ^", Problem::ContainersOfMany(_));
    fails!("no hs of manifest in $ceiling",
           "                     ^", Problem::ParameterKind { takes: FigureKind::Codes, .. });
    fails!("no origin of manifest in $heading",
           "                         ^", Problem::InParameter { .. });
    fails!("no hs of manifest in 84 where origin in VN and dangerous in none",
           "                                               ^", Problem::ThirdList);
    fails!("each gross_mass <= 1 kg where net_mass > 1 kg",
           "                              ^", Problem::SecondThreshold);
    fails!("total gross_mass <= 1 kg where origin in VN",
           "                         ^", Problem::Expected { .. });
}

#[test]
fn long_claims_are_refused_and_terminals_are_safe() {
    let long = format!("every origin of manifest in {}VN", "VN, ".repeat(1_100));
    assert!(matches!(parse(&long).unwrap_err().problem(), Problem::TooLong(4_430)));
    let escape = parse("total \u{1b}[2J").unwrap_err();
    assert_eq!(escape.render(), "  total \u{fffd}[2J\n        ^");
    assert!(!escape.to_string().contains('\u{1b}'));
    assert_eq!(parse("count\n\tof invoice >= 1\n").unwrap().text(), "count  of invoice >= 1");
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,60}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.at() <= text.chars().count());
            error.render();
        }
    }

    #[test]
    fn no_sequence_of_words_panics(words in prop::collection::vec(prop::sample::select(vec![
        "total", "share", "of", "count", "every", "no", "each", "document", "where", "and", "in", "not", "between",
        "none", "gross_mass", "value", "hs", "origin", "manifest", "invoice", "amount", "<=", ">", "=", ",", "..", "%",
        "1", "84", "3601", "kg", "USD", "VN", "@rcep", "$ceiling", "2026-01-01", "0.5", "quantity", "2N", "+", "-",
        "within", "per", "container", "up", "to", "over", "$part", "$heading", "issue_date",
    ]), 0..20)) {
        let text = words.join(" ");
        if let Err(error) = parse(&text) {
            prop_assert!(error.at() <= text.chars().count());
        }
    }
}
