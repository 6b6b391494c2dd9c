//! The two written forms of a policy, TOML and canonical JSON: one shape, which differs in what a parameter carries.

use super::{DocumentCount, ListReader, PolicyClaim, PolicyError, Role, RoleName, documents::MAX_DOCUMENTS, lists};
use crate::{
    claim::{FigureKind, is_keyword, is_plain},
    profile::Kind,
};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{collections::BTreeMap, fmt, marker::PhantomData};

pub(super) const MAX_TOML: usize = 256 << 10;
pub(super) const MAX_JSON: usize = 512 << 10;
pub(super) const MAX_VALUE: usize = 64;
/// Longest value of a list parameter: as many codes as a list has, with their commas.
pub(super) const MAX_CODES_VALUE: usize = 128 << 10;
const MAX_CLAIMS: usize = 64;
const MAX_ROLES: usize = 16;
const MAX_PARAMETERS: usize = 64;
const MAX_LISTS: usize = 256;
pub(super) const MAX_CODES: usize = 10_000;
const MAX_CODE: usize = 32;
const MAX_ISSUERS: usize = 64;
const MAX_NAME: usize = 64;
const MAX_TEXT: usize = 1024;
/// Greatest age of a status list that a policy can accept: a year.
const MAX_STATUS_HOURS: u32 = 366 * 24;
const REFERENCES: [&str; 3] = ["document", "shipment", "order"];

/// `P` is what a parameter carries, `L` what a list is: its codes, or in a file perhaps the name of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    bound(deserialize = "P: Deserialize<'de>, L: Deserialize<'de>")
)]
pub(super) struct Form<P, L = Vec<String>> {
    pub(super) name: String,
    pub(super) version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_from: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) successor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<StatusForm>,
    #[serde(default)]
    pub(super) same: Vec<String>,
    #[serde(deserialize_with = "unique")]
    pub(super) roles: BTreeMap<RoleName, RoleForm>,
    #[serde(default = "BTreeMap::new", deserialize_with = "unique")]
    pub(super) parameters: BTreeMap<String, P>,
    #[serde(default = "BTreeMap::new", deserialize_with = "unique")]
    pub(super) lists: BTreeMap<String, L>,
    claims: Vec<ClaimForm>,
}

/// Whether each attestation must be shown not to be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct StatusForm {
    /// Greatest age of a status list, in hours.
    pub(super) max_age_hours: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleForm {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<DocumentCount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
    #[serde(default)]
    issuers: Vec<String>,
}

/// A list of a file: codes, or where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of codes, or a file and its column: { file = \"lists/codes.csv\", column = \"hs\" }"
)]
pub(super) enum ListForm {
    /// The codes.
    Codes(Vec<String>),
    /// A file beside the policy.
    File(ListFile),
}

/// A list in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListFile {
    /// Its name, from the policy's folder on.
    pub(super) file: String,
    /// The column of the codes; may be left out where there is only one.
    pub(super) column: Option<String>,
}

/// A parameter of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Default {
    pub(super) kind: FigureKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
}

/// A parameter of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    pub(super) kind: FigureKind,
    pub(super) value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    claim: String,
    source: String,
}

/// A day: in TOML a local date or a string, in JSON a string, always `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(pub(super) Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Toml(toml::value::Datetime),
        }
        let refuse = || de::Error::custom("expected a day such as 2026-01-31");
        let text = match Written::deserialize(deserializer).map_err(|_: D::Error| refuse())? {
            Written::Text(text) => text,
            Written::Toml(date) => date.to_string(),
        };
        let date: Date = text.parse().map_err(|_| refuse())?;
        if date.to_string() == text { Ok(Day(date)) } else { Err(refuse()) }
    }
}

/// A map whose keys may not repeat.
fn unique<'de, D: Deserializer<'de>, V: Deserialize<'de>>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error> {
    struct Visitor<V>(PhantomData<V>);
    impl<'de, V: Deserialize<'de>> de::Visitor<'de> for Visitor<V> {
        type Value = BTreeMap<String, V>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }
        fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = access.next_key::<String>()? {
                if map.contains_key(&key) {
                    return Err(de::Error::custom(format_args!("duplicate key {key:?}")));
                }
                map.insert(key, access.next_value()?);
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Visitor(PhantomData))
}

pub(super) fn read_toml(text: &str) -> Result<Form<Default, ListForm>, PolicyError> {
    if text.len() > MAX_TOML {
        return Err(PolicyError::TooLarge { found: text.len(), max: MAX_TOML });
    }
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        PolicyError::Toml { line, column, message }
    })
}

