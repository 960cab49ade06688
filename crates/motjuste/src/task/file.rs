//! Task files: a TOML page that names the data, the metric and, if need be, the templates.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::examples::{self, Columns, Inline};
use super::split::{self, Ratio, Splits};
use super::{Example, Task, unknown};
use crate::metric::{Metric, Mode};
#[cfg(feature = "schema")]
use crate::model::ParametersSection;
use crate::model::{Parameters, RoleParameters};
use crate::prompt::Templates;
use crate::score::{BuiltIn, Judge, Program, Score};
use crate::{Error, Result};

/// A task: its data, its metric and, if need be, its templates. Paths are relative to the file.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TaskFile {
    /// A short name, used in file names: letters, digits, _ and -.
    name: String,
    /// For people who read the file.
    #[serde(default, rename = "description")]
    _description: String,
    metric: MetricSection,
    /// How a built-in metric reads an answer: without the faults of the published code, which is the
    /// default; as that code does it; or as it does for GPT models, whose answers are boxed.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["strict", "compat", "compat_boxed", null]))
    )]
    mode: Option<String>,
    data: DataSection,
    #[serde(default)]
    templates: TemplateSection,
    /// How a target behind an API is asked.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "ParametersSection"))]
    target: Parameters,
    /// How a generator behind an API is asked.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "ParametersSection"))]
    generator: Parameters,
    /// How a judge behind an API is asked.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "ParametersSection"))]
    judge: Parameters,
}

/// How an answer is scored.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "expected the name of a metric, { command = [\"program\", …] }, or { judge = \"model\" }"
)]
enum MetricSection {
    /// A built-in metric.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = metric_names())))]
    Name(String),
    Command(CommandSection),
    Judge(JudgeSection),
}

/// A program that scores: JSON lines in and out.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CommandSection {
    /// The program and its arguments.
    command: Vec<String>,
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
}

/// The examples: all three splits, or one list to divide.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = with_alias))]
#[serde(deny_unknown_fields)]
struct DataSection {
    /// Where demonstrations come from.
    train: Option<Source>,
    /// What a search scores on; `validation` is another name for it.
    #[serde(alias = "validation")]
    dev: Option<Source>,
    /// What nobody looks at before the choice is made.
    test: Option<Source>,
    /// All examples, in place of the splits.
    examples: Option<Source>,
    /// How to divide them.
    split: Option<Ratio>,
    /// The name that a file has for inputs.
    #[serde(default = "input_column")]
    input: String,
    /// The name that a file has for outputs.
    #[serde(default = "output_column")]
    output: String,
}

/// Where examples are.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a path, or a list of { input, output } tables")]
enum Source {
    /// A JSONL, CSV or TSV file.
    File(PathBuf),
    /// Here.
    Inline(Vec<Inline>),
}

/// Files with what the models read, in place of the built-in templates.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TemplateSection {
    /// What a generator of soft prompts reads behind them.
    induce: Option<PathBuf>,
    /// What the target reads: instruction and input.
    follow: Option<PathBuf>,
    /// What the target's answer begins with.
    begin: Option<PathBuf>,
}

/// The JSON schema of a task file.
#[cfg(feature = "schema")]
pub fn file_schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_deserialize();
    settings.into_generator().into_root_schema_for::<TaskFile>()
}

#[cfg(feature = "schema")]
fn metric_names() -> Vec<&'static str> {
    Metric::NAMES.iter().map(|(name, _)| *name).collect()
}

/// The dev split under its other name, too.
#[cfg(feature = "schema")]
fn with_alias(schema: &mut schemars::Schema) {
    let properties = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut);
    if let Some(properties) = properties
        && let Some(dev) = properties.get("dev").cloned()
    {
        properties.insert("validation".to_owned(), dev);
    }
}

fn input_column() -> String {
    "input".to_owned()
}

fn output_column() -> String {
    "output".to_owned()
}

