//! UBL's documents about goods under way, from the manifest to the customs declaration: one goods line a `GoodsItem`.
//!
//! All hold the same `Shipment`, though in different places, and differ in which amount values a line and in the columns
//! of their kind. Goods items stand in the shipment; if it has none, where they are packed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::reader::{Amount, Element, Parts, Read, Reader, goods_packages, is_harmonized, item_hs, item_origin};
use crate::{
    codes::{Criterion, Currency, Dangerous},
    document::{Container, Header, Line, Quantity, Totals},
    error::Fault,
    profile::Kind,
    quantity::{Decimal, Mass, shorten},
};

/// The amounts that a goods item or a shipment may state.
const AMOUNTS: [&str; 5] = [
    "ValueAmount",
    "FreeOnBoardValueAmount",
    "DeclaredCustomsValueAmount",
    "DeclaredStatisticsValueAmount",
    "DeclaredForCarriageValueAmount",
];

/// Documents that are read alike.
pub(super) struct Family {
    /// Name of the root element.
    pub root: &'static str,
    /// Kind of document it becomes.
    pub kind: Kind,
    /// Where the shipment stands, below the root.
    holder: &'static [&'static str],
    /// The amounts that may value a line, in the order of preference; one of them values all lines.
    bases: &'static [&'static str],
}

const COMMERCIAL: &[&str] = &["ValueAmount", "FreeOnBoardValueAmount", "DeclaredCustomsValueAmount"];
const CARRIAGE: &[&str] = &["DeclaredForCarriageValueAmount"];
const CUSTOMS: &[&str] = &["DeclaredStatisticsValueAmount", "DeclaredCustomsValueAmount"];
const ORIGIN: &[&str] = &["FreeOnBoardValueAmount", "ValueAmount"];

const fn family(
    root: &'static str,
    kind: Kind,
    holder: &'static [&'static str],
    bases: &'static [&'static str],
) -> Family {
    Family { root, kind, holder, bases }
}

/// All families by their roots.
pub(super) static FAMILIES: [Family; 10] = [
    family("Manifest", Kind::CargoManifest, &[], COMMERCIAL),
    family("Waybill", Kind::BillOfLading, &[], CARRIAGE),
    family("BillOfLading", Kind::BillOfLading, &[], CARRIAGE),
    family("ForwardingInstructions", Kind::BillOfLading, &[], CARRIAGE),
    family("PackingList", Kind::PackingList, &[], &[]),
    family("CertificateOfOrigin", Kind::CertificateOfOrigin, &["CertificateOfOriginApplication"], ORIGIN),
    family("GoodsCertificate", Kind::CertificateOfOrigin, &[], ORIGIN),
    family("ExportCustomsDeclaration", Kind::CustomsDeclaration, &["CustomsDeclaration"], CUSTOMS),
    family("ImportCustomsDeclaration", Kind::CustomsDeclaration, &["CustomsDeclaration"], CUSTOMS),
    family("TransitCustomsDeclaration", Kind::CustomsDeclaration, &["CustomsDeclaration"], CUSTOMS),
];

