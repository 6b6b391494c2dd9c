//! Claims in the clear: whether a policy holds on documents that one can read, with the figure beside each bound.
//!
//! In: a [`ResolvedPolicy`] and the tables and facts of the documents in each role. Out: one [`Outcome`] per claim and
//! per reference that must agree. This is the reference that compiler and circuits are tested against: written from
//! the claim's words over the rows, line by line, with nothing of filters. Source: design section 6.

mod figure;
mod reason;

pub use figure::Figure;
pub use reason::Reason;

use crate::{
    claim::{
        Amount, Claim, CodeItem, Combination, Comparison, Denomination, DocumentTest, Lines, ListCondition, Ratio,
        Relation, RoleName, ShareRange, Statement, Sum,
    },
    facts::{DOCUMENT_NUMBER, Facts},
    policy::{DocumentCount, ResolvedPolicy},
    profile::{Column, Content, Place},
    table::{Row, RowKind, Table},
};
use std::collections::{BTreeMap, BTreeSet};

/// The documents in each role.
pub type Documents<'a> = BTreeMap<RoleName, Vec<(&'a Table, &'a Facts)>>;

/// What became of one claim, or of one requirement of the policy beside its claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Index of the claim in the policy; `None` for a requirement beside the claims.
    pub claim: Option<usize>,
    /// The claim as written, or the requirement in words.
    pub text: String,
    /// The figure that the bound was compared with; `None` where a reason kept it from being taken.
    pub figure: Option<Figure>,
    /// The bound as written, with the values of parameters.
    pub bound: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why it does not hold, where that is not the figure.
    pub reason: Option<Reason>,
}

/// Evaluates all claims of the policy; it holds when every outcome does.
pub fn evaluate(policy: &ResolvedPolicy, documents: &Documents<'_>) -> Vec<Outcome> {
    let case = Case { policy, documents };
    let outcome = |(i, claim): (usize, &Claim)| {
        let (figure, holds, reason) = match case.claim(claim) {
            Ok((figure, holds)) => (Some(figure), holds, None),
            Err(reason) => (None, false, Some(reason)),
        };
        Outcome { claim: Some(i), text: claim.text().to_owned(), figure, bound: claim.bound(), holds, reason }
    };
    let mut outcomes: Vec<Outcome> = policy.claims().iter().enumerate().map(outcome).collect();
    for name in policy.same() {
        let reason = same_reference(name, documents).err();
        outcomes.push(requirement(format!("same {name} in all documents"), "equal", reason));
    }
    for (role, expected) in policy.roles().iter().filter(|(_, role)| !role.expected.is_empty()) {
        let expected: BTreeSet<String> = expected.expected.iter().cloned().collect();
        let given = documents.get(role).map_or(&[][..], Vec::as_slice).iter();
        let numbers = given.filter_map(|(_, facts)| facts.references.get(DOCUMENT_NUMBER)).cloned().collect();
        let reason = all_expected(role, &expected, &numbers).err();
        outcomes.push(requirement(format!("numbers of the documents of {role}"), "as expected", reason));
    }
    // A role that no claim names still has its number of documents.
    let named: Vec<&str> = policy.claims().iter().flat_map(Claim::roles).collect();
    for (role, expected) in policy.roles() {
        if !named.contains(&role.as_str()) {
            let reason = case.role(role).err();
            outcomes.push(requirement(format!("documents of {role}"), &format!("= {}", expected.documents), reason));
        }
    }
    for role in documents.keys().filter(|role| !policy.roles().contains_key(*role)) {
        let reason = Some(Reason::UnknownRole { role: role.clone() });
        outcomes.push(requirement(format!("documents of {role}"), "= 0", reason));
    }
    outcomes
}

fn requirement(text: String, bound: &str, reason: Option<Reason>) -> Outcome {
    Outcome { claim: None, text, figure: None, bound: bound.to_owned(), holds: reason.is_none(), reason }
}

/// Whether the numbers of the documents of a role are all that are expected and no other.
pub(crate) fn all_expected(role: &str, expected: &BTreeSet<String>, numbers: &BTreeSet<String>) -> Result<(), Reason> {
    let role = || role.to_owned();
    match (expected.difference(numbers).next(), numbers.difference(expected).next()) {
        (None, None) => Ok(()),
        (Some(number), _) => Err(Reason::ExpectedMissing { role: role(), number: number.clone() }),
        (None, Some(number)) => Err(Reason::NotExpected { role: role(), number: number.clone() }),
    }
}

