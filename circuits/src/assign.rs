//! Which dossier plays which role of a policy.
//!
//! By kind where that says it; by name where two roles have one kind.

use std::collections::BTreeMap;

use consign_crypto::dossier::CheckedDossier;
use consign_documents::{
    policy::{DocumentCount, ResolvedPolicy},
    profile::Kind,
};

/// Why dossiers do not fit the roles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// A role that the policy does not have.
    #[error("the policy has no role {0:?}")]
    UnknownRole(String),
    /// No role for documents of this kind.
    #[error("the policy asks for no {0}")]
    NoRole(Kind),
    /// Several roles for documents of this kind.
    #[error("a {kind} could play any of the roles {roles}")]
    Ambiguous {
        /// The kind.
        kind: Kind,
        /// The roles.
        roles: String,
    },
    /// A document of another kind than the role's.
    #[error("the role {role:?} is for a {expected}; found a {found}")]
    OtherKind {
        /// The role.
        role: String,
        /// Kind of the role.
        expected: Kind,
        /// Kind of the document.
        found: Kind,
    },
    /// One document given twice, which would be counted twice: no verifier accepts that.
    #[error("one document is given twice, as {first} and as {second}")]
    Twice {
        /// The role it plays first.
        first: String,
        /// The role it plays again.
        second: String,
    },
    /// More or fewer documents than the policy says.
    #[error("the role {role:?} takes {expected} documents of kind {kind}; found {found}")]
    Count {
        /// The role.
        role: String,
        /// Kind of the role.
        kind: Kind,
        /// How many the policy says.
        expected: DocumentCount,
        /// How many there are.
        found: usize,
    },
}

impl AssignError {
    /// One action the user can take.
    pub fn hint(&self) -> String {
        match self {
            AssignError::Ambiguous { .. } | AssignError::UnknownRole(_) => {
                "name the role before the file: ROLE=FILE".into()
            }
            AssignError::Twice { .. } => "give each document once, in one role".into(),
            _ => "`consign inspect` shows which documents the request asks for".into(),
        }
    }
}

/// Dossiers in their roles, as many as the policy says.
#[derive(Debug)]
pub struct Assigned {
    roles: BTreeMap<String, Vec<CheckedDossier>>,
}

impl Assigned {
    /// Assigns dossiers, each with the name of its role where the user gave one.
    ///
    /// # Errors
    /// [`AssignError`].
    pub fn new(
        policy: &ResolvedPolicy,
        dossiers: Vec<(Option<String>, CheckedDossier)>,
    ) -> Result<Assigned, AssignError> {
        let mut roles: BTreeMap<String, Vec<CheckedDossier>> =
            policy.roles().keys().map(|name| (name.clone(), Vec::new())).collect();
        for (named, dossier) in dossiers {
            let kind = dossier.document().kind();
            let role = match named {
                Some(role) => {
                    let expected = policy.roles().get(&role).ok_or_else(|| AssignError::UnknownRole(role.clone()))?;
                    if expected.kind != kind {
                        return Err(AssignError::OtherKind { role, expected: expected.kind, found: kind });
                    }
                    role
                }
                None => {
                    let fitting: Vec<&String> =
                        policy.roles().iter().filter(|(_, r)| r.kind == kind).map(|(name, _)| name).collect();
                    match fitting[..] {
                        [] => return Err(AssignError::NoRole(kind)),
                        [role] => role.clone(),
                        _ => {
                            let roles = fitting.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
                            return Err(AssignError::Ambiguous { kind, roles });
                        }
                    }
                }
            };
            roles.entry(role).or_default().push(dossier);
        }
        for (name, role) in policy.roles() {
            let found = roles.get(name).map_or(0, Vec::len);
            if !role.documents.accepts(found) {
                let (role, expected, kind) = (name.clone(), role.documents, role.kind);
                return Err(AssignError::Count { role, kind, expected, found });
            }
        }
        let assigned = Assigned { roles };
        // By what a verifier tells documents apart.
        let (mut ids, mut commitments) = (BTreeMap::new(), BTreeMap::new());
        for (role, dossier) in assigned.ordered() {
            let attestation = dossier.attestation();
            let id = ids.insert((*attestation.issuer_key(), *attestation.id()), role);
            if let Some(first) = id.or(commitments.insert(attestation.commitment(), role)) {
                return Err(AssignError::Twice { first: first.to_owned(), second: role.to_owned() });
            }
        }
        Ok(assigned)
    }

    /// The dossiers of each role.
    pub fn roles(&self) -> &BTreeMap<String, Vec<CheckedDossier>> {
        &self.roles
    }

    /// All dossiers with their roles, in the order of a presentation.
    pub fn ordered(&self) -> impl Iterator<Item = (&str, &CheckedDossier)> {
        self.roles.iter().flat_map(|(role, list)| list.iter().map(move |dossier| (role.as_str(), dossier)))
    }
}
