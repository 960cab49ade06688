//! OPRO (Yang et al., arXiv 2309.03409): a language model reads the best instructions so far with
//! their scores and writes better ones.
//!
//! | step | where |
//! |---|---|
//! | which instructions are shown, and how | `trajectory` |
//! | which examples are shown | `exemplars` |
//! | the words around them | `meta_prompt`, and the files in `prompts/opro` |
//! | from replies to instructions | `reply`, `filter` |
//!
//! [`Opro`] holds the settings and nothing else: everything follows from them, the history and a
//! named stream.

mod exemplars;
mod filter;
mod layout;
mod meta_prompt;
mod reply;
mod score;
mod settings;
mod trajectory;

pub use filter::{Reason, Verdict};
pub use layout::{Layout, Position, Slot};
pub use meta_prompt::{MetaPrompt, Shown};
pub use reply::{bracketed, md5_key, polish, tagged, text_tag};
pub use score::{bucketize, rounded};
pub use settings::{ExemplarChoice, OproConfig, Order, ScoreDisplay, Style};

use exemplars::Draw;

use crate::Result;
use crate::history::History;
use crate::metric::Mode;
use crate::random::Stream;

/// OPRO as a function of the history.
#[derive(Debug, Clone)]
pub struct Opro {
    config: OproConfig,
}

impl Opro {
    /// The method with these settings.
    ///
    /// # Errors
    /// As [`OproConfig::checked`].
    pub fn new(config: OproConfig) -> Result<Self> {
        config.checked()?;
        Ok(Self { config })
    }

    /// The step's meta-prompts, all of one text, counted from 0; none after the last step.
    ///
    /// `constant` is the choice of examples of an earlier step, for [`ExemplarChoice::Constant`].
    ///
    /// # Errors
    /// [`Error::is_numerics`](crate::Error::is_numerics) for a score outside [0, 1].
    pub fn meta_prompts(
        &self,
        history: &History,
        step: usize,
        constant: Option<&[usize]>,
        stream: &mut Stream,
    ) -> Result<Vec<MetaPrompt>> {
        let config = &self.config;
        if step >= config.steps {
            return Ok(Vec::new());
        }
        let selected = trajectory::select(config, history);
        let mut draw = match config.mode {
            Mode::Strict => Draw::Ours(stream),
            Mode::Compat => Draw::Numpy { step: step as u32 },
        };
        let exemplars = exemplars::choose(config, history, &selected, constant, &mut draw);
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

    /// A verdict on each of the step's replies, in order.
    pub fn judge<'a>(
        &self,
        history: &History,
        replies: impl IntoIterator<Item = &'a str>,
    ) -> Vec<Verdict> {
        filter::judge(&self.config, history, replies)
    }

    /// The instruction in one reply; none if it cannot be read.
    pub fn instruction(&self, reply: &str) -> Option<String> {
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
