//! The seeds of the fuzzers, and how tests replay them; for the floors above too.

use std::{fs, path::PathBuf};

use super::targets::Target;

/// The folder of seeds, with one of its own for each target.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds")
}

/// Gives each target its seeds, whole, cut anywhere, and with a bit turned anywhere: as good hostile files as any.
///
/// # Panics
/// Where a target does, or has fewer seeds than `least`.
pub fn replay(targets: &[Target], least: usize) {
    for (name, target) in targets {
        let seeds =
            fs::read_dir(folder().join(name)).expect("a folder of seeds").map(|entry| entry.expect("a seed").path());
        let mut replayed = 0;
        for path in seeds {
            let data = fs::read(&path).expect("a seed");
            target(&data);
            for at in (0..data.len()).step_by(1 + data.len() / 40) {
                target(&data[..at]);
                let mut turned = data.clone();
                turned[at] ^= 1 << (at % 8);
                target(&turned);
            }
            replayed += 1;
        }
        assert!(replayed >= least, "{name}");
    }
}
