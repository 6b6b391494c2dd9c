//! Why a claim does not hold, where it is not the figure.

use crate::{claim::RoleName, policy::DocumentCount};

/// Why a figure could not be taken, or a requirement is not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More or fewer documents than the policy says.
    #[error("{role} has {found} documents; the policy says {expected}")]
    Documents {
        /// The role.
        role: RoleName,
        /// How many the policy says.
        expected: DocumentCount,
        /// How many there are.
        found: usize,
    },
    /// Documents in a role that the policy does not have.
    #[error("the policy has no role {role:?}")]
    UnknownRole {
        /// The role.
        role: RoleName,
    },
    /// A document that the verifier expects is not there.
    #[error("document {number:?} of {role} is expected and not there")]
    ExpectedMissing {
        /// The role.
        role: RoleName,
        /// Its number.
        number: String,
    },
    /// A document is there that the verifier does not expect.
    #[error("document {number:?} of {role} is there and not expected")]
    NotExpected {
        /// The role.
        role: RoleName,
        /// Its number.
        number: String,
    },
    /// A fact is unknown in some line.
    #[error("{column} is not known throughout document {document} of {role}")]
    Incomplete {
        /// The role.
        role: RoleName,
        /// Number of the document in the role, from 1.
        document: usize,
        /// The column; `document.NAME` for a header fact.
        column: String,
    },
    /// The documents name no currency.
    #[error("the currency of {role} is not known")]
    CurrencyUnknown {
        /// The role.
        role: RoleName,
    },
    /// Another currency than the claim's.
    #[error("{role} is in {found}, the claim in {expected}")]
    OtherCurrency {
        /// The role.
        role: RoleName,
        /// The claim's.
        expected: String,
        /// The documents'.
        found: String,
    },
    /// The documents differ in currency.
    #[error("the documents of {roles} are not in one currency")]
    MixedCurrencies {
        /// The roles.
        roles: String,
    },
    /// The documents' quantities have no one unit.
    #[error("the quantities of {role} have no one unit")]
    UnitUnknown {
        /// The role.
        role: RoleName,
    },
    /// Another unit than the claim's.
    #[error("quantities of {role} are in {found}, the claim in {expected}")]
    OtherUnit {
        /// The role.
        role: RoleName,
        /// The claim's.
        expected: String,
        /// The documents'.
        found: String,
    },
    /// The documents differ in unit.
    #[error("the quantities of {roles} are not in one unit")]
    MixedUnits {
        /// The roles.
        roles: String,
    },
    /// No goods line in the role.
    #[error("{role} has no goods lines")]
    NoGoods {
        /// The role.
        role: RoleName,
    },
    /// A share of nothing.
    #[error("the whole is zero in {role}: there is nothing to have a share of")]
    NothingToShare {
        /// The role.
        role: RoleName,
    },
    /// A reference that a document does not have.
    #[error("a document of {role} has no {reference} reference")]
    ReferenceMissing {
        /// The role.
        role: RoleName,
        /// Name of the reference.
        reference: String,
    },
    /// Documents of more than one shipment, order or number.
    #[error("the documents differ in their {reference} reference")]
    ReferencesDiffer {
        /// Name of the reference.
        reference: String,
    },
}
