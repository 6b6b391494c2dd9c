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
        Claim, CodeItem, Denomination, DocumentTest, Lines, ListCondition, Ratio, Relation, RoleName, ShareRange,
        Statement, Sum,
    },
    facts::Facts,
    policy::ResolvedPolicy,
    profile::{Column, Content, Place},
    table::{Row, RowKind, Table},
};
use std::collections::BTreeMap;

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

#[derive(Clone, Copy)]
struct Case<'a> {
    policy: &'a ResolvedPolicy,
    documents: &'a Documents<'a>,
}

impl<'a> Case<'a> {
    fn claim(self, claim: &Claim) -> Result<(Figure, bool), Reason> {
        match claim.statement() {
            Statement::Total { sum, range } => {
                self.check_lines(&sum.lines)?;
                self.check_measure(&sum.lines.role, sum.column, &range.denomination)?;
                let total = self.sum(sum)?;
                Ok((self.amount(total, &range.denomination, &sum.lines.role), range.contains(as_figure(total))))
            }
            Statement::Compare { left, relation, right } => {
                for sum in [left, right] {
                    self.check_lines(&sum.lines)?;
                    self.complete(&sum.lines.role, sum.column.name)?;
                }
                let roles = [left.lines.role.as_str(), right.lines.role.as_str()];
                let denomination = match left.column.content {
                    Content::Money => Denomination::Currency(self.one_currency(&roles)?),
                    Content::Quantity => Denomination::Thousandths(Some(self.one_unit(&roles)?)),
                    Content::Mass => Denomination::Grams,
                    _ => Denomination::Number,
                };
                let (a, b) = (self.sum(left)?, self.sum(right)?);
                let holds = match relation {
                    Relation::AtMost => a <= b,
                    Relation::AtLeast => a >= b,
                    Relation::Below => a < b,
                    Relation::Above => a > b,
                    Relation::Equal => a == b,
                };
                Ok((Figure::Pair { left: a, right: b, denomination }, holds))
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
                let all = Lines { role: role.clone(), lists: Vec::new(), threshold: None };
                let whole = self.sum(&Sum { column: part.column, lines: all })?;
                let part = self.sum(part)?;
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
            Statement::Every { role, condition } => {
                self.complete(role, condition.column.name)?;
                let goods = self.goods(role)?;
                let against = goods.iter().filter(|row| !listed(condition, row)).count();
                Ok((Figure::Against { against, of: goods.len() }, against == 0))
            }
            Statement::Each { role, column, range } => {
                self.check_measure(role, column, &range.denomination)?;
                let goods = self.goods(role)?;
                let against = goods.iter().filter(|row| !range.contains(as_figure(measure(column, row)))).count();
                Ok((Figure::Against { against, of: goods.len() }, against == 0))
            }
            Statement::Document { role, test } => self.document(role, test),
        }
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
                self.amount(header.map_or(0, |row| measure(column, row)), &range.denomination, role)
            }
            _ => Figure::AgainstDocuments { against, of },
        };
        Ok((figure, against == 0))
    }

    /// The documents of the role, as many as the policy says.
    fn role(self, role: &str) -> Result<&'a [(&'a Table, &'a Facts)], Reason> {
        let found = self.documents.get(role).map_or(&[][..], Vec::as_slice);
        let expected = self.policy.roles().get(role).map_or(0, |role| role.documents as usize);
        if found.len() == expected && expected > 0 {
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

    fn sum(self, sum: &Sum) -> Result<u128, Reason> {
        let goods = self.goods(&sum.lines.role)?;
        Ok(goods.into_iter().filter(|row| meets(&sum.lines, row)).map(|row| measure(sum.column, row)).sum())
    }

    fn amount(self, amount: u128, denomination: &Denomination, role: &str) -> Figure {
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

fn meets(lines: &Lines, row: &Row) -> bool {
    let threshold = |t: &crate::claim::Threshold| t.range.contains(as_figure(measure(t.column, row)));
    lines.lists.iter().all(|condition| listed(condition, row)) && lines.threshold.as_ref().is_none_or(threshold)
}

/// Whether the row's code is in the list, or not in it for a negated condition.
fn listed(condition: &ListCondition, row: &Row) -> bool {
    let hs = row.hs().into_iter().fold(0u32, |code, group| code * 100 + u32::from(group));
    let plain = match condition.column.place {
        Place::Origin => Some(row.origin()),
        Place::C2 => Some(row.codes()[0]),
        Place::C3 => Some(row.codes()[1]),
        Place::Hs | Place::Measure(_) => None,
    };
    let found = condition.list.items.iter().any(|item| match (*item, plain) {
        (CodeItem::Code(code), Some(plain)) => code == u32::from(plain),
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
