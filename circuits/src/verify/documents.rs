//! The documents of a presentation: attestations, issuers, kinds, numbers, and their holders' signatures.

use std::collections::BTreeMap;

use consign_crypto::{
    attestation::{Attestation, VerifiedAttestation},
    sd_jwt::Expected,
    status::Standing,
};
use consign_documents::policy::ResolvedPolicy;

use super::{Known, VerifyError};
use crate::presentation::{Presentation, proofs_digest};

/// The documents with their roles, in the presentation's order.
pub(super) type Documents<'a> = Vec<(&'a str, VerifiedAttestation)>;

/// Attestations, issuers, kinds, numbers, and that no document is there twice.
pub(super) fn verify_documents<'a>(
    presentation: &'a Presentation,
    known: Known<'_>,
) -> Result<Documents<'a>, VerifyError> {
    let policy = &presentation.request.request().policy;
    // Roles and numbers first: they cost nothing.
    for (i, presented) in presentation.documents.iter().enumerate() {
        let (document, role) = (i + 1, presented.role.clone());
        if !policy.roles().contains_key(&role) {
            return Err(VerifyError::UnknownRole { document, role });
        }
        if presentation.documents[..i].last().is_some_and(|before| before.role > role) {
            return Err(VerifyError::RoleOrder { document, role });
        }
    }
    for (role, expected) in policy.roles() {
        let found = presentation.documents.iter().filter(|presented| presented.role == *role).count();
        if !expected.documents.accepts(found) {
            return Err(VerifyError::DocumentCount { role: role.clone(), expected: expected.documents, found });
        }
    }
    let mut documents: Documents<'a> = Vec::new();
    for (i, presented) in presentation.documents.iter().enumerate() {
        let (document, role) = (i + 1, presented.role.as_str());
        let failed = |source| VerifyError::Attestation { document, role: role.into(), source };
        let attestation = Attestation::of(presented.attestation.sd_jwt().clone()).map_err(failed)?;
        let attestation = attestation.verify(known.trust, known.now).map_err(failed)?;
        documents.push((role, attestation));
    }
    for (i, (role, attestation)) in documents.iter().enumerate() {
        let (document, role) = (i + 1, (*role).to_owned());
        let Some(expected) = policy.roles().get(&role) else {
            return Err(VerifyError::UnknownRole { document, role });
        };
        if attestation.kind() != expected.kind || attestation.profile() != expected.profile {
            return Err(VerifyError::OtherKind { document, role, expected: expected.kind, found: attestation.kind() });
        }
        let issuer = attestation.issuer().as_str();
        if !expected.issuers.is_empty() && !expected.issuers.iter().any(|name| name == issuer) {
            return Err(VerifyError::IssuerNotInPolicy { document, role, issuer: issuer.into() });
        }
    }
    let mut seen = BTreeMap::new();
    for (i, (_, attestation)) in documents.iter().enumerate() {
        // Ids are under each issuer's own secret: equal ids of one issuer are one document.
        if let Some(first) = seen.insert((attestation.issuer().as_str(), *attestation.id()), i) {
            return Err(VerifyError::DocumentTwice { first: first + 1, second: i + 1 });
        }
    }
    let mut commitments = BTreeMap::new();
    for (i, (_, attestation)) in documents.iter().enumerate() {
        // Honest attesters draw fresh blindings, so equal commitments are one table under two names.
        if let Some(first) = commitments.insert(attestation.commitment(), i) {
            return Err(VerifyError::DocumentTwice { first: first + 1, second: i + 1 });
        }
    }
    Ok(documents)
}

/// That no attestation is revoked, where the policy asks for that or a list at hand says so.
pub(super) fn verify_status(
    policy: &ResolvedPolicy,
    documents: &Documents<'_>,
    known: Known<'_>,
) -> Result<Vec<Option<Standing>>, VerifyError> {
    let of = |(i, (role, attestation)): (usize, &(&str, VerifiedAttestation))| {
        let failed = |source| VerifyError::Status { document: i + 1, role: (*role).into(), source };
        known.status.check(attestation, policy.status_hours(), known.now).map_err(failed)
    };
    documents.iter().enumerate().map(of).collect()
}

/// The holder's signature on each document, over audience, nonce and all proofs.
pub(super) fn verify_holders(
    presentation: &Presentation,
    documents: &Documents<'_>,
    known: Known<'_>,
) -> Result<(), VerifyError> {
    let request = presentation.request.request();
    let proofs = proofs_digest(&presentation.verdicts);
    let nonce = presentation.request.nonce();
    let expected = Expected {
        audience: &request.audience,
        nonce: &nonce,
        proofs: &proofs,
        from: request.issued,
        now: known.now.min(request.expires),
    };
    for (i, (presented, (role, attestation))) in presentation.documents.iter().zip(documents).enumerate() {
        presented
            .attestation
            .verify_binding(attestation.holder(), &expected)
            .map_err(|source| VerifyError::Holder { document: i + 1, role: (*role).into(), source })?;
    }
    Ok(())
}
