//! `motjuste-chat`, our own method where the generator is a chat model.
//!
//! Five sources write instructions: *start* (the prompt in use), *induce* (from train examples),
//! *paraphrase* (of the best so far), *reflect* (from what the best got wrong on train rows) and *combine* (of two
//! leaders that are right on different train rows); a sixth, *demonstrate*, puts train rows behind the best of them, for
//! the target to read as examples. A long instruction is changed part by part. What they
//! write goes into one pool; a Gaussian process over the words of the instructions says which to pay for
//! next, as in [`Motjuste`](super::Motjuste).
//!
//! Dev and test rows are never shown to the generator: failures are looked for on train rows, which the
//! leaders are examined on.

mod ask;
mod bandit;
mod demonstrations;
mod draws;
mod edits;
mod examine;
mod pairs;
mod paragraphs;
mod parents;
mod reader;
mod source;
mod sources;
mod tags;

pub(super) use ask::{
    Asked, INDUCE, LONGEST_EXAMPLE, LONGEST_FAILURE, LONGEST_FRAME, REFLECT, most_bytes,
};
pub use bandit::Schedule;
pub use parents::Parentage;
pub(super) use reader::{read, read_last};
pub use source::Source;

use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::text_model;
use super::{Bounds, Method, MethodId, Needs, PromptBound, Race, Registered, composed};
use crate::history::{Allocation, Candidate, History, Proposal, Reading, Reply};
use crate::random::Stream;
use crate::{Error, Result};
use examine::BLOCKS;
use pairs::EACH_WAY;

/// Our own method for chat models as generators.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Chat, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(20);
/// let asked = Chat::default().propose(&history, &mut stream).unwrap();
/// assert_eq!(asked.len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chat {
    /// Who writes instructions; the prompt in use is always there where there is one.
    pub sources: Vec<Source>,
    /// Which source is asked next.
    pub schedule: Schedule,
    /// Prompts of `induce` in the first step.
    pub first: usize,
    /// Instructions to pay for before the first choice.
    pub start: usize,
    /// Instructions to pay for in each step.
    pub batch: NonZeroUsize,
    /// The generator is asked while fewer unpaid instructions than this are there; with 0 in the first step alone.
    pub pool: usize,
    /// Train rows that a leader is examined on at a time.
    pub examine: usize,
    /// Failures that `reflect` shows.
    pub failures: usize,
    /// Train examples that `induce` shows.
    pub shown: usize,
    /// The most train rows that `demonstrate` puts behind an instruction.
    pub demonstrations: usize,
    /// Which of the leaders is improved next.
    pub parent: Parentage,
    /// The chance that it is drawn instead from those that are right where other leaders are wrong.
    pub front_share: f64,
    /// The temperature of the generator.
    pub temperature: f64,
    /// The largest number of tokens in a reply of the generator.
    pub max_tokens: usize,
    /// How instructions are raced.
    pub race: Race,
    /// The most bytes in an instruction; 0: twice those of the prompt in use, and at least 1,500.
    pub longest: usize,
    /// Whether an instruction is dropped that copies what the generator was shown.
    pub drop_copies: bool,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            sources: vec![Source::Reflect, Source::Induce, Source::Paraphrase],
            schedule: Schedule::InTurn,
            first: 4,
            start: 8,
            batch: count(4),
            pool: 8,
            examine: 8,
            failures: 4,
            shown: 8,
            demonstrations: 4,
            parent: Parentage::Leader,
            front_share: 0.0,
            temperature: 1.0,
            max_tokens: 4000,
            race: Race::default(),
            longest: 0,
            drop_copies: true,
        }
    }
}

/// Prompts that may bring nothing, besides two for each trial.
const BARREN: u64 = 6;

impl Registered for Chat {
    const NAME: &'static str = "motjuste-chat";
    const SUMMARY: &'static str = "A chat model writes instructions from train examples, from the best so far \
                                   and from what it gets wrong; a model of the texts picks, a race decides.";

    fn presets() -> Vec<(&'static str, Self)> {
        let best_of_n =
            Self { sources: vec![Source::Induce], start: 16, pool: 0, ..Self::default() };
        let unraced = Self { race: Race::off(), ..Self::default() };
        vec![("motjuste-chat-unraced", unraced), ("best-of-n", best_of_n)]
    }
}

