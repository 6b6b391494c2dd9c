//! A file of proving keys on this machine, and what is remembered of it: which circuits' sections were found whole, for
//! as long as the file is the same one, unchanged.
//!
//! In: an open file. Out: its bytes at any place. The record is by device, inode, size and the times of the last change.
//! Whoever may write to a file can change it without a change of times, through memory shared with it; so only of a file
//! that is its user's, in a folder of that user, and that nobody else may write to, anything is remembered. A file that
//! changed within [`SETTLED`] of being opened is not, for a second change within the clock's tick would not show.

use std::{
    fs::{File, Metadata},
    io,
    path::Path,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use consign_circuits::keys::KeyBytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{error::Failure, home::Home, home::cannot};

/// Sections found whole, in the state folder.
const WHOLE: &str = "whole-keys.jsonl";
/// How long a file must have been left alone to be remembered.
const SETTLED: Duration = Duration::from_secs(2);

/// Which file this is, in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl State {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Option<State> {
        use std::os::unix::fs::MetadataExt;
        Some(State {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }

    /// Elsewhere nothing tells a file that was replaced from one that was not.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Option<State> {
        None
    }
}

/// A circuit whose sections were found whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    at: Timestamp,
    circuit: String,
    file: State,
}

/// An open key file.
pub struct KeysOnDisk {
    file: File,
    home: Home,
    now: Timestamp,
    /// When it was opened; `None` if it had just been changed, or cannot be told apart.
    state: Option<State>,
    /// The circuits found whole in this state before.
    known: OnceLock<Vec<String>>,
}

impl KeysOnDisk {
    /// Opens a regular file; `None` for a pipe and the like, which is read once from its start to its end.
    pub fn open(path: &Path, home: &Home, now: Timestamp) -> Result<Option<KeysOnDisk>, Failure> {
        let file = File::open(path).map_err(|e| cannot("read", path, &e))?;
        let found = file.metadata().map_err(|e| cannot("read", path, &e))?;
        if !found.is_file() {
            return Ok(None);
        }
        let state =
            State::of(&found).filter(|state| state.settled(SystemTime::now()) && is_private(path, &found, home));
        Ok(Some(KeysOnDisk { file, home: home.clone(), now, state, known: OnceLock::new() }))
    }

    /// The state in which it was opened, if it is still in that.
    fn unchanged(&self) -> Option<State> {
        let now = State::of(&self.file.metadata().ok()?);
        self.state.filter(|state| Some(*state) == now)
    }
}