pub(super) fn read<'a>(reader: &Reader<'a>, root: Element<'a>, family: &Family) -> Read<Parts<'a>> {
    let mut header = Header {
        number: reader.text_at(root, &["ID"])?.unwrap_or_default(),
        issue_date: reader.date(root, "IssueDate")?,
        references: references(reader, root)?,
        ..Header::default()
    };
    // Where a schema gives the shipment a holder of its own, some versions have it at the root all the same.
    let holder = reader.at(root, family.holder)?.unwrap_or(root);
    let shipment = match reader.child(holder, "Shipment")? {
        Some(shipment) => shipment,
        None => match reader.child(root, "Shipment")? {
            Some(shipment) => shipment,
            None => return Ok(Parts { header, lines: Vec::new(), nodes: Vec::new() }),
        },
    };
    if family.root == "ForwardingInstructions" {
        reader.warn(root, "instructions of a shipper, not yet taken over by a carrier: read as a bill of lading");
    }
    let consignments: Vec<_> = reader.children(shipment, "Consignment").collect();
    // What is said of the only consignment is said of the whole shipment; of one among several it is not.
    let only = match consignments[..] {
        [one] => Some(one),
        _ => None,
    };
    header.references.extend(reader.text_at(shipment, &["ID"])?.map(|id| ("shipment".into(), id)));
    if let Some(consignment) = only {
        header.references.extend(reader.text_at(consignment, &["ID"])?.map(|id| ("consignment".into(), id)));
    }
    parties(reader, &[root, holder], only, &mut header)?;
    countries(reader, shipment, &consignments, &mut header)?;

    let mut nodes: Vec<_> = reader.children(shipment, "GoodsItem").collect();
    if nodes.is_empty() {
        let inside = |n: &Element<'a>| n.ancestors().skip(1).any(|n| is_goods(&n));
        nodes = shipment.descendants().filter(|n| is_goods(n) && !inside(n)).collect();
    }
    stray_goods(reader, root, &nodes)?;
    let mut lines = Vec::with_capacity(nodes.len());
    for (i, &node) in nodes.iter().enumerate() {
        let id = line_id(reader, node, i)?;
        let line = line(reader, node, only, id.clone(), family).map_err(|e| e.on_line(Some(&id)))?;
        lines.push(line);
    }
    tariff_code(reader, &consignments, &mut lines)?;
    counts(reader, shipment, only, lines.len())?;
    let net = family.kind.profile().goods_column("net_mass").is_some();
    header.totals = Totals {
        gross_mass: total_mass(reader, shipment, only, "GrossWeightMeasure", "gross_mass")?,
        net_mass: total_mass(reader, shipment, only, "NetWeightMeasure", "net_mass")?.filter(|_| net),
        packages: match only {
            Some(consignment) => reader.packages(consignment, "TotalPackagesQuantity")?,
            None => None,
        },
        ..Totals::default()
    };
    if let Some(units) = reader.said(shipment, "TotalTransportHandlingUnitQuantity")? {
        reader.warn(units, "TotalTransportHandlingUnitQuantity counts pallets and the like, not packages: left out");
    }
    values(reader, (shipment, only, family.bases), &nodes, &mut lines, &mut header)?;
    if family.kind == Kind::BillOfLading {
        declared_for_carriage(reader, root, &mut header)?;
    }
    Ok(Parts { header, lines, nodes })
}

/// The identifier of a goods item; one without has its number in the file.
fn line_id<'a>(reader: &Reader<'a>, node: Element<'a>, index: usize) -> Read<String> {
    let id = reader.text_at(node, &["ID"])?;
    let sequence = reader.text_at(node, &["SequenceNumberID"])?;
    Ok(id.or(sequence).unwrap_or_else(|| (index + 1).to_string()))
}

fn is_goods(node: &Element<'_>) -> bool {
    node.is_element() && node.tag_name().name() == "GoodsItem"
}

fn line<'a>(
    reader: &Reader<'a>,
    node: Element<'a>,
    only: Option<Element<'a>>,
    id: String,
    family: &Family,
) -> Read<Line> {
    let has = |fact| family.kind.profile().goods_column(fact).is_some();
    let items: Vec<_> = reader.children(node, "Item").collect();
    let mut description = reader.texts(node, "Description");
    for &item in &items {
        if description.is_none() {
            description = reader.texts(item, "Description").or(reader.text_at(item, &["Name"])?);
        }
    }
    let packages = match goods_packages(reader, node)? {
        Some(packages) => Some(packages),
        None => enclosing_package(reader, node)?,
    };
    let mut quantity = None;
    if let Some(counted) = reader.said(node, "Quantity")? {
        if has("quantity") {
            let value = reader.decimal(counted, "quantity")?;
            quantity = Some(Quantity { value, unit: reader.unit(counted, "unit")? });
        } else {
            reader.warn(counted, "Quantity of a goods item counts goods, not packages: left out");
        }
    }
    let customs = family.kind == Kind::CustomsDeclaration;
    Ok(Line {
        id,
        description,
        hs: item_hs(reader, &items, customs)?,
        origin: item_origin(reader, &items, Some(node))?,
        gross_mass: reader.mass(node, "GrossWeightMeasure", "gross_mass")?,
        net_mass: if has("net_mass") { reader.mass(node, "NetWeightMeasure", "net_mass")? } else { None },
        packages,
        quantity,
        dangerous: if has("dangerous") { dangerous(reader, node, &items, only)? } else { None },
        container: if has("container") { container(reader, node)? } else { None },
        criterion: if has("criterion") { criterion(reader, node)? } else { None },
        ..Line::default()
    })
}