fn same_reference(name: &str, documents: &Documents<'_>) -> Result<(), Reason> {
    let mut first: Option<&String> = None;
    for (role, (_, facts)) in documents.iter().flat_map(|(role, list)| list.iter().map(move |d| (role, d))) {
        let missing = || Reason::ReferenceMissing { role: role.clone(), reference: name.to_owned() };
        let found = facts.references.get(name).ok_or_else(missing)?;
        if first.is_some_and(|first| first != found) {
            return Err(Reason::ReferencesDiffer { reference: name.to_owned() });
        }
        first = Some(found);
    }
    Ok(())
}

/// One of the containers of a document.
#[derive(Clone, Copy)]
struct Container {
    column: &'static Column,
    number: u32,
}

#[derive(Clone, Copy)]
struct Case<'a> {
    policy: &'a ResolvedPolicy,
    documents: &'a Documents<'a>,
}

impl<'a> Case<'a> {
    fn claim(self, claim: &Claim) -> Result<(Figure, bool), Reason> {
        match claim.statement() {
            Statement::Sums { left, comparison } => {
                self.check_sums(left, comparison)?;
                if let Some(right) = comparison.right().filter(|_| comparison.is_part())
                    && self.combination(right, None)? <= 0
                {
                    let roles = right.roles().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
                    return Err(Reason::NothingToShare { role: roles });
                }
                self.compare(left, comparison, None)
            }
            Statement::PerContainer { column, most, left, comparison } => {
                let role = left.roles().next().unwrap_or_default();
                self.complete(role, column.name)?;
                self.check_sums(left, comparison)?;
                self.per_container(role, column, *most, left, comparison)
            }
            Statement::Share { part, range } => {
                let role = &part.lines.role;
                self.check_lines(&part.lines)?;
                self.complete(role, part.column.name)?;
                match part.column.content {
                    Content::Money => drop(self.one_currency(&[role])?),
                    Content::Quantity => drop(self.one_unit(&[role])?),
                    _ => {}
                }
                let whole = self.sum(&Sum { column: part.column, lines: Lines::all(role) }, None)?;
                let part = self.sum(part, None)?;
                if whole == 0 {
                    return Err(Reason::NothingToShare { role: role.clone() });
                }
                Ok((Figure::Share { part, whole }, share_holds(part, whole, range)))
            }
            Statement::Count { lines, range } => {
                self.check_lines(lines)?;
                let count = self.goods(&lines.role)?.into_iter().filter(|row| meets(lines, row)).count();
                Ok((Figure::Lines(count), range.contains(count as i128)))
            }
            Statement::Every { lines, condition } => {
                self.check_lines(lines)?;
                self.complete(&lines.role, condition.column.name)?;
                self.all(lines, |row| listed(condition, row))
            }
            Statement::Each { lines, column, range } => {
                self.check_lines(lines)?;
                self.check_measure(&lines.role, column, &range.denomination)?;
                self.all(lines, |row| range.contains(as_figure(measure(column, row))))
            }
            Statement::Document { role, test } => self.document(role, test),
        }
    }

    /// Whether all of the lines meet the test.
    fn all(self, lines: &Lines, test: impl Fn(&Row) -> bool) -> Result<(Figure, bool), Reason> {
        let goods: Vec<&Row> = self.goods(&lines.role)?.into_iter().filter(|row| meets(lines, row)).collect();
        let against = goods.iter().filter(|row| !test(row)).count();
        Ok((Figure::Against { against, of: goods.len() }, against == 0))
    }

    /// Columns, currency and unit of all operands.
    fn check_sums(self, left: &Combination, comparison: &Comparison) -> Result<(), Reason> {
        let operands = || left.operands.iter().chain(comparison.right().into_iter().flat_map(|right| &right.operands));
        for operand in operands() {
            match &operand.amount {
                Amount::Goods(sum) => {
                    self.check_lines(&sum.lines)?;
                    self.complete(&sum.lines.role, sum.column.name)?;
                }
                Amount::Header { role, column } => self.complete(role, &format!("document.{}", column.name))?,
            }
            if let Comparison::Range(range) = comparison {
                self.check_denomination(operand.amount.role(), &range.denomination)?;
            }
        }
        // Sums of several roles are in one currency or unit.
        let roles: BTreeSet<&str> = operands().map(|operand| operand.amount.role()).collect();
        let roles: Vec<&str> = roles.into_iter().collect();
        match left.content() {
            Content::Money => self.one_currency(&roles).map(drop),
            Content::Quantity => self.one_unit(&roles).map(drop),
            _ => Ok(()),
        }
    }

