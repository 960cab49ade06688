//! What the generator reads: instructions with their scores, examples, and a request.
//!
//! The paper's parts in the paper's order, with its markers, in words of our own.

use minijinja::context;

use super::layout::{Layout, Position, Slot};
use super::settings::Order;
use super::style::Style;
use crate::Result;
use crate::history::{Ask, Part, RowPart, Shown};
use crate::model::Decoding;
use crate::template::fill;

/// A meta-prompt before it is put into words. It names examples by their place in the scored split,
/// so whoever makes it need not see them.
#[derive(Debug, Clone, PartialEq)]
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

const TAGGED_TASK: &str = include_str!("../../prompts/opro/tagged_task.txt");
const TAGGED_PROBLEMS: &str = include_str!("../../prompts/opro/tagged_problems.txt");
const TAGGED_REQUEST: &str = include_str!("../../prompts/opro/tagged_request.txt");
const BRACKETED_TASK: &str = include_str!("../../prompts/opro/bracketed_task.txt");
const BRACKETED_EXAMPLES: &str = include_str!("../../prompts/opro/bracketed_examples.txt");
const BRACKETED_REQUEST: &str = include_str!("../../prompts/opro/bracketed_request.txt");
const ONLY_TASK: &str = include_str!("../../prompts/opro/only_task.txt");

impl MetaPrompt {
    /// The prompt in words; the study fills in the examples.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) when a template cannot be filled.
    pub fn ask(&self) -> Result<Ask> {
        let parts = match self.style {
            Style::Tagged => self.whole(
                self.fill(TAGGED_TASK)? + "\n",
                self.fill(TAGGED_PROBLEMS)? + "\n",
                self.fill(TAGGED_REQUEST)?,
            ),
            Style::Bracketed => self.whole(
                self.fill(BRACKETED_TASK)? + "\n\n",
                self.fill(BRACKETED_EXAMPLES)? + "\n\n",
                self.fill(BRACKETED_REQUEST)?,
            ),
            Style::InstructionsOnly => vec![Part::Text(self.fill(ONLY_TASK)? + &self.pattern())],
        };
        Ok(Ask { shown: self.trajectory.clone(), ..Ask::new(parts, self.decoding()) })
    }

    /// The marker that stands for the instruction.
    pub fn slot(&self) -> Slot {
        Slot::of(self.style, self.layout.position)
    }

    /// How the reply is drawn.
    pub fn decoding(&self) -> Decoding {
        let Self { max_tokens, temperature, draw, .. } = *self;
        Decoding { max_tokens, temperature, draw }
    }

    fn whole(&self, task: String, heading: String, request: String) -> Vec<Part> {
        let instructions = task + &self.blocks();
        let request = format!("\n\n{request}");
        if self.exemplars.is_empty() {
            return vec![Part::Text(instructions + &request)];
        }
        let examples = self.exemplars.iter().map(|&row| self.example(row));
        let [before, behind] = match self.instructions_first {
            true => [format!("{instructions}\n\n{heading}"), request],
            false => [heading, format!("\n\n{instructions}{request}")],
        };
        let (before, behind) = (Part::Text(before), Part::Text(behind));
        std::iter::once(before).chain(examples).chain([behind]).collect()
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

    /// An example of the dev split, in the layout.
    fn example(&self, row: usize) -> Part {
        const X: &str = "{{ input }}";
        const Y: &str = "{{ output }}";
        let slot = self.slot().open();
        let answer = if self.style == Style::Tagged { "Ground truth answer" } else { "output" };
        let plain = if self.style == Style::Tagged { "Problem" } else { "input" };
        let Layout { position, qa } = self.layout;
        let question = match (position, qa) {
            (Position::BeforeQ, _) => format!("\ninput:\n{slot}\nQ: {X}\nA:"),
            (Position::QBegin, true) => format!("\ninput:\nQ: {slot}\n{X}\nA:"),
            (Position::QEnd, true) => format!("\ninput:\nQ: {X}\n{slot}\nA:"),
            (Position::ABegin, _) if self.style == Style::Tagged => {
                format!("\nQ: {X}\nA: {slot}")
            }
            (Position::ABegin, _) => format!("\ninput:\nQ: {X}\nA: {slot}"),
            (Position::QBegin, false) => format!("\n{plain}:\n{slot}\n{X}\n"),
            (Position::QEnd, false) => format!("\n{plain}:\n{X}\n{slot}\n"),
        };
        Part::Dev(RowPart::whole(row, format!("{question}\n{answer}:\n{Y}\n")))
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
