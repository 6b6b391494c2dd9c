//! Rows to lines, whatever they were read from.

use std::{cell::RefCell, collections::BTreeMap};

use csv::StringRecord;

use super::{
    Mapping,
    mapping::{MASSES, read_date},
};
use crate::{
    codes::{CodeError, Country, Criterion, Currency, Dangerous, HsCode, Method, Unit},
    document::{Container, Draft, Header, Line, Quantity, Source},
    error::{Fault, ImportError, Place},
    import::{
        Imported, Warning, collapse,
        facts::{self, is_placeholder},
    },
    quantity::{Decimal, Mass, QuantityError, shorten},
};

pub(in crate::import) type Read<T> = Result<T, ImportError>;

/// Words that stand alone in a cell of a row which sums up others.
const TOTALS: [&str; 8] = ["total", "totals", "grand total", "subtotal", "sub-total", "sum", "summe", "gesamt"];

/// How a cell was stored. CSV knows texts only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Form {
    Text,
    Number,
    Date,
}

/// A row.
pub(in crate::import) struct Record {
    /// Its line in the file, or its number in the sheet, from 1.
    pub line: u64,
    pub cells: StringRecord,
    /// How each cell was stored; empty for texts only.
    pub forms: Vec<Form>,
}

fn yes_or_no(text: &str) -> Result<bool, CodeError> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        found => Err(CodeError::Originating { found: shorten(found) }),
    }
}

fn no_currency() -> CodeError {
    CodeError::Currency { found: String::new() }
}

/// `none`, or a UN number with or without its letters.
fn dangerous(text: &str) -> Result<Dangerous, CodeError> {
    match text {
        "none" => Ok(Dangerous::None),
        _ => Dangerous::un(text.strip_prefix("UN").unwrap_or(text).trim_start()),
    }
}

fn at(line: u64, name: &str) -> Place {
    Place::Column { line, name: shorten(name) }
}

/// A table being read.
pub(in crate::import) struct Table<'a> {
    file: &'a str,
    mapping: &'a Mapping,
    heading: StringRecord,
    positions: BTreeMap<String, usize>,
    /// By text: line and column of the first, and how often.
    warned: RefCell<BTreeMap<String, (u64, String, usize)>>,
}

impl<'a> Table<'a> {
    /// A table of this heading, which stands on a line of the file.
    pub fn new(file: &'a str, mapping: &'a Mapping, heading: StringRecord, line: u64) -> Read<Table<'a>> {
        let mut positions = BTreeMap::new();
        for (i, name) in heading.iter().enumerate() {
            // Empty names are columns that nobody meant; a mapping cannot name them.
            if !name.is_empty() && positions.insert(name.to_owned(), i).is_some() {
                return Err(ImportError::new(file, at(line, name), Fault::DuplicateColumn(shorten(name))));
            }
        }
        let table = Table { file, mapping, heading, positions, warned: RefCell::default() };
        table.check_columns(line)?;
        Ok(table)
    }

    /// The document of the rows below the heading.
    pub fn import(self, rows: impl Iterator<Item = Read<Record>>, format: &str, sha256: [u8; 32]) -> Read<Imported> {
        let mut header = self.mapping.header.clone();
        let mut stated = BTreeMap::new();
        let mut draft = Draft::new(self.mapping.kind);
        for record in rows {
            let record = record?;
            if record.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let row = Row { table: &self, record };
            row.refuse_totals()?;
            row.nameless();
            row.document_facts(&mut stated, &mut header)?;
            let line = row.line(&mut header.currency, draft.len())?;
            draft.push(&header, &line).map_err(|invalid| {
                let place = match invalid.line {
                    Some(_) => at(row.record.line, invalid.pointer.rsplit('/').next().unwrap_or_default()),
                    None => Place::File,
                };
                ImportError::new(self.file, place, invalid).on_line(Some(&line.id))
            })?;
        }
        let source = Source { sha256, format: format.to_owned(), dropped: self.dropped() };
        let fail = |invalid| ImportError::new(self.file, Place::File, Fault::Invalid(invalid));
        let document = draft.finish(header, Some(source)).map_err(fail)?;
        Ok(Imported { document, format: format.to_owned(), warnings: self.warnings() })
    }

    fn warnings(&self) -> Vec<Warning> {
        let warned = self.warned.borrow();
        let mut sorted: Vec<_> = warned.iter().collect();
        sorted.sort_by_key(|(_, (line, ..))| *line);
        let text = |text: &str, times| if times == 1 { text.to_owned() } else { format!("{text} ({times} times)") };
        let warning = |(t, (line, name, times)): (&String, &(u64, String, usize))| Warning {
            place: at(*line, name),
            text: text(t, *times),
        };
        sorted.into_iter().map(warning).collect()
    }

    fn mapped(&self) -> impl Iterator<Item = &String> {
        let c = &self.mapping.columns;
        let masses = MASSES.into_iter().flat_map(|fact| <[_; 2]>::from(c.mass(fact)));
        let all = [
            &c.id,
            &c.description,
            &c.hs,
            &c.origin,
            &c.packages,
            &c.value,
            &c.amount,
            &c.currency,
            &c.quantity,
            &c.unit,
            &c.dangerous,
            &c.container,
            &c.originating,
            &c.criterion,
            &c.method,
            &c.number,
            &c.issue_date,
            &c.shipment,
            &c.order,
        ];
        all.into_iter().chain(masses).flatten()
    }

    fn check_columns(&self, line: u64) -> Read<()> {
        match self.mapped().find(|name| !self.positions.contains_key(*name)) {
            None => Ok(()),
            Some(name) => {
                let heading = self.heading.iter().map(shorten).collect::<Vec<_>>().join(", ");
                let fault = Fault::MissingColumn { name: name.clone(), heading };
                Err(ImportError::new(self.file, Place::At { line, column: 1 }, fault))
            }
        }
    }

    /// The columns that the mapping does not name.
    fn dropped(&self) -> Vec<String> {
        let mapped: Vec<&String> = self.mapped().collect();
        let rest = self.heading.iter().filter(|name| !name.is_empty() && !mapped.iter().any(|m| m == name));
        rest.map(|name| format!("column {}", shorten(&collapse(name)))).collect()
    }
}

