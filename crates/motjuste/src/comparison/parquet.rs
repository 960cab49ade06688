//! The studies of a comparison as a Parquet file: one row for each.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::ComparisonReport;
use crate::budget::Spending;
use crate::experiment::CellRun;
use crate::money::Usd;
use crate::{Error, Result};

const SCHEMA: &str = "message studies {
    required binary method (utf8);
    required binary task (utf8);
    required int64 seed;
    required binary state (utf8);
    optional double dev;
    optional double test;
    optional double test_low;
    optional double test_high;
    required int64 trials;
    required int64 target_calls;
    required int64 generator_calls;
    required int64 judge_calls;
    required int64 assessment_calls;
    required int64 made_calls;
    required int64 tokens;
    required double usd;
    required double paid_usd;
    optional binary study (utf8);
    optional binary instruction (utf8);
    optional binary failure (utf8);
}";

/// What was compared, in the file's metadata.
const ABOUT: &str = "motjuste.comparison";

type Written = parquet::errors::Result<()>;

impl ComparisonReport {
    /// Writes the studies as Parquet, compressed with zstd: one row for each, complete or not, with its scores, what it
    /// used as if it had paid for all of its calls, what was really made and paid, and its instruction. A score that
    /// is missing is null. What was compared is in the file's metadata, as JSON under `motjuste.comparison`.
    ///
    /// ```
    /// use motjuste::comparison::ComparisonReport;
    /// fn as_bytes(report: &ComparisonReport) -> motjuste::Result<Vec<u8>> {
    ///     let mut bytes = Vec::new();
    ///     report.write_studies(&mut bytes)?;
    ///     Ok(bytes)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_storage`] when they cannot be written.
    pub fn write_studies(&self, to: impl Write + Send) -> Result<()> {
        self.written(to).map_err(|error| {
            Error::storage(format!("the studies cannot be written: {error}"))
                .with_help("make room, or give another file")
        })
    }

    fn written(&self, to: impl Write + Send) -> Written {
        // Plain data, which has no way to fail.
        let about = serde_json::to_string(&self.about).unwrap_or_default();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .set_key_value_metadata(Some(vec![KeyValue::new(ABOUT.to_owned(), about)]));
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let mut file = SerializedFileWriter::new(to, schema, Arc::new(properties.build()))?;
        let mut group = file.next_row_group()?;
        Columns { group: &mut group, studies: &self.studies }.write(self)?;
        group.close()?;
        file.close().map(|_| ())
    }
}

/// The columns that are still to be written.
struct Columns<'a, 'b, W: Write + Send> {
    group: &'a mut SerializedRowGroupWriter<'b, W>,
    studies: &'a [CellRun],
}

impl<W: Write + Send> Columns<'_, '_, W> {
    /// All of them, in the order of the schema.
    fn write(mut self, report: &ComparisonReport) -> Written {
        self.words(|run| report.methods[run.at.cell].method.clone())?;
        self.words(|run| run.task.clone())?;
        self.counts(|run| run.at.seed)?;
        self.words(state)?;
        self.scores(|run| run.dev)?;
        self.scores(|run| run.test.map(|test| test.score))?;
        self.scores(|run| run.test.map(|test| test.low))?;
        self.scores(|run| run.test.map(|test| test.high))?;
        self.counts(|run| run.trials as u64)?;
        self.counts(|run| run.account.target.calls)?;
        self.counts(|run| run.account.generator.calls)?;
        self.counts(|run| run.account.judge.calls)?;
        self.counts(|run| run.account.assessment.calls)?;
        self.counts(|run| run.account.made_calls())?;
        self.counts(tokens)?;
        self.dollars(|run| run.account.usd())?;
        self.dollars(|run| run.account.paid_usd())?;
        self.texts(|run| run.study.as_deref())?;
        self.texts(|run| run.instruction.as_deref())?;
        self.texts(|run| run.failure.as_deref())
    }

    fn words(&mut self, of: impl Fn(&CellRun) -> String) -> Written {
        let values = self.studies.iter().map(|run| ByteArray::from(of(run).as_str())).collect();
        self.required::<ByteArrayType>(values)
    }

