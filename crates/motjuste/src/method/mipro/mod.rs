//! MIPROv2 for one instruction: grounded proposals, then a Bayesian search over them on minibatches (Opsahl-Ong et al.,
//! arXiv 2406.11695).
//!
//! The generator observes the train rows in batches and sums its observations up. It then writes instructions, each from
//! that summary, some examples, the prompt in use and a *tip*. Which one is tried next, on the next minibatch of dev
//! rows, a tree-structured Parzen estimator says; now and then the best mean that is not yet scored on all rows is.
//! The answer is the highest score on all rows.
//!
//! | symbol | meaning |
//! |---|---|
//! | n | instructions, the prompt in use among them |
//! | B | dev rows of a minibatch |

#[cfg(test)]
mod golden;
mod plan;
mod tips;
mod tpe;

use std::num::NonZeroUsize;

use minijinja::context;
use rand::RngExt;
use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::chat::{self, Asked, INDUCE, LONGEST_FAILURE, LONGEST_FRAME};
use super::soft_prompts::count;
use super::{Bounds, Method, MethodId, Needs, PromptBound, Registered};
use crate::history::{
    Allocation, Ask, Candidate, History, Part, Proposal, Reading, Reply, RowPart,
};
use crate::model::Decoding;
use crate::random::Stream;
use crate::template::{clip, fill};
use crate::{Error, Result};
use plan::{Phase, Plan};

/// MIPROv2 for one instruction.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Method, Mipro};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(25);
/// // The first batch of train rows is observed.
/// assert_eq!(Mipro::default().propose(&history, &mut stream).unwrap().len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mipro {
    /// Instructions, n, the prompt in use among them.
    pub instructions: NonZeroUsize,
    /// Minibatches that are paid for; 0: one and a half for each instruction.
    pub trials: usize,
    /// Dev rows of a minibatch, B.
    pub minibatch: NonZeroUsize,
    /// Minibatches after which one instruction is scored on all rows.
    pub full_every: NonZeroUsize,
    /// Whether the generator sums the train rows up first.
    pub summary: bool,
    /// Whether each prompt gives a tip.
    pub tips: bool,
    /// How the next instruction is picked.
    pub pick: Pick,
    /// The temperature of the generator.
    pub temperature: f64,
    /// The largest number of tokens in a reply of the generator.
    pub max_tokens: usize,
    /// The most bytes in an instruction; 0: twice those of the prompt in use, and at least 1,500.
    pub longest: usize,
}

/// How the next instruction is picked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// By a tree-structured Parzen estimator.
    #[default]
    Tpe,
    /// Each as often as any other: the control.
    Uniform,
}

impl Default for Mipro {
    /// The light settings, with as many instructions as the published code has without demonstrations.
    fn default() -> Self {
        Self {
            instructions: count(6),
            trials: 0,
            minibatch: count(35),
            full_every: count(5),
            summary: true,
            tips: true,
            pick: Pick::Tpe,
            temperature: 1.0,
            max_tokens: 4000,
            longest: 0,
        }
    }
}

impl Registered for Mipro {
    const NAME: &'static str = "mipro";
    const SUMMARY: &'static str = "MIPROv2 (arXiv 2406.11695) for one instruction: proposals from a summary of the data, \
                                   then a Parzen estimator on minibatches.";

    fn presets() -> Vec<(&'static str, Self)> {
        let of = |instructions| Self { instructions: count(instructions), ..Self::default() };
        vec![("mipro-medium", of(12)), ("mipro-heavy", of(18))]
    }
}

const OBSERVE: &str = include_str!("../../prompts/mipro/observe.txt");
const SUMMARISE: &str = include_str!("../../prompts/mipro/summarise.txt");
const ROW: &str = "\nInput: {{ input }}\nOutput: {{ output }}\n";

/// Train rows of one observation, and observations at most.
const OBSERVED: usize = 10;
const OBSERVATIONS: usize = 8;

/// Tokens of an observation, and the most characters of it that are shown again.
const OBSERVATION_TOKENS: usize = 500;
const OBSERVATION: usize = 2000;

/// Train examples that a prompt for an instruction shows.
const SHOWN: usize = 3;

