//! `consign`: prove rules about trade documents without showing them, and seal them to the parties you name.
//!
//! In: a command line. Out: data on standard output, all else on standard error, and an exit status: 0 yes, 1 the answer
//! is no, 2 usage, 3 an input that cannot be read or is malformed, 255 a bug. Source: design section 11.
//!
//! | module | what |
//! |---|---|
//! | [`args`] | the command line: verbs and the options they share |
//! | [`commands`] | one file a verb |
//! | [`context`] | what a verb works with: home, clock, both outputs, progress |
//! | [`home`], [`journal`], [`ledger`], [`register`] | the state folder: trust list, keys, append-only files |
//! | [`inputs`], [`outputs`] | reading files within their limits; writing them whole or not at all |
//! | [`keys`] | key sets, their places and checks |
//! | [`error`], [`report`], [`progress`], [`terminal`] | words to the user, and passphrases from it |
//! | [`signals`] | what Ctrl-C leaves behind: nothing |

#![forbid(unsafe_code)]

mod args;
mod commands;
mod context;
mod error;
mod home;
mod inputs;
mod journal;
mod keys;
mod ledger;
mod outputs;
mod progress;
mod register;
mod report;
mod signals;
mod terminal;

use std::{
    io::{self, Write},
    panic,
    process::ExitCode,
};

use args::Cli;
use clap::{Parser, error::ErrorKind};
use context::{Context, Pipe};
use error::{Class, Failure};
use home::Home;

/// Proving uses tens of megabytes here and there: the system's allocator gets them anew each time, in small pages.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let _ = write!(
            io::stderr(),
            "error: consign met a state that should not occur{place}\nhint: report this line and what you did; nothing \
             was written\n"
        );
    }));
    // Unwinding removes temporary files; the exit status says the rest.
    panic::catch_unwind(run).unwrap_or(ExitCode::from(Class::Bug.status()))
}

fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(stop) if !stop.use_stderr() || stop.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Help and version come this way too. A closed pipe is no reason to complain.
            let _ = stop.print();
            return ExitCode::from(if stop.use_stderr() { Class::Usage.status() } else { 0 });
        }
        Err(stop) => {
            let failure = usage(&stop);
            let _ = write!(io::stderr(), "{failure}");
            return ExitCode::from(failure.class().status());
        }
    };
    signals::remove_temporaries();
    let (mut out, mut err) = (Pipe::new(io::stdout()), Pipe::new(io::stderr()));
    let done = Home::locate(cli.home.as_deref())
        .and_then(|home| commands::run(cli.verb, &mut Context::new(home, &mut out, &mut err)))
        .and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = out.flush();
            let _ = write!(err, "{failure}");
            ExitCode::from(failure.class().status())
        }
    }
}

/// What the parser of the command line says, on two lines.
fn usage(stop: &clap::Error) -> Failure {
    let text = stop.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = words(paragraphs.next().unwrap_or_default());
    let tip = paragraphs.find_map(|paragraph| paragraph.trim().strip_prefix("tip: ").map(words));
    let hint = tip.unwrap_or_else(|| "`consign --help` lists the verbs, `consign VERB --help` what each takes".into());
    Failure::usage(error.strip_prefix("error: ").unwrap_or(&error), hint)
}
