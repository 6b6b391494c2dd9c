//! `keygen`: an identity.

use consign_crypto::{
    files,
    identity::{Identity, Name},
};

use crate::{args::OutputArgs, context::Context, error::Failure, outputs::wrote};

/// Make an identity: one file with a key to sign and a key to be sealed to
///
/// Prints the public line, which others need to trust you or to seal to you. The file is secret, and
/// is identity.key in the state folder unless -o names another; `age -i` accepts it too.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your name, as others will see it
    #[arg(value_name = "NAME")]
    name: String,
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
    let identity = Identity::generate(name, cx.now, &mut rand::rng());
    files::write_file(&target, args.output.existing(), identity.to_file().as_bytes())?;
    wrote(cx, &target);
    Ok(writeln!(cx.out, "{}", identity.public())?)
}
