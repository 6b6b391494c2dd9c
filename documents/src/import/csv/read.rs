//! Rows to lines.

use std::collections::BTreeMap;

use csv::{Error, ErrorKind, ReaderBuilder, StringRecord};

use super::{
    super::{Imported, collapse},
    Mapping,
    mapping::MASSES,
};
use crate::{
    codes::{CodeError, Country, Criterion, Currency, Dangerous, HsCode, Method, Unit},
    document::{Container, Document, Line, Quantity, Source},
    error::{Fault, ImportError, Place},
    quantity::{Decimal, Mass, QuantityError, shorten},
};

type Read<T> = Result<T, ImportError>;

/// Imports CSV by a mapping; `sha256` is the digest of the file's bytes.
pub(crate) fn import(text: &str, file: &str, sha256: [u8; 32], mapping: &Mapping) -> Read<Imported> {
    check_quotes(text, mapping.delimiter, file)?;
    let mut csv = ReaderBuilder::new().delimiter(mapping.delimiter).from_reader(text.as_bytes());
    let heading = csv.headers().map_err(|e| malformed(file, e))?.clone();
    let mut positions = BTreeMap::new();
    for (i, name) in heading.iter().enumerate() {
        if positions.insert(name.to_owned(), i).is_some() {
            return Err(ImportError::new(file, at(1, name), Fault::DuplicateColumn(shorten(name))));
        }
    }
    let table = Table { file, mapping, heading, positions };
    table.check_columns()?;

    let mut header = mapping.header.clone();
    let (mut lines, mut numbers) = (Vec::new(), Vec::new());
    for record in csv.records() {
        let record = record.map_err(|e| malformed(file, e))?;
        let number = record.position().map_or(0, |p| p.line());
        let row = Row { table: &table, record, number };
        let line = row.line(&mut header.currency)?;
        numbers.push(number);
        lines.push(line);
    }
    let format = "CSV".to_owned();
    let source = Source { sha256, format: format.clone(), dropped: table.dropped() };
    let ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let document = Document::new(mapping.kind, header, lines, Some(source)).map_err(|invalid| {
        let line = invalid.line;
        let place = match line.and_then(|i| numbers.get(i)) {
            Some(&number) => at(number, invalid.pointer.rsplit('/').next().unwrap_or_default()),
            None => Place::File,
        };
        let id = line.and_then(|i| ids.get(i)).map(String::as_str);
        ImportError::new(file, place, invalid).on_line(id)
    })?;
    Ok(Imported { document, format, warnings: Vec::new() })
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

/// Refuses quotation marks that RFC 4180 does not have. The parser is lenient with them, and an unclosed one would
/// take all further lines, and their goods, into one cell.
fn check_quotes(text: &str, delimiter: u8, file: &str) -> Read<()> {
    #[derive(PartialEq)]
    enum State {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut state, mut line, mut opened) = (State::Start, 1, 1);
    let fail = |line, reason: &str| {
        let place = Place::At { line, column: 1 };
        Err(ImportError::new(file, place, Fault::Csv(reason.into())))
    };
    for b in text.bytes() {
        state = match (state, b) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) => State::Quoted,
            (State::Closed, b'"') => State::Quoted,
            (State::Start, b'"') => {
                opened = line;
                State::Quoted
            }
            (_, b'\n' | b'\r') => State::Start,
            (_, b) if b == delimiter => State::Start,
            (State::Plain, b'"') => return fail(line, "a quotation mark inside a field that does not begin with one"),
            (State::Closed, _) => return fail(line, "text after a closing quotation mark"),
            _ => State::Plain,
        };
        line += u64::from(b == b'\n');
    }
    match state {
        State::Quoted => fail(opened, "a quotation mark that is never closed"),
        _ => Ok(()),
    }
}

fn at(line: u64, name: &str) -> Place {
    Place::Column { line, name: shorten(name) }
}

fn malformed(file: &str, error: Error) -> ImportError {
    let line = error.position().map_or(1, |p| p.line());
    let place = Place::At { line, column: 1 };
    let fault = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => Fault::Ragged { found: *len, expected: *expected_len },
        _ => Fault::Csv(error.to_string()),
    };
    ImportError::new(file, place, fault)
}

struct Table<'a> {
    file: &'a str,
    mapping: &'a Mapping,
    heading: StringRecord,
    positions: BTreeMap<String, usize>,
}

impl Table<'_> {
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
        ];
        all.into_iter().chain(masses).flatten()
    }

    fn check_columns(&self) -> Read<()> {
        match self.mapped().find(|name| !self.positions.contains_key(*name)) {
            None => Ok(()),
            Some(name) => {
                let heading = self.heading.iter().map(shorten).collect::<Vec<_>>().join(", ");
                let fault = Fault::MissingColumn { name: name.clone(), heading };
                Err(ImportError::new(self.file, Place::At { line: 1, column: 1 }, fault))
            }
        }
    }

    /// The columns that the mapping does not name.
    fn dropped(&self) -> Vec<String> {
        let mapped: Vec<&String> = self.mapped().collect();
        let rest = self.heading.iter().filter(|name| !mapped.iter().any(|m| m == name));
        rest.map(|name| format!("column {}", shorten(&collapse(name)))).collect()
    }
}

struct Row<'a> {
    table: &'a Table<'a>,
    record: StringRecord,
    number: u64,
}

impl Row<'_> {
    /// The cell of a mapped column with its name; an empty cell says nothing.
    fn cell<'b>(&'b self, column: &'b Option<String>) -> Option<(&'b str, &'b str)> {
        let name = column.as_deref()?;
        let cell = self.record.get(*self.table.positions.get(name)?)?.trim();
        (!cell.is_empty()).then_some((name, cell))
    }

    fn fail(&self, name: &str, fault: Fault) -> ImportError {
        let id = self.cell(&self.table.mapping.columns.id).map(|(_, id)| id);
        ImportError::new(self.table.file, at(self.number, name), fault).on_line(id)
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

    fn line(&self, currency: &mut Option<Currency>) -> Read<Line> {
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
        let unit = match (&constants.quantity, self.code("unit", &columns.unit, Unit::new)?) {
            (Some(constant), _) => Unit::new(constant).ok(),
            (None, unit) => unit,
        };
        let quantity = self.decimal("quantity", &columns.quantity)?.map(|(_, value)| Quantity { value, unit });
        let container = |id: String| if id == "none" { Container::None } else { Container::Id(id) };
        Ok(Line {
            id: self.text(&columns.id).unwrap_or_default(),
            description: self.text(&columns.description),
            hs: self.code("hs", &columns.hs, HsCode::new)?,
            origin: self.code("origin", &columns.origin, Country::new)?,
            gross_mass: self.mass("gross_mass")?,
            net_mass: self.mass("net_mass")?,
            tare_mass: self.mass("tare_mass")?,
            verified_mass: self.mass("verified_mass")?,
            max_gross_mass: self.mass("max_gross_mass")?,
            packages,
            money,
            quantity,
            dangerous: self.code("dangerous", &columns.dangerous, Dangerous::new)?,
            container: self.text(&columns.container).map(container),
            originating: self.code("originating", &columns.originating, yes_or_no)?,
            criterion: self.code("criterion", &columns.criterion, Criterion::new)?,
            method: self.code("method", &columns.method, Method::new)?,
        })
    }
}
