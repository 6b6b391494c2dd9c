//! Key files that are read in part: what is read, what is checked and when, and files that are not what they were.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

use ark_bn254::Fr;
use consign_circuits::{
    groth16::{KeyError, ProveError},
    keys::{
        Circuit, KeyBytes, KeyFileError, KeySetError, UncheckedKeys, VerifyingKeys,
        file::{KeyFile, Role},
    },
    tally::{self, Block, TallySize, TallyWitness},
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::FilterSet;
use rand_arkworks::rngs::OsRng;
use serde_json::{Value, json};

use super::{KEYS, all_sections, of_sections, remade};

const SHORT: Circuit = Circuit::Tally(TallySize::Short);

/// Bytes that note what is read of them, and that can change.
struct Watched {
    bytes: Mutex<Vec<u8>>,
    read: Mutex<Vec<Range<u64>>>,
    /// How many times [`KeyBytes::whole_before`] says no yet, and then for how many times yes.
    doubted: AtomicUsize,
    trusted: AtomicUsize,
    found: Mutex<Vec<String>>,
}

#[derive(Clone)]
struct Shared(Arc<Watched>);

impl Shared {
    fn new(bytes: Vec<u8>, trusted: usize) -> Shared {
        let (read, found) = (Mutex::default(), Mutex::default());
        Shared(Arc::new(Watched { bytes: bytes.into(), read, doubted: 0.into(), trusted: trusted.into(), found }))
    }

    fn keys(&self) -> consign_circuits::keys::ProvingKeys {
        UncheckedKeys::open(self.clone()).unwrap().checked_before()
    }
}

impl KeyBytes for Shared {
    fn size(&self) -> io::Result<u64> {
        self.0.bytes.lock().unwrap().size()
    }
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read.lock().unwrap().push(place..place + out.len() as u64);
        self.0.bytes.lock().unwrap().read_at(place, out)
    }
    fn whole_before(&self, _: &str) -> bool {
        let one_less = |left: &AtomicUsize| left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        !one_less(&self.0.doubted) && one_less(&self.0.trusted)
    }
    fn found_whole(&self, circuit: &str) {
        self.0.found.lock().unwrap().push(circuit.into());
    }
}

/// Where the file holds each section.
fn sections(bytes: &[u8]) -> Vec<(String, Range<u64>)> {
    let head = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    let listed: serde_json::Value = serde_json::from_slice(&bytes[20..20 + head]).unwrap();
    let mut at = 20 + head as u64;
    let place = |section: &serde_json::Value| {
        let start = at.next_multiple_of(64);
        at = start + section["bytes"].as_u64().unwrap();
        (section["name"].as_str().unwrap().to_owned(), start..at)
    };
    listed["sections"].as_array().unwrap().iter().map(place).collect()
}

/// Where the file holds the sections of a circuit.
fn places(bytes: &[u8], circuit: Circuit) -> Range<u64> {
    let of_circuit = |name: &str| name.starts_with(&format!("{}/", circuit.name()));
    let of: Vec<_> = sections(bytes).into_iter().filter(|(name, _)| of_circuit(name)).collect();
    of[0].1.start..of[of.len() - 1].1.end
}

#[test]
fn what_is_not_used_is_not_read() {
    let bytes = KEYS.prove_file();
    let (head, file) = (places(&bytes, SHORT).start, Shared::new(bytes.clone(), 0));
    let keys = file.keys();
    assert!(file.0.read.lock().unwrap().iter().all(|read| read.end <= head), "opening reads the head");
    file.0.read.lock().unwrap().clear();
    keys.key(SHORT).unwrap();
    keys.key(SHORT).unwrap();
    let wanted = places(&bytes, SHORT);
    let read = file.0.read.lock().unwrap().clone();
    assert_eq!(read.len(), 8, "each section once");
    assert!(read.iter().all(|read| wanted.start <= read.start && read.end <= wanted.end));
    assert_eq!(*file.0.found.lock().unwrap(), ["tally-40"]);
}

