//! `grant`: one more reader for a body that is sealed already.

use std::{io, path::PathBuf};

use consign_crypto::{
    document_digest::Pattern,
    files::{self, PendingFile},
    seal::{OwnCopy, Record, Sealed},
};

use crate::{
    args::{KeyArg, OutputArgs},
    commands::seal,
    context::Context,
    error::{Failure, OfFile, one_line},
    home::cannot,
    inputs,
    outputs::wrote,
    register::{Act, Reader, Register, Sent},
    say,
};

/// Name one more reader for what you sealed
///
/// Takes your own copy, which `consign seal` wrote beside the readers' files, and writes a file for the new reader. The
/// body stays as it is. The file is invoice.bank.age for bank.pub and invoice.own.age, unless -o says otherwise.
///
/// With --only the reader gets some values of the document instead of the whole, and no attachment, in a file of its own,
/// and knows that they are those that were attested. lines/*/gross_mass names the gross mass of each line.
///
/// Where the body is kept once for all, in a bucket say, write it there with --body-only, and send each reader a header
/// of its own, under 1 KB, with --header-only: `consign open --header invoice.bank.header invoice.body`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your own copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The reader: a public file, or a name on the trust list
    #[arg(long, value_name = "PARTY", required_unless_present = "body_only")]
    to: Option<PathBuf>,
    /// What it is sent for; the reader sees it, signed
    #[arg(long, value_name = "TEXT", default_value = "for your information")]
    purpose: String,
    /// What the reader sees of the document, instead of all: lines/*/gross_mass,lines/*/dangerous
    #[arg(long, value_name = "VALUES", value_delimiter = ',', conflicts_with_all = ["header_only", "body_only"])]
    only: Vec<Pattern>,
    /// Write the header alone, which opens the body for this reader
    #[arg(long)]
    header_only: bool,
    /// Write the body alone, which opens for nobody without a header
    #[arg(long, conflicts_with_all = ["to", "header_only", "purpose"])]
    body_only: bool,
    #[command(flatten)]
    key: KeyArg,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let stem = inputs::stem(&args.file).display().to_string();
    let stem = stem.strip_suffix(".own").unwrap_or(&stem).to_owned();
    let mut rng = rand::rng();
    let open = || OwnCopy::open(inputs::stream(&args.file)?, &identity).of_file(&args.file);

    let Some(given) = &args.to else {
        let target = args.output.path(format!("{stem}.body"));
        return Output::new(args, &target)?.place(cx, |out| open()?.body(out).of_file(&args.file), |_, _| Ok(()));
    };
    let purpose = seal::purpose(&args.purpose)?;
    let trust = cx.home.trust()?;
    let (word, reader) = inputs::recipient(&trust, given)?;
    let target = args.output.path(format!("{stem}.{word}.{}", if args.header_only { "header" } else { "age" }));
    let now = cx.now;
    let given = if args.only.is_empty() {
        Given::Copy(open()?)
    } else {
        let own = inputs::own_copy(cx, &args.file, &identity, &trust)?;
        let epoch = own.opened.record().epoch();
        Given::Part(seal::part(cx, &identity, &own.dossier, &args.only, epoch, &std::env::temp_dir())?)
    };
    let digest = given.record_digest();
    let write = |out: &mut dyn io::Write| match given {
        Given::Part(mut part) => {
            part.write(reader.recipient(), &purpose, now, &mut rng, out).of_file(&target)?;
            Ok(part.record().clone())
        }
        Given::Copy(mut copy) if args.header_only => {
            let header = copy.header_for(reader.recipient(), &purpose, now, &mut rng).of_file(&args.file)?;
            let record = copy.record().of_file(&args.file)?;
            out.write_all(&header).map_err(|e| cannot("write", &target, &e))?;
            Ok(record)
        }
        Given::Copy(copy) => copy.grant(reader.recipient(), &purpose, now, &mut rng, out).of_file(&args.file),
    };
    // The register has the grant before anybody has the file.
    let enter = |cx: &mut Context<'_>, record: &Record| {
        let mut register = Register::open(&cx.home)?;
        let latest = register.latest_epoch(record.commitment()).unwrap_or(0);
        if latest > record.epoch().number() {
            return Err(Failure::no(
                format!("{} is of epoch {}, which epoch {latest} superseded", args.file.display(), record.epoch()),
                "grant it from your copy of the latest epoch, or seal the dossier again",
            ));
        }
        let to = vec![Reader::new(&word, &reader, &purpose).of_part(&args.only)];
        register.enter(Sent::of(record, digest.clone(), now, Act::Grant, to))?;
        say!(cx, "granted to {}", one_line(reader.name().as_str()));
        Ok(())
    };
    Output::new(args, &target)?.place(cx, write, enter)
}

/// What a reader is given.
enum Given<'a> {
    /// The body that is there, or the header for it.
    Copy(OwnCopy<'a, Box<dyn io::BufRead>>),
    /// A part of the document, in a body of its own.
    Part(Sealed<'a>),
}

impl Given<'_> {
    fn record_digest(&self) -> String {
        match self {
            Given::Copy(copy) => copy.record_digest().to_string(),
            Given::Part(part) => part.record_digest().to_string(),
        }
    }
}

/// Where a grant goes. Standard output, too, gets nothing before all is verified.
enum Output {
    File(PendingFile),
    Standard(std::fs::File),
}

impl Output {
    fn new(args: &Args, target: &std::path::Path) -> Result<Output, Failure> {
        if args.output.is_standard() {
            let file = tempfile::tempfile();
            return file.map(Output::Standard).map_err(|e| cannot("write", &std::env::temp_dir(), &e));
        }
        files::refuse_same(&args.file, target)?;
        Ok(Output::File(PendingFile::create(target, args.output.existing())?))
    }

    /// Writes it, has it entered, and only then hands it out.
    fn place(
        self,
        cx: &mut Context<'_>,
        write: impl FnOnce(&mut dyn io::Write) -> Result<Record, Failure>,
        enter: impl FnOnce(&mut Context<'_>, &Record) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Output::File(mut file) => {
                let record = write(&mut file)?;
                enter(cx, &record)?;
                let target = file.target().to_owned();
                file.commit()?;
                wrote(cx, &target);
            }
            Output::Standard(mut file) => {
                let record = write(&mut file)?;
                enter(cx, &record)?;
                io::Seek::rewind(&mut file)?;
                io::copy(&mut file, cx.out)?;
            }
        }
        Ok(())
    }
}
