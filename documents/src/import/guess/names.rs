//! What headings are called: one fact has many names, in several languages, with its unit or currency behind it.

use crate::codes::Currency;

/// Facts and the names that mean nothing else, without blanks, points and accents.
const NAMES: [(&str, &[&str]); 23] = [
    (
        "id",
        &[
            "line",
            "lineno",
            "linenumber",
            "lineid",
            "no",
            "nr",
            "item",
            "itemno",
            "itemnumber",
            "pos",
            "position",
            "posnr",
            "seq",
            "sequence",
            "sno",
            "srno",
            "lineitem",
            "zeile",
            "ligne",
            "linea",
        ],
    ),
    (
        "description",
        &[
            "description",
            "goods",
            "goodsdescription",
            "descriptionofgoods",
            "productdescription",
            "itemdescription",
            "product",
            "productname",
            "desc",
            "bezeichnung",
            "warenbezeichnung",
            "designation",
            "descripcion",
        ],
    ),
    (
        "hs",
        &[
            "hs",
            "hscode",
            "hscodes",
            "hsno",
            "hts",
            "htscode",
            "hsn",
            "hsncode",
            "tariff",
            "tariffcode",
            "tariffno",
            "tariffnumber",
            "customstariffnumber",
            "commoditycode",
            "taric",
            "cncode",
            "ncm",
            "warennummer",
            "zolltarifnummer",
            "codesh",
            "partidaarancelaria",
            "fraccionarancelaria",
        ],
    ),
    (
        "origin",
        &[
            "origin",
            "countryoforigin",
            "origincountry",
            "countryorigin",
            "coo",
            "madein",
            "ursprungsland",
            "ursprung",
            "paysdorigine",
            "origine",
            "paisdeorigen",
            "origen",
        ],
    ),
    (
        "gross_mass",
        &[
            "gross",
            "grossweight",
            "grossmass",
            "grosswt",
            "grosswgt",
            "gw",
            "gwt",
            "totalgrossweight",
            "bruttogewicht",
            "brutto",
            "poidsbrut",
            "pesobruto",
        ],
    ),
    (
        "net_mass",
        &[
            "net",
            "netweight",
            "netmass",
            "netwt",
            "netwgt",
            "nw",
            "nwt",
            "totalnetweight",
            "nettogewicht",
            "netto",
            "poidsnet",
            "pesoneto",
        ],
    ),
    ("tare_mass", &["tare", "tareweight", "taremass", "tara"]),
    ("verified_mass", &["vgm", "verifiedgrossmass", "verifiedgrossweight", "verifiedmass"]),
    ("max_gross_mass", &["maxgross", "maxgrossweight", "maxgrossmass", "maximumgrossweight", "mgw"]),
    (
        "packages",
        &[
            "packages",
            "package",
            "pkgs",
            "pkg",
            "numberofpackages",
            "noofpackages",
            "packageqty",
            "packagequantity",
            "cartons",
            "ctns",
            "ctn",
            "noofcartons",
            "numberofcartons",
            "packstucke",
            "colis",
            "bultos",
        ],
    ),
    (
        "money",
        &[
            "value",
            "amount",
            "totalvalue",
            "totalamount",
            "lineamount",
            "linetotal",
            "linevalue",
            "netamount",
            "fob",
            "fobvalue",
            "invoicevalue",
            "customsvalue",
            "statisticalvalue",
            "totalprice",
            "extendedprice",
            "betrag",
            "gesamtpreis",
            "wert",
            "montant",
            "valeur",
            "importe",
            "valor",
        ],
    ),
    ("currency", &["currency", "currencycode", "curr", "ccy", "wahrung", "devise", "moneda"]),
    ("quantity", &["quantity", "qty", "menge", "anzahl", "quantite", "cantidad", "invoicedqty", "shippedqty"]),
    (
        "unit",
        &["unit", "uom", "unitofmeasure", "unitofmeasurement", "qtyunit", "quantityunit", "einheit", "unite", "unidad"],
    ),
    ("dangerous", &["un", "unno", "unnumber", "unnr", "undg", "dangerousgoods", "dg", "hazmat"]),
    (
        "container",
        &[
            "container",
            "containerno",
            "containernumber",
            "containerid",
            "cntr",
            "cntrno",
            "equipment",
            "equipmentno",
            "equipmentreference",
            "conteneur",
            "contenedor",
        ],
    ),
    ("originating", &["originating", "isoriginating"]),
    ("criterion", &["criterion", "origincriterion", "preferencecriterion", "preferencecriteria"]),
    ("method", &["method", "vgmmethod", "weighingmethod"]),
    (
        "number",
        &[
            "invoiceno",
            "invoicenumber",
            "invoicenr",
            "invoice",
            "documentno",
            "documentnumber",
            "docno",
            "manifestno",
            "manifestnumber",
            "blno",
            "blnumber",
            "billofladingnumber",
            "packinglistno",
            "declarationno",
            "declarationnumber",
            "rechnungsnummer",
            "numerodefactura",
        ],
    ),
    (
        "issue_date",
        &[
            "date",
            "invoicedate",
            "issuedate",
            "dateofissue",
            "documentdate",
            "docdate",
            "rechnungsdatum",
            "datum",
            "fecha",
        ],
    ),
    ("shipment", &["shipment", "shipmentno", "shipmentid", "shipmentnumber", "shipmentreference"]),
    ("order", &["order", "orderno", "ordernumber", "po", "pono", "ponumber", "purchaseorder", "bestellnummer"]),
];

