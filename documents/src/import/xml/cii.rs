//! UN/CEFACT Cross Industry Invoice (D16B), the second syntax of EN 16931: one goods line a trade line item.
//!
//! Amounts of this syntax name no currency: all are in the invoice's.

use bigdecimal::BigDecimal;

use super::{
    invoice::{CREDIT_NOTES, agrees_with_credits},
    reader::{Element, Parts, Read, Reader},
};
use crate::{
    codes::{Country, HsCode},
    document::{Header, Line, Party, Quantity},
    error::{Fault, ImportError},
    import::ImportOptions,
    quantity::{Decimal, shorten},
};

pub(super) const NAMESPACE: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
/// Namespaces of its facts.
pub(super) const FACTS: [&str; 4] = [
    NAMESPACE,
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
];

pub(super) fn read<'a>(reader: &Reader<'a>, root: Element<'a>, options: &ImportOptions) -> Read<Parts<'a>> {
    let mut header = Header::default();
    if let Some(document) = reader.child(root, "ExchangedDocument")? {
        header.number = reader.text_at(document, &["ID"])?.unwrap_or_default();
        header.issue_date = date(reader, document)?;
        if let Some(node) = reader.child(document, "TypeCode")? {
            let found = reader.text(node);
            if CREDIT_NOTES.contains(&found.as_str()) {
                return Err(reader.fail(node, Fault::CreditNote));
            }
        }
    }
    let (mut lines, mut nodes) = (Vec::new(), Vec::new());
    let Some(trade) = reader.child(root, "SupplyChainTradeTransaction")? else {
        return Ok(Parts { header, lines, nodes });
    };
    let settlement = reader.child(trade, "ApplicableHeaderTradeSettlement")?;
    if let Some(settlement) = settlement {
        header.currency = reader.currency(settlement, "InvoiceCurrencyCode")?;
        if let Some(node) = reader.children(settlement, "SpecifiedTradeAllowanceCharge").next() {
            reader.warn(node, "allowances and charges of the whole invoice are in no line's amount: left out");
        }
    }
    parties(reader, trade, &mut header)?;

    let mut credits = BigDecimal::default();
    let mut left_out = false;
    for node in reader.children(trade, "IncludedSupplyChainTradeLineItem") {
        let id = reader.text_at(node, &["AssociatedDocumentLineDocument", "LineID"])?;
        let id = id.ok_or_else(|| reader.fail(node, Fault::MissingKey("LineID")))?;
        let on_line = |e: ImportError| e.on_line(Some(&id));
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
        lines.push(line(reader, node, id.clone()).map_err(on_line)?);
        nodes.push(node);
    }
    if let Some(settlement) = settlement {
        let path = ["SpecifiedTradeSettlementHeaderMonetarySummation", "LineTotalAmount"];
        if let Some(node) = reader.at(settlement, &path)? {
            let declared = reader.decimal(node, "amount")?;
            if left_out {
                agrees_with_credits(reader, node, &declared, credits, &lines)?;
            } else {
                header.totals.money = Some(declared);
            }
        }
    }
    Ok(Parts { header, lines, nodes })
}

/// `IssueDateTime/DateTimeString` in format 102, which is the only one that EN 16931 has: `20260131`.
fn date<'a>(reader: &Reader<'a>, document: Element<'a>) -> Read<Option<jiff::civil::Date>> {
    let Some(node) = reader.at(document, &["IssueDateTime", "DateTimeString"])? else { return Ok(None) };
    let found = reader.text(node);
    let digits = found.len() == 8 && found.bytes().all(|b| b.is_ascii_digit());
    let text = if digits { format!("{}-{}-{}", &found[..4], &found[4..6], &found[6..]) } else { found.clone() };
    let fault = || Fault::Date { fact: "issue_date", found: shorten(&found), accepted: "YYYYMMDD (format 102)".into() };
    crate::import::iso_date(&text).map(Some).ok_or_else(|| reader.fail(node, fault()))
}

const AMOUNT: [&str; 3] =
    ["SpecifiedLineTradeSettlement", "SpecifiedTradeSettlementLineMonetarySummation", "LineTotalAmount"];
const QUANTITY: [&str; 2] = ["SpecifiedLineTradeDelivery", "BilledQuantity"];

