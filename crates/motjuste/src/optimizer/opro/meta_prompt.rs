//! What the generator reads: instructions with their scores, examples, and a request.
//!
//! The paper's parts in the paper's order, with its markers, in words of our own.

use minijinja::context;
use serde::{Deserialize, Serialize};

use super::layout::{Layout, Position, Slot};
use super::settings::{Order, Style};
use crate::example::Example;
use crate::template::fill;
use crate::{Error, Result};

/// A meta-prompt before it is put into words. It names examples by their place in the scored split,
/// so whoever makes it need not see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaPrompt {
    /// How it is worded.
    pub style: Style,
    /// Where the instruction goes.
    pub layout: Layout,
    /// The instructions, in the order of showing.
    pub trajectory: Vec<Shown>,
    /// The order that the trajectory is said to have.
    pub order: Order,
    /// The score that is said to be the highest; none where scores are hidden.
    pub top_score: Option<u32>,
    /// The examples that are shown, by their place in the scored split.
    pub exemplars: Vec<usize>,
    /// Whether the instructions come before the examples.
    pub instructions_first: bool,
    /// What the problems are called, for [`Style::InstructionsOnly`].
    pub domain: String,
    /// The temperature to reply at.
    pub temperature: f64,
    /// Tokens of the reply at most.
    pub max_tokens: usize,
    /// Tells the replies to one text apart, over the whole search.
    pub draw: u64,
}

/// An instruction as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The instruction.
    pub instruction: String,
    /// Its score in print; none where scores are hidden.
    pub score: Option<String>,
}

const TAGGED_TASK: &str = include_str!("../../prompts/opro/tagged_task.txt");
const TAGGED_PROBLEMS: &str = include_str!("../../prompts/opro/tagged_problems.txt");
const TAGGED_REQUEST: &str = include_str!("../../prompts/opro/tagged_request.txt");
const BRACKETED_TASK: &str = include_str!("../../prompts/opro/bracketed_task.txt");
const BRACKETED_EXAMPLES: &str = include_str!("../../prompts/opro/bracketed_examples.txt");
const BRACKETED_REQUEST: &str = include_str!("../../prompts/opro/bracketed_request.txt");
const ONLY_TASK: &str = include_str!("../../prompts/opro/only_task.txt");

impl MetaPrompt {
    /// The text, with examples of the `scored` split.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when an example is named that the split does not have.
    pub fn text(&self, scored: &[Example]) -> Result<String> {
        match self.style {
            Style::Tagged => self.whole(
                self.fill(TAGGED_TASK)? + "\n",
                self.fill(TAGGED_PROBLEMS)? + "\n",
                self.fill(TAGGED_REQUEST)?,
                scored,
            ),
            Style::Bracketed => self.whole(
                self.fill(BRACKETED_TASK)? + "\n\n",
                self.fill(BRACKETED_EXAMPLES)? + "\n\n",
                self.fill(BRACKETED_REQUEST)?,
                scored,
            ),
            Style::InstructionsOnly => Ok(self.fill(ONLY_TASK)? + &self.pattern()),
        }
    }

    /// The marker that stands for the instruction.
    pub fn slot(&self) -> Slot {
        Slot::of(self.style, self.layout.position)
    }

    fn whole(
        &self,
        task: String,
        heading: String,
        request: String,
        scored: &[Example],
    ) -> Result<String> {
        let instructions = task + &self.blocks();
        if self.exemplars.is_empty() {
            return Ok(format!("{instructions}\n\n{request}"));
        }
        let examples = heading + &self.examples(scored)?;
        Ok(match self.instructions_first {
            true => format!("{instructions}\n\n{examples}\n\n{request}"),
            false => format!("{examples}\n\n{instructions}\n\n{request}"),
        })
    }

    fn blocks(&self) -> String {
        let block = |shown: &Shown| match &shown.score {
            Some(score) => format!("\ntext:\n{}\nscore:\n{score}\n", shown.instruction),
            None => format!("\ntext:\n{}\n", shown.instruction),
        };
        self.trajectory.iter().map(block).collect()
    }

    fn pattern(&self) -> String {
        let line = |shown: &Shown| {
            let precision = shown.score.as_ref().map(|score| format!("Precision: {score} "));
            format!("\n\n{}<TEXT>{}</TEXT>", precision.unwrap_or_default(), shown.instruction)
        };
        self.trajectory.iter().map(line).collect()
    }

    fn examples(&self, scored: &[Example]) -> Result<String> {
        let block = |place: &usize| {
            let example = scored.get(*place).ok_or_else(|| {
                Error::configuration(format!("the meta-prompt names example {place}"))
                    .with_help(format!("the scored split has {} examples", scored.len()))
            })?;
            Ok(self.example(&example.input, example.outputs.first().map_or("", String::as_str)))
        };
        self.exemplars.iter().map(block).collect()
    }

    fn example(&self, x: &str, y: &str) -> String {
        let slot = self.slot().open();
        let answer = if self.style == Style::Tagged { "Ground truth answer" } else { "output" };
        let plain = if self.style == Style::Tagged { "Problem" } else { "input" };
        let Layout { position, qa } = self.layout;
        let question = match (position, qa) {
            (Position::BeforeQ, _) => format!("\ninput:\n{slot}\nQ: {x}\nA:"),
            (Position::QBegin, true) => format!("\ninput:\nQ: {slot}\n{x}\nA:"),
            (Position::QEnd, true) => format!("\ninput:\nQ: {x}\n{slot}\nA:"),
            (Position::ABegin, _) if self.style == Style::Tagged => {
                format!("\nQ: {x}\nA: {slot}")
            }
            (Position::ABegin, _) => format!("\ninput:\nQ: {x}\nA: {slot}"),
            (Position::QBegin, false) => format!("\n{plain}:\n{slot}\n{x}\n"),
            (Position::QEnd, false) => format!("\n{plain}:\n{x}\n{slot}\n"),
        };
        format!("{question}\n{answer}:\n{y}\n")
    }

    fn fill(&self, source: &str) -> Result<String> {
        let (noun, nouns) = match self.slot() {
            Slot::Ins => ("an instruction", "instructions"),
            Slot::Start => ("a sentence to begin the answer with", "sentences"),
        };
        let place = match self.layout.position {
            Position::BeforeQ => "before the question",
            Position::QBegin => "at the beginning of the question",
            Position::QEnd => "at the end of the question",
            Position::ABegin => "at the beginning of the answer",
        };
        let values = context! {
            noun, nouns, place,
            slot => self.slot().open(),
            open => self.slot().open(),
            close => self.slot().close(),
            scores => self.top_score.is_some(),
            top => self.top_score,
            order => self.order.name(),
            domain => &self.domain,
        };
        fill(source, values)
    }
}