/// Reads the task file at `path` and the data it names.
///
/// ```toml
/// name = "second_letter"
/// metric = "exact_match"      # or contains, exact_set, f1, number, …
///                             # or { command = ["python3", "score.py"] }: JSON lines in and out
///                             # or { judge = "openai/gpt-4.1-mini", rubric = "rubric.txt" }
///
/// [data]                      # JSONL, CSV or TSV files, or lists of { input, output }
/// train = "train.jsonl"       # or: examples = "all.csv"
/// dev = "dev.jsonl"           #     split = { train = 0.4, dev = 0.3, test = 0.3, seed = 0 }
/// test = "test.jsonl"
///
/// [templates]                 # optional
/// follow = "follow.txt"       # what the target reads: instruction and input
/// begin = "begin.txt"         # what its answer begins with
///
/// [target]                    # optional, as [generator] and [judge]: how a model behind an API is asked
/// params = { reasoning_effort = "low" }   # any field of the request's body
/// omit = ["temperature"]      # fields that are left out
/// headers = { X-Team = "${TEAM}" }        # from the environment
/// timeout = 600               # seconds
/// max_completion_tokens = true            # how an answer's length is named
/// thinking_tokens = 8000      # on top of an answer's length
/// ```
///
/// # Errors
/// [`Error::is_configuration`] for the file itself, [`Error::is_data`] for its examples; both say
/// where.
pub fn load(path: &Path) -> Result<Task> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read the task file {}: {error}", path.display()))
            .with_help("give the path of a task file, such as tasks/second_letter.toml")
    })?;
    let file: TaskFile = toml::from_str(&text).map_err(|error| {
        Error::configuration(format!("{}: {}", path.display(), error.to_string().trim_end()))
            .with_help("a task file has name, metric and [data]; see the README")
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let [train, dev, test] = splits(file.data, folder)?;
    let score = score(file.metric, file.mode.as_deref(), folder)?;
    let templates = templates(&file.templates, folder)?;
    let parameters =
        RoleParameters { target: file.target, generator: file.generator, judge: file.judge };
    Ok(Task { score, templates, parameters, ..Task::new(file.name, train, dev, test)? })
}

fn score(section: MetricSection, form: Option<&str>, folder: &Path) -> Result<Arc<dyn Score>> {
    if let (MetricSection::Command(_) | MetricSection::Judge(_), Some(_)) = (&section, form) {
        return Err(Error::configuration("`mode` is for the built-in metrics alone")
            .with_help("leave `mode` out, or name a built-in metric"));
    }
    Ok(match section {
        MetricSection::Name(name) => Arc::new(built_in(&name, form)?),
        MetricSection::Command(section) => Arc::new(Program::new(section.command, folder)?),
        MetricSection::Judge(section) => {
            let rubric =
                section.rubric.map(|path| read_template(&folder.join(path))).transpose()?;
            Arc::new(Judge::new(section.judge, rubric)?)
        }
    })
}

fn built_in(name: &str, form: Option<&str>) -> Result<BuiltIn> {
    let metric = metric(name)?;
    Ok(match (form, metric.answer_kind()) {
        (None | Some("strict"), _) => BuiltIn::Metric(metric, Mode::Strict),
        (Some("compat"), _) => BuiltIn::Metric(metric, Mode::Compat),
        (Some("compat_boxed"), Some(kind)) => BuiltIn::Boxed(kind),
        (Some("compat_boxed"), None) => {
            return Err(Error::configuration(format!("metric {name} knows no \\boxed{{}}"))
                .with_help("compat_boxed goes with number, boolean, choice and text; use compat"));
        }
        (Some(other), _) => {
            return Err(unknown("mode", other, ["strict", "compat", "compat_boxed"]));
        }
    })
}

fn metric(name: &str) -> Result<Metric> {
    let found = Metric::NAMES.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, metric)| *metric)
        .ok_or_else(|| unknown("metric", name, Metric::NAMES.map(|(name, _)| name)))
}

fn splits(data: DataSection, folder: &Path) -> Result<Splits> {
    let columns = Columns { input: data.input, output: data.output };
    let read = |source| read_source(source, folder, &columns);
    match (data.examples, data.train, data.dev, data.test, data.split) {
        (Some(all), None, None, None, ratio) => {
            split::divide(read(all)?, ratio.unwrap_or_default())
        }
        (None, Some(train), Some(dev), Some(test), None) => {
            Ok([read(train)?, read(dev)?, read(test)?])
        }
        _ => Err(Error::configuration("[data] must name either all splits or one list to divide")
            .with_help("give train, dev and test; or examples, with or without split")),
    }
}

fn read_source(source: Source, folder: &Path, columns: &Columns) -> Result<Vec<Example>> {
    match source {
        Source::File(path) => examples::read(&folder.join(path), columns),
        Source::Inline(examples) => Ok(examples.into_iter().map(Example::from).collect()),
    }
}

