//! Task files: a TOML page that names the data, the metric and, if need be, the templates.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::examples::{self, Columns, Inline};
use super::metric::{AnswerSection, MetricSection, Scorer};
use super::split::{self, Ratio, Splits};
use super::text_file::read_template;
use super::{Example, Task};
use crate::metric::Expects;
use crate::prompt::Templates;
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
    /// What becomes of an answer before it is scored.
    #[serde(default)]
    answers: AnswerSection,
    /// How a published comparison (`induction_…`, `opro_…`) reads an answer: without the faults of the published code, which is the
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
/// metric = "normalized"       # or exact, contains, label, number, json, f1, …: see `metric`
///                             # or { name = "number", tolerance = 0.01 }
///                             # or { command = ["python3", "score.py"], scale = 100 }: JSON lines in and out
///                             # or { judge = "openai/gpt-4.1-mini", rubric = "rubric.txt", scale = 5 }
///
/// [answers]                   # optional
/// strip = true                # a thinking block and a code fence are taken off before scoring
///
/// [data]                      # JSONL, CSV or TSV files, or lists of { input, output }
/// train = "train.jsonl"       # or: examples = "all.csv"
/// dev = "dev.jsonl"           #     split = { train = 0.4, dev = 0.3, test = 0.3, seed = 0 }
/// test = "test.jsonl"
///
/// [templates]                 # optional
/// follow = "follow.txt"       # what the target reads: instruction and input
/// begin = "begin.txt"         # what its answer begins with
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
    let scorer = Scorer::of(file.metric, &file.answers, file.mode, folder)?;
    let splits = splits(file.data, folder, scorer.expects())?;
    let score = scorer.finish(&splits)?;
    let [train, dev, test] = splits;
    let templates = templates(&file.templates, folder)?;
    Ok(Task { score, templates, ..Task::new(file.name, train, dev, test)? })
}

fn splits(data: DataSection, folder: &Path, expects: Expects) -> Result<Splits> {
    let columns = Columns { input: data.input, output: data.output, expects };
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
        Source::Inline(examples) => {
            Ok(examples.into_iter().map(|inline| inline.example(columns.expects)).collect())
        }
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
        assert!(error.help().unwrap().contains("rouge_l"));
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
    fn metrics_have_settings_and_learn_from_the_data() {
        let with = |metric: &str| load_text(&INLINE.replace("\"exact_match\"", metric), &[]);
        let id = |metric: &str| with(metric).unwrap().score().id();
        assert_eq!(id("\"exact\""), "exact, of the answer alone");
        assert_eq!(id("\"exact_match\""), id("\"exact\""));
        assert_eq!(id("\"induction_exact_match\""), "exact_match, strict");
        assert_eq!(id("\"induction_f1\"\nmode = \"compat\""), "f1, compat");
        assert_eq!(
            id("{ name = \"label\" }"),
            "label {\"labels\":[\"1\",\"2\",\"3\",\"two\"]}, of the answer alone"
        );
        let number = id("{ name = \"number\", tolerance = 0.01 }");
        assert_eq!(number, "number {\"tolerance\":0.01}, of the answer alone");
        let refused = |metric: &str, word: &str| {
            let error = with(metric).unwrap_err();
            assert!(error.to_string().contains(word) && error.help().is_some(), "{error}");
        };
        refused("{ name = \"number\", tolerence = 0.01 }", "tolerence");
        refused("{ name = \"number\", tolerance = -1 }", "tolerance");
        refused("{ name = \"label\", labels = [\"1\", \"2\", \"3\"] }", "dev example 1");
        refused("{ command = [\"cat\"], scale = 0 }", "scale");
        refused("{ command = [\"cat\"], scael = 1 }", "scael");
        refused("{ judge = \"x\", scale = -1 }", "scale");
        refused("\"exact\"\nmode = \"compat\"", "mode");
        refused("{ nmae = \"exact\" }", "nmae");
    }

    #[test]
    fn what_is_taken_off_an_answer_is_a_setting() {
        let with = |metric: &str, strip: &str| {
            let text = INLINE.replace("exact_match", metric);
            load_text(&text.replace("[data]", &format!("{strip}\n[data]")), &[])
        };
        let strips = |metric: &str, strip: &str| {
            with(metric, strip).unwrap().score().id().ends_with("alone")
        };
        let (off, on) = ("[answers]\nstrip = false", "[answers]\nstrip = true");
        assert!(strips("exact", "") && strips("exact", on) && !strips("exact", off));
        assert!(!strips("induction_f1", "") && strips("induction_f1", on));
        assert!(
            with("exact", "[answers]\nstirp = true").unwrap_err().to_string().contains("stirp")
        );
    }

    #[test]
    fn rows_lack_outputs_where_the_metric_reads_none() {
        let rows = "{\"input\": \"b\", \"tone\": \"kind\"}";
        let with = |metric: &str| {
            let text = with_dev("\"dev.jsonl\"").replace("\"exact_match\"", metric);
            load_text(&text, &[("dev.jsonl", rows), ("rubric", "{{ answer }} {{ tone }}")])
        };
        let task = with("{ judge = \"x\" }").unwrap();
        assert!(task.dev()[0].outputs.is_empty() && task.dev()[0].columns.contains_key("tone"));
        with("{ name = \"regex\", pattern = \"x\" }").unwrap();
        assert!(with("\"exact\"").unwrap_err().to_string().contains("no field \"output\""));
        // The other splits have no such column.
        let error = with("{ judge = \"x\", rubric = \"rubric\" }").unwrap_err();
        assert!(error.to_string().contains("train example 1"), "{error}");
    }

    #[test]
    fn a_list_is_one_answer_to_labels_and_json_and_alternatives_to_others() {
        let rows = "{\"input\": \"b\", \"output\": [\"x\", \"y\"]}";
        let dev = |metric: &str| {
            let text = with_dev("\"dev.jsonl\"").replace("exact_match", metric);
            let task = load_text(&text, &[("dev.jsonl", rows)]).unwrap();
            task.dev()[0].outputs.clone()
        };
        assert_eq!(dev("labels"), ["[\"x\",\"y\"]"]);
        assert_eq!(dev("exact"), ["x", "y"]);
        let inline = |metric: &str| {
            load_text(&INLINE.replace("exact_match", metric), &[]).unwrap().dev()[0].outputs.clone()
        };
        assert_eq!(inline("labels"), ["[\"2\",\"two\"]"]);
        assert_eq!(inline("exact"), ["2", "two"]);
    }

    #[test]
    fn outputs_that_no_answer_reaches_are_refused_with_their_row() {
        let refused = |metric: &str, output: &str| {
            let text = with_dev(&format!("[{{ input = \"b\", output = \"{output}\" }}]"));
            let error = load_text(&text.replace("exact_match", metric), &[]).unwrap_err();
            assert!(error.is_data() && error.to_string().contains("dev example 1"), "{error}");
        };
        refused("exact", " ");
        refused("number", "n/a");
        refused("json", "{a");
        refused("regex", "(");
    }

    #[test]
    fn a_malformed_line_is_named_by_file_and_number() {
        let lines = "{\"input\": \"b\", \"output\": \"2\"}\n\n{\"input\": \"d\"}\n";
        let error = load_text(&with_dev("\"dev.jsonl\""), &[("dev.jsonl", lines)]).unwrap_err();
        assert!(error.to_string().contains("dev.jsonl, line 3: no field \"output\""), "{error}");
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
