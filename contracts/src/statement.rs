//! What a verifier registers on a chain: what the policy of a request compiles to, with the attesters that it accepts.
//!
//! File: `{"consign":"chain-statement/1", …}`, the addresses and the verifier's calls; the statement itself follows from
//! the request, and whoever answers computes it again.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use consign_circuits::request::Request;
use consign_crypto::{
    commitment::chain_start,
    statement::{bounds_digest, filter_digest},
    strict_json,
};
use consign_documents::compile::{Agreement, CompileError, CurrencyNeed, Subject, UnitNeed, compile};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{abi, anchor, code, word};

/// The contracts' limit.
const MAX_ROLES: usize = 256;
/// Version word of the file.
const FORMAT: &str = "chain-statement/1";
/// Longest file.
pub const MAX_BYTES: usize = 16 << 20;

/// The parties on the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parties {
    /// The verifier, which registers and asks.
    pub verifier: Address,
    /// The `ProofVerifier` with the key set of the request.
    pub proofs: Address,
    /// The attesters that are accepted for each role.
    pub attesters: BTreeMap<String, BTreeSet<Address>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    parties: Parties,
    id: B256,
    register: Bytes,
    ask: Bytes,
    withdraw: Bytes,
}

/// Why a request makes no statement that a chain can check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The policy does not compile.
    #[error("the policy cannot be proved: {0}")]
    Compile(#[from] CompileError),
    /// References are disclosed to the verifier, and would have to be shown to everybody.
    #[error("the policy asks that documents disclose their {0} reference, which no chain is to see")]
    Reference(String),
    /// A role without attesters' addresses.
    #[error("there is no address of an attester for the role {0:?}")]
    NoAttester(String),
    /// Addresses for a role that the policy does not have.
    #[error("the policy has no role {0:?}")]
    UnknownRole(String),
    /// More roles than the contracts take.
    #[error("the policy has {0} roles; the contracts take {MAX_ROLES}")]
    TooManyRoles(usize),
    /// A request that expired before 1970.
    #[error("the request expires at {0}, before 1970")]
    Expiry(Timestamp),
    /// A currency or unit that the contracts have no room for.
    #[error("{0:?} has more than 32 characters, or others than ASCII")]
    Code(String),
    /// Larger than [`MAX_BYTES`].
    #[error("the statement has {0} bytes; it may have {MAX_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of a statement.
    #[error("this is not a statement for a chain: {0}")]
    Json(String),
    /// Another version.
    #[error("this file is {0:?}; a statement is \"{FORMAT}\"")]
    Version(String),
    /// The file is not what its addresses and the request make.
    #[error("the statement is not of this request: its {0} is another")]
    OtherRequest(&'static str),
}

impl StatementError {
    /// One action the user can take.
    pub fn hint(&self) -> String {
        match self {
            StatementError::Compile(error) => error.hint(),
            StatementError::Reference(_) => {
                "leave `same` and expected numbers out of a policy for a chain, or verify the answer with `consign verify`"
                    .into()
            }
            StatementError::NoAttester(role) => format!("name one: --attester {role}=0xADDRESS"),
            StatementError::UnknownRole(_) => "`consign inspect` shows the roles of a request".into(),
            StatementError::TooManyRoles(_) => "split the policy".into(),
            StatementError::Expiry(_) => "make a new request".into(),
            StatementError::Code(_) => "write the claims in another currency or unit".into(),
            StatementError::TooLarge(_) | StatementError::Json(_) | StatementError::Version(_) => {
                "`consign chain statement` makes it".into()
            }
            StatementError::OtherRequest(_) => "make the statement from the request that is answered".into(),
        }
    }
}

/// A statement with the parties that stand behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnChain {
    /// The parties.
    pub parties: Parties,
    /// What is registered.
    pub statement: abi::Statement,
    /// The request's nonce.
    pub nonce: B256,
    /// Until when it can be answered.
    pub expires: u64,
    /// Whether the request is bound to a contract.
    pub bound: bool,
}

