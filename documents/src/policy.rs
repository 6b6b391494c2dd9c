//! Policies: named, dated, cited claims over roles.
//!
//! In: a policy file (TOML), or claims from the command line. Out: a [`Policy`]; with values for its parameters, a
//! [`ResolvedPolicy`], which travels inside a request as canonical JSON (RFC 8785) and whose digest is what a
//! presentation is bound to. Source: design section 6; the file is described in `docs/claims.md`.

mod error;
mod form;

pub use crate::claim::{FigureKind, RoleName};
pub use error::PolicyError;

use crate::{
    claim::{self, Claim, Parameter, RoleScope, Scope},
    profile::{Kind, Profile},
};
use form::{Default, Form, Value};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Version of the rules by which a policy becomes filters and bounds; part of its digest. Changes with every change of
/// [`compile`](crate::compile) that yields other filters or bounds for any policy.
pub const COMPILER_VERSION: u32 = 1;
/// What precedes the version and the canonical JSON in the digest.
const DIGEST_TAG: &[u8] = b"consign/policy/v1\0";

/// A document that a policy speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Kind of document.
    pub kind: Kind,
    /// Its profile; of the version that the policy names.
    pub profile: &'static Profile,
    /// How many documents, at least 1.
    pub documents: u32,
    /// Names of accepted issuers in the verifier's trust list; empty for any that it trusts for the kind.
    pub issuers: Vec<String>,
}

/// A claim of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyClaim {
    /// A short name.
    pub id: Option<String>,
    /// The claim as written.
    pub text: String,
    /// Where the rule stands: the citation.
    pub source: String,
}

/// A policy whose parameters may still lack values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    form: Form<Default>,
    roles: BTreeMap<RoleName, Role>,
    claims: Vec<PolicyClaim>,
}

impl Policy {
    /// Reads a policy file of at most 256 KiB and checks all of it, the claims too.
    ///
    /// # Errors
    /// [`PolicyError`], with line and column for what is no TOML or no policy, or with the claim.
    pub fn from_toml(text: &str) -> Result<Policy, PolicyError> {
        let form = form::read_toml(text)?;
        if form.valid_from.is_none() {
            return Err(PolicyError::Missing("valid-from"));
        }
        Policy::new(form)
    }

    /// A policy of claims alone, over documents of these kinds: the role of a kind is named by the last word of the
    /// kind (`manifest`, `invoice`), and has as many documents as the kind is given times.
    ///
    /// # Errors
    /// [`PolicyError`], as for a file.
    pub fn from_claims(claims: &[&str], kinds: &[Kind]) -> Result<Policy, PolicyError> {
        Policy::new(form::of_claims(claims, kinds))
    }

    fn new(form: Form<Default>) -> Result<Policy, PolicyError> {
        let roles = form.check()?;
        let claims = form.claims();
        let policy = Policy { form, roles, claims };
        let defaults = policy.form.parameters.iter();
        let parameters = defaults.map(|(name, p)| (name.clone(), Parameter { kind: p.kind, value: p.default.clone() }));
        for (name, parameter) in &policy.form.parameters {
            if let Some(default) = &parameter.default {
                check_value(name, parameter.kind, default)?;
            }
        }
        policy.bind(&parameters.collect())?;
        Ok(policy)
    }

    fn bind(&self, parameters: &BTreeMap<String, Parameter>) -> Result<Vec<Claim>, PolicyError> {
        bind(&self.claims, &self.roles, &self.form.lists, parameters)
    }

    /// Name of the policy.
    pub fn name(&self) -> &str {
        &self.form.name
    }

    /// Version, in the words of whoever wrote it.
    pub fn version(&self) -> &str {
        &self.form.version
    }

    /// Its parameters: name, kind, default.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, FigureKind, Option<&str>)> {
        self.form.parameters.iter().map(|(name, p)| (name.as_str(), p.kind, p.default.as_deref()))
    }

    /// The roles by name.
    pub fn roles(&self) -> &BTreeMap<RoleName, Role> {
        &self.roles
    }

    /// The claims as written.
    pub fn claims(&self) -> &[PolicyClaim] {
        &self.claims
    }

    /// The policy with values for its parameters; a default stands for a value not given.
    ///
    /// # Errors
    /// [`PolicyError::MissingValue`], [`PolicyError::UnknownParameter`], [`PolicyError::Value`], or
    /// [`PolicyError::Claim`] where a value does not go with the claim it stands in.
    pub fn resolve(&self, values: &BTreeMap<String, String>) -> Result<ResolvedPolicy, PolicyError> {
        if let Some(name) = values.keys().find(|name| !self.form.parameters.contains_key(*name)) {
            return Err(PolicyError::UnknownParameter(name.clone()));
        }
        let mut parameters = BTreeMap::new();
        for (name, parameter) in &self.form.parameters {
            let kind = parameter.kind;
            let value = values.get(name).or(parameter.default.as_ref());
            let value = value.ok_or_else(|| PolicyError::MissingValue { name: name.clone(), kind })?.trim().to_owned();
            parameters.insert(name.clone(), Value { kind, value });
        }
        ResolvedPolicy::new(self.form.with(parameters))
    }
}

