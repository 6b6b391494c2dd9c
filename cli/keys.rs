//! Key sets on this machine: where they lie, and which of them were checked.
//!
//! In: the id that a request names, and perhaps `--keys`. Out: the keys of that id, from the file given, from the current
//! folder, or from the state folder. Proving keys that somebody else made are checked in full once, and remembered.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use consign_circuits::keys::{KeySetError, KeySetId, ProvingKeys, UncheckedKeys, VerifyingKeys};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::file::KeysOnDisk;
use crate::{
    context::Context,
    error::{Failure, OfFile},
    home::Home,
    inputs,
    journal::Journal,
    say,
};

/// Name of the provers' file.
pub const PROVE: &str = "prove.keys";
/// Name of the verifiers' file.
pub const VERIFY: &str = "verify.keys";
/// Longest `prove.keys` that is read whole, from a pipe, in bytes.
const MAX_PROVE: u64 = 1 << 30;
/// Longest `verify.keys` that is read, in bytes.
pub const MAX_VERIFY: u64 = 4 << 20;
/// The key sets that were made or checked here.
const CHECKED: &str = "checked-keys.jsonl";

/// A key set whose proving keys need no further check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checked {
    at: Timestamp,
    id: String,
    made_here: bool,
}

/// Where the state folder keeps a file of a key set.
pub fn stored(home: &Home, id: KeySetId, name: &str) -> PathBuf {
    home.keys().join(format!("{id}.{name}"))
}

/// Where to look for a file: only where it was said, else in the current folder and, where the id is known, in the
/// state folder.
fn places(home: &Home, given: Option<&Path>, id: Option<KeySetId>, name: &str) -> Vec<PathBuf> {
    match given {
        Some(file) => vec![file.into()],
        None => {
            let stored = id.map(|id| stored(home, id, name));
            [PathBuf::from(name)].into_iter().chain(stored).filter(|path| path.exists()).collect()
        }
    }
}

fn missing(name: &str, id: Option<KeySetId>) -> Failure {
    let of = id.map(|id| format!(" of key set {id}")).unwrap_or_default();
    Failure::usage(
        format!("no {name}{of} in the current folder or the state folder"),
        format!("name the file with --keys FILE; whoever ran `consign setup` has {name}"),
    )
}

fn other(path: &Path, found: KeySetId, wanted: KeySetId) -> Failure {
    Failure::no(
        format!("{} is of key set {found}, and {wanted} is asked for", path.display()),
        "get the file of that key set from whoever made it, and name it with --keys FILE",
    )
}

/// Reads `verify.keys`.
pub fn read_verifying(path: &Path) -> Result<VerifyingKeys, Failure> {
    VerifyingKeys::parse(inputs::bytes(path, MAX_VERIFY)?).of_file(path)
}

/// The verifying keys of a key set; of whichever there are, where no id is given.
pub fn verifying(home: &Home, given: Option<&Path>, id: Option<KeySetId>) -> Result<VerifyingKeys, Failure> {
    find(places(home, given, id, VERIFY), VERIFY, id, read_verifying, VerifyingKeys::id)
}

/// Proving keys as they come, to hand on: nothing can be proved with them. Of whichever key set there is.
pub fn unchecked(cx: &Context<'_>, given: Option<&Path>) -> Result<UncheckedKeys, Failure> {
    let read = |path: &Path| read_unchecked(cx, path);
    find(places(&cx.home, given, None, PROVE), PROVE, None, read, UncheckedKeys::id)
}

/// Proving keys that were found.
pub enum Found {
    /// Made or checked here before.
    Known(Arc<ProvingKeys>),
    /// Still to be checked, in full.
    New(Box<UncheckedKeys>),
}

/// The proving keys of a key set; only their head is read.
pub fn find_proving(cx: &Context<'_>, given: Option<&Path>, id: KeySetId) -> Result<Found, Failure> {
    let read = |path: &Path| read_unchecked(cx, path);
    let keys = find(places(&cx.home, given, Some(id), PROVE), PROVE, Some(id), read, UncheckedKeys::id)?;
    let known = was_checked(&cx.home.journal(CHECKED)?, id);
    Ok(if known { Found::Known(Arc::new(keys.checked_before())) } else { Found::New(Box::new(keys)) })
}

fn was_checked(checked: &Journal<Checked>, id: KeySetId) -> bool {
    let id = id.to_string();
    checked.entries().iter().any(|entry| entry.id == id)
}

/// Proving keys that may be used: those that somebody else made are checked in full, the first time.
pub fn checked(cx: &mut Context<'_>, found: Found) -> Result<Arc<ProvingKeys>, Failure> {
    let keys = match found {
        Found::Known(keys) => return Ok(keys),
        Found::New(keys) => *keys,
    };
    let mut checked = cx.home.journal::<Checked>(CHECKED)?;
    let id = keys.id();
    // Another run may have checked them meanwhile.
    if was_checked(&checked, id) {
        return Ok(Arc::new(keys.checked_before()));
    }
    say!(cx, "checking the key set of {} once, in full", crate::error::one_line(keys.maker()));
    let progress = cx.progress("checking the key set, point by point");
    let keys = keys.check()?;
    drop(progress);
    checked.append(Checked { at: cx.now, id: id.to_string(), made_here: false })?;
    Ok(Arc::new(keys))
}

/// Reads the head of `prove.keys`; the rest is read when it is used.
fn read_unchecked(cx: &Context<'_>, path: &Path) -> Result<UncheckedKeys, Failure> {
    let on_disk = if inputs::is_standard(path) { None } else { KeysOnDisk::open(path, &cx.home, cx.now)? };
    match on_disk {
        Some(file) => UncheckedKeys::open(file).of_file(path),
        None => UncheckedKeys::parse(inputs::bytes(path, MAX_PROVE)?).of_file(path),
    }
}

/// Remembers a key set that was made here.
pub fn made_here(cx: &Context<'_>, id: KeySetId) -> Result<(), Failure> {
    cx.home.journal(CHECKED)?.append(Checked { at: cx.now, id: id.to_string(), made_here: true })
}

fn find<K>(
    places: Vec<PathBuf>,
    name: &str,
    id: Option<KeySetId>,
    read: impl Fn(&Path) -> Result<K, Failure>,
    id_of: impl Fn(&K) -> KeySetId,
) -> Result<K, Failure> {
    let mut another = None;
    for path in places {
        let keys = read(&path)?;
        match id {
            Some(wanted) if id_of(&keys) != wanted => another = Some(other(&path, id_of(&keys), wanted)),
            _ => return Ok(keys),
        }
    }
    Err(another.unwrap_or_else(|| missing(name, id)))
}

impl From<KeySetError> for Failure {
    fn from(error: KeySetError) -> Failure {
        Failure::input(&error, error.hint())
    }
}
