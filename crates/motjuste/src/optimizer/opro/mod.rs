//! OPRO (Yang et al., arXiv 2309.03409): a language model reads the best instructions so far with
//! their scores and writes better ones.
//!
//! | step | where |
//! |---|---|
//! | which instructions are shown, and how | `trajectory` |
//! | which examples are shown | `exemplars` |
//! | the words around them | `meta_prompt`, and the files in `prompts/opro` |
//! | from replies to instructions | `reply`, `filter` |
//! | what became of them, afterwards | `steps` |
//!
//! [`Opro`] holds the settings and nothing else: everything follows from them, the history and a
//! named stream.

mod bound;
mod exemplars;
mod filter;
mod layout;
mod meta_prompt;
mod reply;
mod score;
mod settings;
mod steps;
mod trajectory;

pub use filter::{Reason, Verdict};
pub use layout::{Layout, Position, Slot};
pub use meta_prompt::{MetaPrompt, Shown};
pub use reply::{bracketed, md5_key, polish, tagged, text_tag};
pub use score::{bucketize, rounded};
pub use settings::{ExemplarChoice, OproConfig, Order, ScoreDisplay, Style, TargetPrompt};
pub use steps::Step;

use exemplars::Draw;

use super::Optimizer;
use crate::Result;
use crate::example::Example;
use crate::history::History;
use crate::metric::Mode;
use crate::model::Generation;
use crate::proposal::Proposal;
use crate::random::Stream;

/// OPRO as a function of the history.
#[derive(Debug, Clone)]
pub struct Opro {
    config: OproConfig,
}

impl Opro {
    /// The method with these settings, which the first question checks.
    pub fn new(config: OproConfig) -> Self {
        Self { config }
    }

    /// The meta-prompts of a step, counted from 0, all of one text; none after the last step.
    ///
    /// # Errors
    /// As [`OproConfig::checked`]; [`Error::is_numerics`](crate::Error::is_numerics) for a score
    /// outside [0, 1].
    pub fn meta_prompts(
        &self,
        history: &History,
        step: usize,
        stream: &mut Stream,
    ) -> Result<Vec<MetaPrompt>> {
        let config = &self.config;
        config.checked()?;
        if step >= config.steps {
            return Ok(Vec::new());
        }
        let selected = trajectory::select(config, history);
        let mut draw = match config.mode {
            Mode::Strict => Draw::Ours(stream),
            Mode::Compat => Draw::Numpy { step: step as u32 },
        };
        let exemplars = exemplars::choose(config, history, &selected, &mut draw);
        let first = MetaPrompt {
            style: config.style,
            layout: config.layout,
            trajectory: trajectory::show(config, selected, stream)?,
            order: self.stated_order(),
            top_score: self.stated_top(),
            exemplars,
            instructions_first: config.instructions_first,
            domain: config.domain.clone(),
            temperature: config.temperature_at(step),
            max_tokens: config.max_tokens,
            draw: (step * config.batch) as u64,
        };
        let draws = first.draw..first.draw + config.batch as u64;
        Ok(draws.map(|draw| MetaPrompt { draw, ..first.clone() }).collect())
    }

    /// A meta-prompt no shorter than any that the search can come to.
    pub fn longest_meta_prompt(&self, scored: &[Example]) -> MetaPrompt {
        bound::longest(&self.config, scored)
    }

    /// A verdict on each of the step's replies, in order.
    pub fn judge<'a>(
        &self,
        history: &History,
        replies: impl IntoIterator<Item = &'a str>,
    ) -> Vec<Verdict> {
        filter::judge(&self.config, history, replies)
    }

    /// The instruction in one reply; none if it cannot be read.
    pub fn read(&self, reply: &str) -> Option<String> {
        filter::instruction(&self.config, reply)
    }

    /// The published text says "ascending" whatever the order is.
    fn stated_order(&self) -> Order {
        match self.config.mode {
            Mode::Strict => self.config.order,
            Mode::Compat => Order::Ascending,
        }
    }

    /// The published text says "0 to 100" whatever the range is.
    fn stated_top(&self) -> Option<u32> {
        match (self.config.display, self.config.mode) {
            (ScoreDisplay::Hidden, _) => None,
            (_, Mode::Compat) => Some(100),
            (ScoreDisplay::Buckets(buckets), Mode::Strict) => Some(buckets),
            (ScoreDisplay::Exact, Mode::Strict) => Some(1),
        }
    }
}

impl Optimizer for Opro {
    /// The initial instructions, then one meta-prompt a round.
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.config.checked()?;
        let Some(step) = history.rounds().len().checked_sub(1) else {
            return Ok(self.config.initial.iter().cloned().map(Proposal::Instruction).collect());
        };
        let asked = self.meta_prompts(history, step, stream)?;
        Ok(asked.into_iter().map(|asked| Proposal::MetaPrompt(Box::new(asked))).collect())
    }

    /// Every initial instruction, the empty one too; of the replies, those with a new instruction.
    fn select(&mut self, history: &History, generated: &[Generation]) -> Vec<usize> {
        if history.rounds().is_empty() {
            return (0..generated.len()).collect();
        }
        let verdicts = self.judge(history, generated.iter().map(|reply| reply.text.as_str()));
        let accepted = |place: &usize| matches!(verdicts[*place], Verdict::Accepted(_));
        (0..verdicts.len()).filter(accepted).collect()
    }

    fn instruction(&self, proposal: &Proposal, text: &str) -> String {
        match proposal {
            Proposal::MetaPrompt(_) => self.read(text).unwrap_or_default(),
            _ => text.to_owned(),
        }
    }
}
