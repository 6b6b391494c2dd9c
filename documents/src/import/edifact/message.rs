//! A message, segment by segment: which group each stands in, and so what it speaks of.
//!
//! The order of groups is that of the directories. A segment means what its group is about: MEA behind GID is the
//! goods', behind SGP it is what is placed in a container, behind EQD the container's own. IFTMCS is one consignment,
//! whose facts stand in the message itself; CUSCAR has one a CNI, or one a bill of lading (RFF) where a CNI holds
//! several.

mod whole;

use std::collections::BTreeMap;

use super::{Read, consignment::Consignment, goods::Goods, report::Report, segment::Seg};
use crate::{
    codes::Currency,
    document::{Header, Line},
    error::{Fault, Place},
    import::iso_date,
    profile::Kind,
    quantity::shorten,
};

/// Functions of a message (1225) that say the whole document: replace, confirmation, duplicate, original, copy,
/// additional transmission; none is an original.
const WHOLE: [&str; 7] = ["", "5", "6", "7", "9", "31", "43"];
/// References (1153) that name a transport document, and so begin a consignment of their own behind goods.
const BILLS: [&str; 5] = ["BM", "BH", "MB", "AAM", "AAS"];

/// Bytes that a consignment or goods item has at least, where there are more of them than are read in any case: GID with
/// packages, what they are and what they weigh.
const LEAST: usize = 40;
const FREE: usize = 20_000;

/// The messages that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    CargoReport,
    ContractStatus,
}

impl Kinds {
    /// The message of this type (0065).
    pub fn of(name: &str) -> Option<Kinds> {
        match name {
            "CUSCAR" => Some(Kinds::CargoReport),
            "IFTMCS" => Some(Kinds::ContractStatus),
            _ => None,
        }
    }

    /// The kind of MOA (5025) that values lines, and what it is: customs value, declared value for carriage.
    fn value(self) -> (&'static str, &'static str) {
        match self {
            Kinds::CargoReport => ("40", "customs value"),
            Kinds::ContractStatus => ("44", "declared value for carriage"),
        }
    }
}

/// A type of message and the format it is in.
pub(super) struct Type {
    pub kind: Kinds,
    pub format: String,
}

/// What segments speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Message,
    Consignment,
    Goods,
    Equipment,
}

/// The group within the scope that a segment stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// None that changes what a segment means.
    None,
    Transport,
    Party,
    Danger,
    Other,
}

fn group_of(tag: &str) -> Option<Group> {
    match tag {
        "TDT" => Some(Group::Transport),
        "NAD" => Some(Group::Party),
        "DGS" => Some(Group::Danger),
        "SGP" | "TCC" | "CPI" | "TPL" | "GDS" | "GOR" | "DOC" | "QTY" | "AUT" => Some(Group::Other),
        _ => None,
    }
}

/// A document that is not yet checked, with the place of each line.
pub(super) struct Parts {
    pub header: Header,
    pub lines: Vec<Line>,
    pub places: Vec<Place>,
}

/// A message being read.
pub(super) struct Message<'r, 'a> {
    report: &'r Report<'a>,
    kind: Type,
    scope: Scope,
    group: Group,
    /// Whether any group began: then a date is of that group.
    grouped: bool,
    begun: bool,
    header: Header,
    whole: Consignment,
    consignments: Vec<Consignment>,
    goods: Option<Goods>,
    lines: Vec<Line>,
    places: Vec<Place>,
    /// Consignments and goods items so far, and bytes of the file.
    groups: usize,
    size: usize,
    /// Equipment by identifier: its type.
    equipment: BTreeMap<String, String>,
    /// Where a port is first named.
    port: Option<Place>,
}

