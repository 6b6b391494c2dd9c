//! An append-only file of one JSON object a line, locked while it is open and synced at each line.
//!
//! In: entries. Out: all entries so far, or a failure: a check that cannot read or write its file must not pass. A line
//! that cannot be read is not skipped, for it may be the one that would have said no.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use consign_crypto::files;
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::Failure, home::cannot};

/// Longest file that is read, in bytes: some hundred thousand entries.
const MAX_BYTES: u64 = 256 << 20;

/// An open journal. The lock goes with it.
#[derive(Debug)]
pub struct Journal<T> {
    path: PathBuf,
    file: File,
    entries: Vec<T>,
    end: u64,
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Opens the file, made for its owner only where it is not there, waits for whoever has it, and reads it.
    pub fn open(path: &Path) -> Result<Journal<T>, Failure> {
        Journal::open_after(path, 0)
    }

    /// The same, but reads only what stands after so many bytes, at which it [ended](Journal::end) before.
    pub fn open_after(path: &Path, read: u64) -> Result<Journal<T>, Failure> {
        let mut options = File::options();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|e| cannot("open", path, &e))?;
        file.lock().map_err(|e| cannot("lock", path, &e))?;
        let size = file.seek(SeekFrom::End(0)).map_err(|e| cannot("read", path, &e))?;
        if size == 0 {
            // It was made just now, or by a run that got no further: its entries last only where its name does.
            files::sync_folder(files::folder(path))?;
        }
        if size > MAX_BYTES {
            return Err(damaged(path, format!("it has {size} bytes; at most {MAX_BYTES} are read")));
        }
        if size < read {
            return Err(damaged(path, format!("it has become shorter: {size} bytes, and {read} were there")));
        }
        file.seek(SeekFrom::Start(read)).map_err(|e| cannot("read", path, &e))?;
        let after = if read == 0 { String::new() } else { format!(" after byte {read}") };
        let mut entries = Vec::new();
        let mut reader = BufReader::new((&file).take(MAX_BYTES));
        let mut line = String::new();
        loop {
            line.clear();
            match reader.read_line(&mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(e) => return Err(cannot("read", path, &e)),
            }
            let number = entries.len() + 1;
            let whole =
                line.strip_suffix('\n').ok_or_else(|| damaged(path, format!("line {number}{after} is cut short")))?;
            entries.push(serde_json::from_str(whole).map_err(|e| damaged(path, format!("line {number}{after}: {e}")))?);
        }
        Ok(Journal { path: path.into(), file, entries, end: size })
    }

    /// Where what was read ends, in bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> &[T] {
        &self.entries
    }

    /// Adds an entry; when this returns, it is on the disk.
    pub fn append(&mut self, entry: T) -> Result<(), Failure> {
        self.append_all(vec![entry])
    }

    /// Adds several entries, with one wait for the disk. Where that fails, on a full disk say, none of them stays: half a
    /// line would make the file unreadable for good.
    pub fn append_all(&mut self, entries: Vec<T>) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        let fault = |e: &std::io::Error| cannot("write", &self.path, e);
        let mut lines = Vec::new();
        for entry in &entries {
            serde_json::to_writer(&mut lines, entry).map_err(|e| fault(&e.into()))?;
            lines.push(b'\n');
        }
        // Nobody else writes: the file is locked.
        let before = self.file.metadata().map_err(|e| fault(&e))?.len();
        if let Err(e) = self.file.write_all(&lines).and_then(|()| self.file.sync_all()) {
            // Making a file shorter takes no room. If it fails all the same, the next reader says that a line is cut short.
            let _ = self.file.set_len(before).and_then(|()| self.file.sync_all());
            return Err(fault(&e));
        }
        self.entries.extend(entries);
        Ok(())
    }
}

fn damaged(path: &Path, what: String) -> Failure {
    Failure::input(
        format!("{}: {what}", path.display()),
        "restore the file from a backup, or correct that line by hand: what it says is needed to answer safely",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_and_damage_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut journal = Journal::<u32>::open(&path).unwrap();
        journal.append(1).unwrap();
        journal.append_all(vec![2, 3]).unwrap();
        journal.append_all(Vec::new()).unwrap();
        drop(journal);
        assert_eq!(Journal::<u32>::open(&path).unwrap().entries(), [1, 2, 3]);
        assert_eq!(Journal::<u32>::open_after(&path, 2).unwrap().entries(), [2, 3]);
        let ended = Journal::<u32>::open_after(&path, 6).unwrap();
        assert!(ended.entries().is_empty() && ended.end() == 6);
        drop(ended);
        let shorter = Journal::<u32>::open_after(&path, 7).unwrap_err();
        assert!(shorter.to_string().contains("it has become shorter: 6 bytes, and 7 were there"));
        std::fs::write(&path, "1\n2").unwrap();
        assert!(Journal::<u32>::open(&path).unwrap_err().to_string().contains("line 2 is cut short\n"));
        std::fs::write(&path, "1\nx\n").unwrap();
        assert!(Journal::<u32>::open(&path).unwrap_err().to_string().contains("line 2: expected value"));
        assert!(Journal::<u32>::open(folder.path()).is_err());
    }
}
