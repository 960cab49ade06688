//! A prompt for the chat model, part by part; the same parts come first in every prompt, so that a
//! provider's cache of prefixes may answer.

use minijinja::context;

use super::tags::{Form, Tags};
use crate::Result;
use crate::history::{Ask, ExampleScore, History, Part, RowPart, Shown};
use crate::model::Decoding;
use crate::template::{clip, fill};

pub(in crate::method) const INDUCE: &str = include_str!("../../prompts/chat/induce.txt");
pub(super) const PARAPHRASE: &str = include_str!("../../prompts/chat/paraphrase.txt");
pub(super) const PARAGRAPH: &str = include_str!("../../prompts/chat/paragraph.txt");
pub(in crate::method) const REFLECT: &str = include_str!("../../prompts/chat/reflect.txt");
pub(super) const REFLECT_EDITS: &str = include_str!("../../prompts/chat/reflect-edits.txt");
pub(super) const COMBINE: &str = include_str!("../../prompts/chat/combine.txt");
pub(super) const COMBINE_EDITS: &str = include_str!("../../prompts/chat/combine-edits.txt");
const FRAME: &str = include_str!("../../prompts/chat/frame.txt");

/// Characters of an input, an answer and a feedback that are shown.
const INPUT: usize = 1200;
const ANSWER: usize = 800;
const FEEDBACK: usize = 600;

/// The most bytes of the words around what is shown, and of what is said of one failure.
pub(in crate::method) const LONGEST_FRAME: usize = 4000;
const EXAMPLE: &str = "\n<data>\nInput: {{ input }}\nOutput: {{ output }}\n</data>\n";
pub(in crate::method) const LONGEST_EXAMPLE: usize = EXAMPLE.len();
pub(in crate::method) const LONGEST_FAILURE: usize = 4 * (ANSWER + FEEDBACK) + 400;

/// Where the words on the task stand in the frame.
const TASK: &str = "\u{1}task\u{1}";

/// The most bytes in an instruction where these prompts are in use: the setting, or where that is 0 twice the longest
/// of them, and at least 1,500.
pub(in crate::method) fn most_bytes(setting: usize, start: &[String]) -> usize {
    let longest = start.iter().map(String::len).max().unwrap_or(0);
    if setting > 0 { setting } else { (2 * longest).max(1500) }
}

/// A prompt in the making.
pub(in crate::method) struct Asked {
    parts: Vec<Part>,
    shown: Vec<Shown>,
    count: usize,
    words: usize,
    has_start: bool,
    form: Form,
    source: Option<String>,
    decoding: Decoding,
}

impl Asked {
    /// A prompt for so many instructions of so many bytes; in the language of the prompt in use, where
    /// there is one.
    pub fn new(count: usize, longest: usize, start: Option<&str>) -> Self {
        let words = start.map_or(0, |start| start.split_whitespace().count() * 3 / 2).max(150);
        Self {
            parts: Vec::new(),
            shown: Vec::new(),
            count,
            words: words.min(longest / 6),
            has_start: start.is_some(),
            form: Form::Instructions,
            source: None,
            decoding: Decoding::greedy(0),
        }
    }

    /// How the reply is drawn.
    pub fn decoded(self, max_tokens: usize, temperature: f64, draw: u64) -> Self {
        Self { decoding: Decoding { max_tokens, temperature, draw }, ..self }
    }

    /// Says something under a heading, where there is something to say.
    pub fn saying(mut self, heading: &str, text: Option<&str>) -> Self {
        if let Some(text) = text {
            self.text(&format!("\n{heading}\n\n{text}\n"));
        }
        self
    }

    /// Who asks.
    pub fn by(self, source: &str) -> Self {
        Self { source: Some(source.to_owned()), ..self }
    }