/// The packages around a goods item that is listed where it is packed, if it is all that is in them.
fn enclosing_package<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Option<u64>> {
    let package = |n: &Element<'a>| matches!(n.tag_name().name(), "Package" | "ActualPackage" | "ContainedPackage");
    let Some(around) = node.parent().filter(package) else { return Ok(None) };
    let outermost = around.parent().is_none_or(|n| !package(&n));
    match outermost && around.descendants().filter(is_goods).count() == 1 {
        true => reader.packages(around, "Quantity"),
        false => Ok(None),
    }
}

fn criterion<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Option<Criterion>> {
    let Some(node) = reader.said(node, "PreferenceCriterionCode")? else { return Ok(None) };
    let criterion = Criterion::new(&reader.peek(node)).ok();
    match criterion {
        Some(_) => drop(reader.text(node)),
        None => {
            let found = shorten(&reader.peek(node));
            reader.warn(node, format!("PreferenceCriterionCode {found:?} has no place in three characters: left out"));
        }
    }
    Ok(criterion)
}

/// Dangerous goods of a line: a UN number; none where the goods, each of their items or the only consignment say so;
/// else unknown.
fn dangerous<'a>(
    reader: &Reader<'a>,
    node: Element<'a>,
    items: &[Element<'a>],
    only: Option<Element<'a>>,
) -> Read<Option<Dangerous>> {
    let of_goods = reader.indicator(node, "HazardousRiskIndicator")?;
    let of_consignment = match only {
        Some(consignment) => reader.indicator(consignment, "HazardousRiskIndicator")?,
        None => None,
    };
    let mut of_items = Vec::new();
    let (mut hazardous_items, mut number) = (false, None);
    for &item in items {
        of_items.push(reader.indicator(item, "HazardousRiskIndicator")?);
        for hazardous in reader.children(item, "HazardousItem") {
            hazardous_items = true;
            let Some(code) = reader.child(hazardous, "UNDGCode")? else { continue };
            let Some(found) = reader.un_number(code)? else { continue };
            match number.replace(found) {
                Some(first) if first != found => {
                    return Err(reader.fail(code, Fault::TwoUnNumbers(first.to_string(), found.to_string())));
                }
                _ => {}
            }
        }
    }
    let denied = [of_goods, of_consignment].contains(&Some(false)) || of_items.contains(&Some(false));
    let affirmed = of_goods == Some(true) || of_items.contains(&Some(true)) || hazardous_items;
    // Among several items, one may be harmless and another not; what the goods or the consignment deny is denied of all.
    let flat = affirmed && ([of_goods, of_consignment].contains(&Some(false)) || items.len() < 2 && denied);
    if flat {
        let text = "HazardousRiskIndicator is false for goods that are declared hazardous; accepted is one of the two";
        return Err(reader.fail(node, Fault::Contradiction(text.into())));
    }
    if let Some(number) = number {
        return Ok(Some(number));
    }
    if affirmed || of_consignment == Some(true) && of_goods != Some(false) {
        reader.warn(node, "dangerous goods without a UN number: dangerous is unknown");
        return Ok(None);
    }
    let all_items = !of_items.is_empty() && of_items.iter().all(|i| *i == Some(false));
    let none = of_goods == Some(false) || of_consignment == Some(false) || all_items;
    Ok(none.then_some(Dangerous::None))
}

fn container<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Option<Container>> {
    let mut ids = BTreeSet::new();
    for container in reader.children(node, "GoodsItemContainer") {
        let equipment: Vec<_> = reader.children(container, "TransportEquipment").collect();
        for &equipment in &equipment {
            ids.extend(reader.text_at(equipment, &["ID"])?);
        }
        if equipment.is_empty() {
            ids.extend(reader.text_at(container, &["ID"])?);
        }
    }
    // Goods listed where they are packed travel in the equipment of that handling unit.
    let unit = node.ancestors().skip(1).find(|n| n.tag_name().name() == "TransportHandlingUnit");
    if let (Some(unit), true) = (unit, ids.is_empty()) {
        for equipment in reader.children(unit, "TransportEquipment") {
            ids.extend(reader.text_at(equipment, &["ID"])?);
        }
    }
    if ids.len() > 1 {
        reader.warn(node, "goods in several containers: container is unknown");
        return Ok(None);
    }
    Ok(ids.pop_first().map(Container::Id))
}

