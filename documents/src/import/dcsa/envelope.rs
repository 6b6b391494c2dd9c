//! Envelopes: what is signed in them must speak of the transport document that is in them.
//!
//! Signatures are not checked, for nobody said whose keys to trust; that their contents name another transport document
//! than the one beside them is seen without keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    error::Fault,
    import::{
        node::Node,
        tree::{At, Read, Tree},
    },
};

/// An envelope around a transport document.
pub(in crate::import) struct Envelope {
    /// The member that is the transport document.
    pub document: &'static str,
    /// The format in words.
    pub format: &'static str,
}

/// Members that are a JWS, or a list whose last one counts, and the member of their contents that is a checksum of the document.
const SIGNED: [(&str, &str); 3] = [
    ("envelopeManifestSignedContent", "transportDocumentChecksum"),
    ("issuanceManifestSignedContent", "documentChecksum"),
    ("envelopeTransferChain", "transportDocumentChecksum"),
];

/// The envelopes that are read.
pub(super) static KNOWN: [Envelope; 2] = [
    Envelope { document: "transportDocument", format: "DCSA PINT envelope 3" },
    Envelope { document: "document", format: "DCSA issuance request 3" },
];

impl Envelope {
    /// Compares every signed checksum with that of the document inside.
    pub fn check<'a>(&self, tree: &Tree<'a>, root: &At<'a>, checksum: &str) -> Read<()> {
        for (member, key) in SIGNED {
            // Of the chain of transfers the last entry speaks of this document; earlier ones may of what it replaced.
            let Some(signed) = tree.items(root, member)?.pop() else { continue };
            tree.warn(root, "signatures of the envelope are not checked");
            let text = tree.text(&signed)?;
            let said = payload(&text).and_then(|payload| match payload.get(key) {
                Some(Node::Text(said)) => Some(said.clone().into_owned()),
                _ => None,
            });
            let Some(said) = said else {
                let accepted = "a JWS (RFC 7515) whose payload has the checksum of the transport document";
                return Err(tree.fail(&signed, Fault::Type { found: "other text", accepted }));
            };
            if said != checksum {
                let said = crate::quantity::shorten(&said);
                let text = format!(
                    "{key}: signed is {said}, the transport document beside it has {checksum}; accepted is its own"
                );
                return Err(tree.fail(&signed, Fault::Contradiction(text)));
            }
        }
        Ok(())
    }
}

/// The payload of a JWS in compact serialisation, if it is JSON.
fn payload(jws: &str) -> Option<Node<'static>> {
    let mut parts = jws.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    parts.next().is_none().then(|| Node::parse(&json, "").map(Node::into_owned).ok()).flatten()
}
