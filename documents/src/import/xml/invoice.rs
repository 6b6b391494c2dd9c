//! UBL Invoice: one goods line an `InvoiceLine`.

use bigdecimal::BigDecimal;

use super::{
    reader::{Element, Parts, Read, Reader, goods_packages, item_hs, item_origin},
    shipment::countries,
};
use crate::{
    codes::Currency,
    document::{Header, Line, Quantity},
    error::Fault,
    import::ImportOptions,
    quantity::{Decimal, shorten},
};

/// Codes of UN/EDIFACT 1001 for documents that give money back, though UBL would have them be credit notes.
pub(super) const CREDIT_NOTES: [&str; 5] = ["81", "83", "381", "396", "532"];

pub(super) fn read<'a>(reader: &Reader<'a>, root: Element<'a>, options: &ImportOptions) -> Read<Parts<'a>> {
    let mut header = Header {
        number: reader.text_at(root, &["ID"])?.unwrap_or_default(),
        issue_date: reader.date(root, "IssueDate")?,
        currency: reader.currency(root, "DocumentCurrencyCode")?,
        ..Header::default()
    };
    if let Some(node) = reader.child(root, "InvoiceTypeCode")? {
        let found = reader.text(node);
        if CREDIT_NOTES.contains(&found.as_str()) {
            return Err(reader.fail(node, Fault::CreditNote));
        }
    }
    let order = reader.text_at(root, &["OrderReference", "ID"])?;
    header.references.extend(order.map(|id| ("order".into(), id)));
    let roles = [("AccountingSupplierParty", "seller"), ("AccountingCustomerParty", "buyer")];
    for (name, role) in roles {
        if let Some(node) = reader.at(root, &[name, "Party"])? {
            header.parties.insert(role.into(), reader.party(node)?);
        }
    }
    if let Some(node) = reader.child(root, "PayeeParty")? {
        header.parties.insert("payee".into(), reader.party(node)?);
    }
    delivery(reader, root, &mut header)?;
    if let Some(node) = reader.children(root, "AllowanceCharge").next() {
        reader.warn(node, "allowances and charges of the whole invoice are in no line's amount: left out");
    }

    let (mut lines, mut nodes) = (Vec::new(), Vec::new());
    let mut credits = BigDecimal::default();
    let mut left_out = false;
    for node in reader.children(root, "InvoiceLine") {
        let id = match reader.text_at(node, &["ID"])? {
            Some(id) => id,
            None => return Err(reader.fail(node, Fault::MissingKey("ID"))),
        };
        let on_line = |e: crate::error::ImportError| e.on_line(Some(&id));
        if let Some((credit, amount)) = credit(reader, node).map_err(on_line)? {
            if !options.leave_out_credit_lines {
                let found = shorten(&reader.peek(credit));
                return Err(on_line(reader.fail(credit, Fault::Credit { found })));
            }
            reader.warn(node, "a credit line is left out, and with it the declared totals");
            credits += amount;
            left_out = true;
            continue;
        }
        lines.push(line(reader, node, id.clone(), &mut header.currency).map_err(on_line)?);
        nodes.push(node);
    }
    let declared = total(reader, root, header.currency)?;
    match declared {
        Some((node, declared)) if left_out => agrees_with_credits(reader, node, &declared, credits, &lines)?,
        declared => header.totals.money = declared.map(|(_, total)| total),
    }
    if left_out {
        (header.totals.net_mass, header.totals.packages) = (None, None);
    }
    Ok(Parts { header, lines, nodes })
}

fn line<'a>(reader: &Reader<'a>, node: Element<'a>, id: String, currency: &mut Option<Currency>) -> Read<Line> {
    let items: Vec<_> = reader.children(node, "Item").collect();
    let (mut name, mut description) = (None, None);
    for &item in &items {
        name = name.or(reader.text_at(item, &["Name"])?);
        description = description.or(reader.texts(item, "Description"));
    }
    let description = match (name, description) {
        (Some(name), Some(description)) if name != description => Some(format!("{name}: {description}")),
        (name, description) => name.or(description),
    };
    let quantity = match reader.said(node, "InvoicedQuantity")? {
        Some(quantity) => {
            let value = reader.decimal(quantity, "quantity")?;
            Some(Quantity { value, unit: reader.unit(quantity, "unit")? })
        }
        None => None,
    };
    let money = match reader.amount(node, "LineExtensionAmount", "amount")? {
        Some(amount) => {
            let document = *currency.get_or_insert(amount.currency);
            if document != amount.currency {
                let (found, other) = (amount.currency.to_string(), document.to_string());
                return Err(reader.fail(amount.node, Fault::TwoCurrencies { fact: "amount", found, other }));
            }
            reader.text(amount.node);
            Some(amount.value)
        }
        None => None,
    };
    if let Some(sub) = reader.children(node, "SubInvoiceLine").next() {
        reader.warn(sub, "lines within an invoice line are left out: the line above them has their sum");
    }
    let mut line = Line { id, description, money, quantity, ..Line::default() };
    line.hs = item_hs(reader, &items, false)?;
    // What was delivered on this line, if it is one goods item: a sum over several could mix units.
    let mut goods = Vec::new();
    for delivery in reader.children(node, "Delivery") {
        if let Some(shipment) = reader.child(delivery, "Shipment")? {
            goods.extend(reader.children(shipment, "GoodsItem"));
        }
    }
    match goods[..] {
        [one] => {
            line.net_mass = reader.mass(one, "NetWeightMeasure", "net_mass")?;
            line.packages = goods_packages(reader, one)?;
            line.origin = item_origin(reader, &items, Some(one))?;
        }
        _ => {
            line.origin = item_origin(reader, &items, None)?;
            if let Some(&first) = goods.first() {
                reader.warn(first, "several goods items delivered on one line: net mass and packages are unknown");
            }
        }
    }
    Ok(line)
}

