//! Rows of Parquet files.

use std::path::Path;

use super::Record;
use crate::{Error, Result};

/// How every Parquet file begins and ends.
const MAGIC: &[u8] = b"PAR1";

/// Whether these are the bytes of a Parquet file.
pub(super) fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The rows of a Parquet file, nested columns as lists and objects.
#[cfg(feature = "parquet")]
pub(super) fn records(bytes: Vec<u8>, path: &Path) -> Result<Vec<Record>> {
    crate::parquet_thread::read(|| read(bytes)).map_err(|why| malformed(path, &why))
}

#[cfg(feature = "parquet")]
fn read(bytes: Vec<u8>) -> parquet::errors::Result<Vec<Record>> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Row;

    let size = bytes.len();
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes))?;
    refuse_beyond(reader.metadata(), size)?;
    let record = |(number, row): (usize, parquet::errors::Result<Row>)| {
        let row = row?;
        let columns =
            row.get_column_iter().map(|(name, cell)| (name.clone(), cell.to_json_value()));
        Ok(Record { place: format!("row {number}"), columns: columns.collect() })
    };
    (1..).zip(reader.get_row_iter(None)?).map(record).collect()
}

/// The most cells of a file, whatever its size; and for each of its bytes. A run of one value takes a few bytes, however
/// long it is said to be.
#[cfg(feature = "parquet")]
const CELLS: (usize, usize) = (1 << 20, 64);

/// Refuses a file that says of itself that it holds more than can be in it.
#[cfg(feature = "parquet")]
fn refuse_beyond(
    told: &parquet::file::metadata::ParquetMetaData,
    size: usize,
) -> parquet::errors::Result<()> {
    let most = size.saturating_mul(CELLS.1).max(CELLS.0);
    let groups = told.row_groups().iter();
    let mut cells = groups.flat_map(|group| {
        group.columns().iter().map(|column| column.num_values().max(group.num_rows()))
    });
    let all = cells.try_fold(0usize, |all, count| all.checked_add(usize::try_from(count).ok()?));
    match all {
        Some(all) if all <= most => Ok(()),
        _ => Err(parquet::errors::ParquetError::General(format!(
            "it says that it holds more cells than fit into its {size} bytes"
        ))),
    }
}

#[cfg(feature = "parquet")]
fn malformed(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::data(format!("{} cannot be read as Parquet: {why}", path.display())).with_help(
        "the file may be cut short, damaged, encrypted or compressed with Brotli: write it again with \
         snappy, gzip, lz4 or zstd, or write it as JSONL",
    )
}

/// Refuses the file, with what to do instead.
#[cfg(not(feature = "parquet"))]
pub(super) fn records(_: Vec<u8>, path: &Path) -> Result<Vec<Record>> {
    Err(Error::data(format!(
        "{} is a Parquet file, which this build does not read",
        path.display()
    ))
    .with_help("write it as JSONL or CSV, or build with the feature parquet"))
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_cut_short_is_told() {
        for bytes in
            [b"PAR1".to_vec(), [b"PAR1", [0; 400].as_slice(), b"\xff\xff\xff\x7fPAR1"].concat()]
        {
            let error = records(bytes, Path::new("a.parquet")).unwrap_err();
            assert!(
                error.is_data() && error.to_string().contains("a.parquet cannot be read"),
                "{error}"
            );
        }
    }

    /// Found by fuzzing: a column that begins in front of its file.
    #[test]
    fn a_file_that_ends_its_reader_is_told() {
        let damaged = include_bytes!("parquet/damaged.parquet").to_vec();
        let error = records(damaged, Path::new("a.parquet")).unwrap_err();
        assert!(error.is_data() && error.to_string().contains("cannot be read"), "{error}");
    }

    #[test]
    fn more_cells_than_a_file_can_hold_are_refused() {
        let endless = include_bytes!("parquet/endless.parquet").to_vec();
        let error = records(endless, Path::new("a.parquet")).unwrap_err();
        assert!(error.to_string().contains("more cells"), "{error}");
    }
}
