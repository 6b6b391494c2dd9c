//! Anchors, and what the registry asks of the documents that are presented.

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use consign_contracts::{
    abi::{self, IRegistry as E},
    anchor::Anchor,
};

use super::{
    proofs::R,
    world::{ATTESTATION_EXPIRES, CARRIER, CHAIN, CHAMBER, SHIPPER, UNBOUND, World, anchors, number, seconds, text},
};

/// What the check says when the manifest's facts are others than honest, and anchored so.
fn refused_with(change: impl FnOnce(&mut abi::Facts)) -> super::chain::Reverted {
    let mut world = World::bare(CHAIN, &UNBOUND);
    let [invoice, manifest] = anchors();
    let mut anchor = manifest.anchor;
    change(&mut anchor.facts);
    world.send(CHAMBER, invoice.anchor.anchor_call()).unwrap();
    world.send(CARRIER, anchor.anchor_call()).unwrap();
    world.register();
    world.ask();
    world.presentation.documents[1][0].facts = anchor.facts;
    world.check().unwrap_err()
}

#[test]
fn an_anchor_is_its_attesters_and_final() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    let [_, manifest] = anchors();
    let (anchor, commitment) = (&manifest.anchor, manifest.anchor.commitment);
    let revoke = anchor.revoke_call();
    let of = |world: &mut World, attester| {
        let data = E::anchorOfCall { attester, commitment }.abi_encode();
        B256::from_slice(&world.chain.call(SHIPPER, world.registry, data).unwrap().output)
    };
    assert_eq!(of(&mut world, CARRIER), B256::ZERO);
    world.send(CARRIER, revoke.clone()).unwrap_err().error::<E::NotAnchored>();
    let done = world.send(CARRIER, anchor.anchor_call()).unwrap();
    let event = E::Anchored::decode_log(&done.logs[0]).unwrap();
    assert_eq!((event.attester, event.commitment, &event.facts), (CARRIER, commitment, &anchor.facts));
    assert_eq!(of(&mut world, CARRIER), anchor.digest());
    world.send(CARRIER, anchor.anchor_call()).unwrap_err().error::<E::AlreadyAnchored>();
    // Nobody else can take it back; and who anchors the same says it in its own name only.
    world.send(SHIPPER, revoke.clone()).unwrap_err().error::<E::NotAnchored>();
    world.send(SHIPPER, anchor.anchor_call()).unwrap();
    world.send(SHIPPER, revoke.clone()).unwrap();
    assert_eq!(of(&mut world, CARRIER), anchor.digest());

    let done = world.send(CARRIER, revoke.clone()).unwrap();
    let event = E::Revoked::decode_log(&done.logs[0]).unwrap();
    assert_eq!((event.attester, event.commitment), (CARRIER, commitment));
    assert_eq!(of(&mut world, CARRIER), B256::with_last_byte(1));
    world.send(CARRIER, revoke).unwrap_err().error::<E::AttestationRevoked>();
    world.send(CARRIER, anchor.anchor_call()).unwrap_err().error::<E::AlreadyAnchored>();
}

#[test]
fn an_anchor_that_can_be_of_no_use() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    let [_, manifest] = anchors();
    let large = Anchor { commitment: R, ..manifest.anchor.clone() };
    world.send(CARRIER, large.anchor_call()).unwrap_err().error::<E::CommitmentTooLarge>();
    world.chain.at(seconds(ATTESTATION_EXPIRES));
    let error = world.send(CARRIER, manifest.anchor.anchor_call()).unwrap_err().error::<E::AttestationExpired>();
    assert_eq!(error.expires, seconds(ATTESTATION_EXPIRES));
}

#[test]
fn not_anchored() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    world.register();
    world.ask();
    let error = world.check().unwrap_err().error::<E::NotAnchored>();
    assert_eq!((error.attester, error.commitment), (CHAMBER, anchors()[0].anchor.commitment));
    // By an accepted attester, but another than is presented.
    let [invoice, manifest] = anchors();
    world.send(CARRIER, invoice.anchor.anchor_call()).unwrap();
    world.send(CARRIER, manifest.anchor.anchor_call()).unwrap();
    world.check().unwrap_err().error::<E::NotAnchored>();
    world.presentation.documents[0][0].attester = CARRIER;
    world.check().unwrap();
}

