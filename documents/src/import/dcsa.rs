//! JSON of the Digital Container Shipping Association: transport documents (eBL 3), alone or in an envelope that moves
//! them between platforms (PINT 3) or issues them, and declarations of verified gross mass (VGM 1).
//!
//! In: a parsed file. Out: a bill of lading or a weight statement. The checksum by which platforms know a transport
//! document, SHA-256 over its canonical JSON (RFC 8785), becomes the reference `transport_document_checksum`, which an
//! attestation lets be disclosed. Rules: `docs/documents.md`, "DCSA".

mod bill;
mod envelope;
mod party;
mod weight;

use sha2::{Digest, Sha256};

use self::envelope::Envelope;
use super::{
    Imported,
    node::Node,
    tree::{At, Read, Tree},
};
use crate::{error::Fault, profile::Kind};

/// Name of the reference that is the checksum of the transport document.
const CHECKSUM: &str = "transport_document_checksum";

/// What the members of a file's root make it.
pub(super) enum Shape {
    Transport,
    Envelope(&'static Envelope),
    Weights,
}

/// The shape of a file, if it is of the DCSA.
pub(super) fn shape(root: &Node) -> Option<Shape> {
    if root.has("VGMDeclarations") || root.has("VGM") && root.has("equipmentDetails") {
        return Some(Shape::Weights);
    }
    let envelope = envelope::KNOWN.iter().find(|e| root.get(e.document).is_some_and(|d| d.has("consignmentItems")));
    let transport = || root.has("consignmentItems").then_some(Shape::Transport);
    envelope.map(Shape::Envelope).or_else(transport)
}

/// Imports a file of this shape; `sha256` is the digest of its bytes.
pub(super) fn import(root: &Node, shape: &Shape, file: &str, sha256: [u8; 32]) -> Read<Imported> {
    let tree = Tree::new(file);
    let whole = Tree::root(root, "");
    let (kind, format, parts) = match shape {
        Shape::Weights => (Kind::WeightStatement, "DCSA VGM declaration 1", weight::read(&tree, &whole)?),
        Shape::Transport => {
            let parts = bill::read(&tree, &whole, &checksum(&tree, &whole)?)?;
            (Kind::BillOfLading, "DCSA transport document 3", parts)
        }
        Shape::Envelope(envelope) => {
            let inner = tree.get(&whole, envelope.document)?;
            let inner = inner.ok_or_else(|| tree.fail(&whole, Fault::MissingKey(envelope.document)))?;
            let checksum = checksum(&tree, &inner)?;
            envelope.check(&tree, &whole, &checksum)?;
            (Kind::BillOfLading, envelope.format, bill::read(&tree, &inner, &checksum)?)
        }
    };
    tree.document(kind, parts, &whole, (format.to_owned(), sha256))
}

/// SHA-256 over RFC 8785 JSON, in lower-case hexadecimal digits.
fn checksum<'a>(tree: &Tree<'a>, document: &At<'a>) -> Read<String> {
    let json = serde_json_canonicalizer::to_vec(document.node);
    let json = json.map_err(|e| tree.fail(document, Fault::Json(e.to_string())))?;
    Ok(hex::encode(Sha256::digest(&json)))
}

/// The number of a document that states none: the beginning of its checksum, which is no other document's.
fn numbered_by_checksum<'a>(tree: &Tree<'a>, at: &At<'a>, checksum: &str) -> String {
    tree.warn(at, "the document states no number: it is numbered by the beginning of its checksum");
    format!("SHA256-{}", checksum.get(..16).unwrap_or(checksum))
}
