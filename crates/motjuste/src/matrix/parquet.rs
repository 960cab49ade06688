//! Matrices as Parquet files: one row for each instruction and row of the task.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::{Field, Row};
use parquet::schema::parser::parse_message_type;

use super::{About, FORMAT, Line, Matrix, Wording};
use crate::history::ExampleScore;
use crate::{Error, Result};

const SCHEMA: &str = "message matrix {
    required binary instruction (utf8);
    required binary source (utf8);
    required binary split (utf8);
    required int32 row;
    optional double score;
    required binary answer (utf8);
    required binary finish_reason (utf8);
}";

/// What a matrix was scored with, in the file's metadata.
const ABOUT: &str = "motjuste.matrix";

impl Matrix {
    /// Writes the matrix as Parquet, compressed with zstd: columns `instruction`, `source`, `split`, `row`,
    /// `score`, `answer` and `finish_reason`.
    ///
    /// # Errors
    /// [`Error::is_storage`] when it cannot be written.
    pub fn write(&self, to: impl Write + Send) -> Result<()> {
        self.written(to).map_err(|error| {
            Error::storage(format!("the matrix cannot be written: {error}"))
                .with_help("make room, or give another file")
        })
    }

    fn written(&self, to: impl Write + Send) -> parquet::errors::Result<()> {
        // Plain data, which has no way to fail.
        let about = serde_json::to_string(&self.about).unwrap_or_default();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .set_key_value_metadata(Some(vec![KeyValue::new(ABOUT.to_owned(), about)]));
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let mut file = SerializedFileWriter::new(to, schema, Arc::new(properties.build()))?;
        let mut group = file.next_row_group()?;
        let cells = self.cells();
        strings(&mut group, cells.iter().map(|cell| cell.wording.instruction.as_str()))?;
        strings(&mut group, cells.iter().map(|cell| cell.wording.source.as_str()))?;
        strings(&mut group, cells.iter().map(|cell| cell.split))?;
        rows(&mut group, cells.iter().map(|cell| cell.of.example))?;
        scores(&mut group, cells.iter().map(|cell| cell.of.score))?;
        strings(&mut group, cells.iter().map(|cell| cell.of.answer.as_str()))?;
        let reasons: Vec<String> = cells.iter().map(|cell| name(&cell.of.finish_reason)).collect();
        strings(&mut group, reasons.iter().map(String::as_str))?;
        group.close()?;
        file.close().map(|_| ())
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        self.lines.iter().flat_map(Line::scores).collect()
    }

    /// Reads a matrix from a Parquet file.
    ///
    /// # Errors
    /// [`Error::is_data`] when the file cannot be read, or holds no matrix.
    pub fn read(path: &Path) -> Result<Self> {
        let malformed = |why: String| {
            Error::data(format!("{} is no response matrix: {why}", path.display()))
                .with_help("give a file that `motjuste matrix` wrote")
        };
        let file = std::fs::File::open(path).map_err(|error| malformed(error.to_string()))?;
        crate::parquet_thread::read(|| read(file)).map_err(malformed)
    }
}

const DEV: &str = "dev";
const TEST: &str = "test";

/// A score with its place in the matrix.
struct Cell<'a> {
    wording: &'a Wording,
    split: &'static str,
    of: &'a ExampleScore,
}

impl Line {
    fn scores(&self) -> impl Iterator<Item = Cell<'_>> {
        let cell = |split| move |of| Cell { wording: &self.wording, split, of };
        self.dev.iter().map(cell(DEV)).chain(self.test.iter().map(cell(TEST)))
    }
}

fn strings<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = &'a str>,
) -> parquet::errors::Result<()> {
    let values: Vec<ByteArray> = values.map(ByteArray::from).collect();
    let Some(mut column) = group.next_column()? else { return Err(no_column()) };
    column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
    column.close()
}

fn rows<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = usize>,
) -> parquet::errors::Result<()> {
    let values: Vec<i32> = values.map(|row| i32::try_from(row).unwrap_or(i32::MAX)).collect();
    let Some(mut column) = group.next_column()? else { return Err(no_column()) };
    column.typed::<Int32Type>().write_batch(&values, None, None)?;
    column.close()
}

/// A score that is missing is null.
fn scores<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = Option<f64>>,
) -> parquet::errors::Result<()> {
    let values: Vec<Option<f64>> = values.collect();
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let Some(mut column) = group.next_column()? else { return Err(no_column()) };
    column.typed::<DoubleType>().write_batch(&known, Some(&levels), None)?;
    column.close()
}

fn no_column() -> ParquetError {
    ParquetError::General("a column is missing".to_owned())
}

/// A value of plain data as the word that it is written as.
fn name(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn read(file: std::fs::File) -> parquet::errors::Result<Matrix> {
    let reader = SerializedFileReader::new(file)?;
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let about = metadata.into_iter().flatten().find(|pair| pair.key == ABOUT);
    let about = about.and_then(|pair| pair.value.as_deref()).unwrap_or_default();
    let about: About =
        serde_json::from_str(about).map_err(|_| general("it does not say what it is"))?;
    if about.format != FORMAT {
        return Err(general(&format!("its format is {}, and this is {FORMAT}", about.format)));
    }
    let mut lines = Lines::default();
    for row in reader.get_row_iter(None)? {
        lines.add(&row?)?;
    }
    Ok(Matrix { about, lines: lines.0 })
}

fn general(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

/// The lines so far; the rows of one stand together.
#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, row: &Row) -> parquet::errors::Result<()> {
        let cells: HashMap<&str, &Field> =
            row.get_column_iter().map(|(name, field)| (name.as_str(), field)).collect();
        let text = |column: &str| match cells.get(column) {
            Some(Field::Str(text)) => Ok(text.as_str()),
            _ => Err(general(&format!("it has no column {column}"))),
        };
        let (instruction, source) = (text("instruction")?, text("source")?);
        if self.0.last().is_none_or(|line| line.wording.instruction != instruction) {
            let wording = Wording { instruction: instruction.into(), source: source.into() };
            self.0.push(Line { wording, dev: Vec::new(), test: Vec::new() });
        }
        let Some(line) = self.0.last_mut() else { return Ok(()) };
        let scores = if text("split")? == DEV { &mut line.dev } else { &mut line.test };
        let score = match cells.get("score") {
            Some(Field::Double(score)) => Some(*score),
            _ => None,
        };
        let reason = serde_json::Value::from(text("finish_reason")?);
        let finish_reason = serde_json::from_value(reason).unwrap_or_default();
        let cell = ExampleScore::new(scores.len(), score, text("answer")?);
        scores.push(ExampleScore { finish_reason, ..cell });
        Ok(())
    }
}