#[test]
fn what_is_remembered_counts_only_while_nothing_changed() {
    let mut bytes = KEYS.prove_file();
    let spoiled = places(&bytes, SHORT).end as usize - 1;
    bytes[spoiled] ^= 1;
    let digest = |keys: consign_circuits::keys::ProvingKeys| match keys.key(SHORT) {
        Err(KeySetError::File(KeyFileError::Digest(section))) => section,
        other => panic!("{:?}", other.err()),
    };
    // Not known; known before it was read, and no longer after.
    let file = Shared::new(bytes, 0);
    assert_eq!(digest(file.keys()), "tally-40/matrices");
    assert!(file.0.found.lock().unwrap().is_empty());
    let changed = Shared::new(KEYS.prove_file(), 1).keys().key(SHORT).err();
    assert_eq!(changed, Some(KeySetError::File(KeyFileError::Changed)));
    // Known both times: digests are computed of single points alone, a zero delta among them, and of no query.
    for (part, checked) in [("verifying", true), ("single", true), ("a", false), ("b2", false), ("l", false)] {
        let (mut bytes, section) = (KEYS.prove_file(), format!("tally-40/{part}"));
        let place = sections(&bytes).into_iter().find(|(name, _)| *name == section).unwrap().1;
        bytes[place.start as usize + 64] ^= 1;
        let keys = Shared::new(bytes, 2).keys();
        if checked {
            assert_eq!(digest(keys), section);
        } else {
            assert!(keys.key(SHORT).is_ok(), "{section}");
        }
    }
    let file = Shared::new(KEYS.prove_file(), 2);
    file.keys().key(SHORT).unwrap();
    assert!(file.0.found.lock().unwrap().is_empty());
}

#[test]
fn a_file_that_is_replaced_or_shortened_while_it_is_open() {
    let file = Shared::new(KEYS.prove_file(), 0);
    let keys = file.keys();
    file.0.bytes.lock().unwrap().truncate(100_000);
    let error = keys.key(Circuit::Verdict).err();
    assert_eq!(error, Some(KeySetError::File(KeyFileError::Read(ErrorKind::UnexpectedEof))));
    // Another key set's file under the same handle: its sections are not those of the head that was read.
    let file = Shared::new(KEYS.prove_file(), 0);
    let keys = file.keys();
    *file.0.bytes.lock().unwrap() = remade("tally-40/a", |bytes| bytes.rotate_left(64)).to_file(Role::Prove);
    let error = keys.key(SHORT).err();
    assert_eq!(error, Some(KeySetError::File(KeyFileError::Digest("tally-40/a".into()))));
}

#[test]
fn sections_of_one_circuit_in_place_of_anothers() {
    let original = KEYS.prove_file();
    let file = KeyFile::open(original.clone(), Role::Prove).unwrap();
    // Under the same head: tally-90's verifying key where tally-40's stands has the same size.
    let [short, long] = TallySize::ALL.map(|size| places(&original, Circuit::Tally(size)).start as usize);
    let size = file.section("tally-40/verifying").unwrap().len();
    let mut swapped = original.clone();
    swapped.copy_within(long..long + size, short);
    let error = UncheckedKeys::parse(swapped).unwrap().checked_before().key(SHORT).err();
    assert_eq!(error, Some(KeySetError::File(KeyFileError::Digest("tally-40/verifying".into()))));
    // Under a head of its own.
    let swap = |parts: &[&str]| {
        let mut sections = all_sections(original.clone());
        for part in parts {
            let place = |circuit: &str| {
                let wanted = format!("{circuit}/{part}");
                sections.iter().position(|(name, _)| *name == wanted).unwrap()
            };
            let places = ["tally-40", "tally-90"].map(place);
            let [short, long] = sections.get_disjoint_mut(places).unwrap();
            std::mem::swap(&mut short.1, &mut long.1);
        }
        UncheckedKeys::parse(of_sections(sections).to_file(Role::Prove))
    };
    let unequal = |name| Some(KeySetError::Key { circuit: "tally-40", source: KeyError::Unequal(name) });
    assert_eq!(swap(&["verifying"]).unwrap().check().err(), unequal("delta"));
    assert_eq!(swap(&["single"]).unwrap().check().err(), unequal("delta"));
    // One that is consistent in itself gives proofs that do not verify.
    let faulty = swap(&["verifying", "single"]).unwrap().check().err();
    assert_eq!(faulty, Some(KeySetError::Faulty("tally-40")));
    for part in ["a", "b1", "b2", "h", "l"] {
        let error = swap(&[part]).unwrap().checked_before().key(SHORT).err();
        assert_eq!(error, Some(KeySetError::File(KeyFileError::Section(format!("tally-40/{part}")))), "{part}");
    }
    assert_eq!(swap(&["matrices"]).err(), Some(KeySetError::OtherCircuit("tally-40")));
}

