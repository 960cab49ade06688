//! One instruction from demonstrations, no search (baselines of InstructZero, arXiv 2306.03082, table 1).

use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::{Bounds, Method, MethodId, Needs, PromptBound, Registered, new_texts};
use crate::Result;
use crate::history::{Ask, History, Part, Proposal, Reading, Reply, RowPart};
use crate::model::Decoding;
use crate::random::Stream;

/// The generator's likeliest instruction behind demonstrations, without a soft prompt. As *Manual* it is told to go on
/// from "The instruction was to?"; as *exemplars-only* it reads the demonstrations and nothing else.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Manual, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// assert_eq!(Manual::default().propose(&history, &mut stream).unwrap().len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manual {
    /// Whether the question for the instruction stands behind the demonstrations.
    pub question: bool,
    /// Train rows that are shown.
    pub demonstrations: NonZeroUsize,
    /// The largest number of tokens in the instruction.
    pub max_tokens: NonZeroUsize,
}

const ROW: &str = "Input: {{ input }}\nOutput: {{ output }}\n\n";
const QUESTION: &str = "The instruction was to?";

impl Default for Manual {
    fn default() -> Self {
        Self { question: true, demonstrations: count(5), max_tokens: count(128) }
    }
}

impl Registered for Manual {
    const NAME: &'static str = "manual";
    const SUMMARY: &'static str = "The generator's likeliest instruction from examples, no search; exemplars-only: without a question.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("exemplars-only", Self { question: false, ..Self::default() })]
    }
}

impl Method for Manual {
    fn id(&self) -> MethodId {
        let name = if self.question { Self::NAME } else { "exemplars-only" };
        MethodId::new(Self::NAME, self).called(name)
    }

    fn needs(&self) -> Needs {
        Needs { shows_train_rows: true, ..Needs::default() }
    }

    fn bounds(&self, _: u64) -> Bounds {
        let prompt = PromptBound {
            bytes: QUESTION.len() + self.demonstrations.get() * ROW.len(),
            rows: self.demonstrations.get(),
            instructions: 0,
            max_tokens: self.max_tokens.get(),
            describes_task: false,
        };
        Bounds { replies: 1, prompt: Some(prompt), ..Bounds::default() }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        if !history.steps().is_empty() {
            return Ok(Vec::new());
        }
        let rows = history.train_rows();
        let shown = sample(stream, rows, self.demonstrations.get().min(rows));
        let shown = shown.into_iter().map(|row| Part::Train(RowPart::whole(row, ROW)));
        let question = self.question.then(|| Part::Text(QUESTION.to_owned()));
        let decoding = Decoding::greedy(self.max_tokens.get());
        let ask = Ask::new(shown.chain(question).collect(), decoding);
        Ok(vec![ask.into()])
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        new_texts(history, replies)
    }
}
