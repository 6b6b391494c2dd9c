//! What must work: each recipient opens, the sender grants from its copy, members stay private, others' tools agree.

#[cfg(target_os = "linux")]
use std::{io::ErrorKind, path::PathBuf};

use super::*;

#[test]
fn what_is_sealed_opens_for_each_recipient_and_the_sender() {
    let mut scene = Scene::new();
    let [bank, insurer, own] = scene.sealed();
    let opened = scene.open(&bank).unwrap();
    assert_eq!(opened.sender(), &Sender::Known("Shipper".parse().unwrap()));
    assert_eq!(opened.sender_key(), scene.shipper.public().signer());
    assert_eq!(opened.purpose().as_str(), "letter of credit");
    assert_eq!((opened.sealed_at(), opened.granted_at()), (now(), now()));
    assert_eq!(opened.record().epoch(), Epoch::FIRST);
    assert_eq!(opened.record().commitment(), &some_commitment());
    let names: Vec<&str> = opened.record().members().iter().map(|member| member.name().as_str()).collect();
    assert_eq!(names, ["dossier.json", "scan.pdf", "empty.txt"]);
    assert_eq!(opened.unchecked_dossier(100).unwrap().as_slice(), b"{\"a\":1}");
    assert_eq!(opened.unchecked_dossier(7).unwrap().len(), 7);
    assert!(matches!(opened.unchecked_dossier(6), Err(FileError::TooLong { limit: 6, .. })));

    let other = scene.open_as(&scene.insurer, &insurer).unwrap();
    assert_eq!(other.record_digest(), opened.record_digest());
    let mine = scene.open_as(&scene.shipper, &own).unwrap();
    assert_eq!(mine.sender(), &Sender::Own);
    assert_eq!(mine.purpose(), &Purpose::own_copy());

    // One body, byte for byte, after headers that share no line but the version's.
    let [a, b, c] = [(&bank, &scene.bank), (&insurer, &scene.insurer), (&own, &scene.shipper)]
        .map(|(file, reader)| take_apart(file, reader));
    assert!(a.body == b.body && b.body == c.body);
    assert_ne!(a.header.stanzas()[0].body(), b.header.stanzas()[0].body());
    assert!(a.header.as_bytes().len() < 1024, "{}", a.header.as_bytes().len());
}

#[test]
fn members_are_private_until_released_and_never_overwrite() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let opened = scene.open(&bank).unwrap();
    // They lie in a file that has no name already: nobody else can open it, and no end of the process leaves it behind.
    assert_eq!(fs::read_dir(scene.folder.path().join("temporary")).unwrap().count(), 0);
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("empty.txt"), "mine").unwrap();
    let error = opened.release_to(target.path(), |_| true).unwrap_err();
    assert!(matches!(error, FileError::Exists(path) if path.ends_with("empty.txt")));
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 1);
    let paths = opened.release_to(target.path(), |member| member.name().as_str() == "scan.pdf").unwrap();
    assert_eq!(paths, [target.path().join("scan.pdf")]);
    assert_eq!(fs::read(&paths[0]).unwrap(), vec![7; 150_000]);
}

