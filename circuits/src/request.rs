//! Requests: what a verifier asks, signed by it.
//!
//! A request carries the whole policy with its parameter values, so that the prover compiles what the verifier will.
//! File: `{"consign":"request/1","request":"<JWS>"}`, the JWS of type `consign-request+jwt`. Source: design sections 2
//! and 8.

use ark_bn254::Fr;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consign_crypto::{
    chain_contract::ChainContract,
    identity::{Identity, SignerKey},
    jws::{self, JwsError, ObjectType},
    sd_jwt::SdJwt,
    statement::Context,
    strict_json,
    trust::{Capacity, NotTrusted, TrustList},
};
use consign_documents::policy::ResolvedPolicy;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::keys::{KeySetId, NotAKeySetId};

/// Version word of the file.
const FORMAT: &str = "request/1";
/// Largest request: a policy of half a mebibyte in base64, twice over.
pub const MAX_BYTES: usize = 2 << 20;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 32;
/// How far clocks may differ.
const SKEW_SECONDS: i64 = 60;

/// What a verifier asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The policy with its parameter values.
    pub policy: ResolvedPolicy,
    /// The key set to prove with.
    pub key_set: KeySetId,
    /// Name of the verifier, which is the name its signing key has on the prover's trust list.
    pub audience: String,
    /// Drawn for this request alone.
    pub nonce: [u8; NONCE_BYTES],
    /// When it was made; whole seconds.
    pub issued: Timestamp,
    /// Until when it can be answered; whole seconds.
    pub expires: Timestamp,
    /// The contract that alone is to accept the answer, where it is to be bound to one. `consign verify` accepts it too.
    pub chain: Option<ChainContract>,
}

impl Request {
    /// What the verdicts of an answer are bound to: this request, and the attestations with their roles, in the order
    /// of the presentation.
    pub fn context<'a>(&'a self, attestations: impl IntoIterator<Item = (&'a str, &'a SdJwt)>) -> AnswerContext<'a> {
        let digest = |(role, sd_jwt): (&'a str, &SdJwt)| (role, Sha256::digest(sd_jwt.jwt()).into());
        AnswerContext {
            request: self,
            policy: self.policy.digest(),
            attestations: attestations.into_iter().map(digest).collect(),
        }
    }
}

/// What the verdicts of one answer are bound to.
pub struct AnswerContext<'a> {
    request: &'a Request,
    policy: [u8; 32],
    attestations: Vec<(&'a str, [u8; 32])>,
}

impl AnswerContext<'_> {
    /// The `context` input of a verdict, by its number from 0.
    pub fn of_verdict(&self, verdict: usize) -> Fr {
        let AnswerContext { request, policy, attestations } = self;
        let context = Context {
            audience: &request.audience,
            nonce: &request.nonce,
            expires: request.expires.as_second(),
            policy,
            verdict: verdict as u32,
            attestations,
            chain: request.chain.as_ref(),
        };
        context.element()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    aud: String,
    nonce: String,
    iat: i64,
    exp: i64,
    key_set: String,
    policy: ResolvedPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain: Option<ChainContract>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    request: String,
}