fn templates(section: &TemplateSection, folder: &Path) -> Result<Templates> {
    let mut templates = Templates::default();
    if let Some(path) = &section.induce {
        templates = templates.with_induce(read_template(&folder.join(path))?)?;
    }
    if let Some(path) = &section.follow {
        templates = templates.with_follow(read_template(&folder.join(path))?)?;
    }
    if let Some(path) = &section.begin {
        templates = templates.with_begin(read_template(&folder.join(path))?)?;
    }
    Ok(templates)
}

fn read_template(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read the template {}: {error}", path.display()))
            .with_help("paths in a task file are relative to the task file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INLINE: &str = r#"
        name = "t"
        metric = "exact_match"
        [data]
        train = [{ input = "a", output = "1" }]
        dev = [{ input = "b", output = ["2", "two"] }]
        test = [{ input = "c", output = "3" }]
    "#;

    fn load_text(text: &str, data: &[(&str, &str)]) -> Result<Task> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in data {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let path = folder.path().join("task.toml");
        std::fs::write(&path, text).unwrap();
        load(&path)
    }

    fn with_dev(dev: &str) -> String {
        INLINE.replace("[{ input = \"b\", output = [\"2\", \"two\"] }]", dev)
    }

    #[test]
    fn inline_examples_and_several_accepted_outputs_work() {
        let task = load_text(INLINE, &[]).unwrap();
        assert_eq!(task.dev[0].outputs, ["2", "two"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = load_text(&INLINE.replace("metric", "metrc"), &[]).unwrap_err();
        assert!(error.is_configuration());
        assert!(error.to_string().contains("metrc") && error.to_string().contains("line 3"));
    }

    #[test]
    fn an_unknown_metric_is_answered_with_the_known_ones() {
        let error = load_text(&INLINE.replace("exact_match", "bleu"), &[]).unwrap_err();
        assert!(error.help().unwrap().contains("exact_set"));
    }

    #[test]
    fn a_metric_may_be_a_program_or_a_judge() {
        let with = |metric: &str| load_text(&INLINE.replace("\"exact_match\"", metric), &[]);
        let score = |metric: &str| with(metric).unwrap().score;
        assert!(score("{ command = [\"cat\"] }").id().starts_with("command"));
        assert_eq!(score("{ judge = \"openai/x\" }").judge(), Some("openai/x"));
        assert!(with("{ command = [] }").unwrap_err().to_string().contains("empty"));
        assert!(with("{ jugde = \"x\" }").unwrap_err().to_string().contains("judge"));
        assert!(with("{ judge = \"x\", rubric = \"absent\" }").unwrap_err().is_data());
    }

    #[test]
    fn a_malformed_line_is_named_by_file_and_number() {
        let lines = "{\"input\": \"b\", \"output\": \"2\"}\n\n{\"input\": \"d\"}\n";
        let error = load_text(&with_dev("\"dev.jsonl\""), &[("dev.jsonl", lines)]).unwrap_err();
        assert!(error.to_string().contains("dev.jsonl, line 3: no field \"output\""), "{error}");
    }

    #[test]
    fn the_tables_of_models_are_read_and_their_faults_named() {
        let task = load_text(&format!("{INLINE}[target]\ntimeout = 600"), &[]).unwrap();
        assert_eq!(task.parameters.target.timeout, Some(std::time::Duration::from_secs(600)));
        assert!(task.parameters.judge.is_empty() && task.parameters.generator.is_empty());
        let error = load_text(&format!("{INLINE}[judge]\ntimout = 600"), &[]).unwrap_err();
        assert!(error.to_string().contains("timout"), "{error}");
    }

    #[test]
    fn csv_with_other_column_names_is_read() {
        let text = "name = \"t\"\nmetric = \"f1\"\n[data]\nexamples = \"all.csv\"\ninput = \"question\"\noutput = \"answer\"";
        let rows: String = (0..10).map(|i| format!("q{i},\"a, {i}\"\n")).collect();
        let task = load_text(text, &[("all.csv", &format!("question,answer\n{rows}"))]).unwrap();
        assert_eq!(task.train.len() + task.dev.len() + task.test.len(), 10);
        assert!(task.train[0].outputs[0].starts_with("a, "));
    }

    #[test]
    fn a_missing_file_an_empty_split_and_a_leak_are_refused() {
        assert!(load_text(&with_dev("\"absent.jsonl\""), &[]).unwrap_err().is_data());
        let empty = load_text(&with_dev("[]"), &[]).unwrap_err();
        assert!(empty.to_string().contains("dev split"));
        let leak = load_text(&with_dev("[{ input = \"c \", output = \"3\" }]"), &[]).unwrap_err();
        assert!(leak.to_string().contains("dev example 1 and test example 1"), "{leak}");
    }
}
