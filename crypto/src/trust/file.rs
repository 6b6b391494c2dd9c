//! The stored form of a trust list: TOML.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Capacity, KeySet, Party, TrustListError};
use crate::{document_digest::digest_from_hex, identity::Name};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) consign: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) party: Vec<PartyEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) key_set: Vec<KeySetEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyEntry {
    name: String,
    public: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lei: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eori: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<toml::value::Datetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<toml::value::Datetime>,
    capacities: Vec<String>,
}

impl PartyEntry {
    pub(super) fn party(self) -> Result<Party, TrustListError> {
        let name: Name = self.name.parse()?;
        let public = self.public.parse().map_err(|e| TrustListError::PublicLine(name.clone(), e))?;
        let capacities: Vec<Capacity> = self
            .capacities
            .iter()
            .map(|c| c.parse().map_err(|e| TrustListError::Capacity(name.clone(), e)))
            .collect::<Result<_, _>>()?;
        let date = |d: Option<toml::value::Datetime>| match d {
            Some(d) => civil(&d).map(Some).ok_or_else(|| TrustListError::Date(name.clone(), d.to_string())),
            None => Ok(None),
        };
        let (from, until) = (date(self.valid_from)?, date(self.valid_until)?);
        let count = capacities.len();
        let mut party = Party::new(name, public, capacities)?.valid(from, until)?;
        if party.capacities().count() != count {
            return Err(TrustListError::Capacities(party.name().clone()));
        }
        if let Some(lei) = &self.lei {
            party = party.lei(lei)?;
        }
        if let Some(eori) = &self.eori {
            party = party.eori(eori)?;
        }
        Ok(party)
    }
}

impl From<&Party> for PartyEntry {
    fn from(party: &Party) -> PartyEntry {
        let date = |d: Date| toml::value::Datetime {
            date: Some(toml::value::Date {
                year: u16::try_from(d.year()).unwrap_or(0),
                month: d.month().unsigned_abs(),
                day: d.day().unsigned_abs(),
            }),
            time: None,
            offset: None,
        };
        let (from, until) = party.validity();
        PartyEntry {
            name: party.name().to_string(),
            public: party.public().to_string(),
            lei: party.lei_code().map(str::to_owned),
            eori: party.eori_number().map(str::to_owned),
            valid_from: from.map(date),
            valid_until: until.map(date),
            capacities: party.capacities().map(|c| c.to_string()).collect(),
        }
    }
}

/// The civil date of a TOML local date.
fn civil(date: &toml::value::Datetime) -> Option<Date> {
    match date {
        toml::value::Datetime { date: Some(d), time: None, offset: None } => {
            Date::new(d.year.try_into().ok()?, d.month.try_into().ok()?, d.day.try_into().ok()?).ok()
        }
        _ => None,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeySetEntry {
    id: String,
    name: String,
    made_by: String,
}

impl KeySetEntry {
    pub(super) fn key_set(self) -> Result<KeySet, TrustListError> {
        let (name, made_by) = (self.name.parse::<Name>()?, self.made_by.parse()?);
        let id = digest_from_hex(&self.id).map_err(|_| TrustListError::KeySetId(name.clone()))?;
        Ok(KeySet { id, name, made_by })
    }
}

impl From<&KeySet> for KeySetEntry {
    fn from(key_set: &KeySet) -> KeySetEntry {
        KeySetEntry {
            id: hex::encode(key_set.id),
            name: key_set.name.to_string(),
            made_by: key_set.made_by.to_string(),
        }
    }
}
