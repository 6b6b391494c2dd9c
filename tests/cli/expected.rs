//! What a verifier reads from files beside the policy: the documents that it expects, and the codes of a parameter.

use serde_json::{Value, json};

use crate::{
    flow::flow,
    harness::{Folder, Run},
};

const REQUEST: [&str; 6] = ["request", "quota", "--set", "quota=50 t", "--key", "customs.key"];

/// `consign request` for a quota with more options.
fn asks<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&REQUEST[..], more].concat()
}

/// Customs with two lists of numbers and one of codes, and the shipper with three declarations of sugar.
fn parties() -> (Folder, Folder) {
    let (customs, shipper) = (flow().customs.copy(), flow().shipper.copy());
    customs.write("first.txt", "DEC-1\n\nDEC-2\n");
    customs.write("second.txt", "DEC-1\nDEC-3\n");
    customs.write("sugar.txt", "# raw cane sugar\n170113\n170114\n");
    shipper.ok(&["keygen", "Broker", "-o", "broker.key"]);
    shipper.ok(&["id", "--key", "broker.key", "-o", "broker.pub"]);
    shipper.send("broker.pub", &customs);
    for party in [&customs, &shipper] {
        party.ok(&["trust", "add", "broker.pub", "--as", "issuer:customs-declaration"]);
    }
    for number in 1..=3 {
        let line =
            json!({"id": "1", "description": "sugar", "hs": "170113", "net_mass": {"value": "10000", "unit": "KGM"}});
        let declaration = json!({
            "consign": "document/1",
            "kind": "customs-declaration",
            "profile": 1,
            "number": format!("DEC-{number}"),
            "lines": [line],
        });
        let name = format!("dec-{number}.json");
        shipper.write(&name, declaration.to_string());
        shipper.ok(&["attest", &name, "--key", "broker.key", "--holder", "shipper.pub"]);
    }
    (customs, shipper)
}

#[test]
fn exactly_the_documents_that_are_expected() {
    let (customs, shipper) = parties();
    for (numbers, request) in [("declarations=first.txt", "first.json"), ("declarations=second.txt", "second.json")] {
        let run = customs.ok(&asks(&["--set", "goods=@sugar.txt", "--expect", numbers, "-o", request]));
        assert!(run.stderr.contains("170113, 170114"), "{}", run.stderr);
        customs.send(request, &shipper);
    }
    let prove =
        |request, third, answer| ["prove", request, "dec-1.dossier", third, "--key", "shipper.key", "-o", answer];
    let missing = "document \"DEC-3\" of declarations is expected and not there";
    shipper.fails(1, missing, &prove("second.json", "dec-2.dossier", "answer-2.json"));
    for (request, third, answer) in
        [("first.json", "dec-2.dossier", "answer-1.json"), ("second.json", "dec-3.dossier", "answer-2.json")]
    {
        shipper.ok(&prove(request, third, answer));
        shipper.send(answer, &customs);
        let run = customs.ok(&["verify", answer, "--request", request]);
        assert!(
            run.stdout.contains("of all 2 documents that the verifier expects, by their numbers"),
            "{}",
            run.stdout
        );
    }

    // A document that another request expected, in the place of one that this does.
    let read = |name: &str| -> Value { serde_json::from_slice(&customs.read(name)).unwrap() };
    let mut answer = read("answer-2.json");
    answer["documents"][1] = read("answer-1.json")["documents"][1].take();
    customs.write("other.json", answer.to_string());
    let refused = format!("what is disclosed does not satisfy the policy: {missing}");
    customs.fails(1, &refused, &["verify", "other.json", "--request", "second.json"]);
}

#[test]
fn numbers_and_codes_that_do_not_do() {
    let customs = flow().customs.copy();
    customs.write("empty.txt", "");
    customs.write("blank.txt", "\n \n");
    customs.write("numbers.txt", "DEC-1\nDEC-2\n");
    customs.write("twice.txt", "DEC-1\nDEC-2\nDEC-1\n");
    customs.write("comment.txt", "# none yet\n");
    customs.write("wrong.txt", "170113\n17011\n");
    let fails = |status, with: &str, more: &[&str]| -> Run { customs.fails(status, with, &asks(more)) };
    let goods = ["--set", "goods=1701"];
    for (status, with, expect) in [
        (3, "no.txt: ", "declarations=no.txt"),
        (3, "empty.txt has no document numbers", "declarations=empty.txt"),
        (3, "blank.txt has no document numbers", "declarations=blank.txt"),
        (3, "the policy has no role \"manifests\"", "manifests=numbers.txt"),
        (3, "role declarations: document \"DEC-1\" is expected twice", "declarations=twice.txt"),
    ] {
        fails(status, with, &[&goods[..], &["--expect", expect]].concat());
    }
    let both = ["--expect", "declarations=numbers.txt", "--expect", "declarations=numbers.txt"];
    fails(2, "the documents of declarations are expected twice", &[&goods[..], &both].concat());
    customs.write(
        "three.toml",
        "name = \"three\"\nversion = \"1\"\nvalid-from = 2026-01-01\n[roles.declarations]\nkind = \"customs-declaration\"\n\
         documents = 3\n[[claims]]\nclaim = \"count over declarations >= 1\"\nsource = \"a test\"\n",
    );
    let three = ["request", "three.toml", "--key", "customs.key", "--expect", "declarations=numbers.txt"];
    customs.fails(3, "role declarations: 2 documents are expected by number, and documents says 3", &three);

    for (status, with, set) in [
        (3, "no.txt: ", "goods=@no.txt"),
        (3, "empty.txt: it has no codes", "goods=@empty.txt"),
        (3, "comment.txt: it has no codes", "goods=@comment.txt"),
    ] {
        fails(status, with, &["--set", set]);
    }
    // The claim stands between error and hint, with the place of the parameter.
    let run = customs.run(&asks(&["--set", "goods=@wrong.txt"]));
    assert_eq!(run.status, 3);
    let wrong = "in the value of $goods: \"17011\" is not an HS code of 2, 4 or 6 digits";
    assert!(run.stderr.contains(wrong), "{}", run.stderr);
}
