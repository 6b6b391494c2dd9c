//! Files on disk: outputs that appear whole or not at all, and secrets that only their owner can read.
//!
//! In: a path. Out: a [`PendingFile`] that is written beside its target with mode 0600, synced and renamed onto it; or
//! the text of a secret file. Nothing half-written is left behind, whatever fails, and no input is overwritten by its
//! own output. What lies beside its target is known to [`remove_temporaries`], for a program that a signal ends; what is
//! killed outright leaves at most files and folders named `.consign-…`, and targets that are whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};
use zeroize::Zeroizing;

/// What can be wrong with a file, by path.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The target is there already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// Input and output are one file.
    #[error("{} is both input and output", .0.display())]
    Same(PathBuf),
    /// A secret that others can read.
    #[error("{} holds a secret and others can read it (mode {mode:04o}; 0600 is accepted)", .path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// More bytes than a file of this sort has.
    #[error("{} is longer than {limit} bytes", .path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
        /// The most that is accepted.
        limit: u64,
    },
    /// Not a regular file, or not text.
    #[error("{} is not {what}", .path.display())]
    NotA {
        /// Which file.
        path: PathBuf,
        /// What is accepted.
        what: &'static str,
    },
    /// The system refused.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// One action that the user can take.
    pub fn hint(&self) -> String {
        match self {
            FileError::Exists(_) => "choose another name, or remove that file first".into(),
            FileError::Same(_) => "name another output".into(),
            FileError::Exposed { path, .. } => format!("run `chmod 600 {}`", path.display()),
            FileError::TooLong { .. } | FileError::NotA { .. } => "check that this is the file you mean".into(),
            FileError::Io { .. } => "check the path, its permissions and the space on the disk".into(),
        }
    }
}

/// Names what was tried, and on what, beside the system's words.
fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_path_buf();
    move |source| FileError::Io { doing, path, source }
}

/// What to do where the target exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`FileError::Exists`], and never overwrite.
    Refuse,
    /// Replace it, at once and as a whole.
    Replace,
}

/// Temporary files and folders that have a name now.
static LIVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<PathBuf>> {
    // A list of paths is in order whatever its last user died of.
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every temporary file and folder of this process, and makes whoever begins another wait for ever: to be called
/// when nothing is left but to end the process.
pub fn remove_temporaries() {
    let live = live();
    for path in live.iter() {
        // What is gone already was put in its place, or dropped, a moment ago.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    std::mem::forget(live);
}

/// Keeps a path on the list for as long as it lives.
#[derive(Debug)]
struct Listed(PathBuf);

impl Listed {
    /// Makes something temporary while the list is locked, so that no signal comes between making and listing it.
    fn make<T>(make: impl FnOnce() -> io::Result<T>, path: impl Fn(&T) -> &Path) -> io::Result<(T, Listed)> {
        let mut live = live();
        let made = make()?;
        let path = path(&made).to_path_buf();
        live.push(path.clone());
        Ok((made, Listed(path)))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        live().retain(|path| *path != self.0);
    }
}

/// A builder of temporaries, whose names say whose they are.
fn beside(suffix: &str) -> tempfile::Builder<'static, '_> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".consign-").suffix(suffix);
    builder
}

/// A folder under way, beside its target, for its owner only. Dropped before [`PendingFolder::commit`], it is removed with
/// all that is in it.
#[derive(Debug)]
pub struct PendingFolder {
    temporary: TempDir,
    target: PathBuf,
    _listed: Listed,
}

impl PendingFolder {
    /// Begins a folder that will be `target`, which must not exist.
    ///
    /// # Errors
    /// [`FileError::Exists`], [`FileError::Io`].
    pub fn create(target: &Path) -> Result<PendingFolder, FileError> {
        if target.symlink_metadata().is_ok() {
            return Err(FileError::Exists(target.into()));
        }
        let mut builder = beside("");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let (temporary, listed) =
            Listed::make(|| builder.tempdir_in(folder(target)), TempDir::path).map_err(io("create", target))?;
        Ok(PendingFolder { temporary, target: target.into(), _listed: listed })
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Puts the folder in its place. The files in it must have been synced.
    ///
    /// # Errors
    /// [`FileError::Io`], also where another program has made something of the target's name meanwhile.
    pub fn commit(self) -> Result<(), FileError> {
        sync_folder(self.temporary.path())?;
        fs::rename(self.temporary.path(), &self.target).map_err(io("write", &self.target))?;
        // Renamed: nothing is left to remove.
        let _ = self.temporary.keep();
        sync_folder(folder(&self.target))
    }
}

/// An output under way, in the folder of its target. Dropped before [`PendingFile::commit`], it is removed.
#[derive(Debug)]
pub struct PendingFile {
    temporary: NamedTempFile,
    target: PathBuf,
    existing: Existing,
    _listed: Listed,
}

impl PendingFile {
    /// Begins an output that will be `target`, readable by its owner only.
    ///
    /// # Errors
    /// [`FileError::Exists`], [`FileError::NotA`] where the target is no file, [`FileError::Io`].
    pub fn create(target: &Path, existing: Existing) -> Result<PendingFile, FileError> {
        if target.file_name().is_none() {
            return Err(FileError::NotA { path: target.into(), what: "the name of a file" });
        }
        match fs::symlink_metadata(target) {
            Ok(_) if existing == Existing::Refuse => return Err(FileError::Exists(target.into())),
            Ok(found) if !found.is_file() && !found.is_symlink() => {
                return Err(FileError::NotA { path: target.into(), what: "a regular file" });
            }
            _ => {}
        }
        let builder = beside(".part");
        let (temporary, listed) =
            Listed::make(|| builder.tempfile_in(folder(target)), NamedTempFile::path).map_err(io("create", target))?;
        Ok(PendingFile { temporary, target: target.into(), existing, _listed: listed })
    }

