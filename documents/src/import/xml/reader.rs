//! Reading facts out of XML elements, with the place of each, and keeping account of what was not read.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

use roxmltree::{Document as Xml, Node, NodeId};

use crate::{
    codes::{CodeError, Country, Currency, Dangerous, HsCode, Unit},
    document::{Header, Line, Party},
    error::{Fault, ImportError, Place},
    import::{
        Warning, collapse,
        dropped::Dropped,
        facts::{self, is_placeholder},
        iso_date,
    },
    quantity::{Decimal, Mass, QuantityError, shorten},
};

/// An element.
pub(super) type Element<'a> = Node<'a, 'a>;
pub(super) type Read<T> = Result<T, ImportError>;

/// A document that is not yet checked, with the element of each line.
pub(super) struct Parts<'a> {
    pub header: Header,
    pub lines: Vec<Line>,
    pub nodes: Vec<Element<'a>>,
}

/// An amount of money in its currency.
#[derive(Clone)]
pub(super) struct Amount<'a> {
    pub value: Decimal,
    pub currency: Currency,
    pub node: Element<'a>,
}

/// What is known of one kind of warning: where it first applies and how often.
struct Warned {
    first: usize,
    times: usize,
}

/// A file being read.
pub(super) struct Reader<'a> {
    file: &'a str,
    xml: &'a Xml<'a>,
    namespaces: &'static [&'static str],
    used: RefCell<HashSet<NodeId>>,
    warned: RefCell<BTreeMap<String, Warned>>,
}

impl<'a> Reader<'a> {
    /// Reads elements of these namespaces, and no others.
    pub fn new(file: &'a str, xml: &'a Xml<'a>, namespaces: &'static [&'static str]) -> Reader<'a> {
        Reader { file, xml, namespaces, used: RefCell::default(), warned: RefCell::default() }
    }

    pub fn fail(&self, node: Element<'_>, fault: impl Into<Fault>) -> ImportError {
        ImportError::new(self.file, self.place(node.range().start), fault)
    }

    fn place(&self, offset: usize) -> Place {
        super::scan::place(self.xml.input_text(), offset)
    }

    /// Warns that a fact was left out. Equal warnings are counted, so `text` says nothing of a single line.
    pub fn warn(&self, node: Element<'_>, text: impl Into<String>) {
        let first = node.range().start;
        let mut warned = self.warned.borrow_mut();
        warned.entry(text.into()).and_modify(|w| w.times += 1).or_insert(Warned { first, times: 1 });
    }

    /// The warnings, in the order of the file.
    pub fn warnings(&self) -> Vec<Warning> {
        let warned = self.warned.borrow();
        let mut sorted: Vec<_> = warned.iter().collect();
        sorted.sort_by_key(|(_, w)| w.first);
        let text = |text: &str, times| if times == 1 { text.to_owned() } else { format!("{text} ({times} times)") };
        sorted.iter().map(|(t, w)| Warning { place: self.place(w.first), text: text(t, w.times) }).collect()
    }

    /// The child elements of this name: in neither syntax do two namespaces share a name.
    pub fn children(&self, node: Element<'a>, name: &'static str) -> impl Iterator<Item = Element<'a>> {
        node.children().filter(move |child| {
            let tag = child.tag_name();
            child.is_element() && tag.name() == name && tag.namespace().is_some_and(|n| self.namespaces.contains(&n))
        })
    }

    /// The one child element of this name.
    pub fn child(&self, node: Element<'a>, name: &'static str) -> Read<Option<Element<'a>>> {
        let mut children = self.children(node, name);
        let first = children.next();
        match children.next() {
            Some(second) => Err(self.fail(second, Fault::Repeated(name.into()))),
            None => Ok(first),
        }
    }

