//! The state folder: whom one trusts, which keys one has, and what was promised or answered before.
//!
//! In: `--home`, `CONSIGN_HOME`, or the platform's data folder. Out: [`Home`], through which every verb reads and writes
//! its state. The folder is made, for its owner only, when something is first written to it. Source: design section 10.
//!
//! | file | what |
//! |---|---|
//! | `identity.key` | the identity that `--key` defaults to |
//! | `trust.toml` | trust list |
//! | `keys/ID.verify.keys`, `keys/ID.prove.keys` | key sets by id |
//! | `answers.jsonl` | nonces of one's requests and what they accepted |
//! | `asked.jsonl` | which policies were asked of one's documents |
//! | `grants.jsonl` | what one has sealed, for whom, under which epoch |
//! | `epochs.jsonl` | the latest epoch that one has opened of each document |
//! | `status.jsonl` | what one has attested with a status list, and taken back |
//! | `checked-keys.jsonl` | proving keys of others that were checked in full |
//! | `whole-keys.jsonl` | key files whose sections had the digests of their head, as long as they are unchanged |

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use consign_crypto::{
    files::{self, Existing},
    trust::{self, TrustList},
};
use etcetera::BaseStrategy;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Failure, OfFile},
    inputs,
    journal::Journal,
};

/// The environment variable that names the state folder.
pub const VARIABLE: &str = "CONSIGN_HOME";

/// The state folder, which may not exist yet.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The folder given, else the one that `CONSIGN_HOME` names, else `consign` in the platform's data folder.
    pub fn locate(given: Option<&Path>) -> Result<Home, Failure> {
        if let Some(folder) = given {
            return Ok(Home(folder.into()));
        }
        match env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(folder) => Ok(Home(folder.into())),
            None => etcetera::choose_base_strategy()
                .map(|base| Home(base.data_dir().join("consign")))
                .map_err(|e| Failure::usage(format!("no state folder: {e}"), "name one with --home DIR")),
        }
    }

    /// The folder itself, which may not exist yet.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Where the default identity lies.
    pub fn identity(&self) -> PathBuf {
        self.0.join("identity.key")
    }

    /// Where the key sets lie.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Makes a folder within the state folder, or the state folder itself for `""`.
    pub fn make(&self, within: &str) -> Result<(), Failure> {
        let folder = self.0.join(within);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|e| cannot("make", &folder, &e))
    }

    /// The trust list; empty where there is none yet.
    pub fn trust(&self) -> Result<TrustList, Failure> {
        let path = self.0.join("trust.toml");
        match inputs::text_if_there(&path, trust::MAX_BYTES as u64)? {
            Some(text) => TrustList::parse(&text).of_file(&path),
            None => Ok(TrustList::default()),
        }
    }

    /// Changes the trust list, one writer at a time.
    pub fn change_trust<T>(&self, change: impl FnOnce(&mut TrustList) -> Result<T, Failure>) -> Result<T, Failure> {
        self.make("")?;
        let lock = self.0.join("trust.lock");
        let file = fs::File::options().create(true).append(true).open(&lock).map_err(|e| cannot("open", &lock, &e))?;
        file.lock().map_err(|e| cannot("lock", &lock, &e))?;
        let mut list = self.trust()?;
        let done = change(&mut list)?;
        files::write_file(&self.0.join("trust.toml"), Existing::Replace, list.to_toml().as_bytes())?;
        Ok(done)
    }

    /// An append-only file, locked for this run.
    pub fn journal<T: Serialize + DeserializeOwned>(&self, name: &str) -> Result<Journal<T>, Failure> {
        self.make("")?;
        Journal::open(&self.0.join(name))
    }

    /// The same, of which only what stands after so many bytes is read.
    pub fn journal_after<T: Serialize + DeserializeOwned>(&self, name: &str, read: u64) -> Result<Journal<T>, Failure> {
        self.make("")?;
        Journal::open_after(&self.0.join(name), read)
    }
}

/// The failure of the system to do something with a path of the state folder.
pub fn cannot(doing: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::input(
        format!("cannot {doing} {}: {error}", path.display()),
        "check the path, its permissions and the space on the disk",
    )
}
