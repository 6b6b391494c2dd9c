//! Policies: named, dated, cited claims over roles.
//!
//! In: a policy file (TOML), or claims from the command line. Out: a [`Policy`]; with values for its parameters, a
//! [`ResolvedPolicy`], which travels inside a request as canonical JSON (RFC 8785) and whose digest is what a
//! presentation is bound to. Source: design section 6; the file is described in `docs/claims.md`.

mod day;
mod documents;
mod error;
mod form;
mod lists;
pub mod pack;

pub use crate::claim::{FigureKind, RoleName};
pub use documents::{DocumentCount, MAX_DOCUMENTS};
pub use error::PolicyError;
pub use lists::{ListReader, MAX_LIST_BYTES, of_text as list_of_text};

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
pub const COMPILER_VERSION: u32 = 3;
/// What precedes the version and the canonical JSON in the digest.
const DIGEST_TAG: &[u8] = b"consign/policy/v1\0";

/// A document that a policy speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Kind of document.
    pub kind: Kind,
    /// Its profile; of the version that the policy names.
    pub profile: &'static Profile,
    /// How many documents.
    pub documents: DocumentCount,
    /// The numbers of the documents that the verifier expects, all of them and no other; empty where it names none.
    pub expected: Vec<String>,
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
    /// Reads a policy file of at most 256 KiB and checks all of it, the claims too. Its lists are its own.
    ///
    /// # Errors
    /// [`PolicyError`], with line and column for what is no TOML or no policy, or with the claim.
    pub fn from_toml(text: &str) -> Result<Policy, PolicyError> {
        Policy::from_toml_beside(text, &|_| Err("files beside this policy are not read".into()))
    }

    /// The same, where lists may stand in files beside the policy, which `read` reads by their names from there on.
    ///
    /// # Errors
    /// As [`Policy::from_toml`], and [`PolicyError::ListFile`].
    pub fn from_toml_beside(text: &str, read: &ListReader<'_>) -> Result<Policy, PolicyError> {
        let form = form::read_toml(text)?.with_lists(read)?;
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
        let parameters = defaults.map(|(name, p)| {
            // What depends on the day is not known yet.
            let value = p.default.clone().filter(|value| p.kind != FigureKind::Date || !day::is_relative(value));
            (name.clone(), Parameter { kind: p.kind, value })
        });
        for (name, parameter) in &policy.form.parameters {
            if let Some(default) = &parameter.default {
                match parameter.kind {
                    // Only whether it is one; which day it is depends on the request.
                    FigureKind::Date if day::is_relative(default) => drop(day_of(name, default, Date::ZERO)?),
                    kind => check_value(name, kind, default)?,
                }
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

    /// What it is about, in the words of whoever wrote it.
    pub fn about(&self) -> Option<&str> {
        self.form.about.as_deref()
    }

    /// First day on which it is in force.
    pub fn valid_from(&self) -> Option<Date> {
        self.form.valid_from.map(|d| d.0)
    }

    /// Last day on which it is in force; `None` for no limit.
    pub fn valid_until(&self) -> Option<Date> {
        self.form.valid_until.map(|d| d.0)
    }

    /// Name of the policy that follows it, if that is known.
    pub fn successor(&self) -> Option<&str> {
        self.form.successor.as_deref()
    }

    /// Its parameters by name.
    pub fn parameters(&self) -> impl Iterator<Item = PolicyParameter<'_>> {
        self.form.parameters.iter().map(|(name, p)| PolicyParameter {
            name,
            kind: p.kind,
            default: p.default.as_deref(),
            about: p.about.as_deref(),
        })
    }

    /// The policy with the documents of a role named by their numbers: those, all of them, and no other.
    ///
    /// # Errors
    /// [`PolicyError::UnknownRole`], or what is wrong with the numbers.
    pub fn expecting(mut self, role: &str, numbers: Vec<String>) -> Result<Policy, PolicyError> {
        self.form.expect(role, numbers)?;
        Policy::new(self.form)
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
    /// [`PolicyError::MissingValue`], [`PolicyError::UnknownParameter`], [`PolicyError::Value`], [`PolicyError::NoDay`],
    /// or [`PolicyError::Claim`] where a value does not go with the claim it stands in.
    pub fn resolve(&self, values: &BTreeMap<String, String>) -> Result<ResolvedPolicy, PolicyError> {
        self.resolve_with(values, None)
    }

    /// The same on a day, from which `today - 90 days` is counted.
    ///
    /// # Errors
    /// As [`Policy::resolve`], and [`PolicyError::RelativeDay`].
    pub fn resolve_on(&self, today: Date, values: &BTreeMap<String, String>) -> Result<ResolvedPolicy, PolicyError> {
        self.resolve_with(values, Some(today))
    }

    fn resolve_with(
        &self,
        values: &BTreeMap<String, String>,
        today: Option<Date>,
    ) -> Result<ResolvedPolicy, PolicyError> {
        if let Some(name) = values.keys().find(|name| !self.form.parameters.contains_key(*name)) {
            return Err(PolicyError::UnknownParameter(name.clone()));
        }
        let mut parameters = BTreeMap::new();
        for (name, parameter) in &self.form.parameters {
            let kind = parameter.kind;
            let value = values.get(name).or(parameter.default.as_ref());
            let value = value.ok_or_else(|| PolicyError::MissingValue { name: name.clone(), kind })?.trim();
            let value = if kind == FigureKind::Date && day::is_relative(value) {
                let today = today.ok_or_else(|| PolicyError::NoDay(name.clone()))?;
                day_of(name, value, today)?.to_string()
            } else {
                value.to_owned()
            };
            parameters.insert(name.clone(), Value { kind, value });
        }
        ResolvedPolicy::new(self.form.with(parameters))
    }
}

/// A parameter of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyParameter<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its values are.
    pub kind: FigureKind,
    /// The value that stands where none is given.
    pub default: Option<&'a str>,
    /// What it is, in the words of whoever wrote the policy.
    pub about: Option<&'a str>,
}

fn day_of(name: &str, value: &str, today: Date) -> Result<Date, PolicyError> {
    let wrong = || PolicyError::RelativeDay { name: name.to_owned(), found: value.chars().take(80).collect() };
    day::relative(value, today).ok_or_else(wrong)
}

fn bind(
    claims: &[PolicyClaim],
    roles: &BTreeMap<RoleName, Role>,
    lists: &BTreeMap<String, Vec<String>>,
    parameters: &BTreeMap<String, Parameter>,
) -> Result<Vec<Claim>, PolicyError> {
    let scope_of = |role: &Role| RoleScope { profile: role.profile, single: role.documents.only() == Some(1) };
    let roles = roles.iter().map(|(name, role)| (name.clone(), scope_of(role))).collect();
    let scope = Scope { roles: &roles, lists, parameters };
    let claim = |(i, claim): (usize, &PolicyClaim)| {
        let fail = |error| PolicyError::Claim { number: i + 1, id: claim.id.clone(), error: Box::new(error) };
        Claim::parse(&claim.text, &scope).map_err(fail)
    };
    claims.iter().enumerate().map(claim).collect()
}

fn check_value(name: &str, kind: FigureKind, value: &str) -> Result<(), PolicyError> {
    let max = if kind == FigureKind::Codes { form::MAX_CODES_VALUE } else { form::MAX_VALUE };
    if value.len() > max {
        return Err(PolicyError::Limit { what: "characters in a value", found: value.len(), max });
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

    /// Name of the policy that follows it, if that is known.
    pub fn successor(&self) -> Option<&str> {
        self.form.successor.as_deref()
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

    /// Where each attestation must be shown not to be revoked: the greatest age of its issuer's status list, in hours.
    pub fn status_hours(&self) -> Option<u32> {
        self.form.status.map(|status| status.max_age_hours)
    }

    /// Names of the references (`shipment`, `order`, `document`) that must be disclosed and equal across all documents.
    pub fn same(&self) -> &[String] {
        &self.form.same
    }
}

#[cfg(test)]
mod tests;
