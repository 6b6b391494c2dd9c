//! Invoices, packing lists and certifications of origin: trade line items and packages.

use bigdecimal::BigDecimal;

use super::party::parties;
use crate::{
    codes::{Country, Criterion, HsCode},
    document::{Header, Line, Quantity, exact_sum},
    error::Fault,
    import::tree::{At, Parts, Read, Tree, common},
};

/// Lists that extend the Harmonized System, whose first six digits count.
const HARMONIZED: [&str; 5] = ["HS", "HTS", "HTSUS", "CN", "TARIC"];

/// The HS code of goods, where it stands on the item, its product or its commodity.
pub(super) fn hs<'a>(tree: &Tree<'a>, item: &At<'a>) -> Read<Option<HsCode>> {
    let mut codes = Vec::new();
    let product = tree.get(item, "product")?;
    for holder in [Some(item.clone()), product].into_iter().flatten() {
        codes.extend(tree.get(&holder, "htsCode")?);
        let commodity = tree.get(&holder, "commodity")?;
        for commodity in [Some(holder), commodity].into_iter().flatten() {
            let Some(code) = tree.get(&commodity, "commodityCode")? else { continue };
            let list = tree.text_at(&commodity, &["commodityCodeType"])?;
            match list.as_deref() {
                None => codes.push(code),
                Some(list) if HARMONIZED.contains(&list) => codes.push(code),
                Some(_) => tree.warn(&code, "commodityCode of another list than the Harmonized System is left out"),
            }
        }
    }
    tree.one_hs(&codes)
}

/// The country of origin, on the item or its product; two that differ are refused.
pub(super) fn origin<'a>(tree: &Tree<'a>, item: &At<'a>) -> Read<Option<Country>> {
    let mut found: Option<Country> = None;
    let product = tree.get(item, "product")?;
    for holder in [Some(item.clone()), product].into_iter().flatten() {
        let Some(country) = tree.code_at(&holder, "countryOfOrigin", "origin", Country::new)? else { continue };
        if let Some(first) = found.filter(|first| *first != country) {
            let text = format!("origin: {first} and {country} on one line; accepted is one origin a line");
            return Err(tree.fail(&holder, Fault::Contradiction(text)));
        }
        found = Some(country);
    }
    Ok(found)
}

/// What goods are called, on the item, its product or its commodity.
pub(super) fn description<'a>(tree: &Tree<'a>, item: &At<'a>) -> Read<Option<String>> {
    let mut holders = vec![item.clone()];
    for key in ["product", "commodity"] {
        holders.extend(tree.get(item, key)?);
    }
    for holder in &holders {
        for key in ["description", "name"] {
            if let Some(text) = tree.text_at(holder, &[key])? {
                return Ok(Some(text));
            }
        }
    }
    // Marks are all that some bills of lading say of the goods.
    tree.text_at(item, &["marksAndNumbers"])
}

pub(super) fn invoice<'a>(tree: &Tree<'a>, subject: &At<'a>, mut header: Header) -> Read<Parts<'a>> {
    header.issue_date = tree.date(subject, "invoiceDate")?;
    header.import_country = tree.code_at(subject, "destinationCountry", "import_country", Country::new)?;
    let roles =
        [("seller", "seller"), ("buyer", "buyer"), ("consignee", "consignee"), ("freightForwarder", "forwarder")];
    parties(tree, subject, &roles, &mut header.parties)?;
    let orders = tree.items(subject, "purchaseOrderNumbers")?;
    if let [order] = &orders[..] {
        header.references.extend(tree.said(order, "order")?.map(|order| ("order".into(), order)));
    }
    let bill = tree.text_at(subject, &["billOfLadingNumber"])?;
    header.references.extend(bill.map(|bill| ("bill_of_lading".into(), bill)));
    let places = tree.items(subject, "itemsShipped")?;
    let mut lines = Vec::new();
    for (i, item) in places.iter().enumerate() {
        lines.push(invoice_line(tree, item, i, &mut header).map_err(|e| e.on_line(Some(&(i + 1).to_string())))?);
    }
    header.totals.packages = tree.packages(subject, "packageQuantity")?;
    for (key, text) in [
        ("totalWeight", "totalWeight may be gross or net: left out"),
        ("originCountry", "originCountry of the whole is not spread over lines: left out"),
    ] {
        if let Some(at) = tree.get(subject, key)? {
            tree.warn(&at, text);
        }
    }
    invoice_total(tree, subject, &lines, &mut header)?;
    Ok(Parts { header, lines, places })
}

