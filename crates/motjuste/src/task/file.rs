//! Task files: a TOML page that names the data, the metric and, if need be, the templates.

use std::path::Path;

use serde::Deserialize;

use super::data::{Policy, Reading};
use super::duplicates::without_leaks;
use super::metric::{AnswerSection, MetricSection, Scorer};
use super::sections::{DataSection, PromptSection, Source, StartSection, TemplateSection};
use super::split::{self, Splits};
use super::{Task, text};
use crate::counted::counted;
use crate::error::Setting;
#[cfg(feature = "schema")]
use crate::model::ParametersSection;
use crate::model::{MessageRole, Parameters, RoleParameters};
use crate::prompt::MessageTemplate;
use crate::{Error, Result};

/// A task: its data, its metric and, if need be, its templates. Paths are relative to the file.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TaskFile {
    /// A short name, used in file names: letters, digits, _ and -.
    name: String,
    /// What the task is for: for people who read the file, and for a chat model that writes instructions.
    #[serde(default)]
    description: String,
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
    /// What the target reads, as messages.
    #[serde(default)]
    prompt: PromptSection,
    /// The prompt that is in use today: the search begins with it, and the result is compared with it.
    start: Option<StartSection>,
    /// What to do with an instruction that holds eight words in a row of a row: tell, or drop it.
    #[serde(default)]
    copied: CopiedPolicy,
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

/// What to do with an instruction that copies a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum CopiedPolicy {
    /// Tell.
    #[default]
    Tell,
    /// Drop it.
    Drop,
}

/// The JSON schema of a task file.
#[cfg(feature = "schema")]
pub fn file_schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_deserialize();
    settings.into_generator().into_root_schema_for::<TaskFile>()
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
/// start = "prompt.txt"        # optional: the prompt in use, as a file or a text
///
/// [data]                      # JSONL, JSON, CSV or TSV files, or lists of { input, output }
/// train = "train.jsonl"       # or: examples = "all.csv"
/// dev = "dev.jsonl"           #     split = { train = 0.4, dev = 0.3, test = 0.3, seed = 0 }
/// test = "test.jsonl"
/// input = "ticket"            # columns by their own names, or paths such as inputs.question
/// output = "queue"
///
/// [prompt]                    # optional: what the target reads, as messages
/// system = "{{ instruction }}"
/// user = "Locale: {{ locale }}\n{{ ticket }}"
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
    refuse_yaml(path)?;
    let text = text::text(path).map_err(|error| {
        Error::data(format!("cannot read the task file {}: {error}", path.display()))
            .with_help("give the path of a task file, or let one be written for your rows")
            .with_setting(Setting::TaskFile("ROWS".into()))
    })?;
    let file: TaskFile = toml::from_str(&text).map_err(|error| unreadable(path, &error))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let prompt = file.prompt.with(&file.templates).messages(folder)?;
    refuse_two_prompts(prompt.is_some(), file.templates.follow.is_some())?;
    let scorer = Scorer::of(file.metric, &file.answers, file.mode, folder)?;
    let output = file.data.output().to_owned();
    let start = file.start.map(|start| start.prompts(folder)).transpose()?;
    let named = named(prompt.as_deref(), start.as_deref());
    let reading = file.data.reading(named, scorer.expects());
    let mut notes = Vec::new();
    let splits = splits(file.data, folder, &reading, &mut notes)?;
    let score = scorer.finish(&splits)?;
    let [train, dev, test] = splits;
    let templates = file.templates.templates(folder)?;
    let templates = match prompt {
        Some(messages) => templates.with_messages(messages)?,
        None => templates,
    };
    let forbids_copies = file.copied == CopiedPolicy::Drop;
    let (description, new) = (file.description, Task::new(file.name, train, dev, test)?);
    let hidden = vec![output];
    let parameters =
        RoleParameters { target: file.target, generator: file.generator, judge: file.judge };
    let task =
        Task { score, templates, notes, description, forbids_copies, hidden, parameters, ..new };
    let task = match start {
        Some(start) => task.with_start(start)?,
        None => task.with_conversations().checked()?,
    };
    Ok(task.with_doubts())
}

