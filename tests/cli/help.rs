//! The help texts, word for word.

use crate::harness::Folder;

const VERBS: [&str; 33] = [
    "",
    "demo",
    "keygen",
    "id",
    "trust",
    "trust add",
    "trust list",
    "trust remove",
    "trust keys",
    "setup",
    "import",
    "policy",
    "policy list",
    "policy show",
    "policy explain",
    "check",
    "attest",
    "status",
    "status revoke",
    "status publish",
    "status show",
    "request",
    "prove",
    "verify",
    "seal",
    "grant",
    "grants",
    "revoke",
    "open",
    "chain",
    "chain contracts",
    "chain statement",
    "chain answer",
];

/// Those after the story.
const LATER: [&str; 9] = [
    "inspect",
    "export",
    "export r1cs",
    "export zkey",
    "export vkey",
    "export proof",
    "export statement",
    "export wtns",
    "import-key",
];

#[test]
fn each_verb_explains_itself() {
    let folder = Folder::new();
    for verb in VERBS.into_iter().chain(LATER) {
        let mut words: Vec<&str> = verb.split_whitespace().collect();
        words.push("--help");
        let run = folder.ok(&words);
        assert!(run.stderr.is_empty());
        let name = format!("help-{}", if verb.is_empty() { "consign".into() } else { verb.replace(' ', "-") });
        insta::assert_snapshot!(name, run.stdout);
    }
}

#[test]
fn the_help_lists_every_verb_that_is_tested() {
    let help = Folder::new().ok(&["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Verbs:").skip(1).take_while(|line| !line.is_empty());
    let listed: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    let tested: Vec<&str> =
        VERBS.into_iter().chain(LATER).filter(|verb| !verb.is_empty() && !verb.contains(' ')).collect();
    assert_eq!(listed, tested);
}
