//! Attacks on sealed files, each with the error that stops it; and the ways that must work.

mod bytes;
mod parties;
mod works;

use std::fs;
use std::io::{Read, Write};

use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;
use zeroize::Zeroizing;

use super::archive::ArchiveWriter;
use super::error::{ArchiveFault, RecordFault};
use super::grant::{self, Granter};
use super::record::{Digest32, MAX_MEMBERS, RECORD_NAME};
use super::*;
use crate::age::{self, FileKey, Header, HeaderError, Passphrase, PayloadError, Stanza, StreamReader, X25519Recipient};
use crate::commitment::Commitment;
use crate::dossier::DossierError;
use crate::files::{Existing, FileError};
use crate::identity::{Identity, PublicIdentity, SignerKey};
use crate::jws::{self, JwsError, ObjectType};
use crate::samples;
use crate::trust::{Capacity, NotTrusted, Party, TrustList};
use crate::view::{View, ViewError};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn commitment(text: &str) -> Commitment {
    Commitment::from_hex(text).unwrap()
}

fn some_commitment() -> Commitment {
    commitment(&format!("{:064x}", 0xc0ffee))
}

/// The parties, the bank's trust list, and a folder for files.
struct Scene {
    rng: StdRng,
    shipper: Identity,
    bank: Identity,
    insurer: Identity,
    stranger: Identity,
    trust: TrustList,
    folder: tempfile::TempDir,
}

fn party(public: &PublicIdentity, capacity: Capacity) -> Party {
    Party::new(public.name().clone(), public.clone(), [capacity]).unwrap()
}

impl Scene {
    fn new() -> Scene {
        let mut rng = StdRng::seed_from_u64(9);
        let mut identity = |name: &str| Identity::generate(name.parse().unwrap(), now(), &mut rng);
        let [shipper, bank, insurer, stranger] = ["Shipper", "Bank", "Insurer", "Stranger"].map(&mut identity);
        let mut trust = TrustList::default();
        trust.add(party(shipper.public(), Capacity::Sender)).unwrap();
        trust.add(party(insurer.public(), Capacity::Verifier)).unwrap();
        Scene { rng, shipper, bank, insurer, stranger, trust, folder: tempfile::tempdir().unwrap() }
    }

    /// A dossier of some bytes with two attachments, one of them several chunks long.
    fn consignment(&self) -> Consignment<'static> {
        let mut consignment = Consignment::new(Zeroizing::new(b"{\"a\":1}".to_vec()), some_commitment());
        for (name, bytes) in [("scan.pdf", vec![7; 150_000]), ("empty.txt", Vec::new())] {
            let path = self.folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            consignment.attach(name.parse().unwrap(), path);
        }
        consignment
    }

    /// The files of bank and insurer, and the shipper's own copy.
    fn sealed(&mut self) -> [Vec<u8>; 3] {
        let (consignment, folder) = (self.consignment(), self.folder.path().to_path_buf());
        let mut sealed = consignment.seal(&self.shipper, Epoch::FIRST, now(), &folder, &mut self.rng).unwrap();
        let [mut bank, mut insurer, mut own] = [const { Vec::new() }; 3];
        let purpose: Purpose = "letter of credit".parse().unwrap();
        sealed.write(self.bank.public().recipient(), &purpose, now(), &mut self.rng, &mut bank).unwrap();
        sealed.write(self.insurer.public().recipient(), &purpose, now(), &mut self.rng, &mut insurer).unwrap();
        sealed.write_own(now(), &mut self.rng, &mut own).unwrap();
        [bank, insurer, own]
    }

    fn open_as(&self, identity: &Identity, file: &[u8]) -> Result<Opened, OpenError> {
        let temporary = self.folder.path().join("temporary");
        fs::create_dir_all(&temporary).unwrap();
        let opening = Opening {
            identity,
            trust: &self.trust,
            known_epoch: &|_, _| None,
            now: now(),
            temporary: Some(&temporary),
        };
        let opened = opening.open(file);
        if opened.is_err() {
            assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "something was left behind");
        }
        opened
    }

    fn open(&self, file: &[u8]) -> Result<Opened, OpenError> {
        self.open_as(&self.bank, file)
    }

    fn refused(&self, file: &[u8]) -> OpenError {
        self.open(file).unwrap_err()
    }

    /// A file for the bank, by `sender`, of any body: what a sender's own program could be made to write.
    fn forge(&mut self, sender: &Identity, record: &[u8], body: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
        let fresh = age::FreshFileKey::generate(&mut self.rng);
        self.forge_with(fresh, sender, Digest32::of(record), body)
    }

    fn forge_with(
        &mut self,
        fresh: age::FreshFileKey,
        sender: &Identity,
        record: Digest32,
        body: impl FnOnce(&mut dyn Write),
    ) -> Vec<u8> {
        let (mut stream, file_key) = fresh.encrypt_body(Vec::new(), &mut self.rng).unwrap();
        body(&mut stream);
        let body = stream.finish().unwrap();
        let mut granter = Granter { sender, file_key, record, epoch: Epoch::FIRST, protection: None };
        let purpose = "p".parse().unwrap();
        let header = granter.header(self.bank.public().recipient(), &purpose, now(), &mut self.rng).unwrap();
        [header.as_bytes(), &body].concat()
    }
}

/// A file taken apart with the key of one of its readers.
struct Parts {
    header: Header,
    body: Vec<u8>,
    file_key: FileKey,
    plain: Vec<u8>,
}

fn take_apart(file: &[u8], reader: &Identity) -> Parts {
    let mut rest = file;
    let header = Header::read(&mut rest).unwrap();
    let file_key = reader.unwrap_shared(&header.stanzas()[0]).unwrap().unwrap().0;
    let mut plain = Vec::new();
    StreamReader::new(&file_key, rest).unwrap().read_to_end(&mut plain).unwrap();
    Parts { header, body: rest.to_vec(), file_key, plain }
}

/// The grant in a file, as whom it is for decrypts it.
fn grant_of(file: &[u8], reader: &Identity) -> String {
    use chacha20poly1305::aead::Aead;
    let Parts { header, file_key, .. } = take_apart(file, reader);
    let (_, shared) = reader.unwrap_shared(&header.stanzas()[0]).unwrap().unwrap();
    let cipher = shared.cipher_for(file_key.as_bytes(), crate::labels::GRANT);
    String::from_utf8(cipher.decrypt(&Default::default(), header.stanzas()[1].body()).unwrap()).unwrap()
}

/// The record's bytes in an archive.
fn record_of(plain: &[u8]) -> Vec<u8> {
    let size = usize::from_str_radix(std::str::from_utf8(&plain[124..135]).unwrap(), 8).unwrap();
    plain[512..512 + size].to_vec()
}

fn body_of(file_key: &FileKey, plain: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let (mut stream, _) = file_key.forge_fresh().encrypt_body(Vec::new(), rng).unwrap();
    stream.write_all(plain).unwrap();
    stream.finish().unwrap()
}
