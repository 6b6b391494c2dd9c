//! Organizations of the vocabulary.

use std::collections::BTreeMap;

use crate::{
    document::Party,
    import::{
        node::Node,
        tree::{At, Read, Tree},
    },
};

/// Names and identifiers, the more lasting ones first.
const NAMES: [&str; 2] = ["name", "legalName"];
const IDENTIFIERS: [&str; 4] = ["leiCode", "taxId", "globalLocationNumber", "id"];
/// Parts of an address in the order in which they are written.
const ADDRESS: [&str; 5] = ["streetAddress", "postOfficeBoxNumber", "postalCode", "addressLocality", "addressRegion"];

/// The organization at a place; a text alone is its identifier.
pub(super) fn party<'a>(tree: &Tree<'a>, at: &At<'a>) -> Read<Option<Party>> {
    let mut party = Party::default();
    if !matches!(at.node, Node::Object(_)) {
        party.identifier = tree.said(at, "party")?;
        return Ok(Some(party).filter(|party| *party != Party::default()));
    }
    for key in NAMES {
        if party.name.is_none() {
            party.name = tree.text_at(at, &[key])?;
        }
    }
    for key in IDENTIFIERS {
        if party.identifier.is_none() {
            party.identifier = tree.text_at(at, &[key])?;
        }
    }
    let nested = match tree.get(at, "location")? {
        Some(location) => tree.get(&location, "address")?,
        None => tree.get(at, "address")?,
    };
    if let Some(address) = nested {
        let mut parts = Vec::new();
        for key in ADDRESS {
            parts.extend(tree.text_at(&address, &[key])?);
        }
        match tree.address_country(&address, "addressCountry")? {
            Ok(country) => party.country = country,
            Err(words) => parts.push(words),
        }
        party.address = Some(parts.join(", ")).filter(|text| !text.is_empty());
    }
    Ok(Some(party).filter(|party| *party != Party::default()))
}

/// The organizations under these keys, by role; of several in one role, the second has a number behind its role.
pub(super) fn parties<'a>(
    tree: &Tree<'a>,
    at: &At<'a>,
    roles: &[(&str, &str)],
    parties: &mut BTreeMap<String, Party>,
) -> Read<()> {
    for (key, role) in roles {
        for (i, at) in tree.items(at, key)?.iter().enumerate() {
            let Some(party) = party(tree, at)? else { continue };
            parties.insert(if i == 0 { (*role).to_owned() } else { format!("{role}_{}", i + 1) }, party);
        }
    }
    Ok(())
}
