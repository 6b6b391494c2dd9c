//! Project Wycheproof's vectors against the primitives, through the functions by which the formats use them.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use wycheproof::{TestResult, aead, eddsa, hkdf, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::age::key::hkdf32;
use crate::age::{FileKey, HeaderError, Stanza, Unwrap, Wrap, X25519Identity, X25519Recipient, x25519};
use crate::identity::{KeyError, SignerKey};

#[test]
fn x25519_and_its_31_zero_secrets() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let secret: [u8; 32] = test.private_key.as_slice().try_into().unwrap();
        let Ok(public) = <[u8; 32]>::try_from(test.public_key.as_slice()) else {
            assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
            continue;
        };
        let shared = StaticSecret::from(secret).diffie_hellman(&PublicKey::from(public));
        assert_eq!(shared.as_bytes(), test.shared_secret.as_slice(), "{}", test.tc_id);

        let share = Stanza::new(x25519::TAG, &[&BASE64.encode(public)], vec![0; 32]).unwrap();
        let opened = X25519Identity::from_bytes(secret).unwrap(&share);
        let wrapped = X25519Recipient::from_bytes(public).wrap(&FileKey::from_bytes([1; 16]), &mut rand::rng());
        if test.shared_secret.iter().all(|byte| *byte == 0) {
            assert!(matches!(opened, Err(HeaderError::LowOrder(_))), "{}", test.tc_id);
            assert!(matches!(wrapped, Err(HeaderError::LowOrder(_))), "{}", test.tc_id);
            refused += 1;
        } else {
            assert!(matches!(opened, Ok(None)) && wrapped.is_ok(), "{}", test.tc_id);
            agreed += 1;
        }
    }
    assert_eq!(refused, 31);
    assert!(agreed > 400, "{agreed}");
}

#[test]
fn chacha20_poly1305_in_both_implementations() {
    let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
    let mut tested = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let Ok(nonce) = <[u8; 12]>::try_from(test.nonce.as_slice()) else {
                assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
                continue;
            };
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let pure = ChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let fast = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &test.key).unwrap());
            let (a, b) = (nonce.into(), || Nonce::assume_unique_for_key(nonce));
            let pure_opened = pure.decrypt(&a, Payload { msg: &sealed, aad: &test.aad }).ok();
            let mut plain = vec![0; test.ct.len()];
            let aad = || Aad::from(test.aad.as_slice());
            let opened = fast.open_separate_gather(b(), aad(), &test.ct, &test.tag, &mut plain);
            if test.result.must_fail() {
                assert!(opened.is_err() && pure_opened.is_none(), "{}", test.tc_id);
            } else {
                assert!(opened.is_ok() && plain == test.pt.as_slice(), "{}", test.tc_id);
                assert_eq!(pure_opened.as_deref(), Some(test.pt.as_slice()), "{}", test.tc_id);
                let (mut text, mut tag) = (vec![0; test.pt.len()], [0; 16]);
                fast.seal_out_of_place_scatter(b(), aad(), &test.pt, &mut text, &[], &mut tag).unwrap();
                assert_eq!([&text[..], &tag].concat(), sealed, "{}", test.tc_id);
                assert_eq!(pure.encrypt(&a, Payload { msg: &test.pt, aad: &test.aad }).unwrap(), sealed);
            }
            tested += 1;
        }
    }
    assert!(tested > 250, "{tested}");
}

#[test]
fn hkdf_sha256() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut tested = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests).filter(|test| !test.result.must_fail()) {
        // Ours always gives 32 bytes; of fewer and of more these are the first.
        let ours = hkdf32(&[&test.ikm], &[&test.salt], &test.info);
        let common = test.okm.len().min(32);
        assert_eq!(ours[..common], test.okm[..common], "{}", test.tc_id);
        tested += 1;
    }
    assert!(tested > 70, "{tested}");
}

#[test]
fn ed25519_by_the_strict_rules() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = SignerKey::from_bytes(group.key.pk.as_slice().try_into().unwrap());
        for test in &group.tests {
            let signature = <[u8; 64]>::try_from(test.sig.as_slice());
            let holds = match (&key, signature) {
                (Ok(key), Ok(signature)) => key.verifies(&test.msg, &signature),
                (Err(KeyError::NotAPoint | KeyError::Weak), _) | (_, Err(_)) => false,
                (Err(error), _) => panic!("{}: {error}", test.tc_id),
            };
            assert_eq!(holds, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            if holds { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 60 && invalid > 50, "{valid}, {invalid}");
}
