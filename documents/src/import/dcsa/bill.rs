//! A transport document, and the shipping instructions that look like one: one goods line a cargo item.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

use super::{CHECKSUM, numbered_by_checksum, party::parties};
use crate::{
    codes::Dangerous,
    document::{Container, Header, Line, exact_sum},
    error::Fault,
    import::tree::{At, Parts, Read, Tree, common},
    quantity::{Mass, round_to_gram},
};

/// Keys of `documentParties` and the roles they stand for.
const PARTIES: [(&str, &str); 9] = [
    ("shipper", "shipper"),
    ("consignee", "consignee"),
    ("endorsee", "endorsee"),
    ("issueTo", "issue_to"),
    ("issuingParty", "issuer"),
    ("seller", "seller"),
    ("buyer", "buyer"),
    ("carriersAgentAtDestination", "agent_at_destination"),
    ("notifyParties", "notify"),
];

pub(super) fn read<'a>(tree: &Tree<'a>, root: &At<'a>, checksum: &str) -> Read<Parts<'a>> {
    let items = tree.items(root, "consignmentItems")?;
    let number = match tree.text_at(root, &["transportDocumentReference"])? {
        Some(number) => number,
        None => numbered_by_checksum(tree, root, checksum),
    };
    let mut header = Header {
        number,
        issue_date: tree.date(root, "issueDate")?,
        references: references(tree, root, &items)?,
        ..Header::default()
    };
    header.references.insert(CHECKSUM.into(), checksum.to_owned());
    if let (None, Some(at)) = (header.issue_date, tree.get(root, "shippedOnBoardDate")?) {
        tree.warn(&at, "shippedOnBoardDate is not the day of issue: issue_date is unknown");
    }
    if let Some(named) = tree.get(root, "documentParties")? {
        header.parties = parties(tree, &named, &PARTIES)?;
    }
    if let Some(at) = tree.at(root, &["transports", "portOfLoading"])? {
        tree.warn(&at, "ports are where the voyage begins and ends: countries of export and import are unknown");
    }
    if let Some(declared) = tree.amount(root, "declaredValue", "declaredValueCurrency", "value")? {
        header.currency = Some(declared.currency);
        header.totals.money = Some(declared.value);
    }
    if let Some(at) = tree.get(root, "NANumber")? {
        tree.warn(&at, "NANumber is no UN number: dangerous is unknown");
    }
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        let description = tree.texts(item, "descriptionOfGoods")?;
        let hs = tree.one_hs(&tree.items(item, "HSCodes")?)?;
        for (j, cargo) in tree.items(item, "cargoItems")?.into_iter().enumerate() {
            let id = format!("{}.{}", i + 1, j + 1);
            let mut line = line(tree, &cargo, id.clone()).map_err(|e| e.on_line(Some(&id)))?;
            line.description = description.clone();
            line.hs = hs.clone();
            lines.push(line);
            places.push(cargo);
        }
    }
    equipment(tree, root, &lines)?;
    Ok(Parts { header, lines, places })
}

fn line<'a>(tree: &Tree<'a>, cargo: &At<'a>, id: String) -> Read<Line> {
    let packaging = tree.get(cargo, "outerPackaging")?;
    let (mut packages, mut dangerous) = (None, None);
    if let Some(packaging) = &packaging {
        packages = tree.packages(packaging, "numberOfPackages")?;
        dangerous = dangerous_goods(tree, packaging)?;
    }
    Ok(Line {
        id,
        gross_mass: tree.mass(cargo, "cargoGrossWeight", "unit", "gross_mass")?,
        net_mass: tree.mass(cargo, "cargoNetWeight", "unit", "net_mass")?,
        packages,
        dangerous,
        container: tree.text_at(cargo, &["equipmentReference"])?.map(Container::Id),
        ..Line::default()
    })
}