    /// The one element at the end of a path of names.
    pub fn at(&self, node: Element<'a>, path: &[&'static str]) -> Read<Option<Element<'a>>> {
        let mut node = Some(node);
        for name in path {
            let Some(parent) = node else { break };
            node = self.child(parent, name)?;
        }
        Ok(node)
    }

    /// The text of an element, read and so not dropped; white space collapsed.
    pub fn text(&self, node: Element<'a>) -> String {
        self.used.borrow_mut().insert(node.id());
        self.peek(node)
    }

    /// The text of an element that stays among the dropped.
    pub fn peek(&self, node: Element<'a>) -> String {
        let texts = node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text());
        collapse(&texts.collect::<String>())
    }

    /// The text at the end of a path; an element without text, or with a placeholder, says nothing.
    pub fn text_at(&self, node: Element<'a>, path: &[&'static str]) -> Read<Option<String>> {
        let Some(node) = self.at(node, path)? else { return Ok(None) };
        let text = self.text(node);
        let fact = path.last().copied().unwrap_or_default();
        Ok(Some(text).filter(|text| !text.is_empty() && !self.is_placeholder(node, text, fact)))
    }

    /// Several texts of one name as one.
    pub fn texts(&self, node: Element<'a>, name: &'static str) -> Option<String> {
        let texts: Vec<String> = self.children(node, name).map(|n| self.text(n)).filter(|t| !t.is_empty()).collect();
        Some(texts.join(" ")).filter(|t| !t.is_empty())
    }

    pub fn code<T>(
        &self,
        node: Element<'a>,
        fact: &str,
        parse: impl Fn(&str) -> Result<T, CodeError>,
    ) -> Read<Option<T>> {
        let text = self.text(node);
        if text.is_empty() || self.is_placeholder(node, &text, fact) {
            return Ok(None);
        }
        parse(&text).map(Some).map_err(|error| self.fail(node, Fault::Code { fact: fact.into(), error }))
    }

    /// A placeholder says nothing, and the reader is told.
    fn is_placeholder(&self, node: Element<'_>, text: &str, fact: &str) -> bool {
        let found = is_placeholder(text);
        if found {
            self.warn(node, format!("{fact}: the placeholder {:?} says nothing: unknown", shorten(text)));
        }
        found
    }

    pub fn country(&self, node: Element<'a>, fact: &str, path: &[&'static str]) -> Read<Option<Country>> {
        match self.at(node, path)? {
            Some(node) => self.code(node, fact, Country::new),
            None => Ok(None),
        }
    }

    pub fn currency(&self, node: Element<'a>, name: &'static str) -> Read<Option<Currency>> {
        match self.child(node, name)? {
            Some(node) => self.code(node, "currency", Currency::new),
            None => Ok(None),
        }
    }

    pub fn hs(&self, node: Element<'a>) -> Read<Option<HsCode>> {
        self.code(node, "hs", HsCode::new)
    }

    /// A UN number, with or without the letters before it.
    pub fn un_number(&self, node: Element<'a>) -> Read<Option<Dangerous>> {
        let digits = |text: &str| Dangerous::un(text.strip_prefix("UN").unwrap_or(text).trim_start());
        self.code(node, "dangerous", digits)
    }

    pub fn unit(&self, node: Element<'a>, fact: &str) -> Read<Option<Unit>> {
        let Some(code) = node.attribute("unitCode").map(str::trim).filter(|code| !code.is_empty()) else {
            return Ok(None);
        };
        if self.is_placeholder(node, code, fact) {
            return Ok(None);
        }
        facts::unit(code).map(Some).map_err(|error| self.fail(node, Fault::Code { fact: fact.into(), error }))
    }

    pub fn date(&self, node: Element<'a>, name: &'static str) -> Read<Option<jiff::civil::Date>> {
        let Some(node) = self.child(node, name)? else { return Ok(None) };
        let found = self.text(node);
        // xs:date may carry a time zone; the day is the one that the issuer's calendar showed.
        let day = found.get(..10).filter(|_| is_zone(found.get(10..).unwrap_or_default()));
        let fault = || Fault::Date { fact: "issue_date", found: shorten(&found), accepted: "YYYY-MM-DD".into() };
        day.and_then(iso_date).map(Some).ok_or_else(|| self.fail(node, fault()))
    }

    pub fn decimal(&self, node: Element<'a>, fact: &str) -> Read<Decimal> {
        let text = self.text(node);
        Decimal::read(&text).map_err(|error| self.quantity(node, fact, error))
    }

    fn quantity(&self, node: Element<'a>, fact: &str, error: QuantityError) -> ImportError {
        self.fail(node, Fault::Quantity { fact: fact.into(), error })
    }

    pub fn mass(&self, node: Element<'a>, name: &'static str, fact: &str) -> Read<Option<Mass>> {
        let Some(node) = self.said(node, name)? else { return Ok(None) };
        let value = self.decimal(node, fact)?;
        let unit = node.attribute("unitCode").map(str::trim).unwrap_or_default();
        Mass::new(value, unit).map(Some).map_err(|error| self.quantity(node, fact, error))
    }

    /// The one child of this name, unless it is empty.
    pub fn said(&self, node: Element<'a>, name: &'static str) -> Read<Option<Element<'a>>> {
        let said = |n: &Element<'a>| {
            let text = self.peek(*n);
            !text.is_empty() && !self.is_placeholder(*n, &text, name)
        };
        Ok(self.child(node, name)?.filter(said))
    }

    pub fn packages(&self, node: Element<'a>, name: &'static str) -> Read<Option<u64>> {
        let Some(node) = self.said(node, name)? else { return Ok(None) };
        let packages = self.decimal(node, "packages")?.packages();
        packages.map(Some).map_err(|error| self.quantity(node, "packages", error))
    }

    /// An amount with its currency, not yet used: the caller decides and then marks it with [`Reader::text`].
    pub fn amount(&self, node: Element<'a>, name: &'static str, fact: &str) -> Read<Option<Amount<'a>>> {
        let Some(node) = self.said(node, name)? else { return Ok(None) };
        let value = Decimal::read(&self.peek(node)).map_err(|error| self.quantity(node, fact, error))?;
        let code = node.attribute("currencyID").map(str::trim).unwrap_or_default();
        let currency = Currency::new(code)
            .map_err(|error| self.fail(node, Fault::Code { fact: format!("{fact}, currencyID"), error }))?;
        Ok(Some(Amount { value, currency, node }))
    }

    pub fn indicator(&self, node: Element<'a>, name: &'static str) -> Read<Option<bool>> {
        let Some(node) = self.said(node, name)? else { return Ok(None) };
        match self.text(node).as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            found => Err(self.fail(node, Fault::Indicator { found: shorten(found) })),
        }
    }

    /// A party's name, identifier, address and country.
    pub fn party(&self, node: Element<'a>) -> Read<Party> {
        let legal = self.children(node, "PartyLegalEntity").next();
        let tax = self.children(node, "PartyTaxScheme").next();
        let mut name = None;
        if let Some(first) = self.children(node, "PartyName").next() {
            name = self.text_at(first, &["Name"])?;
        }
        if let (None, Some(legal)) = (&name, legal) {
            name = self.text_at(legal, &["RegistrationName"])?;
        }
        let mut identifier = None;
        for holder in [tax, legal].into_iter().flatten() {
            if identifier.is_none() {
                identifier = self.text_at(holder, &["CompanyID"])?;
            }
        }
        let (mut address, mut country) = (None, None);
        if let Some(postal) = self.child(node, "PostalAddress")? {
            let mut parts = Vec::new();
            let names = [
                "Postbox",
                "Floor",
                "Room",
                "StreetName",
                "AdditionalStreetName",
                "BuildingName",
                "BuildingNumber",
                "PostalZone",
                "CityName",
                "CountrySubentity",
            ];
            for name in names {
                parts.extend(self.text_at(postal, &[name])?);
            }
            address = Some(parts.join(", ")).filter(|a| !a.is_empty());
            country = self.country(postal, "country", &["Country", "IdentificationCode"])?;
        }
        Ok(Party { name, identifier, address, country })
    }

    /// What the file says that was never read: one entry a path, with the first value.
    pub fn dropped(&self, root: Element<'a>) -> Vec<String> {
        let used = self.used.borrow();
        let leaves = root
            .descendants()
            .filter(|n| n.is_element() && !used.contains(&n.id()) && !n.children().any(|child| child.is_element()));
        let mut dropped = Dropped::default();
        for leaf in leaves {
            let value = self.peek(leaf);
            if !value.is_empty() {
                let qualifier = leaf.attribute("unitCode").or_else(|| leaf.attribute("currencyID")).unwrap_or_default();
                dropped.add(path(root, leaf), &format!("{value} {qualifier}"));
            }
        }
        dropped.list()
    }
}