impl<'r, 'a> Message<'r, 'a> {
    /// A message in a file of so many bytes.
    pub fn new(report: &'r Report<'a>, kind: Type, size: usize) -> Self {
        Message {
            report,
            kind,
            scope: Scope::Message,
            group: Group::None,
            grouped: false,
            begun: false,
            header: Header::default(),
            whole: Consignment::default(),
            consignments: Vec::new(),
            goods: None,
            lines: Vec::new(),
            places: Vec::new(),
            groups: 0,
            size,
            equipment: BTreeMap::new(),
            port: None,
        }
    }

    /// Kind of the document that the message becomes.
    pub fn kind(&self) -> Kind {
        match self.kind.kind {
            Kinds::CargoReport => Kind::CargoManifest,
            Kinds::ContractStatus => Kind::BillOfLading,
        }
    }

    pub fn format(&self) -> &str {
        &self.kind.format
    }

    fn is(&self, kind: Kinds) -> bool {
        self.kind.kind == kind
    }

    /// What the facts of the consignment are of: the open one, or the message.
    fn current(&mut self) -> &mut Consignment {
        self.consignments.last_mut().unwrap_or(&mut self.whole)
    }

    /// Reads the next segment.
    pub fn read(&mut self, segment: &Seg<'_>) -> Read<()> {
        let report = self.report;
        if segment.repeats() {
            let text = format!("{} with a repeated data element, which is not read", shorten(segment.tag()));
            return Err(report.fail(segment, Fault::Edifact(text)));
        }
        let line = self.goods.as_ref().map(|goods| goods.id().to_owned());
        match segment.tag() {
            "BGM" => self.beginning(segment)?,
            "CNI" if self.is(Kinds::CargoReport) => {
                self.close()?;
                self.count(segment)?;
                let _ = segment.text(0, 0);
                self.consignment(report.said(segment, (1, 0), "consignment"));
            }
            "GID" => self.item(segment)?,
            "EQD" => self.equipped(segment)?,
            "RFF" if self.begins_bill(segment) => {
                self.close()?;
                self.count(segment)?;
                self.consignment(None);
                self.current().reference(report, segment);
            }
            _ => match self.scope {
                Scope::Goods => self.of_goods(segment).map_err(|e| e.on_line(line.as_deref()))?,
                Scope::Message | Scope::Consignment => self.of_consignment(segment)?,
                Scope::Equipment => self.of_equipment(segment)?,
            },
        }
        let tag = segment.tag();
        if let Some(group) = group_of(tag) {
            self.group = group;
        }
        self.grouped |= group_of(tag).is_some() || matches!(tag, "RFF" | "LOC" | "TOD" | "EQD");
        let within = match self.scope {
            Scope::Message => "",
            Scope::Consignment if tag == "CNI" => "",
            Scope::Consignment => "CNI/",
            Scope::Goods if tag == "GID" => "",
            Scope::Goods => "GID/",
            Scope::Equipment if tag == "EQD" => "",
            Scope::Equipment => "EQD/",
        };
        report.unread(within, segment);
        Ok(())
    }

    fn enter(&mut self, scope: Scope) {
        self.scope = scope;
        self.group = Group::None;
        self.grouped = true;
    }

