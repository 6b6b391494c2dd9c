//! Age files and sealed files, from their armor down to the archive inside.

use std::{
    io::{Read, Write},
    sync::LazyLock,
};

use jiff::Timestamp;

use super::{judge_error, trust_list};
use crate::{
    age::{self as format, ArmorReader, ArmorWriter, Header, HybridIdentity, Unarmored, Wrap, X25519Identity},
    samples,
    seal::{Consignment, Epoch, Opening, OwnCopy, inspect, testing},
};

fn now() -> Timestamp {
    samples::time(samples::ISSUED)
}

/// All bytes, or the error's text.
fn read_all(mut reader: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| error.to_string())
}

fn armored(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ArmorWriter::new(Vec::new()).expect("memory takes bytes");
    writer.write_all(bytes).expect("memory takes bytes");
    writer.finish().expect("memory takes bytes")
}

/// The keys that the age files are encrypted to.
static CLASSICAL: LazyLock<X25519Identity> = LazyLock::new(|| X25519Identity::generate(&mut samples::rng(20)));
static HYBRID: LazyLock<HybridIdentity> = LazyLock::new(|| HybridIdentity::generate(&mut samples::rng(21)));
/// What the age files hold.
const PLAIN: &[u8] = b"40 cartons of tea";

/// The only age files to these keys.
pub(super) static AGE_FILES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let (classical, hybrid) = (CLASSICAL.recipient(), HYBRID.recipient());
    let encrypt = |recipient: &dyn Wrap, seed| {
        let mut writer = format::encrypt(Vec::new(), &[recipient], &mut samples::rng(seed)).expect("one recipient");
        writer.write_all(PLAIN).expect("memory takes bytes");
        writer.finish().expect("memory takes bytes")
    };
    [encrypt(&classical, 22), encrypt(&hybrid, 23)]
});

/// An age file, armored or not.
pub fn age(data: &[u8]) {
    if let Ok(bytes) = read_all(ArmorReader::new(data)) {
        // One spelling, but for line ends and the white space around it.
        let text = String::from_utf8_lossy(data).replace("\r\n", "\n");
        assert_eq!(text.trim_matches([' ', '\t', '\r', '\n']).as_bytes(), armored(&bytes).trim_ascii());
    }
    let mut rest = data;
    match Header::read(&mut rest) {
        Ok(header) => {
            assert_eq!([header.as_bytes(), rest].concat(), data);
            let again = Header::read(&mut header.as_bytes());
            assert!(again.is_ok_and(|again| again == header), "a header that is not read again");
            // All but the MAC follows from the stanzas. Kinds that may not be mixed are read, and not written.
            if let Ok(written) = testing::header_of(header.stanzas().to_vec()) {
                let covered = written.as_bytes().len() - 44;
                assert_eq!(written.as_bytes()[..covered], header.as_bytes()[..covered]);
            }
        }
        Err(error) => judge_error(&error.to_string()),
    }
    match format::decrypt(data, &[&*CLASSICAL, &*HYBRID]).map(read_all) {
        Ok(Ok(plain)) => {
            assert_eq!(plain, PLAIN);
            let bytes = Unarmored::new(data).map(read_all);
            assert!(matches!(bytes, Ok(Ok(bytes)) if AGE_FILES.contains(&bytes)), "another file that opens");
        }
        Ok(Err(message)) => judge_error(&message),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The only files that the shipper has sealed: the bank's, and its own copy.
pub(super) static SEALED: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let dossier = samples::short_dossier();
    let json = dossier.to_json().expect("a small dossier");
    let consignment = Consignment::new(json, dossier.attestation().commitment());
    let (shipper, mut rng) = (samples::party("Shipper"), samples::rng(24));
    let folder = std::env::temp_dir();
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut rng).expect("a small dossier");
    let [mut bank, mut own] = [const { Vec::new() }; 2];
    let (recipient, purpose) = (samples::party("Bank"), "letter of credit".parse().expect("a purpose"));
    sealed.write(recipient.public().recipient(), &purpose, now(), &mut rng, &mut bank).expect("one recipient");
    sealed.write_own(now(), &mut rng, &mut own).expect("memory takes bytes");
    [bank, own]
});

/// A sealed file.
pub fn sealed(data: &[u8]) {
    match inspect(data) {
        Ok(inspection) => assert_eq!(inspection.header_bytes + inspection.body_bytes, data.len() as u64),
        Err(error) => judge_error(&error.to_string()),
    }
    let trust = trust_list();
    for (name, sealed) in ["Bank", "Shipper"].into_iter().zip(&*SEALED) {
        let identity = samples::party(name);
        let opening =
            Opening { identity: &identity, trust: &trust, known_epoch: &|_, _| None, now: now(), temporary: None };
        match opening.open(data) {
            Ok(opened) => {
                assert!(data == sealed, "another file that opens");
                assert!(opened.checked_dossier().is_ok());
            }
            Err(error) => judge_error(&error.to_string()),
        }
    }
    // The header and the record of an own copy; the rest of the body is not read.
    let shipper = samples::party("Shipper");
    match OwnCopy::open(data, &shipper).and_then(OwnCopy::record) {
        Ok(_) => assert_eq!(data[..500], SEALED[1][..500], "another copy that opens"),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The payload of a grant that a stranger signs, in a header for the bank.
pub fn grant(data: &[u8]) {
    if let Err(error) = testing::grant(data, &samples::party("Stranger"), &samples::party("Bank")) {
        judge_error(&error.to_string());
    }
}

/// The payload of a record on the first line, which a stranger signs, and what stands after it in an archive.
pub fn archive(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let rest = data.get(end + 1..).unwrap_or_default();
    if let Err(error) = testing::archive(&data[..end], rest, &samples::party("Stranger")) {
        judge_error(&error.to_string());
    }
}

/// The seeds of age files in armor.
#[cfg(test)]
pub(super) fn armored_seed() -> Vec<u8> {
    armored(&AGE_FILES[0])
}