#[test]
fn the_sender_grants_from_its_copy_and_nobody_else_does() {
    let mut scene = Scene::new();
    let [bank, _, own] = scene.sealed();
    let to = scene.stranger.public().recipient().clone();
    let purpose: Purpose = "claim 7".parse().unwrap();
    let later: Timestamp = "2026-03-01T12:05:00Z".parse().unwrap();

    let mut file = Vec::new();
    let mut copy = OwnCopy::open(&own[..], &scene.shipper).unwrap();
    assert_eq!(copy.epoch(), Epoch::FIRST);
    let header = copy.header_for(&to, &purpose, later, &mut scene.rng).unwrap();
    assert!(header.len() < 1024, "{}", header.len());
    let record = copy.grant(&to, &purpose, later, &mut scene.rng, &mut file).unwrap();
    let copy = || OwnCopy::open(&own[..], &scene.shipper).unwrap();
    assert_eq!(copy().record().unwrap(), record);
    let mut body = Vec::new();
    assert_eq!(copy().body(&mut body).unwrap(), record);
    assert!(body == take_apart(&own, &scene.shipper).body);
    for file in [file, [header, body].concat()] {
        let opened = scene.open_as(&scene.stranger, &file).unwrap();
        assert_eq!((opened.purpose(), opened.granted_at(), opened.sealed_at()), (&purpose, later, now()));
    }

    let error = OwnCopy::open(&bank[..], &scene.bank).unwrap_err();
    assert!(matches!(error, SealError::NotSender(key) if key == *scene.shipper.public().signer()));
    let error = OwnCopy::open(&bank[..], &scene.shipper).unwrap_err();
    assert!(matches!(error, SealError::Copy(OpenError::NoKey)));

    // A copy whose body was exchanged or damaged is not granted on.
    let parts = take_apart(&own, &scene.shipper);
    let mut plain = parts.plain.clone();
    plain[5000] ^= 1;
    let swapped = [parts.header.as_bytes(), &body_of(&parts.file_key, &plain, &mut scene.rng)].concat();
    let copy = OwnCopy::open(&swapped[..], &scene.shipper).unwrap();
    let error = copy.grant(&to, &purpose, now(), &mut scene.rng, Vec::new()).unwrap_err();
    assert!(matches!(error, SealError::Copy(OpenError::Archive(_))), "{error}");
    let copy = OwnCopy::open(&own[..own.len() - 1], &scene.shipper).unwrap();
    let error = copy.grant(&to, &purpose, now(), &mut scene.rng, Vec::new()).unwrap_err();
    assert!(matches!(error, SealError::Copy(OpenError::Payload(PayloadError::Chunk { .. }))));
    let copy = OwnCopy::open(&own[..], &scene.shipper).unwrap();
    let error = copy.grant(&to, &purpose, now(), &mut scene.rng, &mut [0; 2000][..]).unwrap_err();
    assert!(matches!(error, SealError::Io(_)));
}

#[test]
fn the_most_members_and_unreadable_attachments() {
    let mut scene = Scene::new();
    let folder = scene.folder.path().to_path_buf();
    let path = folder.join("one");
    fs::write(&path, "1").unwrap();
    let mut consignment = Consignment::new(Zeroizing::new(vec![]), some_commitment());
    for i in 1..MAX_MEMBERS {
        consignment.attach(format!("{i:0100}").parse().unwrap(), path.clone());
    }
    let shipper = scene.shipper.clone();
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let mut file = Vec::new();
    sealed.write_own(now(), &mut scene.rng, &mut file).unwrap();
    assert_eq!(scene.open_as(&shipper, &file).unwrap().record().members().len(), MAX_MEMBERS);
    consignment.attach("more".parse().unwrap(), path);
    let mut seal = |consignment: &Consignment| {
        consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap_err()
    };
    assert!(matches!(seal(&consignment), SealError::Record(RecordFault::TooMany(1001))));
    for path in [folder.join("none"), folder.clone(), "/dev/zero".into()] {
        let mut consignment = Consignment::new(Zeroizing::new(vec![]), some_commitment());
        consignment.attach("a".parse().unwrap(), path.clone());
        assert!(matches!(seal(&consignment), SealError::Attachment { path: found, .. } if found == path));
    }
    let mut consignment = Consignment::new(Zeroizing::new(vec![]), some_commitment());
    consignment.attach("Dossier.json".parse().unwrap(), folder.join("one"));
    assert!(matches!(seal(&consignment), SealError::Record(RecordFault::SameName(_))));
}