fn invoice_line<'a>(tree: &Tree<'a>, item: &At<'a>, index: usize, header: &mut Header) -> Read<Line> {
    let mut line = Line {
        id: (index + 1).to_string(),
        description: description(tree, item)?,
        hs: hs(tree, item)?,
        origin: origin(tree, item)?,
        net_mass: tree.mass(item, "netWeight", "unitCode", "net_mass")?,
        packages: tree.packages(item, "packageQuantity")?,
        quantity: quantity(tree, item)?,
        ..Line::default()
    };
    if let Some(at) = tree.get(item, "grossWeight")? {
        tree.warn(&at, "grossWeight is left out: an invoice has no gross mass");
    }
    if let Some(at) = tree.at(item, &["product", "weight"])? {
        tree.warn(&at, "weight of a product is that of one piece or of all: left out");
    }
    let Some(price) = tree.get(item, "lineItemTotalPrice")? else { return Ok(line) };
    if let Some(amount) = tree.amount(&price, "price", "priceCurrency", "amount")? {
        let document = *header.currency.get_or_insert(amount.currency);
        if document != amount.currency {
            let (found, other) = (amount.currency.to_string(), document.to_string());
            return Err(tree.fail(&price, Fault::TwoCurrencies { fact: "amount", found, other }));
        }
        line.money = Some(amount.value);
    }
    Ok(line)
}

/// The total of the lines: the subtotal, or what is due if that is just as much. Tax, freight and prepayments are in the
/// latter.
fn invoice_total<'a>(tree: &Tree<'a>, subject: &At<'a>, lines: &[Line], header: &mut Header) -> Read<()> {
    let money: Vec<Option<BigDecimal>> = lines.iter().map(|line| line.money.as_ref().map(|m| m.value())).collect();
    let whole = money.iter().all(Option::is_some);
    let sum = exact_sum(money.into_iter().flatten());
    for (key, exact) in [("invoiceSubtotal", true), ("totalPaymentDue", false)] {
        let Some(price) = tree.get(subject, key)? else { continue };
        let Some(amount) = tree.amount(&price, "price", "priceCurrency", "amount")? else { continue };
        if header.currency.is_some_and(|currency| currency != amount.currency) {
            tree.warn(&price, format!("{key} in another currency than the lines is left out"));
        } else if header.totals.money.is_some() {
            tree.warn(&price, format!("{key} may include tax and freight: left out"));
        } else if exact || whole && amount.value.value() == sum {
            header.currency = Some(amount.currency);
            header.totals.money = Some(amount.value);
        } else {
            tree.warn(&price, format!("{key} is not the sum of the lines, and may include tax and freight: left out"));
        }
    }
    Ok(())
}

/// A count of goods, whose unit the vocabulary does not have.
fn quantity<'a>(tree: &Tree<'a>, item: &At<'a>) -> Read<Option<Quantity>> {
    let Some(at) = tree.get(item, "itemCount")? else { return Ok(None) };
    Ok(tree.decimal(&at, "quantity")?.map(|value| Quantity { value, unit: None }))
}

