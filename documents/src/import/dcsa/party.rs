//! Parties of the DCSA's documents.

use std::collections::BTreeMap;

use crate::{
    document::Party,
    import::tree::{At, Read, Tree},
};

/// Parts of an address in the order in which they are written.
const ADDRESS: [&str; 9] =
    ["PObox", "POBox", "floor", "street", "streetNumber", "postCode", "city", "stateRegion", "country"];

/// The party at a place; one that says nothing is none.
pub(super) fn party<'a>(tree: &Tree<'a>, at: &At<'a>) -> Read<Option<Party>> {
    let mut identifier = None;
    // A platform's own code says less than a legal identifier: the first of each list in this order.
    for (list, key) in [("taxLegalReferences", "value"), ("identifyingCodes", "partyCode")] {
        for code in tree.items(at, list)? {
            if identifier.is_none() {
                identifier = tree.text_at(&code, &[key])?;
            }
        }
    }
    if let (None, Some(code)) = (&identifier, tree.get(at, "party")?) {
        identifier = tree.text_at(&code, &["partyCode"])?;
    }
    let mut party = Party { name: tree.text_at(at, &["partyName"])?, identifier, ..Party::default() };
    if let Some(address) = tree.get(at, "address")? {
        let mut parts = Vec::new();
        for key in ADDRESS {
            parts.extend(tree.text_at(&address, &[key])?);
        }
        match tree.address_country(&address, "countryCode")? {
            Ok(country) => party.country = country,
            Err(words) => parts.push(words),
        }
        party.address = Some(parts.join(", ")).filter(|text| !text.is_empty());
    }
    Ok(Some(party).filter(|party| *party != Party::default()))
}

/// The parties under these keys, by role.
pub(super) fn parties<'a>(tree: &Tree<'a>, at: &At<'a>, roles: &[(&str, &str)]) -> Read<BTreeMap<String, Party>> {
    let mut parties = BTreeMap::new();
    for (key, role) in roles {
        // Of several in one role, the second has a number behind its role.
        for (i, at) in tree.items(at, key)?.iter().enumerate() {
            let Some(party) = party(tree, at)? else { continue };
            let role = if i == 0 { (*role).to_owned() } else { format!("{role}_{}", i + 1) };
            parties.insert(role, party);
        }
    }
    Ok(parties)
}
