//! Many answers: those of a folder, or of a stream, verified in batches, a line for each.
//!
//! In: answers by the name of their file or their number in the stream. Out: lines in that order, each as soon as its
//! batch is decided, and no if any is no. What is held at a time is one batch. An answer that cannot be read is one that
//! does not hold; what follows it is verified all the same.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use consign_circuits::{
    keys::{KeySetId, VerifyingKeys},
    presentation::{self, Presentation},
    report::Report,
    verify::{Known, OwnRequests, Submitted, VerifyError, verify_many},
};
use consign_crypto::{status::StatusLists, trust::TrustList};
use rayon::prelude::*;

use super::{
    Args, invalid,
    record::OnDisk,
    stream::{Objects, Piece, StreamError},
    valid,
};
use crate::{
    commands::status,
    context::Context,
    error::{Class, Failure, one_line},
    home::cannot,
    inputs, keys,
    report::count,
    say,
};

/// Most answers in a batch: the proofs of a few more would cost hardly less each.
const BATCH: usize = 256;
/// Bytes after which a batch is closed.
const BATCH_BYTES: usize = 32 << 20;
/// Answers of a stream that are read ahead.
const AHEAD: usize = 8;
/// How long a stream may pause before what has come is verified.
const PAUSE: Duration = Duration::from_millis(5);

/// An answer's name and bytes, or why there are none.
type Given = (String, Result<Vec<u8>, Failure>);

/// Where the answers come from.
enum Source {
    Folder { files: std::vec::IntoIter<PathBuf> },
    Stream { from: Receiver<Result<Piece, Failure>>, number: u64 },
}

/// Verifies all answers of a folder or stream.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let own = args.request.as_deref().map(own_requests).transpose()?;
    let mut source = if args.stream { Source::stream(&args.answer) } else { Source::folder(cx, &args.answer)? };
    let mut known = KeySets { given: args.keys.as_deref(), read: BTreeMap::new() };
    let mut record = OnDisk::new(&cx.home);
    let (mut all, mut good) = (0, 0);
    loop {
        let (batch, stop) = source.batch();
        // A stream may last for days: what expires or is no longer trusted meanwhile does not count.
        cx.look_at_the_clock();
        let (trust, status) = (cx.home.trust()?, status::read_all(&args.status)?);
        let results = verify_batch(cx, (&trust, &status), own.as_ref(), &mut known, &mut record, batch);
        for (name, result) in &results {
            all += 1;
            good += usize::from(result.is_ok());
            let line = if args.report.json { json_line(name, result) } else { line(name, result) };
            writeln!(cx.out, "{line}")?;
        }
        cx.out.flush()?;
        match stop {
            Some(Ok(())) => break,
            Some(Err(failure)) => {
                say!(cx, "{}: {good} hold", count(all, "answer", "answers"));
                return Err(failure);
            }
            None => {}
        }
    }
    if own.is_none() && good > 0 {
        say!(cx, "without --request nobody knows whether these answers are for you, or how old they are");
    }
    match all - good {
        0 => Ok(()),
        bad => Err(Failure::no(
            format!("answers that do not hold: {bad} of {all}"),
            "do not rely on those; the line of each says why",
        )),
    }
}

/// The requests of a file or of the `.json` files of a folder.
fn own_requests(path: &Path) -> Result<OwnRequests, Failure> {
    let files = if path.is_dir() { json_files(path)?.0 } else { vec![path.into()] };
    if files.is_empty() {
        return Err(Failure::input(
            format!("{} has no .json file: no request of yours", path.display()),
            "name the folder that your requests are in",
        ));
    }
    let mut own = OwnRequests::default();
    for file in files {
        own.add(&inputs::request(&file)?);
    }
    Ok(own)
}

/// The `.json` files of a folder by name, and how many others it has.
fn json_files(folder: &Path) -> Result<(Vec<PathBuf>, usize), Failure> {
    let read = |e: io::Error| cannot("read", folder, &e);
    let (mut files, mut others) = (Vec::new(), 0);
    for entry in folder.read_dir().map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.extension().is_some_and(|extension| extension == "json") { files.push(path) } else { others += 1 }
    }
    files.sort();
    Ok((files, others))
}

impl Source {
    fn folder(cx: &mut Context<'_>, folder: &Path) -> Result<Source, Failure> {
        let (files, others) = json_files(folder)?;
        if files.is_empty() {
            return Err(Failure::input(
                format!("{} has no .json file: no answer", folder.display()),
                "name the folder that the answers are in",
            ));
        }
        if others > 0 {
            say!(cx, "note: {} of other names left out", count(others, "entry", "entries"));
        }
        Ok(Source::Folder { files: files.into_iter() })
    }

    /// Reads on a thread of its own, which ends with the stream or the process.
    fn stream(path: &Path) -> Source {
        let (path, (sender, from)) = (path.to_owned(), sync_channel(AHEAD));
        thread::spawn(move || {
            let objects = inputs::stream(&path).map(|stream| Objects::new(stream, presentation::MAX_BYTES));
            let mut objects = match objects {
                Ok(objects) => objects,
                Err(failure) => return drop(sender.send(Err(failure))),
            };
            for before in 0.. {
                let Some(piece) = objects.next().transpose() else { return };
                let piece = piece.map_err(|error| broken(&path, before, &error));
                let last = piece.is_err();
                if sender.send(piece).is_err() || last {
                    return;
                }
            }
        });
        Source::Stream { from, number: 0 }
    }

