//! What the fuzzers call: one function a target, which panics where a reader breaks a promise that it makes for any bytes.
//!
//! Promised: no panic; an error of one line with a hint; a document that was read is written and read again as the very same.
//! `fuzz/` has a fuzzer for each, and the seeds that the test below replays.

use std::{collections::BTreeMap, io::Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    compile::compile,
    document::Document,
    error::{Fault, ImportError},
    import::{self, ImportOptions, Imported, Mapping},
    policy::Policy,
    profile::Kind,
};

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 11] = [
    ("ubl", file),
    ("cii", file),
    ("dcsa", file),
    ("w3c", file),
    ("edifact", file),
    ("csv", table),
    ("xlsx", workbook),
    ("guess", guess),
    ("canonical_json", canonical_json),
    ("policy", policy),
    ("claim", claim),
];

/// The mapping of the tables that are fuzzed.
const MAPPING: &str = "consign = 'mapping/1'\nkind = 'cargo-manifest'\nnumber_lines = true\n[document]\nnumber = 'F'\n\
    [columns]\nhs = 'hs'\norigin = 'origin'\ngross_mass = 'gross'\ngross_mass_unit = 'unit'\npackages = 'packages'\n\
    value = 'value'\ncurrency = 'currency'\ndangerous = 'un'\ncontainer = 'container'\nissue_date = 'date'\n";

fn judge(result: Result<Imported, ImportError>) {
    match result {
        Ok(imported) => {
            let again = Document::from_json(imported.document.as_json().as_bytes(), "again.json");
            assert!(again.is_ok_and(|again| again == imported.document), "a document that is not read again");
            for warning in &imported.warnings {
                let _ = warning.to_string();
            }
        }
        Err(error) => judge_error(&error),
    }
}

fn judge_error(error: &ImportError) {
    let message = error.to_string();
    assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
    assert!(!error.hint().is_empty());
}

/// A document in a format that needs no mapping.
pub fn file(data: &[u8]) {
    judge(import::import(data, "file", &ImportOptions::default()));
    judge(import::import(data, "file", &ImportOptions { leave_out_credit_lines: true, ..ImportOptions::default() }));
}

/// CSV with a mapping.
pub fn table(data: &[u8]) {
    let Ok(mapping) = Mapping::from_toml(MAPPING.as_bytes(), "m.toml") else {
        unreachable!("the mapping is well-formed")
    };
    judge(import::import(data, "file.csv", &ImportOptions { mapping: Some(mapping), ..ImportOptions::default() }));
}

/// An archive, or the XML of a sheet, in a workbook of the least that it takes.
pub fn workbook(data: &[u8]) {
    if data.starts_with(b"PK") {
        return table(data);
    }
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns='{PACKAGE}'><Relationship Id='r1' Type='{RELATIONS}/{kind}' Target='{target}'/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='{RELATIONS}'><sheets>\
         <sheet name='Lines' sheetId='1' r:id='r1'/></sheets></workbook>"
    );
    let members = [
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").into_bytes()),
        ("xl/workbook.xml", book.into_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").into_bytes()),
        ("xl/worksheets/sheet1.xml", data.to_vec()),
    ];
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in members {
        let written = zip.start_file(name, stored).is_ok() && zip.write_all(&bytes).is_ok();
        assert!(written, "an archive in memory");
    }
    if let Ok(archive) = zip.finish() {
        table(archive.get_ref());
        judge_guess(archive.get_ref());
    }
}

/// A mapping proposed from a table's heading.
pub fn guess(data: &[u8]) {
    judge_guess(data);
}

fn judge_guess(data: &[u8]) {
    for kind in [None, Some(Kind::CargoManifest), Some(Kind::CommercialInvoice), Some(Kind::WeightStatement)] {
        match import::guess(data, "list.csv", kind) {
            Ok(guess) => {
                let options = ImportOptions { mapping: Some(guess.mapping), ..ImportOptions::default() };
                judge(import::import(data, "list.csv", &options));
            }
            Err(error) => {
                assert!(!matches!(error.fault(), Fault::Mapping(_)), "a proposal that is no mapping: {error}");
                judge_error(&error);
            }
        }
    }
}

/// The canonical form of a document.
pub fn canonical_json(data: &[u8]) {
    match Document::from_json(data, "document.json") {
        Ok(document) => {
            let again = Document::from_json(document.as_json().as_bytes(), "again.json");
            assert!(again.is_ok_and(|again| again == document), "a document that is not read again");
            assert_eq!(document.table().rows().len(), document.lines().len() + 1);
            let _ = (document.leaves(), document.facts(), crate::summary::summary(&document));
        }
        Err(error) => judge_error(&error),
    }
}

/// A policy file.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(policy) = Policy::from_toml(text) else { return };
    let Ok(resolved) = policy.resolve(&BTreeMap::new()) else { return };
    let again = crate::policy::ResolvedPolicy::from_json(&resolved.to_json());
    assert!(again.is_ok_and(|again| again.digest() == resolved.digest()), "a policy that is not read again");
    let _ = compile(&resolved);
}

/// A claim of a manifest and an invoice.
pub fn claim(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let kinds = [Kind::CargoManifest, Kind::CommercialInvoice];
    let resolved = match Policy::from_claims(&[text], &kinds).and_then(|policy| policy.resolve(&BTreeMap::new())) {
        Ok(resolved) => resolved,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for claim in resolved.claims() {
        assert!(!claim.explain().is_empty() && !claim.bound().is_empty());
    }
    let _ = compile(&resolved);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use crate::testing::seeds::{folder, replay};

    /// Every seed of every target, and what findings left among them.
    #[test]
    fn seeds_are_replayed() {
        replay(&TARGETS, 2);
    }

    /// Random numbers that are the same on every run (xorshift64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % n.max(1) as u64) as usize
        }

        /// A seed with a few of its parts lost, doubled, swapped for another's or overwritten.
        fn mutant(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
            const WORDS: [&str; 12] = [
                "",
                "0",
                "-1",
                "1e9",
                "\u{0}",
                "\u{feff}",
                "\u{202e}",
                "null",
                "[[[[",
                "\"",
                "99999999999999999999",
                "&a *a",
            ];
            let mut data = seeds[self.below(seeds.len())].clone();
            for _ in 0..=self.below(4) {
                let at = self.below(data.len() + 1);
                let end = (at + self.below(24)).min(data.len());
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len());
                let part: Vec<u8> = match self.below(5) {
                    0 => Vec::new(),
                    1 => data[at..end].repeat(2),
                    2 => WORDS[self.below(WORDS.len())].into(),
                    3 => other[from..(from + self.below(64)).min(other.len())].to_vec(),
                    _ => vec![self.below(256) as u8],
                };
                data.splice(at..end, part);
            }
            data
        }
    }

    /// Mutants of the seeds: as many a target as `CONSIGN_MUTANTS` says, else a few hundred.
    #[test]
    fn mutants_break_nothing() {
        let rounds = std::env::var("CONSIGN_MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
        for (i, (name, target)) in TARGETS.into_iter().enumerate() {
            let files = fs::read_dir(folder().join(name)).expect("a folder of seeds");
            let mut paths: Vec<_> = files.map(|entry| entry.expect("a seed").path()).collect();
            paths.sort();
            let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("a seed")).collect();
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 + i as u64);
            for round in 0..rounds {
                let mutant = dice.mutant(&seeds);
                let caught = std::panic::catch_unwind(|| target(&mutant));
                assert!(caught.is_ok(), "{name}, mutant {round}: {:?}", String::from_utf8_lossy(&mutant));
            }
        }
    }
}
