use bech32::primitives::iter::Fe32IterExt;
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use std::io::Write;
use std::process::{Command, Stdio};

use super::*;
use crate::{
    age::{self, ArmorWriter, Passphrase, ScryptRecipient, X25519Recipient},
    samples,
    seal::Consignment,
    view::View,
};

fn identity(seed: u64, name: &str) -> Identity {
    let created = "2026-01-31T12:00:00.5Z".parse().unwrap();
    Identity::generate(name.parse().unwrap(), created, &mut StdRng::seed_from_u64(seed))
}

fn post_quantum(seed: u64, name: &str) -> Identity {
    let created = "2026-01-31T12:00:00Z".parse().unwrap();
    Identity::generate_post_quantum(name.parse().unwrap(), created, &mut StdRng::seed_from_u64(seed))
}

proptest! {
    #[test]
    fn files_and_public_lines_round_trip(seed: u64, name in "[!-~é船](.{0,98}[!-~é船])?") {
        prop_assume!(name.parse::<Name>().is_ok());
        let identity = identity(seed, &name);
        let again = Identity::parse(&identity.to_file()).unwrap();
        prop_assert_eq!(again.public(), identity.public());
        prop_assert_eq!(again.created(), identity.created());
        prop_assert_eq!(again.to_file(), identity.to_file());
        prop_assert_eq!(again.sign(b"x"), identity.sign(b"x"));
        let line = identity.public().to_string();
        prop_assert_eq!(&line.parse::<PublicIdentity>().unwrap(), identity.public());
        let file = format!("# carrier\n{line}\n");
        prop_assert_eq!(&PublicIdentity::parse_file(&file).unwrap(), identity.public());
    }

    #[test]
    fn a_public_line_with_one_character_changed_is_refused_or_says_something_else(
        seed: u64, at in 0usize..120, to in "[ -~]"
    ) {
        let line = identity(seed, "Carrier").public().to_string();
        prop_assume!(at < line.len() && line[at..=at] != to);
        let mut changed = line.clone();
        changed.replace_range(at..=at, &to);
        if let Ok(other) = changed.parse::<PublicIdentity>() {
            prop_assert_eq!(other.to_string(), changed);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = (Identity::parse(&text), text.parse::<PublicIdentity>(), PublicIdentity::parse_file(&text));
    }
}

#[test]
fn names() {
    let name = |s: &str| s.parse::<Name>();
    assert_eq!(name(""), Err(NameError::Empty));
    assert_eq!(name(&"a".repeat(101)), Err(NameError::TooLong(101)));
    assert!(name(&"é".repeat(100)).is_ok());
    assert_eq!(name(" a"), Err(NameError::Space(" a".into())));
    assert_eq!(name("a "), Err(NameError::Space("a ".into())));
    for c in ['\n', '\t', '\0', '\u{a0}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{85}'] {
        let text = format!("a{c}b");
        assert_eq!(name(&text), Err(NameError::Unprintable(text.clone(), c)));
    }
}

#[test]
fn unsafe_keys_are_refused() {
    // u = 0 and u = 1, the points of order 4 and 8 (RFC 7748, section 7), and p + 1.
    let low = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    let low: [u8; 32] = hex::decode(low).unwrap().try_into().unwrap();
    let mut one = [0; 32];
    one[0] = 1;
    for bytes in [[0; 32], one, low] {
        assert_eq!(RecipientKey::from_bytes(bytes), Err(KeyError::LowOrder));
    }
    let mut above = [0xff; 32];
    (above[0], above[31]) = (0xed, 0x7f);
    assert_eq!(RecipientKey::from_bytes(above), Err(KeyError::NonCanonicalRecipient));
    above[0] = 0xec;
    assert_eq!(RecipientKey::from_bytes(above), Err(KeyError::LowOrder), "p - 1 has order 4");
    // Below the modulus where a middle byte is, or the last.
    let (mut middle, mut last) = (above, above);
    (middle[0], middle[15]) = (0xff, 0xfe);
    (last[0], last[31]) = (0xff, 0x7e);
    assert!(RecipientKey::from_bytes(middle).is_ok() && RecipientKey::from_bytes(last).is_ok());
    let mut high = [0; 32];
    (high[0], high[31]) = (9, 0x80);
    assert_eq!(RecipientKey::from_bytes(high), Err(KeyError::NonCanonicalRecipient));

    // The identity (y = 1), y = -1 (order 2), y = 0 (order 4) are small; y = p + 1 is a second spelling of y = 1.
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    for bytes in [one, minus_one, [0; 32]] {
        assert_eq!(SignerKey::from_bytes(&bytes), Err(KeyError::Weak));
    }
    // A key with a point of small order added is not of small order itself.
    let point = |bytes: &[u8; 32]| ed25519_dalek::VerifyingKey::from_bytes(bytes).unwrap().to_edwards();
    let mixed = point(identity(1, "a").public().signer().as_bytes()) + point(&[0; 32]);
    assert_eq!(SignerKey::from_bytes(&mixed.compress().to_bytes()), Err(KeyError::Weak));
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xee, 0x7f);
    assert_eq!(SignerKey::from_bytes(&second), Err(KeyError::NotAPoint));
    assert_eq!(SignerKey::from_bytes(&[2; 32]).err(), Some(KeyError::NotAPoint));
    assert_eq!("AAAA".parse::<SignerKey>(), Err(KeyError::Encoding));
}

