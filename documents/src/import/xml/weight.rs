//! UBL WeightStatement: one line a container (`TransportEquipment`), with its verified gross mass (SOLAS VI/2).

use super::{
    reader::{Element, Parts, Read, Reader},
    shipment::countries,
};
use crate::{
    codes::Method,
    document::{Container, Header, Line},
    quantity::shorten,
};

pub(super) fn read<'a>(reader: &Reader<'a>, root: Element<'a>) -> Read<Parts<'a>> {
    let mut header = Header {
        number: reader.text_at(root, &["ID"])?.unwrap_or_default(),
        issue_date: reader.date(root, "IssueDate")?,
        ..Header::default()
    };
    let roles = [
        ("SenderParty", "sender"),
        ("ReceiverParty", "receiver"),
        ("WeighingParty", "weigher"),
        ("ShipperParty", "shipper"),
        ("ResponsibleParty", "responsible"),
    ];
    for (name, role) in roles {
        if let Some(node) = reader.child(root, name)? {
            header.parties.insert(role.into(), reader.party(node)?);
        }
    }
    let (mut lines, mut nodes) = (Vec::new(), Vec::new());
    if let Some(shipment) = reader.child(root, "Shipment")? {
        header.references.extend(reader.text_at(shipment, &["ID"])?.map(|id| ("shipment".into(), id)));
        let consignments: Vec<_> = reader.children(shipment, "Consignment").collect();
        countries(reader, shipment, &consignments, &mut header)?;
        let named = |n: &Element<'a>, name: &str| n.is_element() && n.tag_name().name() == name;
        for node in shipment.descendants().filter(|n| named(n, "TransportEquipment")) {
            // A chassis or generator set that is fastened to a container is no container of its own.
            let within = node.parent().is_some_and(|parent| !named(&parent, "TransportHandlingUnit"));
            if within && node.ancestors().skip(1).any(|n| named(&n, "TransportEquipment")) {
                continue;
            }
            lines.push(line(reader, node, lines.len())?);
            nodes.push(node);
        }
    }
    Ok(Parts { header, lines, nodes })
}

fn line<'a>(reader: &Reader<'a>, node: Element<'a>, index: usize) -> Read<Line> {
    let container = reader.text_at(node, &["ID"])?;
    let mut line = Line {
        id: container.clone().unwrap_or_else(|| (index + 1).to_string()),
        description: reader.texts(node, "Description"),
        container: container.map(Container::Id),
        tare_mass: reader.mass(node, "TareWeightMeasure", "tare_mass")?,
        ..Line::default()
    };
    if let Some(verified) = reader.child(node, "VerifiedGrossMass")? {
        line.verified_mass = reader.mass(verified, "GrossMassMeasure", "verified_mass")?;
        if let Some(code) = reader.said(verified, "WeighingMethodCode")? {
            line.method = Method::new(&reader.peek(code)).ok();
            match line.method {
                Some(_) => drop(reader.text(code)),
                None => {
                    let found = shorten(&reader.peek(code));
                    reader
                        .warn(code, format!("WeighingMethodCode {found:?} is neither SM1 nor SM2: method is unknown"));
                }
            }
        }
    }
    if let Some(gross) = reader.said(node, "GrossWeightMeasure")? {
        reader.warn(gross, "GrossWeightMeasure of a container may be with or without its tare: left out");
    }
    Ok(line)
}
