//! Rows around a trigger, in tokens.

use motjuste::model::{Labelled, TRIGGER};
use motjuste::{Error, Result};

use super::open::Open;
use crate::text::Around;

/// A row: what stands in front of the trigger, and behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) around: Around,
    /// The right answer, or the row's label.
    pub(super) answer: String,
}

impl Row {
    fn new(open: &Open, row: &Labelled) -> Result<Self> {
        let around = open.text.read_around(&row.prompt, TRIGGER)?;
        Ok(Self { around, answer: row.answer.clone() })
    }

    /// The prompt with a trigger.
    pub(super) fn prompt(&self, trigger: &[u32]) -> Vec<u32> {
        [&self.around.head, trigger, &self.around.tail].concat()
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

/// What stands in front of a trigger and is part of its first token; the same in all rows.
pub(super) fn lead(rows: &[&[Row]]) -> Result<&'static str> {
    let mut leads = rows.iter().flat_map(|rows| rows.iter()).map(|row| row.around.lead);
    let first = leads.next().unwrap_or_default();
    match leads.all(|lead| lead == first) {
        true => Ok(first),
        false => Err(Error::configuration("the trigger stands behind a space in some rows alone")
            .with_help("word all rows alike in front of the trigger")),
    }
}

/// The tokens of an answer, as a model writes it behind a row's prompt.
pub(super) fn answer(open: &Open, row: &Row, text: &str) -> Result<Vec<u32>> {
    let tokens = open.text.tokenizer.encode(&format!("{}{text}", row.around.gap))?;
    match text.is_empty() || tokens.is_empty() {
        false => Ok(tokens),
        true => Err(Error::configuration("an answer is empty: nothing of it can be lost")
            .with_help("leave out rows without an answer")),
    }
}
