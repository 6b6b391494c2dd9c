//! The age layer against the C2SP/CCTV vectors; and a real `age`, for the tests of sealing.
//!
//! Vectors are found under `$CONSIGN_TEST_DATA/age-testkit`. Each is `key: value` lines, a blank line, and the file;
//! `expect:` is the outcome and `payload:` the SHA-256 of exactly what may be released.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::*;

struct Vector {
    name: String,
    fields: HashMap<String, Vec<String>>,
    file: Vec<u8>,
}

impl Vector {
    fn parse(name: String, bytes: &[u8]) -> Vector {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("a blank line");
        let mut fields: HashMap<String, Vec<String>> = HashMap::new();
        for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
            let (key, value) = line.split_once(": ").unwrap();
            fields.entry(key.into()).or_default().push(value.into());
        }
        let mut file = bytes[end + 2..].to_vec();
        match fields.get("compressed").map(|values| values[0].as_str()) {
            None => {}
            Some("zlib") => {
                let mut plain = Vec::new();
                flate2::read::ZlibDecoder::new(&file[..]).read_to_end(&mut plain).unwrap();
                file = plain;
            }
            Some(other) => panic!("{name}: compressed with {other}"),
        }
        Vector { name, fields, file }
    }

    fn values(&self, key: &str) -> &[String] {
        self.fields.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The outcome in the vectors' words, and the SHA-256 of what was released.
    fn run(&self) -> (&'static str, Option<String>) {
        let mut identities: Vec<Box<dyn Unwrap>> = Vec::new();
        for text in self.values("identity") {
            identities.push(match text.parse::<X25519Identity>() {
                Ok(identity) => Box::new(identity),
                Err(_) => Box::new(text.parse::<HybridIdentity>().unwrap()),
            });
        }
        for text in self.values("passphrase") {
            identities.push(Box::new(ScryptIdentity::new(Passphrase::new(text.clone().into()).unwrap())));
        }
        let identities: Vec<&dyn Unwrap> = identities.iter().map(|identity| &**identity).collect();
        let input = match self.values("armored") {
            [] => Unarmored::Binary(&self.file[..]),
            _ => Unarmored::Armored(ArmorReader::new(&self.file[..])),
        };
        let mut reader = match decrypt_unarmored(input, &identities) {
            Ok(reader) => reader,
            Err(AgeError::Armor(_)) => return ("armor failure", None),
            Err(AgeError::Header(_)) => return ("header failure", None),
            Err(AgeError::Mac) => return ("HMAC failure", None),
            Err(AgeError::NoKey) => return ("no match", None),
            Err(error) => panic!("{}: {error}", self.name),
        };
        let mut released = Vec::new();
        let outcome = match reader.read_to_end(&mut released) {
            Ok(_) => "success",
            Err(error) if ArmorError::of(&error).is_some() => "armor failure",
            Err(error) => PayloadError::of(&error).map(|_| "payload failure").unwrap(),
        };
        (outcome, Some(hex::encode(Sha256::digest(&released))))
    }
}

#[test]
fn vectors_behave_as_they_say() {
    let Some(data) = std::env::var_os("CONSIGN_TEST_DATA") else {
        eprintln!("skipped: CONSIGN_TEST_DATA is not set");
        return;
    };
    let mut vectors: Vec<Vector> = std::fs::read_dir(PathBuf::from(data).join("age-testkit"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| Vector::parse(path.file_name().unwrap().to_string_lossy().into(), &std::fs::read(&path).unwrap()))
        .collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut wrong = Vec::new();
    for vector in &vectors {
        let (outcome, released) = vector.run();
        let expected = vector.fields["expect"][0].as_str();
        // A payload hash is given wherever something may be released; nothing released is the hash of nothing.
        let payload = vector.fields.get("payload").map(|values| values[0].clone());
        if outcome != expected || (payload.is_some() && released != payload) {
            wrong.push(format!("{}: expected {expected} {payload:?}, found {outcome} {released:?}", vector.name));
        }
    }
    eprintln!("age vectors: {} run", vectors.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(vectors.len() >= 143, "vectors are missing: {} found", vectors.len());
}

/// The `age` binary at `$CONSIGN_AGE` or on the path, if there is one.
pub(crate) fn real_age() -> Option<PathBuf> {
    let age = std::env::var_os("CONSIGN_AGE").map_or_else(|| "age".into(), PathBuf::from);
    match Command::new(&age).arg("--version").output() {
        Ok(output) if output.status.success() => Some(age),
        _ => {
            eprintln!("skipped: no `age` on the path or at CONSIGN_AGE");
            None
        }
    }
}

/// Runs `age` with these arguments and this input and returns what it wrote.
pub(crate) fn run_age(age: &PathBuf, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        Command::new(age).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdin = child.stdin.take().expect("piped");
    let output = std::thread::scope(|scope| {
        // A reader that refuses its input early closes it; what then matters is its exit status.
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output()
    })?;
    if output.status.success() { Ok(output.stdout) } else { Err(io::Error::other(output.status.to_string())) }
}
