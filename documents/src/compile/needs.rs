//! What must be disclosed of each document for the claims to mean what they say: complete columns, one currency, one
//! unit, equal references.

use super::{CompileError, Compiled};
use crate::{
    claim::{Amount, Claim, Combination, Comparison, Denomination, DocumentTest, Lines, RoleName, Statement},
    evaluate::Reason,
    facts::{DOCUMENT_NUMBER, Facts},
    policy::{DocumentCount, ResolvedPolicy},
    profile::{Column, Content},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is needed of every document of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// How many documents.
    pub documents: DocumentCount,
    /// The numbers of the documents that the verifier expects, all of them and no other; empty where it names none.
    pub expected: BTreeSet<String>,
    /// Columns that must be complete; a header fact is named `document.NAME`.
    pub complete: BTreeSet<String>,
    /// The currency.
    pub currency: CurrencyNeed,
    /// The unit of quantities.
    pub unit: UnitNeed,
    /// References that must be disclosed, and agree as [`Compiled::agreements`] says.
    pub references: BTreeSet<String>,
}

/// What is needed of the currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CurrencyNeed {
    /// Nothing: it stays hidden.
    #[default]
    None,
    /// Disclosed, and the same in all documents of the role.
    Same,
    /// The one with these ISO 4217 letters.
    Is(String),
}

/// What is needed of the unit of quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UnitNeed {
    /// Nothing: it stays hidden.
    #[default]
    None,
    /// Disclosed, and the same in all documents of the role.
    Same,
    /// The one with this Recommendation 20 code.
    Is(String),
}

/// What several roles must agree in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The currency.
    Currency,
    /// The unit of quantities.
    Unit,
    /// The reference of this name.
    Reference(String),
}

/// Something disclosed that must be equal across all documents of the roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What.
    pub subject: Subject,
    /// The roles.
    pub roles: BTreeSet<RoleName>,
}

type All = (BTreeMap<RoleName, Needs>, Vec<Agreement>);

/// Needs of all roles of the policy, and what they must agree in.
pub(super) fn of(policy: &ResolvedPolicy) -> Result<All, CompileError> {
    let needs = policy.roles().iter().map(|(name, role)| {
        let mut references: BTreeSet<String> = policy.same().iter().cloned().collect();
        let expected: BTreeSet<String> = role.expected.iter().cloned().collect();
        if !expected.is_empty() {
            references.insert(DOCUMENT_NUMBER.to_owned());
        }
        let (complete, currency, unit) = Default::default();
        (name.clone(), Needs { documents: role.documents, expected, complete, currency, unit, references })
    });
    let mut collect = Collect { number: 0, needs: needs.collect(), agreements: Vec::new() };
    for (i, claim) in policy.claims().iter().enumerate() {
        collect.number = i + 1;
        collect.claim(claim)?;
    }
    for name in policy.same() {
        let roles = policy.roles().keys().cloned().collect();
        collect.agree(Agreement { subject: Subject::Reference(name.clone()), roles });
    }
    Ok((collect.needs, collect.agreements))
}

struct Collect {
    number: usize,
    needs: BTreeMap<RoleName, Needs>,
    agreements: Vec<Agreement>,
}

impl Collect {
    fn claim(&mut self, claim: &Claim) -> Result<(), CompileError> {
        match claim.statement() {
            Statement::Sums { left, comparison } => self.sums(left, comparison),
            Statement::PerContainer { column, left, comparison, .. } => {
                left.roles().try_for_each(|role| self.column(role, column, None))?;
                self.sums(left, comparison)
            }
            Statement::Share { part, .. } => {
                self.lines(&part.lines)?;
                self.column(&part.lines.role, part.column, None)
            }
            Statement::Count { lines, .. } => self.lines(lines),
            Statement::Every { lines, condition } => {
                self.lines(lines)?;
                self.column(&lines.role, condition.column, None)
            }
            Statement::Each { lines, column, range } => {
                self.lines(lines)?;
                self.column(&lines.role, column, Some(&range.denomination))
            }
            Statement::Document { role, test: DocumentTest::Code(condition) } => {
                self.complete(role, format!("document.{}", condition.column.name));
                Ok(())
            }
            Statement::Document { role, test: DocumentTest::Measure { column, range } } => {
                self.complete(role, format!("document.{}", column.name));
                self.denomination(role, column, Some(&range.denomination))
            }
        }
    }

    /// What all operands need; money and quantities of several roles are in one currency and unit.
    fn sums(&mut self, left: &Combination, comparison: &Comparison) -> Result<(), CompileError> {
        let figure = match comparison {
            Comparison::Range(range) => Some(&range.denomination),
            Comparison::Sum { .. } | Comparison::Within { .. } => None,
        };
        let mut roles = BTreeSet::new();
        for operand in left.operands.iter().chain(comparison.right().into_iter().flat_map(|right| &right.operands)) {
            roles.insert(operand.amount.role().to_owned());
            match &operand.amount {
                Amount::Goods(sum) => {
                    self.lines(&sum.lines)?;
                    self.column(&sum.lines.role, sum.column, figure)?;
                }
                Amount::Header { role, column } => {
                    self.complete(role, format!("document.{}", column.name));
                    self.denomination(role, column, figure)?;
                }
            }
        }
        let subject = match left.content() {
            Content::Money => Subject::Currency,
            Content::Quantity => Subject::Unit,
            _ => return Ok(()),
        };
        if roles.len() > 1 {
            self.agree(Agreement { subject, roles });
        }
        Ok(())
    }

    fn lines(&mut self, lines: &Lines) -> Result<(), CompileError> {
        lines.lists.iter().try_for_each(|list| self.column(&lines.role, list.column, None))?;
        let Some(threshold) = &lines.threshold else { return Ok(()) };
        self.column(&lines.role, threshold.column, Some(&threshold.range.denomination))
    }

