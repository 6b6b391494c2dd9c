//! The compiler: from claims to filters and bounds, which is what tallies and verdicts prove.
//!
//! In: a [`ResolvedPolicy`]. Out: [`Compiled`]: an ordered list of verdicts, for each the bounds and the filter sets
//! whose totals add up to what the bounds judge, and what must be disclosed of each document. Prover and verifier run it
//! alike: the same policy yields the same plan, bit for bit. Source: design section 6; `docs/claims.md` lists what
//! compiles to what.
//!
//! One path for every claim: a claim's terms are [`slots`](self::slot), each a sum of disjoint pieces; a piece is what
//! one filter holds. [`pack`](self::pack) puts slots into verdicts and pieces into filter sets.

mod classes;
mod needs;
mod pack;
mod slot;
mod statement;
mod terms;

pub use needs::{Agreement, CurrencyNeed, Needs, Subject, UnitNeed};
pub use statement::StatementJson;

use crate::{
    claim::RoleName,
    evaluate::{Documents, Reason},
    facts::Facts,
    filter::{Bounds, FilterSet, Totals},
    policy::ResolvedPolicy,
};
use std::collections::BTreeMap;

/// Most (role, filter set) pairs of a policy.
pub const MAX_CHAINS: usize = 512;

/// A policy that cannot be proved, though it may be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// A bound of more terms than a verdict takes.
    #[error("claim {claim} has {found} terms after its long lists are split; a bound takes 3")]
    Terms {
        /// Number of the claim, from 1.
        claim: usize,
        /// Terms found.
        found: usize,
    },
    /// A claim of more filters than a verdict takes.
    #[error("claim {claim} takes {found} different filters once its long lists are split; a verdict has room for 6")]
    Places {
        /// Number of the claim, from 1.
        claim: usize,
        /// Filters found.
        found: usize,
    },
    /// Percentages whose product is too fine.
    #[error("claim {claim} multiplies by percentages whose ratio is too fine; its terms must be below 1048576")]
    Weights {
        /// Number of the claim, from 1.
        claim: usize,
    },
    /// Lists so long that too many tallies would be needed.
    #[error("{} needs {found} filter sets or more; at most {MAX_CHAINS} are taken", of_claim(*.claim))]
    Chains {
        /// Number of the claim, from 1; `None` for the policy as a whole.
        claim: Option<usize>,
        /// Filter sets needed.
        found: usize,
    },
    /// An HS list that is too long once its ranges are written out.
    #[error("claim {claim} has a list of more than 10000 codes once its ranges are written out")]
    Codes {
        /// Number of the claim, from 1.
        claim: usize,
    },
    /// Two currencies or units asked of one role.
    #[error("claim {claim} asks for {role} in {second}, an earlier claim in {first}: no document satisfies both")]
    Conflict {
        /// Number of the claim, from 1.
        claim: usize,
        /// The role.
        role: RoleName,
        /// What an earlier claim asks for.
        first: String,
        /// What this claim asks for.
        second: String,
    },
    /// A number that a filter or bound does not hold. Claims are read within these limits.
    #[error("claim {claim} has a number out of range")]
    Range {
        /// Number of the claim, from 1.
        claim: usize,
    },
}

fn of_claim(claim: Option<usize>) -> String {
    claim.map_or("the policy".into(), |claim| format!("claim {claim}"))
}

impl CompileError {
    /// One thing to do about it.
    pub fn hint(&self) -> String {
        match self {
            CompileError::Terms { .. } => "use `in` in place of `not in`, or shorter lists".into(),
            CompileError::Places { .. } => "use shorter lists, or fewer sums".into(),
            CompileError::Weights { .. } => "round the percentages, or use one in place of two".into(),
            CompileError::Chains { .. } | CompileError::Codes { .. } => {
                "use shorter HS codes, each of which covers all that start with it, or split the policy".into()
            }
            CompileError::Conflict { .. } => "write the claims in one currency and unit".into(),
            CompileError::Range { .. } => "use a smaller figure".into(),
        }
    }
}

/// What one verdict proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictPlan {
    /// What it proves of the totals.
    pub bounds: Bounds,
    /// Every document of the role runs through the filter set; all totals of all chains add up to the totals judged.
    /// Ordered by role, then as packed.
    pub chains: Vec<(RoleName, FilterSet)>,
    /// Indices of the claims it decides or, per container, helps to decide; ascending.
    pub claims: Vec<usize>,
}

/// What a policy compiles to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The verdicts, in order. A claim holds where all of its verdicts do: one or, per container, several.
    pub verdicts: Vec<VerdictPlan>,
    /// What must be disclosed of the documents of each role of the policy.
    pub needs: BTreeMap<RoleName, Needs>,
    /// What must be disclosed and equal across all documents of several roles.
    pub agreements: Vec<Agreement>,
}

/// What a policy costs to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// (role, filter set) pairs over all verdicts.
    pub filter_sets: usize,
    /// Tallies: segments of the role's documents, times its filter sets.
    pub tallies: u64,
    /// Verdicts.
    pub verdicts: usize,
}

/// Compiles a policy.
///
/// # Errors
/// [`CompileError`] for what filters and bounds cannot express, or not within the limits.
pub fn compile(policy: &ResolvedPolicy) -> Result<Compiled, CompileError> {
    let (needs, agreements) = needs::of(policy)?;
    let claims = policy.claims().iter().enumerate();
    let claims = claims.map(|(i, claim)| terms::of(i + 1, claim, policy.roles())).collect::<Result<Vec<_>, _>>()?;
    let verdicts = pack::verdicts(claims)?;
    Ok(Compiled { verdicts, needs, agreements })
}

impl Compiled {
    /// What it costs to prove, for the number of segments that all documents of each role have together.
    pub fn cost(&self, segments: &BTreeMap<RoleName, u64>) -> Cost {
        let chains = || self.verdicts.iter().flat_map(|v| &v.chains);
        let tallies = chains().map(|(role, _)| segments.get(role).copied().unwrap_or(0)).fold(0, u64::saturating_add);
        Cost { filter_sets: chains().count(), tallies, verdicts: self.verdicts.len() }
    }

    /// Whether the facts that the documents of each role disclose are those that the policy needs.
    ///
    /// # Errors
    /// The first [`Reason`] against it, by role name.
    pub fn needs_met(&self, facts: &BTreeMap<RoleName, Vec<&Facts>>) -> Result<(), Reason> {
        needs::met(self, facts)
    }

    /// Whether the totals of the documents satisfy all verdicts: what tallies and verdicts prove, in the clear. Together
    /// with [`needs_met`](Compiled::needs_met) it says what [`evaluate`](crate::evaluate::evaluate) says.
    pub fn holds(&self, documents: &Documents<'_>) -> bool {
        self.verdicts.iter().all(|verdict| verdict.totals(documents).is_some_and(|totals| verdict.bounds.hold(&totals)))
    }
}

impl VerdictPlan {
    /// The totals that the verdict judges; `None` once one reaches 2^72.
    pub fn totals(&self, documents: &Documents<'_>) -> Option<Totals> {
        let mut sum = Totals::ZERO;
        for (role, set) in &self.chains {
            for (table, _) in documents.get(role).map_or(&[][..], Vec::as_slice) {
                sum = sum.checked_add(&set.totals(table.rows()))?;
            }
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests;
