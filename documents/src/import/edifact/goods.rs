//! A goods item: what the segments of a GID group say of it.

use std::collections::BTreeSet;

use super::{Read, report::Report, segment::Seg};
use crate::{
    codes::{CodeError, Currency, Dangerous, HsCode},
    document::{Container, Line},
    error::{Fault, ImportError, Place},
    quantity::{Mass, shorten},
};

/// What MEA says a figure is for, of which masses of goods may be read: weights, a measurement, the weight of the item.
const PURPOSES: [&str; 3] = ["WT", "AAE", "AAI"];
/// Attributes that are the gross mass of the item, which UNTDED 6292 defines as without the carrier's equipment.
const GROSS: [&str; 3] = ["G", "AAB", "AAE"];
/// Attributes that are its net mass (UNTDED 6160).
const NET: [&str; 2] = ["N", "AAL"];
/// Attributes that may be the mass of one unit, of the whole consignment, or gross or net.
const UNSURE: [&str; 8] = ["", "AAA", "AAC", "AAD", "ABS", "U", "WT", "A"];
/// The list of 1131 whose codes name commodities for customs.
const COMMODITY: &str = "122";
/// The type of 7143 whose numbers are of the Harmonized System.
const HARMONIZED: &str = "HS";

/// A goods item being read.
pub(super) struct Goods {
    line: Line,
    place: Place,
    hs_differ: bool,
    /// Dangerous goods of which one has no UN number.
    unnumbered: bool,
    containers: BTreeSet<String>,
    /// Packages placed in them; nothing if a placement does not say how many.
    placed: Option<u64>,
}

impl Goods {
    /// Begins with GID. The packages are those of the first level; those of the second are inside them.
    pub fn begin(report: &Report<'_>, gid: &Seg<'_>, id: String) -> Read<Goods> {
        let packages = report.packages(gid, (1, 0)).map_err(|e| e.on_line(Some(&id)))?;
        let line = Line { id, packages, ..Line::default() };
        let containers = BTreeSet::new();
        Ok(Goods { line, place: gid.place(), hs_differ: false, unnumbered: false, containers, placed: Some(0) })
    }

    /// The identifier of the line.
    pub fn id(&self) -> &str {
        &self.line.id
    }

    /// FTX+AAA: all of them are the description.
    pub fn description(&mut self, ftx: &Seg<'_>) {
        let text = ftx.texts(3, " ");
        if text.is_empty() {
            return;
        }
        let description = self.line.description.get_or_insert_default();
        if !description.is_empty() {
            description.push(' ');
        }
        description.push_str(&text);
    }