/// The UN number of what is packed. A cargo item that lists no dangerous goods is not declared to be free of them.
fn dangerous_goods<'a>(tree: &Tree<'a>, packaging: &At<'a>) -> Read<Option<Dangerous>> {
    let mut found: Option<Dangerous> = None;
    for goods in tree.items(packaging, "dangerousGoods")? {
        let un = |text: &str| Dangerous::un(text.strip_prefix("UN").unwrap_or(text).trim_start());
        let Some(number) = tree.code_at(&goods, "UNNumber", "dangerous", un)? else {
            tree.warn(&goods, "dangerous goods without a UN number: dangerous is unknown");
            return Ok(None);
        };
        match found.replace(number) {
            Some(first) if first != number => {
                return Err(tree.fail(&goods, Fault::TwoUnNumbers(first.to_string(), number.to_string())));
            }
            _ => {}
        }
    }
    Ok(found)
}

fn references<'a>(tree: &Tree<'a>, root: &At<'a>, items: &[At<'a>]) -> Read<BTreeMap<String, String>> {
    let mut references = BTreeMap::new();
    let mut bookings = Vec::new();
    for item in items {
        bookings.push(tree.text_at(item, &["carrierBookingReference"])?);
    }
    references.extend(common(bookings).map(|booking| ("booking".to_owned(), booking)));
    let instructions = tree.text_at(root, &["shippingInstructionsReference"])?;
    references.extend(instructions.map(|text| ("shipping_instructions".to_owned(), text)));
    let voyages = match tree.get(root, "transports")? {
        Some(transports) => tree.items(&transports, "vesselVoyages")?,
        None => Vec::new(),
    };
    if let [voyage] = &voyages[..] {
        references.extend(tree.text_at(voyage, &["vesselName"])?.map(|vessel| ("vessel".to_owned(), vessel)));
    }
    let mut orders = Vec::new();
    for reference in tree.items(root, "references")? {
        if tree.text_at(&reference, &["type"])?.as_deref() == Some("PO") {
            orders.push(tree.text_at(&reference, &["value"])?);
        }
    }
    references.extend(common(orders).map(|order| ("order".to_owned(), order)));
    Ok(references)
}

/// The cargo of a container, as its equipment states it, against that of its cargo items.
fn equipment<'a>(tree: &Tree<'a>, root: &At<'a>, lines: &[Line]) -> Read<()> {
    for equipment in tree.items(root, "utilizedTransportEquipments")? {
        let nested = tree.text_at(&equipment, &["equipment", "equipmentReference"])?;
        let Some(id) = nested.or(tree.text_at(&equipment, &["equipmentReference"])?) else { continue };
        let Some(weight) = tree.get(&equipment, "cargoGrossWeight")? else { continue };
        // In eBL 3 a mass has its unit inside; earlier editions and some platforms have it beside the figure.
        let declared = if weight.node.has("value") {
            tree.mass(&equipment, "cargoGrossWeight", "unit", "gross_mass")?
        } else {
            let unit = tree.text_at(&equipment, &["cargoGrossWeightUnit"])?.unwrap_or_default();
            let figure = tree.decimal(&weight, "gross_mass")?;
            let mass = figure.map(|figure| Mass::new(figure, &unit)).transpose();
            mass.map_err(|error| tree.quantity(&weight, "gross_mass", error))?
        };
        let Some(declared) = declared else { continue };
        let inside = |line: &&Line| line.container.as_ref() == Some(&Container::Id(id.clone()));
        let masses: Vec<Option<BigDecimal>> =
            lines.iter().filter(inside).map(|line| line.gross_mass.as_ref().map(Mass::exact_grams)).collect();
        let whole = !masses.is_empty() && masses.iter().all(Option::is_some);
        let grams = round_to_gram(&exact_sum(masses.into_iter().flatten())).unwrap_or(u64::MAX);
        if if whole { grams != declared.grams() } else { grams > declared.grams() } {
            let text = format!(
                "gross_mass: cargoGrossWeight of container {} is {declared}, its cargo items make {grams} g; accepted are masses that agree",
                crate::quantity::shorten(&id)
            );
            return Err(tree.fail(&weight, Fault::Contradiction(text)));
        }
    }
    Ok(())
}
