//! Documents of any size for the benches.

/// A manifest whose table has so many rows, the document row among them, as canonical JSON would say it.
pub fn manifest(rows: usize) -> String {
    let line = |i: usize| {
        let (origin, hs) = [("VN", "030617"), ("TH", "210390"), ("CN", "846721"), ("DE", "680422")][i % 4];
        format!(
            r#"{{"id":"{i}","description":"goods number {i}","hs":"{hs}","origin":"{origin}","gross_mass":{{"value":"{}.5","unit":"KGM"}},"net_mass":{{"value":"{}","unit":"KGM"}},"packages":{},"value":"{}.25","dangerous":"none","container":"MSKU9070323"}}"#,
            20 + i % 500,
            15 + i % 500,
            1 + i % 30,
            100 + i * 7 % 1000,
        )
    };
    let lines: Vec<String> = (1..rows).map(line).collect();
    format!(
        r#"{{"consign":"document/1","kind":"cargo-manifest","profile":1,"number":"BENCH-{rows}","currency":"USD","lines":[{}]}}"#,
        lines.join(",")
    )
}