#[test]
fn case_padding_and_checksum_of_bech32_are_those_of_age() {
    let identity = identity(7, "a");
    let line = identity.public().recipient().to_string();
    assert!(line.starts_with("age1") && line.len() == 62);
    assert_eq!(line.to_uppercase().parse::<RecipientKey>(), Err(KeyError::Recipient));
    assert_eq!(line[..61].parse::<RecipientKey>(), Err(KeyError::Recipient));
    let other = if line.ends_with('q') { "p" } else { "q" };
    assert_eq!(format!("{}{other}", &line[..61]).parse::<RecipientKey>(), Err(KeyError::Recipient));
    // A longer prefix before a shorter key, together as long.
    let hrp = bech32::Hrp::parse("age1q").unwrap();
    let shorter = bech32::encode_lower::<LongBech32>(hrp, &[7; 31]).unwrap();
    assert!(shorter.starts_with("age1") && shorter.len() == 62);
    assert_eq!(shorter.parse::<RecipientKey>(), Err(KeyError::Recipient));
    // The same key with a bit set where nothing stands, and a checksum that is right.
    let mut data: Vec<bech32::Fe32> = line[4..56].chars().map(|c| bech32::Fe32::from_char(c).unwrap()).collect();
    let hrp = bech32::Hrp::parse(RECIPIENT_HRP).unwrap();
    let spelt =
        |data: &[bech32::Fe32]| data.iter().copied().with_checksum::<LongBech32>(&hrp).chars().collect::<String>();
    assert_eq!(spelt(&data), line);
    data[51] = bech32::Fe32::try_from(data[51].to_u8() | 1).unwrap();
    assert_eq!(spelt(&data).parse::<RecipientKey>(), Err(KeyError::Recipient));
    // A known pair of the age specification's test kit.
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    assert_eq!(*decode_bech32::<32>(SECRET_HRP, secret).unwrap(), [0x42; 32]);
    assert!(decode_bech32::<32>(SECRET_HRP, &secret.to_lowercase()).is_none());
}