    fn column(&mut self, role: &str, column: &Column, figure: Option<&Denomination>) -> Result<(), CompileError> {
        self.complete(role, column.name.to_owned());
        self.denomination(role, column, figure)
    }

    fn complete(&mut self, role: &str, column: String) {
        if let Some(needs) = self.needs.get_mut(role) {
            needs.complete.insert(column);
        }
    }

    fn denomination(&mut self, role: &str, column: &Column, figure: Option<&Denomination>) -> Result<(), CompileError> {
        let Some(needs) = self.needs.get_mut(role) else { return Ok(()) };
        let conflict = |first: &str, second: &str| {
            let (first, second) = (first.to_owned(), second.to_owned());
            Err(CompileError::Conflict { claim: self.number, role: role.to_owned(), first, second })
        };
        match (column.content, figure) {
            (Content::Money, Some(Denomination::Currency(letters))) => match &needs.currency {
                CurrencyNeed::Is(known) if known != letters => return conflict(known, letters),
                _ => needs.currency = CurrencyNeed::Is(letters.clone()),
            },
            (Content::Money, _) if needs.currency == CurrencyNeed::None => needs.currency = CurrencyNeed::Same,
            (Content::Quantity, Some(Denomination::Thousandths(Some(unit)))) => match &needs.unit {
                UnitNeed::Is(known) if known != unit => return conflict(known, unit),
                _ => needs.unit = UnitNeed::Is(unit.clone()),
            },
            (Content::Quantity, _) if needs.unit == UnitNeed::None => needs.unit = UnitNeed::Same,
            _ => {}
        }
        Ok(())
    }

    fn agree(&mut self, agreement: Agreement) {
        if !self.agreements.contains(&agreement) {
            self.agreements.push(agreement);
        }
    }
}

/// Whether the documents disclose what is needed.
pub(super) fn met(compiled: &Compiled, documents: &BTreeMap<RoleName, Vec<&Facts>>) -> Result<(), Reason> {
    if let Some(role) = documents.keys().find(|role| !compiled.needs.contains_key(*role)) {
        return Err(Reason::UnknownRole { role: role.clone() });
    }
    for (role, needs) in &compiled.needs {
        needs.met(role, documents.get(role).map_or(&[][..], Vec::as_slice))?;
    }
    for Agreement { subject, roles } in &compiled.agreements {
        let facts = roles.iter().filter_map(|role| documents.get(role)).flatten().copied();
        let differ = match subject {
            Subject::Currency => differ(facts.map(|f| f.currency.as_ref())),
            Subject::Unit => differ(facts.map(|f| f.unit.as_ref())),
            Subject::Reference(name) => differ(facts.map(|f| f.references.get(name))),
        };
        if differ {
            let roles = roles.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(match subject {
                Subject::Currency => Reason::MixedCurrencies { roles },
                Subject::Unit => Reason::MixedUnits { roles },
                Subject::Reference(name) => Reason::ReferencesDiffer { reference: name.clone() },
            });
        }
    }
    Ok(())
}

fn differ<'a>(mut values: impl Iterator<Item = Option<&'a String>>) -> bool {
    match values.next() {
        Some(first) => values.any(|value| value != first),
        None => false,
    }
}

impl Needs {
    /// Whether the documents of the role disclose what is needed of them.
    ///
    /// # Errors
    /// The first [`Reason`] against it.
    pub fn met(&self, role: &str, facts: &[&Facts]) -> Result<(), Reason> {
        let role_name = || role.to_owned();
        if !self.documents.accepts(facts.len()) {
            return Err(Reason::Documents { role: role_name(), expected: self.documents, found: facts.len() });
        }
        for (i, document) in facts.iter().enumerate() {
            if let Some(column) = self.complete.iter().find(|column| !document.complete.contains(*column)) {
                return Err(Reason::Incomplete { role: role_name(), document: i + 1, column: column.clone() });
            }
            if let Some(reference) = self.references.iter().find(|name| !document.references.contains_key(*name)) {
                return Err(Reason::ReferenceMissing { role: role_name(), reference: reference.clone() });
            }
        }
        if !self.expected.is_empty() {
            let numbers =
                facts.iter().filter_map(|document| document.references.get(DOCUMENT_NUMBER)).cloned().collect();
            crate::evaluate::all_expected(role, &self.expected, &numbers)?;
        }
        if self.currency != CurrencyNeed::None {
            let letters = facts.iter().map(|f| f.currency.as_ref()).collect::<Option<Vec<_>>>();
            let letters = letters.ok_or_else(|| Reason::CurrencyUnknown { role: role_name() })?;
            if letters.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(Reason::MixedCurrencies { roles: role_name() });
            }
            if let (CurrencyNeed::Is(expected), Some(found)) = (&self.currency, letters.first())
                && *found != expected
            {
                let (expected, found) = (expected.clone(), (*found).clone());
                return Err(Reason::OtherCurrency { role: role_name(), expected, found });
            }
        }
        if self.unit != UnitNeed::None {
            let units = facts.iter().map(|f| f.unit.as_ref()).collect::<Option<Vec<_>>>();
            let units = units.ok_or_else(|| Reason::UnitUnknown { role: role_name() })?;
            if units.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(Reason::MixedUnits { roles: role_name() });
            }
            if let (UnitNeed::Is(expected), Some(found)) = (&self.unit, units.first())
                && *found != expected
            {
                let (expected, found) = (expected.clone(), (*found).clone());
                return Err(Reason::OtherUnit { role: role_name(), expected, found });
            }
        }
        Ok(())
    }
}
