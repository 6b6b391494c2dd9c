//! `examples/verify.mjs`, which shares no code with us, on a real presentation and on tampered ones: each field has its
//! refusal. Tampering that a holder's signature would show at once is done by a dishonest holder, who signs anew.

use ark_bn254::Fr;
use ark_ff::Field;
use consign_circuits::presentation::{
    Judged, Presentation, PresentedDocument, ProvedDirect, ProvedVerdict, proofs_digest,
};
use consign_crypto::identity::Identity;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    export::node,
    flow::flow,
    harness::{Folder, example},
};

const FILES: [&str; 5] = ["answer.json", "request.json", "statement.json", "verify.keys", "home/trust.toml"];

/// What the program says in a folder; `None` where it cannot run.
fn says(folder: &Folder) -> Option<(bool, String)> {
    node("examples/verify.mjs", folder, &FILES)
}

fn customs() -> Folder {
    let customs = flow().customs.copy();
    customs.ok(&["export", "statement", "request.json"]);
    customs
}

/// The program refuses what stands in the folder, with these words.
#[track_caller]
fn refuses(folder: &Folder, with: &str) {
    let Some((yes, printed)) = says(folder) else { return };
    assert!(!yes && printed.contains(&format!("Error: {with}")), "not {with:?}: {printed}");
}

/// Changes a file's JSON in a copy, and expects the refusal.
#[track_caller]
fn changed(from: &Folder, name: &str, with: &str, change: &dyn Fn(&mut Value)) {
    let folder = from.copy();
    let mut json: Value = serde_json::from_slice(&folder.read(name)).unwrap();
    change(&mut json);
    folder.write(name, serde_json::to_vec(&json).unwrap());
    refuses(&folder, with);
}

fn flipped(text: &Value, at: usize) -> Value {
    let mut text = text.as_str().unwrap().to_owned();
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    text.replace_range(at..=at, other);
    text.into()
}