#[test]
fn identity_files_name_what_is_wrong_and_where() {
    let file = identity(3, "Carrier Ltd").to_file();
    let lines: Vec<&str> = file.lines().collect();
    let with = |index: usize, line: &str| {
        let mut lines = lines.clone();
        lines[index] = line;
        Identity::parse(&lines.join("\n")).map(drop).unwrap_err()
    };
    assert_eq!(with(1, "# name: "), IdentityError::Name(2, NameError::Empty));
    assert_eq!(with(1, "#"), IdentityError::Missing("name"));
    assert_eq!(with(1, "# name: Other"), IdentityError::Public(4));
    assert_eq!(with(2, "# created: yesterday"), IdentityError::Created(3));
    assert_eq!(with(3, "# public: x"), IdentityError::Public(4));
    assert_eq!(with(3, "#"), IdentityError::Missing("public line"));
    assert_eq!(with(4, "# consign-signing-key: x"), IdentityError::SigningKey(5));
    assert_eq!(with(4, "#"), IdentityError::Missing("signing key"));
    assert_eq!(with(5, "AGE-SECRET-KEY-1QQ"), IdentityError::AgeKey(6));
    assert_eq!(with(5, "#"), IdentityError::Missing("age secret key"));
    assert_eq!(with(0, "hello"), IdentityError::Line(1));
    assert!(Identity::parse(&format!("\n{}\n\n", *file)).is_ok());
    assert_eq!(with(0, lines[5]), IdentityError::Twice(6, "age secret key"));
    assert_eq!(with(0, lines[4]), IdentityError::Twice(5, "signing key"));
    assert_eq!(with(5, lines[5].to_lowercase().as_str()), IdentityError::Line(6));
    let other = identity(4, "Carrier Ltd").to_file();
    assert_eq!(with(5, other.lines().nth(5).unwrap()), IdentityError::Public(4));
    assert_eq!(Identity::parse(&"#".repeat(FILE_BYTES + 1)).map(drop), Err(IdentityError::TooLong(FILE_BYTES + 1)));
    assert_eq!(Identity::parse(&"#".repeat(FILE_BYTES)).map(drop), Err(IdentityError::Missing("age secret key")));
}

#[test]
fn a_public_file_holds_one_line() {
    let line = identity(3, "Carrier Ltd").public().to_string();
    let parse = |text: &str| PublicIdentity::parse_file(text).map(|public| public.to_string());
    assert_eq!(parse(&format!("# a\n{line}\n# b\n")), Ok(line.clone()));
    assert_eq!(parse(""), Err(PublicLineError::Lines(0)));
    assert_eq!(parse("# a\n"), Err(PublicLineError::Lines(0)));
    assert_eq!(parse(&format!("{line}\n{line}\n")), Err(PublicLineError::Lines(2)));
    assert_eq!(parse(&format!("{line}\n\n")), Err(PublicLineError::Lines(2)));
    assert_eq!(parse(&"#".repeat(FILE_BYTES)), Err(PublicLineError::Lines(0)));
    assert_eq!(parse(&"#".repeat(FILE_BYTES + 1)), Err(PublicLineError::TooLong(FILE_BYTES + 1)));
    for bad in ["consign-id-2", "consign-id-1 a b"] {
        assert_eq!(parse(bad), Err(PublicLineError::Form), "{bad}");
    }
}

/// The program of age reads our file, passes over the signing key, and finds the recipient that we print.
#[test]
fn a_real_age_reads_the_file() {
    let spawned =
        Command::new("age-keygen").arg("-y").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: age-keygen is not installed");
        return;
    };
    let identity = identity(6, "Carrier Ltd");
    child.stdin.take().unwrap().write_all(identity.to_file().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), identity.public().recipient().to_string());
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.into())).unwrap()
}

/// An identity under a passphrase, with little work.
fn locked(identity: &Identity, with: &str, factor: u8) -> String {
    let recipient = ScryptRecipient::new(passphrase(with)).with_work_factor(factor).unwrap();
    String::from_utf8(identity.to_locked_file(&recipient, &mut rand::rng()).unwrap()).unwrap()
}

