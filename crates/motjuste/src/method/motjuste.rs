//! `motjuste`, our own method, first edition: decode first, then model the *instruction*.
//!
//! A soft prompt costs nothing but local time, and most soft prompts repeat an instruction that is
//! known. So many are decoded before the target is called, repeats are dropped, and what is left is
//! a finite set of texts. A Gaussian process over features of the text — not of the soft prompt —
//! says which five to pay for next.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | x | w + e | features of an instruction: its words, and the generator's hidden state over it |
//! | h | n | dev score |
//! | k | | isotropic Matérn-5/2 |
//!
//! The choice is log expected improvement (Ament et al., arXiv 2310.20708), in greedy batches that
//! take each pick's variance away before the next.

use motjuste_gp::Points;
use serde::{Deserialize, Serialize};

use super::hidden_states::hidden_states;
use super::pool::{self, Pool};
use super::{
    Bounds, HiddenStates, Method, MethodId, Needs, Race, Registered, soft_prompts, text_model,
};
use crate::Result;
use crate::history::{Allocation, Candidate, History, Proposal, Reading, Reply};
use crate::random::Stream;

/// Our own method: a pool of instructions, and a Gaussian process that says which to pay for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Motjuste {
    /// How the pool is decoded.
    pub pool: Pool,
    /// What the Gaussian process sees of an instruction.
    pub features: Features,
    /// How instructions are raced.
    pub race: Race,
}

/// What the Gaussian process sees of an instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// Which words stand in it.
    Words,
    /// Its words and pairs of neighbouring words, weighted by how rare they are, in 16 principal components.
    Terms,
    /// The generator's mean hidden state over it.
    HiddenStates,
    /// Both views, at equal weight; words alone where the generator returns no hidden states.
    #[default]
    Both,
}

/// Principal components that a view of the text keeps.
pub(super) const COMPONENTS: usize = 16;

impl Features {
    /// What they need of the generator.
    pub(super) fn hidden_states(self) -> HiddenStates {
        match self {
            Self::Words | Self::Terms => HiddenStates::Unused,
            Self::HiddenStates => HiddenStates::Required,
            Self::Both => HiddenStates::Welcome,
        }
    }
}

impl Registered for Motjuste {
    const NAME: &'static str = "motjuste";
    const SUMMARY: &'static str = "Decodes 1,000 soft prompts, drops repeats, models the instructions \
                                   and races five new ones at a time.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("motjuste-unraced", Self { race: Race::off(), ..Self::default() })]
    }
}

impl Motjuste {
    /// One row for each candidate: every view that was asked for.
    fn features(
        &self,
        history: &History,
        pool: &[&Candidate],
    ) -> Result<Points, motjuste_gp::Error> {
        let states = || hidden_states(pool.iter().map(|one| history.reply_of(one)));
        let views = match self.features {
            Features::Words => vec![text_model::words(pool)],
            Features::Terms => vec![text_model::terms(pool, COMPONENTS)],
            Features::HiddenStates => vec![states()],
            Features::Both => vec![text_model::words(pool), states()],
        };
        text_model::joined(views, pool.len())
    }
}

impl Method for Motjuste {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        self.race.needs(soft_prompts::needs(self.features.hidden_states()))
    }

    fn check(&self) -> Result<()> {
        self.race.check()?;
        self.pool.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        pool::read(history, replies)
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if history.steps().is_empty() {
            return self.race.begin(history, stream, self.pool.first(fresh));
        }
        let pool: Vec<&Candidate> = history.candidates().iter().collect();
        let features = || self.features(history, &pool);
        let new = |lanes| text_model::choose(history, &pool, lanes, features);
        self.race.allocate(history, self.pool.batch.get(), stream, new)
    }
}
