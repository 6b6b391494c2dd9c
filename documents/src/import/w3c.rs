//! Credentials of the W3C traceability vocabulary: commercial invoice, packing list, bills of lading, sea cargo manifest and
//! the certification of origin of the USMCA, as JSON or as the example inside the YAML of a schema.
//!
//! In: a parsed credential. Out: what its subject says. A proof on the credential is not checked, for nobody said whose
//! keys to trust; whoever attests the document vouches for it. Rules: `docs/documents.md`, "W3C traceability credentials".

mod goods;
mod party;
mod transport;

use sha2::{Digest, Sha256};

use super::{
    Imported,
    node::Node,
    tree::{At, Parts, Read, Tree},
};
use crate::{document::Header, error::Fault, profile::Kind, quantity::shorten};

/// How the subject of a credential is read.
type Reader = for<'a> fn(&Tree<'a>, &At<'a>, Header) -> Read<Parts<'a>>;

/// A credential that is read.
struct Credential {
    /// Its type.
    name: &'static str,
    kind: Kind,
    /// Where the subject states the document's own number.
    number: Option<&'static str>,
    read: Reader,
}

const fn credential(name: &'static str, kind: Kind, number: Option<&'static str>, read: Reader) -> Credential {
    Credential { name, kind, number, read }
}

const BILL: Option<&str> = Some("billOfLadingNumber");

static KNOWN: [Credential; 8] = [
    credential("CommercialInvoiceCredential", Kind::CommercialInvoice, Some("invoiceNumber"), goods::invoice),
    credential("PackingListCredential", Kind::PackingList, None, goods::packing_list),
    credential("BillOfLadingCredential", Kind::BillOfLading, BILL, transport::bill),
    credential("HouseBillOfLadingCredential", Kind::BillOfLading, BILL, transport::bill),
    credential("MasterBillOfLadingCredential", Kind::BillOfLading, BILL, transport::bill),
    credential("MultiModalBillOfLadingCredential", Kind::BillOfLading, BILL, transport::bill),
    credential("SeaCargoManifestCredential", Kind::CargoManifest, None, transport::manifest),
    credential("USMCACertificationOfOrigin", Kind::CertificateOfOrigin, None, goods::usmca),
];

/// Whether a file is a verifiable credential.
pub(super) fn is_credential(root: &Node) -> bool {
    root.has("credentialSubject")
}

/// Imports a credential; `sha256` is the digest of the file's bytes.
pub(super) fn import(root: &Node, file: &str, sha256: [u8; 32]) -> Read<Imported> {
    let tree = Tree::new(file);
    let root = Tree::root(root, "");
    let mut types = Vec::new();
    for at in tree.items(&root, "type")? {
        types.push(tree.text(&at)?);
    }
    let known: Vec<&Credential> = KNOWN.iter().filter(|c| types.iter().any(|t| t == c.name)).collect();
    let [credential] = known[..] else {
        let accepted = KNOWN.each_ref().map(|c| c.name).join(", ");
        return Err(tree.fail(&root, Fault::Credential { found: shorten(&types.join(", ")), accepted }));
    };
    let subjects = tree.items(&root, "credentialSubject")?;
    let [subject] = &subjects[..] else {
        return Err(tree.fail(&root, Fault::Repeated("credentialSubject".into())));
    };
    let mut header = Header { number: number(&tree, &root, subject, credential)?, ..Header::default() };
    if let Some(issuer) = tree.get(&root, "issuer")? {
        header.parties.extend(party::party(&tree, &issuer)?.map(|party| ("issuer".to_owned(), party)));
    }
    if tree.get(&root, "proof")?.is_some() {
        tree.warn(&root, "the proof of the credential is not checked");
    }
    let parts = (credential.read)(&tree, subject, header)?;
    if let (None, Some(at)) = (parts.header.issue_date, tree.get(&root, "validFrom")?) {
        tree.warn(&at, "validFrom is when the credential begins to hold, not the day of issue: issue_date is unknown");
    }
    tree.document(credential.kind, parts, &root, (format!("W3C {}", credential.name), sha256))
}

/// The number of the document: its own, else the credential's id, else the beginning of the credential's checksum.
fn number<'a>(tree: &Tree<'a>, root: &At<'a>, subject: &At<'a>, credential: &Credential) -> Read<String> {
    if let Some(key) = credential.number
        && let Some(number) = tree.text_at(subject, &[key])?
    {
        return Ok(number);
    }
    let issuer = match tree.get(root, "issuer")? {
        Some(issuer) if issuer.node.has("id") => tree.text_at(&issuer, &["id"])?,
        _ => None,
    };
    // Some issuers write their own id, which all their documents share.
    let id = tree.text_at(root, &["id"])?.filter(|id| Some(id) != issuer.as_ref() && id.chars().count() <= 200);
    if let Some(id) = id {
        tree.warn(root, "the document states no number: it is numbered by the id of the credential");
        return Ok(id);
    }
    let json = serde_json_canonicalizer::to_vec(root.node);
    let json = json.map_err(|e| tree.fail(root, Fault::Json(e.to_string())))?;
    tree.warn(root, "the document states no number: it is numbered by the beginning of its checksum");
    let digits = hex::encode(Sha256::digest(&json));
    Ok(format!("SHA256-{}", &digits[..16]))
}
