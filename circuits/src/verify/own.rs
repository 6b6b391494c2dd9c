//! The requests that a verifier made, to tell answers to them from answers to anybody else's.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::request::SignedRequest;

/// Requests of one's own, by the digest of what was signed: some 40 bytes each.
#[derive(Clone, Debug, Default)]
pub struct OwnRequests(BTreeSet<[u8; 32]>);

impl OwnRequests {
    /// One more.
    pub fn add(&mut self, request: &SignedRequest) {
        self.0.insert(digest(request));
    }

    /// How many different ones.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this one, byte for byte, is among them.
    pub fn contains(&self, request: &SignedRequest) -> bool {
        self.0.contains(&digest(request))
    }
}

impl<'a> FromIterator<&'a SignedRequest> for OwnRequests {
    fn from_iter<I: IntoIterator<Item = &'a SignedRequest>>(requests: I) -> OwnRequests {
        OwnRequests(requests.into_iter().map(digest).collect())
    }
}

fn digest(request: &SignedRequest) -> [u8; 32] {
    Sha256::digest(request.jws()).into()
}
