//! Statements, requests and nonces: who may, when, and how often.

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolEvent};
use consign_circuits::request::Request;
use consign_contracts::{
    abi::{self, IRegistry as E},
    statement::{MAX_BYTES, OnChain, Parties, StatementError},
};

use super::world::{
    CARRIER, CHAIN, CUSTOMS, EXPIRES, POLICY, SHIPPER, UNBOUND, World, parties, policy, request, seconds,
};

#[test]
fn an_answer_is_accepted_once_and_may_be_checked_for_ever() {
    let mut world = World::new();
    let id = world.statement.id();
    assert_eq!(world.check().unwrap().output[..], id[..]);
    let done = world.accept().unwrap();
    let event = E::Accepted::decode_log(&done.logs[0]).unwrap();
    assert_eq!((event.statement, event.verifier, event.nonce), (id, CUSTOMS, world.statement.nonce));
    assert_eq!((event.presenter, done.logs.len()), (SHIPPER, 1));
    assert_eq!(world.accept().unwrap_err().error::<E::Replayed>().nonce, world.statement.nonce);
    world.check().unwrap();
    // Nor can it be asked again, and so answered again.
    let error = world.send(CUSTOMS, world.statement.ask_call()).unwrap_err();
    assert_eq!(error.error::<E::NonceUsed>().nonce, world.statement.nonce);
}

#[test]
fn what_is_registered_and_asked_is_in_events() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    let done = world.register();
    let event = E::StatementRegistered::decode_log(&done.logs[0]).unwrap();
    assert_eq!((event.statement, event.verifier), (world.statement.id(), CUSTOMS));
    assert_eq!(event.content, world.statement.statement);
    assert_eq!(done.output[..], world.statement.id()[..]);
    let done = world.ask();
    let event = E::Asked::decode_log(&done.logs[0]).unwrap();
    assert_eq!((event.statement, event.nonce), (world.statement.id(), world.statement.nonce));
    assert_eq!((event.expires, event.bound), (seconds(EXPIRES), false));
}

#[test]
fn a_statement_is_its_verifiers() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    world.anchor();
    world.check().unwrap_err().error::<E::StatementUnknown>();
    // Somebody else registers it: that is another statement.
    world.send(SHIPPER, world.statement.register_call()).unwrap();
    assert_eq!(world.check().unwrap_err().error::<E::StatementUnknown>().statement, world.statement.id());
    world.send(CUSTOMS, world.statement.ask_call()).unwrap_err().error::<E::StatementUnknown>();
    world.register();
    let error = world.send(CUSTOMS, world.statement.register_call()).unwrap_err();
    assert_eq!(error.error::<E::StatementKnown>().statement, world.statement.id());
    // Nobody else asks under it, or withdraws it.
    world.send(SHIPPER, world.statement.ask_call()).unwrap_err().error::<E::StatementUnknown>();
    world.send(SHIPPER, world.statement.withdraw_call()).unwrap_err().error::<E::StatementUnknown>();
    world.ask();
    world.check().unwrap();
    let done = world.send(CUSTOMS, world.statement.withdraw_call()).unwrap();
    assert_eq!(E::StatementWithdrawn::decode_log(&done.logs[0]).unwrap().statement, world.statement.id());
    world.check().unwrap_err().error::<E::StatementUnknown>();
    world.send(CUSTOMS, world.statement.withdraw_call()).unwrap_err().error::<E::StatementUnknown>();
}

#[test]
fn any_change_of_a_statement_makes_another() {
    let mut world = World::new();
    let changes: [fn(&mut abi::Statement); 9] = [
        |s| s.proofs = CARRIER,
        |s| s.audience.push('2'),
        |s| s.policy.0[0] ^= 1,
        |s| s.until += 1,
        |s| s.roles[0].attesters.push(SHIPPER),
        |s| s.roles[0].complete = Default::default(),
        |s| s.roles[0].currency.needed ^= true,
        |s| s.verdicts[0].bounds = Default::default(),
        |s| s.sameCurrency.clear(),
    ];
    let honest = world.statement.statement.clone();
    for change in changes {
        world.statement.statement = honest.clone();
        change(&mut world.statement.statement);
        assert_ne!(world.statement.statement, honest);
        world.check().unwrap_err().error::<E::StatementUnknown>();
    }
}

#[test]
fn a_statement_that_holds_vacuously_is_not_registered() {
    let changes: [fn(&mut abi::Statement); 9] = [
        |s| s.roles.clear(),
        |s| s.verdicts.clear(),
        |s| s.verdicts[0].chains.clear(),
        |s| s.verdicts[0].chains[0].role = 2,
        |s| s.roles[0].least = 0,
        |s| s.roles[0].least = s.roles[0].most + 1,
        |s| s.roles[0].attesters.clear(),
        |s| s.proofs = Default::default(),
        |s| s.roles = vec![s.roles[0].clone(); 257],
    ];
    for change in changes {
        let mut world = World::bare(CHAIN, &UNBOUND);
        change(&mut world.statement.statement);
        let call = world.statement.register_call();
        world.send(CUSTOMS, call).unwrap_err().error::<E::StatementMalformed>();
    }
}

#[test]
fn what_was_not_asked() {
    let mut world = World::bare(CHAIN, &UNBOUND);
    world.anchor();
    world.register();
    world.check().unwrap_err().error::<E::NotAsked>();
    world.accept().unwrap_err().error::<E::NotAsked>();
    let refused = |change: fn(&mut abi::Presentation)| World::refused(change).error::<E::NotAsked>();
    refused(|p| p.nonce = B256::repeat_byte(8));
    // The holder cannot give itself more time.
    refused(|p| p.expires += 1);
}

