//! APE: instructions from examples, scored; the best one is the answer (Zhou et al., arXiv 2211.01910).
//!
//! *Forward generation*: a language model is shown demonstrations and goes on from "the instruction was to". Every
//! text is scored; with `rounds`, the best are resampled: the model is asked for variations of them with the same
//! meaning (the paper's iterative Monte Carlo search). With `evaluation` = `ucb`, rows are spent by upper confidence
//! bounds, as the published code's bandit does ([`Ucb`]).

mod ucb;

use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

pub use ucb::Ucb;

use super::soft_prompts::count;
use super::{Bounds, Method, MethodId, Needs, PromptBound, Race, Registered, Rule};
use crate::history::{
    Allocation, Ask, Candidate, Found, History, Part, Proposal, Reading, Reply, RowPart, Shown,
};
use crate::model::Decoding;
use crate::random::Stream;
use crate::{Error, Result};

/// APE.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Ape, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// assert_eq!(Ape::default().propose(&history, &mut stream).unwrap().len(), 50);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ape {
    /// Texts that are asked for in the first step, each behind a draw of demonstrations of its own.
    pub texts: NonZeroUsize,
    /// Train rows that a prompt shows.
    pub demonstrations: usize,
    /// Rounds of resampling; the paper's iterative variant.
    pub rounds: usize,
    /// The share of instructions, the best ones, that a round resamples.
    pub keep: f64,
    /// The temperature of the generator.
    pub temperature: f64,
    /// The largest number of tokens in a text.
    pub max_tokens: NonZeroUsize,
    /// What decides how many rows an instruction is scored on.
    pub evaluation: Spending,
    /// How instructions are raced; APE scores each on all rows.
    pub race: Race,
    /// The bandit of `evaluation` = `ucb`.
    pub ucb: Ucb,
}

/// What decides how many rows an instruction of APE is scored on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// The race; as it comes it is off, and all are scored on all rows.
    #[default]
    Race,
    /// Upper confidence bounds.
    Ucb,
}

impl Default for Ape {
    fn default() -> Self {
        Self {
            texts: count(50),
            demonstrations: 5,
            rounds: 0,
            keep: 0.2,
            temperature: 0.9,
            max_tokens: count(50),
            evaluation: Spending::Race,
            race: Race::off(),
            ucb: Ucb::default(),
        }
    }
}

impl Ape {
    /// The published code's bandit over 50 texts.
    ///
    /// ```
    /// use motjuste::method::{Ape, Spending};
    /// assert_eq!(Ape::bandit().evaluation, Spending::Ucb);
    /// ```
    pub fn bandit() -> Self {
        Self { evaluation: Spending::Ucb, ..Self::default() }
    }
}

impl Registered for Ape {
    const NAME: &'static str = "ape";
    const SUMMARY: &'static str =
        "A language model guesses the instruction from examples, many times; each guess is scored.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("ape-iterative", Self { rounds: 3, ..Self::default() }), ("ape-ucb", Self::bandit())]
    }
}

const PAIRS: &str = include_str!("../../prompts/ape/generate.txt");
const ROW: &str = "Input: {{ input }}\nOutput: {{ output }}\n\n";
const QUESTION: &str = "The instruction was to";
const VARIATION: &str = "Write a variation of the following instruction that keeps its meaning. Write the variation and nothing else.\n\nInstruction: ";

/// Bytes of an instruction at the most, for each of its tokens.
const BYTES_A_TOKEN: usize = 8;

/// Instructions that a race goes on with at a time, once all have begun.
const LANES: usize = 5;

