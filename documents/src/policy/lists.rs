//! Lists in files of their own, beside the policy: CSV with a header row, or one code a line.
//!
//! In: the name of a file and of a column, and whoever reads it. Out: the codes, which become part of the policy, so that
//! its digest covers them. Lines that start with `#` are comments: where a list comes from, and of when it is.

use super::{
    PolicyError,
    form::{ListFile, MAX_CODES},
};
use std::path::{Component, Path};

/// Reads a file beside a policy, by its name from there on: its text, or why it cannot be read.
pub type ListReader<'a> = dyn Fn(&Path) -> Result<String, String> + 'a;

/// Longest file, in bytes.
pub const MAX_LIST_BYTES: usize = 1 << 20;

/// The codes of a list.
pub(super) fn codes(list: &str, file: &ListFile, read: &ListReader<'_>) -> Result<Vec<String>, PolicyError> {
    let fail = |message: String| PolicyError::ListFile { list: list.to_owned(), file: file.file.clone(), message };
    let path = Path::new(&file.file);
    // Nothing outside the policy's folder is read because a policy says so.
    let plain = path.components().all(|part| matches!(part, Component::Normal(_))) && !file.file.contains('\\');
    if !plain || file.file.is_empty() {
        return Err(fail("it is not a plain name below the policy's folder".into()));
    }
    let text = read(path).map_err(fail)?;
    of_text(&text, file.column.as_deref()).map_err(fail)
}

/// The codes of a column, or of the only one; a file of one column may do without a header row where no column is named.
pub fn of_text(text: &str, column: Option<&str>) -> Result<Vec<String>, String> {
    if text.len() > MAX_LIST_BYTES {
        return Err(format!("it has {} bytes; at most {MAX_LIST_BYTES} are read", text.len()));
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut place = None;
    let mut codes = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| e.to_string())?;
        let at = match (place, column) {
            (Some(at), _) => at,
            (None, Some(name)) => {
                let found = record.iter().position(|field| field.eq_ignore_ascii_case(name));
                let header = record.iter().collect::<Vec<_>>().join(", ");
                place = Some(found.ok_or_else(|| format!("it has no column {name:?}; its first row is {header}"))?);
                continue;
            }
            (None, None) if record.len() == 1 => 0,
            (None, None) => return Err("it has several columns, and none is named".into()),
        };
        let code = record.get(at).unwrap_or_default();
        if code.is_empty() {
            return Err(format!("row {} has no code", i + 1));
        }
        if codes.len() == MAX_CODES {
            return Err(format!("it has more than {MAX_CODES} codes"));
        }
        codes.push(code.to_owned());
    }
    if codes.is_empty() { Err("it has no codes".into()) } else { Ok(codes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_a_table_or_one_code_a_line() {
        let table = "# Annex I\nhs,what\n8456,\"lasers, and more\"\n 8401 ,reactors\n";
        assert_eq!(of_text(table, Some("HS")), Ok(vec!["8456".to_owned(), "8401".to_owned()]));
        assert_eq!(of_text("8456\n\n8401\n", None), Ok(vec!["8456".to_owned(), "8401".to_owned()]));
        let no_column = "it has no column \"code\"; its first row is hs, what";
        assert_eq!(of_text(table, Some("code")), Err(no_column.into()));
        assert_eq!(of_text(table, None), Err("it has several columns, and none is named".into()));
        assert_eq!(of_text("hs,what\n,x\n", Some("hs")), Err("row 2 has no code".into()));
        assert_eq!(of_text("# nothing\n", None), Err("it has no codes".into()));
        assert_eq!(of_text(&"84\n".repeat(MAX_CODES + 1), None), Err("it has more than 10000 codes".into()));
        assert!(of_text(&"#".repeat(MAX_LIST_BYTES + 1), None).unwrap_err().starts_with("it has 1048577 bytes"));
    }

    #[test]
    fn only_files_below_the_policy_are_read() {
        let read: &ListReader<'_> = &|_| Ok("84\n".into());
        for (file, plain) in [
            ("a.csv", true),
            ("lists/a.csv", true),
            ("../a", false),
            ("/a", false),
            ("./a", false),
            ("a/../b", false),
            ("", false),
        ] {
            let codes = codes("l", &ListFile { file: file.into(), column: None }, read);
            assert_eq!(codes.is_ok(), plain, "{file}");
        }
    }
}