    /// Compares two sides, of which only the lines of one container count where it is given.
    fn compare(
        self,
        left: &Combination,
        comparison: &Comparison,
        container: Option<Container>,
    ) -> Result<(Figure, bool), Reason> {
        let role = left.roles().next().unwrap_or_default();
        let (a, factor) = (self.combination(left, container)?, left.ratio());
        // Both sides times both denominators: exact.
        let times =
            |figure: i128, by: Ratio, other: Ratio| figure * i128::from(by.numerator) * i128::from(other.denominator);
        if let Comparison::Range(range) = comparison {
            let holds = range.contains(a * i128::from(factor.numerator));
            return Ok((self.amount(a, &range.denomination, role), holds));
        }
        let Some(right) = comparison.right() else { return Ok((self.amount(a, &Denomination::Number, role), false)) };
        let b = self.combination(right, container)?;
        let holds = match comparison {
            Comparison::Range(_) => false,
            Comparison::Sum { relation, right } => {
                let (a, b) = (times(a, factor, right.ratio()), times(b, right.ratio(), factor));
                match relation {
                    Relation::AtMost => a <= b,
                    Relation::AtLeast => a >= b,
                    Relation::Below => a < b,
                    Relation::Above => a > b,
                    Relation::Equal => a == b,
                }
            }
            Comparison::Within { tolerance, .. } => {
                let Ratio { numerator, denominator } = tolerance.ratio;
                let one = |numerator| Ratio { numerator, denominator: 1 };
                let a = times(a, factor, Ratio { numerator, denominator });
                let b = |part| times(b, one(part), factor);
                b(denominator - numerator) <= a && a <= b(denominator + numerator)
            }
        };
        let roles = [left, right].map(|side| side.roles().next().unwrap_or_default());
        let denomination = match left.content() {
            Content::Money => Denomination::Currency(self.one_currency(&roles)?),
            Content::Quantity => Denomination::Thousandths(Some(self.one_unit(&roles)?)),
            Content::Mass => Denomination::Grams,
            Content::Date => Denomination::Days,
            _ => Denomination::Number,
        };
        Ok((Figure::Pair { left: a, right: b, denomination }, holds))
    }

    /// Compares the sides container by container; the figure is that of the first that fails, else of the largest left
    /// side.
    fn per_container(
        self,
        role: &str,
        column: &'static Column,
        most: u32,
        left: &Combination,
        comparison: &Comparison,
    ) -> Result<(Figure, bool), Reason> {
        let goods = self.goods(role)?;
        let outside = goods.iter().filter(|row| !(1..=most).contains(&plain_code(column, row))).count();
        if outside > 0 {
            return Ok((Figure::Against { against: outside, of: goods.len() }, false));
        }
        let mut largest: Option<(i128, Figure)> = None;
        for number in 1..=most {
            let container = Some(Container { column, number });
            let (figure, holds) = self.compare(left, comparison, container)?;
            if !holds {
                return Ok((figure, false));
            }
            let sum = self.combination(left, container)?;
            if largest.as_ref().is_none_or(|(known, _)| *known < sum) {
                largest = Some((sum, figure));
            }
        }
        let none = || Figure::Amount { amount: 0, denomination: Denomination::Number };
        Ok((largest.map_or_else(none, |(_, figure)| figure), true))
    }

    /// The sum of the operands without the factor. Totals are below 2^72, so nothing overflows.
    fn combination(self, of: &Combination, container: Option<Container>) -> Result<i128, Reason> {
        let mut sum = 0;
        for operand in &of.operands {
            let amount = as_figure(match &operand.amount {
                Amount::Goods(sum) => self.sum(sum, container)?,
                Amount::Header { role, column } => {
                    let rows = self.role(role)?.iter().flat_map(|(table, _)| table.rows());
                    rows.filter(|row| row.kind() == RowKind::Document).map(|row| measure(column, row)).sum()
                }
            });
            sum += if operand.negative { -amount } else { amount };
        }
        Ok(sum)
    }

