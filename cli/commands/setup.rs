//! `setup`: a key set.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use consign_circuits::keys as sets;
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
    let maker = maker(args, cx)?;
    let folder = args.output.clone().unwrap_or_default();
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    let targets = [keys::PROVE, keys::VERIFY].map(|name| folder.join(name));
    // Reserved before the work begins.
    let mut pending = Vec::new();
    for target in &targets {
        pending.push(PendingFile::create(target, existing)?);
    }

    let progress = cx.progress("setting up");
    let mut at = |circuit: &str| progress.at(&format!("setting up: {circuit}"));
    let set = sets::setup(maker.as_str(), cx.now, &mut OsRng, &mut at)?;
    drop(progress);
    for ((file, bytes), target) in pending.iter_mut().zip([set.prove_file(), set.verify_file()]).zip(&targets) {
        file.write_all(&bytes).map_err(|e| cannot("write", target, &e))?;
    }
    files::commit_all(pending)?;
    keys::made_here(cx, set.id())?;
    accept(cx, set.id(), &maker, None, &set.verify_file())?;
    for target in &targets {
        wrote(cx, target);
    }
    say!(cx, "single-party setup: whoever ran it can forge; let the verifier run it, or hold a ceremony");
    if args.report.json {
        let [prove_keys, verify_keys] = targets.map(|target| target.display().to_string());
        let report = Report { key_set: set.id().to_string(), made_by: maker.to_string(), prove_keys, verify_keys };
        return report::json(cx.out, &report);
    }
    Ok(writeln!(cx.out, "{}", set.id())?)
}

/// The name given, that of the identity, or that of the only identity in the current folder.
fn maker(args: &Args, cx: &Context<'_>) -> Result<Name, Failure> {
    if let Some(name) = &args.name {
        return Ok(name.parse()?);
    }
    if args.key.key.is_some() || cx.home.identity().exists() {
        return Ok(inputs::identity(&cx.home, &args.key)?.public().name().clone());
    }
    Ok("unnamed".parse()?)
}

/// Accepts the key set of a file that its maker handed out.
pub fn accept_file(cx: &mut Context<'_>, file: &Path, name: Option<&str>) -> Result<(), Failure> {
    let keys = keys::read_verifying(file)?;
    let maker: Name = keys.maker().parse().map_err(Failure::from).of_file(file)?;
    let bytes = inputs::bytes(file, 4 << 20)?;
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