/// Goods may be listed once more where they are packed; goods that are listed only there would be left out unseen.
fn stray_goods<'a>(reader: &Reader<'a>, root: Element<'a>, goods: &[Element<'a>]) -> Read<()> {
    let mut known = BTreeSet::new();
    let listed: HashSet<_> = goods.iter().map(|node| node.id()).collect();
    for &node in goods {
        known.extend(reader.text_at(node, &["ID"])?);
    }
    for node in root.descendants().filter(is_goods) {
        let inside = node.ancestors().skip(1).any(|n| is_goods(&n));
        if listed.contains(&node.id()) || inside {
            continue;
        }
        let id = reader.child(node, "ID")?.map(|id| reader.peek(id)).unwrap_or_default();
        if !known.contains(&id) {
            let text = format!(
                "a goods item {id:?} that the shipment itself does not list; accepted are goods items of the shipment"
            );
            return Err(reader.fail(node, Fault::Contradiction(text)));
        }
    }
    Ok(())
}

/// The tariff code of the only consignment is that of its only goods item; it is not spread over several.
fn tariff_code<'a>(reader: &Reader<'a>, consignments: &[Element<'a>], lines: &mut [Line]) -> Read<()> {
    for &consignment in consignments {
        let Some(node) = reader.said(consignment, "TariffCode")?.filter(|n| is_harmonized(*n)) else { continue };
        let ([_], [line]) = (consignments, &mut *lines) else {
            reader.warn(node, "TariffCode of a consignment is not spread over several goods items: left out");
            continue;
        };
        let code = reader.hs(node)?;
        match (&line.hs, &code) {
            (Some(own), Some(code)) if own.groups() != code.groups() => {
                let text = format!("hs: the consignment says {code}, its only goods item {own}; accepted is one");
                return Err(reader.fail(node, Fault::Contradiction(text)).on_line(Some(&line.id)));
            }
            (None, _) => line.hs = code,
            _ => {}
        }
    }
    Ok(())
}

/// The number of goods items that the header states. It enters no column, so another number than that of the lines is
/// told and no more.
fn counts<'a>(reader: &Reader<'a>, shipment: Element<'a>, only: Option<Element<'a>>, lines: usize) -> Read<()> {
    for holder in [Some(shipment), only].into_iter().flatten() {
        let Some(node) = reader.said(holder, "TotalGoodsItemQuantity")? else { continue };
        let declared = reader.decimal(node, "TotalGoodsItemQuantity")?;
        if declared.packages() != Ok(lines as u64) {
            reader.warn(node, format!("TotalGoodsItemQuantity is {declared}, the file has {lines} goods items"));
        }
    }
    Ok(())
}

/// A mass that the shipment declares, or its only consignment.
fn total_mass<'a>(
    reader: &Reader<'a>,
    shipment: Element<'a>,
    only: Option<Element<'a>>,
    name: &'static str,
    fact: &str,
) -> Read<Option<Mass>> {
    let of_shipment = reader.mass(shipment, name, fact)?;
    let Some(consignment) = only else { return Ok(of_shipment) };
    let of_consignment = reader.mass(consignment, name, fact)?;
    match (&of_shipment, &of_consignment) {
        (Some(a), Some(b)) if a.grams() != b.grams() => {
            let text = format!("{fact}: the shipment declares {a}, its only consignment {b}; accepted is one");
            Err(reader.fail(consignment, Fault::Contradiction(text)))
        }
        _ => Ok(of_shipment.or(of_consignment)),
    }
}