    fn document(self, role: &str, test: &DocumentTest) -> Result<(Figure, bool), Reason> {
        let (column, denomination) = match test {
            DocumentTest::Measure { column, range } => (column, Some(&range.denomination)),
            DocumentTest::Code(condition) => (&condition.column, None),
        };
        self.complete(role, &format!("document.{}", column.name))?;
        if let Some(denomination) = denomination {
            self.check_denomination(role, denomination)?;
        }
        let documents = self.role(role)?;
        let headers =
            documents.iter().flat_map(|(table, _)| table.rows()).filter(|row| row.kind() == RowKind::Document);
        let (mut against, mut of) = (0, 0);
        for row in headers {
            let holds = match test {
                DocumentTest::Measure { column, range } => range.contains(as_figure(measure(column, row))),
                DocumentTest::Code(condition) => listed(condition, row),
            };
            against += usize::from(!holds);
            of += 1;
        }
        let figure = match (test, documents) {
            (DocumentTest::Measure { column, range }, [(table, _)]) => {
                let header = table.rows().iter().find(|row| row.kind() == RowKind::Document);
                self.amount(header.map_or(0, |row| as_figure(measure(column, row))), &range.denomination, role)
            }
            _ => Figure::AgainstDocuments { against, of },
        };
        Ok((figure, against == 0))
    }

    /// The documents of the role, as many as the policy says.
    fn role(self, role: &str) -> Result<&'a [(&'a Table, &'a Facts)], Reason> {
        let found = self.documents.get(role).map_or(&[][..], Vec::as_slice);
        // Claims name roles of their policy only.
        let expected = self.policy.roles().get(role).map_or(DocumentCount::ONE, |role| role.documents);
        if expected.accepts(found.len()) {
            Ok(found)
        } else {
            Err(Reason::Documents { role: role.to_owned(), expected, found: found.len() })
        }
    }

    /// The goods lines of the role, at least one.
    fn goods(self, role: &str) -> Result<Vec<&'a Row>, Reason> {
        let rows = self.role(role)?.iter().flat_map(|(table, _)| table.rows());
        let goods: Vec<&Row> = rows.filter(|row| row.kind() == RowKind::Goods).collect();
        if goods.is_empty() { Err(Reason::NoGoods { role: role.to_owned() }) } else { Ok(goods) }
    }

    fn complete(self, role: &str, column: &str) -> Result<(), Reason> {
        match self.role(role)?.iter().position(|(_, facts)| !facts.complete.contains(column)) {
            None => Ok(()),
            Some(i) => Err(Reason::Incomplete { role: role.to_owned(), document: i + 1, column: column.to_owned() }),
        }
    }

    fn check_lines(self, lines: &Lines) -> Result<(), Reason> {
        self.role(&lines.role)?;
        lines.lists.iter().try_for_each(|list| self.complete(&lines.role, list.column.name))?;
        let Some(threshold) = &lines.threshold else { return Ok(()) };
        self.check_measure(&lines.role, threshold.column, &threshold.range.denomination)
    }

    fn check_measure(self, role: &str, column: &Column, denomination: &Denomination) -> Result<(), Reason> {
        self.complete(role, column.name)?;
        self.check_denomination(role, denomination)
    }

    fn check_denomination(self, role: &str, denomination: &Denomination) -> Result<(), Reason> {
        match denomination {
            Denomination::Currency(expected) => {
                let found = self.one_currency(&[role])?;
                let other = || Reason::OtherCurrency {
                    role: role.to_owned(),
                    expected: expected.clone(),
                    found: found.clone(),
                };
                if found == *expected { Ok(()) } else { Err(other()) }
            }
            Denomination::Thousandths(expected) => {
                let found = self.one_unit(&[role])?;
                match expected {
                    Some(expected) if *expected != found => {
                        Err(Reason::OtherUnit { role: role.to_owned(), expected: expected.clone(), found })
                    }
                    _ => Ok(()),
                }
            }
            Denomination::Grams | Denomination::Number | Denomination::Days => Ok(()),
        }
    }

    fn one_currency(self, roles: &[&str]) -> Result<String, Reason> {
        self.one(
            roles,
            |facts| facts.currency.as_ref(),
            |role| Reason::CurrencyUnknown { role },
            |roles| Reason::MixedCurrencies { roles },
        )
    }

    fn one_unit(self, roles: &[&str]) -> Result<String, Reason> {
        self.one(
            roles,
            |facts| facts.unit.as_ref(),
            |role| Reason::UnitUnknown { role },
            |roles| Reason::MixedUnits { roles },
        )
    }

    /// The one value that all documents of the roles have.
    fn one(
        self,
        roles: &[&str],
        fact: impl Fn(&Facts) -> Option<&String>,
        unknown: impl Fn(RoleName) -> Reason,
        mixed: impl Fn(String) -> Reason,
    ) -> Result<String, Reason> {
        let mut values = Vec::new();
        for role in roles {
            for (_, facts) in self.role(role)? {
                values.push(fact(facts).ok_or_else(|| unknown((*role).to_owned()))?);
            }
        }
        match values.split_first() {
            Some((first, rest)) if rest.iter().all(|value| value == first) => Ok((*first).clone()),
            _ => Err(mixed(roles.join(", "))),
        }
    }

    fn sum(self, sum: &Sum, container: Option<Container>) -> Result<u128, Reason> {
        let within = |row: &Row| container.is_none_or(|of| plain_code(of.column, row) == of.number);
        let goods = self.goods(&sum.lines.role)?.into_iter().filter(|row| meets(&sum.lines, row) && within(row));
        Ok(goods.map(|row| measure(sum.column, row)).sum())
    }

    fn amount(self, amount: i128, denomination: &Denomination, role: &str) -> Figure {
        let denomination = match denomination {
            Denomination::Thousandths(None) => Denomination::Thousandths(self.one_unit(&[role]).ok()),
            other => other.clone(),
        };
        Figure::Amount { amount, denomination }
    }
}

