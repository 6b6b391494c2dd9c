//! What is said of a consignment as a whole, or of the message: parties, references, countries, totals.

use std::{collections::BTreeMap, ops::Range};

use bigdecimal::BigDecimal;

use super::{Read, goods::set_mass, report::Report, segment::Seg};
use crate::{
    codes::{Country, Currency},
    document::{Header, Line, Party, exact_sum},
    error::{Fault, Place},
    import::tree::Amount,
    quantity::{Decimal, Mass, round_to_gram},
};

/// Qualifiers of NAD (3035) and the roles they stand for.
const PARTIES: [(&str, &str); 14] = [
    ("CZ", "consignor"),
    ("CN", "consignee"),
    ("N1", "notify"),
    ("N2", "notify"),
    ("NI", "notify"),
    ("CA", "carrier"),
    ("CG", "carriers_agent"),
    ("FW", "forwarder"),
    ("EX", "exporter"),
    ("IM", "importer"),
    ("SE", "seller"),
    ("BY", "buyer"),
    ("SU", "supplier"),
    ("DP", "delivery"),
];

/// Qualifiers of RFF (1153) and the references they stand for.
const REFERENCES: [(&str, &str); 6] = [
    ("BM", "bill_of_lading"),
    ("BN", "booking"),
    ("ON", "order"),
    ("IV", "invoice"),
    ("SI", "shipment"),
    ("VON", "voyage"),
];

/// A fact that may be said once.
#[derive(Default)]
pub(super) enum Slot<T> {
    #[default]
    Unsaid,
    Said(T),
    /// Said twice and differently.
    Differs,
}

impl<T: PartialEq> Slot<T> {
    pub fn add(&mut self, found: T) {
        *self = match std::mem::take(self) {
            Slot::Unsaid => Slot::Said(found),
            Slot::Said(first) if first == found => Slot::Said(first),
            _ => Slot::Differs,
        };
    }
}

/// Totals that CNT and MOA declare, and where.
#[derive(Default)]
pub(super) struct Declared {
    masses: [Option<Mass>; 2],
    packages: Option<u64>,
    money: Option<Decimal>,
    places: BTreeMap<&'static str, Place>,
}

/// A consignment, or the message.
#[derive(Default)]
pub(super) struct Consignment {
    /// Number of the transport document in CNI.
    pub number: Option<String>,
    /// Currency of amounts that state none.
    pub currency: Option<Currency>,
    pub export: Slot<Country>,
    pub import: Slot<Country>,
    pub origin: Slot<Country>,
    /// Where the origin is stated.
    pub origin_place: Option<Place>,
    pub declared: Declared,
    /// Counts of things that are in no column: the code of CNT, the figure, the place.
    pub counts: Vec<(String, Decimal, Place)>,
    parties: Vec<(&'static str, Party)>,
    references: BTreeMap<&'static str, Slot<String>>,
    /// What is dropped if the consignment is one of several.
    told: Vec<(String, String)>,
    /// Its goods lines.
    pub lines: Range<usize>,
}

impl Consignment {
    /// One whose goods begin here.
    pub fn new(number: Option<String>, lines: Range<usize>) -> Consignment {
        Consignment { number, lines, ..Consignment::default() }
    }

    /// NAD.
    pub fn party(&mut self, report: &Report<'_>, nad: &Seg<'_>) -> Read<()> {
        let Some((qualifier, role)) = PARTIES.iter().find(|(code, _)| *code == nad.qualifier()) else { return Ok(()) };
        let fact = "party";
        let identifier = report.said(nad, (1, 0), fact);
        let lines: Vec<String> = (0..5).map(|i| nad.text(2, i)).filter(|text| !text.is_empty()).collect();
        let (mut name, mut address) = (Some(nad.texts(3, " ")).filter(|text| !text.is_empty()), Vec::new());
        let mut lines = lines.into_iter();
        // Without a structured name, the first line of the unstructured address is one.
        if name.is_none() {
            name = lines.next();
        }
        address.extend(lines);
        let region = [nad.text(6, 0), nad.text(6, 3)].into_iter().filter(|text| !text.is_empty());
        let region = region.collect::<Vec<_>>().join(" ");
        let parts = [nad.texts(4, ", "), nad.text(7, 0), nad.text(5, 0), region];
        address.extend(parts.into_iter().filter(|text| !text.is_empty()));
        let country = nad.text(8, 0);
        let known = Country::new(&country).ok();
        if known.is_none() && !country.is_empty() {
            address.push(country);
        }
        let address = Some(address.join(", ")).filter(|text| !text.is_empty());
        let party = Party { name, identifier, address, country: known };
        if party != Party::default() {
            let words = party.name.as_deref().or(party.identifier.as_deref()).unwrap_or_default();
            self.told.push((format!("CNI/NAD+{qualifier}"), words.to_owned()));
            self.parties.push((role, party));
        }
        Ok(())
    }

