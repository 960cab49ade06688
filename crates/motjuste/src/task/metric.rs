//! The metric of a task file: its name, its settings, and what it learns from the data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::sections;
use super::split::Splits;
use super::{Example, Split};
use crate::metric::registry::{self, Settings};
use crate::metric::{Expects, Metric};
use crate::score::{Bare, BuiltIn, Judge, Program, Score};
use crate::{Error, Result};

/// How an answer is scored, as a task file has it: a metric's name; `{ name = …, settings }`;
/// `{ command = […] }`; or `{ judge = … }`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a metric, { name = \"number\", … }, { command = [\"program\", …] }, or { judge = \"model\" }"
)]
pub(super) enum MetricSection {
    /// A metric by its name.
    Name(String),
    /// A metric, a program or a judge with its settings.
    Table(Settings),
}

/// A program that scores: JSON lines in and out.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CommandSection {
    /// The program and its arguments.
    command: Vec<String>,
    /// The score of a perfect answer; 1 by default.
    scale: Option<f64>,
    /// Seconds that it may take for the answers of one instruction; 300 by default.
    timeout: Option<f64>,
}

/// A model that scores.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct JudgeSection {
    /// The model's name, such as openai/gpt-4.1-mini.
    judge: String,
    /// A file with what the judge reads, in place of the built-in one.
    rubric: Option<PathBuf>,
    /// The points of a perfect answer; 10 by default.
    scale: Option<f64>,
}

/// What becomes of an answer before it is scored.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerSection {
    /// Whether a thinking block and one code fence around the answer are taken off before it is scored;
    /// true by default, but for the published comparisons.
    strip: Option<bool>,
}

/// A scorer that has not seen the data yet.
pub(super) struct Scorer {
    kind: Kind,
    strips: bool,
}

enum Kind {
    Metric(Box<dyn Metric>),
    Program(Program),
    Judge { model: String, rubric: Option<String>, scale: Option<f64> },
}

impl Scorer {
    /// The scorer of a task file in `folder`; `mode` is for the published comparisons.
    pub(super) fn of(
        section: MetricSection,
        answers: &AnswerSection,
        mode: Option<String>,
        folder: &Path,
    ) -> Result<Self> {
        let kind = match section {
            MetricSection::Name(name) => Kind::Metric(metric(&name, Settings::new(), mode)?),
            MetricSection::Table(table) => table_kind(table, mode, folder)?,
        };
        let usual = match &kind {
            Kind::Metric(metric) => metric.reads_the_answer_alone(),
            Kind::Program(_) | Kind::Judge { .. } => true,
        };
        Ok(Self { kind, strips: answers.strip.unwrap_or(usual) })
    }

    /// What it needs the expected outputs of the data to be.
    pub(super) fn expects(&self) -> Expects {
        match &self.kind {
            Kind::Metric(metric) => metric.expects(),
            Kind::Program(_) | Kind::Judge { .. } => Expects::NOTHING,
        }
    }

    /// The score, once it has learned from the data what there is to learn, and found every row fit.
    pub(super) fn finish(self, splits: &Splits) -> Result<Arc<dyn Score>> {
        let score: Arc<dyn Score> = match self.kind {
            Kind::Metric(metric) => Arc::new(fitted(metric, splits)?),
            Kind::Program(program) => Arc::new(program),
            Kind::Judge { model, rubric, scale } => Arc::new(judge(model, rubric, scale, splits)?),
        };
        Ok(if self.strips { Arc::new(Bare::from(score)) } else { score })
    }
}

fn table_kind(mut table: Settings, mode: Option<String>, folder: &Path) -> Result<Kind> {
    if let Some(name) = table.remove("name") {
        let name = name.as_str().ok_or_else(|| no_metric("its name is no text"))?;
        return Ok(Kind::Metric(metric(name, table, mode)?));
    }
    if mode.is_some() {
        return Err(no_mode());
    }
    if table.contains_key("command") {
        let CommandSection { command, scale, timeout } = read(table)?;
        let program = Program::new(command, folder)?;
        let program = match timeout {
            Some(seconds) => program.with_timeout(patience(seconds)?),
            None => program,
        };
        return Ok(Kind::Program(match scale {
            Some(scale) => program.with_scale(scale)?,
            None => program,
        }));
    }
    if table.contains_key("judge") {
        let JudgeSection { judge, rubric, scale } = read(table)?;
        let rubric = rubric.map(|path| sections::file(&folder.join(path)));
        return Ok(Kind::Judge { model: judge, rubric: rubric.transpose()?, scale });
    }
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    Err(no_metric(&format!("it has neither name, command nor judge, but {keys:?}")))
}

