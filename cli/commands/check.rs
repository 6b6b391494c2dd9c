//! `check`: whether a policy holds on documents in the clear.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use consign_circuits::{assign::AssignError, prove::Estimate};
use consign_documents::{
    compile::compile,
    document::Document,
    error::MAX_FILE,
    evaluate::{Documents, Outcome, evaluate},
    facts::Facts,
    policy::{Policy, ResolvedPolicy, RoleName},
    profile::Kind,
    table::Table,
};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{
    args::{ImportArgs, KeyArg, ReportArgs, RoleFile, assignment, role_file},
    context::Context,
    error::{Failure, one_line},
    inputs, report, say,
};

/// Say whether claims hold on documents in the clear
///
/// Takes documents as `consign import` does, and dossiers of yours. Prints each claim with its figure and whether it
/// holds. Exit status 1 when one does not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Documents, assigned to the policy's roles by their kind, or each by name: ROLE=FILE
    #[arg(value_name = "FILE", required = true, value_parser = role_file)]
    files: Vec<RoleFile>,
    /// The policy: a file, or the name of one that comes with consign
    #[arg(long, value_name = "POLICY", conflicts_with = "claims", required_unless_present = "claims")]
    policy: Option<PathBuf>,
    /// A value for a parameter of the policy; @FILE for a list in a file. May be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
    /// A claim instead of a policy, as in 'total gross_mass <= 26500 kg'. May be given more than once
    #[arg(long = "claim", value_name = "CLAIM")]
    claims: Vec<String>,
    #[command(flatten)]
    import: ImportArgs,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Serialize)]
struct Report {
    holds: bool,
    policy: String,
    version: String,
    claims: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    claim: String,
    figure: Option<String>,
    bound: String,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&Outcome> for Line {
    fn from(outcome: &Outcome) -> Line {
        Line {
            claim: outcome.text.clone(),
            figure: outcome.figure.as_ref().map(ToString::to_string),
            bound: outcome.bound.clone(),
            holds: outcome.holds,
            reason: outcome.reason.as_ref().map(ToString::to_string),
        }
    }
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let documents: Vec<Document> =
        args.files.iter().map(|given| document(cx, &given.file, args)).collect::<Result<_, _>>()?;
    let policy = policy(args, &documents, cx)?;
    if !args.report.json {
        say!(cx, "policy {} {}", one_line(policy.name()), one_line(policy.version()));
    }
    let tables: Vec<(Kind, Table, Facts)> = documents.iter().map(|d| (d.kind(), d.table(), d.facts())).collect();
    let kinds = args.files.iter().map(|given| given.role.as_deref()).zip(tables.iter().map(|(kind, ..)| *kind));
    let roles = assign(&policy, kinds)?;
    let mut given: Documents<'_> = BTreeMap::new();
    for (role, (_, table, facts)) in roles.iter().zip(&tables) {
        given.entry(role.clone()).or_default().push((table, facts));
    }
    let outcomes = evaluate(&policy, &given);
    if !args.report.json {
        cost(cx, &policy, &given);
    }
    let against = outcomes.iter().filter(|o| !o.holds).count();
    if args.report.json {
        let claims = outcomes.iter().map(Line::from).collect();
        let report =
            Report { holds: against == 0, policy: policy.name().into(), version: policy.version().into(), claims };
        report::json(cx.out, &report)?;
    } else {
        write!(cx.out, "{}", table(&outcomes))?;
    }
    if against == 0 {
        return Ok(());
    }
    Err(Failure::no(
        format!("{against} of {} claims do not hold", outcomes.len()),
        "look at the figures; a fact that is not known in every line must be added to the document",
    ))
}

/// Says what a proof would cost, or why there is none.
fn cost(cx: &mut Context<'_>, policy: &ResolvedPolicy, given: &Documents<'_>) {
    match compile(policy) {
        Ok(compiled) => {
            let rows = |list: &Vec<(&Table, &Facts)>| list.iter().map(|(table, _)| table.rows().len()).collect();
            let estimate = Estimate::of(&compiled, &given.iter().map(|(r, list)| (r.clone(), rows(list))).collect());
            say!(cx, "an answer takes {}", estimate.words());
        }
        Err(error) => say!(cx, "note: this cannot be proved: {error}"),
    }
}

/// Claim, figure, bound, and whether it holds.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut table = report::table(&["claim", "figure", "bound", ""]);
    for outcome in outcomes {
        let figure = match (&outcome.figure, &outcome.reason) {
            (_, Some(reason)) => reason.to_string(),
            (Some(figure), None) => figure.to_string(),
            (None, None) => String::new(),
        };
        let mark = if outcome.holds { "holds" } else { "FAILS" };
        table.add_row([one_line(&outcome.text), one_line(&figure), one_line(&outcome.bound), mark.into()]);
    }
    report::lines(&table, "")
}

fn document(cx: &Context<'_>, file: &Path, args: &Args) -> Result<Document, Failure> {
    let (is_sealed, open) = inputs::is_sealed(inputs::stream(file)?);
    if !is_sealed {
        let bytes = inputs::bytes_of(open, file, MAX_FILE as u64)?;
        return Ok(inputs::document_of(&bytes, file, &args.import)?.document);
    }
    let identity = inputs::identity(&cx.home, &args.key)?;
    let unsealed = inputs::own_dossier_of(cx, open, file, &identity, &cx.home.trust()?)?;
    Ok(unsealed.dossier.document().clone())
}

fn policy(args: &Args, documents: &[Document], cx: &Context<'_>) -> Result<ResolvedPolicy, Failure> {
    let today = cx.now.to_zoned(TimeZone::UTC).date();
    match &args.policy {
        Some(given) => {
            let policy = inputs::policy(given, &args.values, today)?;
            inputs::in_force(&policy, today)?;
            Ok(policy)
        }
        None => {
            let claims: Vec<&str> = args.claims.iter().map(String::as_str).collect();
            let kinds: Vec<Kind> = documents.iter().map(Document::kind).collect();
            Ok(Policy::from_claims(&claims, &kinds)?.resolve_on(today, &inputs::values(&args.values)?)?)
        }
    }
}

/// The role of each document: the one named, else that of its kind. Whether their number is right is for the
/// evaluation to say.
fn assign<'a>(
    policy: &ResolvedPolicy,
    documents: impl Iterator<Item = (Option<&'a str>, Kind)>,
) -> Result<Vec<RoleName>, Failure> {
    let role = |(named, kind): (Option<&str>, Kind)| {
        if let Some(name) = named {
            return match policy.roles().get(name) {
                None => Err(AssignError::UnknownRole(name.into())),
                Some(role) if role.kind != kind => {
                    Err(AssignError::OtherKind { role: name.into(), expected: role.kind, found: kind })
                }
                Some(_) => Ok(name.to_owned()),
            };
        }
        let mut names = policy.roles().iter().filter(|(_, role)| role.kind == kind).map(|(name, _)| name.as_str());
        match (names.next(), names.next()) {
            (None, _) => Err(AssignError::NoRole(kind)),
            (Some(name), None) => Ok(name.to_owned()),
            (Some(first), Some(second)) => {
                let roles = [first, second].into_iter().chain(names).collect::<Vec<_>>().join(", ");
                Err(AssignError::Ambiguous { kind, roles })
            }
        }
    };
    Ok(documents.map(role).collect::<Result<_, _>>()?)
}
