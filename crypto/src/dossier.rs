//! The dossier: a document with what is needed to prove claims about it. Secret: on disk it is always sealed.
//!
//! In: `dossier.json`, canonical document, seed, blindings and the attestation with all its disclosures. Out: a
//! [`CheckedDossier`], whose document is, row for row and word for word, the one that was attested: rows are derived
//! anew (none are stored), digest and commitment are computed anew. Sources: design sections 5 and 8, `docs/format.md`.

use std::fmt;

use consign_documents::{document::Document, error::ImportError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use zeroize::Zeroizing;

use crate::{
    attestation::{self, Attestation, AttestationError},
    commitment::{self, Blindings, Chain, WrongNumberOfBlindings},
    document_digest::{DocumentDigest, Seed},
    strict_json::{self, JsonError, printable},
};

/// Name and version of the file, the value of its member `consign`.
pub const FORMAT: &str = "dossier/1";
/// Longest dossier that is read, in bytes: a document of 64 MiB and as much beside it.
pub const MAX_BYTES: usize = 128 << 20;
/// The name that errors in the document carry.
const NAME: &str = "dossier.json";

/// What is wrong with a dossier.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// Beyond [`MAX_BYTES`].
    #[error("the dossier has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not JSON, or not with these members.
    #[error("dossier: {0}")]
    Json(JsonError),
    /// Another file, or another version.
    #[error("the dossier says consign = \"{0}\"; \"{FORMAT}\" is accepted")]
    Version(String),
    /// The document is not well-formed.
    #[error("the document of the dossier: {0}")]
    Document(#[from] ImportError),
    /// The document is not spelled as its canonical form is.
    #[error("the document of the dossier is not in canonical form")]
    NotCanonical,
    /// The seed is not 32 bytes in base64url.
    #[error("the seed of the dossier is not 32 bytes in canonical base64url without padding")]
    Seed,
    /// A blinding is no field element.
    #[error("a blinding of the dossier is no field element in its canonical spelling")]
    Blinding,
    /// Not as many blindings as the table has blocks.
    #[error("dossier: {0}")]
    Blindings(#[from] WrongNumberOfBlindings),
    /// The attestation is malformed or its signature does not hold.
    #[error("dossier: {0}")]
    Attestation(#[from] AttestationError),
    /// The attestation is of another kind of document.
    #[error("the dossier holds a {document}, and its attestation speaks of a {attested}")]
    Kind {
        /// Kind of the document.
        document: consign_documents::profile::Kind,
        /// Kind in the attestation.
        attested: consign_documents::profile::Kind,
    },
    /// The rows are not those that were attested.
    #[error(
        "the figures of the document are not those that were attested: its rows do not give the commitment{}",
        if *.digest_too { ", nor its words the digest" } else { "" }
    )]
    Commitment {
        /// Whether the digest differs as well, as it does when the document was changed.
        digest_too: bool,
    },
    /// The words are not those that were attested, though the rows are.
    #[error("the text of the document is not that which was attested, though its figures are")]
    Digest,
    /// A disclosure says something else than the document.
    #[error("the attestation says otherwise than the document about {0:?}")]
    Claim(String),
    /// A disclosure that should be there is not.
    #[error("the dossier lacks the disclosure of {0:?}")]
    MissingDisclosure(String),
}

impl DossierError {
    /// Whether every part is well-formed and they do not belong together: the document is not the attested one.
    pub fn is_mismatch(&self) -> bool {
        use DossierError as E;
        matches!(self, E::Commitment { .. } | E::Digest | E::Claim(_) | E::Kind { .. } | E::MissingDisclosure(_))
    }

    /// What the user can do.
    pub fn hint(&self) -> String {
        match self {
            DossierError::Document(e) => e.hint(),
            DossierError::Attestation(e) => e.hint().into(),
            DossierError::Commitment { .. } | DossierError::Digest | DossierError::Claim(_) => {
                "do not rely on this document; ask the issuer for the dossier it wrote".into()
            }
            _ => "ask the issuer for the dossier as it was written".into(),
        }
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    consign: String,
    #[serde(borrow)]
    document: &'a RawValue,
    seed: String,
    blindings: Vec<String>,
    attestation: String,
}

impl Drop for File<'_> {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.seed.zeroize();
        self.blindings.zeroize();
    }
}