/// A time above 0, in seconds.
fn patience(seconds: f64) -> Result<Duration> {
    let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| {
        no_metric(&format!("its timeout of {seconds} is no number of seconds above 0"))
    })
}

fn no_metric(why: &str) -> Error {
    Error::configuration(format!("the metric cannot be read: {why}")).with_help(
        "write metric = \"exact\", { name = \"number\", tolerance = 0.01 }, { command = [\"program\", …] } \
         or { judge = \"model\" }",
    )
}

fn no_mode() -> Error {
    Error::configuration("`mode` is for the published comparisons alone")
        .with_help("leave `mode` out, or name a metric that begins with induction_ or opro_")
}

fn read<T: serde::de::DeserializeOwned>(table: Settings) -> Result<T> {
    serde_json::from_value(Value::Object(table)).map_err(|error| no_metric(&error.to_string()))
}

/// A built-in metric; the task's `mode` is one of its settings.
fn metric(name: &str, mut settings: Settings, mode: Option<String>) -> Result<Box<dyn Metric>> {
    match mode {
        Some(mode) if registry::is_published(name) => {
            settings.insert("mode".to_owned(), Value::from(mode));
        }
        Some(_) => return Err(no_mode()),
        None => {}
    }
    registry::named(name, settings)
}

/// The splits by name, with their rows.
fn named(splits: &Splits) -> impl Iterator<Item = (&'static str, &Vec<Example>)> {
    [Split::Train, Split::Dev, Split::Test].map(Split::name).into_iter().zip(splits)
}

fn fitted(mut metric: Box<dyn Metric>, splits: &Splits) -> Result<BuiltIn> {
    let outputs = splits.iter().flatten().flat_map(|row| &row.outputs);
    metric.learn(&outputs.map(String::as_str).collect::<BTreeSet<_>>());
    if metric.expects().outputs {
        check_rows(splits, |row| check_outputs(metric.as_ref(), row))?;
    }
    metric.check_settings()?;
    Ok(BuiltIn::from(metric))
}

fn check_outputs(metric: &dyn Metric, row: &Example) -> Result<()> {
    if row.outputs.is_empty() {
        return Err(Error::data("there is no expected output")
            .with_help("add one, leave the row out, or score with a judge or a program"));
    }
    row.outputs.iter().try_for_each(|output| metric.check_output(output))
}

/// Refuses the first row that is not fit, naming it.
fn check_rows(splits: &Splits, check: impl Fn(&Example) -> Result<()>) -> Result<()> {
    for (name, rows) in named(splits) {
        for (index, row) in rows.iter().enumerate() {
            check(row).map_err(|error| error.within(&format!("{name} example {}", index + 1)))?;
        }
    }
    Ok(())
}

fn judge(
    model: String,
    rubric: Option<String>,
    scale: Option<f64>,
    splits: &Splits,
) -> Result<Judge> {
    let columns = splits.iter().flatten().flat_map(|row| row.columns.keys().cloned()).collect();
    let judge = Judge::of_columns(model, rubric, &columns)?;
    let judge = match scale {
        Some(scale) => judge.with_scale(scale)?,
        None => judge,
    };
    check_rows(splits, |row| judge.check_row(row))?;
    Ok(judge)
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for MetricSection {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MetricSection".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut forms = registry::schemas(generator);
        forms.push(generator.subschema_for::<CommandSection>().to_value());
        forms.push(generator.subschema_for::<JudgeSection>().to_value());
        schemars::json_schema!({ "description": "How an answer is scored.", "anyOf": forms })
    }
}
