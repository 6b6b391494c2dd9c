//! npm's snarkjs as a program. What is not installed is skipped, and said.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// snarkjs, with a folder to work in.
pub struct Snarkjs {
    program: PathBuf,
    folder: TempDir,
}

impl Snarkjs {
    /// `None` where it is not installed.
    pub fn find() -> Option<Snarkjs> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers/node_modules/snarkjs/build/cli.cjs");
        let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
        if node && program.is_file() {
            return Some(Snarkjs { program, folder: tempfile::tempdir().unwrap() });
        }
        eprintln!("skipped: no `node`, or no `npm ci` in tests/peers was done: npm's snarkjs");
        None
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap()
    }

    /// Whether the command says yes, and what it printed.
    pub fn says(&self, words: &str) -> (bool, String) {
        let output = Command::new("node")
            .arg(&self.program)
            .args(words.split(' '))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        (output.status.success(), printed)
    }

    /// Runs what must succeed.
    #[track_caller]
    pub fn ok(&self, words: &str) -> String {
        let (yes, printed) = self.says(words);
        assert!(yes, "snarkjs {words}\n{printed}");
        printed
    }
}