/// The figure that makes a line a credit, and the line's amount with its sign.
fn credit<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Option<(Element<'a>, BigDecimal)>> {
    let mut negative = None;
    let mut amount = BigDecimal::default();
    for (name, fact) in [("InvoicedQuantity", "quantity"), ("LineExtensionAmount", "amount")] {
        let Some(figure) = reader.said(node, name)? else { continue };
        let text = reader.peek(figure);
        let size = text.strip_prefix('-');
        // Other faults of the figure come out when the line is read.
        let Ok(value) = Decimal::read(size.unwrap_or(&text)) else { continue };
        let value = value.value();
        let is_negative = size.is_some() && value != BigDecimal::default();
        if is_negative {
            negative = negative.or(Some(figure));
        }
        if fact == "amount" {
            amount = if is_negative { -value } else { value };
        }
    }
    Ok(negative.map(|figure| (figure, amount)))
}

/// With credit lines left out, the declared total is still checked, with them.
pub(super) fn agrees_with_credits<'a>(
    reader: &Reader<'a>,
    node: Element<'a>,
    declared: &Decimal,
    credits: BigDecimal,
    lines: &[Line],
) -> Read<()> {
    let all = lines.iter().all(|line| line.money.is_some());
    let sum = credits + lines.iter().filter_map(|l| l.money.as_ref()).map(Decimal::value).sum::<BigDecimal>();
    if all && sum != declared.value() {
        let sum = sum.normalized().to_plain_string();
        let text = format!(
            "amount: the declared total is {declared}, the lines with the credits make {sum}; accepted are totals that agree"
        );
        return Err(reader.fail(node, Fault::Contradiction(text)));
    }
    Ok(())
}

/// The sum of the lines as the invoice declares it.
fn total<'a>(
    reader: &Reader<'a>,
    root: Element<'a>,
    currency: Option<Currency>,
) -> Read<Option<(Element<'a>, Decimal)>> {
    let Some(totals) = reader.child(root, "LegalMonetaryTotal")? else { return Ok(None) };
    let Some(amount) = reader.amount(totals, "LineExtensionAmount", "amount")? else { return Ok(None) };
    match currency.filter(|c| *c != amount.currency) {
        Some(currency) => {
            let (found, other) = (amount.currency.to_string(), currency.to_string());
            Err(reader.fail(amount.node, Fault::TwoCurrencies { fact: "amount", found, other }))
        }
        None => {
            reader.text(amount.node);
            Ok(Some((amount.node, amount.value)))
        }
    }
}

/// Shipment, totals and countries, if the invoice speaks of one shipment.
fn delivery<'a>(reader: &Reader<'a>, root: Element<'a>, header: &mut Header) -> Read<()> {
    let mut shipments = Vec::new();
    for delivery in reader.children(root, "Delivery") {
        shipments.extend(reader.child(delivery, "Shipment")?);
    }
    let shipment = match shipments[..] {
        [one] => one,
        [first, ..] => {
            reader.warn(first, "an invoice of several shipments: shipment, totals and countries are unknown");
            return Ok(());
        }
        [] => return Ok(()),
    };
    header.references.extend(reader.text_at(shipment, &["ID"])?.map(|id| ("shipment".into(), id)));
    header.totals.net_mass = reader.mass(shipment, "NetWeightMeasure", "net_mass")?;
    let consignments: Vec<_> = reader.children(shipment, "Consignment").collect();
    if let [consignment] = consignments[..] {
        header.references.extend(reader.text_at(consignment, &["ID"])?.map(|id| ("consignment".into(), id)));
        header.totals.packages = reader.packages(consignment, "TotalPackagesQuantity")?;
    }
    countries(reader, shipment, &consignments, header)
}
