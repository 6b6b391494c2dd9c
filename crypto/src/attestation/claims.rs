//! What an attestation lets be disclosed: `complete` flags, currency, unit, references, parties, containers and the
//! digest of the file that the document was imported from.

use std::collections::BTreeMap;

use consign_documents::{
    document::{Document, Party},
    profile::Profile,
};
use serde_json::{Map, Value};

use crate::document_digest::digest_from_hex;

/// The claims of a document that its attestation lets be disclosed.
pub(crate) fn claims(document: &Document) -> BTreeMap<String, Value> {
    let facts = document.facts();
    let flag = |name: String| (format!("complete.{name}"), Value::from(facts.complete.contains(&name)));
    let mut claims: BTreeMap<String, Value> = columns(document.profile()).map(flag).collect();
    let mut claim = |name: String, value: Value| claims.insert(name, value);
    if let Some(currency) = facts.currency {
        claim("currency".into(), currency.into());
    }
    if let Some(unit) = facts.unit {
        claim("unit".into(), unit.into());
    }
    for (name, text) in facts.references {
        claim(format!("reference.{name}"), text.into());
    }
    for (role, party) in &document.header().parties {
        claim(format!("party.{role}"), party_claim(party));
    }
    let containers = document.containers();
    if !containers.is_empty() {
        claim("containers".into(), containers.into());
    }
    if let Some(source) = document.source() {
        claim("source".into(), hex::encode(source.sha256).into());
    }
    claims
}

/// The names of a profile's columns as the `complete` flags have them.
pub(super) fn columns(profile: &'static Profile) -> impl Iterator<Item = String> {
    let goods = profile.goods.iter().map(|c| c.name.to_owned());
    goods.chain(profile.document.iter().map(|c| format!("document.{}", c.name)))
}

fn party_claim(party: &Party) -> Value {
    let Party { name, identifier, address, country } = party;
    let members = [
        ("name", name.as_deref()),
        ("identifier", identifier.as_deref()),
        ("address", address.as_deref()),
        ("country", country.map(|c| c.letters())),
    ];
    let known = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
    Value::Object(known.collect::<Map<_, _>>())
}

/// Whether a disclosed claim is one of [`claims`], by name and type.
pub(super) fn known(profile: &'static Profile, name: &str, value: &Value) -> bool {
    let strings = |items: &[Value]| items.iter().all(Value::is_string);
    match name.split_once('.') {
        Some(("complete", column)) => value.is_boolean() && columns(profile).any(|c| c == column),
        Some(("reference", name)) => value.is_string() && !name.is_empty(),
        Some(("party", role)) => {
            !role.is_empty() && value.as_object().is_some_and(|o| o.values().all(Value::is_string))
        }
        Some(_) => false,
        None => match name {
            "currency" | "unit" => value.is_string(),
            "source" => value.as_str().is_some_and(|text| digest_from_hex(text).is_ok()),
            "containers" => value.as_array().is_some_and(|items| strings(items)),
            _ => false,
        },
    }
}
