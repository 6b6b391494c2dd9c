//! A claim in an English sentence, and the figures that it speaks of.

use super::{
    Amount, Combination, Comparison, DocumentTest, Lines, ListCondition, Operand, Range, Relation, Statement, Sum,
    codes,
};
use crate::profile::Column;

/// The whole sentence.
pub(super) fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Sums { left, comparison } => format!("{} {}", combination(left), compared(comparison)),
        Statement::PerContainer { most, left, comparison, .. } => {
            let role = left.roles().next().unwrap_or_default();
            format!(
                "for each container of {role}, {} {}; there are at most {most}, and no goods line is outside them",
                combination(left),
                compared(comparison)
            )
        }
        Statement::Share { part, range } => {
            let column = plain(part.column.name);
            format!(
                "of the total {column} of {}, {} is that of {}",
                part.lines.role,
                words(&range.text),
                lines(&part.lines)
            )
        }
        Statement::Count { lines: of, range } => format!("{} is {}", number(of), words(&range.text)),
        Statement::Every { lines, condition } => format!("{} has {}", every_line(lines), condition_words(condition)),
        Statement::Each { lines, column, range } => {
            format!(
                "{} has {} {}",
                every_line(lines).replacen("every", "each", 1),
                plain(column.name),
                words(&range.text)
            )
        }
        Statement::Document { role, test: DocumentTest::Measure { column, range } } => {
            format!("each document of {role} has {} {}", plain(column.name), words(&range.text))
        }
        Statement::Document { role, test: DocumentTest::Code(condition) } => {
            format!("each document of {role} has {}", condition_words(condition))
        }
    }
}

/// The bound alone.
pub(super) fn bound(statement: &Statement) -> String {
    let list = |c: &ListCondition| format!("{} {}", if c.negated { "not in" } else { "in" }, c.list.text);
    match statement {
        Statement::Sums { comparison, .. } | Statement::PerContainer { comparison, .. } => match comparison {
            Comparison::Range(range) => range.text.clone(),
            Comparison::Sum { relation, right } => format!("{} {}", relation.symbol(), written(right)),
            Comparison::Within { tolerance, right } => format!("within {} of {}", tolerance.text, written(right)),
        },
        Statement::Count { range, .. } | Statement::Each { range, .. } => range.text.clone(),
        Statement::Document { test: DocumentTest::Measure { range, .. }, .. } => range.text.clone(),
        Statement::Share { range, .. } => range.text.clone(),
        Statement::Every { condition, .. } => list(condition),
        Statement::Document { test: DocumentTest::Code(condition), .. } => list(condition),
    }
}

/// The number of some lines, in words.
pub(crate) fn number(of: &Lines) -> String {
    format!("the number of {}", lines(of))
}

/// The share of a claim, in words.
pub(crate) fn share(part: &Sum) -> String {
    format!("the share of {} in the total {} of {}", lines(&part.lines), plain(part.column.name), part.lines.role)
}

/// A measure of lines, in words: `which` is nothing, or `largest ` or the like.
pub(crate) fn each(which: &str, of: &Lines, column: &Column) -> String {
    format!("the {which}{} of {}", plain(column.name), lines(of))
}

/// A header fact, in words.
pub(crate) fn header(which: &str, role: &str, column: &Column) -> String {
    format!("the {which}{} in the header of {role}", plain(column.name))
}

/// A sum, of the lines of one container if one is given, in words.
pub(crate) fn sum(of: &Combination, container: Option<&ListCondition>) -> String {
    let within = container.map(|one| format!(" (container {})", one.list.text)).unwrap_or_default();
    format!("{}{within}", combination(of))
}

/// A sum as a part of another, without their factors, in words.
pub(crate) fn part(part: &Combination, whole: &Combination, container: Option<&ListCondition>) -> String {
    let plain = |of: &Combination| Combination { factor: None, ..of.clone() };
    let within = container.map(|one| format!(" (container {})", one.list.text)).unwrap_or_default();
    format!("{} as a part of {}{within}", grouped(&plain(part)), grouped(&plain(whole)))
}

fn plain(name: &str) -> String {
    name.replace('_', " ")
}

/// Operands joined by their signs.
fn joined(of: &Combination, operand: impl Fn(&Operand) -> String, signs: [&str; 2]) -> String {
    let mut text = String::new();
    for (i, term) in of.operands.iter().enumerate() {
        if i > 0 {
            text.push_str(signs[usize::from(term.negative)]);
        }
        text.push_str(&operand(term));
    }
    text
}