pub(super) fn of_claims(claims: &[&str], kinds: &[Kind]) -> Form<Default> {
    let mut roles: BTreeMap<RoleName, RoleForm> = BTreeMap::new();
    for kind in kinds {
        let name = kind.name().rsplit('-').next().unwrap_or(kind.name()).to_owned();
        let profile = Some(kind.profile().version);
        let empty = || RoleForm {
            kind: kind.name().into(),
            profile,
            documents: None,
            expected: Vec::new(),
            issuers: Vec::new(),
        };
        let role = roles.entry(name).or_insert_with(empty);
        let found = role.documents.map_or(0, DocumentCount::most);
        role.documents = DocumentCount::exactly(found.saturating_add(1));
    }
    let source = "the command line".to_owned();
    let claims = claims.iter().map(|&c| ClaimForm { id: None, claim: c.to_owned(), source: source.clone() }).collect();
    Form {
        name: "claims".into(),
        version: "1".into(),
        about: None,
        valid_from: None,
        valid_until: None,
        successor: None,
        status: None,
        same: Vec::new(),
        roles,
        parameters: BTreeMap::new(),
        lists: BTreeMap::new(),
        claims,
    }
}

impl Form<Default, ListForm> {
    /// The form with the codes of lists that stand in files, each file's text as `read` yields it by its name.
    pub(super) fn with_lists(self, read: &ListReader<'_>) -> Result<Form<Default>, PolicyError> {
        let mut lists = BTreeMap::new();
        for (name, list) in self.lists {
            let codes = match list {
                ListForm::Codes(codes) => codes,
                ListForm::File(file) => lists::codes(&name, &file, read)?,
            };
            lists.insert(name, codes);
        }
        Ok(Form {
            name: self.name,
            version: self.version,
            about: self.about,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            successor: self.successor,
            status: self.status,
            same: self.same,
            roles: self.roles,
            parameters: self.parameters,
            lists,
            claims: self.claims,
        })
    }
}

impl Form<Default> {
    /// Sets the numbers of the documents that a role is to have, as many as it may have where it says so.
    pub(super) fn expect(&mut self, role: &str, numbers: Vec<String>) -> Result<(), PolicyError> {
        let form = self.roles.get_mut(role).ok_or_else(|| PolicyError::UnknownRole(role.to_owned()))?;
        let found = numbers.len();
        if let Some(documents) = form.documents.filter(|documents| !documents.accepts(found)) {
            return Err(PolicyError::Expected { role: role.to_owned(), documents, found });
        }
        form.documents = DocumentCount::exactly(u32::try_from(found).unwrap_or(u32::MAX));
        form.expected = numbers;
        Ok(())
    }

    /// The form of the policy with these parameters; profile versions become explicit.
    pub(super) fn with(&self, parameters: BTreeMap<String, Value>) -> Form<Value> {
        let mut roles = self.roles.clone();
        for role in roles.values_mut() {
            let current = || role.kind.parse::<Kind>().ok().map(|kind| kind.profile().version);
            role.profile = role.profile.or_else(current);
            role.documents = Some(role.documents());
        }
        Form {
            name: self.name.clone(),
            version: self.version.clone(),
            about: self.about.clone(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            successor: self.successor.clone(),
            status: self.status,
            same: self.same.clone(),
            roles,
            parameters,
            lists: self.lists.clone(),
            claims: self.claims.clone(),
        }
    }
}

impl<P> Form<P> {
    pub(super) fn claims(&self) -> Vec<PolicyClaim> {
        let claim = |c: &ClaimForm| PolicyClaim { id: c.id.clone(), text: c.claim.clone(), source: c.source.clone() };
        self.claims.iter().map(claim).collect()
    }

