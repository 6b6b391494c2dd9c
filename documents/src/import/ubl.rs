//! UBL 2.0 to 2.4: Manifest and Invoice (OASIS Universal Business Language).
//!
//! In: XML text without a document type declaration. Out: a document, with a warning for every fact that a reader might
//! expect in it and that was left out; everything else the file says beyond our model is listed as dropped. The rules,
//! element by element, stand in `docs/documents.md`, "UBL".

mod invoice;
mod manifest;
mod reader;
mod scan;

use roxmltree::{Document as Xml, Error, ParsingOptions};

use self::reader::Reader;
use super::{ImportOptions, Imported};
use crate::{
    document::{Document, Source},
    error::{Fault, ImportError, Place},
    profile::Kind,
};

const MANIFEST: &str = "urn:oasis:names:specification:ubl:schema:xsd:Manifest-2";
const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const VERSIONS: [&str; 5] = ["2.0", "2.1", "2.2", "2.3", "2.4"];
/// Elements, texts and comments of a file: a million goods lines need more than 16 MiB.
const MAX_NODES: u32 = 2_000_000;

/// Imports UBL XML; `sha256` is the digest of the file's bytes.
pub(crate) fn import(
    text: &str,
    file: &str,
    sha256: [u8; 32],
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let xml = parse(text, file)?;
    let root = xml.root_element();
    let reader = Reader::new(file, &xml);
    let kind = match (root.tag_name().namespace(), root.tag_name().name()) {
        (Some(MANIFEST), "Manifest") => Kind::CargoManifest,
        (Some(INVOICE), "Invoice") => Kind::CommercialInvoice,
        (namespace, name) => {
            let namespace = namespace.unwrap_or("no namespace").chars().take(120).collect::<String>();
            let found = format!("{} of {namespace}", crate::quantity::shorten(name));
            return Err(reader.fail(root, Fault::Root { found }));
        }
    };
    let format = match reader.child(root, "UBLVersionID")? {
        None => format!("UBL 2 {}", root.tag_name().name()),
        Some(node) => {
            let found = reader.text(node);
            if !VERSIONS.contains(&found.as_str()) {
                let fault = Fault::Version { what: "UBLVersionID", found, accepted: "2.0 to 2.4" };
                return Err(reader.fail(node, fault));
            }
            format!("UBL {found} {}", root.tag_name().name())
        }
    };
    let parts = match kind {
        Kind::CommercialInvoice => invoice::read(&reader, root, options)?,
        _ => manifest::read(&reader, root)?,
    };
    let source = Source { sha256, format: format.clone(), dropped: reader.dropped(root) };
    let nodes = parts.nodes;
    let ids: Vec<String> = parts.lines.iter().map(|line| line.id.clone()).collect();
    let document = Document::new(kind, parts.header, parts.lines, Some(source)).map_err(|invalid| {
        let line = invalid.line;
        let node = line.and_then(|i| nodes.get(i)).copied().unwrap_or(root);
        reader.fail(node, invalid).on_line(line.and_then(|i| ids.get(i)).map(String::as_str))
    })?;
    Ok(Imported { document, format, warnings: reader.warnings() })
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
