//! `id`: the public line of an identity.

use crate::{
    args::{KeyArg, OutputArgs},
    context::Context,
    error::Failure,
    inputs,
};

/// Print the public line of an identity, to hand out
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let line = format!("{}\n", inputs::identity(&cx.home, &args.key)?.public());
    match &args.output.output {
        Some(target) => args.output.write(cx, &target.clone(), line.as_bytes()),
        None => Ok(cx.out.write_all(line.as_bytes())?),
    }
}