    /// What is wanted in the reply's tags.
    pub(super) fn wanting(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Shows train examples.
    pub fn examples(mut self, rows: &[usize]) -> Self {
        if !rows.is_empty() {
            self.text("\n# Examples\n");
        }
        for &row in rows {
            self.row(row, EXAMPLE);
        }
        self
    }

    /// Says which earlier instruction it is about.
    pub fn showing(mut self, history: &History, instruction: &str) -> Self {
        let score = history.find(instruction).and_then(|trial| trial.score());
        let score = score.map(|score| format!("{:.0}", 100.0 * score));
        self.shown.push(Shown { instruction: instruction.to_owned(), score });
        self
    }

    /// Shows the present instruction.
    pub fn present(mut self, instruction: &str) -> Self {
        self.text(&format!("\n# The present instruction\n\n<data>\n{instruction}\n</data>\n"));
        self
    }

    /// Shows two instructions.
    pub(super) fn both(mut self, a: &str, b: &str) -> Self {
        let text = |name: &str, one: &str| format!("\n{name}:\n\n<data>\n{one}\n</data>\n");
        self.text(&format!("\n# Two instructions\n{}{}", text("A", a), text("B", b)));
        self
    }

    /// Shows what the present instruction gets wrong, and one example that it gets right.
    pub fn failures(self, wrong: &[&ExampleScore], right: Option<&ExampleScore>) -> Self {
        let shown: Vec<&ExampleScore> = wrong.iter().copied().chain(right).collect();
        self.answers("What the model answers with it", &shown)
    }

    /// Shows answers under a heading, each with its row.
    pub(super) fn answers(mut self, heading: &str, answers: &[&ExampleScore]) -> Self {
        self.text(&format!("\n# {heading}\n"));
        for one in answers {
            self.row(one.example, "\n<data>\nInput: {{ input }}\nExpected: {{ output }}\n");
            let score = one.score.map_or("none".to_owned(), |score| format!("{score:.2}"));
            let answer = clip(&one.answer, ANSWER);
            let feedback = one.feedback.as_deref().map_or(String::new(), |feedback| {
                format!("Feedback: {}\n", clip(feedback, FEEDBACK))
            });
            self.text(&format!("Answer: {answer}\nScore: {score}\n{feedback}</data>\n"));
        }
        self
    }

    /// The whole prompt, with what is to be done.
    pub fn procedure(self, procedure: &str, instruction: &str) -> Result<Ask> {
        let (count, words) = (self.count, self.words);
        let language = if self.has_start { "the present instruction" } else { "the examples" };
        let frame = fill(FRAME, context! { task => TASK, words, language })?;
        let (before, after) = frame.split_once(TASK).unwrap_or((frame.as_str(), ""));
        let number = match self.form {
            Form::Paragraph(number) => Some(number),
            Form::Instructions | Form::Edits => None,
        };
        let procedure = fill(procedure, context! { count, instruction, number })?;
        let reply = self.tags(instruction).request(count)?;
        let mut parts =
            vec![Part::Text(before.to_owned()), Part::Task, Part::Text(format!("{after}\n"))];
        parts.extend(self.parts);
        parts.push(Part::Text(format!("{procedure}\n{reply}")));
        let ask = Ask::new(parts, self.decoding);
        Ok(Ask { shown: self.shown, source: self.source, ..ask })
    }

    /// Tags that stand in nothing that is shown.
    fn tags(&self, instruction: &str) -> Tags {
        let text = |part: &'_ Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Task | Part::Train(_) | Part::Dev(_) => None,
        };
        let mut texts: Vec<String> = self.parts.iter().filter_map(text).collect();
        texts.push(instruction.to_owned());
        Tags::avoiding(self.form, &texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn text(&mut self, text: &str) {
        self.parts.push(Part::Text(text.to_owned()));
    }

    fn row(&mut self, row: usize, template: &str) {
        let template = template.to_owned();
        self.parts.push(Part::Train(RowPart { row, template, longest: Some(INPUT) }));
    }
}
