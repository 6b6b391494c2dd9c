//! From facts to rows: which fact goes into which column is the profile's word alone.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{
    Document, Header, Invalid, InvalidFault, Line,
    check::{at_header, at_line},
};
use crate::{
    facts::Facts,
    profile::{Column, Kind, Place},
    quantity::Mass,
    table::{Row, RowKind},
};

/// What one column holds: a number, or for HS codes three groups.
enum Held {
    Number(u64),
    Groups([u8; 3]),
}

/// The row of a line, the `i`th; `container` is the number of its container.
pub(super) fn goods_row(
    kind: Kind,
    header: &Header,
    i: usize,
    line: &Line,
    container: Option<u64>,
) -> Result<Row, Invalid> {
    let fact = |column: &Column| line_fact(line, header, column, container).map_err(|f| at_line(i, column.name, f));
    row(RowKind::Goods, kind.profile().goods, fact)
}

/// The row of the header.
pub(super) fn document_row(kind: Kind, header: &Header) -> Result<Row, Invalid> {
    let fact = |column: &Column| header_fact(header, column).map_err(|f| at_header(column.name, f));
    row(RowKind::Document, kind.profile().document, fact)
}

/// One row from the facts of its columns; an absent fact becomes the reserved code, or zero in a measure.
fn row(
    kind: RowKind,
    columns: &[Column],
    fact: impl Fn(&Column) -> Result<Option<Held>, Invalid>,
) -> Result<Row, Invalid> {
    let (mut measures, mut origin, mut codes, mut hs) = ([0; 4], 0, [0; 2], [0; 3]);
    for column in columns {
        let unknown = u64::from(column.content.unknown_code().unwrap_or(0));
        let held = fact(column)?.unwrap_or(Held::Number(unknown));
        match (column.place, held) {
            (Place::Measure(i), Held::Number(n)) => measures[usize::from(i)] = n,
            (Place::Origin, Held::Number(n)) => origin = n as u16,
            (Place::C2, Held::Number(n)) => codes[0] = n as u16,
            (Place::C3, Held::Number(n)) => codes[1] = n as u16,
            (_, Held::Groups(groups)) => hs = groups,
            // An unknown HS code is 000000, which is what stands there already.
            (Place::Hs, Held::Number(_)) => {}
        }
    }
    let too_wide = |e| Invalid { pointer: String::new(), line: None, fault: InvalidFault::OutOfRange(e) };
    Row::new(kind, measures, origin, codes, hs).map_err(too_wide)
}

fn line_fact(
    line: &Line,
    header: &Header,
    column: &Column,
    container: Option<u64>,
) -> Result<Option<Held>, InvalidFault> {
    let number = match column.name {
        "packages" => line.packages,
        "value" | "amount" => money(line.money.as_ref(), header, column.name)?,
        "quantity" => match &line.quantity {
            Some(quantity) => Some(quantity.value.thousandths().map_err(InvalidFault::quantity(column.name))?),
            None => None,
        },
        "origin" => line.origin.map(|c| c.number().into()),
        "hs" => return Ok(line.hs.as_ref().map(|hs| Held::Groups(hs.groups()))),
        "dangerous" => line.dangerous.map(|d| d.number().into()),
        "container" => container,
        "unit" => line.quantity.as_ref().and_then(|q| q.unit).map(|u| u.number().into()),
        "originating" => line.originating.map(u64::from),
        "criterion" => line.criterion.as_ref().map(|c| c.number().into()),
        "method" => line.method.map(|m| m.number().into()),
        mass => line.mass(mass).map(Mass::grams),
    };
    Ok(number.map(Held::Number))
}

fn header_fact(header: &Header, column: &Column) -> Result<Option<Held>, InvalidFault> {
    let number = match column.name {
        "issue_date" => header.issue_date.map(days).transpose()?,
        "packages" => header.totals.packages,
        "product_value" => money(header.product.value.as_ref(), header, column.name)?,
        "product_mass" => header.product.mass.as_ref().map(Mass::grams),
        "product_hs" => return Ok(header.product.hs.as_ref().map(|hs| Held::Groups(hs.groups()))),
        "value" | "amount" => money(header.totals.money.as_ref(), header, column.name)?,
        "export_country" => header.export_country.map(|c| c.number().into()),
        "import_country" => header.import_country.map(|c| c.number().into()),
        "currency" => header.currency.map(|c| c.number().into()),
        mass => header.totals.mass(mass).map(Mass::grams),
    };
    Ok(number.map(Held::Number))
}

fn money(
    money: Option<&crate::quantity::Decimal>,
    header: &Header,
    fact: &'static str,
) -> Result<Option<u64>, InvalidFault> {
    let Some(money) = money else { return Ok(None) };
    let currency = header.currency.ok_or(InvalidFault::NoCurrency { fact })?;
    money.minor_units(currency).map(Some).map_err(InvalidFault::quantity(fact))
}

/// Days since 1970-01-01.
fn days(date: Date) -> Result<u64, InvalidFault> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = epoch.until(date).map(|span| i64::from(span.get_days())).unwrap_or(-1);
    u64::try_from(days).map_err(|_| InvalidFault::Before1970 { found: date })
}

pub(super) fn facts(document: &Document) -> Facts {
    let Header { number, currency, references, .. } = &document.header;
    let profile = document.profile();
    let goods = document.known().filter(|(_, lines)| *lines == document.line_count());
    let header = profile.document.iter().filter(|c| matches!(header_fact(&document.header, c), Ok(Some(_))));
    let mut complete: BTreeSet<String> = goods.map(|(c, _)| c.name.to_owned()).collect();
    complete.extend(header.map(|c| format!("document.{}", c.name)));

    let mut references = references.clone();
    references.insert("document".into(), number.clone());
    Facts {
        complete,
        currency: currency.map(|c| c.letters().to_owned()),
        unit: document.unit.map(|u| u.letters().to_owned()),
        references,
    }
}
