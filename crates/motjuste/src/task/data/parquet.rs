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
    use parquet::errors::ParquetError;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Row;

    let malformed = |error| malformed(path, &error);
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(malformed)?;
    let rows = reader.get_row_iter(None).map_err(malformed)?;
    let record = |(number, row): (usize, Result<Row, ParquetError>)| {
        let row = row.map_err(malformed)?;
        let columns =
            row.get_column_iter().map(|(name, cell)| (name.clone(), cell.to_json_value()));
        Ok(Record { place: format!("row {number}"), columns: columns.collect() })
    };
    (1..).zip(rows).map(record).collect()
}

#[cfg(feature = "parquet")]
fn malformed(path: &Path, error: &parquet::errors::ParquetError) -> Error {
    Error::data(format!("{} cannot be read as Parquet: {error}", path.display())).with_help(
        "the file may be cut short, encrypted or compressed with Brotli: write it again with snappy, \
         gzip, lz4 or zstd, or write it as JSONL",
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
}