/// Names from below the root down to an element, cut to a length that hostile names cannot exceed.
fn path(root: Element<'_>, leaf: Element<'_>) -> String {
    let names: Vec<&str> = leaf.ancestors().take_while(|n| *n != root).map(|n| n.tag_name().name()).collect();
    let mut path = String::new();
    for name in names.into_iter().rev() {
        if !path.is_empty() {
            path.push('/');
        }
        path.extend(name.chars().take(80));
        if path.len() > 400 {
            break;
        }
    }
    path
}

/// The zone of an `xs:date`: none, `Z`, or hours and minutes.
fn is_zone(zone: &str) -> bool {
    let hours = |z: &str| {
        let bytes = z.as_bytes();
        let digits = [1, 2, 4, 5].iter().all(|&i| bytes.get(i).is_some_and(u8::is_ascii_digit));
        bytes.len() == 6 && digits && matches!(bytes[0], b'+' | b'-') && bytes[3] == b':'
    };
    zone.is_empty() || zone == "Z" || hours(zone)
}

/// The code lists under which a UBL commodity code is read as a code of the Harmonized System or an extension of it.
pub(super) fn is_harmonized(node: Element<'_>) -> bool {
    let list = node.attribute("listID").or_else(|| node.attribute("listName")).unwrap_or_default();
    let list = list.trim().to_ascii_uppercase();
    list.is_empty() || list.starts_with("HS") || ["CN", "TARIC", "HTS", "HTSUS", "NCM", "TARIFF"].contains(&&*list)
}

