//! What is printed as JSON, beside what the library has as data: one type for each output.
//!
//! The names of the fields are a contract; `docs/schema/` is written from these types.

#[cfg(test)]
mod flags;
#[cfg(test)]
mod schemas;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use motjuste::budget::{Budget, Spending};
use motjuste::history::ExampleScore;
use motjuste::interval::Estimate;
use motjuste::matrix::{Measured, Reading};
use motjuste::prompt::MessageTemplate;
use motjuste::report::DevScore;
use motjuste::study::Forecast;
use motjuste_convert::Notes;
use motjuste_lm::Inspection;
use serde::Serialize;

/// What went wrong.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Failure<'a> {
    /// What went wrong, in a sentence.
    pub error: &'a str,
    /// What to do next.
    pub help: Option<&'a str>,
}

/// The prompt to deploy as messages.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Deployed {
    /// The messages in order; `{{ column }}` stands where a row's value goes.
    pub messages: Vec<MessageTemplate>,
}

/// A step of a search is done.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct StepDone<'a> {
    pub event: EventName,
    /// Trials that were evaluated so far.
    pub trials: usize,
    /// Calls to the target so far.
    pub target_calls: u64,
    /// The best instruction so far; null before the first complete trial.
    pub best: Option<Best<'a>>,
}

/// A response matrix that was written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WrittenMatrix<'a> {
    /// Instructions that were scored.
    pub instructions: usize,
    /// Dev and test rows that each was scored on.
    pub rows: usize,
    /// The mean test score of the best.
    pub best: f64,
    /// The file.
    pub file: &'a Path,
}

/// Methods on response matrices.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Replayed<'a> {
    /// Each method over all tasks and seeds.
    pub methods: &'a [Measured],
    /// Each study.
    pub studies: &'a [Reading],
}

/// What happened.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventName {
    /// A step of a search is done.
    Step,
}

/// The best instruction so far.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Best<'a> {
    /// Its dev score.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub score: f64,
    /// The text.
    pub instruction: &'a str,
}

/// What a run may use at the most.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WorstCase<'a> {
    /// The worst case by role.
    pub worst_case: &'a Forecast,
    /// The caps, which hold whatever the worst case is.
    pub budget: &'a Budget,
    /// Models whose money is not in the worst case.
    pub no_price_known_for: &'a [String],
}

/// What a run may use at the most, and about.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Estimated<'a> {
    #[serde(flatten)]
    pub worst_case: WorstCase<'a>,
    /// What it will use about, by role: as many trials as in the worst case, each on the rows that the method puts one
    /// to as a rule, instructions as long as the prompt in use
    /// (300 bytes where there is none), four bytes a token, and texts half as long as they may be.
    pub expected: &'a Forecast,
}

/// The methods of a comparison, and what its studies may use.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Plan<'a> {
    /// The methods, the first being what the others are compared with.
    pub methods: Vec<&'a str>,
    /// The number of studies.
    pub studies: usize,
    #[serde(flatten)]
    pub worst_case: WorstCase<'a>,
    /// What they will use about, as `motjuste estimate` has it.
    pub expected: &'a Forecast,
}

/// One thing that was found out about a model.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Check<'a> {
    /// What the model is for: generator or target.
    pub role: &'a str,
    /// The model's name.
    pub model: &'a str,
    /// What was checked.
    pub check: &'a str,
    /// Whether it is as it should be.
    pub passed: bool,
    /// What was found.
    pub meaning: &'a str,
    /// What to do next.
    pub advice: Option<&'a str>,
}

/// The score of one instruction.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Evaluated<'a> {
    /// The instruction.
    pub instruction: &'a str,
    /// Its score.
    pub score: &'a Estimate,
    /// Its score on each example, in the order of the split.
    pub per_example: &'a [ExampleScore],
    /// What was used.
    pub ledger: &'a Spending,
}

/// The scores of given answers.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Scores<'a> {
    /// Their mean, over those that have a score.
    pub score: &'a Estimate,
    /// Answers without a score.
    pub missing: usize,
    /// Each answer, in the order of the file.
    pub answers: &'a [ScoredAnswer<'a>],
    /// What the judge used.
    pub ledger: &'a Spending,
}

/// One answer, its score, and why.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ScoredAnswer<'a> {
    /// The index of its row in the split, from 0.
    pub index: usize,
    /// What the row asks.
    pub input: &'a str,
    /// The answer, as it was given.
    pub answer: &'a str,
    /// What the metric took for the answer; null where it does not look for one, or found none.
    pub read: Option<&'a str>,
    /// What is accepted.
    pub accepted: &'a [String],
    /// Its score; null where there is none.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub score: Option<f64>,
    /// Why it has this score; null where there is nothing to say.
    pub feedback: Option<&'a str>,
    /// Scores by name that the score is made of.
    pub parts: &'a BTreeMap<String, f64>,
}

