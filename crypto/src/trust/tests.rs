use proptest::prelude::*;

use consign_documents::profile::Kind;

use super::{
    party::{is_eori, is_lei},
    *,
};
use crate::{
    identity::{NameError, PublicIdentity, PublicLineError},
    samples::{party as identity, time},
};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn known(text: &str) -> Party {
    Party::new(name(text), identity(text).public().clone(), [Capacity::Sender]).unwrap()
}

/// A list of one party with one line of its entry replaced.
fn entry(key: &str, line: &str) -> Result<TrustList, TrustListError> {
    let mut list = TrustList::default();
    let dates = (Some("2026-01-01".parse().unwrap()), Some("2026-12-31".parse().unwrap()));
    let party = known("Carrier").valid(dates.0, dates.1).unwrap();
    list.add(party.lei("529900T8BM49AURSDO55").unwrap().eori("DE1234567").unwrap()).unwrap();
    list.accept(KeySet { id: [7; 32], name: name("entry"), made_by: name("Customs") }).unwrap();
    let text = list.to_toml();
    assert_eq!(TrustList::parse(&text), Ok(list));
    let mut found = false;
    let lines = text.lines().map(|l| {
        if l.starts_with(&format!("{key} =")) && !found {
            found = true;
            line
        } else {
            l
        }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert!(found, "{key} in {text}");
    TrustList::parse(&text)
}

#[test]
fn each_line_of_a_file_is_checked() {
    use TrustListError as E;
    let carrier = name("Carrier");
    let error = |key: &str, line: &str| entry(key, line).unwrap_err();
    assert_eq!(error("consign", "consign = \"trust/2\""), E::Version("trust/2".into()));
    assert_eq!(error("name", "name = \"\""), E::Name(NameError::Empty));
    assert_eq!(error("public", "public = \"x\""), E::PublicLine(carrier.clone(), PublicLineError::Form));
    assert_eq!(error("lei", "lei = \"529900T8BM49AURSDO56\""), E::Lei(carrier.clone(), "529900T8BM49AURSDO56".into()));
    assert_eq!(error("eori", "eori = \"de1\""), E::Eori(carrier.clone(), "de1".into()));
    assert!(matches!(error("valid_until", "valid_until = 2025-12-31"), E::Validity { .. }));
    assert!(matches!(error("valid_from", "valid_from = 2026-01-01T00:00:00Z"), E::Date(..)));
    assert!(matches!(error("valid_from", "valid_from = \"2026-01-01\""), E::Toml { .. }));
    assert_eq!(error("capacities", "capacities = []"), E::Capacities(carrier.clone()));
    assert_eq!(error("capacities", "capacities = [\"sender\", \"sender\"]"), E::Capacities(carrier.clone()));
    let unknown = CapacityError::Unknown("boss".into());
    assert_eq!(error("capacities", "capacities = [\"boss\"]"), E::Capacity(carrier.clone(), unknown));
    let no_kind = error("capacities", "capacities = [\"issuer:poem\"]");
    assert!(matches!(no_kind, E::Capacity(_, CapacityError::Kind(_))));
    assert_eq!(error("id", "id = \"07\""), E::KeySetId(name("entry")));
    assert_eq!(error("made_by", "made_by = \" x\""), E::Name(NameError::Space(" x".into())));
    assert!(matches!(error("lei", "colour = 1"), E::Toml { line: 6, .. }), "{:?}", error("lei", "colour = 1"));
    assert!(matches!(error("public", ""), E::Toml { .. }));
    assert!(matches!(TrustList::parse("consign = \"trust/1\"\nconsign = 1"), Err(E::Toml { line: 2, .. })));
    assert!(matches!(TrustList::parse(""), Err(E::Toml { line: 1, .. })));
    assert_eq!(TrustList::parse(&" ".repeat(MAX_BYTES + 1)), Err(E::TooLong(MAX_BYTES + 1)));
    entry("lei", "").unwrap();
}

#[test]
fn names_and_keys_are_unique() {
    use TrustListError as E;
    let mut list = TrustList::default();
    list.add(known("A")).unwrap();
    assert_eq!(list.add(known("A")), Err(E::RepeatedName("A".into())));
    let (a, b) = (identity("A"), identity("B"));
    let mixed = |recipient: &crate::identity::Identity, signer: &crate::identity::Identity| {
        let (recipient, signer) = (recipient.public().recipient().clone(), *signer.public().signer());
        Party::new(name("C"), PublicIdentity::new(name("C"), recipient, signer), [Capacity::Sender]).unwrap()
    };
    assert_eq!(list.add(mixed(&b, &a)), Err(E::RepeatedSigner(name("A"), name("C"))));
    assert_eq!(list.add(mixed(&a, &b)), Err(E::RepeatedRecipient(name("A"), name("C"))));
    assert_eq!(list.remove("B"), Err(E::NoSuchParty("B".into())));
    list.remove("A").unwrap();
    list.add(mixed(&b, &a)).unwrap();
    assert!(Party::new(name("A"), a.public().clone(), []) == Err(E::Capacities(name("A"))));

    let set = |id: u8, text: &str| KeySet { id: [id; 32], name: name(text), made_by: name("Customs") };
    list.accept(set(1, "one")).unwrap();
    assert_eq!(list.accept(set(1, "two")), Err(E::RepeatedKeySet(name("two"))));
    assert_eq!(list.accept(set(2, "one")), Err(E::RepeatedKeySet(name("one"))));
    assert_eq!(list.key_set(&[1; 32]), Some(&set(1, "one")));
    assert_eq!(list.key_set(&[2; 32]), None);
    list.accept(set(2, "two")).unwrap();
    assert_eq!(list.key_set(&[2; 32]), Some(&set(2, "two")));
    assert_eq!(list.accept(set(2, "three")), Err(E::RepeatedKeySet(name("three"))));
    // So is whatever is not the first.
    list.add(known("D")).unwrap();
    assert_eq!(list.add(known("D")), Err(E::RepeatedName("D".into())));
    assert_eq!(list.recipient(identity("D").public().recipient()), list.named("D"));
    assert_eq!(TrustList::parse(&list.to_toml()), Ok(list));
}

#[test]
fn days_are_whole_and_in_utc() {
    let party = known("A").valid(Some("2026-01-10".parse().unwrap()), Some("2026-01-20".parse().unwrap())).unwrap();
    let check = |at: &str| party.check(Capacity::Sender, time(at));
    assert!(matches!(check("2026-01-09T23:59:59.999999999Z"), Err(NotTrusted::NotYet { .. })));
    assert_eq!(check("2026-01-10T00:00:00Z"), Ok(()));
    assert_eq!(check("2026-01-20T23:59:59.999999999Z"), Ok(()));
    assert!(matches!(check("2026-01-21T00:00:00Z"), Err(NotTrusted::NoLonger { .. })));
    assert!(matches!(check("2026-01-20T23:30:00-01:00"), Err(NotTrusted::NoLonger { .. })), "already the 21st");
    assert!(matches!(party.check(Capacity::Verifier, time("2026-01-15T00:00:00Z")), Err(NotTrusted::Capacity { .. })));
}

#[test]
fn dates_are_those_that_toml_writes() {
    let valid = |from: &str, until: &str| {
        let party = known("A").valid(Some(from.parse().unwrap()), Some(until.parse().unwrap()))?;
        let mut list = TrustList::default();
        list.add(party)?;
        assert_eq!(TrustList::parse(&list.to_toml()), Ok(list));
        Ok(())
    };
    valid("0000-01-01", "9999-12-31").unwrap();
    valid("2024-02-29", "2024-02-29").unwrap();
    assert!(matches!(valid("-000001-12-31", "2026-01-01"), Err(TrustListError::Date(..))));
    assert!(matches!(valid("2026-01-02", "2026-01-01"), Err(TrustListError::Validity { .. })));
}

#[test]
fn found_by_key_and_capacity() {
    let mut list = TrustList::default();
    let issuer = Party::new(name("I"), identity("I").public().clone(), [Capacity::IssuerOfAll]).unwrap();
    list.add(issuer).unwrap();
    let key = *identity("I").public().signer();
    let now = time("2026-01-15T00:00:00Z");
    for kind in Kind::ALL {
        assert_eq!(list.trusted(&key, Capacity::Issuer(kind), now).unwrap().name(), &name("I"));
    }
    assert!(matches!(list.trusted(&key, Capacity::Sender, now), Err(NotTrusted::Capacity { .. })));
    let two = [Capacity::Sender, Capacity::Verifier];
    list.add(Party::new(name("T"), identity("T").public().clone(), two).unwrap()).unwrap();
    let key = *identity("T").public().signer();
    for capacity in two {
        assert_eq!(list.trusted(&key, capacity, now).unwrap().name(), &name("T"));
    }
    let issuer = Capacity::Issuer(Kind::CargoManifest);
    assert!(matches!(list.trusted(&key, issuer, now), Err(NotTrusted::Capacity { .. })));
    let other = *identity("J").public().signer();
    assert_eq!(list.trusted(&other, Capacity::Sender, now), Err(NotTrusted::Unknown(other)));
    assert_eq!(list.recipient(identity("I").public().recipient()), list.named("I"));
    assert_eq!(list.named("J"), None);
}

/// Codes that GLEIF publishes as its own and as examples; every changed digit or letter is noticed.
#[test]
fn lei_check_digits() {
    for lei in ["506700GE1G29325QX363", "529900T8BM49AURSDO55", "7LTWFZYICNSX8D621K86"] {
        assert!(is_lei(lei), "{lei}");
        for at in 0..20 {
            let mut other = lei.as_bytes().to_vec();
            other[at] = match other[at] {
                b'1' => b'2',
                b'A' => b'B',
                digit if digit.is_ascii_digit() => b'1',
                _ => b'A',
            };
            assert!(!is_lei(&String::from_utf8(other).unwrap()), "{lei} at {at}");
        }
    }
    // The remainder is right, the form is not: letters for check digits, a small letter, a character more or less.
    for bad in [
        "529900T8BM49AURS07HX",
        "529900T8BM49AURS070J",
        "529900T8BM49AURS40T0",
        "529900o8BM49AURSDO36",
        "529900T8BM49AURSDO541",
        "529900T8BM49AURSD43",
    ] {
        assert!(!is_lei(bad), "{bad}");
    }
    assert!(!is_lei("") && !is_lei("506700ge1g29325qx363") && !is_lei("é06700GE1G29325QX36"));
    assert!(is_eori("GB205672212000") && is_eori("DE1") && !is_eori("DE") && !is_eori("D11") && !is_eori("éé1"));
    assert!(is_eori("DE1A23456789BCDEF") && !is_eori("DE1234567890123456"));
    assert!(!is_eori("DEa") && !is_eori("DE1a") && !is_eori("DE1 "));
}

proptest! {
    #[test]
    fn capacities_and_lists_round_trip(names in proptest::collection::btree_set("[A-Z][a-z]{0,8}", 0..5), id: [u8; 32]) {
        let mut list = TrustList::default();
        for text in &names {
            let capacities = [Capacity::Issuer(Kind::CargoManifest), Capacity::IssuerOfAll, Capacity::Verifier];
            list.add(Party::new(name(text), identity(text).public().clone(), capacities).unwrap()).unwrap();
        }
        list.accept(KeySet { id, name: name("k"), made_by: name("m") }).unwrap();
        prop_assert_eq!(TrustList::parse(&list.to_toml()), Ok(list));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = (TrustList::parse(&text), text.parse::<Capacity>(), is_lei(&text), is_eori(&text));
    }
}