#[test]
fn revoked() {
    let mut world = World::new();
    world.send(CARRIER, anchors()[1].anchor.revoke_call()).unwrap();
    let error = world.check().unwrap_err().error::<E::AttestationRevoked>();
    assert_eq!((error.attester, error.commitment), (CARRIER, anchors()[1].anchor.commitment));
    world.accept().unwrap_err().error::<E::AttestationRevoked>();
}

#[test]
fn by_an_attester_who_is_not_accepted() {
    // The chamber may attest invoices and no manifests; the shipper nothing.
    for attester in [CHAMBER, SHIPPER] {
        let mut world = World::new();
        world.send(attester, anchors()[1].anchor.anchor_call()).unwrap();
        world.presentation.documents[1][0].attester = attester;
        let error = world.check().unwrap_err().error::<E::AttesterNotAccepted>();
        assert_eq!((error.role, error.attester), (number(1), attester));
    }
}

#[test]
fn facts_are_the_anchored_ones() {
    let changes: [fn(&mut abi::Facts); 7] = [
        |f| f.attestation.0[0] ^= 1,
        |f| f.document.0[0] ^= 1,
        |f| f.start += U256::from(1),
        |f| f.complete |= U256::from(1) << 7,
        |f| f.currency = text("EUR"),
        |f| f.unit = text("KGM"),
        |f| f.expires += 1,
    ];
    for change in changes {
        let error = World::refused(|p| change(&mut p.documents[1][0].facts)).error::<E::OtherFacts>();
        assert_eq!(error.attester, CARRIER);
    }
    // Another attestation of the same document was bound into the context.
    refused_with(|f| f.attestation.0[0] ^= 1).error::<E::OtherContext>();
}

#[test]
fn expired() {
    let now = seconds(super::world::NOW);
    let mut world = World::bare(CHAIN, &UNBOUND);
    let [invoice, manifest] = anchors();
    let mut anchor = manifest.anchor;
    anchor.facts.expires = now + 60;
    world.send(CHAMBER, invoice.anchor.anchor_call()).unwrap();
    world.send(CARRIER, anchor.anchor_call()).unwrap();
    world.register();
    world.ask();
    world.presentation.documents[1][0].facts = anchor.facts;
    world.check().unwrap();
    world.chain.at(now + 60);
    assert_eq!(world.check().unwrap_err().error::<E::AttestationExpired>().expires, now + 60);
}

#[test]
fn of_another_kind() {
    let [invoice, manifest] = anchors();
    assert_ne!(invoice.anchor.facts.start, manifest.anchor.facts.start);
    let error = refused_with(|f| f.start = invoice.anchor.facts.start).error::<E::OtherKind>();
    assert_eq!((error.role, error.document), (number(1), number(0)));
    // The anchored start is what the chain starts from, too.
    let start = U256::from(5);
    World::refused_under(|s| s.roles[1].start = start).error::<E::OtherKind>();
}

#[test]
fn columns_that_are_not_complete() {
    // gross_mass, value and origin are columns 0, 3 and 4 of a manifest; its net mass is not known.
    let needed = World::new().statement.statement.roles[1].complete;
    assert_eq!(needed, U256::from(0b11001));
    assert_eq!(anchors()[1].anchor.facts.complete & U256::from(0xff), U256::from(0b111101));
    for column in [0, 3, 4] {
        let error = refused_with(|f| f.complete ^= U256::from(1) << column).error::<E::Incomplete>();
        assert_eq!((error.role, error.document, error.columns), (number(1), number(0), U256::from(1) << column));
    }
    let header = World::refused_under(|s| s.roles[1].complete |= U256::from(1) << 130).error::<E::Incomplete>();
    assert_eq!(header.columns, U256::from(1) << 130);
}

