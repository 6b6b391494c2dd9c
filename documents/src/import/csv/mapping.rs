//! The mapping file of CSV and XLSX: TOML, every key known.

use std::{collections::BTreeMap, str::FromStr};

use serde::Deserialize;

use crate::{
    codes::{Country, Currency, HsCode, Unit},
    document::{Header, Party, Product},
    error::{Fault, ImportError, Place},
    import::{iso_date, text},
    profile::Kind,
    quantity::{Decimal, Mass, MassUnit},
};

/// Which column of a table is which fact, and the facts of the header.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) kind: Kind,
    pub(super) delimiter: u8,
    pub(super) decimal_point: char,
    /// The sheet of a workbook that has several.
    pub(in crate::import) sheet: Option<String>,
    /// The row of a workbook that is the heading, from 1; without it, the first that is not empty.
    pub(in crate::import) heading_row: Option<u32>,
    /// Lines have no identifiers of their own and are numbered from 1.
    pub(super) number_lines: bool,
    pub(super) date_format: Option<String>,
    pub(super) header: Header,
    pub(super) columns: Columns,
    pub(super) constants: Constants,
}

/// Facts of the lines by column name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    pub id: Option<String>,
    pub description: Option<String>,
    pub hs: Option<String>,
    pub origin: Option<String>,
    pub gross_mass: Option<String>,
    pub gross_mass_unit: Option<String>,
    pub net_mass: Option<String>,
    pub net_mass_unit: Option<String>,
    pub tare_mass: Option<String>,
    pub tare_mass_unit: Option<String>,
    pub verified_mass: Option<String>,
    pub verified_mass_unit: Option<String>,
    pub max_gross_mass: Option<String>,
    pub max_gross_mass_unit: Option<String>,
    pub packages: Option<String>,
    pub value: Option<String>,
    pub amount: Option<String>,
    pub currency: Option<String>,
    pub quantity: Option<String>,
    pub unit: Option<String>,
    pub dangerous: Option<String>,
    pub container: Option<String>,
    pub originating: Option<String>,
    pub criterion: Option<String>,
    pub method: Option<String>,
    // Facts of the whole document, which every row repeats.
    pub number: Option<String>,
    pub issue_date: Option<String>,
    pub shipment: Option<String>,
    pub order: Option<String>,
}

impl Columns {
    /// Facts of the whole document that have a column.
    pub fn of_document(&self) -> [(&'static str, &Option<String>); 4] {
        [
            ("number", &self.number),
            ("issue_date", &self.issue_date),
            ("shipment", &self.shipment),
            ("order", &self.order),
        ]
    }

    /// The columns of a mass and of its unit.
    pub fn mass(&self, fact: &str) -> (&Option<String>, &Option<String>) {
        match fact {
            "gross_mass" => (&self.gross_mass, &self.gross_mass_unit),
            "net_mass" => (&self.net_mass, &self.net_mass_unit),
            "tare_mass" => (&self.tare_mass, &self.tare_mass_unit),
            "verified_mass" => (&self.verified_mass, &self.verified_mass_unit),
            "max_gross_mass" => (&self.max_gross_mass, &self.max_gross_mass_unit),
            _ => (&None, &None),
        }
    }
}

/// Masses of lines, by the names of their columns.
pub(super) const MASSES: [&str; 5] = ["gross_mass", "net_mass", "tare_mass", "verified_mass", "max_gross_mass"];

/// Units that hold for a whole column.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constants {
    pub gross_mass: Option<String>,
    pub net_mass: Option<String>,
    pub tare_mass: Option<String>,
    pub verified_mass: Option<String>,
    pub max_gross_mass: Option<String>,
    pub quantity: Option<String>,
}