/// A sum as it stands in a claim, conditions left out.
fn written(of: &Combination) -> String {
    let operand = |operand: &Operand| match &operand.amount {
        Amount::Goods(sum) => format!("total {} of {}", sum.column.name, sum.lines.role),
        Amount::Header { role, column } => format!("document {} of {role}", column.name),
    };
    let factor = of.factor.as_ref().map(|factor| format!("{} of ", factor.text)).unwrap_or_default();
    factor + &joined(of, operand, [" + ", " - "])
}

fn combination(of: &Combination) -> String {
    let operand = |operand: &Operand| match &operand.amount {
        Amount::Goods(sum) => total(sum),
        Amount::Header { role, column } => format!("the {} in the header of {role}", plain(column.name)),
    };
    let sums = joined(of, operand, [" plus ", " less "]);
    match &of.factor {
        None => sums,
        // In a claim the factor is of all that follows; in a sentence it would be read as that of the first.
        Some(factor) if of.operands.len() > 1 => format!("{} of ({sums})", factor.text),
        Some(factor) => format!("{} of {sums}", factor.text),
    }
}

/// The same where more words follow that are of all of it.
fn grouped(of: &Combination) -> String {
    let sums = combination(of);
    if of.factor.is_none() && of.operands.len() > 1 { format!("({sums})") } else { sums }
}

fn compared(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Range(range) => format!("is {}", words(&range.text)),
        Comparison::Sum { relation, right } => format!("{} {}", relation_words(*relation), combination(right)),
        Comparison::Within { tolerance, right } => {
            let whole = match right.operands.as_slice() {
                [_] => "the latter",
                several if several.iter().any(|operand| operand.negative) => "that difference",
                _ => "that sum",
            };
            format!("differs from {} by at most {} of {whole}", grouped(right), tolerance.text)
        }
    }
}

fn total(sum: &Sum) -> String {
    format!("the total {} of {}", plain(sum.column.name), lines(&sum.lines))
}

fn relation_words(relation: Relation) -> &'static str {
    match relation {
        Relation::AtMost => "is at most",
        Relation::AtLeast => "is at least",
        Relation::Below => "is below",
        Relation::Above => "is above",
        Relation::Equal => "equals",
    }
}

/// `<= 26500 kg` in words.
fn words(range: &str) -> String {
    let signs = [("<= ", "at most "), (">= ", "at least "), ("< ", "below "), ("> ", "above "), ("= ", "exactly ")];
    let found = signs.iter().find_map(|(sign, word)| range.strip_prefix(sign).map(|rest| format!("{word}{rest}")));
    found.unwrap_or_else(|| range.to_owned())
}

/// Most codes of a named list that are spelled out.
const SPELLED_OUT: usize = 20;

fn condition_words(condition: &ListCondition) -> String {
    let among = if condition.negated { "not among" } else { "among" };
    let items = &condition.list.items;
    // A name says nothing of what is in a list: the reader must see it.
    let codes = if condition.list.text.contains(['@', '$']) {
        let mut spelled: Vec<String> = Vec::new();
        for item in items.iter().map(|item| codes::spelled(condition.column.content, item)) {
            if !spelled.contains(&item) {
                spelled.push(item);
            }
        }
        let more = spelled.len().saturating_sub(SPELLED_OUT);
        spelled.truncate(SPELLED_OUT);
        let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
        format!(" ({}{rest})", spelled.join(", "))
    } else {
        String::new()
    };
    format!("{} {among} {}{codes}", plain(condition.column.name), condition.list.text)
}

/// What lines meet, joined by `and`; empty where all are meant.
fn conditions(lines: &Lines) -> String {
    let mut conditions: Vec<String> = lines.lists.iter().map(condition_words).collect();
    if let Some(threshold) = &lines.threshold {
        let Range { text, .. } = &threshold.range;
        conditions.push(format!("{} {}", plain(threshold.column.name), words(text)));
    }
    conditions.join(" and ")
}

fn lines(lines: &Lines) -> String {
    match conditions(lines).as_str() {
        "" => format!("all goods lines of {}", lines.role),
        conditions => format!("the goods lines of {} with {conditions}", lines.role),
    }
}

fn every_line(lines: &Lines) -> String {
    match conditions(lines).as_str() {
        "" => format!("every goods line of {}", lines.role),
        conditions => format!("every goods line of {} with {conditions}", lines.role),
    }
}
