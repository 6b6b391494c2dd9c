//! `import-key`: a key set from zkeys that others contributed to.

use std::path::PathBuf;

use consign_circuits::{
    iden3::{
        key_set::{self, Beginning, CeremonySetError},
        ptau::Ptau,
    },
    keys::Circuit,
};
use rand_arkworks::rngs::OsRng;

use crate::{
    args::{KeyArg, ReportArgs},
    commands::setup::{MAX_PTAU, Output, maker},
    context::Context,
    error::{Failure, OfFile, one_line},
    inputs, keys, say,
};

/// Longest zkey that is read, in bytes: the largest has some 40 million.
const MAX_ZKEY: u64 = 1 << 30;

/// Make a key set of zkeys that others contributed to
///
/// Each zkey is checked against this version's circuits and against what the ceremony began from; each contributor must
/// have proved to know its number. Compare the hashes that are shown with those that the contributors published.
/// The set is accepted in your trust list, as after `consign setup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The last zkey of each circuit, in any order
    #[arg(value_name = "ZKEY", num_args = Circuit::ALL.len(), required = true)]
    zkeys: Vec<PathBuf>,
    /// The powers of tau that the ceremony began from
    #[arg(long, value_name = "FILE", conflicts_with = "from", required_unless_present = "from")]
    ptau: Option<PathBuf>,
    /// The prove.keys that the ceremony began from; what its maker could do before, it still can
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Who makes the set, as others will see it [default: the name of your identity]
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

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let maker = maker(args.name.as_deref(), &args.key, cx)?;
    let output = Output { folder: args.output.as_deref(), force: args.force, json: args.report.json };
    let pending = output.reserve()?;
    let zkeys = args.zkeys.iter().map(|path| inputs::bytes(path, MAX_ZKEY)).collect::<Result<Vec<_>, _>>()?;
    let ptau = args.ptau.as_deref().map(|path| inputs::bytes(path, MAX_PTAU)).transpose()?;
    let beginning = match (&ptau, &args.ptau) {
        (Some(bytes), Some(path)) => Beginning::Ptau(Ptau::parse(bytes).map_err(CeremonySetError::from).of_file(path)?),
        _ => Beginning::KeySet(keys::unchecked(cx, args.from.as_deref())?.into()),
    };
    let progress = cx.progress("checking the ceremony");
    let mut at = |circuit: &str| progress.at(&format!("checking the ceremony of {circuit}"));
    let (set, contributions) =
        key_set::import_key_set(&zkeys, &beginning, maker.as_str(), cx.now, &mut OsRng, &mut at)?;
    drop(progress);
    for shown in &contributions {
        let name = shown.name.as_deref().map_or("without a name".into(), one_line);
        say!(cx, "{} contribution {}, {name}: {}", shown.circuit.name(), shown.number, shown.hash);
    }
    say!(cx, "compare the hashes above with those that contributors published");
    let words = match beginning {
        Beginning::Ptau(_) => {
            "nobody can forge while one contributor to each key, and one to the powers of tau, forgot its number"
        }
        Beginning::KeySet(_) => {
            "nobody can forge while one contributor to each key forgot its number; but if the maker of the first key set \
             drew tau itself, it still can"
        }
    };
    output.write(pending, &set, &maker, words, cx)
}
