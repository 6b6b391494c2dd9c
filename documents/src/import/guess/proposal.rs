//! The mapping file that a guess becomes.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    Sample,
    names::{Meaning, Suffix},
    values,
};
use crate::{profile::Kind, quantity::shorten};

/// Facts of the whole document that may have a column.
const OF_DOCUMENT: [&str; 4] = ["number", "issue_date", "shipment", "order"];

/// A mapping in the making.
pub(super) struct Proposal<'a> {
    sample: &'a Sample,
    kind: Kind,
    point: char,
    date_format: Option<&'static str>,
    currency: Option<(&'static str, String)>,
    /// Mapped facts: key in the mapping, heading.
    columns: Vec<(String, String)>,
    units: Vec<(&'static str, &'static str, String)>,
    /// What a person has to decide, as comments.
    open: Vec<String>,
    unmapped: Vec<String>,
}

impl<'a> Proposal<'a> {
    /// What the headings and the cells below them say.
    ///
    /// # Errors
    /// Why no mapping can be proposed.
    pub fn new(sample: &'a Sample, meanings: &[Option<Meaning>], kind: Kind) -> Result<Proposal<'a>, String> {
        let point = point(sample, meanings)?;
        let mut proposal = Proposal {
            sample,
            kind,
            point,
            date_format: None,
            currency: None,
            columns: Vec::new(),
            units: Vec::new(),
            open: Vec::new(),
            unmapped: Vec::new(),
        };
        let mut by_fact: BTreeMap<&'static str, Vec<(usize, Option<Suffix>)>> = BTreeMap::new();
        let mut mass_units: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (i, found) in meanings.iter().enumerate() {
            match found {
                Some(Meaning::Fact { fact, suffix }) => by_fact.entry(fact).or_default().push((i, suffix.clone())),
                Some(Meaning::MassUnit(mass)) if values::mass_units(&sample.cells(i)) => {
                    mass_units.insert(mass, i);
                }
                Some(Meaning::SomeWeight) => {
                    let column = proposal.heading(i);
                    proposal.decide(&format!("gross_mass = {column}"), "gross or net?");
                }
                _ => proposal.unmapped.push(sample.heading[i].clone()),
            }
        }
        // Amounts are read with the currency beside them, so that one comes first.
        let has_currency = by_fact.contains_key("currency");
        for (fact, found) in by_fact {
            let [(column, suffix)] = &found[..] else {
                let names: Vec<String> = found.iter().map(|(i, _)| proposal.heading(*i)).collect();
                let key = proposal.key(fact).unwrap_or(fact);
                proposal.decide(&format!("{key} = {}", names[0]), &format!("or {}?", names[1..].join(" or ")));
                continue;
            };
            proposal.column(fact, *column, suffix.as_ref(), has_currency, &mass_units);
        }
        Ok(proposal)
    }

    /// The key of a fact in the mapping, if the kind has such a fact.
    fn key(&self, fact: &'static str) -> Option<&'static str> {
        let profile = self.kind.profile();
        match fact {
            "id" | "description" => Some(fact),
            "money" => self.kind.money_key(),
            "currency" => profile.money().map(|_| "currency"),
            _ if OF_DOCUMENT.contains(&fact) => Some(fact),
            _ => profile.goods_column(fact).map(|column| column.name),
        }
    }

    fn column(
        &mut self,
        fact: &'static str,
        column: usize,
        suffix: Option<&Suffix>,
        has_currency: bool,
        mass_units: &BTreeMap<&'static str, usize>,
    ) {
        let name = self.heading(column);
        let cells = self.sample.cells(column);
        let Some(key) = self.key(fact) else {
            self.open.push(format!("{name} is left out: a {} has no {fact}", self.kind));
            return;
        };
        let line = format!("{key} = {name}");
        if let Some(misfit) = values::misfit(fact, &cells, self.point) {
            return self.decide(&line, &format!("the cell {:?} is no {key}", shorten(misfit)));
        }
        match fact {
            "id" => {
                let mut texts: Vec<&str> = cells.iter().map(|(text, _)| *text).collect();
                texts.sort_unstable();
                texts.dedup();
                if texts.len() < self.sample.rows.len() {
                    return self.decide(&line, "does not name every line differently");
                }
            }
            "money" => match suffix {
                _ if has_currency => {}
                Some(Suffix::Currency(letters)) => self.currency = Some((letters, name.clone())),
                _ => return self.decide(&line, "in which currency? Write it under [document]"),
            },
            "quantity" => {
                if let Some(Suffix::Unit(unit)) = suffix {
                    self.units.push(("quantity", unit, name.clone()));
                }
            }
            "issue_date" => match values::date_format(&cells) {
                Ok(format) => self.date_format = format,
                Err(date) => {
                    return self.decide(&line, &format!("with which date_format? {:?}", shorten(date)));
                }
            },
            _ if fact.ends_with("_mass") => match (suffix, mass_units.get(fact).or(mass_units.get(""))) {
                (Some(Suffix::Mass(unit)), _) => self.units.push((key, unit, name.clone())),
                (_, Some(unit)) => {
                    let unit = self.heading(*unit);
                    self.columns.push((format!("{key}_unit"), unit));
                }
                _ => return self.decide(&line, "in which unit? Write it under [units]"),
            },
            _ => {}
        }
        if OF_DOCUMENT.contains(&fact) && cells.windows(2).any(|two| two[0].0 != two[1].0) {
            return self.decide(&line, "rows differ in it: it is no fact of the whole document");
        }
        self.columns.push((key.to_owned(), name));
    }

    /// A column's name as TOML writes it.
    fn heading(&self, column: usize) -> String {
        quoted(&self.sample.heading[column])
    }

    fn decide(&mut self, line: &str, question: &str) {
        self.open.push(format!("{line}    {question}"));
    }

    /// The file.
    pub fn toml(mut self) -> String {
        let has = |columns: &[(String, String)], key: &str| columns.iter().any(|(k, _)| k == key);
        let mut text = String::from("# Proposed from the heading. Look over every line before you use it.\n");
        let mut line = |line: String| {
            // Headings are the file's own: a comment must not become a line of the mapping.
            let plain: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = writeln!(text, "{plain}");
        };
        line("consign = \"mapping/1\"".into());
        line(format!("kind = \"{}\"", self.kind));
        match self.sample.delimiter {
            b',' => {}
            b'\t' => line("delimiter = \"\\t\"".into()),
            other => line(format!("delimiter = \"{}\"", char::from(other))),
        }
        if self.point == ',' {
            line("decimal_point = \",\"".into());
        }
        if let Some(row) = self.sample.heading_row {
            line(format!("heading_row = {row}"));
        }
        if !has(&self.columns, "id") {
            line("number_lines = true    # no column names the lines".into());
        }
        line(String::new());
        line("[document]".into());
        if !has(&self.columns, "number") {
            line("number = \"\"    # write the number of the document".into());
        }
        if let Some(format) = self.date_format {
            line(format!("date_format = \"{format}\""));
        }
        if let Some((letters, heading)) = &self.currency {
            line(format!("currency = \"{letters}\"    # by the heading {heading}"));
        }
        line(String::new());
        line("[columns]".into());
        self.columns.sort();
        self.columns.dedup();
        for (key, name) in &self.columns {
            line(format!("{key} = {name}"));
        }
        for open in &self.open {
            line(format!("# {open}"));
        }
        if !self.unmapped.is_empty() {
            let names: Vec<String> = self.unmapped.iter().filter(|n| !n.is_empty()).map(|n| format!("{n:?}")).collect();
            line(format!("# not mapped: {}", names.join(", ")));
        }
        if !self.units.is_empty() {
            line(String::new());
            line("[units]".into());
            for (fact, unit, heading) in &self.units {
                line(format!("{fact} = \"{unit}\"    # by the heading {heading}"));
            }
        }
        text
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The decimal point of the columns that hold figures.
fn point(sample: &Sample, meanings: &[Option<Meaning>]) -> Result<char, String> {
    let figures = |m: &Option<Meaning>| {
        matches!(m, Some(Meaning::Fact { fact, .. })
            if matches!(*fact, "money" | "quantity" | "packages") || fact.ends_with("_mass"))
    };
    let columns = meanings.iter().enumerate().filter(|(_, m)| figures(m));
    let cells: Vec<_> = columns.flat_map(|(i, _)| sample.cells(i)).collect();
    values::decimal_point(&cells, sample.delimiter).map_err(|figure| {
        format!(
            "the figure {:?} can be read in two ways; accepted are figures without separators of thousands",
            shorten(figure)
        )
    })
}