    /// RFF.
    pub fn reference(&mut self, report: &Report<'_>, rff: &Seg<'_>) {
        let Some((code, name)) = REFERENCES.iter().find(|(code, _)| *code == rff.qualifier()) else { return };
        let Some(text) = report.said(rff, (0, 1), name) else { return };
        self.told.push((format!("CNI/RFF+{code}"), text.clone()));
        self.references.entry(name).or_default().add(text);
    }

    /// CNT of a total that is in a column.
    pub fn total(&mut self, report: &Report<'_>, cnt: &Seg<'_>) -> Read<()> {
        let code = cnt.qualifier();
        let (slot, fact) = match code {
            "7" => (0, "gross_mass"),
            "29" => (1, "net_mass"),
            "11" => {
                let Some(found) = report.packages(cnt, (0, 1))? else { return Ok(()) };
                if self.declared.packages.replace(found).is_some_and(|first| first != found) {
                    return Err(report.fail(cnt, Fault::Repeated("CNT+11".into())));
                }
                self.declared.places.insert("packages", cnt.place());
                return Ok(());
            }
            "2" | "5" | "10" | "16" => {
                let figure = report.decimal(cnt, (0, 1), "CNT")?;
                self.counts.extend(figure.map(|figure| (code.to_owned(), figure, cnt.place())));
                return Ok(());
            }
            "8" => {
                report.warn(cnt, "CNT+8 counts pieces, not packages: left out");
                return Ok(());
            }
            "17" => {
                report.warn(cnt, "CNT+17 is a value in no currency: left out");
                return Ok(());
            }
            _ => return Ok(()),
        };
        if cnt.peek(0, 2).is_empty() {
            report.warn(cnt, format!("CNT+{code} has no unit: left out"));
            return Ok(());
        }
        let Some(found) = report.mass(cnt, (0, 2), (0, 1), fact)? else { return Ok(()) };
        self.declared.places.insert(fact, cnt.place());
        set_mass(report, cnt, &mut self.declared.masses[slot], found, fact)
    }

    /// MOA of the kind that values lines; returns its currency.
    pub fn value(&mut self, report: &Report<'_>, moa: &Seg<'_>, default: Option<Currency>) -> Read<Option<Currency>> {
        let Some(Amount { value, currency }) = report.amount(moa, default)? else { return Ok(None) };
        if let Some(first) = self.declared.money.as_ref().filter(|first| first.value() != value.value()) {
            let text = format!("value: totals of {first} and {value}; accepted is one");
            return Err(report.fail(moa, Fault::Contradiction(text)));
        }
        self.declared.places.insert("value", moa.place());
        self.declared.money = Some(value);
        Ok(Some(currency))
    }

    /// The declared totals against the lines they are of: equal where every line has the fact, else no less.
    pub fn check(&self, report: &Report<'_>, lines: &[Line]) -> Read<()> {
        let gram = |sum: BigDecimal| round_to_gram(&sum).map_or(u128::MAX, u128::from);
        for (mass, fact) in self.declared.masses.iter().zip(["gross_mass", "net_mass"]) {
            let Some(declared) = mass else { continue };
            let of: Vec<_> = lines.iter().map(|line| line.mass(fact).map(Mass::exact_grams)).collect();
            let whole = of.iter().all(Option::is_some);
            let sum = gram(exact_sum(of.into_iter().flatten()));
            let (found, unit) = (u128::from(declared.grams()), "g");
            self.agree(report, fact, (found, sum, whole), &declared.to_string(), unit)?;
        }
        if let Some(declared) = self.declared.packages {
            let sum = lines.iter().filter_map(|line| line.packages).map(u128::from).sum();
            let whole = lines.iter().all(|line| line.packages.is_some());
            let of = (u128::from(declared), sum, whole);
            self.agree(report, "packages", of, &declared.to_string(), "packages")?;
        }
        if let Some(declared) = &self.declared.money {
            let sum = exact_sum(lines.iter().filter_map(|line| line.money.as_ref()).map(Decimal::value));
            let whole = lines.iter().all(|line| line.money.is_some());
            if if whole { sum != declared.value() } else { sum > declared.value() } {
                let lines = sum.normalized().to_plain_string();
                return Err(self.disagreement(report, "value", &declared.to_string(), &lines));
            }
        }
        Ok(())
    }

