//! Rows of tables and JSON, in any encoding.

use std::path::Path;

use motjuste::task::FileFormat;

use crate::memory::choice;

const NAMES: [&str; 4] = ["a.csv", "a.tsv", "a.jsonl", "a.json"];

const ENCODINGS: [Option<&str>; 8] = [
    None,
    Some("utf-16le"),
    Some("utf-16be"),
    Some("windows-1252"),
    Some("shift_jis"),
    Some("gb18030"),
    Some("iso-2022-jp"),
    Some("replacement"),
];

/// The first byte chooses the kind of file (2 bits), the encoding (3) and the delimiter (2).
pub fn run(data: &[u8]) {
    let (choice, bytes) = choice(data);
    let format = FileFormat {
        delimiter: [None, Some(','), Some('"'), Some('\n')][usize::from(choice >> 5 & 3)],
        encoding: ENCODINGS[usize::from(choice >> 2 & 7)].map(str::to_owned),
    };
    let name = Path::new(NAMES[usize::from(choice & 3)]);
    if let Ok(rows) = format.rows_in(bytes.to_vec(), name) {
        let names = rows.iter().map(|row| row.len()).sum::<usize>();
        assert!(names <= bytes.len() * 2 + 2, "more cells than letters");
    }
}
