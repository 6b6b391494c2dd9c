//! What happens to bytes: archives that are not exact, names that attack, files cut and changed.

use super::*;

#[test]
fn archives_that_are_not_exact_are_refused() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let Parts { header, plain, file_key, .. } = take_apart(&bank, &scene.bank);
    let record = record_of(&plain);
    let members = 512 + record.len().next_multiple_of(512);
    let mut refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut plain = plain.clone();
        change(&mut plain);
        let body = body_of(&file_key, &plain, &mut scene.rng);
        scene.open(&[header.as_bytes(), &body].concat()).unwrap_err()
    };
    // Bytes after the archive's end: in its padding, after it, or the padding cut.
    let end = plain.len() - 1;
    assert!(matches!(refused(&|plain| plain[end] = 1), OpenError::Archive(ArchiveFault::Padding)));
    assert!(matches!(refused(&|plain| plain.push(0)), OpenError::Archive(ArchiveFault::Trailing)));
    assert!(matches!(refused(&|plain| plain.extend([0; 512])), OpenError::Archive(ArchiveFault::Trailing)));
    assert!(matches!(refused(&|plain| plain.truncate(end)), OpenError::Archive(ArchiveFault::Short)));
    assert!(matches!(refused(&|plain| plain.truncate(end - 511)), OpenError::Archive(ArchiveFault::Short)));
    assert!(matches!(refused(&|plain| plain.clear()), OpenError::Archive(ArchiveFault::Short)));
    // Zeros that fill a block after a member.
    assert!(matches!(refused(&|plain| plain[members - 1] = 1), OpenError::Archive(ArchiveFault::Padding)));
    assert!(matches!(refused(&|plain| plain[members + 512 + 7] = 1), OpenError::Archive(ArchiveFault::Padding)));
    // Any other field of a header: name, mode, owner, time, type, link, prefix.
    for at in [0, 99, 100, 108, 116, 124, 136, 148, 156, 157, 257, 265, 297, 329, 345, 511] {
        let error = refused(&|plain| plain[members + at] ^= 1);
        assert!(matches!(error, OpenError::Archive(ArchiveFault::Header(_))), "{at}: {error}");
        let error = refused(&|plain| plain[at] ^= 1);
        assert!(matches!(error, OpenError::Archive(ArchiveFault::NoRecord)), "{at}: {error}");
    }
    // A member before the record, or none but it.
    let error = refused(&|plain| drop(plain.drain(..members)));
    assert!(matches!(error, OpenError::Archive(ArchiveFault::NoRecord)));
    let error = refused(&|plain| drop(plain.drain(members..members + 1024)));
    assert!(matches!(error, OpenError::Archive(ArchiveFault::Header(name)) if name.as_str() == "dossier.json"));
    // A byte of the record.
    let error = refused(&|plain| plain[600] ^= 1);
    assert!(matches!(error, OpenError::Record(RecordFault::Signature(_))), "{error}");
}

