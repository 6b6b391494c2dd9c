//! `setup`: a key set.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use consign_circuits::{
    iden3::{
        key_set::{self, CeremonySetError},
        ptau::Ptau,
    },
    keys as sets,
};
use consign_crypto::{
    files::{self, Existing, PendingFile},
    identity::Name,
    trust::KeySet,
};
use rand_arkworks::rngs::OsRng;
use serde::Serialize;

use crate::{
    args::{KeyArg, ReportArgs},
    context::Context,
    error::{Failure, OfFile},
    home::cannot,
    inputs, keys,
    outputs::wrote,
    report, say,
};

/// Make a key set: prove.keys for provers, verify.keys for verifiers
///
/// Best run by whoever verifies: who makes a key set could forge proofs for it. The set is accepted in your trust list;
/// others accept it with `consign trust keys verify.keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who makes it, as others will see it [default: the name of your identity]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    key: KeyArg,
    /// Begin from a public file of powers of tau, prepared for phase 2, of power 17 or more, and contribute to it
    #[arg(long, value_name = "FILE")]
    ptau: Option<PathBuf>,
    /// The folder to write to [default: the current folder]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Serialize)]
struct Report {
    key_set: String,
    made_by: String,
    prove_keys: String,
    verify_keys: String,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let maker = maker(args.name.as_deref(), &args.key, cx)?;
    let output = Output { folder: args.output.as_deref(), force: args.force, json: args.report.json };
    let pending = output.reserve()?;
    let ptau = args.ptau.as_deref().map(|path| inputs::bytes(path, MAX_PTAU)).transpose()?;
    let progress = cx.progress("setting up");
    let mut at = |circuit: &str| progress.at(&format!("setting up: {circuit}"));
    let set = match (&ptau, &args.ptau) {
        (Some(bytes), Some(path)) => Ptau::parse(bytes)
            .map_err(CeremonySetError::from)
            .and_then(|ptau| key_set::setup(&ptau, maker.as_str(), cx.now, &mut OsRng, &mut at))
            .of_file(path)?,
        _ => sets::setup(maker.as_str(), cx.now, &mut OsRng, &mut at)?,
    };
    drop(progress);
    let words = match ptau {
        None => "single-party setup: whoever ran it can forge; let the verifier run it, or hold a ceremony",
        Some(_) => {
            "one contribution, yours: whoever knows its number can forge; let others contribute to `consign export zkey`"
        }
    };
    output.write(pending, &set, &maker, words, cx)
}

/// Longest file of powers of tau that is read, in bytes: 2^20 powers, prepared.
pub const MAX_PTAU: u64 = 3 << 30;

/// Where the two files of a new key set go, and how it is reported.
pub struct Output<'a> {
    pub folder: Option<&'a Path>,
    pub force: bool,
    pub json: bool,
}

impl Output<'_> {
    fn targets(&self) -> [PathBuf; 2] {
        [keys::PROVE, keys::VERIFY].map(|name| self.folder.unwrap_or(Path::new("")).join(name))
    }

    /// Both files, before the work begins.
    pub fn reserve(&self) -> Result<Vec<PendingFile>, Failure> {
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        let targets = self.targets();
        Ok(targets.iter().map(|target| PendingFile::create(target, existing)).collect::<Result<_, _>>()?)
    }

    /// Writes a key set that was made here, accepts it, and says what it relies on.
    pub fn write(
        &self,
        mut pending: Vec<PendingFile>,
        set: &sets::KeySet,
        maker: &Name,
        words: &str,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let targets = self.targets();
        for ((file, bytes), target) in pending.iter_mut().zip([set.prove_file(), set.verify_file()]).zip(&targets) {
            file.write_all(&bytes).map_err(|e| cannot("write", target, &e))?;
        }
        files::commit_all(pending)?;
        keys::made_here(cx, set.id())?;
        accept(cx, set.id(), maker, None, &set.verify_file())?;
        for target in &targets {
            wrote(cx, target);
        }
        say!(cx, "{words}");
        if self.json {
            let [prove_keys, verify_keys] = targets.map(|target| target.display().to_string());
            let report = Report { key_set: set.id().to_string(), made_by: maker.to_string(), prove_keys, verify_keys };
            return report::json(cx.out, &report);
        }
        Ok(writeln!(cx.out, "{}", set.id())?)
    }
}

/// The name given, that of the identity, or that of the only identity in the current folder.
pub fn maker(name: Option<&str>, key: &KeyArg, cx: &Context<'_>) -> Result<Name, Failure> {
    if let Some(name) = name {
        return Ok(name.parse()?);
    }
    if key.key.is_some() || cx.home.identity().exists() {
        return Ok(inputs::identity(&cx.home, key)?.public().name().clone());
    }
    Ok("unnamed".parse()?)
}

/// Accepts the key set of a file that its maker handed out.
pub fn accept_file(cx: &mut Context<'_>, file: &Path, name: Option<&str>) -> Result<(), Failure> {
    // Read once: a second reading of a pipe is empty, and one of a file may be another file's.
    let bytes = inputs::bytes(file, keys::MAX_VERIFY)?;
    let keys = sets::VerifyingKeys::parse(bytes.clone()).of_file(file)?;
    let maker: Name = keys.maker().parse().map_err(Failure::from).of_file(file)?;
    accept(cx, keys.id(), &maker, name, &bytes)
}

fn accept(
    cx: &mut Context<'_>,
    id: sets::KeySetId,
    maker: &Name,
    name: Option<&str>,
    verify_file: &[u8],
) -> Result<(), Failure> {
    let name: Name = match name {
        Some(name) => name.parse()?,
        // One maker may make several sets; each has a name of its own.
        None => {
            let trust = cx.home.trust()?;
            let taken =
                |name: &str| trust.key_sets().iter().any(|set| set.name.as_str() == name && set.id != *id.as_bytes());
            match taken(maker.as_str()) {
                false => maker.clone(),
                true => format!("{} {}", maker.as_str().chars().take(80).collect::<String>(), &id.to_string()[..8])
                    .parse()?,
            }
        }
    };
    cx.home.make("keys")?;
    files::write_file(&keys::stored(&cx.home, id, keys::VERIFY), Existing::Replace, verify_file)?;
    cx.home.change_trust(|trust| match trust.key_set(id.as_bytes()) {
        Some(_) => Ok(()),
        None => Ok(trust.accept(KeySet { id: *id.as_bytes(), name, made_by: maker.clone() })?),
    })?;
    say!(cx, "key set {id} made by {maker} is accepted: rely on it as you rely on {maker} not to forge");
    Ok(())
}

impl From<CeremonySetError> for Failure {
    fn from(error: CeremonySetError) -> Failure {
        Failure::input(&error, error.hint())
    }
}