impl Method for Chat {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { drops_copies: self.drop_copies, ..self.race.needs(Needs::default()) }
    }

    fn check(&self) -> Result<()> {
        self.race.check()?;
        let counts = [
            ("start", self.start),
            ("shown", self.shown),
            ("failures", self.failures),
            ("max_tokens", self.max_tokens),
            ("demonstrations", self.demonstrations),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, value)| *value == 0) {
            return Err(Error::configuration(format!("the setting {name} is 0"))
                .with_help(format!("set {name} to 1 or more")));
        }
        if self.sources.is_empty() {
            return Err(Error::configuration("no source writes instructions").with_help(
                "set sources to one or more of induce, paraphrase, reflect, combine, demonstrate",
            ));
        }
        if !self.temperature.is_finite() || self.temperature < 0.0 {
            return Err(Error::configuration(format!(
                "the temperature {} is none",
                self.temperature
            ))
            .with_help("set temperature to 0 or more; 1 is the default"));
        }
        if !(0.0..=1.0).contains(&self.front_share) {
            return Err(Error::configuration(format!(
                "a front_share of {} is none",
                self.front_share
            ))
            .with_help("set front_share to a number from 0 to 1; 0 is the default"));
        }
        Ok(())
    }

    fn bounds(&self, trials: u64) -> Bounds {
        let first = (self.first + 1) as u64;
        let rows = (BLOCKS * self.examine) as u64;
        let (answers, instructions) = (self.most_answers(), self.most_shown());
        Bounds {
            replies: first + self.most_asked(trials),
            prompt: Some(PromptBound {
                bytes: ask::LONGEST_FRAME
                    + answers * ask::LONGEST_FAILURE
                    + instructions * self.most_bytes(&[]),
                rows: self.shown.max(answers),
                instructions,
                max_tokens: self.max_tokens,
                describes_task: true,
            }),
            instruction_bytes: Some(
                self.most_bytes(&[]) + self.most_demonstrations() * composed::EXAMPLE.len(),
            ),
            instruction_rows: self.most_demonstrations(),
            examined_rows: rows * self.most_examined(trials),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        Ok(match history.steps().is_empty() {
            true => self.first(history, stream)?.into_iter().map(Proposal::from).collect(),
            false if self.has_enough(history) => Vec::new(),
            false => self.next(history, stream)?,
        })
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        if let Some(Proposal::Composed(_)) = proposals.first() {
            return demonstrations::read(history, proposals, replies);
        }
        let longest = self.most_bytes(history.start());
        reader::read(history, proposals, replies, longest)
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if history.steps().is_empty() {
            let first = in_turn(fresh).into_iter().take(self.start).collect();
            return self.race.begin(history, stream, first);
        }
        let pool: Vec<&Candidate> = history.candidates().iter().chain(fresh).collect();
        let features = || text_model::joined(vec![text_model::words(&pool)], pool.len());
        let new = |lanes| text_model::choose(history, &pool, lanes, features);
        let allocation = self.race.allocate(history, self.batch.get(), stream, new)?;
        Ok(Allocation { examine: self.examined(history), ..allocation })
    }
}

impl Chat {
    /// The most bytes in an instruction, where these prompts are in use.
    fn most_bytes(&self, start: &[String]) -> usize {
        most_bytes(self.longest, start)
    }

    /// The most prompts after the first step on the way to so many trials.
    fn most_asked(&self, trials: u64) -> u64 {
        2 * trials + BARREN
    }

    /// Whether no further instruction is wanted now: enough are waiting, or the generator was asked often
    /// enough for what came of it.
    fn has_enough(&self, history: &History) -> bool {
        let later = history.steps().iter().skip(1);
        let asked = later.flat_map(source::asks).count();
        unpaid(history).len() >= self.pool
            || asked as u64 >= self.most_asked(history.evaluated_trials() as u64)
    }

    /// The most answers that a prompt shows.
    fn most_answers(&self) -> usize {
        let both_ways = if self.has(Source::Combine) { 2 * EACH_WAY } else { 0 };
        both_ways.max(self.failures + 1)
    }

    /// The most instructions that a prompt shows, parts of them among them.
    fn most_shown(&self) -> usize {
        if self.has(Source::Combine) || self.has(Source::Paraphrase) { 2 } else { 1 }
    }

    fn has(&self, source: Source) -> bool {
        self.sources.contains(&source)
    }

    /// Draws of distinct train rows.
    fn train_rows(&self, history: &History, stream: &mut Stream) -> Vec<usize> {
        let rows = history.train_rows();
        sample(stream, rows, self.shown.min(rows)).into_vec()
    }
}

/// The candidates that were never paid for.
fn unpaid(history: &History) -> Vec<&Candidate> {
    let is_new = |candidate: &&Candidate| history.find(&candidate.instruction).is_none();
    history.candidates().iter().filter(is_new).collect()
}

/// Candidates by their position in the reply: the first of every reply, then the second.
fn in_turn(fresh: &[Candidate]) -> Vec<&Candidate> {
    let mut ordered: Vec<&Candidate> = fresh.iter().collect();
    ordered.sort_by_key(|candidate| (candidate.origin.position, candidate.origin.reply));
    ordered
}
