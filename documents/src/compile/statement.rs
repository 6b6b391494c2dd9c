//! What a policy compiles to, as JSON: what others need to check a presentation without compiling claims themselves.
//!
//! Filters and bounds stand here in the parts that their digests are packed from, and roles with what must be disclosed of
//! their documents. Whoever relies on a statement relies on the compiler that wrote it; the digest of the policy is in it.
//! Source: `docs/format.md`, "Statements in JSON".

use super::{Compiled, CurrencyNeed, Subject, UnitNeed};
use crate::{
    claim::RoleName,
    filter::{Bound, ClassTest, Filter, FilterKind, FilterSet, Group, Threshold},
    policy::ResolvedPolicy,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A policy's roles, agreements and verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementJson {
    consign: &'static str,
    policy_digest: String,
    roles: BTreeMap<RoleName, RoleJson>,
    agreements: Vec<AgreementJson>,
    verdicts: Vec<VerdictJson>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct RoleJson {
    kind: &'static str,
    kind_number: u32,
    profile: u32,
    /// The least and the largest number of documents.
    documents: [u32; 2],
    expected: BTreeSet<String>,
    issuers: Vec<String>,
    complete: BTreeSet<String>,
    references: BTreeSet<String>,
    currency: Option<String>,
    unit: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct AgreementJson {
    /// Name of the disclosed claim.
    subject: String,
    roles: BTreeSet<RoleName>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct VerdictJson {
    chains: Vec<ChainJson>,
    bounds: Vec<BoundJson>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ChainJson {
    role: RoleName,
    tests: Vec<TestJson>,
    thresholds: Vec<ThresholdJson>,
    filters: Vec<Option<FilterJson>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TestJson {
    code: u8,
    codes: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ThresholdJson {
    measure: u8,
    at_least: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FilterJson {
    kind: &'static str,
    a: MembersJson,
    b: MembersJson,
    threshold: MembersJson,
}

/// Numbers of the members, and whether their OR is negated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct MembersJson {
    members: Vec<usize>,
    negated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct BoundJson {
    terms: Vec<TermJson>,
    lo: String,
    hi: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TermJson {
    total: u8,
    weight: i32,
}

/// Stands for "disclosed, and the same in all documents of the role".
const SAME: &str = "*";

impl StatementJson {
    /// Of a policy and what it compiled to.
    pub fn new(policy: &ResolvedPolicy, compiled: &Compiled) -> StatementJson {
        let roles = policy.roles().iter().filter_map(|(name, role)| {
            let needs = compiled.needs.get(name)?;
            let currency = match &needs.currency {
                CurrencyNeed::None => None,
                CurrencyNeed::Same => Some(SAME.to_owned()),
                CurrencyNeed::Is(letters) => Some(letters.clone()),
            };
            let unit = match &needs.unit {
                UnitNeed::None => None,
                UnitNeed::Same => Some(SAME.to_owned()),
                UnitNeed::Is(code) => Some(code.clone()),
            };
            let role = RoleJson {
                kind: role.kind.name(),
                kind_number: role.kind.number(),
                profile: role.profile.version,
                documents: [role.documents.least(), role.documents.most()],
                expected: needs.expected.clone(),
                issuers: role.issuers.clone(),
                complete: needs.complete.clone(),
                references: needs.references.clone(),
                currency,
                unit,
            };
            Some((name.clone(), role))
        });
        let agreements = compiled.agreements.iter().map(|agreement| AgreementJson {
            subject: match &agreement.subject {
                Subject::Currency => "currency".into(),
                Subject::Unit => "unit".into(),
                Subject::Reference(name) => format!("reference.{name}"),
            },
            roles: agreement.roles.clone(),
        });
        let verdicts = compiled.verdicts.iter().map(|verdict| VerdictJson {
            chains: verdict.chains.iter().map(|(role, set)| ChainJson::new(role, set)).collect(),
            bounds: verdict.bounds.0.iter().map(BoundJson::new).collect(),
        });
        StatementJson {
            consign: "statement/1",
            policy_digest: policy.digest().iter().map(|byte| format!("{byte:02x}")).collect(),
            roles: roles.collect(),
            agreements: agreements.collect(),
            verdicts: verdicts.collect(),
        }
    }
}

impl ChainJson {
    fn new(role: &RoleName, set: &FilterSet) -> ChainJson {
        let test = |test: &ClassTest| TestJson { code: test.code() as u8, codes: test.codes().to_vec() };
        let threshold = |test: &Threshold| ThresholdJson { measure: test.measure(), at_least: test.at_least() };
        ChainJson {
            role: role.clone(),
            tests: set.tests.iter().map(test).collect(),
            thresholds: set.thresholds.iter().map(threshold).collect(),
            filters: set.filters.iter().map(FilterJson::new).collect(),
        }
    }
}

impl FilterJson {
    fn new(filter: &Filter) -> Option<FilterJson> {
        let Filter::Rows { kind, a, b, threshold } = filter else { return None };
        let group = |group: &Group| MembersJson::new(&group.tests, group.negated);
        let (members, negated) = threshold.parts();
        Some(FilterJson {
            kind: match kind {
                FilterKind::Goods => "goods",
                FilterKind::Document => "document",
            },
            a: group(a),
            b: group(b),
            threshold: MembersJson::new(&members, negated),
        })
    }
}

impl MembersJson {
    fn new(members: &[bool], negated: bool) -> MembersJson {
        let members = members.iter().enumerate().filter(|(_, member)| **member).map(|(i, _)| i).collect();
        MembersJson { members, negated }
    }
}

impl BoundJson {
    fn new(bound: &Bound) -> BoundJson {
        let terms = bound.terms().iter().map(|term| TermJson { total: term.total, weight: term.weight }).collect();
        BoundJson { terms, lo: bound.lo().to_string(), hi: bound.hi().to_string() }
    }
}