/// Whether file and folder belong to whoever has the state folder, and nobody else may write to them.
#[cfg(unix)]
fn is_private(path: &Path, file: &Metadata, home: &Home) -> bool {
    use std::os::unix::fs::MetadataExt;
    let metadata = |path: &Path| std::fs::metadata(path).ok();
    let folder = std::fs::canonicalize(path).ok().and_then(|path| metadata(path.parent()?));
    let (Some(folder), Some(own)) = (folder, metadata(home.folder())) else { return false };
    [file, &folder].into_iter().all(|found| found.uid() == own.uid() && found.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path, _: &Metadata, _: &Home) -> bool {
    false
}

impl State {
    fn settled(&self, now: SystemTime) -> bool {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(self.changed.0).is_ok_and(|changed| since >= Duration::from_secs(changed) + SETTLED)
    }
}

impl KeyBytes for KeysOnDisk {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(place, out)
    }

    fn whole_before(&self, circuit: &str) -> bool {
        let Some(state) = self.unchanged() else { return false };
        let known = self.known.get_or_init(|| {
            // A record that cannot be read says nothing, and the sections are checked.
            let journal = self.home.journal::<Whole>(WHOLE).ok();
            let entries = journal.iter().flat_map(|journal| journal.entries());
            entries.filter(|entry| entry.file == state).map(|entry| entry.circuit.clone()).collect()
        });
        known.iter().any(|known| known == circuit)
    }

    fn found_whole(&self, circuit: &str) {
        if let Some(file) = self.unchanged() {
            let entry = Whole { at: self.now, circuit: circuit.into(), file };
            // What is not recorded is checked again: slower, and no less safe.
            let _ = self.home.journal(WHOLE).and_then(|mut journal| journal.append(entry));
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::FileExt, thread};

    use super::*;

    struct Place {
        folder: tempfile::TempDir,
        home: Home,
    }

    impl Place {
        /// A file that has been left alone for long.
        fn new() -> Place {
            let folder = tempfile::tempdir().unwrap();
            let home = Home::locate(Some(&folder.path().join("home"))).unwrap();
            fs::write(folder.path().join("keys"), [7; 100]).unwrap();
            Place { folder, home }
        }

        /// Opens it as if some seconds had passed since it was written.
        fn open(&self) -> KeysOnDisk {
            let path = self.folder.path().join("keys");
            let mut opened = KeysOnDisk::open(&path, &self.home, Timestamp::UNIX_EPOCH).unwrap().unwrap();
            let found = State::of(&opened.file.metadata().unwrap()).unwrap();
            assert!(found.settled(SystemTime::now() + SETTLED + Duration::from_secs(1)));
            opened.state = Some(found);
            opened
        }

        fn known(&self) -> [bool; 2] {
            let opened = self.open();
            ["tally-40", "verdict"].map(|circuit| opened.whole_before(circuit))
        }
    }

    #[test]
    fn a_circuit_is_remembered_as_long_as_the_file_is_the_same() {
        let place = Place::new();
        assert_eq!(place.known(), [false, false]);
        place.open().found_whole("tally-40");
        assert_eq!(place.known(), [true, false]);
        // One that changes between the two questions is no longer known.
        let opened = place.open();
        assert!(opened.whole_before("tally-40"));
        let path = place.folder.path().join("keys");
        let times = fs::metadata(&path).unwrap();
        let written = File::options().write(true).open(&path).unwrap();
        written.write_all_at(&[8], 50).unwrap();
        written.set_modified(times.modified().unwrap()).unwrap();
        assert!(!opened.whole_before("tally-40"));
        // Same size, same time of modification, same inode: not the same file state.
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.len(), now.modified().unwrap()), (times.len(), times.modified().unwrap()));
        assert_eq!(place.known(), [false, false]);
        // Nothing is recorded of what changed while it was read.
        opened.found_whole("verdict");
        assert_eq!(place.known(), [false, false]);
        place.open().found_whole("verdict");
        assert_eq!(place.known(), [false, true]);
        // Another file in its place, as alike as can be.
        let other = place.folder.path().join("other");
        fs::write(&other, fs::read(&path).unwrap()).unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(times.modified().unwrap()).unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(place.known(), [false, false]);
    }

    #[test]
    fn what_was_just_written_is_not_remembered() {
        let place = Place::new();
        let path = place.folder.path().join("keys");
        let opened = KeysOnDisk::open(&path, &place.home, Timestamp::UNIX_EPOCH).unwrap().unwrap();
        opened.found_whole("verdict");
        assert_eq!(place.known(), [false, false]);
    }

    #[test]
    fn two_at_a_time_and_a_damaged_record() {
        let place = Place::new();
        thread::scope(|scope| {
            for circuit in ["tally-40", "verdict"] {
                scope.spawn(|| (0..20).for_each(|_| place.open().found_whole(circuit)));
            }
        });
        assert_eq!(place.known(), [true, true]);
        fs::write(place.folder.path().join("home").join(WHOLE), "{").unwrap();
        assert_eq!(place.known(), [false, false]);
        place.open().found_whole("verdict");
        assert_eq!(place.known(), [false, false]);
    }

    #[test]
    fn a_file_that_others_may_write_is_not_remembered() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new();
        fs::create_dir(place.folder.path().join("home")).unwrap();
        let path = place.folder.path().join("keys");
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let private = || is_private(&path, &fs::metadata(&path).unwrap(), &place.home);
        set(&path, 0o644);
        set(place.folder.path(), 0o755);
        assert!(private());
        set(&path, 0o664);
        assert!(!private());
        set(&path, 0o644);
        set(place.folder.path(), 0o757);
        assert!(!private());
        set(place.folder.path(), 0o700);
        assert!(private());
    }
}