#[test]
fn a_request_out_of_its_time() {
    let mut world = World::new();
    world.chain.at(seconds(EXPIRES) - 1);
    world.check().unwrap();
    world.chain.at(seconds(EXPIRES));
    assert_eq!(world.check().unwrap_err().error::<E::RequestExpired>().expires, seconds(EXPIRES));
    // Nor is it asked when it has expired.
    let mut world = World::bare(CHAIN, &UNBOUND);
    world.register();
    world.chain.at(seconds(EXPIRES));
    world.send(CUSTOMS, world.statement.ask_call()).unwrap_err().error::<E::RequestExpired>();
}

#[test]
fn a_policy_out_of_force() {
    // The last day counts, the day after does not; nor does the second before the first.
    assert_eq!(World::new().statement.statement.until, seconds("2027-01-01T00:00:00Z"));
    assert_eq!(World::new().statement.statement.from, seconds("2026-01-01T00:00:00Z"));
    let now = seconds(super::world::NOW);
    let ends = |until| World::refused_under(move |s| s.until = until).error::<E::NotInForce>().until;
    assert_eq!(ends(now), now);
    let begins = World::refused_under(move |s| s.from = now + 1).error::<E::NotInForce>();
    assert_eq!(begins.from, now + 1);
}

#[test]
fn another_policy_audience_nonce_or_expiry_is_another_context() {
    World::refused_under(|s| s.policy.0[31] ^= 1).error::<E::OtherContext>();
    World::refused_under(|s| s.audience = "port office".into()).error::<E::OtherContext>();
    World::refused_under(|s| s.roles[1].name = "manifesto".into()).error::<E::OtherContext>();
    let asked = |change: fn(&mut World)| {
        let mut world = World::bare(CHAIN, &UNBOUND);
        world.anchor();
        world.register();
        change(&mut world);
        world.ask();
        world.presentation.nonce = world.statement.nonce;
        world.presentation.expires = world.statement.expires;
        world.check().unwrap_err().error::<E::OtherContext>();
    };
    asked(|world| world.statement.nonce.0[0] ^= 1);
    asked(|world| world.statement.expires += 1);
}

#[test]
fn the_registrys_calls_are_those_of_its_abi() {
    let abi: serde_json::Value = serde_json::from_str(consign_contracts::artifacts::REGISTRY.json).unwrap();
    let mut names: Vec<&str> = abi["abi"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "function")
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "anchor", "anchorOf", "ask", "check", "register", "revoke", "withdraw"]);
    // A selector is of names and types: a call that decodes there is the very one that is encoded here.
    assert_eq!(E::revokeCall::SIGNATURE, "revoke(uint256)");
}

#[test]
fn a_policy_that_no_chain_can_check() {
    let statement = |toml: &str, change: fn(&mut Parties)| {
        let mut parties = parties(CARRIER);
        change(&mut parties);
        OnChain::new(&Request { policy: policy(toml), ..request(None) }, parties).unwrap_err()
    };
    let same = format!("same = [\"shipment\"]\n{POLICY}");
    assert_eq!(statement(&same, |_| ()), StatementError::Reference("shipment".into()));
    let numbers = POLICY.replacen("kind = \"cargo-manifest\"", "kind = \"cargo-manifest\"\nexpected = [\"MAN-1\"]", 1);
    assert_eq!(statement(&numbers, |_| ()), StatementError::Reference("document".into()));
    let missing = |p: &mut Parties| drop(p.attesters.remove("invoice"));
    assert_eq!(statement(POLICY, missing), StatementError::NoAttester("invoice".into()));
    let none = |p: &mut Parties| drop(p.attesters.insert("manifest".into(), Default::default()));
    assert_eq!(statement(POLICY, none), StatementError::NoAttester("manifest".into()));
    let other = |p: &mut Parties| drop(p.attesters.insert("waybill".into(), Default::default()));
    assert_eq!(statement(POLICY, other), StatementError::UnknownRole("waybill".into()));
}

#[test]
fn a_statement_file_is_of_its_request() {
    let made = OnChain::new(&request(None), parties(CARRIER)).unwrap();
    let bytes = made.to_bytes();
    assert_eq!(OnChain::parse(&bytes, &request(None)).unwrap(), made);
    // Another nonce is another question, another policy another statement.
    let read = |change: fn(&mut Request)| {
        let mut other = request(None);
        change(&mut other);
        OnChain::parse(&bytes, &other).unwrap_err()
    };
    assert_eq!(read(|r| r.nonce = [8; 32]), StatementError::OtherRequest("call ask"));
    assert_eq!(read(|r| r.audience = "port office".into()), StatementError::OtherRequest("id"));
    assert_eq!(read(|r| r.policy = policy(&POLICY.replace("26500", "26501"))), StatementError::OtherRequest("id"));
    let text = String::from_utf8(bytes).unwrap();
    let read = |text: &str| OnChain::parse(text.as_bytes(), &request(None)).unwrap_err();
    assert!(matches!(read(&text.replace("statement/1", "statement/2")), StatementError::Version(_)));
    assert!(matches!(read(&text[1..]), StatementError::Json(_)));
    assert!(matches!(read(&" ".repeat(MAX_BYTES + 1)), StatementError::TooLarge(_)));
}
