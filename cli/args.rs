//! The command line: the verbs, and the options that several of them share. The help texts are the doc comments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    attest, chain, check, demo, export, grant, grants, id, import, import_key, inspect, keygen, open, policy, prove,
    request, revoke, seal, setup, status, trust, verify,
};

/// Prove rules about trade documents without showing them, and seal them to the parties you name
///
/// The whole story is six commands:
///
///   carrier   consign attest manifest.xml --key carrier.key --holder shipper.pub
///   customs   consign setup; consign request eu-entry.toml --key customs.key
///   shipper   consign prove request.json manifest.dossier --key shipper.key
///   customs   consign verify answer.json --request request.json
///   shipper   consign seal invoice.dossier --to bank.pub --attach scan.pdf
///   bank      consign open invoice.bank.age --key bank.key --presentation answer.json
///
/// See it all with `consign demo`. Data goes to standard output, all else to standard error.
/// Exit status: 0 yes; 1 the answer is no; 2 usage; 3 a file cannot be read or is malformed; 255 a bug.
#[derive(Debug, Parser)]
#[command(name = "consign", version, max_term_width = 100, verbatim_doc_comment, subcommand_value_name = "VERB")]
#[command(subcommand_help_heading = "Verbs", disable_help_subcommand = true)]
pub struct Cli {
    /// State folder: trust list, keys, what was answered before [default: $CONSIGN_HOME, or the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do. Each verb's help is the doc comment of its arguments.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Demo(demo::Args),
    Keygen(keygen::Args),
    Id(id::Args),
    Trust(trust::Args),
    Setup(setup::Args),
    Import(import::Args),
    Policy(policy::Args),
    Check(check::Args),
    Attest(attest::Args),
    Status(status::Args),
    Request(request::Args),
    Prove(prove::Args),
    Verify(verify::Args),
    Seal(seal::Args),
    Grant(grant::Args),
    Grants(grants::Args),
    Revoke(revoke::Args),
    Open(open::Args),
    Chain(chain::Args),
    Inspect(inspect::Args),
    Export(export::Args),
    ImportKey(import_key::Args),
}

/// Whether an answer may narrow a figure down.
#[derive(Clone, Debug, Args)]
pub struct RevealArg {
    /// Answer even if a figure becomes known to less than a quarter of itself, a date to less than a week
    #[arg(long)]
    pub reveal: bool,
}

/// Whose keys to use.
#[derive(Clone, Debug, Default, Args)]
pub struct KeyArg {
    /// Your identity file [default: identity.key in the state folder]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// A file with the passphrase of your identity, where it has one [default: asked on the terminal]
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Where to write.
#[derive(Clone, Debug, Default, Args)]
pub struct OutputArgs {
    /// Where to write; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
}

/// How to report.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ReportArgs {
    /// Report as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

/// How to read a document.
#[derive(Clone, Debug, Default, Args)]
pub struct ImportArgs {
    /// How to read a CSV or XLSX file: a TOML file that names its columns
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Leave out an invoice's credit lines instead of refusing the invoice
    #[arg(long)]
    pub leave_out_credit_lines: bool,
}

/// Reads `NAME=VALUE`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err("write it as NAME=VALUE".into()),
    }
}

/// A file, and the role that it plays where the user says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleFile {
    /// The role.
    pub role: Option<String>,
    /// The file.
    pub file: PathBuf,
}

/// Reads `FILE` or `ROLE=FILE`. A file whose own name has such a form is meant where it exists.
pub fn role_file(text: &str) -> Result<RoleFile, String> {
    let word =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    match text.split_once('=') {
        Some((role, file)) if word(role) && !file.is_empty() && !PathBuf::from(text).exists() => {
            Ok(RoleFile { role: Some(role.into()), file: file.into() })
        }
        _ => Ok(RoleFile { role: None, file: text.into() }),
    }
}