    fn counts(&mut self, of: impl Fn(&CellRun) -> u64) -> Written {
        let whole = |run| i64::try_from(of(run)).unwrap_or(i64::MAX);
        self.required::<Int64Type>(self.studies.iter().map(whole).collect())
    }

    fn dollars(&mut self, of: impl Fn(&CellRun) -> Usd) -> Written {
        self.required::<DoubleType>(self.studies.iter().map(|run| of(run).as_dollars()).collect())
    }

    fn scores(&mut self, of: impl Fn(&CellRun) -> Option<f64>) -> Written {
        self.optional::<DoubleType>(self.studies.iter().map(of).collect())
    }

    fn texts(&mut self, of: impl Fn(&CellRun) -> Option<&str>) -> Written {
        self.optional::<ByteArrayType>(
            self.studies.iter().map(|run| of(run).map(ByteArray::from)).collect(),
        )
    }

    fn required<T: DataType>(&mut self, values: Vec<T::T>) -> Written {
        let Some(mut column) = self.group.next_column()? else { return Err(no_column()) };
        column.typed::<T>().write_batch(&values, None, None)?;
        column.close()
    }

    /// A value that is missing is null.
    fn optional<T: DataType>(&mut self, values: Vec<Option<T::T>>) -> Written {
        let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let known: Vec<T::T> = values.into_iter().flatten().collect();
        let Some(mut column) = self.group.next_column()? else { return Err(no_column()) };
        column.typed::<T>().write_batch(&known, Some(&levels), None)?;
        column.close()
    }
}

fn no_column() -> ParquetError {
    ParquetError::General("a column is missing".to_owned())
}

/// A state as the word that it is written as.
fn state(run: &CellRun) -> String {
    let value = serde_json::to_value(run.state).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn tokens(run: &CellRun) -> u64 {
    let account = run.account;
    let roles = [account.target, account.generator, account.judge, account.assessment];
    roles.iter().map(Spending::tokens).sum()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::super::fixture::{report, score};
    use super::*;
    use crate::experiment::RunState;

    #[tokio::test]
    async fn every_study_is_read_as_it_was_written() {
        let report = report(|run| {
            score(run, [Some(1.0), None, Some(f64::from(u8::from(run.at.cell == 1))), Some(0.0)]);
            if (run.at.cell, run.at.seed) == (1, 1) {
                (run.state, run.test, run.study) = (RunState::NotReached, None, None);
            }
        })
        .await;
        let mut file = Vec::new();
        report.write_studies(&mut file).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
        let about = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let about = about.iter().find(|pair| pair.key == ABOUT).unwrap();
        assert!(about.value.as_ref().unwrap().contains("\"target\":\"m\""));
        let rows: Vec<serde_json::Value> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_json_value()).collect();
        assert_eq!(rows.len(), report.studies.len());
        for (row, run) in rows.iter().zip(&report.studies) {
            assert_eq!(row["method"], report.methods[run.at.cell].method);
            assert_eq!(
                (&row["task"], &row["seed"]),
                (&run.task.as_str().into(), &run.at.seed.into())
            );
            assert_eq!(row["test"].as_f64(), run.test.map(|test| test.score));
            assert_eq!(row["test_low"].as_f64(), run.test.map(|test| test.low));
            assert_eq!(row["dev"].as_f64(), run.dev);
            assert_eq!(row["target_calls"], run.account.target.calls);
            assert_eq!(row["assessment_calls"], run.account.assessment.calls);
            assert_eq!(row["made_calls"], run.account.made_calls());
            assert_eq!(row["tokens"], tokens(run));
            assert_eq!(row["state"], serde_json::to_value(run.state).unwrap());
            assert_eq!(row["study"].as_str(), run.study.as_deref());
            assert_eq!(row["instruction"].as_str(), run.instruction.as_deref());
            assert_eq!(row["failure"].as_str(), run.failure.as_deref());
        }
    }
}