/// A study's best instruction.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Winner<'a> {
    /// The study's name in the store.
    pub study: &'a str,
    /// The instruction, exactly as it was evaluated.
    pub instruction: &'a str,
    /// Its dev score.
    pub dev: Option<DevScore>,
    /// Its test score, once assessed.
    pub test: Option<Estimate>,
}

/// What the generator read in one step.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MetaPrompt<'a> {
    /// The step.
    pub step: usize,
    /// The text.
    pub meta_prompt: &'a str,
}

/// A model that is in the binary.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EmbeddedModel<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its name and revision.
    pub id: &'a str,
    /// The number of its parameters.
    pub parameters: usize,
    /// Its width.
    pub hidden: usize,
    /// The number of its layers.
    pub layers: usize,
    /// The number of its tokens.
    pub vocabulary: usize,
    /// The most tokens that it reads and writes.
    pub context: usize,
    /// Its size in the binary.
    pub bytes: u64,
    /// What it is for.
    pub roles: &'a [&'a str],
}

/// What a model's files are.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Inspected<'a> {
    /// The id of the model, loaded with the default options: name and revision.
    pub id: &'a str,
    /// The model type in the words of config.json.
    pub family: &'a str,
    /// The number of parameters, a tied head counted once.
    pub parameters: u64,
    /// The width of an embedding.
    pub hidden: usize,
    /// The number of layers.
    pub layers: usize,
    /// The number of tokens.
    pub vocabulary: usize,
    /// The most tokens that it reads and writes.
    pub context: usize,
    /// The size of the files.
    pub bytes: u64,
    /// How many numbers the files hold of each type.
    pub types: &'a BTreeMap<&'static str, u64>,
    /// Whether it has a chat template; without one it is a base model.
    pub chat_template: bool,
}

impl<'a> From<&'a Inspection> for Inspected<'a> {
    fn from(found: &'a Inspection) -> Self {
        Self {
            id: &found.id,
            family: &found.family,
            parameters: found.parameters,
            hidden: found.hidden,
            layers: found.layers,
            vocabulary: found.vocabulary,
            context: found.context,
            bytes: found.bytes,
            types: &found.types,
            chat_template: found.chat_template,
        }
    }
}

/// What models cost, and the tables that say so.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PriceList<'a> {
    /// The tables, the one that goes before the others first; with --update the one that was kept.
    pub sources: Vec<PriceSource<'a>>,
    /// The prices; with --update none.
    pub prices: Vec<ModelPrice<'a>>,
}

/// A table of prices.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PriceSource<'a> {
    /// The file, or `built-in`.
    pub source: &'a str,
    /// The day of which its prices are, where it says so.
    pub date: Option<&'a str>,
    /// The number of models in it.
    pub models: usize,
}

/// What a model costs, in US dollars per million tokens.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ModelPrice<'a> {
    /// The model's name, without its version.
    pub model: &'a str,
    /// For tokens of prompts.
    pub read: f64,
    /// For tokens of answers.
    pub written: f64,
    /// The table that says so.
    pub source: &'a str,
}

/// An embedded model that was written to a folder or a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Exported<'a> {
    /// What it is called.
    pub model: &'a str,
    /// Where it is.
    pub path: &'a Path,
    /// What it is there, in words.
    pub form: &'a str,
}

/// The live page, as it is served.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Serving<'a> {
    /// Its address; with the token where one was drawn.
    pub url: &'a str,
    /// Whether whoever looks needs a token.
    pub needs_token: bool,
}

/// A task that was made of the files of another tool.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportedTask<'a> {
    /// The form that the files were in.
    pub format: &'a str,
    /// The folder of the task.
    pub folder: &'a Path,
    /// The files that were written.
    pub files: &'a [PathBuf],
    /// The number of rows.
    pub rows: usize,
    /// The columns that the target is given.
    pub inputs: &'a [String],
    /// The column of the expected output; null where nothing says what is right.
    pub output: Option<&'a str>,
    /// The metric: its name, `program` or `judge`.
    pub metric: &'a str,
    /// What was carried over, and what could not be.
    pub notes: &'a Notes,
    /// Why the task cannot be run yet; null where it can.
    pub fault: Option<String>,
    /// The command that comes next.
    pub next: &'a str,
}

/// A study's prompt in the form of another tool.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ExportedPrompt<'a> {
    /// The form.
    pub format: &'a str,
    /// The study's name in the store.
    pub study: &'a str,
    /// The file that was written; null where none was asked for.
    pub path: Option<&'a Path>,
    /// What the file holds.
    pub content: &'a str,
    /// What the form cannot say.
    pub notes: &'a [String],
}

/// A task file for a person's own rows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NewTask<'a> {
    /// The task file.
    pub path: &'a Path,
    /// The number of rows.
    pub rows: usize,
    /// What was found in the rows, in sentences.
    pub decided: &'a [String],
    /// The command that comes next.
    pub next: &'a str,
}