impl Method for Ape {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        let needs = Needs { shows_train_rows: true, ..Needs::default() };
        match self.evaluation {
            Spending::Race => self.race.needs(needs),
            Spending::Ucb => self.ucb.needs(needs, self.texts.get()),
        }
    }

    fn check(&self) -> Result<()> {
        let is_temperature = self.temperature.is_finite() && self.temperature >= 0.0;
        if !is_temperature || !(0.0..=1.0).contains(&self.keep) {
            return Err(Error::configuration("temperature or keep is out of its range")
                .with_help("set temperature to 0 or more, and keep to a share from 0 to 1"));
        }
        match self.evaluation {
            Spending::Race => self.race.check(),
            Spending::Ucb => self.check_bandit(),
        }
    }

    fn bounds(&self, _: u64) -> Bounds {
        Bounds {
            replies: (self.texts.get() * (1 + self.rounds)) as u64,
            prompt: Some(PromptBound {
                bytes: PAIRS.len()
                    + QUESTION.len()
                    + VARIATION.len()
                    + self.demonstrations * ROW.len()
                    + self.most_bytes(),
                rows: self.demonstrations,
                instructions: 1,
                max_tokens: self.max_tokens.get(),
                describes_task: false,
            }),
            instruction_bytes: Some(self.most_bytes()),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let round = history.steps().iter().filter(|step| asks(&step.proposals)).count();
        let asked: Vec<Ask> = match round {
            0 => (0..self.texts.get()).map(|draw| self.guess(history, draw, stream)).collect(),
            round if round <= self.rounds && !is_racing(history) => self.variations(history, round),
            _ => Vec::new(),
        };
        Ok(asked.into_iter().map(Proposal::from).collect())
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let mut seen = std::collections::HashSet::new();
        let read = |reply: &Reply| {
            let text = reply.text.trim();
            vec![match text {
                _ if !text.chars().any(char::is_alphabetic) => {
                    Found::dropped(text, "not usable as an instruction")
                }
                _ if text.len() > self.most_bytes() => {
                    Found::dropped(text, "longer than an instruction may be")
                }
                _ if history.find(text).is_some() || !seen.insert(text.to_owned()) => {
                    Found::dropped(text, "known already")
                }
                text => Found::new(text),
            }]
        };
        replies.iter().map(read).collect()
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if self.evaluation == Spending::Ucb {
            return Ok(self.ucb.allocate(history, fresh, stream).into());
        }
        let lanes = fresh.len().max(LANES);
        self.race.allocate(history, lanes, stream, |_| Ok(fresh.iter().collect()))
    }
}

impl Ape {
    /// A prompt that shows train rows and is to be gone on with.
    fn guess(&self, history: &History, draw: usize, stream: &mut Stream) -> Ask {
        let rows = history.train_rows();
        let shown = sample(stream, rows, self.demonstrations.min(rows));
        let row = |row| Part::Train(RowPart::whole(row, ROW));
        let parts = std::iter::once(Part::Text(PAIRS.to_owned())).chain(shown.into_iter().map(row));
        let parts = parts.chain([Part::Text(QUESTION.to_owned())]).collect();
        Ask::new(parts, self.decoding(draw))
    }

    /// Prompts for variations of the best so far, each as often as the others.
    fn variations(&self, history: &History, round: usize) -> Vec<Ask> {
        let mut best: Vec<(f64, &str)> = history
            .complete()
            .filter_map(|(trial, all)| Some((all.score?, trial.instruction.as_str())))
            .collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        best.truncate(((best.len() as f64 * self.keep).ceil() as usize).max(1));
        let texts = self.texts.get();
        let ask = |(place, (_, instruction)): (usize, &(f64, &str))| {
            let text = Part::Text(format!("{VARIATION}{instruction}"));
            let shown = Shown { instruction: (*instruction).to_owned(), score: None };
            Ask { shown: vec![shown], ..Ask::new(vec![text], self.decoding(round * texts + place)) }
        };
        best.iter()
            .cycle()
            .take(if best.is_empty() { 0 } else { texts })
            .enumerate()
            .map(ask)
            .collect()
    }

    fn decoding(&self, draw: usize) -> Decoding {
        Decoding {
            max_tokens: self.max_tokens.get(),
            temperature: self.temperature,
            draw: draw as u64,
        }
    }

    /// A bandit spends the rows alone, and over one set of texts.
    fn check_bandit(&self) -> Result<()> {
        if self.race.rule != Rule::Off || self.rounds > 0 {
            return Err(Error::configuration(
                "evaluation = ucb goes with neither a race nor rounds of resampling",
            )
            .with_help("set race.rule to off and rounds to 0, or evaluation to race"));
        }
        self.ucb.check()
    }

    fn most_bytes(&self) -> usize {
        self.max_tokens.get() * BYTES_A_TOKEN
    }
}

fn asks(proposals: &[Proposal]) -> bool {
    proposals.iter().any(|proposal| matches!(proposal, Proposal::Ask(_)))
}

fn is_racing(history: &History) -> bool {
    history.partial().next().is_some()
}