fn line<'a>(reader: &Reader<'a>, node: Element<'a>, id: String) -> Read<Line> {
    let mut line = Line { id, ..Line::default() };
    if let Some(product) = reader.child(node, "SpecifiedTradeProduct")? {
        let (name, description) = (reader.texts(product, "Name"), reader.texts(product, "Description"));
        line.description = match (name, description) {
            (Some(name), Some(description)) if name != description => Some(format!("{name}: {description}")),
            (name, description) => name.or(description),
        };
        line.origin = match reader.at(product, &["OriginTradeCountry", "ID"])? {
            Some(node) => reader.code(node, "origin", Country::new)?,
            None => None,
        };
        line.hs = hs(reader, product)?;
    }
    if let Some(quantity) = reader.at(node, &QUANTITY)? {
        let value = reader.decimal(quantity, "quantity")?;
        line.quantity = Some(Quantity { value, unit: reader.unit(quantity, "unit")? });
    }
    if let Some(amount) = reader.at(node, &AMOUNT)? {
        line.money = Some(reader.decimal(amount, "amount")?);
    }
    Ok(line)
}

/// The HS code among a product's classifications: UNTDID 7143 lists it as `HS`.
fn hs<'a>(reader: &Reader<'a>, product: Element<'a>) -> Read<Option<HsCode>> {
    let mut found: Option<HsCode> = None;
    for classification in reader.children(product, "DesignatedProductClassification") {
        let listed = |n: &Element<'a>| n.attribute("listID").is_some_and(|id| id.trim().eq_ignore_ascii_case("HS"));
        let Some(node) = reader.child(classification, "ClassCode")?.filter(listed) else { continue };
        let Some(code) = reader.hs(node)? else { continue };
        match &found {
            Some(first) if first.groups() != code.groups() => {
                let text = format!("hs: {first} and {code} on one line; accepted is one HS code a line");
                return Err(reader.fail(node, Fault::Contradiction(text)));
            }
            _ => found = found.or(Some(code)),
        }
    }
    Ok(found)
}

/// The figure that makes a line a credit, and the line's amount with its sign.
fn credit<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Option<(Element<'a>, BigDecimal)>> {
    let (quantity, amount) = (reader.at(node, &QUANTITY)?, reader.at(node, &AMOUNT)?);
    let mut negative = None;
    let mut value = BigDecimal::default();
    for figure in [quantity, amount].into_iter().flatten() {
        let text = reader.peek(figure);
        let size = text.strip_prefix('-');
        // Other faults of the figure come out when the line is read.
        let Ok(read) = Decimal::read(size.unwrap_or(&text)) else { continue };
        let is_negative = size.is_some() && read.value() != BigDecimal::default();
        negative = negative.or(is_negative.then_some(figure));
        if Some(figure) == amount {
            value = if is_negative { -read.value() } else { read.value() };
        }
    }
    Ok(negative.map(|figure| (figure, value)))
}

fn parties<'a>(reader: &Reader<'a>, trade: Element<'a>, header: &mut Header) -> Read<()> {
    let roles = [
        ("ApplicableHeaderTradeAgreement", "SellerTradeParty", "seller"),
        ("ApplicableHeaderTradeAgreement", "BuyerTradeParty", "buyer"),
        ("ApplicableHeaderTradeDelivery", "ShipToTradeParty", "ship_to"),
        ("ApplicableHeaderTradeSettlement", "PayeeTradeParty", "payee"),
    ];
    for (holder, name, role) in roles {
        if let Some(node) = reader.at(trade, &[holder, name])? {
            header.parties.insert(role.into(), party(reader, node)?);
        }
    }
    let order = ["ApplicableHeaderTradeAgreement", "BuyerOrderReferencedDocument", "IssuerAssignedID"];
    header.references.extend(reader.text_at(trade, &order)?.map(|id| ("order".into(), id)));
    Ok(())
}

fn party<'a>(reader: &Reader<'a>, node: Element<'a>) -> Read<Party> {
    let mut party = Party { name: reader.texts(node, "Name"), ..Party::default() };
    for registration in reader.children(node, "SpecifiedTaxRegistration") {
        if party.identifier.is_none() {
            party.identifier = reader.text_at(registration, &["ID"])?;
        }
    }
    if party.identifier.is_none() {
        party.identifier = reader.text_at(node, &["SpecifiedLegalOrganization", "ID"])?;
    }
    if let Some(address) = reader.child(node, "PostalTradeAddress")? {
        let mut parts = Vec::new();
        for name in ["LineOne", "LineTwo", "LineThree", "PostcodeCode", "CityName", "CountrySubDivisionName"] {
            parts.extend(reader.text_at(address, &[name])?);
        }
        party.address = Some(parts.join(", ")).filter(|a| !a.is_empty());
        party.country = reader.country(address, "country", &["CountryID"])?;
    }
    Ok(party)
}
