//! Reading files: each within the limit of its kind, none of them trusted.
//!
//! In: paths from the command line, `-` for standard input. Out: parsed values, or a [`Failure`] that names the file.
//! What is sealed is opened here for every verb alike: who sent it, that it was meant for this reader, and that the
//! document inside is the one that was attested.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use consign_circuits::{
    assign::Assigned,
    presentation::{self, Presentation},
    request::{self, AcceptedRequest, SignedRequest},
    verify::VerifyError,
};
use consign_crypto::{
    age::{Header, Passphrase, header::MAX_HEADER_BYTES, scrypt},
    commitment::Commitment,
    dossier::CheckedDossier,
    files,
    identity::{self, Identity, PublicIdentity, SignerKey},
    seal::{Epoch, OpenError, Opened, Opening, Purpose, Sender},
    trust::{Party, TrustList},
};
use consign_documents::{
    error::MAX_FILE,
    import::{self, ImportOptions, Imported, Mapping},
    policy::{
        MAX_LIST_BYTES, Policy, ResolvedPolicy, list_of_text,
        pack::{self, ENTRIES, Entry},
    },
};

use jiff::{Timestamp, civil::Date};
use zeroize::Zeroizing;

use crate::{
    args::{ImportArgs, KeyArg, RoleFile},
    context::Context,
    error::{Failure, OfFile, one_line},
    home::{Home, cannot},
    terminal,
};

/// Longest mapping or policy that is read, in bytes; their readers have limits of their own.
const MAX_TOML: u64 = 1 << 20;
/// Longest identity under a passphrase that is read, in bytes: armor takes a third more.
const LOCKED_BYTES: u64 = 2 * identity::FILE_BYTES as u64;
/// Longest file with a passphrase that is read, in bytes.
const MAX_PASSPHRASE: u64 = 1024;
/// The name that stands for standard input.
const STANDARD: &str = "-";

/// Whether a path stands for standard input.
pub fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD)
}

/// Opens a file, or standard input for `-`.
pub fn stream(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if is_standard(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|e| cannot("read", path, &e))?;
    match file.metadata() {
        Ok(found) if found.is_dir() => {
            Err(Failure::input(format!("{} is a folder", path.display()), "name a file in it"))
        }
        Ok(_) => Ok(Box::new(BufReader::new(file))),
        Err(e) => Err(cannot("read", path, &e)),
    }
}

/// What a look at the beginning of a stream finds, and the stream from its beginning: a pipe is read once.
fn look<T>(stream: Box<dyn BufRead>, at: impl FnOnce(&mut dyn BufRead) -> T) -> (T, Box<dyn BufRead>) {
    let mut seen = Seen { stream, bytes: Vec::new() };
    let found = at(&mut seen);
    (found, Box::new(io::Cursor::new(seen.bytes).chain(seen.stream)))
}

/// Keeps what is read of a stream.
struct Seen {
    stream: Box<dyn BufRead>,
    bytes: Vec<u8>,
}

impl Read for Seen {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(out)?;
        self.bytes.extend_from_slice(&out[..read]);
        Ok(read)
    }
}

impl BufRead for Seen {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill_buf()
    }
    fn consume(&mut self, taken: usize) {
        // What is taken lies in the buffer, so this reads nothing.
        let buffer = self.stream.fill_buf().unwrap_or_default();
        self.bytes.extend_from_slice(&buffer[..taken.min(buffer.len())]);
        self.stream.consume(taken);
    }
}

/// The bytes of a file of at most `limit` bytes.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    bytes_of(stream(path)?, path, limit)
}

/// The same, of a file that is open.
pub fn bytes_of(file: Box<dyn BufRead>, path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| cannot("read", path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::input(
            format!("{} has more than {limit} bytes, the most that such a file may have", path.display()),
            "check that this is the file you mean",
        ));
    }
    Ok(bytes)
}

/// The text of a file of at most `limit` bytes.
pub fn text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(bytes(path, limit)?).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Failure::input(format!("{}: not UTF-8 from byte {at} on", path.display()), "save the file as UTF-8")
    })
}

/// As [`text`], `None` where there is no such file.
pub fn text_if_there(path: &Path, limit: u64) -> Result<Option<String>, Failure> {
    match path.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => text(path, limit).map(Some),
    }
}

