//! Which metric goes with a file of rows: a guess from the outputs, with its reason.

use std::collections::BTreeSet;
use std::path::Path;

use motjuste::metric::answer::Reply;
use motjuste::metric::{Metric, Number};
use motjuste::task::{Columns, FileFormat, field};
use motjuste::{Error, Result};
use serde_json::Value;

use crate::draft::MetricDraft;
use crate::fields;

/// What a file of rows holds.
#[derive(Debug, Clone)]
pub struct Survey {
    rows: Vec<Columns>,
}

/// A metric that fits the outputs of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The metric's name; `judge` where only a reader can tell.
    pub metric: &'static str,
    /// Why, in a sentence.
    pub why: String,
}

/// Looks at the rows of a file: JSONL, JSON, CSV, TSV or Parquet.
///
/// ```
/// # fn main() -> motjuste::Result<()> {
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rows.csv");
/// std::fs::write(&path, "ticket,queue\nlate,ship\nbill,pay\nlost,ship\nfee,pay\n").unwrap();
/// let survey = motjuste_convert::survey(&path, &motjuste::task::FileFormat::default())?;
/// assert_eq!(survey.columns(), ["queue", "ticket"]);
/// assert_eq!(survey.guess("queue").metric, "label");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Error::is_data`] for a file that cannot be read or has no rows with columns.
pub fn survey(path: &Path, format: &FileFormat) -> Result<Survey> {
    let rows = format.rows(path)?;
    match rows.is_empty() {
        true => Err(Error::data(format!("{}: no rows with columns", path.display()))
            .with_help("give JSONL, JSON, Parquet, or CSV or TSV with a header")),
        false => Ok(Survey { rows }),
    }
}

impl Survey {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The names of the columns, sorted.
    pub fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.rows.iter().flat_map(Columns::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The column that probably holds what is right.
    pub fn output(&self) -> Option<String> {
        fields::expected_in(&self.rows)
    }

    /// The metric that fits a column of outputs.
    pub fn guess(&self, output: &str) -> Guess {
        guess(&self.outputs(output))
    }

    /// Refuses a column, or a path, that no row has.
    ///
    /// # Errors
    /// [`Error::is_data`], which names the columns that there are.
    pub fn check(&self, column: &str) -> Result<()> {
        match self.rows.iter().any(|row| field(row, column).is_some()) {
            true => Ok(()),
            false => Err(Error::data(format!("no row has a column \"{column}\""))
                .with_help(format!("the columns are {}", self.columns().join(", ")))),
        }
    }

    fn outputs(&self, output: &str) -> Vec<Value> {
        self.rows.iter().filter_map(|row| field(row, output).cloned()).collect()
    }
}

/// The metric of rows without graders, from their outputs.
pub(crate) fn metric(rows: &[Columns], output: &str) -> (MetricDraft, String) {
    let outputs: Vec<Value> = rows.iter().filter_map(|row| field(row, output).cloned()).collect();
    let guess = guess(&outputs);
    let metric = match guess.metric {
        // A judge costs money: it is chosen where a person says so.
        "judge" => MetricDraft::named("f1"),
        name => MetricDraft::named(name),
    };
    (metric, guess.why)
}

/// The most words of a text that is compared as a whole.
const WORDS: usize = 8;

/// The most labels of a set.
const MOST_LABELS: usize = 30;

fn guess(outputs: &[Value]) -> Guess {
    let said = |metric, why: String| Guess { metric, why };
    let texts: Vec<String> = outputs.iter().flat_map(texts).collect();
    let distinct: BTreeSet<&str> = texts.iter().map(|text| text.trim()).collect();
    let words = |text: &&str| text.split_whitespace().count();
    let longest = distinct.iter().map(words).max().unwrap_or(0);
    if texts.is_empty() {
        return said("judge", "no row says what is right".to_owned());
    }
    if outputs.iter().all(is_json) {
        return said("json", "every output is a JSON object or list".to_owned());
    }
    if distinct.iter().all(|text| is_number(text)) {
        return said("number", "every output is a number".to_owned());
    }
    if let Some(labels) = labels_in_lists(&texts) {
        return said("labels", format!("the outputs are lists of {labels} labels"));
    }
    let labels: BTreeSet<String> = distinct.iter().map(|text| text.to_lowercase()).collect();
    if labels.len() <= MOST_LABELS && labels.len() * 2 <= texts.len() && longest <= WORDS {
        return said("label", format!("the outputs are {} labels", labels.len()));
    }
    match longest <= WORDS {
        true => said("exact", "the outputs are short texts".to_owned()),
        false => said(
            "judge",
            format!("outputs have up to {longest} words, and texts that long are rarely equal"),
        ),
    }
}

/// The number of labels that lists such as "red, green" are made of: fewer than there are lists, and each in many.
fn labels_in_lists(texts: &[String]) -> Option<usize> {
    let form = |text: &str| text.trim().to_lowercase();
    let lists: BTreeSet<String> = texts.iter().map(|text| form(text)).collect();
    let items: Vec<String> =
        texts.iter().flat_map(|text| text.split([',', ';'])).map(form).collect();
    let labels: BTreeSet<&String> = items.iter().collect();
    let is_short = |label: &&String| !label.is_empty() && label.split_whitespace().count() <= 4;
    let are_labels = labels.len() <= MOST_LABELS && labels.iter().all(is_short);
    let recur = labels.len() < lists.len() && labels.len() * 2 <= items.len();
    (items.len() > texts.len() && are_labels && recur).then_some(labels.len())
}

/// The accepted texts of an output.
fn texts(output: &Value) -> Vec<String> {
    match output {
        Value::Null => Vec::new(),
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(all) if all.iter().all(|it| !it.is_object() && !it.is_array()) => {
            all.iter().flat_map(texts).collect()
        }
        other => vec![other.to_string()],
    }
}

/// Whether an output is a JSON value with a structure, or the text of one.
fn is_json(output: &Value) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    match output {
        Value::Object(_) => true,
        Value::Array(all) => all.iter().any(|it| it.is_object() || it.is_array()),
        Value::String(text) => read(text).is_some_and(|it| it.is_object() || it.is_array()),
        _ => false,
    }
}