    /// Where the output will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Syncs the output and puts it in its place.
    ///
    /// # Errors
    /// [`FileError::Exists`] where another program has made the target meanwhile, [`FileError::Io`].
    pub fn commit(self) -> Result<(), FileError> {
        commit_all(vec![self])
    }

    fn sync(&self) -> Result<(), FileError> {
        self.temporary.as_file().sync_all().map_err(io("write", &self.target))
    }

    fn place(self) -> Result<PathBuf, FileError> {
        let placed = match self.existing {
            Existing::Refuse => self.temporary.persist_noclobber(&self.target),
            Existing::Replace => self.temporary.persist(&self.target),
        };
        match placed {
            Ok(_) => Ok(self.target),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Exists(self.target)),
            Err(error) => Err(FileError::Io { doing: "write", path: self.target, source: error.error }),
        }
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Commits several outputs: all are synced before the first is put in its place, and where one cannot be, those that
/// were new are taken back.
///
/// # Errors
/// As [`PendingFile::commit`].
pub fn commit_all(files: Vec<PendingFile>) -> Result<(), FileError> {
    files.iter().try_for_each(PendingFile::sync)?;
    let mut placed = Vec::new();
    let mut folders = Vec::new();
    for file in files {
        let new = file.existing == Existing::Refuse;
        match file.place() {
            Ok(target) => {
                folders.push(folder(&target).to_path_buf());
                if new {
                    placed.push(target);
                }
            }
            Err(error) => {
                // The first error is the one to report; what cannot be removed was at least written whole.
                placed.iter().for_each(|path| drop(fs::remove_file(path)));
                return Err(error);
            }
        }
    }
    folders.sort();
    folders.dedup();
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

/// Writes `bytes` as one output; see [`PendingFile`].
///
/// # Errors
/// As [`PendingFile::create`] and [`PendingFile::commit`].
pub fn write_file(target: &Path, existing: Existing, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = PendingFile::create(target, existing)?;
    file.write_all(bytes).map_err(io("write", target))?;
    file.commit()
}

/// Refuses an output that is its own input, by whatever name or link.
///
/// # Errors
/// [`FileError::Same`].
pub fn refuse_same(input: &Path, output: &Path) -> Result<(), FileError> {
    let (Ok(found), Ok(target)) = (fs::canonicalize(input), fs::canonicalize(output)) else {
        return Ok(()); // One of them is not there: they are not the same.
    };
    if found == target || same_inode(&found, &target) { Err(FileError::Same(output.into())) } else { Ok(()) }
}

/// Reads a secret text file of at most `limit` bytes. On Unix it must be readable by its owner only.
///
/// # Errors
/// [`FileError::Exposed`], [`FileError::TooLong`], [`FileError::NotA`] where it is no regular file or not UTF-8,
/// [`FileError::Io`].
pub fn read_secret(path: &Path, limit: u64) -> Result<Zeroizing<String>, FileError> {
    let file = File::open(path).map_err(io("read", path))?;
    // The open file is asked, not the path: the path may lead elsewhere a moment later.
    let found = file.metadata().map_err(io("read", path))?;
    if !found.is_file() {
        return Err(FileError::NotA { path: path.into(), what: "a regular file" });
    }
    if let Some(mode) = exposed_mode(&found) {
        return Err(FileError::Exposed { path: path.into(), mode });
    }
    if found.len() > limit {
        return Err(FileError::TooLong { path: path.into(), limit });
    }
    // Room for all of it and one byte more, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit as usize + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLong { path: path.into(), limit });
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.into())),
        Err(_) => Err(FileError::NotA { path: path.into(), what: "UTF-8 text" }),
    }
}

/// The folder that a target lies in.
pub fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn exposed_mode(found: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let mode = found.mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn exposed_mode(_: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn same_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_inode(_: &Path, _: &Path) -> bool {
    false
}

/// Makes what was made or renamed in `folder` last through a power cut.
///
/// # Errors
/// [`FileError::Io`].
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|open| open.sync_all()).map_err(io("sync", folder))
}

