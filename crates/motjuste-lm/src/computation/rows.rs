//! Rows around a trigger, in tokens.

use motjuste::model::{Labelled, TRIGGER};
use motjuste::{Error, Result};

use super::open::Open;

/// A row: what stands in front of the trigger, and behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) head: Vec<u32>,
    tail: Vec<u32>,
    /// The right answer, or the row's label.
    pub(super) answer: String,
}

impl Row {
    fn new(open: &Open, row: &Labelled) -> Result<Self> {
        let [head, tail] = open.text.read_around(&row.prompt, TRIGGER)?;
        Ok(Self { head, tail, answer: row.answer.clone() })
    }

    /// The prompt with a trigger.
    pub(super) fn prompt(&self, trigger: &[u32]) -> Vec<u32> {
        [&self.head, trigger, &self.tail].concat()
    }
}

/// Some rows; `what` they are for is said where there is none.
pub(super) fn rows(open: &Open, rows: &[Labelled], what: &str) -> Result<Vec<Row>> {
    if rows.is_empty() {
        return Err(Error::configuration(format!("there are no rows {what}"))
            .with_help("give at least one row"));
    }
    rows.iter().map(|row| Row::new(open, row)).collect()
}

/// The tokens of an answer, as a model would write it behind a prompt.
pub(super) fn answer(open: &Open, text: &str) -> Result<Vec<u32>> {
    let tokens = open.text.read_answer(text)?;
    match tokens.is_empty() {
        false => Ok(tokens),
        true => Err(Error::configuration("an answer is empty: nothing of it can be lost")
            .with_help("leave out rows without an answer")),
    }
}
