//! `trust`: the parties one knows, what for, and the key sets one accepts.

use std::path::PathBuf;

use clap::Subcommand;
use consign_crypto::trust::{Capacity, Party, TrustList};
use jiff::civil::Date;
use serde::Serialize;

use crate::{args::ReportArgs, commands::setup, context::Context, error::Failure, inputs, report, say};

/// Keep the list of the parties and key sets that you trust
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a party by its public line
    Add(Add),
    /// Print the list
    List(ReportArgs),
    /// Take a party off the list
    Remove {
        /// The party's name on the list
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Accept a key set, made by yourself or by somebody who you know will not forge
    Keys {
        /// verify.keys, as its maker handed it out
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What to call it [default: the name of whoever made it]
        #[arg(long)]
        name: Option<String>,
    },
}

/// Add a party by its public line
#[derive(Debug, clap::Args)]
struct Add {
    /// The party's public line, as `consign id` prints it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What you trust it for: issuer:KIND, issuer:*, sender, verifier
    #[arg(long = "as", value_name = "CAPACITY", value_delimiter = ',', required = true)]
    capacities: Vec<String>,
    /// What to call it [default: the name in its public line]
    #[arg(long)]
    name: Option<String>,
    /// Its legal entity identifier (ISO 17442)
    #[arg(long)]
    lei: Option<String>,
    /// Its EORI number
    #[arg(long)]
    eori: Option<String>,
    /// First day on which you trust it
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day on which you trust it
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    match &args.action {
        Action::Add(add) => self::add(add, cx),
        Action::List(report) => list(*report, cx),
        Action::Remove { name } => {
            cx.home.change_trust(|trust| Ok(trust.remove(name)?))?;
            say!(cx, "{name} is no longer on the trust list");
            Ok(())
        }
        Action::Keys { file, name } => setup::accept_file(cx, file, name.as_deref()),
    }
}

fn add(add: &Add, cx: &mut Context<'_>) -> Result<(), Failure> {
    let public = inputs::public(&add.file)?;
    let name = match &add.name {
        Some(name) => name.parse()?,
        None => public.name().clone(),
    };
    let capacity = |word: &String| {
        let known = "give capacities among issuer:KIND, issuer:*, sender and verifier";
        word.parse::<Capacity>().map_err(|e| Failure::usage(e, known))
    };
    let capacities = add.capacities.iter().map(capacity).collect::<Result<Vec<_>, _>>()?;
    let mut party = Party::new(name, public, capacities)?.valid(add.from, add.until)?;
    if let Some(lei) = &add.lei {
        party = party.lei(lei)?;
    }
    if let Some(eori) = &add.eori {
        party = party.eori(eori)?;
    }
    let said = format!("{} is on the trust list as {}", party.name(), words(&party));
    cx.home.change_trust(|trust| Ok(trust.add(party)?))?;
    say!(cx, "{said}");
    Ok(())
}

fn words(party: &Party) -> String {
    party.capacities().map(|c| c.to_string()).collect::<Vec<_>>().join(", ")
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    public: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lei: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eori: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    capacities: Vec<String>,
}

#[derive(Serialize)]
struct Keys<'a> {
    id: String,
    name: &'a str,
    made_by: &'a str,
}

#[derive(Serialize)]
struct Report<'a> {
    parties: Vec<Entry<'a>>,
    key_sets: Vec<Keys<'a>>,
}

fn list(args: ReportArgs, cx: &mut Context<'_>) -> Result<(), Failure> {
    let trust = cx.home.trust()?;
    if args.json {
        return report::json(cx.out, &as_report(&trust));
    }
    if trust.parties().is_empty() && trust.key_sets().is_empty() {
        say!(cx, "the trust list is empty");
        return Ok(());
    }
    let mut parties = report::table(&["party", "trusted as", "from", "until", "LEI", "EORI", "signing key"]);
    for party in trust.parties() {
        let (from, until) = party.validity();
        let day = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
        parties.add_row([
            party.name().to_string(),
            words(party),
            day(from),
            day(until),
            party.lei_code().unwrap_or_default().into(),
            party.eori_number().unwrap_or_default().into(),
            party.public().signer().to_string(),
        ]);
    }
    write!(cx.out, "{}", report::lines(&parties, ""))?;
    if !trust.key_sets().is_empty() {
        let mut keys = report::table(&["key set", "made by", "id"]);
        for set in trust.key_sets() {
            keys.add_row([set.name.to_string(), set.made_by.to_string(), hex::encode(set.id)]);
        }
        write!(cx.out, "\n{}", report::lines(&keys, ""))?;
    }
    Ok(())
}

fn as_report(trust: &TrustList) -> Report<'_> {
    let entry = |party| {
        let party: &Party = party;
        let (from, until) = party.validity();
        Entry {
            name: party.name().as_str(),
            public: party.public().to_string(),
            lei: party.lei_code(),
            eori: party.eori_number(),
            valid_from: from.map(|d| d.to_string()),
            valid_until: until.map(|d| d.to_string()),
            capacities: party.capacities().map(|c| c.to_string()).collect(),
        }
    };
    Report {
        parties: trust.parties().iter().map(entry).collect(),
        key_sets: trust
            .key_sets()
            .iter()
            .map(|set| Keys { id: hex::encode(set.id), name: set.name.as_str(), made_by: set.made_by.as_str() })
            .collect(),
    }
}
