//! Reports: tables for people, JSON for programs.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};
use consign_documents::{import::Imported, summary::Summary};
use serde::Serialize;

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
    let text = serde_json::to_string_pretty(report)
        .map_err(|e| Failure::new(crate::error::Class::Bug, format!("the report is no JSON: {e}"), "report this"))?;
    Ok(writeln!(out, "{text}")?)
}

/// Shows what was understood of an imported document.
pub fn imported(cx: &mut Context<'_>, imported: &Imported, summary: &Summary) {
    say!(cx, "read as {}", imported.format);
    say!(cx, "{}", self::summary(summary).trim_end());
    for warning in &imported.warnings {
        say!(cx, "warning: {}", one_line(&warning.to_string()));
    }
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
    let counts = |map: &std::collections::BTreeMap<String, usize>| {
        map.iter().map(|(code, lines)| format!("{code} {lines}")).collect::<Vec<_>>().join(", ")
    };
    row("origins", counts(&summary.origins));
    row("HS chapters", counts(&summary.chapters));
    row("dangerous", counts(&summary.dangerous));
    row("containers", summary.containers.join(", "));
    row("not complete", summary.incomplete.join(", "));
    lines(&table, "  ")
}
