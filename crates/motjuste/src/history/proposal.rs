//! What a method wants written: soft prompts, prompts in words, or ready instructions.

use serde::{Deserialize, Serialize};

use crate::example::Example;
use crate::model::{Decoding, SoftPrompt};
use crate::template::fill_row;
use crate::{Error, Result};

/// One thing that a method wants written next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proposal {
    /// A soft prompt, for the generator to put in front of demonstrations.
    SoftPrompt(SoftPrompt),
    /// A prompt in words, for the generator to answer.
    Ask(Box<Ask>),
    /// An instruction as it stands; no generator is needed.
    Instruction(String),
}

/// A prompt for the generator, in one message. It names rows of the task by number, so whoever makes it
/// need not see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The message, part by part.
    pub parts: Vec<Part>,
    /// How the reply is drawn.
    pub decoding: Decoding,
    /// The earlier instructions that it shows, in the order of showing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Shown>,
}

/// A part of a prompt for the generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A text as it stands.
    Text(String),
    /// A row of the train split.
    Train(RowPart),
    /// A row of the dev split.
    Dev(RowPart),
}

/// A row of the task in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPart {
    /// The row's index in its split.
    pub row: usize,
    /// How it is worded: a template that may name `input` and `output`.
    pub template: String,
}

/// An earlier instruction as a prompt shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shown {
    /// The instruction.
    pub instruction: String,
    /// Its score in print; none where scores are hidden.
    pub score: Option<String>,
}

impl Ask {
    /// A prompt of these parts that shows no earlier instruction.
    pub fn new(parts: Vec<Part>, decoding: Decoding) -> Self {
        Self { parts, decoding, shown: Vec::new() }
    }

    /// The rows of the dev split that it shows, in order.
    ///
    /// ```
    /// use motjuste::history::{Ask, Part, RowPart};
    /// use motjuste::model::Decoding;
    /// let row = RowPart { row: 3, template: "{{ input }} is {{ output }}".into() };
    /// let ask = Ask::new(vec![Part::Text("Look: ".into()), Part::Dev(row)], Decoding::greedy(8));
    /// assert!(ask.dev_rows().eq([3]));
    /// ```
    pub fn dev_rows(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Dev(row) => Some(row.row),
            Part::Train(_) | Part::Text(_) => None,
        })
    }

    /// Whether it is the same whatever the task's rows are.
    pub fn shows_no_row(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The message in words, with rows of the train and dev splits.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it names a row that the split does not have, or words one by a
    /// template that names anything but `input` and `output`.
    pub fn text(&self, train: &[Example], dev: &[Example]) -> Result<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Train(row) => row.text(train, "train"),
            Part::Dev(row) => row.text(dev, "dev"),
        });
        parts.collect()
    }
}

impl RowPart {
    fn text(&self, split: &[Example], name: &str) -> Result<String> {
        let example = split.get(self.row).ok_or_else(|| {
            let message = format!("a prompt names row {} of the {name} split", self.row);
            Error::configuration(message).with_help(format!("the split has {} rows", split.len()))
        })?;
        fill_row(&self.template, example)
    }
}
