//! The JSON schemas of everything that is written as JSON, of the task file, from the types, and of files of flags.
//!
//! ```text
//! MOTJUSTE_WRITE_SCHEMAS=1 cargo test -p motjuste-cli --bin motjuste schemas
//! ```
//!
//! writes them anew; without the variable, they must be what is in `docs/schema/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use motjuste::comparison::ComparisonReport;
use motjuste::report::{Report, StepLine, TrialLine};
use motjuste::task::file_schema;
use motjuste::work::Served;
use motjuste_problems::runs::{LinearRegressionCase, Results, TspCase};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::flags;
use super::{
    Check, Deployed, EmbeddedModel, Estimated, Evaluated, Exported, ExportedPrompt, Failure,
    ImportedTask, Inspected, MetaPrompt, NewTask, Plan, PriceList, Replayed, Scores, Serving,
    StepDone, Winner, WrittenMatrix,
};

/// Every schema by its name, which is that of its file.
fn every() -> BTreeMap<&'static str, Schema> {
    let mut command = crate::args::Args::command();
    command.build();
    BTreeMap::from([
        of::<Report>(
            "result",
            "What result.json holds, and the last line of `motjuste run --json` and of `motjuste \
             report --json`. All scores lie in [0, 1], higher is better.",
        ),
        of::<Report>(
            "show",
            "One line of `motjuste show --json`: a study's result so far, as in result.json.",
        ),
        of::<TrialLine>("trial", "One line of trials.jsonl, and of `motjuste trials --json`."),
        of::<StepLine>(
            "step",
            "One line of `motjuste inspect --json`: a step of a method that asks its generator in \
             words.",
        ),
        of::<MetaPrompt<'static>>("meta_prompt", "`motjuste inspect --meta-prompt STEP --json`."),
        of::<Winner<'static>>("best", "`motjuste best --json`."),
        of::<StepDone<'static>>(
            "progress",
            "The lines of `motjuste run --json` in front of the last.",
        ),
        of::<ComparisonReport>(
            "compare",
            "compare.json, and the last line of `motjuste compare --json`.",
        ),
        of::<Plan<'static>>("plan", "`motjuste compare --plan --json`."),
        of::<Estimated<'static>>("estimate", "`motjuste estimate --json`."),
        of::<Evaluated<'static>>("eval", "`motjuste eval --json`."),
        of::<Scores<'static>>("score", "`motjuste score --json`."),
        of::<Check<'static>>("doctor", "One line of `motjuste doctor --json`."),
        of::<Vec<EmbeddedModel<'static>>>("models", "`motjuste models --json`."),
        of::<Inspected<'static>>("model", "`motjuste models --json` of a folder or a file."),
        of::<Solved>(
            "solve",
            "The last line of `motjuste solve linreg --json` and `motjuste solve tsp --json`.",
        ),
        of::<PriceList<'static>>("prices", "`motjuste prices --json`."),
        of::<WrittenMatrix<'static>>("matrix", "`motjuste matrix --json`."),
        of::<Replayed<'static>>("replay", "`motjuste replay --json`."),
        of::<Exported<'static>>("export", "`motjuste models export PATH --json`."),
        of::<ImportedTask<'static>>("import", "`motjuste import FORMAT FILE --json`."),
        of::<ExportedPrompt<'static>>("export_prompt", "`motjuste export FORMAT STUDY --json`."),
        of::<NewTask<'static>>("init", "`motjuste init --json`."),
        of::<Serving<'static>>("serve", "`motjuste serve --json`, once the page is served."),
        of::<Deployed>("messages", "What messages.json holds: the prompt to deploy, as messages."),
        of::<Served>("worker", "`motjuste worker --json`, when it ends."),
        of::<Failure<'static>>("error", "What any command prints with --json when it fails."),
        titled(
            "comparison",
            "A file of flags for `motjuste compare --from FILE`, in TOML.",
            flags::schema(command.find_subcommand("compare").expect("there is this command")),
        ),
        titled("task", "A task file, in TOML. Paths are relative to the file.", file_schema()),
    ])
}

/// What a problem's searches come to.
#[derive(serde::Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is of use")]
enum Solved {
    LinearRegression(Results<LinearRegressionCase>),
    Tsp(Results<TspCase>),
}

/// The schema of a type as it is written.
fn of<T: JsonSchema>(name: &'static str, what: &str) -> (&'static str, Schema) {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(Closed);
    titled(name, what, settings.into_generator().into_root_schema_for::<T>())
}

fn titled(name: &'static str, what: &str, mut schema: Schema) -> (&'static str, Schema) {
    WithoutCode.transform(&mut schema);
    schema.insert("title".to_owned(), format!("motjuste {name}").into());
    schema.insert("description".to_owned(), what.into());
    (name, schema)
}

/// An object has the fields that its type has, and no others; how wide a number is in Rust is
/// nobody's concern.
#[derive(Clone)]
struct Closed;

impl Transform for Closed {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
        if schema.get("minimum").is_some() || schema.get("type") != Some(&Value::from("string")) {
            schema.remove("format");
        }
    }
}

/// A description of a type in Rust ends where its example begins.
struct WithoutCode;

impl Transform for WithoutCode {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let text = schema.get("description").and_then(Value::as_str);
        if let Some((prose, _)) = text.and_then(|text| text.split_once("\n\n```")) {
            let prose = prose.to_owned();
            schema.insert("description".to_owned(), prose.into());
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema")
}

#[test]
fn the_schemas_are_current() {
    let is_writing = std::env::var_os("MOTJUSTE_WRITE_SCHEMAS").is_some();
    for (name, schema) in every() {
        let path = folder().join(format!("{name}.schema.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if is_writing {
            fs::write(&path, &text).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{name}.schema.json is not current; see {}", file!());
    }
}

#[test]
fn every_schema_in_the_folder_has_its_type() {
    let known = every();
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".schema.json");
        assert!(name.is_none_or(|name| known.contains_key(name)), "{file}: of which type?");
    }
}