    fn agree(
        &self,
        report: &Report<'_>,
        fact: &'static str,
        (declared, sum, whole): (u128, u128, bool),
        written: &str,
        unit: &str,
    ) -> Read<()> {
        match if whole { sum == declared } else { sum <= declared } {
            true => Ok(()),
            false => Err(self.disagreement(report, fact, written, &format!("{sum} {unit}"))),
        }
    }

    fn disagreement(&self, report: &Report<'_>, fact: &str, declared: &str, lines: &str) -> crate::error::ImportError {
        let text =
            format!("{fact}: the declared total is {declared}, the lines make {lines}; accepted are totals that agree");
        let place = self.declared.places.get(fact).cloned().unwrap_or(Place::File);
        report.fail_at(place, Fault::Contradiction(text))
    }

    /// Whether a total of money is declared.
    pub fn declares_value(&self) -> Option<&Place> {
        self.declared.money.as_ref().and(self.declared.places.get("value"))
    }

    /// Takes over the parties and references of the only consignment of the message.
    pub fn absorb(&mut self, only: &mut Consignment) {
        for (role, party) in only.parties.drain(..) {
            // The header's few parties are looked at for each.
            let said = self.parties.iter().take(16).any(|(known, other)| (*known, other) == (role, &party));
            if !said {
                self.parties.push((role, party));
            }
        }
        for (name, slot) in std::mem::take(&mut only.references) {
            let own = self.references.entry(name).or_default();
            match slot {
                Slot::Said(text) => own.add(text),
                Slot::Unsaid => {}
                Slot::Differs => *own = Slot::Differs,
            }
        }
    }

    /// Puts parties, references and totals into the header; what the header has already must be the same.
    pub fn enter(self, report: &Report<'_>, header: &mut Header) -> Read<()> {
        for (name, slot) in self.references {
            match slot {
                Slot::Said(text) => {
                    header.references.entry(name.to_owned()).or_insert(text);
                }
                _ => report.warn_at(Place::File, format!("several references of the kind {name}: left out")),
            }
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (role, party) in self.parties {
            // Of several in one role, the second has a number behind its role.
            let count = counts.entry(role).or_default();
            *count += 1;
            let numbered = if *count == 1 { role.to_owned() } else { format!("{role}_{count}") };
            header.parties.entry(numbered).or_insert(party);
        }
        let [gross, net] = self.declared.masses;
        let totals = &mut header.totals;
        let places = &self.declared.places;
        for (slot, found, fact) in
            [(&mut totals.gross_mass, gross, "gross_mass"), (&mut totals.net_mass, net, "net_mass")]
        {
            match (&*slot, &found) {
                (Some(first), Some(found)) if first.grams() != found.grams() => {
                    let text =
                        format!("{fact}: {first} in the header, {found} of its only consignment; accepted is one");
                    let place = places.get(fact).cloned().unwrap_or(Place::File);
                    return Err(report.fail_at(place, Fault::Contradiction(text)));
                }
                (None, Some(_)) => *slot = found,
                _ => {}
            }
        }
        if let (Some(first), Some(found)) = (totals.packages, self.declared.packages)
            && first != found
        {
            let text = format!("packages: {first} in the header, {found} of its only consignment; accepted is one");
            let place = places.get("packages").cloned().unwrap_or(Place::File);
            return Err(report.fail_at(place, Fault::Contradiction(text)));
        }
        totals.packages = totals.packages.or(self.declared.packages);
        totals.money = totals.money.take().or(self.declared.money);
        Ok(())
    }

    /// Drops what is said of one consignment among several.
    pub fn leave_out(self, report: &Report<'_>) {
        for (name, value) in self.told {
            report.drop(name, &value);
        }
    }
}