/// Why something is no request, or not one to answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Larger than [`MAX_BYTES`].
    #[error("the request has {0} bytes; it may have {MAX_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of a request file.
    #[error("this is not a request: {0}")]
    Json(consign_crypto::strict_json::JsonError),
    /// Another version.
    #[error("this file is {0:?}; a request is \"{FORMAT}\"")]
    Version(String),
    /// The signature, or the form of what is signed.
    #[error("the request's signature: {0}")]
    Signature(#[from] JwsError),
    /// A member of the payload.
    #[error("the request's {member} is {found:?}; accepted is {accepted}")]
    Member {
        /// Which.
        member: &'static str,
        /// What stands there.
        found: String,
        /// What may.
        accepted: &'static str,
    },
    /// Its signer is not a verifier on the trust list.
    #[error("the request is not from a verifier you know: {0}")]
    NotTrusted(NotTrusted),
    /// The audience is not the name of its signer: one verifier relays another's request.
    #[error("the request is for {audience:?}, but the key that signed it is that of {signer:?}")]
    Relayed {
        /// Whom it names.
        audience: String,
        /// Who signed.
        signer: String,
    },
    /// Past its expiry.
    #[error("the request expired at {expires}; it is now {now}")]
    Expired {
        /// Until when.
        expires: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// Made later than now.
    #[error("the request was made at {issued}; it is now {now}")]
    FromTheFuture {
        /// From when.
        issued: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// The policy's days.
    #[error("the policy {policy:?} is not in force on {day}{}", succeeded(.successor))]
    NotInForce {
        /// Name of the policy.
        policy: String,
        /// The present day, UTC.
        day: Date,
        /// The policy that follows it, where it names one.
        successor: Option<String>,
    },
}

fn succeeded(successor: &Option<String>) -> String {
    successor.as_ref().map(|name| format!("; its successor is {name:?}")).unwrap_or_default()
}

impl RequestError {
    /// One action the user can take.
    pub fn hint(&self) -> String {
        match self {
            RequestError::NotTrusted(reason) => reason.hint().into(),
            RequestError::Relayed { .. } => {
                "do not answer; ask the verifier itself for a request, and tell it who sent you this one".into()
            }
            RequestError::Expired { .. } => "ask the verifier for a new request".into(),
            RequestError::FromTheFuture { .. } => "check this machine's clock".into(),
            RequestError::NotInForce { .. } => "ask the verifier for a request under the policy in force".into(),
            _ => "get the file again from the verifier; `consign request` makes it".into(),
        }
    }
}

/// A request under a signature that holds. Whether its signer is a verifier that one knows is for
/// [`SignedRequest::accept`] to say.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    jws: String,
    signer: SignerKey,
    request: Request,
}

impl SignedRequest {
    /// Signs a request.
    ///
    /// # Errors
    /// [`RequestError::Signature`] when it is too long, [`RequestError::Member`] when its times are out of order.
    pub fn sign(request: &Request, verifier: &Identity) -> Result<SignedRequest, RequestError> {
        let payload = Payload {
            aud: request.audience.clone(),
            nonce: URL_SAFE_NO_PAD.encode(request.nonce),
            iat: request.issued.as_second(),
            exp: request.expires.as_second(),
            key_set: request.key_set.to_string(),
            policy: request.policy.clone(),
            chain: request.chain,
        };
        SignedRequest::from_jws(jws::sign(ObjectType::Request, &payload, verifier)?)
    }

    /// Reads a request file and checks its signature under the key that it names.
    ///
    /// # Errors
    /// [`RequestError`], but those of trust and time.
    pub fn parse(bytes: &[u8]) -> Result<SignedRequest, RequestError> {
        if bytes.len() > MAX_BYTES {
            return Err(RequestError::TooLarge(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(RequestError::Json)?;
        if file.consign != FORMAT {
            return Err(RequestError::Version(file.consign.chars().take(80).collect()));
        }
        SignedRequest::from_jws(file.request)
    }

    /// Reads the JWS alone, as it stands in a presentation.
    ///
    /// # Errors
    /// As [`SignedRequest::parse`].
    pub fn from_jws(jws: String) -> Result<SignedRequest, RequestError> {
        let signed = jws::open::<Payload>(ObjectType::Request, &jws)?;
        let signer = *signed.signer();
        let payload = signed.by(&signer)?;
        let member = |member, found: &str, accepted| RequestError::Member {
            member,
            found: found.chars().take(100).collect(),
            accepted,
        };
        let nonce = URL_SAFE_NO_PAD.decode(&payload.nonce).ok().and_then(|bytes| bytes.try_into().ok());
        let nonce = nonce.ok_or_else(|| member("nonce", &payload.nonce, "32 bytes in base64url"))?;
        let key_set = payload.key_set.parse();
        let key_set = key_set
            .map_err(|_: NotAKeySetId| member("key_set", &payload.key_set, "64 lower-case hexadecimal digits"))?;
        let time = |name, seconds: i64| {
            Timestamp::from_second(seconds).map_err(|_| member(name, &seconds.to_string(), "seconds since 1970"))
        };
        let (issued, expires) = (time("iat", payload.iat)?, time("exp", payload.exp)?);
        if expires <= issued {
            return Err(member("exp", &payload.exp.to_string(), "a time after iat"));
        }
        let Payload { aud: audience, policy, chain, .. } = payload;
        let request = Request { policy, key_set, audience, nonce, issued, expires, chain };
        Ok(SignedRequest { jws, signer, request })
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = File { consign: FORMAT.into(), request: self.jws.clone() };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("two strings serialise");
        bytes.push(b'\n');
        bytes
    }

    /// The signed text.
    pub fn jws(&self) -> &str {
        &self.jws
    }
    /// What is asked, whoever asks: to show to a person.
    pub fn request(&self) -> &Request {
        &self.request
    }
    /// The key that signed.
    pub fn signer(&self) -> &SignerKey {
        &self.signer
    }
    /// The nonce as it stands in key bindings: base64url.
    pub fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.request.nonce)
    }

    /// Whether it is from a verifier on the trust list, for that verifier itself: its audience is the name of its
    /// signer.
    ///
    /// # Errors
    /// [`RequestError::NotTrusted`], [`RequestError::Relayed`].
    pub fn check_signer(&self, trust: &TrustList, now: Timestamp) -> Result<(), RequestError> {
        let party = trust.trusted(&self.signer, Capacity::Verifier, now).map_err(RequestError::NotTrusted)?;
        let signer = party.name().as_str();
        if signer != self.request.audience {
            let (audience, signer) = (self.request.audience.clone(), signer.to_owned());
            return Err(RequestError::Relayed { audience, signer });
        }
        Ok(())
    }

    /// Whether it has been made by now, with a minute's grace.
    ///
    /// # Errors
    /// [`RequestError::FromTheFuture`].
    pub fn check_made(&self, now: Timestamp) -> Result<(), RequestError> {
        let issued = self.request.issued;
        if issued.as_second() > now.as_second().saturating_add(SKEW_SECONDS) {
            return Err(RequestError::FromTheFuture { issued, now });
        }
        Ok(())
    }

    /// Whether it can be answered now: made, not expired, its policy in force today (UTC).
    ///
    /// # Errors
    /// [`RequestError::FromTheFuture`], [`RequestError::Expired`], [`RequestError::NotInForce`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), RequestError> {
        self.check_made(now)?;
        let Request { expires, policy, .. } = &self.request;
        if *expires <= now {
            return Err(RequestError::Expired { expires: *expires, now });
        }
        let day = now.to_zoned(TimeZone::UTC).date();
        if !policy.in_force(day) {
            let successor = policy.successor().map(str::to_owned);
            return Err(RequestError::NotInForce { policy: policy.name().into(), day, successor });
        }
        Ok(())
    }

    /// A request that one may answer: from a verifier one knows, for itself, now.
    ///
    /// # Errors
    /// As [`SignedRequest::check_signer`] and [`SignedRequest::check_time`].
    pub fn accept(self, trust: &TrustList, now: Timestamp) -> Result<AcceptedRequest, RequestError> {
        self.check_signer(trust, now)?;
        self.check_time(now)?;
        Ok(AcceptedRequest(self))
    }
}

/// A request from a verifier one knows, for that verifier itself, in force: what can be proved for.
#[derive(Clone, Debug)]
pub struct AcceptedRequest(SignedRequest);

impl std::ops::Deref for AcceptedRequest {
    type Target = SignedRequest;
    fn deref(&self) -> &SignedRequest {
        &self.0
    }
}