/// A dossier whose parts are well-formed and whose attestation's signature holds. That they belong together is for
/// [`Dossier::check`] to say.
#[derive(Clone)]
pub struct Dossier {
    document: Document,
    seed: Seed,
    blindings: Blindings,
    attestation: Attestation,
}

impl Dossier {
    /// Reads `dossier.json`.
    ///
    /// # Errors
    /// [`DossierError`], but those of [`Dossier::check`].
    pub fn parse(bytes: &[u8]) -> Result<Dossier, DossierError> {
        if bytes.len() > MAX_BYTES {
            return Err(DossierError::TooLong(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(DossierError::Json)?;
        if file.consign != FORMAT {
            return Err(DossierError::Version(printable(&file.consign, 100)));
        }
        let text = file.document.get();
        let document = Document::from_json(text.as_bytes(), NAME)?;
        if document.as_json() != text && document.as_json() != canonical(text)? {
            return Err(DossierError::NotCanonical);
        }
        let seed = Seed::from_base64url(&file.seed).ok_or(DossierError::Seed)?;
        let blindings = Blindings::from_hex(&file.blindings).map_err(|_| DossierError::Blinding)?;
        let attestation = Attestation::parse(&file.attestation)?;
        Ok(Dossier { document, seed, blindings, attestation })
    }

    /// The stored form. Secret: seal it.
    ///
    /// # Errors
    /// [`DossierError::Json`] when it does not serialise, [`DossierError::TooLong`].
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, DossierError> {
        let Dossier { document, seed, blindings, attestation } = self;
        Dossier::write(document, seed, blindings, attestation)
    }

    /// The stored form of these parts.
    ///
    /// # Errors
    /// As [`Dossier::to_json`].
    pub(crate) fn write(
        document: &Document,
        seed: &Seed,
        blindings: &Blindings,
        attestation: &Attestation,
    ) -> Result<Zeroizing<Vec<u8>>, DossierError> {
        let file = File {
            consign: FORMAT.into(),
            document: serde_json::from_str(document.as_json()).map_err(|e| DossierError::Json(e.into()))?,
            seed: seed.to_base64url().to_string(),
            blindings: blindings.to_hex(),
            attestation: attestation.sd_jwt().to_string(),
        };
        // Measured first: a buffer that grew while secrets were written to it would leave copies behind.
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &file).map_err(|e| DossierError::Json(e.into()))?;
        if length.0 > MAX_BYTES {
            return Err(DossierError::TooLong(length.0));
        }
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *json, &file).map_err(|e| DossierError::Json(e.into()))?;
        Ok(json)
    }

    /// Derives the rows anew, computes commitment and digest anew, and compares them and every disclosure with the
    /// attestation.
    ///
    /// # Errors
    /// [`DossierError::Kind`], [`DossierError::Blindings`], [`DossierError::Commitment`], [`DossierError::Digest`],
    /// [`DossierError::Claim`], [`DossierError::MissingDisclosure`].
    pub fn check(self) -> Result<CheckedDossier, DossierError> {
        let Dossier { document, seed, blindings, attestation } = &self;
        if document.kind() != attestation.kind() {
            return Err(DossierError::Kind { document: document.kind(), attested: attestation.kind() });
        }
        let (chain, digest) = rayon::join(
            || commitment::commit(document.profile(), &document.table(), blindings),
            || DocumentDigest::of(document, seed),
        );
        let (chain, digest_differs) = (chain?, digest != attestation.digest());
        if chain.commitment() != attestation.commitment() {
            return Err(DossierError::Commitment { digest_too: digest_differs });
        }
        if digest_differs {
            return Err(DossierError::Digest);
        }
        let claims = attestation::claims(document);
        if let Some((name, _)) = attestation.disclosed().iter().find(|(name, v)| claims.get(*name) != Some(v)) {
            return Err(DossierError::Claim(name.clone()));
        }
        if let Some(name) = claims.keys().find(|name| !attestation.disclosed().contains_key(*name)) {
            return Err(DossierError::MissingDisclosure(name.clone()));
        }
        Ok(CheckedDossier { dossier: self, chain })
    }

    /// The document, as the file says it.
    pub fn document(&self) -> &Document {
        &self.document
    }
    /// The attestation, with all disclosures that the file has.
    pub fn attestation(&self) -> &Attestation {
        &self.attestation
    }
}

impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dossier({:?}, ..)", self.document)
    }
}

