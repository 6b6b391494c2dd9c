//! Memory of long documents: no more than a few times their file. Only where the system tells a process's greatest size.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

/// Bytes of memory that a byte of a file may cost.
const PER_BYTE: u64 = 16;

const MAPPING: &str = r#"consign = "mapping/1"
kind = "cargo-manifest"
[document]
number = "LONG-1"
currency = "USD"
[columns]
id = "no"
hs = "hs"
origin = "origin"
gross_mass = "gross"
net_mass = "net"
packages = "packages"
value = "value"
container = "container"
[units]
gross_mass = "kg"
net_mass = "kg"
"#;

fn list(rows: u32) -> String {
    let row = |i| {
        let net = 10_000 + i % 80_000;
        format!(
            "{i},870323,VN,{0}.{1:02},{0}.00,{2},{3},MSKU{4:07}\n",
            net / 100,
            net % 100,
            i % 40 + 1,
            i % 9_900,
            i % 300
        )
    };
    let rows: String = (1..=rows).map(row).collect();
    format!("no,hs,origin,gross,net,packages,value,container\n{rows}")
}

/// Imports a file: the document, and the greatest resident size that it took.
fn import(folder: &Path, file: &str, bytes: &[u8]) -> (Vec<u8>, u64) {
    fs::write(folder.join(file), bytes).unwrap();
    let words = ["import", file, "--mapping", "list.toml"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
    command.args(words).current_dir(folder).env("CONSIGN_HOME", "home").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    // A document is written once it is whole, and does not fit into the pipe: what wrote a byte of it is still there.
    let mut document = vec![0];
    output.read_exact(&mut document).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    output.read_to_end(&mut document).unwrap();
    assert!(child.wait().unwrap().success());
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    (document, peak.unwrap() << 10)
}

#[test]
fn a_long_document_takes_at_most_sixteen_times_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("list.toml"), MAPPING).unwrap();
    let (short, long) = (list(1_000), list(40_000));
    let [(short_json, short_peak), (long_json, long_peak)] =
        [&short, &long].map(|list| import(folder.path(), "list.csv", list.as_bytes()));
    let [(_, short_again), (again, long_again)] =
        [&short_json, &long_json].map(|json| import(folder.path(), "list.json", json));
    assert!(again == long_json);
    for (what, bytes, taken) in [
        ("CSV", long.len() - short.len(), long_peak - short_peak),
        ("JSON", long_json.len() - short_json.len(), long_again - short_again),
    ] {
        assert!(taken <= PER_BYTE * bytes as u64, "{what}: {taken} bytes of memory for {bytes} more of a file");
    }
}
