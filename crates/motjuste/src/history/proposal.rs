//! What a method wants written: soft prompts, prompts in words, computations on open weights, or ready instructions.

use serde::{Deserialize, Serialize};

use super::computed::{LabelPlan, PolicyPlan, SwapPlan};
use crate::counted::counted;
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
    /// The best swaps of one token of a trigger; the reply is a [`SwapReply`](crate::model::SwapReply).
    Swap(Box<SwapPlan>),
    /// Tokens that stand for the labels of the task; the reply is a [`LabelReply`](crate::model::LabelReply).
    Labels(Box<LabelPlan>),
    /// Prompts drawn from a policy; the reply is a [`PolicyReply`](crate::model::PolicyReply).
    Policy(Box<PolicyPlan>),
    /// An instruction as it stands; no generator is needed.
    Instruction(String),
    /// An instruction of these parts: words, and train rows that it shows to the target as examples. The study words
    /// the rows; no generator is needed.
    Composed(Vec<Part>),
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
    /// Who asks, where a method asks in several ways: by this name its score is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A part of a prompt for the generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A text as it stands.
    Text(String),
    /// What the task is, in words: what the study knows of it, and no row.
    Task,
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
    /// The most characters of its input, and of its output, that are shown: of a longer one its two ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
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

impl From<Ask> for Proposal {
    fn from(ask: Ask) -> Self {
        Self::Ask(Box::new(ask))
    }
}

impl From<SwapPlan> for Proposal {
    fn from(plan: SwapPlan) -> Self {
        Self::Swap(Box::new(plan))
    }
}

impl From<LabelPlan> for Proposal {
    fn from(plan: LabelPlan) -> Self {
        Self::Labels(Box::new(plan))
    }
}

impl From<PolicyPlan> for Proposal {
    fn from(plan: PolicyPlan) -> Self {
        Self::Policy(Box::new(plan))
    }
}

impl Proposal {
    /// Whether the generator is asked for it.
    ///
    /// ```
    /// use motjuste::history::Proposal;
    /// assert!(!Proposal::Instruction("Say yes.".into()).asks());
    /// ```
    pub fn asks(&self) -> bool {
        !matches!(self, Self::Instruction(_) | Self::Composed(_))
    }
}

impl Ask {
    /// A prompt of these parts that shows no earlier instruction.
    pub fn new(parts: Vec<Part>, decoding: Decoding) -> Self {
        Self { parts, decoding, shown: Vec::new(), source: None }
    }

    /// The rows of the dev split that it shows, in order.
    ///
    /// ```
    /// use motjuste::history::{Ask, Part, RowPart};
    /// use motjuste::model::Decoding;
    /// let row = RowPart::whole(3, "{{ input }} is {{ output }}");
    /// let ask = Ask::new(vec![Part::Text("Look: ".into()), Part::Dev(row)], Decoding::greedy(8));
    /// assert!(ask.dev_rows().eq([3]));
    /// ```
    pub fn dev_rows(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Dev(row) => Some(row.row),
            Part::Train(_) | Part::Text(_) | Part::Task => None,
        })
    }

    /// Whether it is the same whatever the task is.
    pub fn shows_no_row(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The message in words, with what the task is, and rows of the train and dev splits.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it names a row that the split does not have, or words one by a
    /// template that names anything but `input` and `output`.
    pub fn text(&self, task: &str, train: &[Example], dev: &[Example]) -> Result<String> {
        let worded = |part: &Part| part.text(task, train, dev);
        self.parts.iter().map(worded).collect()
    }
}

impl Part {
    /// The part in words, with what the task is, and rows of the train and dev splits.
    pub(crate) fn text(&self, task: &str, train: &[Example], dev: &[Example]) -> Result<String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Task => Ok(task.to_owned()),
            Self::Train(row) => row.text(train, "train"),
            Self::Dev(row) => row.text(dev, "dev"),
        }
    }
}

impl RowPart {
    /// A row that is shown as long as it is.
    pub fn whole(row: usize, template: impl Into<String>) -> Self {
        Self { row, template: template.into(), longest: None }
    }

    fn text(&self, split: &[Example], name: &str) -> Result<String> {
        let example = split.get(self.row).ok_or_else(|| {
            let message = format!("a prompt names row {} of the {name} split", self.row);
            Error::configuration(message)
                .with_help(format!("the split has {}", counted(split.len(), "row")))
        })?;
        fill_row(&self.template, example, self.longest)
    }
}
