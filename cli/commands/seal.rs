//! `seal`: one file for each reader, and the sender's own copy.

use std::path::{Path, PathBuf};

use consign_crypto::{
    document_digest::Pattern,
    dossier::CheckedDossier,
    files::{self, Existing},
    identity::{Identity, PublicIdentity},
    seal::{Consignment, Epoch, MemberName, Purpose, RESERVED_NAMES, Sealed},
    view::View,
};

use crate::{
    args::KeyArg,
    context::Context,
    error::{Failure, one_line},
    inputs,
    outputs::wrote,
    register::{Act, Reader, Register, Sent},
    say, terminal,
};

/// Send a dossier and attachments to the parties you name
///
/// Writes one file for each reader, which any age opens too, and shows no other reader; and your own copy, from which
/// `consign grant` names more readers later.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// A reader: a public file, or a name on the trust list. May be given more than once
    #[arg(long, value_name = "PARTY", required_unless_present_any = ["passphrase", "archive_passphrase_file"])]
    to: Vec<PathBuf>,
    /// Seal it for your own archive instead, under a passphrase, asked on the terminal: whoever knows it could write such
    /// a file, so it is for nobody else
    #[arg(long, conflicts_with_all = ["to", "purpose"])]
    passphrase: bool,
    /// Seal it for your own archive instead, under the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "purpose"])]
    archive_passphrase_file: Option<PathBuf>,
    /// A file to send along. May be given more than once
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// What it is sent for; readers see it, signed
    #[arg(long, value_name = "TEXT", default_value = "for your information")]
    purpose: String,
    #[command(flatten)]
    key: KeyArg,
    /// Where to write [default: the current folder]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// A purpose from the command line.
pub fn purpose(text: &str) -> Result<Purpose, Failure> {
    text.parse().map_err(|e| Failure::usage(format!("purpose: {e}"), "give a purpose of 1 to 100 printable characters"))
}

/// The folder in which a target lies.
pub fn folder(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => ".".into(),
    }
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let purpose = purpose(&args.purpose)?;
    let outputs = Outputs::new(args.output.as_deref(), &args.dossier, args.force);
    let mut readers = Vec::new();
    for given in &args.to {
        let (word, public) = inputs::recipient(&trust, given)?;
        readers.push((Reader::new(&word, &public, &purpose), public));
    }
    outputs.refuse_equal_names(readers.iter().map(|(reader, _)| reader))?;

    let unsealed = inputs::own_dossier(cx, &args.dossier, &identity, &trust)?;
    let commitment = unsealed.dossier.attestation().commitment();
    let copy = unsealed.epoch_of_own_copy();
    let mut consignment = Consignment::new(unsealed.dossier.to_json()?, commitment);
    for path in &args.attach {
        consignment.attach(member_name(path)?, path.clone());
    }

    let mut register = Register::open(&cx.home)?;
    if args.passphrase || args.archive_passphrase_file.is_some() {
        let latest = register.latest_epoch(&commitment).max(copy.map(Epoch::number));
        let epoch = latest.and_then(Epoch::new).unwrap_or(Epoch::FIRST);
        let what = "passphrase for the archive";
        let passphrase = match &args.archive_passphrase_file {
            Some(file) => inputs::passphrase(Some(file), what)?,
            None => terminal::new_passphrase(what)?,
        };
        let target = outputs.archive();
        let mut file = files::PendingFile::create(&target, outputs.existing)?;
        let mut sealed = consignment.seal(&identity, epoch, cx.now, outputs.folder(), &mut rand::rng())?;
        sealed.write_archive(&passphrase, &mut rand::rng(), &mut file)?;
        file.commit()?;
        wrote(cx, &target);
        return Ok(());
    }
    let epoch = register.next_epoch(&commitment, copy)?;
    let mut sealed = consignment.seal(&identity, epoch, cx.now, outputs.folder(), &mut rand::rng())?;
    let files = outputs.prepare(cx, &mut sealed, &readers)?;
    let to = readers.into_iter().map(|(reader, _)| reader).collect();
    register.enter(Sent::sealed(&sealed, cx.now, Act::Seal, to))?;
    files::commit_all(files)?;
    outputs.tell(cx, &sealed, register.entries(&commitment).last().map_or(&[], |sent| &sent.to));
    Ok(())
}