    /// MEA: gross and net mass. What else is measured is not of a column.
    pub fn measurement(&mut self, report: &Report<'_>, mea: &Seg<'_>) -> Read<()> {
        let (purpose, attribute) = (mea.qualifier(), mea.peek(1, 0));
        let (slot, fact) = match attribute {
            a if GROSS.contains(&a) => (&mut self.line.gross_mass, "gross_mass"),
            a if NET.contains(&a) => (&mut self.line.net_mass, "net_mass"),
            a if UNSURE.contains(&a) && PURPOSES.contains(&purpose) => {
                if !(a.is_empty() && purpose == "AAE") {
                    let text =
                        format!("MEA+{purpose}+{a} does not say whether it is the item's gross or net mass: left out");
                    report.warn(mea, text);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if !PURPOSES.contains(&purpose) {
            report.warn(mea, format!("MEA+{}+{attribute} is no weight of goods: left out", shorten(purpose)));
            return Ok(());
        }
        let _ = mea.text(1, 0);
        let Some(found) = report.mass(mea, (2, 0), (2, 1), fact)? else { return Ok(()) };
        set_mass(report, mea, slot, found, fact)
    }

    /// PIA with numbers of the Harmonized System.
    pub fn product(&mut self, report: &Report<'_>, pia: &Seg<'_>) -> Read<()> {
        for element in 1..pia.elements() {
            if pia.peek(element, 1) == HARMONIZED {
                let _ = pia.text(element, 1);
                let found = report.code(pia, (element, 0), "hs", HsCode::new)?;
                self.add_hs(report, pia, found);
            }
        }
        Ok(())
    }

    /// CST: the first identity code, if its list is that of commodities or not named. Without a list, only what is an
    /// HS code by its form is one.
    pub fn customs(&mut self, report: &Report<'_>, cst: &Seg<'_>) -> Read<()> {
        match cst.peek(1, 1) {
            COMMODITY => {
                let _ = (cst.text(1, 1), cst.text(1, 2));
                let found = report.code(cst, (1, 0), "hs", HsCode::new)?;
                self.add_hs(report, cst, found);
            }
            "" if !cst.peek(1, 0).is_empty() => match HsCode::new(cst.peek(1, 0)) {
                Ok(code) => {
                    let _ = cst.text(1, 0);
                    self.add_hs(report, cst, Some(code));
                }
                Err(_) => report.warn(cst, "CST with a code of no list that is no HS code: left out"),
            },
            _ => {}
        }
        Ok(())
    }

    fn add_hs(&mut self, report: &Report<'_>, segment: &Seg<'_>, found: Option<HsCode>) {
        let Some(found) = found else { return };
        match &self.line.hs {
            Some(first) if first.groups() != found.groups() => {
                if !self.hs_differ {
                    report.warn(segment, "several HS codes for the same goods: hs is unknown");
                }
                self.hs_differ = true;
            }
            Some(_) => {}
            None => self.line.hs = Some(found),
        }
    }

    /// LOC+27.
    pub fn origin(&mut self, report: &Report<'_>, loc: &Seg<'_>) -> Read<()> {
        let Some(found) = report.country(loc, "origin")? else { return Ok(()) };
        match self.line.origin.replace(found) {
            Some(first) if first != found => {
                let text = format!("origin: {first} and {found} for one goods item; accepted is one");
                Err(report.fail(loc, Fault::Contradiction(text)))
            }
            _ => Ok(()),
        }
    }

    /// DGS. An item without is not declared to be free of danger.
    pub fn dangerous(&mut self, report: &Report<'_>, dgs: &Seg<'_>) -> Read<()> {
        let un = |text: &str| -> Result<Dangerous, CodeError> {
            Dangerous::un(text.strip_prefix("UN").unwrap_or(text).trim_start())
        };
        let Some(found) = report.code(dgs, (2, 0), "dangerous", un)? else {
            report.warn(dgs, "dangerous goods without a UN number: dangerous is unknown");
            self.unnumbered = true;
            return Ok(());
        };
        match self.line.dangerous.replace(found) {
            Some(first) if first != found => {
                Err(report.fail(dgs, Fault::TwoUnNumbers(first.to_string(), found.to_string())))
            }
            _ => Ok(()),
        }
    }

    /// SGP: the equipment that packages of the item are in, and how many.
    pub fn placement(&mut self, report: &Report<'_>, sgp: &Seg<'_>) -> Read<()> {
        let Some(id) = report.said(sgp, (0, 0), "container") else { return Ok(()) };
        let packages = report.packages(sgp, (1, 0))?;
        self.containers.insert(id);
        self.placed = self.placed.zip(packages).map(|(sum, more)| sum.saturating_add(more));
        Ok(())
    }

    /// MOA of the kind that values lines.
    pub fn value(&mut self, report: &Report<'_>, moa: &Seg<'_>, default: Option<Currency>) -> Read<Option<Currency>> {
        let Some(found) = report.amount(moa, default)? else { return Ok(None) };
        match self.line.money.replace(found.value.clone()) {
            Some(first) if first.value() != found.value.value() => {
                let text = format!("value: {first} and {} for one goods item; accepted is one", found.value);
                Err(report.fail(moa, Fault::Contradiction(text)))
            }
            _ => Ok(Some(found.currency)),
        }
    }

    /// The line and its place.
    pub fn finish(mut self, report: &Report<'_>) -> Read<(Line, Place)> {
        if self.hs_differ {
            self.line.hs = None;
        }
        if self.unnumbered {
            self.line.dangerous = None;
        }
        let placed = self.placed.zip(self.line.packages).filter(|_| !self.containers.is_empty());
        if let Some((placed, packages)) = placed.filter(|(placed, packages)| placed > packages) {
            let text = format!(
                "packages: {placed} are placed in containers, the goods item has {packages}; accepted are no more"
            );
            let error: ImportError = report.fail_at(self.place, Fault::Contradiction(text));
            return Err(error.on_line(Some(&self.line.id)));
        }
        if self.containers.len() > 1 {
            report.warn_at(self.place.clone(), "goods in several containers: container is unknown");
        } else if placed.is_some_and(|(placed, packages)| placed < packages) {
            let text = "only some of the packages of goods are placed in a container: container is unknown";
            report.warn_at(self.place.clone(), text);
        } else {
            self.line.container = self.containers.pop_first().map(Container::Id);
        }
        Ok((self.line, self.place))
    }
}

/// Sets a mass that is stated once, or twice alike.
pub(super) fn set_mass(
    report: &Report<'_>,
    segment: &Seg<'_>,
    slot: &mut Option<Mass>,
    found: Mass,
    fact: &str,
) -> Read<()> {
    match slot {
        Some(first) if first.grams() != found.grams() => {
            let text = format!("{fact}: {first} and {found} for the same goods; accepted is one");
            Err(report.fail(segment, Fault::Contradiction(text)))
        }
        Some(_) => Ok(()),
        None => {
            *slot = Some(found);
            Ok(())
        }
    }
}
