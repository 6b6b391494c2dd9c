//! Folders of parties and runs of the binary.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// The folder of a party, with its state folder `home` in it.
pub struct Folder(TempDir);

/// What a run printed and returned.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A folder with the same files.
    pub fn copy(&self) -> Folder {
        fn copy(from: &Path, to: &Path) {
            for entry in fs::read_dir(from).unwrap() {
                let (entry, target) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
                if entry.is_dir() {
                    fs::create_dir(&target).unwrap();
                    copy(&entry, &target);
                } else if entry.metadata().unwrap().len() > 1 << 20 {
                    // The proving keys are never changed in place.
                    fs::hard_link(&entry, &target).unwrap();
                } else {
                    fs::copy(&entry, &target).unwrap();
                }
            }
        }
        let folder = Folder::new();
        copy(self.0.path(), folder.0.path());
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Sends a file to another party.
    pub fn send(&self, name: &str, to: &Folder) {
        fs::copy(self.path(name), to.path(name)).unwrap();
    }

    /// Names of the files, without the state folder.
    pub fn files(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "home").collect()
    }

    /// Runs `consign` in this folder.
    pub fn run(&self, words: &[&str]) -> Run {
        Run::of(self.command(words).output().unwrap())
    }

    /// Runs what writes bytes to standard output: status and output.
    pub fn run_bytes(&self, words: &[&str]) -> (i32, Vec<u8>) {
        let output = self.command(words).output().unwrap();
        (output.status.code().expect("the program was killed"), output.stdout)
    }

    /// The program with these arguments, in this folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
        command.args(words).current_dir(self.0.path()).env("CONSIGN_HOME", "home");
        command
    }

    /// Runs what must succeed.
    #[track_caller]
    pub fn ok(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.status, 0, "consign {}\n{}", words.join(" "), run.stderr);
        run
    }

    /// Runs what must end with this status and an error that says `with`, on two lines, leaving no file behind.
    #[track_caller]
    pub fn fails(&self, status: i32, with: &str, words: &[&str]) -> Run {
        let before = self.files();
        let run = self.run(words);
        run.refused(status, with);
        assert_eq!(self.files(), before, "consign {}", words.join(" "));
        run
    }
}

/// An example of the repository.
pub fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).to_str().unwrap().to_owned()
}

impl Run {
    /// A program that ended by itself.
    pub fn of(output: Output) -> Run {
        Run {
            status: output.status.code().expect("the program was killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with this status and, as its last words, an error of two lines that says `with`.
    #[track_caller]
    pub fn refused(&self, status: i32, with: &str) {
        assert_eq!(self.status, status, "not {status}: {}", self.stderr);
        let lines: Vec<&str> = self.stderr.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{}", self.stderr));
        assert!(lines[at].contains(with), "not {with:?}: {}", self.stderr);
        assert!(lines.len() == at + 2 && lines[at + 1].starts_with("hint: "), "not two lines: {}", self.stderr);
    }

    /// Status and both outputs, without what differs from run to run.
    pub fn shown(&self) -> String {
        let part = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("-- {name}\n{text}") };
        let text = format!("exit {}\n{}{}", self.status, part("stdout", &self.stdout), part("stderr", &self.stderr));
        scrubbed(&text)
    }
}

/// Keys, digests, times and places as words in brackets.
pub fn scrubbed(text: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let text = text.replace(root, "[ROOT]");
    let word_char = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if word_char(c) {
            word.push(c);
            continue;
        }
        out += &scrub_word(&word);
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn scrub_word(word: &str) -> String {
    let core = word.trim_end_matches([':', '.']);
    let tail = &word[core.len()..];
    let hex = |len| core.len() == len && core.bytes().all(|b| b.is_ascii_hexdigit());
    let time = core.len() == 20 && core.ends_with('Z') && core.as_bytes()[10] == b'T';
    let shown = match core {
        _ if core.starts_with("age1") && core.len() == 62 => "[RECIPIENT]",
        _ if core.len() == 43 && !core.contains(['.', ':']) => "[KEY]",
        _ if hex(64) => "[HEX]",
        _ if time => "[TIME]",
        _ => core,
    };
    format!("{shown}{tail}")
}