impl OnChain {
    /// Of a request.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn new(request: &Request, parties: Parties) -> Result<OnChain, StatementError> {
        let Parties { proofs, attesters, .. } = &parties;
        let policy = &request.policy;
        let compiled = compile(policy)?;
        if policy.roles().len() > MAX_ROLES {
            return Err(StatementError::TooManyRoles(policy.roles().len()));
        }
        if let Some(role) = attesters.keys().find(|role| !policy.roles().contains_key(*role)) {
            return Err(StatementError::UnknownRole(role.clone()));
        }
        let number: BTreeMap<&str, usize> = policy.roles().keys().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
        let mut roles = Vec::new();
        for (name, role) in policy.roles() {
            let needs = &compiled.needs[name];
            if let Some(reference) = needs.references.first() {
                return Err(StatementError::Reference(reference.clone()));
            }
            let addresses = attesters.get(name).filter(|addresses| !addresses.is_empty());
            let addresses = addresses.ok_or_else(|| StatementError::NoAttester(name.clone()))?;
            let currency = match &needs.currency {
                CurrencyNeed::None => denomination(false, None)?,
                CurrencyNeed::Same => denomination(true, None)?,
                CurrencyNeed::Is(letters) => denomination(true, Some(letters))?,
            };
            let unit = match &needs.unit {
                UnitNeed::None => denomination(false, None)?,
                UnitNeed::Same => denomination(true, None)?,
                UnitNeed::Is(text) => denomination(true, Some(text))?,
            };
            roles.push(abi::Role {
                name: name.clone(),
                attesters: addresses.iter().copied().collect(),
                start: word(&chain_start(role.profile)),
                complete: anchor::complete(role.profile, &needs.complete),
                currency,
                unit,
                least: role.documents.least(),
                most: role.documents.most(),
            });
        }
        let plan = |plan: &consign_documents::compile::VerdictPlan| abi::VerdictPlan {
            chains: plan
                .chains
                .iter()
                .map(|(role, set)| abi::FilteredRole {
                    role: number[role.as_str()] as u8,
                    filters: word(&filter_digest(set)),
                })
                .collect(),
            bounds: word(&bounds_digest(&plan.bounds)),
        };
        let agreement =
            |a: &Agreement| a.roles.iter().fold(U256::ZERO, |set, r| set | (U256::from(1) << number[r.as_str()]));
        let of = |subject: Subject| compiled.agreements.iter().filter(move |a| a.subject == subject).map(agreement);
        let statement = abi::Statement {
            proofs: *proofs,
            audience: request.audience.clone(),
            policy: B256::from(policy.digest()),
            from: policy.valid_from().map_or(0, first_second),
            until: policy.valid_until().map_or(u64::MAX, |day| day.tomorrow().map_or(u64::MAX, first_second)),
            roles,
            verdicts: compiled.verdicts.iter().map(plan).collect(),
            sameCurrency: of(Subject::Currency).collect(),
            sameUnit: of(Subject::Unit).collect(),
        };
        let expires = request.expires.as_second();
        let expires = expires.try_into().map_err(|_| StatementError::Expiry(request.expires))?;
        let (nonce, bound) = (B256::from(request.nonce), request.chain.is_some());
        Ok(OnChain { parties, statement, nonce, expires, bound })
    }

    /// The id under which the registry knows the statement.
    pub fn id(&self) -> B256 {
        keccak256((self.parties.verifier, self.statement.clone()).abi_encode_params())
    }

    /// The verifier's call that registers the statement: once for all requests under it.
    pub fn register_call(&self) -> Vec<u8> {
        abi::IRegistry::registerCall { statement: self.statement.clone() }.abi_encode()
    }

    /// The verifier's call that withdraws it.
    pub fn withdraw_call(&self) -> Vec<u8> {
        abi::IRegistry::withdrawCall { id: self.id() }.abi_encode()
    }

    /// The verifier's call that asks with the request's nonce.
    pub fn ask_call(&self) -> Vec<u8> {
        let OnChain { nonce, expires, bound, .. } = *self;
        abi::IRegistry::askCall { id: self.id(), nonce, expires, bound }.abi_encode()
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = File {
            consign: FORMAT.into(),
            parties: self.parties.clone(),
            id: self.id(),
            register: self.register_call().into(),
            ask: self.ask_call().into(),
            withdraw: self.withdraw_call().into(),
        };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("numbers and strings serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a file, and computes what it says from its addresses and the request.
    ///
    /// # Errors
    /// [`StatementError`]; [`StatementError::OtherRequest`] where it says something else.
    pub fn parse(bytes: &[u8], request: &Request) -> Result<OnChain, StatementError> {
        if bytes.len() > MAX_BYTES {
            return Err(StatementError::TooLarge(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(|e| StatementError::Json(e.to_string()))?;
        if file.consign != FORMAT {
            return Err(StatementError::Version(strict_json::printable(&file.consign, 80)));
        }
        let made = OnChain::new(request, file.parties)?;
        for (what, same) in [
            ("id", file.id == made.id()),
            ("call register", file.register == made.register_call()),
            ("call ask", file.ask == made.ask_call()),
            ("call withdraw", file.withdraw == made.withdraw_call()),
        ] {
            if !same {
                return Err(StatementError::OtherRequest(what));
            }
        }
        Ok(made)
    }
}

fn denomination(needed: bool, text: Option<&String>) -> Result<abi::Denomination, StatementError> {
    let code = match text {
        Some(text) => code(text).ok_or_else(|| StatementError::Code(text.clone()))?,
        None => B256::ZERO,
    };
    Ok(abi::Denomination { needed, code })
}

/// Seconds since 1970 at which a day begins in UTC; 0 before that.
fn first_second(day: Date) -> u64 {
    let start = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp().as_second());
    start.ok().and_then(|seconds| seconds.try_into().ok()).unwrap_or(0)
}