#[test]
fn currencies_and_units() {
    let statement = World::new().statement.statement;
    assert_eq!((statement.roles[0].unit.needed, statement.roles[0].unit.code), (true, text("C62")));
    assert!(statement.roles[1].currency.needed && statement.roles[1].currency.code.is_zero());
    assert_eq!((&statement.sameCurrency[..], statement.sameUnit.len()), (&[number(3)][..], 0));

    refused_with(|f| f.currency = B256::ZERO).error::<E::CurrencyUnknown>();
    // Two roles in two currencies.
    let error = refused_with(|f| f.currency = text("EUR")).error::<E::OtherCurrency>();
    assert_eq!((error.role, error.document), (number(1), number(0)));
    World::refused_under(|s| s.roles[0].currency.code = text("EUR")).error::<E::OtherCurrency>();
    World::refused_under(|s| s.roles[0].unit.code = text("KGM")).error::<E::OtherUnit>();
    World::refused_under(|s| s.roles[1].unit.needed = true).error::<E::UnitUnknown>();
    World::refused_under(|s| s.sameUnit = vec![number(3)]).error::<E::OtherUnit>();
}

#[test]
fn as_many_documents_as_the_roles_say() {
    let error = World::refused(|p| drop(p.documents.pop())).error::<E::RoleCount>();
    assert_eq!((error.expected, error.found), (number(2), number(1)));
    World::refused(|p| p.documents.push(vec![])).error::<E::RoleCount>();
    let error = World::refused(|p| p.documents[1].clear()).error::<E::DocumentCount>();
    assert_eq!((error.role, error.found), (number(1), number(0)));
    let twice = |p: &mut abi::Presentation| p.documents[1] = vec![p.documents[1][0].clone(); 2];
    World::refused(twice).error::<E::DocumentCount>();
}

#[test]
fn a_document_twice() {
    // In one role that takes two.
    let mut world = World::bare(CHAIN, &UNBOUND);
    world.statement.statement.roles[1].most = 2;
    world.anchor();
    world.register();
    world.ask();
    let manifest = world.presentation.documents[1][0].clone();
    world.presentation.documents[1].push(manifest);
    let error = world.check().unwrap_err().error::<E::DocumentTwice>();
    assert_eq!((error.first, error.second), (number(1), number(2)));
    // The same document attested again, under another commitment.
    let [_, sent] = anchors();
    let again = Anchor { commitment: U256::from(5), ..sent.anchor };
    world.send(CARRIER, again.anchor_call()).unwrap();
    world.presentation.documents[1][1].commitment = again.commitment;
    world.check().unwrap_err().error::<E::DocumentTwice>();
    // The same table under another id.
    let mut other = World::bare(CHAIN, &UNBOUND);
    other.statement.statement.roles[0].start = anchors()[1].anchor.facts.start;
    other.statement.statement.roles[0].complete = U256::ZERO;
    other.statement.statement.roles[0].unit.needed = false;
    let mut renamed = anchors()[1].anchor.clone();
    renamed.facts.document = B256::repeat_byte(9);
    other.send(CHAMBER, renamed.anchor_call()).unwrap();
    other.send(CARRIER, anchors()[1].anchor.anchor_call()).unwrap();
    other.register();
    other.ask();
    let presented = abi::Document { attester: CHAMBER, commitment: renamed.commitment, facts: renamed.facts };
    other.presentation.documents[0] = vec![presented];
    other.check().unwrap_err().error::<E::DocumentTwice>();
}

#[test]
fn an_anchor_file_says_what_its_calls_do() {
    use consign_contracts::anchor::AnchorError;
    let [_, manifest] = anchors();
    let bytes = manifest.anchor.to_bytes();
    assert_eq!(Anchor::parse(&bytes).unwrap(), manifest.anchor);
    let text = String::from_utf8(bytes).unwrap();
    let read = |text: &str| Anchor::parse(text.as_bytes()).unwrap_err();
    assert!(matches!(read(&text.replace("anchor/1", "anchor/2")), AnchorError::Version(_)));
    assert!(matches!(read(&text[1..]), AnchorError::Json(_)));
    assert!(matches!(read(&text.replacen('{', "{\"more\":1,", 1)), AnchorError::Json(_)));
    assert!(matches!(read(&" ".repeat(consign_contracts::anchor::MAX_BYTES + 1)), AnchorError::TooLarge(_)));
    // Facts that the calls do not have.
    let expires = seconds(ATTESTATION_EXPIRES);
    let other = text.replace(&expires.to_string(), &(expires + 1).to_string());
    assert!(matches!(read(&other), AnchorError::Call("call anchor")));
}