impl Method for Mipro {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        Needs { dev_examples: usize::MAX, shows_train_rows: true, ..Needs::default() }
    }

    fn check(&self) -> Result<()> {
        if !self.temperature.is_finite() || self.temperature < 0.0 || self.max_tokens == 0 {
            return Err(Error::configuration("the generator cannot be asked like this")
                .with_help("set temperature to 0 or more, and max_tokens to 1 or more"));
        }
        Ok(())
    }

    fn bounds(&self, _: u64) -> Bounds {
        let longest = self.most_bytes(&[]);
        let observations = 4 * (OBSERVATIONS + 1) * OBSERVATION;
        Bounds {
            replies: (OBSERVATIONS + 1 + self.instructions.get()) as u64,
            prompt: Some(PromptBound {
                bytes: LONGEST_FRAME + LONGEST_FAILURE + observations + longest,
                rows: OBSERVED,
                instructions: 1,
                max_tokens: self.max_tokens.max(OBSERVATION_TOKENS),
                describes_task: true,
            }),
            instruction_bytes: Some(longest),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let asked = match self.plan(history).phase {
            Phase::Observe { batch } => vec![self.observe(history, batch)?],
            Phase::Summarise => vec![self.summarise(history)],
            Phase::Write => self.write(history, stream)?,
            Phase::Search { .. } => Vec::new(),
        };
        Ok(asked.into_iter().map(Proposal::from).collect())
    }

    /// Instructions are in the replies of one step; those of the others are observations.
    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        if self.plan(history).phase != Phase::Write {
            return vec![Vec::new(); replies.len()];
        }
        let longest = self.most_bytes(history.start());
        let mut readings = chat::read(history, proposals, replies, longest);
        readings.iter_mut().for_each(|found| found.truncate(1));
        readings
    }

    fn allocate(
        &self,
        history: &History,
        _: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        let job = match self.plan(history) {
            Plan { phase: Phase::Search { step }, first } => {
                self.searched(history, first, step, stream)
            }
            _ => None,
        };
        Ok(Allocation::from(job.into_iter().collect::<Vec<_>>()))
    }
}

impl Mipro {
    /// What is regular in a batch of train rows, given what was observed before.
    fn observe(&self, history: &History, batch: usize) -> Result<Ask> {
        let before = observations(history).collect::<Vec<_>>().join("\n");
        let rows = batch * OBSERVED..history.train_rows().min((batch + 1) * OBSERVED);
        let rows = rows.map(|row| Part::Train(RowPart::whole(row, ROW)));
        let task = Part::Text(fill(OBSERVE, context! { before })?);
        Ok(Ask::new(std::iter::once(task).chain(rows).collect(), self.observing(batch)))
    }

    fn summarise(&self, history: &History) -> Ask {
        let observed = observations(history).map(|text| format!("- {text}\n"));
        let text = SUMMARISE.to_owned() + &observed.collect::<String>();
        Ask::new(vec![Part::Text(text)], self.observing(OBSERVATIONS))
    }

    fn observing(&self, draw: usize) -> Decoding {
        let (max_tokens, temperature) = (OBSERVATION_TOKENS, self.temperature);
        Decoding { max_tokens, temperature, draw: draw as u64 }
    }

    /// One prompt for each instruction that is lacking.
    fn write(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let lacking = self.instructions.get().saturating_sub(history.start().len()).max(1);
        (0..lacking as u64).map(|draw| self.instruction(history, draw, stream)).collect()
    }

    fn instruction(&self, history: &History, draw: u64, stream: &mut Stream) -> Result<Ask> {
        let rows = history.train_rows();
        let shown = sample(stream, rows, SHOWN.min(rows)).into_vec();
        let tip = tips::TIPS[stream.random_range(0..tips::TIPS.len())];
        let start = history.start().first().map(String::as_str);
        let asked = Asked::new(1, self.most_bytes(history.start()), start)
            .decoded(self.max_tokens, self.temperature, draw)
            .saying("# What the data are like", self.summary_of(history).as_deref())
            .examples(&shown);
        let asked = match start {
            Some(start) => asked.showing(history, start).present(start),
            None => asked,
        };
        asked
            .saying("# Tip", self.tips.then_some(tip).filter(|tip| !tip.is_empty()))
            .procedure(INDUCE, "")
    }

    fn summary_of(&self, history: &History) -> Option<String> {
        let reply = history.steps().last()?.replies.first().filter(|_| self.summary)?;
        Some(said(reply)).filter(|text| !text.is_empty())
    }

    /// The most bytes in an instruction, where these prompts are in use.
    fn most_bytes(&self, start: &[String]) -> usize {
        chat::most_bytes(self.longest, start)
    }
}

/// An observation as it is shown on: without marks that could be taken for the tags of a reply.
fn said(reply: &Reply) -> String {
    clip(&reply.text.replace(['<', '>'], ""), OBSERVATION)
}

/// What was observed, without the replies that say there is nothing new.
fn observations(history: &History) -> impl Iterator<Item = String> {
    let replies = history.steps().iter().flat_map(|step| &step.replies);
    let texts = replies.map(said);
    texts.filter(|text| !is_nothing_new(text))
}

fn is_nothing_new(observation: &str) -> bool {
    const COMPLETE: &str = "complete";
    let start = observation.trim().get(..COMPLETE.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(COMPLETE))
}