/// Whether a text is a number and nothing else, but for the sign of a unit.
fn is_number(text: &str) -> bool {
    const UNITS: [&str; 12] =
        ["%", "€", "$", "£", "¥", "₹", "EUR", "USD", "GBP", "CHF", "JPY", "INR"];
    let unit = UNITS.iter().find_map(|unit| text.strip_suffix(unit).or(text.strip_prefix(unit)));
    let bare = unit.unwrap_or(text).trim();
    let is_part = |c: char| c.is_ascii_digit() || ".,-+−' \u{a0}\u{202f}".contains(c);
    let reads = || Number::default().judge(&Reply::of(text), &[text.to_owned()]).score == Some(1.0);
    bare.chars().all(is_part) && reads()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(outputs: Value) -> &'static str {
        guess(outputs.as_array().unwrap()).metric
    }

    #[test]
    fn the_metric_follows_from_the_outputs() {
        assert_eq!(of(json!(["ship", "pay", "ship", "pay"])), "label");
        assert_eq!(of(json!([["ship", "send"], "pay", "ship", "pay"])), "exact");
        assert_eq!(of(json!([1, "2.50", "1,200", "-3"])), "number");
        assert_eq!(of(json!(["37,60 €", "1.200,00 €", "EUR 5"])), "number");
        assert_eq!(of(json!(["10.1.2.3", "10.1.2.4"])), "exact");
        assert_eq!(of(json!([{"a": 1}, "{\"b\": 2}"])), "json");
        assert_eq!(of(json!(["red, blue", "blue", "Red", "red; green", "green, blue"])), "labels");
        assert_eq!(of(json!(["Rome, Italy", "Paris, France", "Lyon, France"])), "exact");
        assert_eq!(of(json!(["Ship", "ship", "PAY", "pay"])), "label");
        assert_eq!(of(json!(["Paris", "Rome", "Oslo"])), "exact");
        assert_eq!(of(json!(["a b c d e f g h i j", "x"])), "judge");
        assert_eq!(of(json!([null, ""])), "judge");
    }
}