/// The identity of `--key`, else the one in the state folder.
pub fn identity(home: &Home, key: &KeyArg) -> Result<Identity, Failure> {
    let path = key.key.clone().unwrap_or_else(|| home.identity());
    if key.key.is_none() && !path.exists() {
        return Err(Failure::usage(
            format!("no identity: there is no {}", path.display()),
            "name one with --key FILE, or make one with `consign keygen NAME`",
        ));
    }
    let text = files::read_secret(&path, LOCKED_BYTES)?;
    if !identity::is_locked(&text) {
        return Identity::parse(&text).of_file(&path);
    }
    let passphrase = passphrase(key.passphrase_file.as_deref(), &format!("passphrase of {}", path.display()))?;
    Identity::unlock(&text, passphrase).of_file(&path)
}

/// A passphrase: the first line of a secret file, or what is typed on the terminal.
pub fn passphrase(file: Option<&Path>, what: &str) -> Result<Passphrase, Failure> {
    let Some(file) = file else { return terminal::passphrase(what) };
    let text = files::read_secret(file, MAX_PASSPHRASE)?;
    let line = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
    Passphrase::new(line).ok_or_else(|| {
        Failure::input(format!("{} begins with an empty line", file.display()), "write a passphrase there")
    })
}

/// Whether a file was sealed for its sender's own archive, under a passphrase; and the file from its beginning.
pub fn is_archive(file: Box<dyn BufRead>) -> (bool, Box<dyn BufRead>) {
    look(file, |mut start| {
        let header = Header::read(&mut start).ok();
        header.is_some_and(|header| header.stanzas().iter().all(|stanza| stanza.tag() == scrypt::TAG))
    })
}

/// A public line from a file.
pub fn public(path: &Path) -> Result<PublicIdentity, Failure> {
    PublicIdentity::parse_file(&text(path, identity::FILE_BYTES as u64)?).of_file(path)
}

/// A document in the clear, in any format that is read; tables with the mapping that the options name.
pub fn document(path: &Path, args: &ImportArgs) -> Result<Imported, Failure> {
    document_of(&document_bytes(path)?, path, args)
}

/// The same, of the bytes of a file.
pub fn document_of(bytes: &[u8], path: &Path, args: &ImportArgs) -> Result<Imported, Failure> {
    let mapping = match &args.mapping {
        Some(path) => Some(Mapping::from_toml(&self::bytes(path, MAX_TOML)?, &path.display().to_string())?),
        None => None,
    };
    let options = ImportOptions { mapping, leave_out_credit_lines: args.leave_out_credit_lines };
    Ok(import::import(bytes, &path.display().to_string(), &options)?)
}

/// The bytes of a document in the clear, within the limit that its reader has.
pub fn document_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    bytes(path, MAX_FILE as u64)
}

/// The text of a policy file, or of the pack's policy of that name where there is no such file.
pub fn policy_text(given: &Path) -> Result<String, Failure> {
    match pack_name(given) {
        Some(entry) => Ok(entry.text.to_owned()),
        None => text(given, MAX_TOML),
    }
}

/// The pack's policy that is meant by a name, where there is no file of that name.
fn pack_name(given: &Path) -> Option<&'static Entry> {
    if given.exists() {
        return None;
    }
    let name = given.to_str()?;
    ENTRIES.iter().find(|entry| entry.name == name)
}

/// A policy file with the lists beside it, or the pack's policy of that name where there is no such file.
pub fn read_policy(given: &Path) -> Result<Policy, Failure> {
    if let Some(entry) = pack_name(given) {
        return Ok(entry.policy()?);
    }
    // What is no file's name may be a policy's, misspelt.
    let plain = given.components().count() == 1 && given.extension().is_none();
    if plain && given != Path::new(STANDARD) && !given.exists() {
        return Err(Failure::input(
            format!("no file and no policy of consign is called {}", given.display()),
            "`consign policy list` names those that come with consign",
        ));
    }
    let folder = given.parent().map(Path::to_owned).unwrap_or_default();
    let read =
        |name: &Path| text(&folder.join(name), MAX_LIST_BYTES as u64).map_err(|failure| failure.message().to_owned());
    Policy::from_toml_beside(&text(given, MAX_TOML)?, &read).of_file(given)
}

/// A policy with values for its parameters, as seen on a day.
pub fn policy(given: &Path, values: &[(String, String)], today: Date) -> Result<ResolvedPolicy, Failure> {
    Ok(read_policy(given)?.resolve_on(today, &self::values(values)?)?)
}

