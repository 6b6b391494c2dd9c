//! The parts of a sealed file that signatures and MACs keep a fuzzer out of, each reached by itself.

use std::{cell::RefCell, io};

use super::{
    archive::ArchiveWriter,
    error::OpenError,
    grant::{self, Grant},
    open::{Facts, verify_body},
    record::{Digest32, Record},
};
use crate::{
    age::{FreshFileKey, Header, HeaderError, Stanza},
    identity::Identity,
    jws::ObjectType,
    samples,
    testing::forge,
};

/// The header of these stanzas under some file key.
pub(crate) fn header_of(stanzas: Vec<Stanza>) -> Result<Header, HeaderError> {
    Header::new(stanzas, FreshFileKey::generate(&mut samples::rng(26)).file_key())
}

/// Puts any payload that `sender` signs as a grant into a header for `reader`, and reads it back.
pub(crate) fn grant(payload: &[u8], sender: &Identity, reader: &Identity) -> Result<(), OpenError> {
    let rng = &mut samples::rng(27);
    let fresh = FreshFileKey::generate(rng);
    let wrapped = reader.public().recipient().wrap_shared(fresh.file_key(), rng);
    let (stanza, shared) = wrapped.expect("a key that can be encrypted to");
    let signed = forge(ObjectType::Grant, payload, sender);
    let encrypted = grant::encrypt(&signed, &shared, fresh.file_key()).expect("a tag that is well-formed");
    let header = Header::new(vec![stanza, encrypted], fresh.file_key()).map_err(OpenError::Header)?;
    let header = Header::read(&mut header.as_bytes()).expect("a header that is read again");
    let (_, opened) = grant::decrypt(&header, reader)?;
    assert_eq!(opened.signer(), sender.public().signer());
    Grant::parse(opened.whoever_signed()).map(drop)
}

/// Reads an archive of any payload that `sender` signs as its record, and of what stands after it.
pub(crate) fn archive(payload: &[u8], rest: &[u8], sender: &Identity) -> Result<(), OpenError> {
    let file_key = Digest32([7; 32]);
    let signed = forge(ObjectType::Record, payload, sender);
    let whole = [&after_record(signed.as_bytes())[..], rest].concat();
    let facts = Facts {
        sender: *sender.public().signer(),
        record: Some(Digest32::of(signed.as_bytes())),
        file_key,
        epoch: None,
    };
    let collected = RefCell::new(Vec::<Vec<u8>>::new());
    let (record, _) = verify_body(
        &whole[..],
        &facts,
        |_| Ok(()),
        |_| {
            collected.borrow_mut().push(Vec::new());
            Ok(Collected(&collected))
        },
    )?;
    // One spelling: the same members written anew are the same archive.
    let mut writer = ArchiveWriter::new(Vec::new(), signed.as_bytes()).expect("memory takes bytes");
    for (member, content) in record.members().iter().zip(collected.borrow().iter()) {
        let digest = writer.append(member.name().as_str(), member.size(), &content[..]).expect("of that size");
        assert_eq!(digest, *member.sha256());
    }
    assert!(writer.finish().expect("memory takes bytes") == whole, "a second spelling of an archive");
    // And what the record says, signed anew, is the same record.
    let again = record.sign(sender).map(|text| Record::open(text.as_bytes(), sender.public().signer()));
    assert!(again.is_ok_and(|again| again.is_ok_and(|again| again == record)), "a record that is not read again");
    Ok(())
}

/// Writes to the last of some members.
struct Collected<'a>(&'a RefCell<Vec<Vec<u8>>>);

impl io::Write for Collected<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().last_mut().map_or(Ok(0), |member| member.write(bytes))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive up to the end of its record.
fn after_record(signed: &[u8]) -> Vec<u8> {
    let mut bytes = ArchiveWriter::new(Vec::new(), signed).and_then(ArchiveWriter::finish).expect("memory takes bytes");
    bytes.truncate(512 + signed.len().next_multiple_of(512));
    bytes
}

/// The payload of a record of these members, a line end, and the archive after its record.
#[cfg(test)]
pub(crate) fn archive_parts(members: &[(&str, &[u8])]) -> Vec<u8> {
    use serde_json::json;
    let listed = |(name, content): &(&str, &[u8])| {
        let sha256 = Digest32::of(content).to_string();
        json!({"name": name, "size": content.len(), "sha256": sha256})
    };
    let payload = json!({
        "members": members.iter().map(listed).collect::<Vec<_>>(),
        "commitment": format!("{:064x}", 1),
        "file_key": Digest32([7; 32]).to_string(),
        "epoch": 1,
        "iat": 1_769_940_000,
    })
    .to_string();
    let signed = forge(ObjectType::Record, payload.as_bytes(), &samples::party("Stranger"));
    let mut writer = ArchiveWriter::new(Vec::new(), signed.as_bytes()).unwrap();
    for (name, content) in members {
        writer.append(name, content.len() as u64, *content).unwrap();
    }
    let whole = writer.finish().unwrap();
    [payload.as_bytes(), b"\n", &whole[after_record(signed.as_bytes()).len()..]].concat()
}
