//! Lists of goods: a mapping is proposed, looked over, and used.

use crate::harness::Folder;

const LIST: &str = "Line,Invoice No,HS Code,Net weight (kg),Amount (USD),Marks\n\
    1,I-7,851671,12.5,1241.30,x\n2,I-7,850760,3,10.00,\n";

#[test]
fn a_mapping_is_proposed_and_used() {
    let folder = Folder::new();
    folder.write("list.csv", LIST);
    let shown = folder.ok(&["import", "list.csv", "--guess"]);
    assert!(shown.stdout.contains("kind = \"commercial-invoice\"\n"), "{}", shown.stdout);
    assert!(shown.stderr.contains("1 251.30 USD") && shown.stderr.contains("this is a proposal"), "{}", shown.stderr);
    assert_eq!(folder.files().len(), 1, "nothing is written but the proposal, and that where it is asked for");

    folder.ok(&["import", "list.csv", "--guess", "-o", "list.toml"]);
    let used = folder.ok(&["import", "list.csv", "--mapping", "list.toml", "-o", "list.json"]);
    assert!(used.stderr.contains("commercial-invoice I-7"), "{}", used.stderr);
    folder.fails(2, "cannot be used with", &["import", "list.csv", "--guess", "--mapping", "list.toml"]);
    folder.fails(2, "--guess", &["import", "list.csv", "--kind", "cargo-manifest"]);

    let report = folder.ok(&["import", "list.csv", "--guess", "--json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["document"]["lines"], 2);
}

/// A proposal that leaves the number open imports nothing as it stands.
#[test]
fn a_proposal_nobody_looked_at_imports_nothing() {
    let folder = Folder::new();
    folder.write("manifest.csv", "Line,Weight (kg),FOB USD,CIF USD\n1,2,3,4\n");
    let shown = folder.ok(&["import", "manifest.csv", "--guess", "-o", "m.toml"]);
    assert!(shown.stderr.contains("this is a proposal"));
    folder.fails(3, "number: no text", &["import", "manifest.csv", "--mapping", "m.toml"]);
    folder.write("a.csv", "a,b\n1,2\n");
    folder.fails(3, "no mapping can be proposed", &["import", "a.csv", "--guess"]);
}
