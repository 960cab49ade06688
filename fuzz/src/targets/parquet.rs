//! Rows of Parquet files.

use std::path::Path;

use motjuste::task::FileFormat;

/// The bytes are the file.
pub fn run(data: &[u8]) {
    let _ = FileFormat::default().rows_in(data.to_vec(), Path::new("a.parquet"));
}