/// The canonical spelling of a text, which may stand with blanks in it and in another order.
fn canonical(text: &str) -> Result<String, DossierError> {
    let value: Value = serde_json::from_str(text).map_err(|e| DossierError::Json(e.into()))?;
    serde_json_canonicalizer::to_string(&value).map_err(|e| DossierError::Json(e.into()))
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A dossier whose document is the one that was attested.
#[derive(Clone)]
pub struct CheckedDossier {
    dossier: Dossier,
    chain: Chain,
}

impl CheckedDossier {
    /// The document.
    pub fn document(&self) -> &Document {
        &self.dossier.document
    }
    /// The attestation, with all disclosures.
    pub fn attestation(&self) -> &Attestation {
        &self.dossier.attestation
    }
    /// The blinding of each block. Secret.
    pub fn blindings(&self) -> &Blindings {
        &self.dossier.blindings
    }
    /// From what the salts of leaves come. Secret.
    pub fn seed(&self) -> &Seed {
        &self.dossier.seed
    }
    /// The chain values, the last of which is the attested commitment.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }
    /// The stored form. Secret: seal it.
    ///
    /// # Errors
    /// [`DossierError::Json`], [`DossierError::TooLong`].
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, DossierError> {
        self.dossier.to_json()
    }
}

impl fmt::Debug for CheckedDossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked{:?}", self.dossier)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use consign_documents::profile::Kind;
    use serde_json::json;

    use super::*;
    use crate::{
        attestation::{Validity, attest},
        jws::{self, ObjectType},
        samples,
        sd_jwt::{self, SdJwt},
    };

    /// The stored sample with a change, read again.
    fn changed(change: impl FnOnce(&mut Value)) -> Result<CheckedDossier, DossierError> {
        let mut file: Value = serde_json::from_slice(&samples::dossier().to_json().unwrap()).unwrap();
        change(&mut file);
        Dossier::parse(file.to_string().as_bytes())?.check()
    }

    #[test]
    fn round_trips() {
        let dossier = samples::dossier();
        let json = dossier.to_json().unwrap();
        let again = Dossier::parse(&json).unwrap().check().unwrap();
        assert_eq!(again.document(), dossier.document());
        assert_eq!(again.attestation(), dossier.attestation());
        assert_eq!(again.blindings(), dossier.blindings());
        assert_eq!(again.seed(), dossier.seed());
        assert_eq!(again.chain(), dossier.chain());
        assert_eq!(again.to_json().unwrap(), json);
        assert_eq!(again.chain().values().len(), 3, "thirteen rows are two blocks");
        assert_eq!(format!("{again:?}"), "CheckedDossier(Document(cargo-manifest, 12 lines), ..)");
    }

    /// A document of every kind is attested, stored and read again, and its kind is in its commitment.
    #[test]
    fn every_kind() {
        let mut commitments = BTreeSet::new();
        for kind in Kind::ALL {
            let bare = json!({"consign": "document/1", "kind": kind.name(), "profile": kind.profile().version,
                "number": "1", "lines": [{"id": "1", "description": "parts"}]});
            let document = Document::from_json(bare.to_string().as_bytes(), "document.json").unwrap();
            let validity =
                Validity { issued: samples::time(samples::ISSUED), expires: samples::time(samples::EXPIRES) };
            let (issuer, holder) = (samples::party("Carrier"), samples::party("Shipper"));
            let dossier = attest(&document, &issuer, holder.public(), validity, &mut samples::rng(9)).unwrap();
            let again = Dossier::parse(&dossier.to_json().unwrap()).unwrap().check().unwrap();
            assert_eq!(again.document(), &document);
            assert!(commitments.insert(again.attestation().commitment().to_hex()), "{kind}");
        }
    }

    #[test]
    fn one_gram_more_is_other_rows_and_other_words() {
        let heavier = |file: &mut Value| file["document"]["lines"][4]["gross_mass"]["value"] = json!("104.501");
        assert!(matches!(changed(heavier), Err(DossierError::Commitment { digest_too: true })));
    }

    #[test]
    fn one_word_is_other_words_only() {
        for (pointer, value) in [
            ("/document/lines/4/description", "machine part, lot 4"),
            ("/document/parties/consignor/name", "Saigon Part"),
            ("/document/number", "MAN-18"),
            ("/document/references/order", "PO-5"),
            ("/document/lines/4/id", "four"),
        ] {
            let reworded = changed(|file| *file.pointer_mut(pointer).unwrap() = json!(value));
            assert!(matches!(reworded, Err(DossierError::Digest)), "{pointer}");
        }
        // The same mass in another unit: the row is the same, the text is not.
        let pounds =
            changed(|file| file["document"]["lines"][4]["net_mass"] = json!({"value": "90000", "unit": "GRM"}));
        assert!(matches!(pounds, Err(DossierError::Digest)));
    }

    #[test]
    fn each_part_is_checked() {
        use DossierError as E;
        let other = |n: u64| json!(*Seed::random(&mut samples::rng(n)).to_base64url());
        assert!(matches!(changed(|file| file["seed"] = other(1)), Err(E::Digest)));
        assert!(matches!(changed(|file| file["seed"] = json!("A")), Err(E::Seed)));
        let swapped = changed(|file| file["blindings"].as_array_mut().unwrap().swap(0, 1));
        assert!(matches!(swapped, Err(E::Commitment { digest_too: false })));
        let fewer = changed(|file| drop(file["blindings"].as_array_mut().unwrap().pop()));
        assert!(matches!(fewer, Err(E::Blindings(WrongNumberOfBlindings { expected: 2, found: 1, .. }))));
        assert!(matches!(changed(|file| file["blindings"][0] = json!("f".repeat(64))), Err(E::Blinding)));
        assert!(matches!(changed(|file| file["consign"] = json!("dossier/2")), Err(E::Version(v)) if v == "dossier/2"));
        assert!(matches!(changed(|file| file["rows"] = json!([])), Err(E::Json(_))));
        assert!(matches!(changed(|file| file["document"] = json!({})), Err(E::Document(_))));
        let mass = |file: &mut Value| file["document"]["lines"][4]["gross_mass"]["value"] = json!("-1");
        assert!(matches!(changed(mass), Err(E::Document(_))));
        let padded = |file: &mut Value| file["document"]["totals"] = json!({});
        assert!(matches!(changed(padded), Err(E::NotCanonical)));
        let no_line = |file: &mut Value| drop(file["document"]["lines"].as_array_mut().unwrap().pop());
        assert!(matches!(changed(no_line), Err(E::Commitment { digest_too: true })));
        let more_lines = |file: &mut Value| {
            let lines = file["document"]["lines"].as_array_mut().unwrap();
            for i in 100..120 {
                let mut line = lines[0].clone();
                line["id"] = json!(i.to_string());
                lines.push(line);
            }
        };
        assert!(matches!(changed(more_lines), Err(E::Blindings(_))));
    }

    #[test]
    fn the_attestation_is_the_documents_own_and_whole() {
        use DossierError as E;
        let attestation = |sd_jwt: &str| changed(|file| file["attestation"] = json!(sd_jwt));
        let text = samples::dossier().attestation().sd_jwt().to_string();
        attestation(&text).unwrap();
        assert!(matches!(attestation("x"), Err(E::Attestation(AttestationError::SdJwt(_)))));
        let names: Vec<_> = samples::dossier().attestation().disclosed().keys().cloned().collect();
        for left_out in &names {
            let sample = samples::dossier();
            let rest = names.iter().filter(|n| *n != left_out).map(String::as_str);
            let rest = sample.attestation().sd_jwt().showing(rest).unwrap();
            assert!(matches!(attestation(&rest.to_string()), Err(E::MissingDisclosure(n)) if n == *left_out));
        }
        // Every character of the text counts.
        for at in (0..text.len()).step_by(97) {
            let mut changed = text.clone();
            let to = if &text[at..=at] == "A" { "B" } else { "A" };
            changed.replace_range(at..=at, to);
            assert!(matches!(attestation(&changed), Err(E::Attestation(_))), "{at}");
        }
    }

    #[test]
    fn an_attestation_of_another_kind_is_refused() {
        let invoice = json!({"consign": "document/1", "kind": "commercial-invoice", "profile": 1, "number": "MAN-17",
            "lines": [{"id": "1", "description": "parts"}]});
        let invoice = Document::from_json(invoice.to_string().as_bytes(), "document.json").unwrap();
        let validity = Validity { issued: samples::time(samples::ISSUED), expires: samples::time(samples::EXPIRES) };
        let (issuer, holder) = (samples::party("Carrier"), samples::party("Shipper"));
        let other = attest(&invoice, &issuer, holder.public(), validity, &mut samples::rng(9)).unwrap();
        let other = changed(|file| file["attestation"] = json!(other.attestation().sd_jwt().to_string()));
        let (document, attested) = (Kind::CargoManifest, Kind::CommercialInvoice);
        assert!(
            matches!(other, Err(DossierError::Kind { document: d, attested: a }) if d == document && a == attested)
        );
    }

    /// The issuer itself signs what its document does not say.
    #[test]
    fn a_claim_that_the_document_does_not_make_is_refused() {
        let sample = samples::dossier();
        let attestation = sample.attestation();
        let claimed = |change: &dyn Fn(&mut BTreeMap<String, Value>)| {
            let mut claims = attestation.disclosed().clone();
            change(&mut claims);
            let (digests, disclosures) = sd_jwt::conceal(claims, &mut samples::rng(3));
            let signed = jws::open::<Value>(ObjectType::Attestation, attestation.sd_jwt().jwt()).unwrap();
            let mut payload = signed.whoever_signed().clone();
            payload["_sd"] = json!(digests);
            let jwt = jws::sign(ObjectType::Attestation, &payload, &samples::party("Carrier")).unwrap();
            let text = SdJwt::new(&jwt, disclosures.iter().map(String::as_str)).to_string();
            changed(|file| file["attestation"] = json!(text))
        };
        claimed(&|_| {}).unwrap();
        for (name, value) in [
            ("complete.origin", json!(true)),
            ("currency", json!("EUR")),
            ("reference.shipment", json!("SHP-10")),
            ("reference.contract", json!("C-1")),
            ("unit", json!("MTR")),
        ] {
            let error = claimed(&|claims| drop(claims.insert(name.into(), value.clone())));
            assert!(matches!(error, Err(DossierError::Claim(found)) if found == name), "{name}");
        }
    }

    #[test]
    fn malformed_and_huge_files_are_refused() {
        use DossierError as E;
        assert!(matches!(Dossier::parse(b"").unwrap_err(), E::Json(_)));
        assert!(matches!(Dossier::parse(&[b'['; 1 << 20]).unwrap_err(), E::Json(_)));
        assert!(matches!(Dossier::parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err(), E::TooLong(_)));
        let json = samples::dossier().to_json().unwrap();
        for length in (0..json.len()).step_by(101) {
            assert!(matches!(Dossier::parse(&json[..length]).unwrap_err(), E::Json(_)));
        }
        let twice = String::from_utf8(json.to_vec()).unwrap().replacen("\"number\"", "\"number\":\"1\",\"number\"", 1);
        assert!(matches!(Dossier::parse(twice.as_bytes()).unwrap_err(), E::Json(_)));
    }
}