#[test]
fn files_cut_short_made_longer_or_of_absurd_size() {
    let bytes = KEYS.prove_file();
    let head = places(&bytes, SHORT).start as usize;
    let open = |bytes: &[u8]| match UncheckedKeys::parse(bytes.to_vec()).err() {
        Some(KeySetError::File(error)) => error,
        other => panic!("{other:?}"),
    };
    for cut in [0, 1, 15] {
        assert_eq!(open(&bytes[..cut]), KeyFileError::NotAKeyFile);
    }
    let other = [&b"consign-keys-2\n"[..], &bytes[15..]].concat();
    assert_eq!(open(&other), KeyFileError::NotAKeyFile);
    for cut in [16, 19, 20, 21, head / 2] {
        assert!(matches!(open(&bytes[..cut]), KeyFileError::Head(_)), "{cut}");
    }
    let end = 20 + u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    for cut in [end, head, head + 1, bytes.len() / 2, bytes.len() - 1] {
        let found = cut as u64;
        assert_eq!(open(&bytes[..cut]), KeyFileError::Length { expected: bytes.len() as u64, found });
    }
    // A head that is longer than any, in a file that is long enough.
    let mut long = bytes.clone();
    long[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(open(&long), KeyFileError::Head(_)));
    // Sections of absurd sizes; nothing of that size is ever reserved.
    let with_size = |size: &str| {
        let text = String::from_utf8(bytes[20..head].to_vec()).unwrap();
        let at = text.find("\"bytes\":").unwrap() + 8;
        let end = at + text[at..].find(',').unwrap();
        let text = format!("{}{size}{}", &text[..at], &text[end..]);
        let text = text.trim_end_matches('\0');
        let mut file = bytes[..16].to_vec();
        file.extend_from_slice(&(text.len() as u32).to_le_bytes());
        file.extend_from_slice(text.as_bytes());
        open(&file)
    };
    for size in ["1099511627776", "18446744073709551615", "1073741825", "-1"] {
        assert!(matches!(with_size(size), KeyFileError::Head(_)), "{size}");
    }
    assert!(matches!(with_size("1073741824"), KeyFileError::Length { .. }));
    // Zeros, as many as one says.
    struct Zeros(u64);
    impl KeyBytes for Zeros {
        fn size(&self) -> io::Result<u64> {
            Ok(self.0)
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
            if self.0 > 1 << 30 { unreachable!("too large to look into") } else { Ok(()) }
        }
    }
    for (size, expected) in [
        (1 << 50, KeyFileError::TooLarge(1 << 50)),
        ((1 << 30) + 1, KeyFileError::TooLarge((1 << 30) + 1)),
        (1 << 30, KeyFileError::NotAKeyFile),
    ] {
        assert_eq!(UncheckedKeys::open(Zeros(size)).err(), Some(KeySetError::File(expected)));
    }
}

