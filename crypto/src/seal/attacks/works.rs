//! What must work: each recipient opens, the sender grants from its copy, members stay private, others' tools agree.

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
    let to = *scene.stranger.public().recipient();
    let purpose: Purpose = "claim 7".parse().unwrap();
    let later: Timestamp = "2026-03-01T12:05:00Z".parse().unwrap();

    let mut file = Vec::new();
    let copy = OwnCopy::open(&own[..], &scene.shipper).unwrap();
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

#[test]
fn all_files_are_written_or_none() {
    let mut scene = Scene::new();
    let (consignment, folder, shipper) =
        (scene.consignment(), scene.folder.path().to_path_buf(), scene.shipper.clone());
    let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let out = tempfile::tempdir().unwrap();
    let paths = ["bank.age", "own.age"].map(|name| out.path().join(name));
    let to = [(*scene.bank.public().recipient(), "p".parse().unwrap(), paths[0].clone())];
    fs::write(&paths[1], "there").unwrap();
    let mut write = |rng: &mut StdRng| sealed.write_files(&to, Some(&paths[1]), Existing::Refuse, now(), rng);
    assert!(matches!(write(&mut scene.rng), Err(SealError::File(FileError::Exists(path))) if path == paths[1]));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
    fs::remove_file(&paths[1]).unwrap();
    write(&mut scene.rng).unwrap();
    scene.open(&fs::read(&paths[0]).unwrap()).unwrap();
    scene.open_as(&shipper, &fs::read(&paths[1]).unwrap()).unwrap();
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
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