pub(super) fn packing_list<'a>(tree: &Tree<'a>, subject: &At<'a>, mut header: Header) -> Read<Parts<'a>> {
    let roles = [
        ("seller", "seller"),
        ("buyer", "buyer"),
        ("consignee", "consignee"),
        ("shipFromParty", "ship_from"),
        ("shipToParty", "ship_to"),
    ];
    parties(tree, subject, &roles, &mut header.parties)?;
    header.references.extend(tree.text_at(subject, &["orderNumber"])?.map(|order| ("order".into(), order)));
    header.totals.gross_mass = tree.mass(subject, "totalGrossWeight", "unitCode", "gross_mass")?;
    header.totals.net_mass = tree.mass(subject, "totalNetWeight", "unitCode", "net_mass")?;
    header.totals.packages = tree.packages(subject, "totalNumberOfPackages")?;
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (i, item) in tree.items(subject, "items")?.into_iter().enumerate() {
        let packages = tree.items(&item, "transportPackages")?;
        if packages.is_empty() {
            let mut line = packed(tree, &item, &item, (i + 1).to_string())?;
            line.packages = tree.packages(&item, "packageQuantity")?;
            lines.push(line);
            places.push(item);
            continue;
        }
        for (j, package) in packages.iter().enumerate() {
            let id = if packages.len() == 1 { (i + 1).to_string() } else { format!("{}.{}", i + 1, j + 1) };
            let mut line = packed(tree, &item, package, id.clone()).map_err(|e| e.on_line(Some(&id)))?;
            match packages.len() {
                1 => line.packages = tree.packages(&item, "packageQuantity")?,
                _ => tree.warn(package, "packageQuantity is not spread over several kinds of packages: unknown"),
            }
            lines.push(line);
            places.push(package.clone());
        }
    }
    Ok(Parts { header, lines, places })
}

/// A line of a packing list: packages of one kind, and the goods in them.
fn packed<'a>(tree: &Tree<'a>, item: &At<'a>, package: &At<'a>, id: String) -> Read<Line> {
    let goods = tree.items(package, "includedTradeLineItems")?;
    let mut line = Line {
        id,
        gross_mass: tree.mass(package, "grossWeight", "unitCode", "gross_mass")?,
        net_mass: tree.mass(package, "netWeight", "unitCode", "net_mass")?,
        ..Line::default()
    };
    match &goods[..] {
        [] => {
            line.description = description(tree, item)?;
            line.hs = hs(tree, item)?;
            line.origin = origin(tree, item)?;
        }
        [one] => {
            line.description = description(tree, one)?;
            line.quantity = quantity(tree, one)?;
            line.hs = hs(tree, one)?;
            line.origin = origin(tree, one)?;
        }
        several => {
            // What all of them share is said of the line; what they do not is unknown.
            let (mut names, mut codes, mut origins) = (Vec::new(), Vec::new(), Vec::new());
            for goods in several {
                names.extend(description(tree, goods)?);
                codes.push(hs(tree, goods)?);
                origins.push(origin(tree, goods)?);
            }
            line.description = Some(names.join("; ")).filter(|text| !text.is_empty());
            line.hs = common(codes);
            line.origin = common(origins);
            tree.warn(package, "several goods in one kind of package: what they do not share is unknown");
        }
    }
    Ok(line)
}

pub(super) fn usmca<'a>(tree: &Tree<'a>, subject: &At<'a>, mut header: Header) -> Read<Parts<'a>> {
    let roles = [("importerDetails", "importer"), ("exporterDetails", "exporter"), ("producerDetails", "producer")];
    parties(tree, subject, &roles, &mut header.parties)?;
    let invoice = tree.text_at(subject, &["invoiceNumber"])?;
    header.references.extend(invoice.map(|invoice| ("invoice".into(), invoice)));
    let places = tree.items(subject, "goods")?;
    let mut lines = Vec::new();
    for (i, goods) in places.iter().enumerate() {
        let line = || {
            Ok(Line {
                id: (i + 1).to_string(),
                description: description(tree, goods)?,
                hs: hs(tree, goods)?,
                origin: origin(tree, goods)?,
                criterion: tree.code_at(goods, "originCriterion", "criterion", Criterion::new)?,
                ..Line::default()
            })
        };
        lines.push(line().map_err(|e: crate::error::ImportError| e.on_line(Some(&(i + 1).to_string())))?);
    }
    Ok(Parts { header, lines, places })
}
