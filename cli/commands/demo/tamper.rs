//! The attack of the demo: a holder, who has all keys, changes a document and seals it again in its own name.
//!
//! `consign seal` would not do this, for it checks a dossier when it opens it; so this is a program of the attacker's
//! own, on the same library.

use std::{fs::File, io::BufReader};

use consign_crypto::{
    dossier::{self, Dossier},
    files::{self, Existing},
    identity::{self, Identity, PublicIdentity},
    seal::{Consignment, Epoch, Opening},
    trust::TrustList,
};
use jiff::Timestamp;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{SHIPPER, Stage};
use crate::{
    error::{Class, Failure},
    home::cannot,
    inputs,
};

/// What the attacker changes.
#[derive(Clone, Copy)]
pub enum Change {
    /// The first line's gross mass by 1 g, and the declared total with it, so that the document agrees with itself.
    OneGram,
    /// A word of the first line's description.
    OneWord,
}

impl Change {
    fn make(self, dossier: &mut Value) -> Option<()> {
        let mut text = |pointer: &str, change: &dyn Fn(&str) -> Option<String>| {
            let value = dossier.pointer_mut(pointer)?;
            *value = change(value.as_str()?)?.into();
            Some(())
        };
        match self {
            Change::OneGram => {
                text("/document/lines/0/gross_mass/value", &one_gram_more)?;
                text("/document/totals/gross_mass/value", &one_gram_more)
            }
            Change::OneWord => text("/document/lines/0/description", &|words| {
                let changed = words.replacen("Green", "Roasted", 1);
                (changed != words).then_some(changed)
            }),
        }
    }
}

/// A figure in kilograms with three decimals, and 0.001 added.
fn one_gram_more(kilograms: &str) -> Option<String> {
    let (whole, grams) = kilograms.split_once('.').filter(|(_, grams)| grams.len() == 3)?;
    let more = format!("{whole}{grams}").parse::<u64>().ok()? + 1;
    Some(format!("{}.{:03}", more / 1000, more % 1000))
}

/// Opens a dossier of the shipper's with the shipper's key, changes it, and seals it for the bank.
pub fn forge(stage: &Stage<'_, '_>, dossier: &str, change: Change, target: &str) -> Result<(), Failure> {
    let folder = stage.folder(&SHIPPER);
    let key = files::read_secret(&folder.join("shipper.key"), identity::FILE_BYTES as u64)?;
    let attacker = Identity::parse(&key)?;
    let trust = TrustList::parse(&inputs::text(&folder.join("home/trust.toml"), 1 << 20)?)?;
    let reader: PublicIdentity = inputs::public(&folder.join("bank.pub"))?;
    let now = Timestamp::now();

    let opening = Opening { identity: &attacker, trust: &trust, known_epoch: &|_, _| None, now, temporary: None };
    let path = folder.join(dossier);
    let file = File::open(&path).map_err(|e| cannot("read", &path, &e))?;
    let json = opening.open(BufReader::new(file))?.unchecked_dossier(dossier::MAX_BYTES as u64)?;
    let commitment = Dossier::parse(&json)?.attestation().commitment();

    let bug = |what: &str| Failure::new(Class::Bug, format!("the demo's attack failed: {what}"), "report this");
    let mut value: Value = serde_json::from_slice(&json).map_err(|_| bug("no JSON"))?;
    change.make(&mut value).ok_or_else(|| bug("nothing to change"))?;
    let changed = Zeroizing::new(serde_json::to_vec(&value).map_err(|_| bug("no JSON"))?);

    let mut rng = rand::rng();
    let consignment = Consignment::new(changed, commitment);
    let mut sealed = consignment.seal(&attacker, Epoch::FIRST, now, &folder, &mut rng)?;
    let purpose = "letter of credit".parse()?;
    let to = [(reader.recipient().clone(), purpose, folder.join(target))];
    Ok(sealed.write_files(&to, None, Existing::Refuse, now, &mut rng)?)
}

#[cfg(test)]
mod tests {
    use super::one_gram_more;

    #[test]
    fn a_gram_carries() {
        assert_eq!(one_gram_more("1213.999").as_deref(), Some("1214.000"));
        assert_eq!(one_gram_more("0.009").as_deref(), Some("0.010"));
        assert_eq!(one_gram_more("1213"), None);
    }
}
