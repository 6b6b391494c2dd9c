use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    jws::JwsError,
    samples::{party, rng, time},
};

/// RFC 9901, sections 4.2.3 and 5.1.
#[test]
fn digests_are_those_of_the_rfc() {
    for (text, name, value, digest) in [
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "family_name",
            "Möbius",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        (
            "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
            "given_name",
            "John",
            "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
        ),
        (
            "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
            "family_name",
            "Doe",
            "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
        ),
    ] {
        let disclosure = Disclosure::of(text);
        assert_eq!(disclosure.claim(1, &mut 4).unwrap(), (name.to_owned(), json!(value)));
        assert_eq!(disclosure.digest(), digest);
    }
    // The array element of section 4.2.4.2 has two parts; ours have three.
    let element = Disclosure::of("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0").claim(5, &mut 4);
    assert!(matches!(element, Err(SdJwtError::Disclosure(5))));
}

fn concealed(names: &[&str]) -> (Vec<String>, Vec<String>) {
    conceal(names.iter().map(|&n| (n.to_owned(), json!(n))).collect(), &mut rng(1))
}

fn sd_jwt(disclosures: &[String]) -> SdJwt {
    SdJwt::new("a.b.c", disclosures.iter().map(String::as_str))
}

fn check(digests: &[String], disclosures: &[String]) -> Result<BTreeMap<String, Value>, SdJwtError> {
    disclosed(digests, ALGORITHM, &["iss"], &sd_jwt(disclosures))
}

proptest! {
    #[test]
    fn a_presented_subset_discloses_itself(
        names in proptest::collection::btree_set("[a-z.]{1,12}", 0..80), mask: u128, seed: u64
    ) {
        prop_assume!(!names.contains("...") && !names.contains("iss"));
        let claims: BTreeMap<String, Value> = names.iter().map(|n| (n.clone(), json!({"n": n}))).collect();
        let (digests, all) = conceal(claims.clone(), &mut rng(seed));
        prop_assert!(digests.is_sorted() && digests.len().is_multiple_of(DIGESTS) && !digests.is_empty());
        let whole = sd_jwt(&all);
        let shown: BTreeMap<_, _> =
            claims.into_iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, c)| c).collect();
        let part = whole.showing(shown.keys().map(String::as_str)).unwrap();
        let read = SdJwt::parse(&part.to_string()).unwrap();
        prop_assert_eq!(&read, &part);
        prop_assert_eq!(disclosed(&digests, ALGORITHM, &["iss"], &read).unwrap(), shown);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[A-Za-z0-9_.~-]{0,200}") {
        if let Ok(read) = SdJwt::parse(&text) {
            prop_assert_eq!(read.to_string(), text.clone());
        }
        if let Ok(read) = Presented::parse(&text) {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}

#[test]
fn each_disclosure_is_hashed_in_exactly_once() {
    let (digests, all) = concealed(&["a", "b"]);
    let (_, others) = concealed(&["c", "d"]);
    let [a, b] = [all[0].clone(), all[1].clone()];
    assert_eq!(check(&digests, &all).unwrap().len(), 2);
    let twice = [a.clone(), a.clone()];
    assert!(matches!(check(&digests, &twice), Err(SdJwtError::RepeatedDisclosure(n)) if n == "a"));
    assert!(matches!(check(&digests, &others), Err(SdJwtError::Unreferenced(1))));
    let mut repeated = digests.clone();
    repeated.push(digests[3].clone());
    assert!(matches!(check(&repeated, &all), Err(SdJwtError::RepeatedDigest(d)) if d == digests[3]));
    assert!(
        matches!(disclosed(&digests, "sha-512", &[], &sd_jwt(&all)), Err(SdJwtError::Algorithm(a)) if a == "sha-512")
    );
    assert!(matches!(disclosed(&digests, ALGORITHM, &["b"], &sd_jwt(&all)), Err(SdJwtError::Clash(n)) if n == "b"));
    let second = Disclosure::conceal("b", &json!(2), &mut rng(2));
    let both = [digests, vec![Disclosure::of(&second).digest()]].concat();
    assert!(matches!(check(&both, &[b, second]), Err(SdJwtError::RepeatedName(n)) if n == "b"));
    // The same content in other words (a blank more) is another disclosure, which nobody signed.
    let spaced = String::from_utf8(URL_SAFE_NO_PAD.decode(&a).unwrap()).unwrap().replacen(',', ", ", 1);
    let spaced = URL_SAFE_NO_PAD.encode(spaced);
    let claim = |text: &str| Disclosure::of(text).claim(1, &mut 4).unwrap();
    assert_eq!(claim(&spaced), claim(&a));
    assert!(matches!(check(&both, &[spaced]), Err(SdJwtError::Unreferenced(1))));
}

