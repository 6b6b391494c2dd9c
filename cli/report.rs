//! Reports: tables for people, JSON for programs.

use std::{collections::BTreeMap, io::Write};

use comfy_table::{ContentArrangement, Table, presets};
use consign_documents::{import::Imported, summary::Summary};
use serde::Serialize;
use serde_json::Value;

use crate::{context::Context, error::Failure, error::one_line, say};

/// A number of things: `1 tally`, `2 tallies`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A table without rules, for people.
pub fn table(heading: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if !heading.is_empty() {
        table.set_header(heading);
    }
    table
}

/// A table as lines, each indented, without the blanks that pad the outer columns.
pub fn lines(table: &Table, indent: &str) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text += indent;
        text += line.strip_prefix(' ').unwrap_or(&line).trim_end();
        text.push('\n');
    }
    text
}

/// Writes a report as JSON.
pub fn json(out: &mut dyn Write, report: &impl Serialize) -> Result<(), Failure> {
    Ok(out.write_all(pretty(report)?.as_bytes())?)
}

/// JSON for people to read too, with a newline at its end.
pub fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    let bug = |e| Failure::new(crate::error::Class::Bug, format!("this is no JSON: {e}"), "report this");
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(bug)
}

/// Shows what was understood of an imported document.
pub fn imported(cx: &mut Context<'_>, imported: &Imported, summary: &Summary) {
    say!(cx, "read as {}", imported.format);
    say!(cx, "{}", self::summary(summary).trim_end());
    for warning in &imported.warnings {
        say!(cx, "warning: {}", one_line(&warning.to_string()));
    }
}

/// An item of a list: its place, and its members.
type Item = (String, BTreeMap<String, String>);

/// Values of a document by their JSON pointers, for people: those of a list's items one row an item, each other one on a
/// row of its own.
pub fn values(values: &[(String, Value)]) -> String {
    let mut single = table(&[]);
    // By list, item and member, each in the order in which it comes first.
    let mut lists: Vec<(String, Vec<String>, Vec<Item>)> = Vec::new();
    for (pointer, value) in values {
        let text = one_line(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let item = steps.iter().position(|step| step.bytes().all(|b| b.is_ascii_digit()) && !step.is_empty());
        let Some(at) = item.filter(|at| at + 1 < steps.len()) else {
            single.add_row([one_line(pointer.trim_start_matches('/')), text]);
            continue;
        };
        let (list, item, member) = (one_line(&steps[..at].join("/")), steps[at], one_line(steps[at + 1]));
        if lists.last().is_none_or(|(name, ..)| *name != list) {
            lists.push((list, Vec::new(), Vec::new()));
        }
        let Some((_, members, items)) = lists.last_mut() else { continue };
        if !members.contains(&member) {
            members.push(member.clone());
        }
        if items.last().is_none_or(|(name, _)| name != item) {
            items.push((item.into(), BTreeMap::new()));
        }
        if let Some((_, cells)) = items.last_mut() {
            // A figure stands before its unit.
            let cell = cells.entry(member).or_default();
            *cell = match (cell.is_empty(), steps.last() == Some(&"value")) {
                (true, _) => text,
                (false, true) => format!("{text} {cell}"),
                (false, false) => format!("{cell} {text}"),
            };
        }
    }
    let mut text = lines(&single, "  ");
    for (list, members, items) in lists {
        let heading: Vec<&str> = std::iter::once(list.as_str()).chain(members.iter().map(String::as_str)).collect();
        let mut table = table(&heading);
        for (item, cells) in items {
            let cell = |member: &String| cells.get(member).cloned().unwrap_or_default();
            table.add_row(std::iter::once(item.clone()).chain(members.iter().map(cell)));
        }
        text += &lines(&table, "  ");
    }
    text
}

/// A document in short, for people.
pub fn summary(summary: &Summary) -> String {
    let mut table = table(&[]);
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            table.add_row([name.to_owned(), one_line(&value)]);
        }
    };
    row("document", format!("{} {}", summary.kind, summary.number));
    row("issued", summary.issue_date.clone().unwrap_or_else(|| "unknown".into()));
    let country = |c: Option<&str>| c.unwrap_or("unknown").to_owned();
    row("route", format!("{} to {}", country(summary.export_country), country(summary.import_country)));
    for (role, name) in &summary.parties {
        row(role, name.clone());
    }
    for (name, reference) in summary.references.iter().filter(|(name, _)| *name != "document") {
        row(name, reference.clone());
    }
    row("goods lines", summary.lines.to_string());
    for total in &summary.totals {
        let known = match total.known {
            0 => "unknown".into(),
            n if n == summary.lines => total.text.clone(),
            n => format!("{} in {n} of {} lines", total.text, summary.lines),
        };
        row(&total.name.replace('_', " "), known);
    }
    let counts = |map: &BTreeMap<String, usize>| {
        map.iter().map(|(code, lines)| format!("{code} {lines}")).collect::<Vec<_>>().join(", ")
    };
    row("origins", counts(&summary.origins));
    row("HS chapters", counts(&summary.chapters));
    row("dangerous", counts(&summary.dangerous));
    row("containers", summary.containers.join(", "));
    row("not complete", summary.incomplete.join(", "));
    lines(&table, "  ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_steer_no_terminal() {
        let shown = [
            (String::new(), json!("a\u{1b}[2J")),
            ("/\u{1b}[2J/0/\u{1b}[3J".into(), json!("b\u{1b}[4J")),
            ("/\u{1b}[5J".into(), json!(1)),
        ];
        let text = values(&shown);
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}