    /// Checks everything but the claims, and yields the roles.
    pub(super) fn check(&self) -> Result<BTreeMap<RoleName, Role>, PolicyError> {
        text("name", &self.name, MAX_NAME)?;
        text("version", &self.version, MAX_NAME)?;
        if let Some(about) = &self.about {
            text("about", about, MAX_TEXT)?;
        }
        if let Some(successor) = &self.successor {
            text("successor", successor, MAX_NAME)?;
        }
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until)
            && until.0 < from.0
        {
            return Err(PolicyError::Validity { from: from.0.to_string(), until: until.0.to_string() });
        }
        if let Some(StatusForm { max_age_hours: found }) = self.status
            && !(1..=MAX_STATUS_HOURS).contains(&found)
        {
            return Err(PolicyError::StatusAge { found, max: MAX_STATUS_HOURS });
        }
        for (i, name) in self.same.iter().enumerate() {
            if !REFERENCES.contains(&name.as_str()) || self.same[..i].contains(name) {
                return Err(PolicyError::Reference(name.clone()));
            }
        }
        limit("parameters", self.parameters.len(), MAX_PARAMETERS)?;
        self.parameters.keys().try_for_each(|name| spellable("a parameter", name))?;
        limit("lists", self.lists.len(), MAX_LISTS)?;
        for (name, codes) in &self.lists {
            spellable("a list", name)?;
            if codes.is_empty() {
                return Err(PolicyError::EmptyList(name.clone()));
            }
            limit("codes in a list", codes.len(), MAX_CODES)?;
            codes.iter().try_for_each(|code| text(&format!("a code of the list {name}"), code, MAX_CODE))?;
        }
        if self.claims.is_empty() {
            return Err(PolicyError::Missing("claims"));
        }
        limit("claims", self.claims.len(), MAX_CLAIMS)?;
        for (i, claim) in self.claims.iter().enumerate() {
            if let Some(id) = &claim.id {
                text(&format!("the id of claim {}", i + 1), id, MAX_NAME)?;
            }
            text(&format!("the source of claim {}", i + 1), &claim.source, MAX_TEXT)?;
        }
        if self.roles.is_empty() {
            return Err(PolicyError::Missing("roles"));
        }
        limit("roles", self.roles.len(), MAX_ROLES)?;
        self.roles.iter().map(|(name, role)| Ok((name.clone(), role.check(name)?))).collect()
    }
}

impl RoleForm {
    /// How many documents: as written, else as many as are expected by number, else one.
    fn documents(&self) -> DocumentCount {
        let expected = || u32::try_from(self.expected.len()).ok().and_then(DocumentCount::exactly);
        self.documents.or_else(expected).unwrap_or(DocumentCount::ONE)
    }

    fn check(&self, name: &str) -> Result<Role, PolicyError> {
        spellable("a role", name)?;
        if is_keyword(name) {
            let accepted = "words of the claim language are taken";
            return Err(PolicyError::Name { what: "a role", found: name.to_owned(), accepted });
        }
        let kind: Kind = self.kind.parse().map_err(|error| PolicyError::Kind { role: name.to_owned(), error })?;
        let profile = kind.profile();
        if let Some(found) = self.profile.filter(|&version| version != profile.version) {
            return Err(PolicyError::Profile { role: name.to_owned(), kind, found, known: profile.version });
        }
        let expected = self.expected.len();
        let documents = self.documents();
        if expected > 0 && documents.only() != Some(expected) {
            return Err(PolicyError::Expected { role: name.to_owned(), documents, found: expected });
        }
        limit("expected documents of a role", expected, MAX_DOCUMENTS as usize)?;
        for (i, number) in self.expected.iter().enumerate() {
            text(&format!("number {} of the documents expected of {name}", i + 1), number, MAX_TEXT)?;
        }
        if let Some(twice) = twice(&self.expected) {
            return Err(PolicyError::ExpectedTwice { role: name.to_owned(), number: twice.to_owned() });
        }
        limit("issuers of a role", self.issuers.len(), MAX_ISSUERS)?;
        self.issuers.iter().try_for_each(|issuer| text(&format!("an issuer of role {name}"), issuer, MAX_TEXT))?;
        let (expected, issuers) = (self.expected.clone(), self.issuers.clone());
        Ok(Role { kind, profile, documents, expected, issuers })
    }
}

/// What stands in the list more than once.
fn twice(list: &[String]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    list.iter().map(String::as_str).find(|text| !seen.insert(*text))
}

fn limit(what: &'static str, found: usize, max: usize) -> Result<(), PolicyError> {
    if found <= max { Ok(()) } else { Err(PolicyError::Limit { what, found, max }) }
}

fn text(place: &str, text: &str, max: usize) -> Result<(), PolicyError> {
    limit("characters in a text", text.chars().count(), max)?;
    if text.trim().is_empty() || !text.chars().all(is_plain) {
        return Err(PolicyError::Text { place: place.to_owned() });
    }
    Ok(())
}

/// A name that the lexer reads as one word.
fn spellable(what: &'static str, name: &str) -> Result<(), PolicyError> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && name.len() <= MAX_NAME && name.chars().all(inner) {
        return Ok(());
    }
    let found = name.chars().take(MAX_NAME).collect();
    Err(PolicyError::Name { what, found, accepted: "a letter, then at most 63 letters, digits, _ and -" })
}
