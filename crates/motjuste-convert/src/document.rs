//! Files as they were given: their text, and the values and rows in them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use motjuste::task::Columns;
use motjuste::{Error, Result};
use serde_json::Value;

/// The most bytes of a file.
const LONGEST: u64 = 256 << 20;

/// A file with its text.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Where it is.
    pub path: PathBuf,
    /// What it says, without a byte-order mark.
    pub text: String,
}

impl Document {
    /// Reads the file at `path`, which must be UTF-8, and no larger than 256 MiB.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = bytes(path).map_err(|error| {
            Error::data(format!("cannot read {}: {error}", path.display()))
                .with_help("give the path of a file that is there; paths in it are relative to it")
        })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::data(format!("{} is not UTF-8", path.display()))
                .with_help("save it as UTF-8, for example with iconv -f WINDOWS-1252 -t UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(Self { path: path.to_owned(), text })
    }

    /// The ending of its name in lower case.
    pub fn ending(&self) -> String {
        let ending = self.path.extension().and_then(|ending| ending.to_str());
        ending.unwrap_or_default().to_ascii_lowercase()
    }

    /// The folder that its paths are relative to.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// A name for a task made of it: that of the file.
    pub fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("task")
    }

    /// Whether it is a table: CSV or TSV.
    pub fn is_table(&self) -> bool {
        matches!(self.ending().as_str(), "csv" | "tsv" | "tab")
    }

    /// Every value in it: the lines of JSONL, the one value of JSON or YAML, the rows of a table as objects.
    pub fn values(&self) -> Result<Vec<Value>> {
        match self.ending().as_str() {
            "csv" | "tsv" | "tab" => Ok(self.table()?.into_iter().map(Value::Object).collect()),
            "yaml" | "yml" => Ok(vec![self.yaml()?]),
            _ => self.json(),
        }
    }

    /// Its rows: the values, or those in the one list that it is.
    pub fn rows(&self) -> Result<Vec<Value>> {
        let values = self.values()?;
        match <[Value; 1]>::try_from(values) {
            Ok([Value::Array(rows)]) => Ok(rows),
            Ok(one) => Ok(one.into()),
            Err(many) => Ok(many),
        }
    }

    /// The values of a JSON or JSONL file.
    fn json(&self) -> Result<Vec<Value>> {
        let stream = serde_json::Deserializer::from_str(&self.text).into_iter();
        stream.collect::<Result<Vec<Value>, _>>().map_err(|error| {
            self.refuse(&format!("line {}: {error}", error.line()), "mend the JSON in it")
        })
    }

    /// The value of a YAML file.
    pub fn yaml(&self) -> Result<Value> {
        serde_saphyr::from_str(&self.text)
            .map_err(|error| self.refuse(&format!("no YAML: {error}"), "mend the YAML in it"))
    }

    /// The rows of a table with a header; the delimiter is a tab, a semicolon or a comma, whichever the
    /// header has most of.
    pub fn table(&self) -> Result<Vec<Columns>> {
        let header = self.text.lines().next().unwrap_or_default();
        let count = |byte: &u8| header.bytes().filter(|it| it == byte).count();
        let delimiter = [b';', b'\t', b','].into_iter().max_by_key(count).unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(self.text.as_bytes());
        let malformed = |error: csv::Error| {
            self.refuse(&error.to_string(), "every row needs as many cells as the header")
        };
        let header = reader.headers().map_err(malformed)?.clone();
        let row = |record: csv::StringRecord| {
            let cells = header.iter().zip(&record).filter(|(name, _)| !name.trim().is_empty());
            cells.map(|(name, cell)| (name.trim().to_owned(), Value::from(cell))).collect()
        };
        reader.records().map(|record| record.map(row).map_err(malformed)).collect()
    }

    /// An error that names the file.
    pub fn refuse(&self, what: &str, help: &str) -> Error {
        Error::data(format!("{}: {what}", self.path.display())).with_help(help)
    }
}

/// The bytes of a file, or of a pipe, which might never end.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    match length as u64 > LONGEST {
        true => Err(io::Error::other("it has more than 256 MiB")),
        false => Ok(bytes),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_refused() {
        let error = Document::read(Path::new("/dev/zero")).unwrap_err();
        assert!(error.to_string().contains("more than 256 MiB"), "{error}");
    }
}
