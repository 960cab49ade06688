//! The search methods: each answers two questions from the history alone.
//!
//! 1. [`Method::propose`]: what should be written next?
//! 2. [`Method::allocate`]: what should be paid for next?
//!
//! A method never talks to a model. It is a pure function of its settings, the history and a named
//! random stream, so a study that is killed and resumed takes the path it would have taken. A new method
//! is a file here and its lines in this one, with [`Registry::built_in`]; one of your own is a type in your own crate.

mod ape;
mod arms;
mod autoprompt;
mod bounds;
mod capo;
mod chat;
mod composed;
mod computed;
mod decoded;
mod evoprompt;
mod fixed;
mod gepa;
mod hbbops;
mod hidden_states;
mod id;
mod instinct;
mod instructzero;
mod manual;
mod mipro;
mod motjuste;
mod needs;
mod neural_ucb;
pub mod opro;
mod pool;
mod presto;
mod race;
mod random_pick;
#[cfg(test)]
mod recorded;
mod registered;
mod registry;
mod rlprompt;
mod soft_prompts;
mod text_model;
mod triple;
mod uniform;
mod writer;
mod zopo;

pub use ape::{Ape, Spending, Ucb};
pub use autoprompt::{AutoPrompt, BetterBy, Labels, Scored, Start};
pub use bounds::{Bounds, ComputationBound, PromptBound};
pub use capo::Capo;
pub use chat::{Chat, Parentage, Schedule, Source};
pub use decoded::DevRows;
pub use evoprompt::{Donor, EvoPrompt, Evolution};
pub use fixed::Fixed;
pub use gepa::{Accept, Gepa, Parent};
pub use hbbops::HbBoPs;
pub use id::MethodId;
pub use instinct::Instinct;
pub use instructzero::{Acquisition, InstructZero, InstructionKernel, StartBox, Ties};
pub use manual::Manual;
pub use mipro::{Mipro, Pick};
pub use motjuste::{Features, Motjuste};
pub use needs::{Choice, GeneratorRole, HiddenStates, Needs};
pub use neural_ucb::{Initialisation, NeuralUcb, Seen};
pub use opro::Opro;
pub use pool::Pool;
pub use presto::{Coverage, Draw, Presto};
pub use race::{Race, Rule};
pub use random_pick::RandomPick;
pub use registered::Registered;
pub use registry::{Entry, Preset, Registry};
pub use rlprompt::{RlPrompt, reward};
pub use triple::{Elimination, Triple};
pub use uniform::Uniform;
pub use writer::Writer;
pub use zopo::{Variance, Zopo};

use std::collections::HashSet;
use std::sync::Arc;

use crate::Result;
use crate::history::{Allocation, Candidate, Found, History, Job, Proposal, Reading, Reply};
use crate::random::Stream;

impl Registry {
    /// The methods that come with this crate.
    pub fn built_in() -> Self {
        Self::default()
            .with::<Motjuste>()
            .with::<Chat>()
            .with::<InstructZero>()
            .with::<Uniform>()
            .with::<RandomPick>()
            .with::<Instinct>()
            .with::<Presto>()
            .with::<Zopo>()
            .with::<Triple>()
            .with::<HbBoPs>()
            .with::<Opro>()
            .with::<Ape>()
            .with::<Gepa>()
            .with::<EvoPrompt>()
            .with::<Capo>()
            .with::<Mipro>()
            .with::<AutoPrompt>()
            .with::<RlPrompt>()
            .with::<Manual>()
            .with::<Fixed>()
    }
}

/// A search method: what to write next, what to pay for next.
///
/// The type that implements it holds the settings and nothing else; what a study must know about it is
/// data ([`Needs`], [`Bounds`]).
///
/// ```
/// use motjuste::Result;
/// use motjuste::history::{History, Proposal};
/// use motjuste::method::{Bounds, Method, MethodId};
/// use motjuste::random::Stream;
/// use serde::Serialize;
///
/// /// Tries the instructions of a list.
/// #[derive(Serialize)]
/// struct List {
///     instructions: Vec<String>,
/// }
///
/// impl Method for List {
///     fn id(&self) -> MethodId {
///         MethodId::new("list", self)
///     }
///
///     fn bounds(&self, _trials: u64) -> Bounds {
///         Bounds::default()
///     }
///
///     fn propose(&self, history: &History, _: &mut Stream) -> Result<Vec<Proposal>> {
///         let all = if history.steps().is_empty() { &self.instructions[..] } else { &[] };
///         Ok(all.iter().cloned().map(Proposal::Instruction).collect())
///     }
/// }
/// ```
pub trait Method: Send + Sync {
    /// Its name and its settings: part of a study's identity.
    fn id(&self) -> MethodId;

    /// What it needs of the models and the task.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Refuses settings that cannot be used; called before anything runs.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) naming the setting to change.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The most that it can ask of the generator on its way to this many trials: what a worst case is
    /// computed from.
    fn bounds(&self, trials: u64) -> Bounds;

    /// What to write next; nothing when everything it wants is written.
    ///
    /// A step that proposes nothing and allocates nothing is the end of the search.
    ///
    /// # Errors
    /// [`Error::is_numerics`](crate::Error::is_numerics) when a model of the history cannot be fitted.
    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>>;

    /// The instructions in the generator's replies, one reading for each reply, in order.
    ///
    /// By default a reply is an instruction; it is dropped when it is empty or known.
    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let _ = proposals;
        new_texts(history, replies)
    }

    /// What to pay for next. `fresh` are the candidates of the present step, which are not yet in the
    /// history.
    ///
    /// By default every fresh candidate is scored on all rows.
    ///
    /// # Errors
    /// As [`Self::propose`].
    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        let _ = (history, stream);
        Ok(fresh.iter().map(Job::all).collect::<Vec<_>>().into())
    }
}

impl<M: Method + ?Sized> Method for Arc<M> {
    fn id(&self) -> MethodId {
        (**self).id()
    }

    fn needs(&self) -> Needs {
        (**self).needs()
    }

    fn check(&self) -> Result<()> {
        (**self).check()
    }

    fn bounds(&self, trials: u64) -> Bounds {
        (**self).bounds(trials)
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        (**self).propose(history, stream)
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        (**self).read(history, proposals, replies)
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        (**self).allocate(history, fresh, stream)
    }
}

/// Every reply as an instruction, unless it is empty or known, among the replies or in the history.
pub fn new_texts(history: &History, replies: &[Reply]) -> Vec<Reading> {
    let mut seen = HashSet::new();
    let read = |reply: &Reply| {
        let text = reply.text.as_str();
        let known = history.find(text).is_some() || !seen.insert(text.to_owned());
        vec![match text {
            "" => Found::dropped("", "empty"),
            text if known => Found::dropped(text, "known already"),
            text => Found::new(text),
        }]
    };
    replies.iter().map(read).collect()
}

/// Every reply as an instruction, also when it is empty or known: each is a trial, and an instruction that
/// was scored before costs nothing again.
pub fn every_text(replies: &[Reply]) -> Vec<Reading> {
    replies.iter().map(|reply| vec![Found::new(reply.text.as_str())]).collect()
}