#[test]
fn member_names_that_attack_are_refused_in_a_record() {
    let mut scene = Scene::new();
    let shipper = scene.shipper.clone();
    let empty = Digest32::of(b"");
    let long = "a".repeat(101);
    let fields = |names: &[&str]| {
        let members: Vec<_> =
            names.iter().map(|name| serde_json::json!({"name": name, "size": 0, "sha256": empty})).collect();
        serde_json::json!({"members": members, "commitment": some_commitment().to_hex(), "file_key": empty,
            "epoch": 1, "iat": 1})
    };
    let mut refused = |fields: serde_json::Value| {
        let signed = jws::sign(ObjectType::Record, &fields, &shipper).unwrap();
        let file = scene.forge(&shipper, signed.as_bytes(), |mut out| {
            ArchiveWriter::new(&mut out, signed.as_bytes()).unwrap().finish().unwrap();
        });
        match scene.refused(&file) {
            OpenError::Record(fault) => fault,
            error => panic!("{error}"),
        }
    };
    for name in ["../x", "..", "/etc/passwd", "a/b", "a\\b", "C:x", "nul", "COM1.txt", ".ssh", "-rf", "a\0", "", &long]
    {
        let fault = refused(fields(&["dossier.json", name]));
        assert!(matches!(&fault, RecordFault::Signature(JwsError::Payload(_))), "{name}: {fault}");
    }
    for twice in ["dossier.json", "DOSSIER.JSON", "record.jws", "Record.JWS"] {
        let fault = refused(fields(&["dossier.json", twice]));
        assert!(matches!(&fault, RecordFault::SameName(name) if name.as_str() == twice), "{fault}");
    }
    // What `open` writes beside the attachments, verified, would have a forged one in its place or beside it.
    for (first, forged) in [
        ("view.json", "document.json"),
        ("view.json", "Dossier.json"),
        ("view.json", "PART.JSON"),
        ("dossier.json", "part.json"),
        ("dossier.json", "View.json"),
        ("dossier.json", "document.json"),
    ] {
        let fault = refused(fields(&[first, "scan.pdf", forged]));
        assert!(matches!(&fault, RecordFault::Reserved(name) if name.as_str() == forged), "{fault}");
    }
    let fault = refused(fields(&["dossier.json", "straße", "STRASSE"]));
    assert!(matches!(fault, RecordFault::SameName(_)));
    assert!(matches!(refused(fields(&[])), RecordFault::NoDossier));
    assert!(matches!(refused(fields(&["scan.pdf", "dossier.json"])), RecordFault::NoDossier));
    let many: Vec<String> =
        (0..=MAX_MEMBERS).map(|i| if i == 0 { "dossier.json".into() } else { i.to_string() }).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(refused(fields(&many)), RecordFault::TooMany(1001)));
    let mut bad = fields(&["dossier.json"]);
    bad["members"][0]["size"] = (8u64 << 30).into();
    assert!(matches!(refused(bad), RecordFault::TooLong(_, size) if size == 8 << 30));
    let mut bad = fields(&["dossier.json"]);
    bad["commitment"] = "ff".repeat(32).into();
    assert!(matches!(refused(bad), RecordFault::Commitment));
    let mut bad = fields(&["dossier.json"]);
    bad["iat"] = i64::MAX.into();
    assert!(matches!(refused(bad), RecordFault::Time(_)));
    let mut bad = fields(&["dossier.json"]);
    bad["members"][0]["sha256"] = empty.to_string().to_uppercase().into();
    let fault = refused(bad);
    assert!(
        matches!(&fault, RecordFault::Signature(JwsError::Payload(e)) if e.to_string().contains("lower-case")),
        "{fault}"
    );
    let bytes = [0xff; 9];
    let file = scene.forge(&shipper, &bytes, |mut out| {
        ArchiveWriter::new(&mut out, &bytes).unwrap().finish().unwrap();
    });
    assert!(matches!(scene.refused(&file), OpenError::Record(RecordFault::NotText)));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let cuts = (0..100).map(|percent| bank.len() * percent / 100).chain((0..1200).step_by(7)).chain([bank.len() - 1]);
    for cut in cuts {
        let error = scene.refused(&bank[..cut]);
        let header = take_apart(&bank, &scene.bank).header.as_bytes().len();
        assert!(
            match &error {
                OpenError::Header(HeaderError::Version) => cut < 22,
                OpenError::Header(HeaderError::Truncated { .. }) => cut < header,
                OpenError::Header(HeaderError::Nonce) => (header..header + 16).contains(&cut),
                OpenError::Payload(PayloadError::Chunk { .. } | PayloadError::Truncated { .. }) => cut >= header + 16,
                _ => false,
            },
            "{cut} of {}: {error}",
            bank.len()
        );
        assert_eq!(error.class(), Class::Malformed);
    }
    assert!(matches!(
        scene.refused(&[&bank[..], &[0]].concat()),
        OpenError::Payload(PayloadError::Chunk { .. } | PayloadError::Trailing { .. })
    ));
}

#[test]
fn a_file_changed_anywhere_is_refused() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let parts = take_apart(&bank, &scene.bank);
    let header = parts.header.as_bytes().len();
    for at in (0..header + 40).chain((header + 40..bank.len()).step_by(997)) {
        let mut file = bank.clone();
        file[at] ^= 1;
        let error = scene.refused(&file);
        assert!(
            match error {
                // A changed header is malformed, or its stanza is for nobody, or its MAC tells.
                OpenError::Header(_) | OpenError::NoKey | OpenError::Mac => at < header,
                OpenError::Payload(PayloadError::Chunk { .. }) => at >= header,
                _ => false,
            },
            "{at}: {error}"
        );
    }
}