    /// The next answers, and how all ends if these are the last.
    fn batch(&mut self) -> (Vec<Given>, Option<Result<(), Failure>>) {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            let (name, answer) = match self {
                Source::Folder { files } => {
                    let Some(file) = files.next() else { return (batch, Some(Ok(()))) };
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    (name, inputs::bytes(&file, presentation::MAX_BYTES as u64))
                }
                Source::Stream { from, number } => {
                    let next = if batch.is_empty() {
                        from.recv().map_err(|_| RecvTimeoutError::Disconnected)
                    } else {
                        from.recv_timeout(PAUSE)
                    };
                    let piece = match next {
                        Ok(Ok(piece)) => piece,
                        Ok(Err(failure)) => return (batch, Some(Err(failure))),
                        Err(RecvTimeoutError::Timeout) => return (batch, None),
                        Err(RecvTimeoutError::Disconnected) => return (batch, Some(Ok(()))),
                    };
                    *number += 1;
                    let answer = match piece {
                        Piece::Object(bytes) => Ok(bytes),
                        Piece::TooLong => Err(Failure::input(
                            format!("it has more than {} bytes, the most of an answer", presentation::MAX_BYTES),
                            "get it again from the prover",
                        )),
                    };
                    (number.to_string(), answer)
                }
            };
            bytes += answer.as_ref().map_or(0, Vec::len);
            batch.push((name, answer));
        }
        (batch, None)
    }
}

/// A stream that cannot be read on.
fn broken(path: &Path, before: usize, error: &StreamError) -> Failure {
    let (name, after) = (path.display(), count(before, "answer", "answers"));
    match error {
        StreamError::Io(e) => cannot("read", path, e),
        StreamError::NoObject(at) => Failure::input(
            format!("{name}: after {after}, at byte {at}, stands something that is no JSON object"),
            "send answers alone, one after another; those before it were verified",
        ),
        StreamError::CutShort => Failure::input(
            format!("{name}: it ends within an answer, after {after}"),
            "send the last one again, whole; those before it were verified",
        ),
    }
}

/// Verifying keys by their key set, read when they are first needed.
struct KeySets<'a> {
    given: Option<&'a Path>,
    read: BTreeMap<KeySetId, Result<VerifyingKeys, Failure>>,
}

impl KeySets<'_> {
    /// Reads those of the answers, if the trust list has them: no others need be looked for.
    fn read(&mut self, cx: &Context<'_>, trust: &TrustList, presentation: &Presentation) {
        let id = presentation.request.request().key_set;
        if trust.key_set(id.as_bytes()).is_some() {
            self.read.entry(id).or_insert_with(|| keys::verifying(&cx.home, self.given, Some(id)));
        }
    }

    fn get(&self, id: KeySetId) -> Result<&VerifyingKeys, Failure> {
        match self.read.get(&id) {
            Some(Ok(keys)) => Ok(keys),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(VerifyError::KeySetNotAccepted(id).into()),
        }
    }
}

/// Verifies a batch; results in its order.
fn verify_batch(
    cx: &Context<'_>,
    (trust, status): (&TrustList, &StatusLists),
    own: Option<&OwnRequests>,
    known: &mut KeySets<'_>,
    record: &mut OnDisk,
    batch: Vec<Given>,
) -> Vec<(String, Result<Report, Failure>)> {
    let _progress = cx.progress("verifying");
    let read = |(name, bytes): Given| {
        let parse = |bytes: Vec<u8>| Ok(Presentation::parse(&bytes).map_err(VerifyError::from)?);
        (name, bytes.and_then(parse))
    };
    let (names, read): (Vec<String>, Vec<Result<Presentation, Failure>>) = batch.into_par_iter().map(read).unzip();
    read.iter().flatten().for_each(|presentation| known.read(cx, trust, presentation));
    let submitted = read.iter().map(|read| match read {
        Ok(presentation) => {
            let keys = known.get(presentation.request.request().key_set)?;
            Ok(Submitted { presentation, known: Known { trust, status, keys, now: cx.now }, own })
        }
        Err(failure) => Err(failure.clone()),
    });
    let submitted: Vec<Result<Submitted<'_>, Failure>> = submitted.collect();
    let sent: Vec<Submitted<'_>> = submitted.iter().flatten().copied().collect();
    let mut decided = verify_many(&sent, record).into_iter();
    let result = |one: Result<Submitted<'_>, Failure>| {
        one?;
        let undecided = || Failure::new(Class::Bug, "an answer was left undecided", "report this");
        Ok(decided.next().ok_or_else(undecided)??)
    };
    names.into_iter().zip(submitted.into_iter().map(result)).collect()
}

/// An answer on one line, for people.
fn line(name: &str, result: &Result<Report, Failure>) -> String {
    let (word, what) = match result {
        Ok(found) => {
            let asked = if found.third_party { "made for" } else { "asked by" };
            let not_mine = if found.third_party { ": not for you" } else { "" };
            let before = found.accepted_before.map(|at| format!(", already accepted at {at}")).unwrap_or_default();
            let Report { policy, policy_version, audience, requested, .. } = found;
            ("valid", format!("{policy} {policy_version}, {asked} {audience} at {requested}{not_mine}{before}"))
        }
        Err(failure) if failure.class() == Class::No => ("not valid", failure.message().to_owned()),
        Err(failure) => ("unreadable", failure.message().to_owned()),
    };
    format!("{word:<10}  {}", one_line(&format!("{name}: {what}")))
}

/// The same for programs.
fn json_line(name: &str, result: &Result<Report, Failure>) -> String {
    let mut value = result.as_ref().map_or_else(invalid, valid);
    value["answer"] = name.into();
    value.to_string()
}