#[test]
fn form() {
    let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
    for bad in ["[\"s\",\"n\"]", "[\"s\",\"n\",1,2]", "[1,\"n\",1]", "{}", "[\"s\",\"n\",{\"a\":1,\"a\":1}]", ""] {
        assert!(matches!(Disclosure::of(&encode(bad)).claim(3, &mut 100), Err(SdJwtError::Disclosure(3))), "{bad}");
    }
    for bad in [
        "[\"s\",\"_sd\",1]",
        "[\"s\",\"...\",1]",
        "[\"s\",\"n\",[{\"_sd\":[]}]]",
        "[\"s\",\"n\",[1,{\"_sd\":[]}]]",
        "[\"s\",\"n\",{\"a\":{\"...\":\"d\"},\"b\":1}]",
    ] {
        assert!(matches!(Disclosure::of(&encode(bad)).claim(3, &mut 100), Err(SdJwtError::Reserved(_))), "{bad}");
    }
    for bad in ["", "~", "a.b.c", "~a~"] {
        assert!(matches!(SdJwt::parse(bad), Err(SdJwtError::Form)), "{bad}");
    }
    assert!(matches!(SdJwt::parse("a.b.c~~"), Err(SdJwtError::Disclosure(1))));
    assert!(matches!(SdJwt::parse("a.b.c~a~b=~"), Err(SdJwtError::Disclosure(2))));
    assert_eq!(SdJwt::parse("a.b.c~A-z_0~").unwrap().disclosures().count(), 1);
    assert!(matches!(SdJwt::parse(&"~".repeat(MAX_BYTES + 1)), Err(SdJwtError::TooLong(_))));
    assert!(matches!(SdJwt::parse(&format!("a{}", "~a".repeat(5000) + "~")), Err(SdJwtError::TooMany(5000))));
    // Counted before a list of them is made, which would have sixteen times their length.
    let empty = format!("a{}", "~".repeat(MAX_BYTES - 1));
    assert!(matches!(SdJwt::parse(&empty), Err(SdJwtError::TooMany(n)) if n == MAX_BYTES - 2));
    assert!(matches!(Presented::parse("a.b.c~"), Err(SdJwtError::NotBound)));
    assert!(matches!(Presented::parse("a.b.c"), Err(SdJwtError::Form)));
    let none = SdJwt::parse("a.b.c~").unwrap().showing(["x"]);
    assert!(matches!(none, Err(SdJwtError::NoSuchClaim(n)) if n == "x"));
}