/// Columns that hold the unit of one mass or of both.
const MASS_UNITS: [(&str, &[&str]); 3] = [
    ("gross_mass", &["grossunit", "grossweightunit", "grossuom"]),
    ("net_mass", &["netunit", "netweightunit", "netuom"]),
    ("", &["weightunit", "massunit", "wtunit", "weightuom"]),
];

/// What a heading says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A fact, with the unit or currency behind its name.
    Fact { fact: &'static str, suffix: Option<Suffix> },
    /// The unit of the mass of this name, or of all masses.
    MassUnit(&'static str),
    /// A weight, but not which.
    SomeWeight,
}

/// What stands behind the name of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    /// A unit of mass as the mapping writes it.
    Mass(&'static str),
    Currency(&'static str),
    Unit(&'static str),
}

/// The meaning of a heading, if its name has one.
pub(super) fn meaning(heading: &str) -> Option<Meaning> {
    let words = words(heading);
    let whole = words.concat();
    if let Some(found) = named(&whole, None) {
        return Some(found);
    }
    let (last, rest) = words.split_last()?;
    let suffix = suffix(last)?;
    // A unit that is part of no name, such as "per kg", leaves a name that is none.
    named(&rest.concat(), Some(suffix))
}

fn named(name: &str, suffix: Option<Suffix>) -> Option<Meaning> {
    if matches!(name, "weight" | "mass" | "wt" | "gewicht" | "poids" | "peso") {
        return Some(Meaning::SomeWeight);
    }
    if let Some((mass, _)) = MASS_UNITS.iter().find(|(_, names)| names.contains(&name)) {
        return Some(Meaning::MassUnit(mass));
    }
    let exact = NAMES.iter().find(|(_, names)| names.contains(&name));
    let near = || {
        let mut near = NAMES.iter().filter(|(_, names)| names.iter().any(|known| slip(name, known)));
        near.next().filter(|_| near.next().is_none())
    };
    exact.or_else(near).map(|(fact, _)| Meaning::Fact { fact, suffix })
}

fn suffix(word: &str) -> Option<Suffix> {
    Some(match word {
        "kg" | "kgs" | "kgm" | "kilogram" | "kilograms" | "kilo" | "kilos" => Suffix::Mass("kg"),
        "lb" | "lbs" | "lbr" | "pound" | "pounds" => Suffix::Mass("lb"),
        "mt" | "tne" | "tonne" | "tonnes" => Suffix::Mass("t"),
        "gram" | "grams" | "grm" => Suffix::Mass("g"),
        "€" => Suffix::Currency("EUR"),
        "£" => Suffix::Currency("GBP"),
        // Not every code of Recommendation 20: STK is a stick of cigarettes, and Stk. in German a piece.
        "stk" | "stck" | "stuck" | "piezas" | "pieces" | "piece" | "pcs" | "pc" => Suffix::Unit("H87"),
        "ea" | "each" => Suffix::Unit("EA"),
        "ctns" | "ctn" | "cartons" => Suffix::Unit("XCT"),
        _ => Suffix::Currency(Currency::new(&word.to_ascii_uppercase()).ok()?.letters()),
    })
}

/// The words of a heading in small letters without accents: `GrossWeight (KGS)` is `gross weight kgs`.
fn words(heading: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in heading.chars().take(200) {
        let plain = match c {
            'ä' | 'à' | 'á' | 'â' | 'Ä' => 'a',
            'é' | 'è' | 'ê' | 'É' => 'e',
            'í' => 'i',
            'ö' | 'ó' | 'ô' | 'Ö' => 'o',
            'ü' | 'ú' | 'Ü' => 'u',
            'ñ' => 'n',
            c => c,
        };
        if !plain.is_alphanumeric() && !matches!(plain, '€' | '£') {
            words.push(String::new());
        } else {
            if small && plain.is_uppercase() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(plain.to_lowercase());
            }
        }
        small = plain.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a long name is a known one with one letter wrong, missing, added, or two neighbours swapped.
fn slip(name: &str, known: &str) -> bool {
    let (a, b) = (name.as_bytes(), known.as_bytes());
    if b.len() < 7 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    match (x, y) {
        ([_], [_]) | ([], [_]) | ([_], []) => true,
        ([p, q], [r, s]) => (p, q) == (s, r),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        let fact = |heading| match meaning(heading) {
            Some(Meaning::Fact { fact, suffix }) => Some((fact, suffix)),
            _ => None,
        };
        let kg = Some(Suffix::Mass("kg"));
        for heading in
            ["Gross weight (kg)", "GROSS WT. KGS", "G.W.(KGS)", "grossWeightKg", "Gross wieght [kg]", "Poids brut (kg)"]
        {
            assert_eq!(fact(heading), Some(("gross_mass", kg.clone())), "{heading}");
        }
        assert_eq!(fact("Amount (USD)"), Some(("money", Some(Suffix::Currency("USD")))));
        assert_eq!(fact("Total price €"), Some(("money", Some(Suffix::Currency("EUR")))));
        assert_eq!(fact("Qty (pcs)"), Some(("quantity", Some(Suffix::Unit("H87")))));
        assert_eq!(fact("Country of Origin"), Some(("origin", None)));
        assert_eq!(fact("Währung"), Some(("currency", None)));
        assert_eq!(meaning("Weight (kg)"), Some(Meaning::SomeWeight));
        assert_eq!(meaning("Gross unit"), Some(Meaning::MassUnit("gross_mass")));
        for heading in ["Unit price", "Price per kg", "Marks", "", "Gross margin", "USD", "(kg)"] {
            assert_eq!(meaning(heading), None, "{heading}");
        }
    }
}