/// A total as the signed number that ranges hold; totals are far below the limit.
fn as_figure(total: u128) -> i128 {
    i128::try_from(total).unwrap_or(i128::MAX)
}

fn measure(column: &Column, row: &Row) -> u128 {
    match column.place {
        Place::Measure(i) => row.measures().get(usize::from(i)).copied().unwrap_or(0).into(),
        Place::Origin | Place::Hs | Place::C2 | Place::C3 => 0,
    }
}

/// Whether the row meets all conditions of the lines.
pub(crate) fn meets(lines: &Lines, row: &Row) -> bool {
    let threshold = |t: &crate::claim::Threshold| t.range.contains(as_figure(measure(t.column, row)));
    lines.lists.iter().all(|condition| listed(condition, row)) && lines.threshold.as_ref().is_none_or(threshold)
}

/// The code in a column that is not the HS code's.
fn plain_code(column: &Column, row: &Row) -> u32 {
    match column.place {
        Place::Origin => row.origin().into(),
        Place::C2 => row.codes()[0].into(),
        Place::C3 => row.codes()[1].into(),
        Place::Hs | Place::Measure(_) => 0,
    }
}

/// Whether the row's code is in the list, or not in it for a negated condition.
fn listed(condition: &ListCondition, row: &Row) -> bool {
    let hs = row.hs().into_iter().fold(0u32, |code, group| code * 100 + u32::from(group));
    let plain = (condition.column.place != Place::Hs).then(|| plain_code(condition.column, row));
    let found = condition.list.items.iter().any(|item| match (*item, plain) {
        (CodeItem::Code(code), Some(plain)) => code == plain,
        (CodeItem::Hs { digits, from, to }, None) => {
            let prefix = hs / 10u32.pow(6 - u32::from(digits.min(6)));
            from <= prefix && prefix <= to
        }
        _ => false,
    });
    found != condition.negated
}

fn share_holds(part: u128, whole: u128, range: &ShareRange) -> bool {
    let cross = |ratio: &Ratio| (part * u128::from(ratio.denominator), whole * u128::from(ratio.numerator));
    let above = range.lo.as_ref().is_none_or(|(ratio, strict)| {
        let (a, b) = cross(ratio);
        if *strict { a > b } else { a >= b }
    });
    let below = range.hi.as_ref().is_none_or(|(ratio, strict)| {
        let (a, b) = cross(ratio);
        if *strict { a < b } else { a <= b }
    });
    above && below
}

#[cfg(test)]
mod tests;