struct Row<'t, 'a> {
    table: &'t Table<'a>,
    record: Record,
}

impl Row<'_, '_> {
    /// The cell of a mapped column with its name; an empty cell says nothing, and a placeholder only that it does not.
    fn cell<'b>(&'b self, column: &'b Option<String>) -> Option<(&'b str, &'b str)> {
        let name = column.as_deref()?;
        let cell = self.record.cells.get(*self.table.positions.get(name)?)?.trim();
        if is_placeholder(cell) {
            let text = format!("the placeholder {:?} says nothing: unknown", shorten(cell));
            let mut warned = self.table.warned.borrow_mut();
            warned.entry(text).or_insert_with(|| (self.record.line, name.to_owned(), 0)).2 += 1;
            return None;
        }
        (!cell.is_empty()).then_some((name, cell))
    }

    /// How the cell of a column was stored.
    fn form(&self, name: &str) -> Form {
        let position = self.table.positions.get(name);
        position.and_then(|&i| self.record.forms.get(i)).copied().unwrap_or(Form::Text)
    }

    /// Refuses a row that sums up others: its figures would count twice.
    fn refuse_totals(&self) -> Read<()> {
        let word = |cell: &str| cell.trim().trim_end_matches([':', '.']).to_ascii_lowercase();
        match self.record.cells.iter().position(|cell| TOTALS.contains(&word(cell).as_str())) {
            None => Ok(()),
            Some(i) => {
                let name = self.table.heading.get(i).unwrap_or_default();
                let found = shorten(self.record.cells.get(i).unwrap_or_default().trim());
                Err(self.fail(name, Fault::TotalsRow { found }))
            }
        }
    }

    /// Warns of cells under no heading.
    fn nameless(&self) {
        let heading = |i| self.table.heading.get(i).unwrap_or_default().is_empty();
        if self.record.cells.iter().enumerate().any(|(i, cell)| heading(i) && !cell.trim().is_empty()) {
            let mut warned = self.table.warned.borrow_mut();
            let text = "cells without a heading are left out".to_owned();
            warned.entry(text).or_insert_with(|| (self.record.line, String::new(), 0)).2 += 1;
        }
    }

    /// Facts of the whole document, which all rows that state them state alike.
    fn document_facts(&self, stated: &mut BTreeMap<&'static str, String>, header: &mut Header) -> Read<()> {
        for (fact, column) in self.table.mapping.columns.of_document() {
            let Some((name, text)) = self.cell(column) else { continue };
            let found = collapse(text);
            match stated.get(fact) {
                Some(other) if *other == found => continue,
                Some(other) => {
                    let (found, other) = (shorten(&found), shorten(other));
                    return Err(self.fail(name, Fault::TwoValues { fact, found, other }));
                }
                None => {}
            }
            match fact {
                "number" => header.number = found.clone(),
                "issue_date" => {
                    let format = self.table.mapping.date_format.as_deref();
                    // A date of a workbook is a date, whatever its texts look like.
                    let format = format.filter(|_| self.form(name) != Form::Date);
                    let accepted = format.unwrap_or("YYYY-MM-DD").to_owned();
                    let fault = || Fault::Date { fact: "issue_date", found: shorten(&found), accepted };
                    header.issue_date = Some(read_date(&found, format).ok_or_else(|| self.fail(name, fault()))?);
                }
                name => drop(header.references.insert(name.to_owned(), found.clone())),
            }
            stated.insert(fact, found);
        }
        Ok(())
    }

    /// An HS code. A spreadsheet takes the leading zero from a code that it stores as a number.
    fn hs(&self) -> Read<Option<HsCode>> {
        let Some((name, text)) = self.cell(&self.table.mapping.columns.hs) else { return Ok(None) };
        let code = HsCode::new(text).map_err(|error| self.fail(name, Fault::Code { fact: "hs".into(), error }))?;
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits == 7 || digits % 2 == 1 && self.form(name) == Form::Number {
            return Err(self.fail(name, Fault::LostZero { found: shorten(text), digits }));
        }
        Ok(Some(code))
    }

    fn fail(&self, name: &str, fault: Fault) -> ImportError {
        let id = self.cell(&self.table.mapping.columns.id).map(|(_, id)| id);
        ImportError::new(self.table.file, at(self.record.line, name), fault).on_line(id)
    }

    fn text(&self, column: &Option<String>) -> Option<String> {
        self.cell(column).map(|(_, text)| collapse(text))
    }

    fn code<T>(
        &self,
        fact: &str,
        column: &Option<String>,
        parse: impl Fn(&str) -> Result<T, CodeError>,
    ) -> Read<Option<T>> {
        let Some((name, text)) = self.cell(column) else { return Ok(None) };
        let fail = |error| self.fail(name, Fault::Code { fact: fact.into(), error });
        parse(text).map(Some).map_err(fail)
    }

    fn decimal(&self, fact: &str, column: &Option<String>) -> Read<Option<(&str, Decimal)>> {
        let mapping = self.table.mapping;
        // Borrowed for as long as the mapping, so that the name can be handed on.
        let Some(name) = column.as_deref() else { return Ok(None) };
        let Some((_, text)) = self.cell(column) else { return Ok(None) };
        let position = self.table.positions.get_key_value(name).map_or("", |(name, _)| name.as_str());
        let figure = match mapping.decimal_point {
            // With a comma for the point, a point would be a separator of thousands, or a slip: refused.
            ',' if text.contains('.') => Err(QuantityError::NotDecimal { found: shorten(text) }),
            ',' => Decimal::read(&text.replace(',', ".")),
            _ => Decimal::read(text),
        };
        figure.map(|figure| Some((position, figure))).map_err(|error| self.quantity(position, fact, error))
    }

    fn quantity(&self, name: &str, fact: &str, error: QuantityError) -> ImportError {
        self.fail(name, Fault::Quantity { fact: fact.into(), error })
    }

    fn mass(&self, fact: &str) -> Read<Option<Mass>> {
        let Mapping { columns, constants, .. } = self.table.mapping;
        let (column, unit) = columns.mass(fact);
        let Some((name, value)) = self.decimal(fact, column)? else { return Ok(None) };
        let unit = self.cell(unit).map(|(_, unit)| unit).or(constants.mass(fact)).unwrap_or_default();
        Mass::new(value, unit).map(Some).map_err(|error| self.quantity(name, fact, error))
    }

    fn line(&self, currency: &mut Option<Currency>, index: usize) -> Read<Line> {
        let Mapping { columns, constants, .. } = self.table.mapping;
        let packages = match self.decimal("packages", &columns.packages)? {
            Some((name, n)) => Some(n.packages().map_err(|error| self.quantity(name, "packages", error))?),
            None => None,
        };
        let money_fact = self.table.mapping.kind.money_key().unwrap_or("value");
        let money_column = if money_fact == "value" { &columns.value } else { &columns.amount };
        let money = self.decimal(money_fact, money_column)?.map(|(_, money)| money);
        if let (Some(name), Some(_)) = (&columns.currency, &money) {
            // An amount without its currency is not of the other lines' currency.
            let missing = || self.fail(name, Fault::Code { fact: "currency".into(), error: no_currency() });
            let found = self.code("currency", &columns.currency, Currency::new)?.ok_or_else(missing)?;
            let document = *currency.get_or_insert(found);
            if document != found {
                let (found, other) = (found.to_string(), document.to_string());
                return Err(self.fail(name, Fault::TwoCurrencies { fact: money_fact, found, other }));
            }
        }
        let unit = match (&constants.quantity, self.code("unit", &columns.unit, facts::unit)?) {
            (Some(constant), _) => Unit::new(constant).ok(),
            (None, unit) => unit,
        };
        let quantity = self.decimal("quantity", &columns.quantity)?.map(|(_, value)| Quantity { value, unit });
        let container = |id: String| if id == "none" { Container::None } else { Container::Id(id) };
        Ok(Line {
            id: match self.table.mapping.number_lines {
                true => (index + 1).to_string(),
                false => self.text(&columns.id).unwrap_or_default(),
            },
            description: self.text(&columns.description),
            hs: self.hs()?,
            origin: self.code("origin", &columns.origin, Country::new)?,
            gross_mass: self.mass("gross_mass")?,
            net_mass: self.mass("net_mass")?,
            tare_mass: self.mass("tare_mass")?,
            verified_mass: self.mass("verified_mass")?,
            max_gross_mass: self.mass("max_gross_mass")?,
            packages,
            money,
            quantity,
            dangerous: self.code("dangerous", &columns.dangerous, dangerous)?,
            container: self.text(&columns.container).map(container),
            originating: self.code("originating", &columns.originating, yes_or_no)?,
            criterion: self.code("criterion", &columns.criterion, Criterion::new)?,
            method: self.code("method", &columns.method, Method::new)?,
        })
    }
}
