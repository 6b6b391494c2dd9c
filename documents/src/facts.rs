//! What a document says beside its rows, and a claim may depend on: the part of it that an attestation carries as
//! selectively disclosable, and a verifier sees where the policy asks for it.

use std::collections::{BTreeMap, BTreeSet};

/// Name of the reference that is a document's own number.
pub const DOCUMENT_NUMBER: &str = "document";

/// Facts beside the rows. In a verifier's hands, those that were disclosed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Columns that are complete: every goods line has that fact. A column of the document row is named
    /// `document.NAME`.
    pub complete: BTreeSet<String>,
    /// ISO 4217 letters of the one currency of the document's money, if it speaks of money.
    pub currency: Option<String>,
    /// UN/ECE Recommendation 20 code of the one unit of the document's quantities, if all lines have the same.
    pub unit: Option<String>,
    /// References by name: `document` (its number), `shipment`, `order`.
    pub references: BTreeMap<String, String>,
}