/// The system has a regular file of 37 bytes that are others each time.
#[test]
#[cfg(target_os = "linux")]
fn an_attachment_that_is_another_when_it_is_read_again_is_refused() {
    let mut scene = Scene::new();
    let (shipper, folder) = (scene.shipper.clone(), scene.folder.path().to_path_buf());
    let path = PathBuf::from("/proc/sys/kernel/random/uuid");
    let mut consignment = Consignment::new(Zeroizing::new(vec![]), some_commitment());
    consignment.attach("a".parse().unwrap(), path.clone());
    match consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap_err() {
        SealError::Attachment { path: found, source } => {
            assert_eq!((found, source.kind()), (path, ErrorKind::InvalidData));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn all_files_are_written_or_none() {
    let mut scene = Scene::new();
    let (consignment, folder, shipper) =
        (scene.consignment(), scene.folder.path().to_path_buf(), scene.shipper.clone());
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let out = tempfile::tempdir().unwrap();
    let paths = ["bank.age", "own.age", "insurer.age"].map(|name| out.path().join(name));
    let to = [(&scene.bank, 0), (&scene.insurer, 2)]
        .map(|(to, path)| (to.public().recipient().clone(), "p".parse().unwrap(), paths[path].clone()));
    fs::write(&paths[1], "there").unwrap();
    let mut write = |rng: &mut StdRng| sealed.write_files(&to, Some(&paths[1]), Existing::Refuse, now(), rng);
    assert!(matches!(write(&mut scene.rng), Err(SealError::File(FileError::Exists(path))) if path == paths[1]));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
    fs::remove_file(&paths[1]).unwrap();
    write(&mut scene.rng).unwrap();
    scene.open(&fs::read(&paths[0]).unwrap()).unwrap();
    scene.open_as(&shipper, &fs::read(&paths[1]).unwrap()).unwrap();
    scene.open_as(&scene.insurer, &fs::read(&paths[2]).unwrap()).unwrap();
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 3);
}

#[test]
fn what_shows_without_a_key() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let parts = take_apart(&bank, &scene.bank);
    let shown = inspect(&bank[..]).unwrap();
    assert!(shown.is_sealed());
    assert_eq!(shown.stanzas, ["X25519", "consign-grant-1"]);
    assert_eq!(shown.header_bytes + shown.body_bytes, bank.len() as u64);
    assert_eq!(shown.plain_bytes, Some(parts.plain.len() as u64));
    assert_eq!(inspect(&bank[..shown.header_bytes as usize + 3]).unwrap().plain_bytes, None);
    assert!(matches!(inspect(&b"PK"[..]), Err(OpenError::Header(HeaderError::Version))));
}

#[test]
fn a_real_age_and_a_real_tar_read_it() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let plain = take_apart(&bank, &scene.bank).plain;
    // Another reader of tar, and the lengths that Padmé allows.
    let mut archive = tar::Archive::new(&plain[..]);
    let names: Vec<String> =
        archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect();
    assert_eq!(names, [RECORD_NAME, "dossier.json", "scan.pdf", "empty.txt"]);
    let blocks = plain.len() / 512;
    assert!(plain.len().is_multiple_of(512) && blocks.trailing_zeros() >= blocks.ilog2() - blocks.ilog2().ilog2() - 1);

    let Some(age) = crate::age::testkit::real_age() else { return };
    let key = scene.folder.path().join("bank.key");
    crate::files::write_file(&key, Existing::Refuse, scene.bank.to_file().as_bytes()).unwrap();
    let opened = crate::age::testkit::run_age(&age, &["-d", "-i", key.to_str().unwrap()], &bank).unwrap();
    assert!(opened == plain);
}

#[test]
fn post_quantum_readers_are_sealed_to_and_never_beside_others() {
    let mut scene = Scene::new();
    let identity = |name: &str, rng: &mut StdRng| Identity::generate_post_quantum(name.parse().unwrap(), now(), rng);
    let (bank, shipper) = (identity("Bank", &mut scene.rng), identity("Shipper", &mut scene.rng));
    scene.trust.remove("Shipper").unwrap();
    scene.trust.add(party(shipper.public(), Capacity::Sender)).unwrap();
    let (consignment, folder) = (scene.consignment(), scene.folder.path().to_path_buf());
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let purpose: Purpose = "é".repeat(100).parse().unwrap();
    let [mut file, mut own] = [const { Vec::new() }; 2];
    sealed.write(bank.public().recipient(), &purpose, now(), &mut scene.rng, &mut file).unwrap();
    sealed.write_own(now(), &mut scene.rng, &mut own).unwrap();
    let opened = scene.open_as(&bank, &file).unwrap();
    assert_eq!(opened.purpose(), &purpose);
    assert!(inspect(&file[..]).unwrap().is_sealed());
    assert_eq!(inspect(&file[..]).unwrap().stanzas, ["mlkem768x25519", "consign-grant-1"]);
    assert!(matches!(scene.open_as(&scene.bank, &file), Err(OpenError::NoKey)));

    // A classical reader of the same body would give it away, from the first file on or from the sender's copy.
    let classical = scene.bank.public().recipient().clone();
    let error = sealed.write(&classical, &purpose, now(), &mut scene.rng, Vec::new()).unwrap_err();
    assert!(matches!(error, SealError::Recipient(HeaderError::Mixed)), "{error}");
    let mut copy = OwnCopy::open(&own[..], &shipper).unwrap();
    let error = copy.header_for(&classical, &purpose, now(), &mut scene.rng).unwrap_err();
    assert!(matches!(error, SealError::Recipient(HeaderError::Mixed)));
    let header = copy.header_for(bank.public().recipient(), &purpose, now(), &mut scene.rng).unwrap();
    scene.open_as(&bank, &[header, take_apart(&own, &shipper).body].concat()).unwrap();
    let other = identity("Insurer", &mut scene.rng);
    let [_, _, own] = scene.sealed();
    let sender = scene.shipper.clone();
    let mut copy = OwnCopy::open(&own[..], &sender).unwrap();
    let error = copy.header_for(other.public().recipient(), &purpose, now(), &mut scene.rng).unwrap_err();
    assert!(matches!(error, SealError::Recipient(HeaderError::Mixed)));

    // A co-recipient who passes it on has no grant to give, here neither.
    let parts = take_apart(&file, &bank);
    let (stanza, _) = other.public().recipient().wrap_shared(&parts.file_key, &mut scene.rng).unwrap();
    let passed = Header::new(vec![stanza, parts.header.stanzas()[1].clone()], &parts.file_key).unwrap();
    let passed = [passed.as_bytes(), &parts.body].concat();
    assert!(matches!(scene.open_as(&other, &passed), Err(OpenError::NotAddressed)));
}