/// A file of promptfoo, and not a task file.
fn refuse_yaml(path: &Path) -> Result<()> {
    match ending(path) {
        "yaml" | "yml" => Err(Error::configuration(format!("{} is YAML", path.display()))
            .with_help("a task file is TOML; of a configuration of promptfoo one can be made")
            .with_setting(Setting::Import("promptfoo", path.to_owned()))),
        _ => Ok(()),
    }
}

/// What is wrong with a file that is no TOML, or says what a task file does not.
fn unreadable(path: &Path, error: &toml::de::Error) -> Error {
    let shown = path.display();
    match ending(path) {
        "csv" | "tsv" | "tab" | "jsonl" | "json" | "parquet" => {
            Error::configuration(format!("{shown} holds rows, and is no task file"))
                .with_help("let a task file be written for it")
                .with_setting(Setting::TaskFile(path.to_owned()))
        }
        _ => Error::configuration(format!("{shown}: {}", error.to_string().trim_end()))
            .with_help("a task file has name, metric and [data]; see docs/src/task-file.md"),
    }
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

fn refuse_two_prompts(messages: bool, follow: bool) -> Result<()> {
    match messages && follow {
        false => Ok(()),
        true => {
            Err(Error::configuration("[prompt] and the template `follow` both word the prompt")
                .with_help("keep one of them"))
        }
    }
}

/// The columns that the prompt names: its messages, or, without any, the prompt in use.
fn named(messages: Option<&[MessageTemplate]>, start: Option<&[String]>) -> Vec<String> {
    let whole = |text: &String| MessageTemplate::new(MessageRole::User, text);
    match (messages, start.and_then(<[String]>::first)) {
        (None, Some(yours)) => columns(Some(&[whole(yours)])),
        _ => columns(messages),
    }
}

/// The columns that the messages name.
fn columns(messages: Option<&[MessageTemplate]>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in messages.into_iter().flatten().flat_map(MessageTemplate::columns) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn splits(
    data: DataSection,
    folder: &Path,
    reading: &Reading,
    notes: &mut Vec<String>,
) -> Result<Splits> {
    let mut read = |source| match source {
        Source::File(path) => reading.file(&folder.join(path), notes),
        Source::Inline(rows) => reading.inline(rows, notes),
    };
    match (data.examples, data.train, data.dev, data.test, data.split) {
        (Some(all), None, None, None, ratio) => {
            let splits = split::divide(read(all)?, ratio.unwrap_or_default())?;
            notes.extend(split::told(&splits, ratio));
            Ok(splits)
        }
        (None, Some(train), Some(dev), Some(test), None) => {
            let splits = [read(train)?, read(dev)?, read(test)?];
            Ok(match data.duplicates {
                Policy::Refuse => splits,
                Policy::Drop => {
                    let (splits, dropped) = without_leaks(splits);
                    let rows = counted(dropped, "row");
                    notes.push(format!("{rows} whose input stands in a later split: left out"));
                    splits
                }
            })
        }
        _ => Err(Error::configuration("[data] must name either all splits or one list to divide")
            .with_help("give train, dev and test; or examples, with or without split")),
    }
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

    /// A task of three rows with a ticket, a customer and a queue.
    fn tickets(head: &str) -> Result<Task> {
        let rows = "ticket,customer,queue\na,A,x\nb,B,x\nc,C,x\n";
        let data = "[data]\nexamples = \"rows.csv\"\noutput = \"queue\"";
        let text = format!("name = \"t\"\nmetric = \"exact\"\n{head}\n{data}");
        load_text(&text, &[("rows.csv", rows)])
    }

    #[test]
    fn the_columns_that_a_start_prompt_names_are_the_input() {
        let task = tickets("start = \"For {{ customer }}: {{ ticket }} {{ item.x }}\"").unwrap();
        assert!(task.dev[0].input.contains("customer: ") && task.dev[0].input.contains("ticket: "));
        let error = tickets("start = \"Sort {{ tickt }}\"").unwrap_err().to_string();
        assert!(
            error.contains("no column with {{ tickt }}") && error.contains("\"ticket\""),
            "{error}"
        );
    }

    #[test]
    fn files_that_are_no_task_are_answered_with_the_command_for_them() {
        for (name, way_out) in [
            ("promptfoo.yaml", Setting::Import("promptfoo", "promptfoo.yaml".into())),
            ("absent.toml", Setting::TaskFile("ROWS".into())),
        ] {
            let error = load(Path::new(name)).unwrap_err();
            assert_eq!(error.setting(), Some(&way_out), "{name}");
        }
        let folder = tempfile::tempdir().unwrap();
        let rows = folder.path().join("rows.csv");
        std::fs::write(&rows, "input,output\na,b\n").unwrap();
        assert_eq!(load(&rows).unwrap_err().setting(), Some(&Setting::TaskFile(rows.clone())));
    }

    #[test]
    fn conversations_that_no_message_can_hold_are_told() {
        let row = |n: u8| {
            format!(
                "{{\"chat\": [{{\"role\": \"user\", \"content\": \"{n}\"}}, {{\"role\": \"assistant\", \
                 \"content\": null, \"tool_calls\": []}}], \"output\": \"x\"}}\n"
            )
        };
        let rows: String = (0..3).map(row).collect();
        let text = |output: &str| {
            format!(
                "name = \"t\"\nmetric = \"exact\"\n[data]\nexamples = \"rows.jsonl\"\ninput = \"chat\"\n\
                 output = \"{output}\""
            )
        };
        let task = load_text(&text("output"), &[("rows.jsonl", &rows)]).unwrap();
        let told =
            |note: &String| note.starts_with("3 of 3 rows") && note.contains("calls of tools");
        assert!(task.notes().iter().any(told), "{:?}", task.notes());
        let error = load_text(&text("chat"), &[("rows.jsonl", &rows)]).unwrap_err();
        assert!(error.to_string().contains("calls of tools"), "{error}");
    }

    #[test]
    fn files_of_other_tools_are_answered_with_the_command_that_imports_them() {
        let text = "name = \"t\"\nmetric = \"exact\"\n[data]\nexamples = \"items.jsonl\"";
        let items = "{\"item\": {\"ticket\": \"a\"}}\n".repeat(3);
        let error = load_text(text, &[("items.jsonl", &items)]).unwrap_err();
        assert!(matches!(error.setting(), Some(Setting::Import("openai", _))), "{error:?}");
        let text = text.replace("items.jsonl", "rows.csv");
        let error = load_text(&text, &[("rows.csv", "a^output\nb^c\n")]).unwrap_err();
        assert!(error.help().unwrap().contains("delimiter"), "{:?}", error.help());
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
        assert!(with("\"exact\"").unwrap_err().to_string().contains("no column \"output\""));
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
        let refused = |metric: &str, output: &str, place: &str| {
            let text = with_dev(&format!("[{{ input = \"b\", output = \"{output}\" }}]"));
            let error = load_text(&text.replace("exact_match", metric), &[]).unwrap_err();
            assert!(error.is_data() && error.to_string().contains(place), "{error}");
        };
        let place = "1 of 1 rows of the task file has no expected output";
        refused("exact", " ", place);
        let place = "dev example 1";
        refused("number", "n/a", place);
        refused("json", "{a", place);
        refused("regex", "(", place);
    }

    #[test]
    fn a_row_without_an_output_is_named_by_file_and_line() {
        let lines = "{\"input\": \"b\", \"output\": \"2\"}\n\n{\"input\": \"d\"}\n";
        let error = load_text(&with_dev("\"dev.jsonl\""), &[("dev.jsonl", lines)]).unwrap_err();
        assert!(error.to_string().contains("1 of 2 rows"), "{error}");
        assert!(error.to_string().ends_with("the first in line 3"), "{error}");
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
