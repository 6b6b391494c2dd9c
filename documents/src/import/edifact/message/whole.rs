//! The message as a whole, once its last segment was read: totals, countries and counts against the goods lines.

use super::{Message, Parts};
use crate::{
    codes::Country,
    document::{Container, Line},
    error::{Fault, ImportError, Place},
    import::{
        edifact::{
            Read,
            consignment::{Consignment, Slot},
            report::Report,
        },
        tree::common,
    },
};

/// Equipment (8053) that is a container.
const CONTAINER: &str = "CN";

impl Message<'_, '_> {
    /// The document, once UNT was read.
    pub fn finish(mut self) -> Read<Parts> {
        self.close()?;
        let report = self.report;
        self.on_containers();
        let mut consignments = std::mem::take(&mut self.consignments);
        self.countries(&consignments);
        self.counts(&consignments);
        spread_origin(report, &self.whole, &mut self.lines)?;
        for consignment in &consignments {
            let lines = self.lines.get_mut(consignment.lines.clone()).unwrap_or_default();
            spread_origin(report, consignment, lines)?;
            consignment.check(report, lines)?;
        }
        self.whole.check(report, &self.lines)?;
        if let [only] = &mut consignments[..] {
            self.whole.absorb(only);
        }
        std::mem::take(&mut self.whole).enter(report, &mut self.header)?;
        let several = consignments.len() > 1;
        for consignment in consignments {
            if several {
                if let Some(place) = consignment.declares_value() {
                    report.warn_at(place.clone(), "a value of one consignment among several is left out");
                }
                if let Some(number) = &consignment.number {
                    report.drop("CNI".into(), number);
                }
                consignment.leave_out(report);
            } else {
                let number = consignment.number.clone();
                self.header.references.extend(number.map(|number| ("consignment".to_owned(), number)));
                consignment.enter(report, &mut self.header)?;
            }
        }
        Ok(Parts { header: self.header, lines: self.lines, places: self.places })
    }

    /// Goods that are placed on equipment which is no container.
    fn on_containers(&mut self) {
        for (line, place) in self.lines.iter_mut().zip(&self.places) {
            let Some(Container::Id(id)) = &line.container else { continue };
            if self.equipment.get(id).is_some_and(|kind| kind != CONTAINER) {
                self.report.warn_at(place.clone(), "goods on equipment that is no container: container is unknown");
                line.container = None;
            }
        }
    }

    /// Countries of export and import: the message's, or those that every consignment states alike.
    fn countries(&mut self, consignments: &[Consignment]) {
        let report = self.report;
        let of_all = |whole: &Slot<Country>, each: &dyn Fn(&Consignment) -> &Slot<Country>, fact: &str| {
            let mut all: Vec<&Slot<Country>> = consignments.iter().map(each).collect();
            if !matches!(whole, Slot::Unsaid) || all.is_empty() {
                // What the message says holds for consignments that say nothing.
                all.retain(|slot| !matches!(slot, Slot::Unsaid));
                all.push(whole);
            }
            let said = |slot: &&Slot<Country>| match slot {
                Slot::Said(country) => Some(*country),
                _ => None,
            };
            let found: Vec<Option<Country>> = all.iter().map(said).collect();
            let one = common(found);
            if one.is_none() && all.iter().any(|slot| !matches!(slot, Slot::Unsaid)) {
                report
                    .warn_at(Place::File, format!("{fact} is not one and the same of all consignments: it is unknown"));
            }
            one
        };
        self.header.export_country = of_all(&self.whole.export, &|c| &c.export, "export_country");
        self.header.import_country = of_all(&self.whole.import, &|c| &c.import, "import_country");
        let unknown = self.header.export_country.is_none() || self.header.import_country.is_none();
        if let Some(place) = self.port.take().filter(|_| unknown) {
            let text = "ports are where the voyage begins and ends, not countries of export and import: left out";
            report.warn_at(place, text);
        }
    }

    /// Counts that are in no column are told and no more.
    fn counts(&self, consignments: &[Consignment]) {
        let whole = (&self.whole, self.lines.len(), true);
        let each = consignments.iter().map(|c| (c, c.lines.len(), false));
        for (consignment, lines, whole) in std::iter::once(whole).chain(each) {
            for (code, figure, place) in &consignment.counts {
                let (found, what) = match code.as_str() {
                    "2" | "5" => (lines, "goods items"),
                    "10" if whole => (consignments.len().max(1), "consignments"),
                    "16" if whole => (self.equipment.len(), "pieces of equipment"),
                    _ => continue,
                };
                if figure.packages() != Ok(found as u64) {
                    let text = format!("CNT+{code} is {figure}, the message has {found} {what}");
                    self.report.warn_at(place.clone(), text);
                }
            }
        }
    }
}

/// The origin that a consignment states is that of its only goods item; it is not spread over several.
fn spread_origin(report: &Report<'_>, consignment: &Consignment, lines: &mut [Line]) -> Read<()> {
    let (Slot::Said(country), Some(place)) = (&consignment.origin, &consignment.origin_place) else {
        if let (Slot::Differs, Some(place)) = (&consignment.origin, &consignment.origin_place) {
            report.warn_at(place.clone(), "several countries of origin of a consignment: left out");
        }
        return Ok(());
    };
    match lines {
        [line] => match line.origin {
            Some(own) if own != *country => {
                let text =
                    format!("origin: the consignment says {country}, its only goods item {own}; accepted is one");
                let error: ImportError = report.fail_at(place.clone(), Fault::Contradiction(text));
                Err(error.on_line(Some(&line.id)))
            }
            _ => {
                line.origin = Some(*country);
                Ok(())
            }
        },
        _ => {
            let text = "the origin of a consignment is not spread over several goods items: left out";
            report.warn_at(place.clone(), text);
            Ok(())
        }
    }
}