#[test]
fn lengths_are_bounded() {
    let named = |bytes: usize| {
        let text = URL_SAFE_NO_PAD.encode(format!(r#"["s","{}",1]"#, "n".repeat(bytes)));
        Disclosure::of(&text).claim(3, &mut 4).map(|(name, _)| name.len())
    };
    assert!(matches!(named(MAX_NAME), Ok(MAX_NAME)));
    assert!(matches!(named(MAX_NAME + 1), Err(SdJwtError::Disclosure(3))));
    let many = |disclosures: usize| SdJwt::parse(&format!("a{}~", "~a".repeat(disclosures)));
    assert_eq!(many(MAX_DISCLOSURES).unwrap().disclosures().count(), MAX_DISCLOSURES);
    assert!(matches!(many(MAX_DISCLOSURES + 1), Err(SdJwtError::TooMany(4097))));
    // What is presented is bounded with the holder's signature at its end.
    let bound = |bytes: usize| Presented::parse(&format!("a~{}", "b".repeat(bytes - 2)));
    assert!(bound(MAX_BYTES).is_ok());
    assert!(matches!(bound(MAX_BYTES + 1), Err(SdJwtError::TooLong(n)) if n == MAX_BYTES + 1));
}

#[test]
fn a_key_binding_is_for_one_audience_nonce_text_and_list_of_proofs() {
    let holder = party("Shipper");
    let (from, now) = (time("2026-03-01T00:00:00Z"), time("2026-03-02T00:00:00Z"));
    let (_, all) = concealed(&["a", "b"]);
    let sd_jwt = sd_jwt(&all);
    let presented = sd_jwt.clone().bind(&holder, "Customs", "n-1", &[7; 32], now).unwrap();
    let presented = Presented::parse(&presented.to_string()).unwrap();
    let key = holder.public().signer();
    let expected = Expected { audience: "Customs", nonce: "n-1", proofs: &[7; 32], from, now };
    presented.verify_binding(key, &expected).unwrap();

    let fails = |expected: Expected<'_>| presented.verify_binding(key, &expected).unwrap_err();
    assert!(matches!(fails(Expected { audience: "Other", ..expected }), SdJwtError::Audience { .. }));
    assert!(matches!(fails(Expected { nonce: "n-2", ..expected }), SdJwtError::Nonce));
    assert!(matches!(fails(Expected { proofs: &[8; 32], ..expected }), SdJwtError::Proofs));
    let other = party("Bank");
    let error = presented.verify_binding(other.public().signer(), &expected).unwrap_err();
    assert!(matches!(error, SdJwtError::Binding(JwsError::OtherSigner { .. })));

    let text = presented.to_string();
    let binding = text.rsplit('~').next().unwrap();
    let fewer = Presented::parse(&format!("{}{binding}", sd_jwt.showing(["a"]).unwrap())).unwrap();
    assert!(matches!(fewer.verify_binding(key, &expected), Err(SdJwtError::Hash)));
    let not_one = Presented::parse(&format!("{sd_jwt}x.y.z")).unwrap();
    assert!(matches!(not_one.verify_binding(key, &expected), Err(SdJwtError::Binding(_))));

    for (from, now, accepted) in [
        ("2026-03-02T00:01:00Z", "2026-03-03T00:00:00Z", true),
        ("2026-03-02T00:01:01Z", "2026-03-03T00:00:00Z", false),
        ("2026-03-01T00:00:00Z", "2026-03-01T23:59:00Z", true),
        ("2026-03-01T00:00:00Z", "2026-03-01T23:58:59Z", false),
    ] {
        let expected = Expected { from: time(from), now: time(now), ..expected };
        match presented.verify_binding(key, &expected) {
            Ok(()) => assert!(accepted, "{from} {now}"),
            Err(SdJwtError::Time { .. }) => assert!(!accepted, "{from} {now}"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// A list of small objects takes some hundred times its length in memory. A stranger's is not built at all, and that of
/// whoever signed its digest only within a bound on all disclosures together.
#[test]
fn a_disclosure_is_not_built_before_it_is_signed_and_small() {
    let list = |objects: usize| format!(r#"["","n",[{}0]]"#, r#"{"":0},"#.repeat(objects));
    let blown = URL_SAFE_NO_PAD.encode(list((MAX_BYTES / 4 * 3 - 100) / 7));
    let read = SdJwt::parse(&format!("a.b.c~{blown}~")).unwrap();
    assert!(matches!(disclosed(&[], ALGORITHM, &[], &read), Err(SdJwtError::Unreferenced(1))));
    let signed = |texts: &[String]| {
        let digests: Vec<_> = texts.iter().map(|text| Disclosure::of(text).digest()).collect();
        check(&digests, texts)
    };
    assert!(matches!(signed(&[blown]), Err(SdJwtError::TooManyValues)));
    let half = |name: &str| URL_SAFE_NO_PAD.encode(list(9_000).replacen("\"n\"", &format!("{name:?}"), 1));
    assert_eq!(signed(&[half("n")]).unwrap().len(), 1);
    assert!(matches!(signed(&[half("n"), half("m")]), Err(SdJwtError::TooManyValues)));
}