/// The head says what is in the file and is shown to people, so nothing in it is taken as it comes.
#[test]
fn a_head_that_this_version_does_not_write_is_refused() {
    let bytes = KEYS.verify_file();
    let end = 20 + u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    let head: Value = serde_json::from_slice(&bytes[20..end]).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut head = head.clone();
        change(&mut head);
        let text = head.to_string();
        let mut file = [&bytes[..16], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
        file.resize(file.len().next_multiple_of(64), 0);
        file.extend_from_slice(&bytes[end.next_multiple_of(64)..]);
        match VerifyingKeys::parse(file) {
            Ok(_) => None,
            Err(KeySetError::File(KeyFileError::Head(what))) => Some(what),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(refused(&|_| ()), None);
    for (member, value, what) in [
        ("consign", "keys/2", "another version, curve or reduction"),
        ("curve", "bls12-381", "another version, curve or reduction"),
        ("reduction", "libsnark", "another version, curve or reduction"),
        ("maker", "", "the maker's name or the time"),
        ("maker", "Customs\u{202e}", "the maker's name or the time"),
        ("created", "yesterday", "the maker's name or the time"),
    ] {
        assert_eq!(refused(&|head| head[member] = value.into()).as_deref(), Some(what), "{member} {value:?}");
    }
    let digest = refused(&|head| head["sections"][0]["sha256"] = "F".repeat(64).into());
    assert_eq!(digest.as_deref(), Some("a digest"));
    // A section that verifiers read, and one that they do not.
    for section in [0, 2] {
        let twice = refused(&|head| {
            let again = head["sections"][section].clone();
            head["sections"].as_array_mut().unwrap().push(again);
        });
        assert_eq!(twice.as_deref(), Some("a section listed twice"), "{section}");
    }
    // Of sections that nobody needs there may be some, not any number.
    let with_more = |sections: usize| {
        refused(&|head| {
            let more = (0..sections).map(|i| json!({"name": i.to_string(), "bytes": 0, "sha256": "0".repeat(64)}));
            head["sections"].as_array_mut().unwrap().extend(more);
        })
    };
    assert_eq!(with_more(400), None);
    assert_eq!(with_more(700).as_deref(), Some("it ends early"));
    let of_length = |length: usize| {
        refused(&|head| {
            let with = |head: &Value, name: String| {
                let mut head = head.clone();
                let section = json!({"name": name, "bytes": 0, "sha256": "0".repeat(64)});
                head["sections"].as_array_mut().unwrap().push(section);
                head
            };
            let rest = length - with(head, String::new()).to_string().len();
            *head = with(head, "n".repeat(rest));
        })
    };
    assert_eq!(of_length(1 << 16), None);
    assert_eq!(of_length((1 << 16) + 1).as_deref(), Some("it ends early"));
}

#[test]
fn a_file_on_disk_is_read_as_memory_is() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&KEYS.prove_file()).unwrap();
    let keys = UncheckedKeys::open(file).unwrap().checked_before();
    assert_eq!(keys.id(), KEYS.id());
    keys.key(Circuit::Verdict).unwrap();

    // One that cannot be read says why.
    struct Broken(File, AtomicBool);
    impl KeyBytes for Broken {
        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }
        fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
            if self.1.load(Relaxed) { Err(ErrorKind::PermissionDenied.into()) } else { self.0.read_at(place, out) }
        }
    }
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&KEYS.prove_file()).unwrap();
    let error = UncheckedKeys::open(Broken(file, true.into())).err();
    assert_eq!(error, Some(KeySetError::File(KeyFileError::Read(ErrorKind::PermissionDenied))));
}

