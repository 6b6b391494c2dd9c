//! `import`: a document in canonical form.

use std::path::PathBuf;

use consign_documents::{
    import::{self, ImportOptions},
    profile::Kind,
    summary::{Summary, summary},
};
use serde::Serialize;

use crate::{
    args::{ImportArgs, OutputArgs, ReportArgs},
    context::Context,
    error::Failure,
    inputs, report, say,
};

/// Read a document and write it in canonical JSON
///
/// Reads UBL and UN/CEFACT XML, JSON of the DCSA, W3C traceability credentials, UN/EDIFACT, CSV and XLSX with a
/// mapping, and canonical JSON. What was understood goes to standard error, the document to standard output or to the
/// file that -o names; with --json what was understood goes to standard output, and the document only to that file.
///
/// With --guess it writes no document but a mapping, proposed from the heading of a CSV or XLSX file, and shows what the
/// file says by it. Look it over, write in what it leaves open, and give it with --mapping.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    import: ImportArgs,
    /// Propose a mapping from the heading of a table, and write that instead of a document
    #[arg(long, conflicts_with_all = ["mapping", "leave_out_credit_lines"])]
    guess: bool,
    /// The kind of document that --guess maps to [default: what the file's name and its heading tell]
    #[arg(long, value_name = "KIND", requires = "guess")]
    kind: Option<Kind>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Serialize)]
struct Report {
    format: String,
    document: Summary,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct GuessReport {
    mapping: String,
    /// What the file says by it; absent where it cannot be read so.
    document: Option<Summary>,
    /// Why it cannot.
    error: Option<String>,
    warnings: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    if args.guess {
        return guess(args, cx);
    }
    let imported = inputs::document(&args.file, &args.import)?;
    let summary = summary(&imported.document);
    // What was understood comes last, so that it stays in sight.
    write(args, cx, imported.document.as_json().as_bytes(), b"\n")?;
    report::imported(cx, &imported, &summary);
    if args.report.json {
        let warnings = imported.warnings.iter().map(ToString::to_string).collect();
        report::json(cx.out, &Report { format: imported.format, document: summary, warnings })?;
    }
    Ok(())
}

/// Writes to the file that -o names, else to standard output if no report goes there.
fn write(args: &Args, cx: &mut Context<'_>, bytes: &[u8], end: &[u8]) -> Result<(), Failure> {
    match &args.output.output {
        Some(target) => args.output.write(cx, &target.clone(), bytes)?,
        None if !args.report.json => {
            cx.out.write_all(bytes)?;
            cx.out.write_all(end)?;
        }
        None => {}
    }
    Ok(())
}

/// Proposes a mapping, and shows what the file says by it.
fn guess(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let bytes = inputs::document_bytes(&args.file)?;
    let file = args.file.display().to_string();
    let guess = import::guess(&bytes, &file, args.kind)?;
    write(args, cx, guess.toml.as_bytes(), b"")?;
    let mut report = GuessReport { mapping: guess.toml, document: None, error: None, warnings: Vec::new() };
    match import::import(&bytes, &file, &ImportOptions { mapping: Some(guess.mapping), ..ImportOptions::default() }) {
        Ok(imported) => {
            let summary = summary(&imported.document);
            report::imported(cx, &imported, &summary);
            report.warnings = imported.warnings.iter().map(ToString::to_string).collect();
            report.document = Some(summary);
        }
        Err(error) => {
            say!(cx, "by this mapping the file is not read: {error}");
            report.error = Some(error.to_string());
        }
    }
    say!(cx, "this is a proposal: look over every line of it, then import with --mapping");
    if args.report.json {
        report::json(cx.out, &report)?;
    }
    Ok(())
}
