//! XML: documents of UBL 2.0 to 2.4 (OASIS Universal Business Language) and invoices of UN/CEFACT (Cross Industry Invoice,
//! D16B), both syntaxes of EN 16931 among them.
//!
//! In: XML text without a document type declaration. Out: a document, with a warning for every fact that a reader might
//! expect in it and that was left out; everything else the file says beyond our model is listed as dropped. The rules,
//! element by element, stand in `docs/documents.md`, "UBL" and "UN/CEFACT invoices".

mod cii;
mod invoice;
mod reader;
mod scan;
mod shipment;
mod weight;

use roxmltree::{Document as Xml, Error, ParsingOptions};

use self::{
    reader::{Element, Parts, Read, Reader},
    shipment::Family,
};
use super::{ImportOptions, Imported};
use crate::{
    document::{Document, Source},
    error::{Fault, ImportError, Place},
    profile::Kind,
};

/// What the namespaces of UBL's documents begin with.
const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";
/// Namespaces of UBL's facts.
const UBL_FACTS: [&str; 2] = [
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
];
const VERSIONS: [&str; 5] = ["2.0", "2.1", "2.2", "2.3", "2.4"];
/// Elements, texts and comments of a file: more than 64 MiB of goods lines have.
const MAX_NODES: u32 = 8_000_000;

/// How the document of a root element is read.
enum Syntax {
    Goods(&'static Family),
    Invoice,
    Weights,
    CrossIndustry,
}

impl Syntax {
    fn of(namespace: &str, name: &str) -> Option<Syntax> {
        if (namespace, name) == (cii::NAMESPACE, "CrossIndustryInvoice") {
            return Some(Syntax::CrossIndustry);
        }
        // The namespace of a UBL document is named like its root.
        if namespace.strip_prefix(UBL)?.strip_suffix("-2")? != name {
            return None;
        }
        match name {
            "Invoice" => Some(Syntax::Invoice),
            "WeightStatement" => Some(Syntax::Weights),
            _ => shipment::FAMILIES.iter().find(|family| family.root == name).map(Syntax::Goods),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Syntax::Goods(family) => family.kind,
            Syntax::Invoice | Syntax::CrossIndustry => Kind::CommercialInvoice,
            Syntax::Weights => Kind::WeightStatement,
        }
    }
}

/// Imports XML; `sha256` is the digest of the file's bytes.
pub(crate) fn import(
    text: &str,
    file: &str,
    sha256: [u8; 32],
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let xml = parse(text, file)?;
    let root = xml.root_element();
    let (namespace, name) = (root.tag_name().namespace().unwrap_or("no namespace"), root.tag_name().name());
    let Some(syntax) = Syntax::of(namespace, name) else {
        let fault = if name.ends_with("CreditNote") {
            Fault::CreditNote
        } else {
            let namespace = namespace.chars().take(120).collect::<String>();
            Fault::Root { found: format!("{} of {namespace}", crate::quantity::shorten(name)) }
        };
        return Err(Reader::new(file, &xml, &[]).fail(root, fault));
    };
    let kind = syntax.kind();
    let (reader, format) = match syntax {
        Syntax::CrossIndustry => {
            (Reader::new(file, &xml, &cii::FACTS), "UN/CEFACT CrossIndustryInvoice D16B".to_owned())
        }
        _ => {
            let reader = Reader::new(file, &xml, &UBL_FACTS);
            let format = ubl_version(&reader, root)?;
            (reader, format)
        }
    };
    let parts = match syntax {
        Syntax::Goods(family) => shipment::read(&reader, root, family)?,
        Syntax::Invoice => invoice::read(&reader, root, options)?,
        Syntax::Weights => weight::read(&reader, root)?,
        Syntax::CrossIndustry => cii::read(&reader, root, options)?,
    };
    let Parts { header, lines, nodes } = parts;
    let source = Source { sha256, format: format.clone(), dropped: reader.dropped(root) };
    let document = Document::new(kind, header, &lines, Some(source)).map_err(|invalid| {
        let line = invalid.line;
        let node = line.and_then(|i| nodes.get(i)).copied().unwrap_or(root);
        reader.fail(node, invalid).on_line(line.and_then(|i| lines.get(i)).map(|line| line.id.as_str()))
    })?;
    Ok(Imported { document, format, warnings: reader.warnings() })
}

/// The format in words. A file that names no version is of one of them.
fn ubl_version<'a>(reader: &Reader<'a>, root: Element<'a>) -> Read<String> {
    let name = root.tag_name().name();
    let Some(node) = reader.child(root, "UBLVersionID")? else { return Ok(format!("UBL 2 {name}")) };
    let found = reader.text(node);
    if VERSIONS.contains(&found.as_str()) {
        return Ok(format!("UBL {found} {name}"));
    }
    Err(reader.fail(node, Fault::Version { what: "UBLVersionID", found, accepted: "2.0 to 2.4" }))
}

fn parse<'a>(text: &'a str, file: &str) -> Result<Xml<'a>, ImportError> {
    scan::scan(text).map_err(|(offset, fault)| ImportError::new(file, scan::place(text, offset), fault))?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, entity_resolver: None };
    Xml::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let fault = match error {
            Error::DtdDetected => Fault::Dtd,
            error => Fault::Xml(error.to_string()),
        };
        ImportError::new(file, Place::At { line: at.row.into(), column: at.col.into() }, fault)
    })
}