#[test]
fn a_passphrase_keeps_an_identity() {
    for identity in [identity(6, "Carrier Ltd"), post_quantum(6, "Carrier Ltd")] {
        let text = locked(&identity, "correct horse", 4);
        assert!(is_locked(&text) && !is_locked(&identity.to_file()));
        assert!(!text.contains("Carrier"));
        let again = Identity::unlock(&text, passphrase("correct horse")).unwrap();
        assert_eq!(again.to_file(), identity.to_file());
        let other = Identity::unlock(&text, passphrase("battery staple")).map(drop);
        assert_eq!(other, Err(IdentityError::Passphrase));
        assert_eq!(Identity::parse(&text).map(drop), Err(IdentityError::Locked));
    }
    let cut = locked(&identity(6, "Carrier Ltd"), "p", 4).replacen('A', "B", 1);
    assert!(matches!(Identity::unlock(&cut, passphrase("p")), Err(IdentityError::Lock(_) | IdentityError::Passphrase)));
    // A file that asks for a terabyte of memory is refused before any work is done.
    let header = "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n";
    let body = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    let mut armor = ArmorWriter::new(Vec::new()).unwrap();
    armor.write_all(format!("{header}{body}").as_bytes()).unwrap();
    let text = String::from_utf8(armor.finish().unwrap()).unwrap();
    let error = Identity::unlock(&text, passphrase("p")).map(drop).unwrap_err();
    assert!(matches!(&error, IdentityError::Lock(why) if why.contains("work factor 30; at most 20")), "{error}");
    // What is sealed to X25519 is no identity under a passphrase.
    let mut writer = age::encrypt(
        ArmorWriter::new(Vec::new()).unwrap(),
        &[&X25519Identity::generate(&mut rand::rng()).recipient()],
        &mut rand::rng(),
    )
    .unwrap();
    writer.write_all(b"x").unwrap();
    let text = String::from_utf8(writer.finish().unwrap().finish().unwrap()).unwrap();
    assert_eq!(Identity::unlock(&text, passphrase("p")).map(drop), Err(IdentityError::Passphrase));
}

#[test]
fn what_is_under_a_passphrase_is_one_identity_file() {
    let unlock = |inside: &[u8]| {
        let recipient = ScryptRecipient::new(passphrase("p")).with_work_factor(4).unwrap();
        let armor = ArmorWriter::new(Vec::new()).unwrap();
        let mut writer = age::encrypt(armor, &[&recipient], &mut rand::rng()).unwrap();
        writer.write_all(inside).unwrap();
        let text = String::from_utf8(writer.finish().unwrap().finish().unwrap()).unwrap();
        Identity::unlock(&text, passphrase("p")).map(drop).unwrap_err()
    };
    let again = locked(&identity(6, "Carrier Ltd"), "p", 4);
    assert!(matches!(unlock(again.as_bytes()), IdentityError::Lock(why) if why.ends_with("under a passphrase again")));
    assert!(matches!(unlock(&[0xff; 9]), IdentityError::Lock(why) if why.ends_with("is not text")));
    assert_eq!(unlock(&vec![b'#'; FILE_BYTES]), IdentityError::Missing("age secret key"));
    assert_eq!(unlock(&vec![b'#'; 1 << 20]), IdentityError::TooLong(FILE_BYTES + 1));
}

/// The program of age asks for the passphrase on a terminal, which util-linux's `script` is for it, and opens with our
/// locked identity what was encrypted to its recipient.
#[test]
fn a_real_age_opens_with_a_locked_identity() {
    let there = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there("age") || !there("script") {
        eprintln!("skipped: no `age` or no `script` on the path");
        return;
    }
    let identity = identity(6, "Carrier Ltd");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("key"), locked(&identity, "correct horse", 10)).unwrap();
    let to = identity.public().recipient().to_string().parse::<X25519Recipient>().unwrap();
    let mut writer = age::encrypt(Vec::new(), &[&to], &mut rand::rng()).unwrap();
    writer.write_all(b"40 cartons of tea").unwrap();
    std::fs::write(path("file"), writer.finish().unwrap()).unwrap();
    let mut child = Command::new("script")
        .args(["-qec", "age -d -i key -o plain file", "/dev/null"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"correct horse\n").unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(std::fs::read(path("plain")).unwrap(), b"40 cartons of tea");
}

