//! Key files.

use std::io;

use consign_crypto::testing::judge_error;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    iden3::{ceremony::Ceremony, zkey::Zkey},
    keys::{Circuit, KeyBytes, KeySetError, UncheckedKeys, VerifyingKeys, file::VERIFYING},
};

/// First bytes of a key file, its role, and the length of its head.
const PREFIX: usize = 20;
/// What sections begin at a multiple of.
const ALIGNMENT: usize = 64;

/// The file with its head pinning the digests of the sections for verifiers as they are, so that what is in them is
/// read.
fn pinned(data: &[u8]) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(data.get(PREFIX - 4..PREFIX)?.try_into().ok()?) as usize;
    let end = PREFIX.checked_add(length)?;
    let mut head: Value = serde_json::from_slice(data.get(PREFIX..end)?).ok()?;
    let mut at = end;
    for section in head.get_mut("sections")?.as_array_mut()? {
        if section["name"].as_str()?.ends_with(VERIFYING) {
            let start = at.next_multiple_of(ALIGNMENT);
            at = start.checked_add(usize::try_from(section["bytes"].as_u64()?).ok()?)?;
            section["sha256"] = hex::encode(Sha256::digest(data.get(start..at)?)).into();
        }
    }
    // Digests are of one length, so no section moves.
    let head = serde_json_canonicalizer::to_vec(&head).ok().filter(|head| head.len() == length)?;
    Some([&data[..PREFIX], &head, &data[end..]].concat())
}

fn judge_verifying(read: Result<VerifyingKeys, KeySetError>) {
    match read {
        Ok(read) => {
            for circuit in Circuit::ALL {
                assert_eq!(read.key(circuit).inputs(), circuit.inputs());
            }
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

/// `verify.keys`, as it is and with its digests pinned anew.
pub fn verify_keys(data: &[u8]) {
    judge_verifying(VerifyingKeys::parse(data.to_vec()));
    if let Some(pinned) = pinned(data) {
        judge_verifying(VerifyingKeys::parse(pinned));
    }
}

/// A file whose sections count as checked, as those do that had the right digests before.
pub(super) struct Whole(pub(super) Vec<u8>);

impl KeyBytes for Whole {
    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(place, out)
    }
    fn whole_before(&self, _: &str) -> bool {
        true
    }
}

/// `prove.keys`, whatever its sections' digests.
pub fn prove_keys(data: &[u8]) {
    let keys = match UncheckedKeys::open(Whole(data.to_vec())) {
        Ok(keys) => keys.checked_before(),
        Err(error) => return judge_error(&error.to_string()),
    };
    for circuit in Circuit::ALL {
        match keys.key(circuit) {
            Ok(key) => {
                let (points, matrices) = (key.check_foreign(), key.matrices());
                let ceremony = Ceremony::new([0; 64]).to_bytes();
                match key.key() {
                    Ok(key) => {
                        let zkey = crate::iden3::zkey::write(&key, matrices, &ceremony);
                        // Others check every point as they read it.
                        match Zkey::read(&zkey, matrices) {
                            Ok(read) => assert!(read.key == key && read.contributions == ceremony),
                            Err(error) => assert!(points.is_err(), "{error}"),
                        }
                    }
                    Err(error) => assert!(points.is_err(), "{error}"),
                }
            }
            Err(error) => judge_error(&error.to_string()),
        }
    }
}
