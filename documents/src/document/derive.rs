//! From facts to rows: which fact goes into which column is the profile's word alone.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::{
    Container, Document, Header, Invalid, InvalidFault, Line,
    check::{at_header, at_line},
};
use crate::{
    codes::Unit,
    facts::Facts,
    profile::{Column, Kind, Place},
    quantity::Mass,
    table::{Row, RowKind, Table},
};

/// What one column holds: a number, or for HS codes three groups.
enum Held {
    Number(u64),
    Groups([u8; 3]),
}

/// The names of a document's containers, in order of first appearance.
pub(super) fn containers(lines: &[Line]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let ids = lines.iter().filter_map(|line| match &line.container {
        Some(Container::Id(id)) => Some(id.as_str()),
        _ => None,
    });
    ids.filter(|id| seen.insert(*id)).collect()
}

pub(super) fn table(kind: Kind, header: &Header, lines: &[Line]) -> Result<Table, Invalid> {
    let numbers: HashMap<&str, u64> = containers(lines).into_iter().zip(1..).collect();
    let profile = kind.profile();
    let mut goods = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let fact = |column: &Column| line_fact(line, header, column, &numbers).map_err(|f| at_line(i, column.name, f));
        goods.push(row(RowKind::Goods, profile.goods, fact)?);
    }
    let fact = |column: &Column| header_fact(header, column).map_err(|f| at_header(column.name, f));
    let document = row(RowKind::Document, profile.document, fact)?;
    Table::new(document, goods).ok_or(Invalid { pointer: String::new(), line: None, fault: InvalidFault::NoGoods })
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
    containers: &HashMap<&str, u64>,
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
        "container" => match &line.container {
            Some(Container::Id(id)) => containers.get(id.as_str()).copied(),
            Some(Container::None) => Some(0),
            None => None,
        },
        "unit" => unit(line).map(|u| u.number().into()),
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

fn unit(line: &Line) -> Option<Unit> {
    line.quantity.as_ref().and_then(|q| q.unit)
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
    // Every fact was derived once when the document was made; what failed then does not exist now.
    let on_line = |line: &Line, column: &Column| match column.name {
        "container" => line.container.is_some(),
        _ => matches!(line_fact(line, &document.header, column, &HashMap::new()), Ok(Some(_))),
    };
    let goods = profile.goods.iter().filter(|column| document.lines.iter().all(|line| on_line(line, column)));
    let header = profile.document.iter().filter(|c| matches!(header_fact(&document.header, c), Ok(Some(_))));
    let mut complete: BTreeSet<String> = goods.map(|c| c.name.to_owned()).collect();
    complete.extend(header.map(|c| format!("document.{}", c.name)));

    let first = document.lines.first().and_then(unit);
    let one_unit = first.filter(|_| document.lines.iter().all(|line| unit(line) == first));
    let mut references = references.clone();
    references.insert("document".into(), number.clone());
    Facts {
        complete,
        currency: currency.map(|c| c.letters().to_owned()),
        unit: one_unit.map(|u| u.letters().to_owned()),
        references,
    }
}