    /// BGM: number and function of the message.
    fn beginning(&mut self, bgm: &Seg<'_>) -> Read<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Err(self.report.fail(bgm, Fault::Repeated("BGM".into())));
        }
        let function = bgm.text(2, 0);
        if !WHOLE.contains(&function.as_str()) {
            return Err(self.report.fail(bgm, Fault::MessageFunction { found: shorten(&function) }));
        }
        self.header.number = self.report.said(bgm, (1, 0), "number").unwrap_or_default();
        Ok(())
    }

    /// Counts a group that is kept until the message ends.
    fn count(&mut self, segment: &Seg<'_>) -> Read<()> {
        self.groups += 1;
        match Fault::hollow(self.groups, self.size, FREE, LEAST) {
            Some(hollow) => Err(self.report.fail(segment, hollow)),
            None => Ok(()),
        }
    }

    /// Opens a consignment.
    fn consignment(&mut self, number: Option<String>) {
        let lines = self.lines.len()..self.lines.len();
        self.consignments.push(Consignment::new(number, lines));
        self.enter(Scope::Consignment);
    }

    /// Whether RFF begins a further bill of lading within a CNI: it names one behind goods.
    fn begins_bill(&self, rff: &Seg<'_>) -> bool {
        let behind = matches!(self.scope, Scope::Goods | Scope::Equipment) && !self.consignments.is_empty();
        self.is(Kinds::CargoReport) && behind && BILLS.contains(&rff.qualifier())
    }

    /// Closes the goods item that is open.
    fn close(&mut self) -> Read<()> {
        if let Some(goods) = self.goods.take() {
            let (line, place) = goods.finish(self.report)?;
            self.lines.push(line);
            self.places.push(place);
        }
        let lines = self.lines.len();
        self.current().lines.end = lines;
        Ok(())
    }

    /// GID: a goods line. In a cargo report its number is unique within the consignment.
    fn item(&mut self, gid: &Seg<'_>) -> Read<()> {
        self.close()?;
        self.count(gid)?;
        if self.is(Kinds::CargoReport) && self.consignments.is_empty() {
            return Err(self.report.fail(gid, Fault::Edifact("GID before any CNI".into())));
        }
        let place = self.lines.len() - self.current().lines.start + 1;
        let number = self.report.said(gid, (0, 0), "id").unwrap_or_else(|| place.to_string());
        let id = match self.kind.kind {
            Kinds::CargoReport => format!("{}.{number}", self.consignments.len()),
            Kinds::ContractStatus => number,
        };
        self.goods = Some(Goods::begin(self.report, gid, id)?);
        self.enter(Scope::Goods);
        Ok(())
    }

    /// EQD: equipment, of which only the type is read; its masses are of the equipment, with tare or without.
    fn equipped(&mut self, eqd: &Seg<'_>) -> Read<()> {
        self.close()?;
        let kind = eqd.peek(0, 0).to_owned();
        if let Some(id) = self.report.said(eqd, (1, 0), "container") {
            self.equipment.insert(id, kind);
        }
        self.enter(Scope::Equipment);
        Ok(())
    }

    fn of_goods(&mut self, segment: &Seg<'_>) -> Read<()> {
        let (report, group) = (self.report, self.group);
        let Some(goods) = &mut self.goods else { return Ok(()) };
        match segment.tag() {
            "FTX" if group == Group::None && segment.qualifier() == "AAA" => goods.description(segment),
            "MEA" if group == Group::None => goods.measurement(report, segment)?,
            "MEA" => report.warn(segment, "MEA of what is placed or dangerous among goods: left out"),
            "PIA" => goods.product(report, segment)?,
            "CST" => goods.customs(report, segment)?,
            "LOC" if group == Group::None && segment.qualifier() == "27" => goods.origin(report, segment)?,
            "DGS" => goods.dangerous(report, segment)?,
            // In IFTMCS, behind DGS, it places the dangerous goods of the item.
            "SGP" if self.kind.kind == Kinds::ContractStatus && group == Group::Danger => {}
            "SGP" => goods.placement(report, segment)?,
            "MOA" if group == Group::None => return self.item_value(segment),
            "CNT" => report.warn(segment, "CNT behind goods items may be a consignment's or the message's: left out"),
            _ => {}
        }
        Ok(())
    }

    fn item_value(&mut self, moa: &Seg<'_>) -> Read<()> {
        let (basis, name) = self.kind.kind.value();
        if moa.qualifier() != basis {
            let code = shorten(moa.qualifier());
            let text = format!("MOA+{code} of a goods item is left out: lines are valued by MOA+{basis} ({name})");
            self.report.warn(moa, text);
            return Ok(());
        }
        let default = self.consignments.last().and_then(|c| c.currency).or(self.whole.currency);
        let Some(goods) = &mut self.goods else { return Ok(()) };
        let currency = goods.value(self.report, moa, default)?;
        self.one_currency(moa, currency)
    }

    /// All values have one currency.
    fn one_currency(&mut self, moa: &Seg<'_>, found: Option<Currency>) -> Read<()> {
        let Some(found) = found else { return Ok(()) };
        let other = *self.header.currency.get_or_insert(found);
        if other == found {
            return Ok(());
        }
        let (found, other) = (found.to_string(), other.to_string());
        Err(self.report.fail(moa, Fault::TwoCurrencies { fact: "value", found, other }))
    }

    fn of_consignment(&mut self, segment: &Seg<'_>) -> Read<()> {
        let (report, group) = (self.report, self.group);
        match (segment.tag(), segment.qualifier()) {
            ("DTM", "137") if self.scope == Scope::Message && !self.grouped => self.issued(segment)?,
            ("CUX", "2") if group == Group::None => {
                let found = report.code(segment, (0, 1), "currency", Currency::new)?;
                self.current().currency = found;
            }
            ("CNT", _) => self.current().total(report, segment)?,
            ("MOA", code) if group == Group::None => {
                let (basis, name) = self.kind.kind.value();
                if code == basis {
                    let default = self.consignments.last().and_then(|c| c.currency).or(self.whole.currency);
                    let currency = self.current().value(report, segment, default)?;
                    return self.one_currency(segment, currency);
                }
                let code = shorten(code);
                report.warn(segment, format!("a total MOA+{code} is left out: values are by MOA+{basis} ({name})"));
            }
            ("LOC", "9" | "11") => self.port = self.port.take().or_else(|| Some(segment.place())),
            ("LOC", code @ ("27" | "35" | "36")) if group == Group::None => {
                let fact = match code {
                    "27" => "origin",
                    "35" => "export_country",
                    _ => "import_country",
                };
                let Some(found) = report.country(segment, fact)? else { return Ok(()) };
                let current = self.current();
                match code {
                    "27" => {
                        current.origin.add(found);
                        current.origin_place = Some(segment.place());
                    }
                    "35" => current.export.add(found),
                    _ => current.import.add(found),
                }
            }
            ("NAD", _) => self.current().party(report, segment)?,
            ("RFF", _) if !matches!(group, Group::Transport | Group::Party) => {
                self.current().reference(report, segment)
            }
            _ => {}
        }
        Ok(())
    }

    /// Behind EQD only a total of the message is none of the equipment's.
    fn of_equipment(&mut self, segment: &Seg<'_>) -> Read<()> {
        match segment.tag() {
            "CNT" if self.lines.is_empty() && self.consignments.is_empty() => self.whole.total(self.report, segment),
            "CNT" => {
                let text = "CNT behind goods items may be a consignment's or the message's: left out";
                self.report.warn(segment, text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// DTM+137: the day of the document, with its century.
    fn issued(&mut self, dtm: &Seg<'_>) -> Read<()> {
        let Some(found) = self.report.said(dtm, (0, 1), "issue_date") else { return Ok(()) };
        let length = match dtm.text(0, 2).as_str() {
            "102" => Some(8),
            "203" => Some(12),
            "204" => Some(14),
            _ => None,
        };
        let form = Some(found.len()) == length && found.bytes().all(|b| b.is_ascii_digit());
        let day = || iso_date(&format!("{}-{}-{}", found.get(..4)?, found.get(4..6)?, found.get(6..8)?));
        let accepted = "CCYYMMDD in the formats 102, 203 and 204";
        let fault = || Fault::Date { fact: "issue_date", found: shorten(&found), accepted: accepted.into() };
        let day = form.then(day).flatten().ok_or_else(|| self.report.fail(dtm, fault()))?;
        match self.header.issue_date.replace(day) {
            Some(first) if first != day => Err(self.report.fail(dtm, Fault::Repeated("DTM+137".into()))),
            _ => Ok(()),
        }
    }
}