/// The matrices of a file that is said to be unchanged, which it is not: what cannot be matrices is none, whoever vouches.
#[test]
fn matrices_that_cannot_be_are_refused_though_they_count_as_whole() {
    let bytes = KEYS.prove_file();
    let all = sections(&bytes);
    let start = all.iter().find(|(name, _)| name == "tally-40/matrices").unwrap().1.start as usize;
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    // Numbers of public inputs, wires and coefficients, the coefficients, then A: rows, entries, ends, entries.
    let (wires, coefficients) = (word(start + 4), word(start + 8));
    let rows = start + 12 + 32 * coefficients;
    let (ends, entries) = (rows + 8, rows + 8 + 4 * word(rows));
    let with = |at: usize, new: &[u8]| {
        let mut changed = bytes.clone();
        changed[at..at + new.len()].copy_from_slice(new);
        Shared::new(changed, 2).keys().key(SHORT).err()
    };
    let number = |at: usize, new: usize| with(at, &(new as u32).to_le_bytes());
    assert_eq!(with(start, &bytes[start..start + 4]), None);
    let malformed = Some(KeySetError::File(KeyFileError::Section("tally-40/matrices".into())));
    // As many public inputs as wires, another number of them than the circuit's; more coefficients than there are bytes.
    for (at, new) in [(start, wires), (start, 4), (start + 8, u32::MAX as usize), (start + 8, coefficients + 1)] {
        assert_eq!(number(at, new), malformed, "{} {new}", at - start);
    }
    // A coefficient that is not below the modulus, a row that ends before the one before it or beyond all, a wire and a
    // coefficient that do not exist.
    assert_eq!(with(start + 12, &[0xff; 32]), malformed);
    for (at, new) in [
        (ends + 4, word(ends) - 1),
        (entries - 4, word(rows + 4) + 1),
        (entries - 4, word(rows + 4) - 1),
        (entries, wires),
        (entries + 4, coefficients),
    ] {
        assert_eq!(number(at, new), malformed, "{} {new}", at - start);
    }
    // Of C a row too few and an entry too many, which takes as many bytes; an entry that is left over.
    let after = |at: usize| at + 8 + 4 * word(at) + 8 * word(at + 4);
    let c = after(after(rows));
    let (c_rows, c_entries) = (word(c), word(c + 4));
    let [old_ends, old_entries] = [8..8 + 4 * c_rows, 8 + 4 * c_rows..after(c) - c].map(|range| &bytes[c..][range]);
    let remake = |rows: usize, entries: usize, last: usize, more: &[u8]| {
        let sizes = [rows, entries].map(|n| (n as u32).to_le_bytes()).concat();
        with(c, &[&sizes, &old_ends[..4 * (rows - 1)], &(last as u32).to_le_bytes(), more, old_entries].concat())
    };
    assert_eq!(remake(c_rows, c_entries, c_entries, &[]), None);
    assert_eq!(remake(c_rows - 2, c_entries + 1, c_entries + 1, &[0; 8]), malformed);
    assert_eq!(remake(c_rows, c_entries - 1, c_entries - 1, &[]), malformed);
    assert_eq!(number(entries, wires - 1), None);
    assert_eq!(number(entries + 4, coefficients - 1), None);
    // No more wires than public inputs, and so no entry: rows and coefficients, all zero, fill the place.
    let size =
        all.iter().find(|(name, _)| name == "tally-40/matrices").map(|(_, r)| (r.end - r.start) as usize).unwrap();
    let coefficients = (0..3).find(|n| (size - 12 - 3 * 8 - 32 * n).is_multiple_of(3 * 4)).unwrap();
    let rows = (size - 12 - 3 * 8 - 32 * coefficients) / (3 * 4);
    let few = |wires: usize| {
        let words = |words: &[usize]| words.iter().flat_map(|n| (*n as u32).to_le_bytes()).collect::<Vec<_>>();
        let matrix = [words(&[rows, 0]), vec![0; 4 * rows]].concat();
        with(start, &[words(&[5, wires, coefficients]), vec![0; 32 * coefficients], matrix.repeat(3)].concat())
    };
    assert_eq!(few(5), malformed);
    assert_eq!(few(6), Some(KeySetError::File(KeyFileError::Section("tally-40/a".into()))));
}

/// A tally of no rows: an assignment with its public inputs.
fn empty_tally() -> (Vec<Fr>, Vec<Fr>) {
    let blinding = TotalsBlinding::random(&mut OsRng);
    let (blocks, filters) = (vec![Block::Skipped; TallySize::Short.blocks()], FilterSet::null());
    let witness = TallyWitness { start: Fr::from(7u64), blocks: &blocks, filters: &filters, blinding: &blinding };
    let (assignment, statement) = tally::assign(&witness);
    (assignment, statement.inputs().to_vec())
}