/// Refuses a policy that is not in force on the day, with the name of the one that follows it.
pub fn in_force(policy: &ResolvedPolicy, day: Date) -> Result<(), Failure> {
    if policy.in_force(day) {
        return Ok(());
    }
    let name = policy.name();
    let successor = pack::successor(name, day).or(policy.successor());
    let hint = match (successor, policy.valid_from()) {
        (Some(successor), _) => format!("use its successor, {}", one_line(successor)),
        (None, Some(from)) if day < from => format!("it is in force from {from} on"),
        (None, _) => "use the rule that is in force, or ask whoever wrote the policy".into(),
    };
    Err(Failure::no(format!("the policy {} is not in force on {day}", one_line(name)), hint))
}

/// Numbers of documents, one a line; blank lines are skipped.
pub fn numbers(path: &Path) -> Result<Vec<String>, Failure> {
    let text = text(path, MAX_LIST_BYTES as u64)?;
    let numbers: Vec<String> = text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    if numbers.is_empty() {
        return Err(Failure::input(
            format!("{} has no document numbers", path.display()),
            "write one document number a line",
        ));
    }
    Ok(numbers)
}

/// `NAME=VALUE` options as a map.
pub fn values(values: &[(String, String)]) -> Result<BTreeMap<String, String>, Failure> {
    let mut map = BTreeMap::new();
    for (name, value) in values {
        let value = match value.strip_prefix('@') {
            None => value.clone(),
            // A list in a file: of its only column, or a code a line.
            Some(file) => {
                let path = Path::new(file);
                let codes = list_of_text(&text(path, MAX_LIST_BYTES as u64)?, None);
                codes.map_err(|e| Failure::input(format!("{file}: {e}"), "write one code a line"))?.join(", ")
            }
        };
        map.insert(name.clone(), value);
    }
    if map.len() == values.len() {
        Ok(map)
    } else {
        Err(Failure::usage("a parameter is set twice", "give each parameter one --set NAME=VALUE"))
    }
}

/// A sealed file; or, from two files, the header of one reader and the body that is kept once for all.
pub fn sealed(header: Option<&Path>, path: &Path, file: Box<dyn BufRead>) -> Result<Box<dyn BufRead>, Failure> {
    let Some(header) = header else { return Ok(file) };
    let bytes = bytes(header, MAX_HEADER_BYTES as u64)?;
    let mut rest = &bytes[..];
    Header::read(&mut rest).map_err(OpenError::from).of_file(header)?;
    if !rest.is_empty() {
        return Err(Failure::input(
            format!("{} goes on after its header", header.display()),
            "give the file that `consign grant --header-only` wrote; a whole sealed file needs no --header",
        ));
    }
    let (is_sealed, body) = is_sealed(file);
    if is_sealed {
        return Err(Failure::input(
            format!("{} has a header of its own; a body alone is accepted beside --header", path.display()),
            "give the file that `consign grant --body-only` wrote",
        ));
    }
    Ok(Box::new(io::Cursor::new(bytes).chain(body)))
}

/// A sealed file that was opened, and the document inside, which is the attested one.
pub struct Unsealed {
    /// The members, in a private folder that goes when this does.
    pub opened: Opened,
    /// The dossier.
    pub dossier: CheckedDossier,
}

impl Unsealed {
    /// The epoch, where it is the reader's own copy of what it sealed.
    pub fn epoch_of_own_copy(&self) -> Option<Epoch> {
        let own = *self.opened.sender() == Sender::Own && *self.opened.purpose() == Purpose::own_copy();
        own.then(|| self.opened.record().epoch())
    }
}

/// The least epoch that is accepted of a document from a sender.
pub type KnownEpoch<'a> = dyn Fn(&SignerKey, &Commitment) -> Option<Epoch> + 'a;

/// Opens a sealed file. What is inside is still to be checked against its attestation, and whether its issuer is trusted.
pub fn unseal(
    cx: &Context<'_>,
    file: Box<dyn BufRead>,
    path: &Path,
    identity: &Identity,
    trust: &TrustList,
    known_epoch: &KnownEpoch<'_>,
) -> Result<Opened, Failure> {
    let opening = Opening { identity, trust, known_epoch, now: cx.now, temporary: None };
    opening.open(file).of_file(path)
}