fn bind(
    claims: &[PolicyClaim],
    roles: &BTreeMap<RoleName, Role>,
    lists: &BTreeMap<String, Vec<String>>,
    parameters: &BTreeMap<String, Parameter>,
) -> Result<Vec<Claim>, PolicyError> {
    let roles = roles.iter().map(|(name, role)| (name.clone(), RoleScope { profile: role.profile })).collect();
    let scope = Scope { roles: &roles, lists, parameters };
    let claim = |(i, claim): (usize, &PolicyClaim)| {
        let fail = |error| PolicyError::Claim { number: i + 1, id: claim.id.clone(), error: Box::new(error) };
        Claim::parse(&claim.text, &scope).map_err(fail)
    };
    claims.iter().enumerate().map(claim).collect()
}

fn check_value(name: &str, kind: FigureKind, value: &str) -> Result<(), PolicyError> {
    let long = value.len() > form::MAX_VALUE;
    if long {
        return Err(PolicyError::Limit { what: "characters in a value", found: value.len(), max: form::MAX_VALUE });
    }
    let fail = |(at, problem)| PolicyError::Value {
        name: name.to_owned(),
        kind,
        error: Box::new(claim::ClaimError::new(value, at, problem)),
    };
    claim::check_figure(kind, value).map_err(fail)
}

/// A policy in which every parameter has its value: what a request carries, and what is evaluated and compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form<Value>", into = "Form<Value>")]
pub struct ResolvedPolicy {
    form: Form<Value>,
    roles: BTreeMap<RoleName, Role>,
    texts: Vec<PolicyClaim>,
    claims: Vec<Claim>,
}

impl TryFrom<Form<Value>> for ResolvedPolicy {
    type Error = PolicyError;
    fn try_from(form: Form<Value>) -> Result<ResolvedPolicy, PolicyError> {
        ResolvedPolicy::new(form)
    }
}

impl From<ResolvedPolicy> for Form<Value> {
    fn from(policy: ResolvedPolicy) -> Form<Value> {
        policy.form
    }
}

impl ResolvedPolicy {
    fn new(form: Form<Value>) -> Result<ResolvedPolicy, PolicyError> {
        let roles = form.check()?;
        let texts = form.claims();
        let mut parameters = BTreeMap::new();
        for (name, parameter) in &form.parameters {
            check_value(name, parameter.kind, &parameter.value)?;
            let value = Some(parameter.value.clone());
            parameters.insert(name.clone(), Parameter { kind: parameter.kind, value });
        }
        let claims = bind(&texts, &roles, &form.lists, &parameters)?;
        Ok(ResolvedPolicy { form, roles, texts, claims })
    }

    /// Reads the JSON form, of at most 512 KiB.
    ///
    /// # Errors
    /// [`PolicyError::TooLarge`], or [`PolicyError::Json`] for what is no JSON, has an unknown or repeated key, or is
    /// no policy.
    pub fn from_json(text: &str) -> Result<ResolvedPolicy, PolicyError> {
        if text.len() > form::MAX_JSON {
            return Err(PolicyError::TooLarge { found: text.len(), max: form::MAX_JSON });
        }
        serde_json::from_str(text).map_err(|e| PolicyError::Json(e.to_string()))
    }

    /// The canonical JSON form (RFC 8785).
    pub fn to_json(&self) -> String {
        // Strings, small numbers, lists and maps with string keys always serialise.
        serde_json_canonicalizer::to_string(&self.form).unwrap_or_default()
    }

    /// SHA-256 over a tag, [`COMPILER_VERSION`] (32 bits, big-endian) and the canonical JSON.
    pub fn digest(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(DIGEST_TAG).chain_update(COMPILER_VERSION.to_be_bytes());
        hash.chain_update(self.to_json()).finalize().into()
    }

    /// Name of the policy.
    pub fn name(&self) -> &str {
        &self.form.name
    }

    /// Version, in the words of whoever wrote it.
    pub fn version(&self) -> &str {
        &self.form.version
    }

    /// First day on which it is in force; `None` for no limit.
    pub fn valid_from(&self) -> Option<Date> {
        self.form.valid_from.map(|d| d.0)
    }

    /// Last day on which it is in force; `None` for no limit.
    pub fn valid_until(&self) -> Option<Date> {
        self.form.valid_until.map(|d| d.0)
    }

    /// Whether it is in force on the day.
    pub fn in_force(&self, day: Date) -> bool {
        self.valid_from().is_none_or(|from| from <= day) && self.valid_until().is_none_or(|until| day <= until)
    }

    /// The roles by name.
    pub fn roles(&self) -> &BTreeMap<RoleName, Role> {
        &self.roles
    }

    /// The claims, understood, in the order of the policy.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The claims as written, with their citations, in the same order.
    pub fn sources(&self) -> &[PolicyClaim] {
        &self.texts
    }

    /// Values of the parameters by name.
    pub fn values(&self) -> impl Iterator<Item = (&str, FigureKind, &str)> {
        self.form.parameters.iter().map(|(name, p)| (name.as_str(), p.kind, p.value.as_str()))
    }

    /// Names of the references (`shipment`, `order`, `document`) that must be disclosed and equal across all documents.
    pub fn same(&self) -> &[String] {
        &self.form.same
    }
}

#[cfg(test)]
mod tests;
