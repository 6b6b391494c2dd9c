//! What parties do to each other: swap bodies, pass files on, send old ones, contradict themselves.

use jiff::SignedDuration;

use super::*;

#[test]
fn a_co_recipient_cannot_swap_the_body() {
    let mut scene = Scene::new();
    let [bank, insurer, _] = scene.sealed();
    // The insurer knows the file key; the bank's header it takes from the bank's file.
    let key = take_apart(&insurer, &scene.insurer).file_key;
    let Parts { header, plain, .. } = take_apart(&bank, &scene.bank);
    let mut rng = StdRng::seed_from_u64(10);
    let mut with = |plain: &[u8]| [header.as_bytes(), &body_of(&key, plain, &mut rng)].concat();

    // The same plaintext under another nonce is the same content, and opens.
    scene.open(&with(&plain)).unwrap();

    // A member changed: under the sender's record its digest is wrong.
    let mut changed = plain.clone();
    let at = plain.windows(7).position(|window| window == b"{\"a\":1}").unwrap();
    changed[at + 5] = b'2';
    let error = scene.refused(&with(&changed));
    assert!(matches!(error, OpenError::Archive(ArchiveFault::Digest(name)) if name.as_str() == "dossier.json"));

    // A record of the insurer's own over it is not by the sender of the grant.
    let mine = {
        let consignment = scene.consignment();
        let (folder, identity) = (scene.folder.path().to_path_buf(), scene.insurer.clone());
        let mut sealed = consignment.seal(&identity, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
        let mut out = Vec::new();
        sealed.write_own(now(), &mut scene.rng, &mut out).unwrap();
        take_apart(&out, &identity).plain
    };
    let error = scene.refused(&with(&mine));
    assert!(matches!(error, OpenError::Record(RecordFault::Signature(JwsError::OtherSigner { .. }))), "{error}");

    // A record by the sender, of another file: not the one granted.
    let [other, ..] = scene.sealed();
    let theirs = take_apart(&other, &scene.bank).plain;
    assert!(matches!(scene.refused(&with(&theirs)), OpenError::OtherRecord));

    // The whole body of another file by the same sender is under another key.
    let moved = [header.as_bytes(), &take_apart(&other, &scene.bank).body].concat();
    assert!(matches!(scene.refused(&moved), OpenError::Payload(PayloadError::Chunk { chunk: 0 })));
}

#[test]
fn a_co_recipient_cannot_pass_the_file_on() {
    let mut scene = Scene::new();
    let [_, insurer, _] = scene.sealed();
    let Parts { header, body, file_key, .. } = take_apart(&insurer, &scene.insurer);
    let file = |stanzas: Vec<Stanza>| [Header::new(stanzas, &file_key).unwrap().as_bytes(), &body].concat();
    let bank = scene.bank.public().recipient().clone();
    let (stanza, shared) = bank.wrap_shared(&file_key, &mut scene.rng).unwrap();

    // The file key wrapped for the bank, without a grant, and with the insurer's.
    assert!(matches!(scene.refused(&file(vec![stanza.clone()])), OpenError::NotAddressed));
    let copied = vec![stanza.clone(), header.stanzas()[1].clone()];
    assert!(matches!(scene.refused(&file(copied)), OpenError::NotAddressed));
    // Both of the insurer's stanzas, and the bank's beside them: still no grant for the bank.
    let beside = vec![header.stanzas()[0].clone(), header.stanzas()[1].clone(), stanza.clone()];
    assert!(matches!(scene.refused(&file(beside)), OpenError::NotAddressed));
    // The insurer's grant, decrypted and encrypted again for the bank: it names the insurer.
    let again = grant::encrypt(&grant_of(&insurer, &scene.insurer), &shared, &file_key).unwrap();
    let error = scene.refused(&file(vec![stanza.clone(), again.clone()]));
    assert!(matches!(error, OpenError::OtherRecipient(key) if key == *scene.insurer.public().recipient()));
    // What the bank could decrypt, in a stanza of another type, with an argument, or longer than a grant's.
    let of_another_type = Stanza::new("consign-grant-2", &[], again.body().to_vec()).unwrap();
    assert!(matches!(scene.refused(&file(vec![stanza.clone(), of_another_type])), OpenError::NotAddressed));
    let with_argument = Stanza::new(grant::TAG, &["x"], again.body().to_vec()).unwrap();
    assert!(matches!(scene.refused(&file(vec![stanza.clone(), with_argument])), OpenError::NotAddressed));
    let [longest, longer] = [4080, 4081].map(|bytes| grant::encrypt(&"x".repeat(bytes), &shared, &file_key).unwrap());
    assert!(matches!(scene.refused(&file(vec![stanza.clone(), longest])), OpenError::Grant(JwsError::Parts)));
    assert!(matches!(scene.refused(&file(vec![stanza.clone(), longer])), OpenError::NotAddressed));
    // A grant of the insurer's own: it is not known as a sender.
    let mut granter = Granter {
        protection: None,
        sender: &scene.insurer.clone(),
        file_key: FileKey::from_bytes(*file_key.as_bytes()),
        record: Digest32::of(&record_of(&take_apart(&insurer, &scene.insurer).plain)),
        epoch: Epoch::FIRST,
    };
    let purpose = "p".parse().unwrap();
    let forged = granter.header(scene.bank.public().recipient(), &purpose, now(), &mut scene.rng).unwrap();
    let error = scene.refused(&[forged.as_bytes(), &body].concat());
    assert!(matches!(error, OpenError::Sender(NotTrusted::Capacity { capacity: Capacity::Sender, .. })));
    // Nor does it help that the bank knows it as a sender: the record inside is the shipper's.
    scene.trust.remove("Insurer").unwrap();
    scene.trust.add(party(scene.insurer.public(), Capacity::Sender)).unwrap();
    let error = scene.refused(&[forged.as_bytes(), &body].concat());
    assert!(matches!(error, OpenError::Record(RecordFault::Signature(JwsError::OtherSigner { .. }))));
    // A stanza more than its two, even one that age ignores.
    let grease = Stanza::new("grease", &[], vec![]).unwrap();
    let more: Vec<Stanza> = forged.stanzas().iter().cloned().chain([grease]).collect();
    assert!(matches!(scene.refused(&file(more)), OpenError::Stanzas(3)));
    // Its two in each other's place.
    let swapped: Vec<Stanza> = forged.stanzas().iter().rev().cloned().collect();
    assert!(matches!(scene.refused(&file(swapped)), OpenError::Stanzas(2)));
}

#[test]
fn strangers_and_wrong_keys_are_refused() {
    let mut scene = Scene::new();
    let [bank, _, own] = scene.sealed();
    // A plain age file, valid, to the bank.
    let to: X25519Recipient = scene.bank.public().recipient().to_string().parse().unwrap();
    let mut writer = age::encrypt(Vec::new(), &[&to], &mut scene.rng).unwrap();
    writer.write_all(&take_apart(&bank, &scene.bank).plain).unwrap();
    assert!(matches!(scene.refused(&writer.finish().unwrap()), OpenError::NotAddressed));
    // A sealed file by somebody whom the bank does not know.
    let (consignment, folder, stranger) =
        (scene.consignment(), scene.folder.path().to_path_buf(), scene.stranger.clone());
    let mut sealed = consignment.seal(&stranger, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
    let mut file = Vec::new();
    let purpose = "p".parse().unwrap();
    sealed.write(scene.bank.public().recipient(), &purpose, now(), &mut scene.rng, &mut file).unwrap();
    let error = scene.refused(&file);
    assert!(matches!(error, OpenError::Sender(NotTrusted::Unknown(key)) if key == *stranger.public().signer()));
    // Not addressed, wrong identity.
    assert!(matches!(scene.open_as(&scene.stranger, &bank), Err(OpenError::NoKey)));
    assert!(matches!(scene.open(&own), Err(OpenError::NoKey)));
    // A sender whose entry has run out, or has not begun.
    let day = |text: &str| Some(text.parse().unwrap());
    for (from, until) in [(None, day("2026-02-28")), (day("2026-03-02"), None)] {
        scene.trust.remove("Shipper").unwrap();
        let entry = party(scene.shipper.public(), Capacity::Sender).valid(from, until).unwrap();
        scene.trust.add(entry).unwrap();
        let error = scene.refused(&bank);
        assert!(matches!(
            (from, error),
            (None, OpenError::Sender(NotTrusted::NoLonger { .. })) | (_, OpenError::Sender(NotTrusted::NotYet { .. }))
        ));
    }
}

#[test]
fn an_issuer_sends_only_what_it_attested() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    scene.trust.remove("Shipper").unwrap();
    scene.trust.add(party(scene.shipper.public(), Capacity::IssuerOfAll)).unwrap();
    let opened = scene.open(&bank).unwrap();
    assert_eq!(opened.sender(), &Sender::Issuer("Shipper".parse().unwrap()));
    opened.check_issuer(scene.shipper.public().signer()).unwrap();
    let error = opened.check_issuer(scene.insurer.public().signer()).unwrap_err();
    assert!(matches!(error, OpenError::Sender(NotTrusted::Capacity { .. })));
    // What another attested it cannot send, neither all of it nor a part.
    let dossier = samples::dossier();
    let commitment = dossier.attestation().commitment();
    let view = View::of(&dossier, &["lines/*/gross_mass".parse().unwrap()]).unwrap().to_json().unwrap();
    let (shipper, folder) = (scene.shipper.clone(), scene.folder.path().to_path_buf());
    for consignment in
        [Consignment::new(dossier.to_json().unwrap(), commitment), Consignment::of_view(view, commitment)]
    {
        let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
        let mut file = Vec::new();
        let to = scene.bank.public().recipient().clone();
        sealed.write(&to, &"p".parse().unwrap(), now(), &mut scene.rng, &mut file).unwrap();
        let error = scene.open(&file).unwrap().checked().unwrap_err();
        assert!(matches!(error, OpenError::Sender(NotTrusted::Capacity { .. })), "{error}");
    }
    // Nor is it heard past its time or before it, or where it is neither sender nor issuer.
    let day = |text: &str| Some(text.parse().unwrap());
    for (capacity, from, until) in [
        (Capacity::IssuerOfAll, None, day("2026-02-28")),
        (Capacity::IssuerOfAll, day("2026-03-02"), None),
        (Capacity::Verifier, None, None),
    ] {
        scene.trust.remove("Shipper").unwrap();
        scene.trust.add(party(scene.shipper.public(), capacity).valid(from, until).unwrap()).unwrap();
        let error = scene.refused(&bank);
        assert!(
            matches!(error, OpenError::Sender(NotTrusted::Capacity { capacity: Capacity::Sender, .. })),
            "{capacity}: {error}"
        );
    }
}

/// A reader knows the file key, and any grant that it was sent; neither makes a copy from which the sender would grant.
#[test]
fn a_copy_that_another_made_is_not_granted_from() {
    let mut scene = Scene::new();
    let [bank, _, own] = scene.sealed();
    let [_, _, other] = scene.sealed();
    let Parts { body, file_key, .. } = take_apart(&own, &scene.shipper);
    let to = scene.shipper.public().recipient().clone();
    let (stanza, shared) = to.wrap_shared(&file_key, &mut scene.rng).unwrap();
    let open = |text: &str| {
        let grant = grant::encrypt(text, &shared, &file_key).unwrap();
        let header = Header::new(vec![stanza.clone(), grant], &file_key).unwrap();
        OwnCopy::open(&[header.as_bytes(), &body].concat()[..], &scene.shipper).map(|copy| copy.epoch())
    };
    assert_eq!(open(&grant_of(&own, &scene.shipper)).unwrap(), Epoch::FIRST);
    let error = open(&grant_of(&bank, &scene.bank)).unwrap_err();
    let of_bank = scene.bank.public().recipient();
    assert!(matches!(&error, SealError::Copy(OpenError::OtherRecipient(key)) if key == of_bank), "{error}");
    let error = open(&grant_of(&other, &scene.shipper)).unwrap_err();
    assert!(matches!(error, SealError::Copy(OpenError::GrantFileKey)), "{error}");
}

#[test]
fn older_epochs_and_other_times_are_refused() {
    let mut scene = Scene::new();
    let [bank, ..] = scene.sealed();
    let shipper = *scene.shipper.public().signer();
    let known = |key: &SignerKey, of: &Commitment| {
        (*key == shipper && *of == some_commitment()).then(|| Epoch::new(2).unwrap())
    };
    let mut opening =
        Opening { identity: &scene.bank, trust: &scene.trust, known_epoch: &known, now: now(), temporary: None };
    let error = opening.open(&bank[..]).unwrap_err();
    assert!(matches!(error, OpenError::OlderEpoch { found, known } if found.number() == 1 && known.number() == 2));
    opening.known_epoch = &|_, _| Some(Epoch::FIRST);
    opening.open(&bank[..]).unwrap();
    // Ten minutes of skew are allowed, no more.
    opening.now = "2026-03-01T11:50:00Z".parse().unwrap();
    opening.open(&bank[..]).unwrap();
    opening.now = "2026-03-01T11:49:59Z".parse().unwrap();
    assert!(matches!(opening.open(&bank[..]), Err(OpenError::Future(time)) if time == now()));
}

#[test]
fn grant_and_record_must_agree() {
    let mut scene = Scene::new();
    let shipper = scene.shipper.clone();
    let fresh = age::FreshFileKey::generate(&mut scene.rng);
    let key = Digest32::of_file_key(fresh.file_key());
    let members = vec![Member { name: "dossier.json".parse().unwrap(), size: 1, sha256: Digest32::of(b"x") }];
    let record = |key, epoch: u64, time| {
        Record::new(members.clone(), some_commitment(), key, Epoch::new(epoch).unwrap(), time).unwrap()
    };
    let [latest, later] = [600, 601].map(|seconds| now() + SignedDuration::from_secs(seconds));
    let other = Digest32::of(b"");
    let cases = [record(key, 1, latest), record(key, 2, now()), record(other, 1, now()), record(key, 1, later)];
    for (case, record) in cases.into_iter().enumerate() {
        let signed = record.sign(&shipper).unwrap();
        let fresh = fresh.file_key().forge_fresh();
        let file = scene.forge_with(fresh, &shipper, Digest32::of(signed.as_bytes()), |mut out| {
            let mut archive = ArchiveWriter::new(&mut out, signed.as_bytes()).unwrap();
            archive.append("dossier.json", 1, &b"x"[..]).unwrap();
            archive.finish().unwrap();
        });
        match (case, scene.open(&file)) {
            (0, Ok(_)) => {}
            (1, Err(OpenError::EpochMismatch { record, grant })) => assert!(record > grant),
            (2, Err(OpenError::RecordFileKey)) => {}
            (3, Err(OpenError::Future(time))) => assert_eq!(time, later),
            (_, outcome) => panic!("{case}: {outcome:?}"),
        }
    }
    // A grant that the sender signed for a file with another key, under this file's header.
    let to = scene.bank.public().recipient().clone();
    let (stanza, shared) = to.wrap_shared(fresh.file_key(), &mut scene.rng).unwrap();
    let [bank, ..] = scene.sealed();
    let text = grant_of(&bank, &scene.bank);
    let header = |text: &str| {
        let grant = grant::encrypt(text, &shared, fresh.file_key()).unwrap();
        Header::new(vec![stanza.clone(), grant], fresh.file_key()).unwrap().as_bytes().to_vec()
    };
    assert!(matches!(scene.refused(&header(&text)), OpenError::GrantFileKey));
    // What is not a grant, in a grant's place: signed as something else, or of other fields.
    let request = jws::sign(ObjectType::Request, &serde_json::json!({}), &shipper).unwrap();
    assert!(matches!(scene.refused(&header(&request)), OpenError::Grant(JwsError::Type { .. })));
    assert!(matches!(scene.refused(&header("x")), OpenError::Grant(JwsError::Parts)));
    let fields = serde_json::json!({"record": key, "file_key": key, "recipient": scene.bank.public().recipient().to_string(),
        "epoch": 1, "iat": 1, "purpose": "p"});
    for (field, value) in [("recipient", "age1x".into()), ("purpose", "".into()), ("iat", serde_json::json!(i64::MAX))]
    {
        let mut fields = fields.clone();
        fields[field] = value;
        let signed = jws::sign(ObjectType::Grant, &fields, &shipper).unwrap();
        assert!(matches!(scene.refused(&header(&signed)), OpenError::GrantField(_)), "{field}");
    }
    for (field, value) in [("epoch", serde_json::json!(0)), ("record", "AB".into()), ("more", 1.into())] {
        let mut fields = fields.clone();
        fields[field] = value;
        let signed = jws::sign(ObjectType::Grant, &fields, &shipper).unwrap();
        assert!(matches!(scene.refused(&header(&signed)), OpenError::Grant(JwsError::Payload(_))), "{field}");
    }
}

/// The attacker has the program of age: it opens what it was sent, changes a word, and encrypts it for the bank.
#[test]
fn an_age_of_another_make_cannot_forge() {
    let Some(age) = crate::age::testkit::real_age() else { return };
    let run = |arguments: &[&str], input: &[u8]| crate::age::testkit::run_age(&age, arguments, input).unwrap();
    let mut scene = Scene::new();
    let [bank, insurer, _] = scene.sealed();
    let key = scene.folder.path().join("insurer.key");
    crate::files::write_file(&key, Existing::Refuse, scene.insurer.to_file().as_bytes()).unwrap();
    let plain = run(&["-d", "-i", key.to_str().unwrap()], &insurer);
    let to = scene.bank.public().recipient().to_string();
    let own = scene.insurer.public().recipient().to_string();
    for change in [false, true] {
        let mut plain = plain.clone();
        let at = plain.windows(7).position(|window| window == b"{\"a\":1}").unwrap();
        plain[at + 5] += u8::from(change);
        let passed = run(&["-r", &to], &plain);
        assert!(matches!(scene.refused(&passed), OpenError::NotAddressed));
        assert!(matches!(scene.refused(&run(&["-r", &own, "-r", &to], &plain)), OpenError::NotAddressed));
        // Its body under the header that the sender made: another file key.
        let mut body = &passed[..];
        Header::read(&mut body).unwrap();
        let spliced = [take_apart(&bank, &scene.bank).header.as_bytes(), body].concat();
        assert!(matches!(scene.refused(&spliced), OpenError::Payload(PayloadError::Chunk { chunk: 0 })));
    }
}

/// The sender itself: a record about another document, and a document changed by one word.
#[test]
fn what_is_inside_must_be_what_was_attested() {
    let mut scene = Scene::new();
    let dossier = samples::dossier();
    let (commitment, folder, shipper) =
        (dossier.attestation().commitment(), scene.folder.path().to_path_buf(), scene.shipper.clone());
    let mut open = |consignment: Consignment<'_>| {
        let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now(), &folder, &mut scene.rng).unwrap();
        let mut file = Vec::new();
        let to = scene.bank.public().recipient().clone();
        sealed.write(&to, &"p".parse().unwrap(), now(), &mut scene.rng, &mut file).unwrap();
        scene.open(&file).unwrap()
    };
    let whole = open(Consignment::new(dossier.to_json().unwrap(), commitment));
    assert!(matches!(whole.checked().unwrap(), Checked::Whole(inside) if inside.document() == dossier.document()));
    let other = open(Consignment::new(dossier.to_json().unwrap(), some_commitment()));
    assert!(matches!(other.checked(), Err(OpenError::OtherDocument)));
    let text = String::from_utf8(dossier.to_json().unwrap().to_vec()).unwrap();
    let reworded = text.replacen("machine parts, lot 4", "machine part, lot 4", 1);
    let reworded = open(Consignment::new(Zeroizing::new(reworded.into_bytes()), commitment));
    let error = reworded.checked().unwrap_err();
    assert_eq!(error.class(), Class::No);
    assert!(matches!(error, OpenError::Dossier(e) if matches!(*e, DossierError::Digest)));

    let only = ["lines/*/gross_mass".parse().unwrap()];
    let view = View::of(&dossier, &only).unwrap().to_json().unwrap();
    let part = open(Consignment::of_view(view.clone(), commitment));
    assert!(matches!(part.checked().unwrap(), Checked::Part(view) if view.only() == only));
    assert!(matches!(part.checked_dossier(), Err(OpenError::Part)));
    let other = open(Consignment::of_view(view.clone(), some_commitment()));
    assert!(matches!(other.checked(), Err(OpenError::OtherDocument)));
    let lighter = String::from_utf8(view.to_vec()).unwrap().replacen("104.5", "4.5", 1);
    let lighter = open(Consignment::of_view(Zeroizing::new(lighter.into_bytes()), commitment));
    let error = lighter.checked().unwrap_err();
    assert_eq!(error.class(), Class::No);
    assert!(matches!(error, OpenError::View(e) if matches!(*e, ViewError::NotAttested)));
    // A view where a dossier is said to be, and the other way round.
    let view = open(Consignment::new(view, commitment));
    assert!(matches!(view.checked(), Err(e @ OpenError::Dossier(_)) if e.class() == Class::Malformed));
    let whole = open(Consignment::of_view(dossier.to_json().unwrap(), commitment));
    assert!(matches!(whole.checked(), Err(e @ OpenError::View(_)) if e.class() == Class::Malformed));
}