/// Elsewhere a folder cannot be synced.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> Result<(), FileError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn outputs_appear_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let mut file = PendingFile::create(&target, Existing::Refuse).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!target.exists());
        drop(file);
        assert!(names(folder.path()).is_empty());

        write_file(&target, Existing::Refuse, b"one").unwrap();
        assert!(
            matches!(write_file(&target, Existing::Refuse, b"two"), Err(FileError::Exists(path)) if path == target)
        );
        assert_eq!(fs::read(&target).unwrap(), b"one");
        write_file(&target, Existing::Replace, b"two").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["a"]);
        assert!(matches!(
            PendingFile::create(folder.path(), Existing::Replace),
            Err(FileError::NotA { what: "a regular file", .. })
        ));
        assert!(matches!(PendingFile::create(Path::new("/"), Existing::Replace), Err(FileError::NotA { .. })));
        assert!(matches!(
            PendingFile::create(&folder.path().join("no/such"), Existing::Refuse),
            Err(FileError::Io { doing: "create", .. })
        ));
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("opened");
        let pending = PendingFolder::create(&target).unwrap();
        write_file(&pending.path().join("a"), Existing::Refuse, b"one").unwrap();
        assert!(live().contains(&pending.path().to_path_buf()));
        let temporary = pending.path().to_path_buf();
        drop(pending);
        assert!(names(folder.path()).is_empty() && !live().contains(&temporary));

        let pending = PendingFolder::create(&target).unwrap();
        write_file(&pending.path().join("a"), Existing::Refuse, b"one").unwrap();
        pending.commit().unwrap();
        assert_eq!((names(folder.path()), names(&target)), (vec!["opened".into()], vec!["a".into()]));
        assert!(matches!(PendingFolder::create(&target), Err(FileError::Exists(path)) if path == target));
    }

    #[test]
    fn of_several_outputs_none_stays_when_one_fails() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        let files = [&a, &b].map(|path| PendingFile::create(path, Existing::Refuse).unwrap());
        fs::write(&b, "somebody else's").unwrap();
        assert!(matches!(commit_all(files.into()), Err(FileError::Exists(path)) if path == b));
        assert_eq!(names(folder.path()), ["b"]);

        // One that was to replace another is no new one: it stays, whole.
        write_file(&a, Existing::Refuse, b"old").unwrap();
        fs::remove_file(&b).unwrap();
        let mut first = PendingFile::create(&a, Existing::Replace).unwrap();
        first.write_all(b"new").unwrap();
        let second = PendingFile::create(&b, Existing::Refuse).unwrap();
        fs::write(&b, "somebody else's").unwrap();
        assert!(matches!(commit_all(vec![first, second]), Err(FileError::Exists(path)) if path == b));
        assert_eq!(fs::read(&a).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        fs::write(&a, "kept").unwrap();
        std::os::unix::fs::symlink(&a, &b).unwrap();
        assert!(matches!(write_file(&b, Existing::Refuse, b"new"), Err(FileError::Exists(path)) if path == b));
        write_file(&b, Existing::Replace, b"new").unwrap();
        assert_eq!((fs::read(&a).unwrap(), fs::read(&b).unwrap()), (b"kept".into(), b"new".into()));
    }

    #[test]
    fn an_input_is_not_its_own_output() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        fs::write(&a, "x").unwrap();
        refuse_same(&a, &b).unwrap();
        let c = folder.path().join("c");
        fs::write(&c, "x").unwrap();
        refuse_same(&a, &c).unwrap();
        assert!(matches!(refuse_same(&a, &a), Err(FileError::Same(_))));
        assert!(matches!(refuse_same(&a, &folder.path().join(".").join("a")), Err(FileError::Same(_))));
        fs::hard_link(&a, &b).unwrap();
        #[cfg(unix)]
        assert!(matches!(refuse_same(&a, &b), Err(FileError::Same(_))));
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        write_file(&key, Existing::Refuse, b"secret").unwrap();
        assert_eq!(read_secret(&key, 6).unwrap().as_str(), "secret");
        assert!(matches!(read_secret(&key, 5), Err(FileError::TooLong { limit: 5, .. })));
        for mode in [0o640, 0o604, 0o601, 0o660] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read_secret(&key, 6), Err(FileError::Exposed { mode: found, .. }) if found == mode));
        }
        write_file(&key, Existing::Replace, b"\xff").unwrap();
        assert!(matches!(read_secret(&key, 6), Err(FileError::NotA { what: "UTF-8 text", .. })));
        assert!(matches!(read_secret(folder.path(), 6), Err(FileError::NotA { .. })));
        assert!(matches!(read_secret(&folder.path().join("no"), 6), Err(FileError::Io { .. })));
    }
}