/// Values the lines by one kind of amount: the first that every line states, else the first that any line states. So
/// figures of different meaning are never added.
fn values<'a>(
    reader: &Reader<'a>,
    (shipment, only, bases): (Element<'a>, Option<Element<'a>>, &[&'static str]),
    nodes: &[Element<'a>],
    lines: &mut [Line],
    header: &mut Header,
) -> Read<()> {
    let others = AMOUNTS.into_iter().filter(|name| !bases.contains(name));
    let names: Vec<&'static str> = bases.iter().copied().chain(others).collect();
    let mut amounts: Vec<Vec<Option<Amount<'a>>>> = vec![Vec::new(); names.len()];
    for (&node, line) in nodes.iter().zip(&*lines) {
        for (all, &name) in amounts.iter_mut().zip(&names) {
            all.push(reader.amount(node, name, "value").map_err(|e| e.on_line(Some(&line.id)))?);
        }
    }
    let chosen = &amounts[..bases.len()];
    let every = chosen.iter().position(|a| !a.is_empty() && a.iter().all(Option::is_some));
    let any = chosen.iter().position(|a| a.iter().any(Option::is_some));
    let basis = every.or(any);
    let basis_name = basis.map(|basis| names[basis]);
    for (i, line) in lines.iter_mut().enumerate() {
        let Some(amount) = basis.and_then(|basis| amounts[basis][i].as_ref()) else { continue };
        let currency = *header.currency.get_or_insert(amount.currency);
        if currency != amount.currency {
            let (found, other) = (amount.currency.to_string(), currency.to_string());
            let fault = Fault::TwoCurrencies { fact: "value", found, other };
            return Err(reader.fail(amount.node, fault).on_line(Some(&line.id)));
        }
        reader.text(amount.node);
        line.money = Some(amount.value.clone());
    }
    for (all, name) in amounts.iter().zip(&names).filter(|(_, name)| Some(**name) != basis_name) {
        for amount in all.iter().flatten() {
            let other = if Some(amount.currency) == header.currency { "" } else { " (and in another currency)" };
            let text = match basis_name {
                Some(basis) => format!("{name} of a goods item is left out: lines are valued by {basis}{other}"),
                None if bases.is_empty() => format!("{name} of a goods item is left out: the kind has no values"),
                None => format!("{name} of a goods item is left out: no line states {}", bases.join(" or ")),
            };
            reader.warn(amount.node, text);
        }
    }
    if let Some(basis) = basis_name {
        header.totals.money = declared_value(reader, shipment, only, basis, header.currency)?;
    }
    unused_totals(reader, shipment, only, basis_name)
}

/// The value that a shipper declares to the carrier for the whole, where no line states one.
fn declared_for_carriage<'a>(reader: &Reader<'a>, root: Element<'a>, header: &mut Header) -> Read<()> {
    let Some(amount) = reader.amount(root, "DeclaredCarriageValueAmount", "value")? else { return Ok(()) };
    if header.currency.is_some_and(|c| c != amount.currency) || header.totals.money.is_some() {
        reader.warn(amount.node, "DeclaredCarriageValueAmount is left out: the shipment has a total of its own");
        return Ok(());
    }
    reader.text(amount.node);
    header.currency = Some(amount.currency);
    header.totals.money = Some(amount.value);
    Ok(())
}

/// The total of the very kind of amount that values the lines, in their currency.
fn declared_value<'a>(
    reader: &Reader<'a>,
    shipment: Element<'a>,
    only: Option<Element<'a>>,
    basis: &'static str,
    currency: Option<Currency>,
) -> Read<Option<Decimal>> {
    let mut declared: Option<Amount<'a>> = None;
    for holder in [Some(shipment), only].into_iter().flatten() {
        let Some(amount) = reader.amount(holder, basis, "value")? else { continue };
        if Some(amount.currency) != currency {
            reader.warn(amount.node, format!("a total {basis} in another currency than the lines is left out"));
            continue;
        }
        if let Some(first) = declared.as_ref().filter(|first| first.value.value() != amount.value.value()) {
            let text = format!("value: totals {basis} of {} and {}; accepted is one", first.value, amount.value);
            return Err(reader.fail(amount.node, Fault::Contradiction(text)));
        }
        reader.text(amount.node);
        declared = declared.or(Some(amount));
    }
    Ok(declared.map(|amount| amount.value))
}

/// Declared values of another meaning than the lines' are not compared with them.
fn unused_totals<'a>(
    reader: &Reader<'a>,
    shipment: Element<'a>,
    only: Option<Element<'a>>,
    basis: Option<&'static str>,
) -> Read<()> {
    for holder in [Some(shipment), only].into_iter().flatten() {
        for name in AMOUNTS.into_iter().filter(|name| Some(*name) != basis) {
            let Some(amount) = reader.amount(holder, name, "value")? else { continue };
            let reason = match basis {
                Some(basis) => format!("lines are valued by {basis}"),
                None => "no line states a value".into(),
            };
            reader.warn(amount.node, format!("a total {name} is left out: {reason}"));
        }
    }
    Ok(())
}