#[test]
fn a_presentation_verifies_without_our_code() {
    let customs = customs();
    let Some((yes, printed)) = says(&customs) else { return };
    assert!(yes && printed.starts_with("yes: 2 documents"), "{printed}");
    // The statement of the request in a presentation is the same.
    customs.ok(&["export", "statement", "answer.json", "-o", "other.json"]);
    assert_eq!(customs.read("other.json"), customs.read("statement.json"));
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let customs = customs();
    if says(&customs).is_none() {
        return;
    }
    let answer = |with: &str, change: &dyn Fn(&mut Value)| changed(&customs, "answer.json", with, change);
    answer("another version", &|a| a["consign"] = "presentation/2".into());
    answer("answer: members", &|a| a["more"] = true.into());
    answer("the answer is not to this request", &|a| a["request"] = flipped(&a["request"], 200));
    answer("document 1: no role other", &|a| a["documents"][0]["role"] = "other".into());
    answer("document 1: signature", &|a| {
        let attestation = a["documents"][0]["attestation"].as_str().unwrap();
        let at = attestation.find('~').unwrap() - 30;
        a["documents"][0]["attestation"] = flipped(&a["documents"][0]["attestation"], at);
    });
    let parts = |a: &mut Value, change: &dyn Fn(&mut Vec<String>)| {
        let attestation = &mut a["documents"][0]["attestation"];
        let mut parts: Vec<String> = attestation.as_str().unwrap().split('~').map(str::to_owned).collect();
        change(&mut parts);
        *attestation = parts.join("~").into();
    };
    answer("document 1: ", &|a| parts(a, &|parts| drop(parts.remove(1))));
    // ["salt","currency","EUR"], which nobody signed.
    let forged = "WyJzYWx0IiwiY3VycmVuY3kiLCJFVVIiXQ";
    answer("document 1: currency was not signed", &|a| parts(a, &|parts| parts.insert(1, forged.into())));
    answer("document 1: presented with other disclosures", &|a| parts(a, &|parts| parts.swap(1, 2)));
    answer("document 1, holder: signature", &|a| {
        let text = a["documents"][0]["attestation"].as_str().unwrap();
        a["documents"][0]["attestation"] = flipped(&a["documents"][0]["attestation"], text.len() - 30);
    });
    answer("document 2: order of roles", &|a| a["documents"].as_array_mut().unwrap().reverse());
    answer("invoice: number of documents", &|a| {
        a["documents"].as_array_mut().unwrap().retain(|document| document["role"] != "invoice");
    });
    // One document for two: what only its holder's other signature would have to cover.
    answer("one document twice", &|a| {
        let again = a["documents"][0].clone();
        a["documents"].as_array_mut().unwrap().insert(0, again);
    });
    let tally = |a: &mut Value, change: &dyn Fn(&mut Value)| change(&mut a["verdicts"][0]["chains"][0][0]);
    answer("verdict 1, chain 1, tally 1: circuit", &|a| tally(a, &|t| t["circuit"] = "verdict".into()));
    answer("verdict 1, chain 1, tally 1: number of public inputs", &|a| {
        tally(a, &|t| drop(t["inputs"].as_array_mut().unwrap().pop()));
    });
    answer("verdict 1, chain 1, tally 1: not below the modulus", &|a| {
        tally(a, &|t| t["inputs"][0] = "f".repeat(64).into());
    });
    answer("verdict 1, chain 1, tally 1: no commitment", &|a| tally(a, &|t| t["inputs"][4] = t["inputs"][3].clone()));
    answer("verdict 1, chain 1, tally 1: no point of the group", &|a| {
        tally(a, &|t| t["proof"]["a"][0] = t["proof"]["a"][1].clone());
    });
    for input in 0..3 {
        answer("document 1: presented with other proofs", &|a| {
            tally(a, &|t| t["inputs"][input] = t["inputs"][3].clone());
        });
    }

    let statement = |with: &str, change: &dyn Fn(&mut Value)| changed(&customs, "statement.json", with, change);
    statement("the statement is of another policy", &|s| s["policy_digest"] = "0".repeat(64).into());
    statement("document 1: kind", &|s| s["roles"]["invoice"]["kind"] = "packing-list".into());
    statement("verdict 1, chain 1, tally 1: rows are missing before it", &|s| {
        for role in s["roles"].as_object_mut().unwrap().values_mut() {
            role["kind_number"] = 9.into();
        }
    });
    statement("document 1: issuer not in the policy", &|s| s["roles"]["invoice"]["issuers"] = vec!["Nobody"].into());
    statement("document 1: secret not complete", &|s| s["roles"]["invoice"]["complete"] = vec!["secret"].into());
    statement("verdict 1: other bounds", &|s| s["verdicts"][0]["bounds"][0]["hi"] = "12".into());
    statement("verdict 1: other bounds", &|s| s["verdicts"][0]["bounds"][11]["terms"][2]["weight"] = 1.into());
    for (part, value) in [("tests", "codes"), ("thresholds", "at_least")] {
        let other = if value == "codes" { serde_json::json!([1, 2]) } else { 5.into() };
        statement("verdict 1, chain 1, tally 1: other filters", &|s| {
            s["verdicts"][0]["chains"][0][part][1][value] = other.clone();
        });
    }
    statement("verdict 1, chain 1, tally 1: other filters", &|s| {
        let group = serde_json::json!({ "members": [3], "negated": true });
        s["verdicts"][0]["chains"][0]["filters"][5] =
            serde_json::json!({ "kind": "document", "a": group, "b": group, "threshold": group });
    });
    statement("number of verdicts", &|s| s["verdicts"] = Value::Array(Vec::new()));

    let trust = |with: &str, from: &str, to: &str| {
        let folder = customs.copy();
        let text = String::from_utf8(folder.read("home/trust.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        folder.write("home/trust.toml", text.replace(from, to));
        refuses(&folder, with);
    };
    trust("Rotterdam Customs is not trusted for this", "\"verifier\"", "\"sender\"");
    trust("Blue Meridian Lines is not trusted for this", "issuer:cargo-manifest", "issuer:packing-list");
    let keys = customs.copy();
    let mut bytes = keys.read("verify.keys");
    *bytes.last_mut().unwrap() ^= 1;
    keys.write("verify.keys", &bytes);
    refuses(&keys, "keys: digest of direct-40/verifying");
    let other = customs.copy();
    let text = String::from_utf8_lossy(&other.read("home/trust.toml")).into_owned();
    let id: String = text.split("id = \"").nth(1).unwrap().chars().take(64).collect();
    other.write("home/trust.toml", text.replace(&id, &"0".repeat(64)));
    refuses(&other, "the key set is not accepted");
}

/// A presentation whose verdicts are changed, and which its holder signs again.
fn signed_again(folder: &Folder, holder: &Identity, change: &dyn Fn(&mut Vec<Judged>)) -> Vec<u8> {
    let mut presentation = Presentation::parse(&folder.read("answer.json")).unwrap();
    change(&mut presentation.verdicts);
    let proofs = proofs_digest(&presentation.verdicts);
    let request = presentation.request.clone();
    let now = Timestamp::now();
    let again = |document: PresentedDocument| {
        let sd_jwt = document.attestation.sd_jwt().clone();
        let attestation = sd_jwt.bind(holder, &request.request().audience, &request.nonce(), &proofs, now).unwrap();
        PresentedDocument { role: document.role, attestation }
    };
    presentation.documents = presentation.documents.into_iter().map(again).collect();
    presentation.to_bytes()
}

#[test]
fn what_a_dishonest_holder_signs_is_refused() {
    let customs = customs();
    if says(&customs).is_none() {
        return;
    }
    let holder = Identity::parse(&String::from_utf8(flow().shipper.read("shipper.key")).unwrap()).unwrap();
    let holder_signs = |with: &str, change: &dyn Fn(&mut Vec<ProvedVerdict>)| {
        let folder = customs.copy();
        let change = |verdicts: &mut Vec<Judged>| {
            let tallied = |verdict| match verdict {
                Judged::Tallied(verdict) => verdict,
                Judged::Direct(_) => panic!("two documents are not judged directly"),
            };
            let mut tallied = verdicts.drain(..).map(tallied).collect();
            change(&mut tallied);
            verdicts.extend(tallied.into_iter().map(Judged::Tallied));
        };
        folder.write("answer.json", signed_again(&customs, &holder, &change));
        refuses(&folder, with);
        // Our own verifier refuses it too.
        folder.fails(1, "", &["verify", "answer.json", "--request", "request.json"]);
    };
    let same = customs.copy();
    same.write("answer.json", signed_again(&customs, &holder, &|_| ()));
    assert_eq!(says(&same).map(|(yes, _)| yes), Some(true));

    let place = "verdict 1, chain 1, tally 1";
    holder_signs("number of verdicts", &|v| v.push(v[0].clone()));
    holder_signs("verdict 1: number of chains", &|v| drop(v[0].chains.pop()));
    holder_signs("verdict 1: number of chains", &|v| {
        let again = v[0].chains[0].clone();
        v[0].chains.push(again);
    });
    holder_signs(&format!("{place}: other filters"), &|v| v[0].chains[0][0].statement.filters += Fr::ONE);
    holder_signs(&format!("{place}: rows are missing before it"), &|v| v[0].chains[0][0].statement.start += Fr::ONE);
    holder_signs("verdict 1, chain 1: the last rows are missing", &|v| v[0].chains[0][0].statement.end += Fr::ONE);
    holder_signs("verdict 1, chain 1: the last rows are missing", &|v| v[0].chains[0].clear());
    holder_signs("verdict 1: other bounds", &|v| v[0].statement.bounds += Fr::ONE);
    holder_signs("verdict 1: not the sum of its tallies", &|v| {
        v[0].statement.totals = v[0].chains[0][0].statement.totals;
    });
    holder_signs("verdict 1: made for another request", &|v| v[0].statement.context += Fr::ONE);
    holder_signs(&format!("{place}: the proof does not verify"), &|v| {
        v[0].chains[0][0].proof = v[0].chains[1][0].proof;
    });
    holder_signs("verdict 1: the proof does not verify", &|v| v[0].proof = v[0].chains[0][0].proof);
}

/// The parties with an answer about a short invoice: a direct verdict.
fn direct() -> Folder {
    let (customs, shipper) = (customs(), flow().shipper.copy());
    customs.write(
        "weight.toml",
        "name = \"weight\"\nversion = \"1\"\nvalid-from = 2026-01-01\n[roles.invoice]\nkind = \"commercial-invoice\"\n\
         [[claims]]\nclaim = \"every origin of invoice in DE, CZ\"\nsource = \"a test\"\n",
    );
    customs.ok(&["request", "weight.toml", "--key", "customs.key", "-o", "request.json", "--force"]);
    customs.ok(&["export", "statement", "request.json", "--force"]);
    customs.send("request.json", &shipper);
    std::fs::copy(example("documents/invoice.json"), shipper.path("short.json")).unwrap();
    shipper.ok(&["attest", "short.json", "--key", "shipper.key"]);
    shipper.ok(&["prove", "request.json", "short.dossier", "--key", "shipper.key", "--force"]);
    shipper.send("answer.json", &customs);
    customs
}

#[test]
fn a_direct_verdict_verifies_without_our_code() {
    let customs = direct();
    let json: Value = serde_json::from_slice(&customs.read("answer.json")).unwrap();
    assert_eq!(json["verdicts"][0]["circuit"], "direct-40");
    customs.ok(&["verify", "answer.json", "--request", "request.json"]);
    customs.ok(&["export", "proof", "answer.json", "-o", "proofs"]);
    customs.read("proofs/1-direct-40.proof.json");
    let Some((yes, printed)) = says(&customs) else { return };
    assert!(yes && printed.starts_with("yes: 1 documents, 1 proofs"), "{printed}");

    let answer = |with: &str, change: &dyn Fn(&mut Value)| changed(&customs, "answer.json", with, change);
    answer("verdict 1: members", &|a| a["verdicts"][0]["chains"] = Value::Array(Vec::new()));
    answer("verdict 1: circuit", &|a| a["verdicts"][0]["circuit"] = "verdict".into());
    answer("verdict 1: number of public inputs", &|a| {
        a["verdicts"][0]["inputs"].as_array_mut().unwrap().pop();
    });
    answer("document 1: presented with other proofs", &|a| {
        a["verdicts"][0]["inputs"][0] = a["verdicts"][0]["inputs"][1].clone();
    });

    let holder = Identity::parse(&String::from_utf8(flow().shipper.read("shipper.key")).unwrap()).unwrap();
    let holder_signs = |with: &str, change: &dyn Fn(&mut ProvedDirect)| {
        let folder = customs.copy();
        let change = |verdicts: &mut Vec<Judged>| {
            let [Judged::Direct(direct)] = &mut verdicts[..] else { panic!("a direct verdict") };
            change(direct);
        };
        folder.write("answer.json", signed_again(&customs, &holder, &change));
        refuses(&folder, with);
        folder.fails(1, "", &["verify", "answer.json", "--request", "request.json"]);
    };
    holder_signs("verdict 1: other filters", &|d| d.statement.filters += Fr::ONE);
    holder_signs("verdict 1: rows are missing before it", &|d| d.statement.start += Fr::ONE);
    holder_signs("verdict 1, chain 1: the last rows are missing", &|d| d.statement.end += Fr::ONE);
    holder_signs("verdict 1: other bounds", &|d| d.statement.bounds += Fr::ONE);
    holder_signs("verdict 1: made for another request", &|d| d.statement.context += Fr::ONE);
    let other = Presentation::parse(&flow().customs.read("answer.json")).unwrap();
    let proof = *other.verdicts[0].own().2;
    holder_signs("verdict 1: the proof does not verify", &|d| d.proof = proof);
}
