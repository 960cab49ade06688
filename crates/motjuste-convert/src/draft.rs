//! A task in the making.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use motjuste::task::{Columns, FileFormat};
use serde_json::Value;

use crate::notes::Notes;
use crate::prompt::PromptDraft;

/// A task in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Its name.
    pub name: String,
    /// What it is for, and what people said of earlier answers.
    pub description: String,
    /// The file of the rows, where it is there already.
    pub data_file: Option<String>,
    /// How that file is written.
    pub format: FileFormat,
    /// The files of the prompts in use, where they are there already.
    pub start_files: Vec<String>,
    /// Its rows.
    pub rows: Vec<Columns>,
    /// The columns of the input; none: what the prompt names, or else all but the output.
    pub inputs: Vec<String>,
    /// The column of the expected output.
    pub output: Option<String>,
    /// Columns that are neither input nor output.
    pub aside: Vec<String>,
    /// How answers are scored.
    pub metric: MetricDraft,
    /// What the target reads.
    pub prompt: PromptDraft,
    /// Further files of the folder.
    pub files: BTreeMap<String, String>,
    /// The model that was asked so far, as motjuste names it.
    pub target: Option<String>,
    /// What was carried over, and what was not.
    pub notes: Notes,
}

/// How answers are scored, as a task file says it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MetricDraft {
    /// A built-in metric with its settings.
    Named(Cow<'static, str>, Vec<(&'static str, Value)>),
    /// A program in the folder.
    Program(Vec<String>),
    /// A model that reads a rubric, with the most points that it gives.
    Judge { model: String, rubric: Option<String>, scale: Option<f64> },
}

impl Default for MetricDraft {
    fn default() -> Self {
        Self::EXACT
    }
}

impl MetricDraft {
    /// A built-in metric without settings.
    pub const fn named(name: &'static str) -> Self {
        Self::Named(Cow::Borrowed(name), Vec::new())
    }

    /// The comparison of texts.
    pub const EXACT: Self = Self::Named(Cow::Borrowed("exact"), Vec::new());

    /// The file of a judge's rubric.
    pub const RUBRIC: &str = "rubric.txt";

    /// A judge with a rubric.
    pub fn judge(model: Option<String>, rubric: impl Into<String>) -> Self {
        let model = model.unwrap_or_else(|| crate::names::JUDGE.to_owned());
        Self::Judge { model, rubric: Some(rubric.into()), scale: None }
    }

    /// In a word.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name, _) => name,
            Self::Program(_) => "program",
            Self::Judge { .. } => "judge",
        }
    }
}

/// The column under which an answer that was given earlier stands: never an answer to reach.
pub(crate) const EARLIER: &str = "earlier_answer";

/// The column of a row's own checks.
pub(crate) const CHECKS: &str = "_checks";

impl Draft {
    /// Decides which columns are input; gives every row each of them; keeps earlier answers apart.
    pub fn settle(&mut self) {
        // A task file without `output` reads expected outputs from the column of that name.
        let is_input = |name: &String| name == "output";
        if self.output.is_none() && !self.prompt.columns().iter().chain(&self.inputs).any(is_input)
        {
            self.rows.iter_mut().for_each(set_answer_aside);
        }
        if self.inputs.is_empty() {
            let named = self.prompt.columns();
            let there = |name: &String| self.rows.iter().any(|row| has(row, name));
            self.inputs = named.into_iter().filter(there).collect();
        }
        if self.inputs.is_empty() {
            self.inputs = self.others();
        }
        if self.inputs.is_empty() {
            self.inputs.push("input".to_owned());
        }
        self.fill_missing();
        self.tell_of_few();
    }

    /// Every column but the output and what stands aside.
    fn others(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let aside = |name: &String| {
            self.output.as_ref() == Some(name)
                || self.aside.contains(name)
                || [EARLIER, CHECKS].contains(&name.as_str())
        };
        for name in self.rows.iter().flat_map(Columns::keys) {
            if !aside(name) && !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    fn fill_missing(&mut self) {
        let mut filled = 0;
        for row in &mut self.rows {
            for name in &self.inputs {
                if !has(row, name) {
                    row.insert(name.clone(), Value::from(""));
                    filled += 1;
                }
            }
        }
        if filled > 0 {
            self.notes.carried(format!("{filled} values that rows did not have are empty texts"));
        }
    }

    fn tell_of_few(&mut self) {
        let inputs = |row: &Columns| {
            let values = self.inputs.iter().map(|name| field(row, name).cloned());
            Value::from_iter(values.map(Option::unwrap_or_default)).to_string()
        };
        let distinct = self.rows.iter().map(inputs).collect::<BTreeSet<_>>();
        if distinct.len() < 3 {
            let inputs = if distinct.len() == 1 { "input" } else { "inputs" };
            self.notes.lost(format!(
                "{} different {inputs}: too few for train, dev and test; add rows to rows.jsonl until there are \
                 three at least, better thirty",
                distinct.len()
            ));
        } else if distinct.len() < 30 {
            self.notes.carried(format!(
                "{} different inputs are few: a difference that is proved needs more, thirty at least",
                distinct.len()
            ));
        }
    }
}

/// What a row has under a name or a path.
fn field<'a>(row: &'a Columns, name: &str) -> Option<&'a Value> {
    motjuste::task::field(row, name)
}

fn has(row: &Columns, name: &str) -> bool {
    field(row, name).is_some_and(|value| !value.is_null())
}

/// The file of a start prompt.
pub(crate) fn start_file(index: usize) -> String {
    match index {
        0 => "prompt.txt".to_owned(),
        index => format!("prompt_{}.txt", index + 1),
    }
}

/// An answer that was given earlier, under a name that nobody takes for what is right.
pub(crate) fn set_answer_aside(row: &mut Columns) {
    if let Some(answer) = row.remove("output") {
        row.insert(EARLIER.to_owned(), answer);
    }
}
