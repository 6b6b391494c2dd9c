//! `import`: a document in canonical form.

use std::path::PathBuf;

use consign_documents::summary::summary;
use serde::Serialize;

use crate::{
    args::{ImportArgs, OutputArgs, ReportArgs},
    context::Context,
    error::Failure,
    inputs, report,
};

/// Read a document and write it in canonical JSON
///
/// Reads UBL and UN/CEFACT XML, CSV with a mapping, and canonical JSON. What was understood goes to standard error,
/// the document to standard output or to the file that -o names; with
/// --json what was understood goes to standard output, and the document only to that file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    import: ImportArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    report: ReportArgs,
}

#[derive(Serialize)]
struct Report {
    format: String,
    document: consign_documents::summary::Summary,
    warnings: Vec<String>,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let imported = inputs::document(&args.file, &args.import)?;
    let summary = summary(&imported.document);
    report::imported(cx, &imported, &summary);
    let json = imported.document.to_json();
    match &args.output.output {
        Some(target) => args.output.write(cx, &target.clone(), &json)?,
        None if !args.report.json => {
            cx.out.write_all(&json)?;
            cx.out.write_all(b"\n")?;
        }
        None => {}
    }
    if args.report.json {
        let warnings = imported.warnings.iter().map(ToString::to_string).collect();
        report::json(cx.out, &Report { format: imported.format, document: summary, warnings })?;
    }
    Ok(())
}