#[test]
fn post_quantum_identities_round_trip() {
    let identity = post_quantum(3, "Bank");
    let file = identity.to_file();
    assert!(file.lines().last().unwrap().starts_with("AGE-SECRET-KEY-PQ-1") && file.len() <= 8192);
    let again = Identity::parse(&file).unwrap();
    assert_eq!((again.public(), again.to_file()), (identity.public(), file.clone()));
    let line = identity.public().to_string();
    assert_eq!(&line.parse::<PublicIdentity>().unwrap(), identity.public());
    assert!(identity.public().recipient().is_post_quantum());
    assert!(!super::tests::identity(3, "Bank").public().recipient().is_post_quantum());
    assert_eq!(identity.public().recipient().short().chars().count(), 63);
    // One character of the key changed: the checksum tells.
    let changed = line.replacen("age1pq1q", "age1pq1p", 1);
    let changed = if changed == line { line.replacen("age1pq1", "age1pq1q", 1) } else { changed };
    assert_eq!(changed.parse::<PublicIdentity>(), Err(PublicLineError::Key(KeyError::PostQuantum)));
    let other = post_quantum(4, "Bank").to_file();
    let mixed: Vec<&str> = file.lines().take(5).chain(other.lines().skip(5)).collect();
    assert_eq!(Identity::parse(&mixed.join("\n")).map(drop), Err(IdentityError::Public(4)));
    let bad = format!("{}Q", &file[..file.len() - 2]);
    assert_eq!(Identity::parse(&bad).map(drop), Err(IdentityError::AgeKey(6)));
}

#[test]
fn nothing_secret_prints() {
    let identity = identity(5, "a");
    let shown = format!("{identity:?}");
    let file = identity.to_file();
    for secret in [file.lines().last().unwrap(), file.lines().nth(4).unwrap().split_once(": ").unwrap().1] {
        assert!(!shown.contains(secret));
    }
    // What is wiped is not thereby kept from being printed: nor are dossiers, views, and what is to be sealed.
    let dossier = samples::dossier();
    let view = View::of(&dossier, &["lines/*/description".parse().unwrap()]).unwrap();
    let consignment = Consignment::new(dossier.to_json().unwrap(), dossier.attestation().commitment());
    let part = Consignment::of_view(view.to_json().unwrap(), dossier.attestation().commitment());
    let shown = [
        format!("{dossier:?}"),
        format!("{:?}", dossier.attestation()),
        format!("{:?}", dossier.attestation().sd_jwt()),
        format!("{view:?}"),
        format!("{:?}", view.clone().check().unwrap()),
        format!("{consignment:?}"),
        format!("{part:?}"),
    ];
    let json = dossier.to_json().unwrap();
    // Bytes print as a list of numbers.
    let bytes = format!("{:?}", &json[1..20]);
    for shown in shown {
        for secret in ["machine parts", "Saigon Parts", "SHP-9", "salt", bytes.trim_matches(['[', ']'])] {
            assert!(!shown.contains(secret), "{secret} is in {shown}");
        }
    }
}

#[test]
fn a_document_id_depends_on_issuer_kind_and_number() {
    let (a, b) = (identity(1, "a"), identity(2, "b"));
    let id = a.document_id(Kind::CargoManifest, "17");
    assert_eq!(id, a.document_id(Kind::CargoManifest, "17"));
    assert_ne!(id, a.document_id(Kind::CommercialInvoice, "17"));
    assert_ne!(id, a.document_id(Kind::CargoManifest, "18"));
    assert_ne!(id, b.document_id(Kind::CargoManifest, "17"));
}
