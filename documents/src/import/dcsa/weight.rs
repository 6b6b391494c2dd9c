//! Declarations of verified gross mass: one line a container.
//!
//! A declaration that is retracted says nothing, and neither do others of its reference.

use std::collections::BTreeSet;

use super::{checksum, numbered_by_checksum, party::parties};
use crate::{
    codes::Method,
    document::{Container, Header, Line},
    error::Fault,
    import::tree::{At, Parts, Read, Tree, common},
    quantity::shorten,
};

/// Members of a declaration and the roles they stand for.
const PARTIES: [(&str, &str); 6] = [
    ("responsibleParty", "responsible"),
    ("authorizedParty", "authorized"),
    ("weighingParty", "weigher"),
    ("submittingParty", "sender"),
    ("orderedByParty", "ordered_by"),
    ("holdingParty", "holder_of_documents"),
];

pub(super) fn read<'a>(tree: &Tree<'a>, root: &At<'a>) -> Read<Parts<'a>> {
    let declarations =
        if root.node.has("VGMDeclarations") { tree.items(root, "VGMDeclarations")? } else { vec![root.clone()] };
    let (standing, references) = standing(tree, declarations)?;
    let Some(first) = standing.first() else {
        return Err(tree.fail(root, Fault::Retracted));
    };
    let number = match common(references) {
        Some(number) => number,
        None => numbered_by_checksum(tree, root, &checksum(tree, root)?),
    };
    let mut header = Header { number, ..Header::default() };
    let (mut dates, mut bookings, mut bills) = (Vec::new(), Vec::new(), Vec::new());
    for declaration in &standing {
        dates.push(tree.date(declaration, "declarationDateTime")?);
        bookings.push(tree.text_at(declaration, &["shipmentDetails", "carrierBookingReference"])?);
        bills.push(tree.text_at(declaration, &["shipmentDetails", "transportDocumentReference"])?);
    }
    if dates.iter().any(|date| date != &dates[0]) {
        tree.warn(first, "declarations of several days: issue_date is unknown");
    }
    header.issue_date = common(dates);
    header.references.extend(common(bookings).map(|text| ("booking".into(), text)));
    header.references.extend(common(bills).map(|text| ("bill_of_lading".into(), text)));
    let mut named = Vec::new();
    for declaration in &standing {
        named.push(Some(parties(tree, declaration, &PARTIES)?));
    }
    match common(named) {
        Some(parties) => header.parties = parties,
        None => tree.warn(first, "declarations by several parties: parties are left out"),
    }
    let mut lines = Vec::new();
    for declaration in &standing {
        lines.push(line(tree, declaration)?);
    }
    Ok(Parts { header, lines, places: standing })
}

/// The declarations that stand, and their references.
fn standing<'a>(tree: &Tree<'a>, declarations: Vec<At<'a>>) -> Read<(Vec<At<'a>>, Vec<Option<String>>)> {
    let mut retracted = BTreeSet::new();
    let mut all = Vec::new();
    for declaration in declarations {
        let reference = tree.text_at(&declaration, &["declarationReference"])?;
        let gone = match tree.text_at(&declaration, &["isRetracted"])?.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(found) => return Err(tree.fail(&declaration, Fault::Indicator { found: shorten(found) })),
        };
        if gone {
            retracted.insert(reference.clone());
        }
        all.push((declaration, reference, gone));
    }
    let (mut standing, mut references) = (Vec::new(), Vec::new());
    for (declaration, reference, gone) in all {
        if gone || reference.is_some() && retracted.contains(&reference) {
            tree.warn(&declaration, "a declaration that is retracted is left out");
        } else {
            standing.push(declaration);
            references.push(reference);
        }
    }
    Ok((standing, references))
}

fn line<'a>(tree: &Tree<'a>, declaration: &At<'a>) -> Read<Line> {
    let container = tree.text_at(declaration, &["equipmentDetails", "equipmentReference"])?;
    let mut line =
        Line { id: container.clone().unwrap_or_default(), container: container.map(Container::Id), ..Line::default() };
    if let Some(equipment) = tree.get(declaration, "equipmentDetails")? {
        line.gross_mass = tree.mass(&equipment, "cargoGrossWeight", "unit", "gross_mass")?;
        line.tare_mass = tree.mass(&equipment, "tareWeight", "unit", "tare_mass")?;
        line.max_gross_mass = tree.mass(&equipment, "maximumGrossWeight", "unit", "max_gross_mass")?;
    }
    if let Some(verified) = tree.get(declaration, "VGM")? {
        line.verified_mass = tree.mass(&verified, "weight", "unit", "verified_mass")?;
        line.method = tree.code_at(&verified, "method", "method", Method::new)?;
    }
    Ok(line)
}