/// Seals a part of a document, under a file key of its own.
pub fn part<'a>(
    cx: &Context<'_>,
    identity: &'a Identity,
    dossier: &CheckedDossier,
    only: &[Pattern],
    epoch: Epoch,
    folder: &Path,
) -> Result<Sealed<'a>, Failure> {
    let consignment = Consignment::of_view(View::of(dossier, only)?.to_json()?, dossier.attestation().commitment());
    Ok(consignment.seal(identity, epoch, cx.now, folder, &mut rand::rng())?)
}

/// The files of a body: one for each reader and the sender's own copy, in one folder.
pub struct Outputs {
    folder: PathBuf,
    stem: String,
    existing: Existing,
}

impl Outputs {
    /// Files in a folder, named after what is sealed.
    pub fn new(folder: Option<&Path>, sealed: &Path, force: bool) -> Outputs {
        let stem = inputs::stem(sealed).display().to_string();
        let stem = stem.strip_suffix(".own").map(str::to_owned).unwrap_or(stem);
        let existing = if force { Existing::Replace } else { Existing::Refuse };
        Outputs { folder: folder.map(Path::to_owned).unwrap_or_default(), stem, existing }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    fn of(&self, reader: &Reader) -> PathBuf {
        self.folder.join(format!("{}.{}.age", self.stem, reader.word))
    }

    fn archive(&self) -> PathBuf {
        self.folder.join(format!("{}.archive.age", self.stem))
    }

    fn own(&self) -> PathBuf {
        self.folder.join(format!("{}.own.age", self.stem))
    }

    /// Refuses two files of one name.
    pub fn refuse_equal_names<'a>(&self, readers: impl Iterator<Item = &'a Reader>) -> Result<(), Failure> {
        let mut targets: Vec<PathBuf> = readers.map(|reader| self.of(reader)).chain([self.own()]).collect();
        targets.sort();
        match targets.windows(2).find(|pair| pair[0] == pair[1]) {
            None => Ok(()),
            Some(pair) => Err(Failure::usage(
                format!("two files would be named {}", pair[0].display()),
                "give each reader once, and public files of different names; `own` is your own copy's",
            )),
        }
    }

    /// Writes the files beside their places, the sender's own copy first.
    pub fn prepare(
        &self,
        cx: &Context<'_>,
        sealed: &mut Sealed<'_>,
        readers: &[(Reader, PublicIdentity)],
    ) -> Result<Vec<files::PendingFile>, Failure> {
        let mut to = Vec::new();
        for (reader, public) in readers {
            to.push((public.recipient().clone(), purpose(&reader.purpose)?, self.of(reader)));
        }
        Ok(sealed.prepare_files(&to, Some(&self.own()), self.existing, cx.now, &mut rand::rng())?)
    }

    /// Writes the file of one reader beside its place.
    pub fn prepare_one(
        &self,
        cx: &Context<'_>,
        sealed: &mut Sealed<'_>,
        reader: &Reader,
        public: &PublicIdentity,
    ) -> Result<files::PendingFile, Failure> {
        let mut file = files::PendingFile::create(&self.of(reader), self.existing)?;
        sealed.write(public.recipient(), &purpose(&reader.purpose)?, cx.now, &mut rand::rng(), &mut file)?;
        Ok(file)
    }

    /// Says what was sealed, and for whom.
    pub fn tell(&self, cx: &mut Context<'_>, sealed: &Sealed<'_>, readers: &[Reader]) {
        let members: Vec<&str> = sealed.record().members().iter().map(|m| m.name().as_str()).collect();
        let epoch = sealed.record().epoch();
        say!(cx, "sealed {} (epoch {epoch}, record {})", members.join(", "), sealed.record_digest());
        for reader in readers {
            say!(cx, "for {}: {}", one_line(&reader.name()), self.of(reader).display());
        }
        wrote(cx, &self.own());
        if epoch != Epoch::FIRST {
            say!(cx, "note: this supersedes epoch {}; copies of it that are out stay readable", epoch.number() - 1);
        }
    }
}

/// The name under which an attachment travels: the file's own.
fn member_name(path: &Path) -> Result<MemberName, Failure> {
    let rename = "rename the file";
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::usage(format!("{} has no name in UTF-8", path.display()), rename))?;
    if let Some(taken) = RESERVED_NAMES.into_iter().find(|taken| name.eq_ignore_ascii_case(taken)) {
        return Err(Failure::usage(format!("an attachment cannot be named {taken}"), rename));
    }
    name.parse().map_err(|e| Failure::usage(e, rename))
}
