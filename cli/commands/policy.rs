//! `policy`: the rules that come with the program, and what a policy says in plain words.

use std::path::PathBuf;

use clap::Subcommand;
use consign_documents::policy::{
    Policy,
    pack::{self, ENTRIES},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{
    args::{ReportArgs, assignment},
    commands::request::explain,
    context::Context,
    error::{Failure, one_line},
    inputs, report,
};

/// Show the policies that come with consign, and what a policy says in plain words
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the names of the policies that come with consign, and what each is about
    List(ReportArgs),
    /// Print a policy's file
    Show {
        /// The name of a policy that comes with consign, or a file
        #[arg(value_name = "POLICY")]
        policy: PathBuf,
    },
    /// Say in plain words what a policy asks, with its sources
    Explain {
        /// The name of a policy that comes with consign, or a file
        #[arg(value_name = "POLICY")]
        policy: PathBuf,
        /// A value for a parameter of the policy; @FILE for a list in a file. May be given more than once
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
        values: Vec<(String, String)>,
    },
}

#[derive(Serialize)]
struct Line {
    name: &'static str,
    version: String,
    about: String,
    valid_from: Option<String>,
    valid_until: Option<String>,
    successor: Option<String>,
    in_force: bool,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    match &args.action {
        Action::List(report) => list(*report, cx),
        Action::Show { policy } => {
            let text = inputs::policy_text(policy)?;
            Ok(write!(cx.out, "{text}")?)
        }
        Action::Explain { policy, values } => say(policy, values, cx),
    }
}

fn today(cx: &Context<'_>) -> Date {
    cx.now.to_zoned(TimeZone::UTC).date()
}

fn list(args: ReportArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let day = today(cx);
    let mut lines = Vec::new();
    for entry in &ENTRIES {
        let policy = entry.policy()?;
        let in_force =
            policy.valid_from().is_none_or(|from| from <= day) && policy.valid_until().is_none_or(|until| day <= until);
        lines.push(Line {
            name: entry.name,
            version: policy.version().to_owned(),
            about: policy.about().unwrap_or_default().to_owned(),
            valid_from: policy.valid_from().map(|d| d.to_string()),
            valid_until: policy.valid_until().map(|d| d.to_string()),
            successor: pack::successor(entry.name, day).map(str::to_owned),
            in_force,
        });
    }
    if args.json {
        return report::json(cx.out, &lines);
    }
    let mut table = report::table(&["policy", "", "about"]);
    for line in &lines {
        // The first sentence; `explain` has the rest.
        let first = line.about.split_once(". ").map_or(line.about.as_str(), |(first, _)| first).trim_end_matches('.');
        table.add_row([line.name, if line.in_force { "" } else { "not in force" }, first]);
    }
    Ok(write!(cx.out, "{}", report::lines(&table, ""))?)
}

fn say(policy: &std::path::Path, values: &[(String, String)], cx: &mut Context<'_>) -> Result<(), Failure> {
    let day = today(cx);
    let policy = inputs::read_policy(policy)?;
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(one_line(&format!("{} {}", policy.name(), policy.version())));
    if let Some(about) = policy.about() {
        line(one_line(about));
    }
    line(validity(&policy, day));
    line(String::new());
    let resolved = policy.resolve_on(day, &inputs::values(values)?);
    match &resolved {
        Ok(resolved) => explain(resolved).into_iter().for_each(&mut line),
        // Without values there is no sentence yet: the claims as written.
        Err(_) if values.is_empty() => {
            for (number, claim) in policy.claims().iter().enumerate() {
                line(format!("  {}. {}  [{}]", number + 1, one_line(&claim.text), one_line(&claim.source)));
            }
        }
        Err(error) => return Err(error.clone().into()),
    }
    let parameters: Vec<_> = policy.parameters().collect();
    if !parameters.is_empty() {
        line(String::new());
        line("  parameters:".into());
    }
    for parameter in parameters {
        let default = parameter.default.map_or("no default".into(), |value| format!("by default {value}"));
        let about = parameter.about.map(|about| format!(": {about}")).unwrap_or_default();
        line(one_line(&format!("  {}, {}, {default}{about}", parameter.name, parameter.kind)));
    }
    Ok(write!(cx.out, "{out}")?)
}

fn validity(policy: &Policy, day: Date) -> String {
    let from = policy.valid_from().map(|from| format!("in force from {from}")).unwrap_or_default();
    let until = policy.valid_until().map(|until| format!(" until {until}")).unwrap_or_default();
    let past = policy.valid_until().is_some_and(|until| until < day);
    let successor = policy.successor().filter(|_| past).map(|name| format!("; see {name}")).unwrap_or_default();
    one_line(&format!("{from}{until}{successor}"))
}