/// What was once found whole stays in its file, and is read where it is multiplied; what is not what was found whole makes
/// no proof.
#[test]
fn points_are_read_where_they_are_multiplied() {
    let (assignment, inputs) = empty_tally();
    let file = Shared::new(KEYS.prove_file(), usize::MAX);
    let trust = |times| file.0.trusted.store(times, Relaxed);
    let (keys, all) = (file.keys(), sections(&KEYS.prove_file()));
    let key = keys.key(SHORT).unwrap();
    let queries = ["a", "b1", "b2", "h", "l"].map(|part| {
        let name = format!("tally-40/{part}");
        all.iter().find(|(section, _)| *section == name).unwrap().1.clone()
    });
    let read = |query: &Range<u64>| {
        let read = file.0.read.lock().unwrap();
        read.iter().any(|read| read.start < query.end && query.start < read.end)
    };
    assert!(!queries.iter().any(read), "to load a key takes no points");
    let proof = key.prove(&assignment, &mut OsRng).unwrap();
    assert_eq!(key.verifying().verify(&inputs, &proof), Ok(true));
    assert!(queries.iter().all(read));
    assert_eq!(key.check_foreign(), Ok(()));

    // Changed since it was loaded.
    trust(0);
    assert_eq!(key.prove(&assignment, &mut OsRng), Err(ProveError::File(KeyFileError::Changed)));
    // To check points takes all of them, which the head pins.
    assert_eq!(key.check_foreign(), Ok(()));
    file.0.bytes.lock().unwrap()[queries[0].start as usize] ^= 1;
    let digest = || KeyError::File(KeyFileError::Digest("tally-40/a".into()));
    assert_eq!(key.check_foreign(), Err(digest()));
    assert_eq!(key.is_complete(&mut OsRng), Err(digest()));
    // Known before they were read and no longer after, or known after and not before.
    for doubted in [0, 1] {
        file.0.doubted.store(doubted, Relaxed);
        trust(1);
        assert_eq!(key.check_foreign(), Err(digest()), "{doubted}");
    }
    // Cut short.
    trust(usize::MAX);
    file.0.bytes.lock().unwrap().truncate(queries[2].start as usize);
    let eof = ErrorKind::UnexpectedEof;
    assert_eq!(key.prove(&assignment, &mut OsRng), Err(ProveError::File(KeyFileError::Read(eof))));
}

/// A file from which reading takes a while.
struct Slow(Shared);

impl KeyBytes for Slow {
    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        thread::sleep(Duration::from_millis(20));
        self.0.read_at(place, out)
    }
    fn whole_before(&self, circuit: &str) -> bool {
        self.0.whole_before(circuit)
    }
}

/// Whoever asks first reads a key, and the others wait: all threads of the pool among them, so reading must not need it.
#[test]
fn a_key_that_many_ask_for_is_read_once() {
    let start = places(&KEYS.prove_file(), SHORT).start;
    for trusted in [0, usize::MAX] {
        let file = Shared::new(KEYS.prove_file(), trusted);
        let keys = Arc::new(UncheckedKeys::open(Slow(file.clone())).unwrap().checked_before());
        let (done, all_done) = mpsc::channel();
        // Not joined: where it hangs, the test ends all the same.
        for in_pool in [false, true] {
            let (keys, done) = (Arc::clone(&keys), done.clone());
            thread::spawn(move || {
                let ask = || keys.key(SHORT).map(|key| key.matrices().publics);
                done.send(if in_pool { rayon::broadcast(|_| ask()) } else { vec![ask()] }).unwrap();
            });
            // The one outside the pool is the first, and the pool comes while it reads.
            while file.0.read.lock().unwrap().iter().all(|read| read.start != start) {
                thread::sleep(Duration::from_millis(1));
            }
        }
        for _ in 0..2 {
            let asked = all_done.recv_timeout(Duration::from_secs(300)).expect("they wait for each other");
            assert!(asked.into_iter().all(|publics| publics == Ok(SHORT.inputs())));
        }
        assert_eq!(file.0.read.lock().unwrap().iter().filter(|read| read.start == start).count(), 1);
    }
}
