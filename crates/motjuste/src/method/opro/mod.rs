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

mod bound;
mod exemplars;
mod filter;
mod layout;
mod meta_prompt;
mod reply;
mod score;
mod settings;
mod style;
mod trajectory;

pub use filter::Reason;
pub use layout::{Layout, Position, Slot};
pub use meta_prompt::MetaPrompt;
pub use reply::{bracketed, md5_key, polish, tagged, text_tag};
pub use score::{bucketize, rounded};
pub use settings::{ExemplarChoice, Opro, Order, ScoreDisplay, TargetPrompt};
pub use style::Style;

use exemplars::Draw;

use super::{Bounds, Method, MethodId, Needs, PromptBound, Registered, every_text};
use crate::Result;
use crate::history::{History, Proposal, Reading, Reply};
use crate::metric::Mode;
use crate::random::Stream;

impl Opro {
    /// The meta-prompts of a step, counted from 0, all of one text; none after the last step.
    ///
    /// # Errors
    /// As [`Opro::checked`]; [`Error::is_numerics`](crate::Error::is_numerics) for a score
    /// outside [0, 1].
    pub fn meta_prompts(
        &self,
        history: &History,
        step: usize,
        stream: &mut Stream,
    ) -> Result<Vec<MetaPrompt>> {
        self.checked()?;
        if step >= self.steps {
            return Ok(Vec::new());
        }
        let selected = trajectory::select(self, history);
        let mut draw = match self.mode {
            Mode::Strict => Draw::Ours(stream),
            Mode::Compat => Draw::Numpy { step: step as u32 },
        };
        let exemplars = exemplars::choose(self, history, &selected, &mut draw);
        let first = MetaPrompt {
            style: self.style,
            layout: self.layout,
            trajectory: trajectory::show(self, selected, stream)?,
            order: self.stated_order(),
            top_score: self.stated_top(),
            exemplars,
            instructions_first: self.instructions_first,
            domain: self.domain.clone(),
            temperature: self.temperature_at(step),
            max_tokens: self.max_tokens,
            draw: (step * self.batch.get()) as u64,
        };
        let draws = first.draw..first.draw + self.batch.get() as u64;
        Ok(draws.map(|draw| MetaPrompt { draw, ..first.clone() }).collect())
    }

    /// The initial instructions. Those that a study begins with take the place of the default ones.
    fn initial(&self, history: &History) -> &[String] {
        let is_default = self.initial == Self::default().initial;
        if is_default && !history.start().is_empty() { &[] } else { &self.initial }
    }

    /// The published text says "ascending" whatever the order is.
    fn stated_order(&self) -> Order {
        match self.mode {
            Mode::Strict => self.order,
            Mode::Compat => Order::Ascending,
        }
    }

    /// The published text says "0 to 100" whatever the range is.
    fn stated_top(&self) -> Option<u32> {
        match (self.display, self.mode) {
            (ScoreDisplay::Hidden, _) => None,
            (_, Mode::Compat) => Some(100),
            (ScoreDisplay::Buckets(buckets), Mode::Strict) => Some(buckets),
            (ScoreDisplay::Exact, Mode::Strict) => Some(1),
        }
    }
}

impl Registered for Opro {
    const NAME: &'static str = "opro";
    const SUMMARY: &'static str = "OPRO (arXiv 2309.03409): the generator reads the best instructions so \
                                   far with their scores and writes new ones.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("opro-gsm8k", Self::gsm8k()), ("opro-bbh", Self::bbh()), ("opro-mmlu", Self::mmlu())]
    }
}

impl Method for Opro {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        let target_prompt = match self.prompt {
            TargetPrompt::Task => None,
            TargetPrompt::Layout => Some(self.layout.target_prompt()),
        };
        Needs { target_prompt, ..Needs::default() }
    }

    fn check(&self) -> Result<()> {
        self.checked()
    }

    fn bounds(&self, trials: u64) -> Bounds {
        let replies = trials.saturating_sub(self.initial.len() as u64);
        let most = self.steps.saturating_mul(self.batch.get()) as u64;
        Bounds {
            replies: replies.next_multiple_of(self.batch.get() as u64).min(most),
            prompt: bound::longest(self).ask().ok().as_ref().map(PromptBound::of),
            instruction_bytes: Some(self.longest_in_bytes()),
            ..Bounds::default()
        }
    }

    /// The initial instructions, then one meta-prompt a step.
    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let Some(step) = history.steps().len().checked_sub(1) else {
            return Ok(self.initial(history).iter().cloned().map(Proposal::Instruction).collect());
        };
        let asked = self.meta_prompts(history, step, stream)?;
        asked.iter().map(|asked| Ok(asked.ask()?.into())).collect()
    }

    /// Every initial instruction, the empty one too; of the replies, those with a new instruction.
    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        match history.steps().is_empty() {
            true => every_text(replies),
            false => filter::read(self, history, replies),
        }
    }
}