impl Constants {
    /// The unit of a mass.
    pub fn mass(&self, fact: &str) -> Option<&str> {
        match fact {
            "gross_mass" => self.gross_mass.as_deref(),
            "net_mass" => self.net_mass.as_deref(),
            "tare_mass" => self.tare_mass.as_deref(),
            "verified_mass" => self.verified_mass.as_deref(),
            "max_gross_mass" => self.max_gross_mass.as_deref(),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    kind: String,
    #[serde(default)]
    delimiter: Option<String>,
    #[serde(default)]
    decimal_point: Option<String>,
    sheet: Option<String>,
    heading_row: Option<u32>,
    #[serde(default)]
    number_lines: bool,
    #[serde(default)]
    document: HeaderFile,
    columns: Columns,
    #[serde(default)]
    units: Constants,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderFile {
    number: Option<String>,
    issue_date: Option<String>,
    date_format: Option<String>,
    currency: Option<String>,
    export_country: Option<String>,
    import_country: Option<String>,
    gross_mass: Option<Figure>,
    net_mass: Option<Figure>,
    tare_mass: Option<Figure>,
    verified_mass: Option<Figure>,
    packages: Option<u64>,
    value: Option<String>,
    amount: Option<String>,
    #[serde(default)]
    references: BTreeMap<String, String>,
    #[serde(default)]
    parties: BTreeMap<String, PartyFile>,
    #[serde(default)]
    product: ProductFile,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductFile {
    description: Option<String>,
    hs: Option<String>,
    value: Option<String>,
    mass: Option<Figure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    value: String,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyFile {
    name: Option<String>,
    identifier: Option<String>,
    address: Option<String>,
    country: Option<String>,
}

impl Mapping {
    /// Reads a mapping file; `file` is the name that errors carry.
    ///
    /// # Errors
    /// [`ImportError`] with [`Fault::Mapping`] and the place in the file: not TOML, an unknown or missing key, a
    /// constant that is no such fact.
    pub fn from_toml(bytes: &[u8], file: &str) -> Result<Mapping, ImportError> {
        let text = text(bytes, file)?;
        let parsed: File = toml::from_str(text).map_err(|e| {
            let place = e.span().map_or(Place::File, |span| place(text, span.start));
            ImportError::new(file, place, Fault::Mapping(e.message().replace('\n', " ")))
        })?;
        parsed.mapping().map_err(|reason| ImportError::new(file, Place::File, Fault::Mapping(reason)))
    }

    /// Numbers the document where neither the mapping nor a column does.
    pub(in crate::import) fn number_unless_stated(&mut self, number: &str) {
        if self.header.number.is_empty() && self.columns.number.is_none() {
            self.header.number = number.to_owned();
        }
    }

    /// The kind of document it maps to.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Line and column of a byte.
fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() as u64 + 1;
    Place::At { line, column: before[line_start..].chars().count() as u64 + 1 }
}

impl File {
    fn mapping(self) -> Result<Mapping, String> {
        if self.consign != "mapping/1" {
            return Err(format!("consign = {:?}; accepted is \"mapping/1\"", self.consign));
        }
        let kind = Kind::from_str(&self.kind).map_err(|e| e.to_string())?;
        let delimiter = match self.delimiter.as_deref() {
            None | Some(",") => b',',
            Some(";") => b';',
            Some("\t") => b'\t',
            Some("|") => b'|',
            Some(other) => return Err(format!("delimiter = {other:?}; accepted are comma, semicolon, tab and bar")),
        };
        let decimal_point = match self.decimal_point.as_deref() {
            None | Some(".") => '.',
            Some(",") => ',',
            Some(other) => return Err(format!("decimal_point = {other:?}; accepted are \".\" and \",\"")),
        };
        let (columns, constants) = (self.columns, self.units);
        if columns.id.is_some() == self.number_lines {
            return Err("accepted is either columns.id, the column that identifies a line, or number_lines".into());
        }
        if self.heading_row == Some(0) {
            return Err("heading_row = 0; accepted are rows from 1".into());
        }
        let mut money = None;
        for (key, total, column) in
            [("value", &self.document.value, &columns.value), ("amount", &self.document.amount, &columns.amount)]
        {
            if kind.money_key() == Some(key) {
                money = total.clone();
            } else if total.is_some() || column.is_some() {
                return Err(format!("{key}: a {kind} has no such fact"));
            }
        }
        for fact in MASSES {
            let ((column, unit_column), constant) = (columns.mass(fact), constants.mass(fact));
            if column.is_some() && unit_column.is_some() == constant.is_some() {
                return Err(format!("{fact}: accepted is either columns.{fact}_unit or units.{fact}"));
            }
            if let Some(unit) = constant.filter(|unit| MassUnit::read(unit).is_none()) {
                return Err(format!("units.{fact}: unknown unit of mass {unit:?}"));
            }
        }
        if let Some(unit) = &constants.quantity {
            Unit::new(unit).map_err(|e| format!("units.quantity: {e}"))?;
            if columns.unit.is_some() {
                return Err("quantity: accepted is either columns.unit or units.quantity".into());
            }
        }
        let HeaderFile { number, issue_date, date_format, references, .. } = &self.document;
        for (fact, stated) in [
            ("number", number.is_some()),
            ("issue_date", issue_date.is_some()),
            ("shipment", references.contains_key("shipment")),
            ("order", references.contains_key("order")),
        ] {
            let column = columns.of_document().iter().any(|(name, column)| *name == fact && column.is_some());
            if stated && column {
                return Err(format!("{fact}: accepted is either a column or a fact under [document]"));
            }
            if fact == "number" && !stated && !column {
                return Err(
                    "document.number is missing; accepted is the number of the document, or columns.number".into()
                );
            }
        }
        let date_format = date_format.clone();
        let mut header = self.document.header()?;
        header.totals.money = money.map(|m| decimal("document, total", &m)).transpose()?;
        let (sheet, heading_row, number_lines) = (self.sheet, self.heading_row, self.number_lines);
        Ok(Mapping {
            kind,
            delimiter,
            decimal_point,
            sheet,
            heading_row,
            number_lines,
            date_format,
            header,
            columns,
            constants,
        })
    }
}

impl HeaderFile {
    fn header(self) -> Result<Header, String> {
        let format = self.date_format.as_deref();
        let date = |text: &String| {
            read_date(text, format).ok_or_else(|| {
                let accepted = format.unwrap_or("YYYY-MM-DD");
                format!("document.issue_date: {text:?} is not a date; accepted is {accepted}")
            })
        };
        let mass = |name: &str, figure: Option<Figure>| {
            let mass = |f: Figure| {
                let value = decimal(name, &f.value)?;
                Mass::new(value, &f.unit).map_err(|e| format!("document.{name}: {e}"))
            };
            figure.map(mass).transpose()
        };
        let country = |name: &str, code: Option<String>| {
            code.map(|c| Country::new(&c).map_err(|e| format!("{name}: {e}"))).transpose()
        };
        let ProductFile { description, hs, value, mass: product_mass } = self.product;
        let product = Product {
            description,
            hs: hs.map(|hs| HsCode::new(&hs).map_err(|e| format!("document.product.hs: {e}"))).transpose()?,
            value: value.map(|value| decimal("document.product.value", &value)).transpose()?,
            mass: mass("product.mass", product_mass)?,
        };
        let mut parties = BTreeMap::new();
        for (role, party) in self.parties {
            let country = country(&format!("document.parties.{role}"), party.country)?;
            let PartyFile { name, identifier, address, .. } = party;
            parties.insert(role, Party { name, identifier, address, country });
        }
        let currency = self.currency.map(|c| Currency::new(&c).map_err(|e| format!("document.currency: {e}")));
        Ok(Header {
            number: self.number.unwrap_or_default(),
            issue_date: self.issue_date.as_ref().map(date).transpose()?,
            currency: currency.transpose()?,
            export_country: country("document.export_country", self.export_country)?,
            import_country: country("document.import_country", self.import_country)?,
            totals: crate::document::Totals {
                gross_mass: mass("gross_mass", self.gross_mass)?,
                net_mass: mass("net_mass", self.net_mass)?,
                tare_mass: mass("tare_mass", self.tare_mass)?,
                verified_mass: mass("verified_mass", self.verified_mass)?,
                packages: self.packages,
                money: None,
            },
            product,
            parties,
            references: self.references,
        })
    }
}

/// A date in a mapping's format, or `YYYY-MM-DD`.
pub(in crate::import) fn read_date(text: &str, format: Option<&str>) -> Option<jiff::civil::Date> {
    match format {
        None => iso_date(text),
        Some(format) => jiff::civil::Date::strptime(format, text).ok(),
    }
}

fn decimal(name: &str, text: &str) -> Result<Decimal, String> {
    Decimal::read(text).map_err(|e| format!("{name}: {e}"))
}