#[test]
fn an_archive_is_ones_own_and_stands_alone() {
    let mut scene = Scene::new();
    let (consignment, folder) = (scene.consignment(), scene.folder.path().to_path_buf());
    let (shipper, stranger) = (scene.shipper.clone(), scene.stranger.clone());
    let passphrase = |text: &str| Passphrase::new(Zeroizing::new(text.into())).unwrap();
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let mut file = Vec::new();
    sealed.write_archive(&passphrase("correct horse"), &mut scene.rng, &mut file).unwrap();
    let shown = inspect(&file[..]).unwrap();
    assert!(shown.stanzas == ["scrypt"] && !shown.is_sealed());
    // The body is for nobody else from then on, nor for a passphrase where it has readers.
    let purpose: Purpose = "p".parse().unwrap();
    let to = scene.bank.public().recipient().clone();
    let error = sealed.write(&to, &purpose, now(), &mut scene.rng, Vec::new()).unwrap_err();
    assert!(matches!(error, SealError::Recipient(HeaderError::ScryptNotAlone)));
    let mut other = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    other.write(&to, &purpose, now(), &mut scene.rng, Vec::new()).unwrap();
    let error = other.write_archive(&passphrase("p"), &mut scene.rng, Vec::new()).unwrap_err();
    assert!(matches!(error, SealError::Recipient(HeaderError::ScryptNotAlone)));

    let open = |identity: &Identity, file: &[u8], text: &str| {
        let opening = Opening { identity, trust: &scene.trust, known_epoch: &|_, _| None, now: now(), temporary: None };
        opening.open_archive(file, &passphrase(text))
    };
    let opened = open(&shipper, &file, "correct horse").unwrap();
    assert_eq!((opened.sender(), opened.purpose().as_str()), (&Sender::Own, "own archive"));
    assert_eq!(opened.record(), sealed.record());
    assert_eq!(opened.record_digest(), sealed.record_digest());
    assert!(matches!(open(&shipper, &file, "battery staple"), Err(OpenError::NoKey)));
    let error = open(&stranger, &file, "correct horse").unwrap_err();
    assert!(matches!(error, OpenError::Record(RecordFault::Signature(JwsError::OtherSigner { .. }))), "{error}");
    let mut forged = file.clone();
    let mac = shown.header_bytes as usize - 9;
    forged[mac] = if forged[mac] == b'A' { b'B' } else { b'A' };
    assert!(matches!(open(&shipper, &forged, "correct horse"), Err(OpenError::Mac)));
    file[200] ^= 1;
    assert!(open(&shipper, &file, "correct horse").is_err());
    // To open it as what was sent is to find no grant.
    assert!(matches!(scene.open_as(&shipper, &file), Err(OpenError::NoKey | OpenError::Mac)));
}