/// The HS code of an item: its commodity codes, or item classifications of list `HS`; in a customs declaration also
/// those of no list.
pub(super) fn item_hs<'a>(reader: &Reader<'a>, items: &[Element<'a>], customs: bool) -> Read<Option<HsCode>> {
    let mut found: Option<HsCode> = None;
    for &item in items {
        for classification in reader.children(item, "CommodityClassification") {
            let commodity = reader.child(classification, "CommodityCode")?.filter(|n| {
                let harmonized = is_harmonized(*n);
                if !harmonized {
                    reader.warn(*n, "a CommodityCode of another list than the Harmonized System's is left out");
                }
                harmonized
            });
            let listed = |n: &Element<'a>| match n.attribute("listID") {
                Some(id) => id.trim().eq_ignore_ascii_case("HS"),
                None => customs && n.attribute("listName").is_none() && n.attribute("listAgencyID").is_none(),
            };
            let classified = reader.child(classification, "ItemClassificationCode")?.filter(listed);
            for node in [commodity, classified].into_iter().flatten() {
                let Some(code) = reader.hs(node)? else { continue };
                match &found {
                    Some(first) if first.groups() != code.groups() => {
                        let text = format!("hs: {first} and {code} on one line; accepted is one HS code a line");
                        return Err(reader.fail(node, Fault::Contradiction(text)));
                    }
                    Some(_) => {}
                    None => found = Some(code),
                }
            }
        }
    }
    Ok(found)
}

/// The country of origin of the goods: what the item says, or the address of origin of the goods.
pub(super) fn item_origin<'a>(
    reader: &Reader<'a>,
    items: &[Element<'a>],
    goods: Option<Element<'a>>,
) -> Read<Option<Country>> {
    let mut found: Option<Country> = None;
    let of_items = items.iter().map(|&item| (item, ["OriginCountry", "IdentificationCode"].as_slice()));
    let of_goods = goods.into_iter().map(|g| (g, ["OriginAddress", "Country", "IdentificationCode"].as_slice()));
    for (node, path) in of_items.chain(of_goods) {
        let Some(country) = reader.country(node, "origin", path)? else { continue };
        match found {
            Some(first) if first != country => {
                let text = format!("origin: {first} and {country} on one line; accepted is one origin a line");
                return Err(reader.fail(node, Fault::Contradiction(text)));
            }
            _ => found = Some(country),
        }
    }
    Ok(found)
}

/// Whole packages of a goods item: the sum of its packages, if each states its number.
pub(super) fn goods_packages<'a>(reader: &Reader<'a>, goods: Element<'a>) -> Read<Option<u64>> {
    let mut sum = None;
    for package in reader.children(goods, "ContainingPackage") {
        match reader.packages(package, "Quantity")? {
            // Each is below 2^47; the sum is checked with the document.
            Some(n) => sum = Some(n.saturating_add(sum.unwrap_or(0))),
            None => {
                reader.warn(package, "packages are unknown where a ContainingPackage has no Quantity");
                return Ok(None);
            }
        }
    }
    Ok(sum)
}
