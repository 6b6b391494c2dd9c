//! Writing files: whole or not at all, for their owner only, never over another unless `--force` says so.

use std::path::{Path, PathBuf};

use consign_crypto::files::{self, Existing};

use crate::{args::OutputArgs, context::Context, error::Failure};

impl OutputArgs {
    /// Where the output goes: `-o`, else the name given here.
    pub fn path(&self, otherwise: impl Into<PathBuf>) -> PathBuf {
        self.output.clone().unwrap_or_else(|| otherwise.into())
    }

    /// Whether the output is standard output.
    pub fn is_standard(&self) -> bool {
        self.output.as_deref() == Some(Path::new("-"))
    }

    /// What to do where the target exists.
    pub fn existing(&self) -> Existing {
        if self.force { Existing::Replace } else { Existing::Refuse }
    }

    /// Fails early, before anything costly is done, where the target exists and `--force` is not given.
    pub fn check(&self, target: &Path) -> Result<(), Failure> {
        if self.is_standard() || self.force || target.symlink_metadata().is_err() {
            Ok(())
        } else {
            Err(files::FileError::Exists(target.into()).into())
        }
    }

    /// Writes a file, or to standard output for `-`.
    pub fn write(&self, cx: &mut Context<'_>, target: &Path, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_standard() {
            return Ok(cx.out.write_all(bytes)?);
        }
        files::write_file(target, self.existing(), bytes)?;
        wrote(cx, target);
        Ok(())
    }
}

/// Says that a file was written.
pub fn wrote(cx: &mut Context<'_>, target: &Path) {
    let _ = writeln!(cx.err, "wrote {}", target.display());
}