fn parties<'a>(
    reader: &Reader<'a>,
    holders: &[Element<'a>],
    only: Option<Element<'a>>,
    header: &mut Header,
) -> Read<()> {
    let of_manifest = [
        ("SendingLogisticsOperatorParty", "forwarder"),
        ("AuthorityParty", "authority"),
        ("ConsignorParty", "consignor"),
        ("ConsigneeParty", "consignee"),
        ("FreightForwarderParty", "forwarder"),
        ("CarrierParty", "carrier"),
        ("ExporterParty", "exporter"),
        ("ImporterParty", "importer"),
        ("IssuerParty", "issuer"),
    ];
    let of_consignment = [
        ("ConsignorParty", "consignor"),
        ("ConsigneeParty", "consignee"),
        ("ExporterParty", "exporter"),
        ("ImporterParty", "importer"),
        ("CarrierParty", "carrier"),
        ("NotifyParty", "notify"),
        ("FinalDeliveryParty", "final_delivery"),
    ];
    let manifest = holders.iter().flat_map(|&h| of_manifest.into_iter().map(move |(name, role)| (h, name, role)));
    let consignment = only.into_iter().flat_map(|c| of_consignment.into_iter().map(move |(n, role)| (c, n, role)));
    for (holder, name, role) in manifest.chain(consignment) {
        if header.parties.contains_key(role) {
            continue;
        }
        if let Some(node) = reader.child(holder, name)? {
            header.parties.insert(role.into(), reader.party(node)?);
        }
    }
    Ok(())
}

/// Country of export: the shipment's, or that of first departure where its consignments agree; of import: that of
/// final destination where they agree.
pub(super) fn countries<'a>(
    reader: &Reader<'a>,
    shipment: Element<'a>,
    consignments: &[Element<'a>],
    header: &mut Header,
) -> Read<()> {
    let mut export = BTreeSet::new();
    let mut import = BTreeSet::new();
    export.extend(reader.country(shipment, "export_country", &["ExportCountry", "IdentificationCode"])?);
    for &consignment in consignments {
        let departure = ["OriginalDepartureCountry", "IdentificationCode"];
        let destination = ["FinalDestinationCountry", "IdentificationCode"];
        export.extend(reader.country(consignment, "export_country", &departure)?);
        import.extend(reader.country(consignment, "import_country", &destination)?);
    }
    for (countries, fact) in [(&export, "export_country"), (&import, "import_country")] {
        if countries.len() > 1 {
            reader.warn(shipment, format!("several countries for {fact}: it is unknown"));
        }
    }
    header.export_country = (export.len() == 1).then(|| export.pop_first()).flatten();
    header.import_country = (import.len() == 1).then(|| import.pop_first()).flatten();
    Ok(())
}

/// References to other documents that are of a kind we name; two of one kind are none.
fn references<'a>(reader: &Reader<'a>, root: Element<'a>) -> Read<BTreeMap<String, String>> {
    let mut found: BTreeMap<&str, Vec<Element<'a>>> = BTreeMap::new();
    for reference in reader.children(root, "DocumentReference") {
        let peek = |name| Ok::<_, crate::error::ImportError>(reader.child(reference, name)?.map(|n| reader.peek(n)));
        let code = peek("DocumentTypeCode")?.unwrap_or_default();
        let words = peek("DocumentType")?.unwrap_or_default().to_ascii_lowercase();
        // UN/EDIFACT 1001: 105 and 220 orders, 380 commercial invoice, 705 bill of lading.
        let name = match (code.as_str(), words.as_str()) {
            ("105" | "220", _) | ("", "order" | "purchase order") => "order",
            ("380", _) | ("", "invoice" | "commercial invoice") => "invoice",
            ("705", _) | ("", "bol" | "bill of lading") => "bill_of_lading",
            _ => continue,
        };
        found.entry(name).or_default().extend(reader.child(reference, "ID")?);
    }
    let mut references = BTreeMap::new();
    for (name, nodes) in found {
        match nodes[..] {
            [node] => {
                references.insert(name.to_owned(), reader.text(node));
            }
            [first, ..] => reader.warn(first, format!("several references of the kind {name}: left out")),
            [] => {}
        }
    }
    references.retain(|_, id| !id.is_empty());
    Ok(references)
}
