//! The sections of a key set, to be changed: a key set made of them has a head that says so.

use consign_circuits::keys::{
    Circuit,
    file::{KeyFile, Role, Sections},
};

/// The sections of a circuit's key, by part.
const PARTS: [&str; 8] = ["verifying", "single", "a", "b1", "b2", "h", "l", "matrices"];

/// All sections of the key set with this `prove.keys`, by name.
pub fn all_sections(prove_file: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let file = KeyFile::open(prove_file, Role::Prove).unwrap();
    let names = Circuit::ALL.into_iter().flat_map(|circuit| PARTS.map(|part| format!("{}/{part}", circuit.name())));
    let section = |name: String| {
        let content = file.section(&name).unwrap();
        (name, content)
    };
    names.map(section).collect()
}

/// A key set of these sections.
pub fn of_sections(sections: Vec<(String, Vec<u8>)>) -> Sections {
    Sections::new("test", "1970-01-01T00:00:00Z", sections)
}

/// The key set with one section of it changed.
pub fn remade(prove_file: Vec<u8>, section: &str, change: impl FnOnce(&mut Vec<u8>)) -> Sections {
    let mut sections = all_sections(prove_file);
    change(&mut sections.iter_mut().find(|(name, _)| name == section).unwrap().1);
    of_sections(sections)
}
