//! `keygen`: an identity.

use std::path::PathBuf;

use consign_crypto::{
    age::ScryptRecipient,
    files,
    identity::{Identity, Name},
};

use crate::{
    args::OutputArgs,
    context::Context,
    error::{Class, Failure},
    inputs,
    outputs::wrote,
    terminal,
};

/// Make an identity: one file with a key to sign and a key to be sealed to
///
/// Prints the public line, which others need to trust you or to seal to you. The file is secret, and
/// is identity.key in the state folder unless -o names another; `age -i` accepts it too. With
/// --passphrase it is of no use to whoever has the file alone.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your name, as others will see it
    #[arg(value_name = "NAME")]
    name: String,
    /// Keep the identity under a passphrase, asked on the terminal
    #[arg(long)]
    passphrase: bool,
    /// Keep the identity under the passphrase in this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Make a key that the quantum computers of later do not open; its public line has 2 KB, and age opens its files from
    /// version 1.3 on
    #[arg(long)]
    post_quantum: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let name: Name = args.name.parse()?;
    if args.output.is_standard() {
        return Err(Failure::usage("an identity is not written to standard output", "name a file with -o FILE"));
    }
    if args.output.output.is_none() {
        cx.home.make("")?;
    }
    let target = args.output.path(cx.home.identity());
    args.output.check(&target)?;
    let what = "passphrase for the identity";
    let passphrase = match &args.passphrase_file {
        Some(file) => Some(inputs::passphrase(Some(file), what)?),
        None if args.passphrase => Some(terminal::new_passphrase(what)?),
        None => None,
    };
    let mut rng = rand::rng();
    let identity = match args.post_quantum {
        true => Identity::generate_post_quantum(name, cx.now, &mut rng),
        false => Identity::generate(name, cx.now, &mut rng),
    };
    match passphrase {
        None => files::write_file(&target, args.output.existing(), identity.to_file().as_bytes())?,
        Some(passphrase) => {
            let locked = identity.to_locked_file(&ScryptRecipient::new(passphrase), &mut rng);
            let locked = locked.map_err(|e| Failure::new(Class::Bug, &e, e.hint()))?;
            files::write_file(&target, args.output.existing(), &locked)?;
        }
    }
    wrote(cx, &target);
    Ok(writeln!(cx.out, "{}", identity.public())?)
}
