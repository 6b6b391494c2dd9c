//! What goes on a chain: the files of all parties, and that their calls do there what they say.

use alloy_primitives::{Address, Bytes, address};
use consign_contracts::abi::IRegistry;
use serde_json::Value;

use crate::{evm::Chain, flow::flow, harness::Folder};

const DEPLOYER: Address = address!("0x00000000000000000000000000000000000000d0");
const CUSTOMS: Address = address!("0x00000000000000000000000000000000000000c0");
const CARRIER: Address = address!("0x00000000000000000000000000000000000000ca");

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_slice(&folder.read(name)).unwrap()
}

fn call(json: &Value) -> Vec<u8> {
    json.as_str().unwrap().parse::<Bytes>().unwrap().to_vec()
}

#[test]
fn an_answer_is_accepted_on_the_chain_that_it_is_bound_to() {
    let (carrier, customs, shipper) = (flow().carrier.copy(), flow().customs.copy(), flow().shipper.copy());
    let now = jiff::Timestamp::now().as_second() as u64;
    let mut chain = Chain::new(137, now);
    let mut other = Chain::new(1, now);

    customs.ok(&["chain", "contracts"]);
    let contracts = json(&customs, "contracts.json");
    let [registry, proofs] = ["registry", "proofs"].map(|name| {
        let data = call(&contracts[name]["deploy"]);
        let made = chain.deploy(DEPLOYER, data.clone()).unwrap().created.unwrap();
        assert_eq!(other.deploy(DEPLOYER, data).unwrap().created, Some(made));
        made
    });
    let bound = format!("137:{registry}");
    let (proofs, verifier) = (proofs.to_string(), CUSTOMS.to_string());
    let attester = format!("manifest={CARRIER}");

    let attest = ["attest", "manifest.xml", "--key", "carrier.key", "--holder", "shipper.pub", "-o", "again.dossier"];
    carrier.ok(&[&attest[..], &["--anchor", "again.anchor"]].concat());
    carrier.fails(2, "exists already", &[&attest[..7], &["third.dossier", "--anchor", "again.anchor"]].concat());
    carrier.send("again.dossier", &shipper);
    carrier.send("again.anchor", &shipper);
    let ask = [
        "request",
        "eu-road",
        "--set",
        "payload=26500 kg",
        "--key",
        "customs.key",
        "--chain",
        &bound,
        "-o",
        "road.json",
    ];
    assert!(customs.ok(&ask).stderr.contains("accepted by contract 0x"));
    let statement = ["chain", "statement", "road.json", "--verifier", &verifier, "--proofs", &proofs];
    customs.ok(&[&statement[..], &["--attester", &attester]].concat());
    customs.send("road.json", &shipper);
    customs.send("statement.json", &shipper);
    shipper.ok(&["prove", "road.json", "again.dossier", "--key", "shipper.key", "-o", "road.answer.json"]);
    let anchor = format!("{CARRIER}=again.anchor");
    let answer = ["chain", "answer", "road.answer.json", "--statement", "statement.json"];
    shipper.ok(&[&answer[..], &["--anchor", &anchor]].concat());

    let (anchored, asked, calls) =
        (json(&carrier, "again.anchor"), json(&customs, "statement.json"), json(&shipper, "calls.json"));
    for chain in [&mut chain, &mut other] {
        chain.send(CARRIER, registry, call(&anchored["anchor"])).unwrap();
        chain.send(CUSTOMS, registry, call(&asked["register"])).unwrap();
        chain.send(CUSTOMS, registry, call(&asked["ask"])).unwrap();
    }
    other.call(CUSTOMS, registry, call(&calls["check"])).unwrap_err().error::<IRegistry::OtherContext>();
    chain.call(CUSTOMS, registry, call(&calls["check"])).unwrap();
    chain.send(CUSTOMS, registry, call(&calls["accept"])).unwrap();
    chain.send(CUSTOMS, registry, call(&calls["accept"])).unwrap_err().error::<IRegistry::Replayed>();
    chain.send(CARRIER, registry, call(&anchored["revoke"])).unwrap();
    chain.call(CUSTOMS, registry, call(&calls["check"])).unwrap_err().error::<IRegistry::AttestationRevoked>();
    chain.send(CUSTOMS, registry, call(&asked["withdraw"])).unwrap();

    // Off the chain it verifies as any answer does, and says what it is bound to.
    shipper.send("road.answer.json", &customs);
    let verified = customs.ok(&["verify", "road.answer.json", "--request", "road.json"]);
    assert!(verified.stdout.contains("bound to contract 0x"), "{}", verified.stdout);
    assert!(customs.ok(&["inspect", "road.json"]).stdout.contains("on chain 137"));

    // What does not fit together.
    carrier.ok(&[&attest[..7], &["fourth.dossier", "--anchor", "fourth.anchor"]].concat());
    carrier.send("fourth.anchor", &shipper);
    let fourth = format!("{CARRIER}=fourth.anchor");
    let words = [&answer[..], &["-o", "new.json", "--anchor", &fourth]].concat();
    shipper.fails(2, "no anchor for document 1, the manifest", &words);
    // The same question asked again is another: its nonce is new.
    customs.ok(&[&ask[..ask.len() - 1], &["second.json"]].concat());
    let second = ["chain", "statement", "second.json", "--verifier", &verifier, "--proofs", &proofs];
    customs.ok(&[&second[..], &["--attester", &attester, "-o", "second.statement.json"]].concat());
    customs.send("second.statement.json", &shipper);
    let answer = ["chain", "answer", "road.answer.json", "--statement", "second.statement.json", "-o", "new.json"];
    let words = [&answer[..], &["--anchor", &anchor]].concat();
    shipper.fails(1, "the statement is not of this request: its call ask", &words);
}

#[test]
fn what_no_chain_can_check_makes_no_statement() {
    let customs = flow().customs.copy();
    let address = CUSTOMS.to_string();
    let (manifest, invoice) = (format!("manifest={address}"), format!("invoice={address}"));
    let statement =
        ["chain", "statement", "request.json", "--verifier", &address, "--proofs", &address, "--attester", &manifest];
    customs.fails(
        3,
        "shipment reference, which no chain is to see",
        &[&statement[..], &["--attester", &invoice]].concat(),
    );
    let waybill = format!("waybill={address}");
    customs.fails(2, "the policy has no role \"waybill\"", &[&statement[..], &["--attester", &waybill]].concat());
}
