//! Bills of lading, and the manifest of a ship, which lists them.

use super::{
    goods::{description, hs, origin},
    party::parties,
};
use crate::{
    document::{Container, Header, Line},
    import::tree::{At, Parts, Read, Tree},
};

const PARTIES: [(&str, &str); 8] = [
    ("shipper", "shipper"),
    ("consignor", "consignor"),
    ("consignee", "consignee"),
    ("notify", "notify"),
    ("notifyParty", "notify"),
    ("carrier", "carrier"),
    ("freightForwarder", "forwarder"),
    ("customsBroker", "broker"),
];

pub(super) fn bill<'a>(tree: &Tree<'a>, subject: &At<'a>, mut header: Header) -> Read<Parts<'a>> {
    parties(tree, subject, &PARTIES, &mut header.parties)?;
    let bookings = tree.items(subject, "bookingNumber")?;
    if let [booking] = &bookings[..] {
        header.references.extend(tree.said(booking, "booking")?.map(|booking| ("booking".into(), booking)));
    }
    let vessel = tree.text_at(subject, &["mainCarriageTransportMovement", "vesselName"])?;
    header.references.extend(vessel.map(|vessel| ("vessel".into(), vessel)));
    if let Some(at) = tree.get(subject, "shippedOnBoardDate")? {
        tree.warn(&at, "shippedOnBoardDate is not the day of issue: left out");
    }
    ports(tree, subject, "portOfLoading")?;
    if let Some(declared) = tree.get(subject, "declaredValue")?
        && let Some(amount) = tree.amount(&declared, "price", "priceCurrency", "value")?
    {
        header.currency = Some(amount.currency);
        header.totals.money = Some(amount.value);
    }
    header.totals.packages = tree.packages(subject, "totalNumberOfPackages")?;
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    items(tree, subject, "", &mut lines, &mut places)?;
    Ok(Parts { header, lines, places })
}

pub(super) fn manifest<'a>(tree: &Tree<'a>, subject: &At<'a>, mut header: Header) -> Read<Parts<'a>> {
    header.references.extend(tree.text_at(subject, &["vesselName"])?.map(|vessel| ("vessel".into(), vessel)));
    header.references.extend(tree.text_at(subject, &["voyageNumber"])?.map(|voyage| ("voyage".into(), voyage)));
    ports(tree, subject, "portOfDeparture")?;
    header.totals.packages = tree.packages(subject, "totalNumberOfPackages")?;
    let bills = tree.items(subject, "transportDocumentInformation")?;
    if let Some(at) = tree.get(subject, "totalNumberOfTransportDocuments")?
        && let Some(stated) = tree.said(&at, "totalNumberOfTransportDocuments")?
        && stated != bills.len().to_string()
    {
        let stated = crate::quantity::shorten(&stated);
        tree.warn(&at, format!("totalNumberOfTransportDocuments is {stated}, the file has {}", bills.len()));
    }
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (i, bill) in bills.iter().enumerate() {
        if let Some(at) = tree.get(bill, "declaredValue")? {
            tree.warn(&at, "declaredValue of a bill of lading is not spread over its goods: left out");
        }
        // What a bill of lading says of its own packages must hold of its own goods.
        let first = lines.len();
        items(tree, bill, &format!("{}.", i + 1), &mut lines, &mut places)?;
        let stated = tree.packages(bill, "totalNumberOfPackages")?;
        let counted: Option<u64> = lines[first..].iter().map(|line| line.packages).sum();
        if let (Some(stated), Some(counted)) = (stated, counted)
            && stated != counted
        {
            let text =
                format!("packages: a bill of lading has {stated}, its goods {counted}; accepted are equal numbers");
            return Err(tree.fail(bill, crate::error::Fault::Contradiction(text)));
        }
    }
    Ok(Parts { header, lines, places })
}

/// The goods of a bill of lading.
fn items<'a>(
    tree: &Tree<'a>,
    bill: &At<'a>,
    prefix: &str,
    lines: &mut Vec<Line>,
    places: &mut Vec<At<'a>>,
) -> Read<()> {
    let equipment = tree.items(bill, "utilizedTransportEquipment")?;
    let container = match &equipment[..] {
        [one] => tree.text_at(one, &["equipmentReference"])?.map(Container::Id),
        [] => None,
        [first, ..] => {
            tree.warn(first, "goods in several containers: container is unknown");
            None
        }
    };
    let mut index = 0;
    for key in ["particulars", "includedConsignmentItems"] {
        for item in tree.items(bill, key)? {
            index += 1;
            let id = format!("{prefix}{index}");
            let line = || {
                Ok(Line {
                    id: id.clone(),
                    description: description(tree, &item)?,
                    hs: hs(tree, &item)?,
                    origin: origin(tree, &item)?,
                    gross_mass: tree.mass(&item, "grossWeight", "unitCode", "gross_mass")?,
                    net_mass: tree.mass(&item, "netWeight", "unitCode", "net_mass")?,
                    packages: tree.packages(&item, "packageQuantity")?,
                    container: container.clone(),
                    ..Line::default()
                })
            };
            lines.push(line().map_err(|e: crate::error::ImportError| e.on_line(Some(&id)))?);
            places.push(item);
        }
    }
    Ok(())
}

fn ports<'a>(tree: &Tree<'a>, at: &At<'a>, key: &str) -> Read<()> {
    if let Some(port) = tree.get(at, key)? {
        tree.warn(&port, "ports are where the voyage begins and ends: countries of export and import are unknown");
    }
    Ok(())
}
