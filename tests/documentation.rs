//! The pages of the project: links lead somewhere, and constants are those that the code has.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ark_bn254::Fr;
use consign_crypto::{field, labels, totals::generators};

/// Every page at the root and in `docs/`.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.to_owned(), root.join("docs")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|e| e == "md")).collect()
}

/// Targets of `[text](target)` that are no web address.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://"))
}

/// The anchor that a heading gets: lower case, blanks as hyphens, without punctuation.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_to_files_and_headings() {
    let pages = pages();
    assert!(pages.iter().any(|path| path.ends_with("README.md")), "{pages:?}");
    for path in pages {
        let page = fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} does not exist", path.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line.trim_start_matches('#')) == heading);
                assert!(found, "{}: {link} has no such heading", path.display());
            }
        }
    }
}

#[test]
fn the_readme_names_every_page_of_docs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for path in pages().iter().filter(|path| path.parent().is_some_and(|folder| folder.ends_with("docs"))) {
        let name = format!("docs/{}", path.file_name().unwrap().to_string_lossy());
        assert!(readme.contains(&name), "the README does not name {name}");
    }
}

/// All Rust sources below a folder, as one text.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

/// Checks that the files and functions that a page of attacks names are there, files in `home` or at the root; gives how
/// many of each.
fn named(page: &str, home: &str) -> (usize, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs").join(page)).unwrap();
    let folders = ["documents", "crypto", "circuits", "contracts", "cli", "tests"];
    let code = folders.map(|folder| sources(&root.join(folder))).concat();
    let (mut files, mut functions) = (0, 0);
    for name in page.split('`').skip(1).step_by(2) {
        if name.ends_with(".rs") {
            let there = [root.join(home), root.to_owned()].iter().any(|folder| folder.join(name).is_file());
            assert!(there, "{name} is no file");
            files += 1;
        } else if name.contains('_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() && !b.is_ascii_uppercase() || b == b'_')
        {
            let there = ["(", "<"].iter().any(|next| code.contains(&format!("fn {name}{next}")));
            assert!(there, "{name} is no function");
            functions += 1;
        }
    }
    (files, functions)
}

/// The pages of attacks name files, functions and tests; each is there.
#[test]
fn what_the_pages_of_attacks_name_is_there() {
    for (page, home, fewest) in [("sealing.md", "crypto/src", (20, 30)), ("threats.md", "circuits/src", (20, 80))] {
        let (files, functions) = named(page, home);
        assert!(files > fewest.0 && functions > fewest.1, "{page}: {files} files, {functions} functions");
    }
}

fn format_page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap()
}

#[test]
fn the_generators_on_the_page_are_those_of_the_code() {
    let (page, g) = (format_page(), generators());
    let listed =
        [("G[0]", g.totals[0]), ("G[1]", g.totals[1]), ("G[29]", g.totals[29]), ("H", g.blinding), ("K", g.start)];
    for (name, point) in listed {
        let row = format!("| `{name}` | {} | {} |", field::to_hex(&point.x), field::to_hex(&point.y));
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn the_tags_on_the_page_are_those_of_the_code() {
    let page = format_page();
    for tag in [labels::CHAIN_START, labels::FILTERS, labels::BOUNDS] {
        assert!(page.contains(&format!("{tag:#x}")), "{tag:#x}");
    }
    let texts = [
        labels::PEDERSEN,
        labels::CONTEXT,
        labels::PROOFS,
        labels::ISSUER_SECRET,
        labels::DOCUMENT_ID,
        labels::LEAF_SALT,
        labels::LEAF,
        labels::DOCUMENT_DIGEST,
        labels::FILE_KEY,
        labels::GRANT,
    ];
    for text in texts.map(String::from_utf8_lossy) {
        assert!(page.contains(&format!("`{text}`")), "{text}");
    }
}

#[test]
fn the_scaling_on_the_page_leads_to_baby_jubjub() {
    let page = format_page();
    let (_, rest) = page.split_once("\n    s = ").expect("the page gives the scaling");
    let s: Fr = rest.lines().next().unwrap().parse().expect("a field element");
    let [a, d] = [168_700u64, 168_696].map(Fr::from);
    assert_eq!(s * s, a);
    assert!(s < -s, "the lesser root");
    for point in generators().totals {
        let (x, y) = (point.x / s, point.y);
        assert_eq!(a * x * x + y * y, Fr::from(1u64) + d * x * x * y * y);
    }
}
