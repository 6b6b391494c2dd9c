//! A claim in an English sentence.

use super::{DocumentTest, Lines, ListCondition, Range, Relation, Statement, Sum, codes};

/// The whole sentence.
pub(super) fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Total { sum, range } => format!("{} is {}", total(sum), words(&range.text)),
        Statement::Compare { left, relation, right } => {
            format!("{} {} {}", total(left), relation_words(*relation), total(right))
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
        Statement::Count { lines: of, range } => format!("the number of {} is {}", lines(of), words(&range.text)),
        Statement::Every { role, condition } => {
            format!("every goods line of {role} has {}", condition_words(condition))
        }
        Statement::Each { role, column, range } => {
            format!("each goods line of {role} has {} {}", plain(column.name), words(&range.text))
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
        Statement::Total { range, .. } | Statement::Count { range, .. } | Statement::Each { range, .. } => {
            range.text.clone()
        }
        Statement::Document { test: DocumentTest::Measure { range, .. }, .. } => range.text.clone(),
        Statement::Share { range, .. } => range.text.clone(),
        Statement::Compare { relation, right, .. } => {
            format!("{} total {} of {}", relation.symbol(), right.column.name, right.lines.role)
        }
        Statement::Every { condition, .. } => list(condition),
        Statement::Document { test: DocumentTest::Code(condition), .. } => list(condition),
    }
}

fn plain(name: &str) -> String {
    name.replace('_', " ")
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
    let codes = if condition.list.text.contains('@') {
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

fn lines(lines: &Lines) -> String {
    let mut conditions: Vec<String> = lines.lists.iter().map(condition_words).collect();
    if let Some(threshold) = &lines.threshold {
        let Range { text, .. } = &threshold.range;
        conditions.push(format!("{} {}", plain(threshold.column.name), words(text)));
    }
    if conditions.is_empty() {
        format!("all goods lines of {}", lines.role)
    } else {
        format!("the goods lines of {} with {}", lines.role, conditions.join(" and "))
    }
}
