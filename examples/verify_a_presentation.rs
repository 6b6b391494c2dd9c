//! Verifies, as customs, what the example `prove_a_claim` left in its folder.
//!
//! `cargo run --release --example verify_a_presentation [FOLDER]`; the folder is by default `target/example`.

use std::{error::Error, fs, path::PathBuf, time::Instant};

use consign_circuits::{
    answers::MemoryAnswers,
    keys::VerifyingKeys,
    request::SignedRequest,
    verify::{Known, Reader, VerifyError, verify},
};
use consign_crypto::{status::StatusLists, trust::TrustList};
use jiff::Timestamp;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/example".into()));
    let read = |name: &str| {
        let hint = "run the example prove_a_claim first";
        fs::read(folder.join(name)).map_err(|e| format!("{}: {e}; {hint}", folder.join(name).display()))
    };
    let keys = VerifyingKeys::parse(read("verify.keys")?)?;
    let trust = TrustList::parse(std::str::from_utf8(&read("trust.toml")?)?)?;
    let request = SignedRequest::parse(&read("request.json")?)?;
    let answer = read("answer.json")?;

    // Customs keeps on disk which nonce was answered by what; here it forgets when the program ends.
    let mut answers = MemoryAnswers::default();
    let known = Known { trust: &trust, status: &StatusLists::default(), keys: &keys, now: Timestamp::now() };
    let started = Instant::now();
    let report = verify(&answer, known, Reader::Audience { request: &request, answers: &mut answers })?;

    println!("verified in {:.1?}, with the key set of {}", started.elapsed(), report.key_set_made_by);
    for document in &report.documents {
        println!("{}: a {} attested by {} on {}", document.role, document.kind, document.issuer, document.issued);
        println!("  disclosed of it: {}", document.disclosed.keys().cloned().collect::<Vec<_>>().join(", "));
    }
    for claim in &report.claims {
        println!("true: {}", claim.claim);
    }
    println!("not promised:");
    report.not_promised().iter().for_each(|line| println!("  {line}"));

    // An answer with one digit of a public input changed is not what the holder signed.
    let text = String::from_utf8(answer)?;
    let at = text.find("\"inputs\":[\"").ok_or("an answer has public inputs")? + 11 + 63;
    let digit = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    let mut changed = text;
    changed.replace_range(at..=at, digit);
    match verify(changed.as_bytes(), known, Reader::ThirdParty) {
        Err(error @ VerifyError::Holder { .. }) => {
            println!("one digit changed: {error}");
            Ok(())
        }
        other => Err(format!("a changed answer was not refused as it should be: {other:?}").into()),
    }
}