/// A sealed file of one's own holding, of any epoch, with the whole document in it.
pub fn own_dossier(cx: &Context<'_>, path: &Path, identity: &Identity, trust: &TrustList) -> Result<Unsealed, Failure> {
    own_dossier_of(cx, stream(path)?, path, identity, trust)
}

/// The same, of a file that is open.
pub fn own_dossier_of(
    cx: &Context<'_>,
    file: Box<dyn BufRead>,
    path: &Path,
    identity: &Identity,
    trust: &TrustList,
) -> Result<Unsealed, Failure> {
    let opened = unseal(cx, file, path, identity, trust, &|_, _| None)?;
    let dossier = opened.checked_dossier().of_file(path)?;
    Ok(Unsealed { opened, dossier })
}

/// The documents that answer a request: dossiers of one's own holding, in the policy's roles.
pub fn own_dossiers(
    cx: &Context<'_>,
    request: &AcceptedRequest,
    given: &[RoleFile],
    identity: &Identity,
    trust: &TrustList,
) -> Result<Assigned, Failure> {
    let own = |given: &RoleFile| Ok((given.role.clone(), own_dossier(cx, &given.file, identity, trust)?.dossier));
    let dossiers = given.iter().map(own).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Assigned::new(&request.request().policy, dossiers)?)
}

/// A request; who signed it is not looked at.
pub fn request(path: &Path) -> Result<SignedRequest, Failure> {
    SignedRequest::parse(&bytes(path, request::MAX_BYTES as u64)?).of_file(path)
}

/// A request from a verifier on one's trust list that is in force.
pub fn accepted_request(path: &Path, trust: &TrustList, now: Timestamp) -> Result<AcceptedRequest, Failure> {
    request(path)?.accept(trust, now).of_file(path)
}

/// A presentation within its limits; nothing of what it says is verified.
pub fn presentation(path: &Path) -> Result<Presentation, Failure> {
    let parsed = Presentation::parse(&bytes(path, presentation::MAX_BYTES as u64)?);
    parsed.map_err(VerifyError::from).of_file(path)
}

/// One's own copy, from which one can grant, with the whole document in it.
pub fn own_copy(cx: &Context<'_>, path: &Path, identity: &Identity, trust: &TrustList) -> Result<Unsealed, Failure> {
    let unsealed = own_dossier(cx, path, identity, trust)?;
    if *unsealed.opened.sender() != Sender::Own {
        return Err(Failure::no(
            format!("{} was sealed by {}, not by you", path.display(), unsealed.opened.sender()),
            "only the sender can grant or revoke; ask it to",
        ));
    }
    Ok(unsealed)
}

/// Whether a file begins as a sealed file does; and the file from its beginning.
pub fn is_sealed(file: Box<dyn BufRead>) -> (bool, Box<dyn BufRead>) {
    let mut start = [0; 21];
    look(file, |file| file.read_exact(&mut start).is_ok() && start == *b"age-encryption.org/v1")
}

/// Whether a regular file is an identity, by its first bytes. They are read without a buffer that would keep the rest.
pub fn is_identity(path: &Path) -> bool {
    let mut start = [0; 64];
    let read = match fs::metadata(path) {
        Ok(found) if found.is_file() => File::open(path).and_then(|mut file| file.read(&mut start)),
        _ => return false,
    };
    read.is_ok_and(|read| begins_identity(&start[..read]))
}

/// Whether bytes begin as an identity does, or as one under a passphrase.
pub fn begins_identity(bytes: &[u8]) -> bool {
    bytes.starts_with(b"# consign identity")
        || identity::is_locked(&String::from_utf8_lossy(bytes.get(..64).unwrap_or(bytes)))
}

/// The party of a name in the trust list or of a public file: `--to bank` as well as `--to bank.pub`.
pub fn recipient(trust: &TrustList, given: &Path) -> Result<(String, PublicIdentity), Failure> {
    if let Some(party) = given.to_str().and_then(|name| trust.named(name)) {
        return Ok((file_word(party), party.public().clone()));
    }
    let stem = given.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((stem, public(given)?))
}

/// A party's name as a part of a file name.
fn file_word(party: &Party) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    party.name().as_str().chars().map(plain).collect()
}

/// The path without its last extension, in the current folder.
pub fn stem(path: &Path) -> PathBuf {
    path.file_stem().map(PathBuf::from).unwrap_or_else(|| "document".into())
}
