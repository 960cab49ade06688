//! The methods: each decides what to try next, from the history alone.
//!
//! An optimizer never talks to a model. It is a function of its configuration, the history and a
//! named random stream, so a study that is killed and resumed takes the path it would have taken.
//! A new method is one file here and one line in [`OptimizerConfig`].

mod instructzero;
mod motjuste;
pub mod opro;
mod pool;
mod random_pick;
mod uniform;

pub use instructzero::{Acquisition, InstructZeroConfig, InstructionKernel, StartBox, Ties};
pub use motjuste::{Features, MotjusteConfig};
pub use opro::OproConfig;
use opro::{Layout, MetaPrompt, Opro, TargetPrompt};
pub use pool::PoolConfig;
pub use random_pick::RandomPickConfig;
pub use uniform::UniformConfig;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::example::Example;
use crate::history::{History, Round};
use crate::model::Generation;
use crate::proposal::Proposal;
use crate::random::Stream;

/// Decides what to try next.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::optimizer::{Optimizer, OptimizerConfig, UniformConfig};
/// use motjuste::random::Streams;
/// let mut optimizer = OptimizerConfig::Uniform(UniformConfig::default()).build();
/// let proposals = optimizer.ask(&History::new(), &mut Streams::new(0).stream("ask", 0)).unwrap();
/// assert_eq!(proposals.len(), 25);
/// ```
pub trait Optimizer: Send {
    /// What to generate next. No proposal means that there is nothing left to try.
    ///
    /// # Errors
    /// [`Error::is_numerics`](crate::Error::is_numerics) when a model of the history cannot be fitted.
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>>;

    /// Which of the generated texts are worth paid calls, by index and in order.
    ///
    /// By default: those not evaluated yet, each once.
    fn select(&mut self, history: &History, generated: &[Generation]) -> Vec<usize> {
        let mut taken = HashSet::new();
        let is_new = |index: &usize| {
            let text = generated[*index].text.as_str();
            !text.is_empty() && history.find(text).is_none() && taken.insert(text)
        };
        (0..generated.len()).filter(is_new).collect()
    }

    /// The instruction in a generated text: the text itself, unless the method asked for more words.
    fn instruction(&self, _proposal: &Proposal, text: &str) -> String {
        text.to_owned()
    }

    /// Learns of a whole round. By default nothing: the history holds it.
    fn tell(&mut self, _round: &Round) {}
}

/// A method and its settings, as a study writes them down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptimizerConfig {
    /// Our own: decode many soft prompts, model the instructions, pay for few.
    Motjuste(MotjusteConfig),
    /// InstructZero (arXiv 2306.03082).
    Instructzero(InstructZeroConfig),
    /// Independent uniform soft prompts: the baseline that InstructZero is compared with.
    Uniform(UniformConfig),
    /// Instructions drawn at random from the pool that `motjuste` decodes: its control.
    RandomPick(RandomPickConfig),
    /// OPRO (arXiv 2309.03409).
    Opro(OproConfig),
}

impl OptimizerConfig {
    /// The methods by the names of the command line, in their default settings.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "motjuste" => Self::Motjuste(MotjusteConfig::default()),
            "instructzero" => Self::Instructzero(InstructZeroConfig::default()),
            "instructzero-compat" => Self::Instructzero(InstructZeroConfig::compat()),
            "uniform" => Self::Uniform(UniformConfig::default()),
            "random-pick" => Self::RandomPick(RandomPickConfig::default()),
            "opro" => Self::Opro(OproConfig::default()),
            "opro-gsm8k" => Self::Opro(OproConfig::gsm8k()),
            "opro-bbh" => Self::Opro(OproConfig::bbh()),
            "opro-mmlu" => Self::Opro(OproConfig::mmlu()),
            _ => return None,
        })
    }

    /// Every name that [`Self::named`] knows.
    pub const NAMES: [&'static str; 9] = [
        "motjuste",
        "instructzero",
        "instructzero-compat",
        "uniform",
        "random-pick",
        "opro",
        "opro-gsm8k",
        "opro-bbh",
        "opro-mmlu",
    ];

    /// The name of the method.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Motjuste(_) => "motjuste",
            Self::Instructzero(config) if *config == InstructZeroConfig::compat() => {
                "instructzero-compat"
            }
            Self::Instructzero(_) => "instructzero",
            Self::Uniform(_) => "uniform",
            Self::RandomPick(_) => "random-pick",
            Self::Opro(config) if *config == OproConfig::gsm8k() => "opro-gsm8k",
            Self::Opro(config) if *config == OproConfig::bbh() => "opro-bbh",
            Self::Opro(config) if *config == OproConfig::mmlu() => "opro-mmlu",
            Self::Opro(_) => "opro",
        }
    }

    /// Refuses settings that cannot be used together.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) naming the setting to change.
    pub fn checked(&self) -> Result<()> {
        match self {
            Self::Opro(config) => config.checked(),
            _ => Ok(()),
        }
    }

    /// The optimizer with these settings.
    pub fn build(&self) -> Box<dyn Optimizer> {
        match self.clone() {
            Self::Motjuste(config) => Box::new(motjuste::Motjuste::new(config)),
            Self::Instructzero(config) => Box::new(instructzero::InstructZero::new(config)),
            Self::Uniform(config) => Box::new(uniform::Uniform::new(config)),
            Self::RandomPick(config) => Box::new(random_pick::RandomPick::new(config)),
            Self::Opro(config) => Box::new(Opro::new(config)),
        }
    }

    /// Whether the method looks at hidden-state features of the instructions.
    pub fn wants_features(&self) -> bool {
        matches!(self, Self::Motjuste(config) if config.features.wants_hidden_states())
    }

    /// Whether the method searches among soft prompts, so that its generator must read them, with
    /// demonstrations from the train split behind them.
    pub fn wants_soft_prompts(&self) -> bool {
        !matches!(self, Self::Opro(_))
    }

    /// How many train examples the method cannot do without: none where the generator is asked in words.
    pub fn train_demonstrations(&self) -> usize {
        if self.wants_soft_prompts() { self.demonstrations() } else { 0 }
    }

    /// The layout of the target's prompt, where the method words it and not the task.
    pub fn target_layout(&self) -> Option<Layout> {
        match self {
            Self::Opro(config) if config.prompt == TargetPrompt::Layout => Some(config.layout),
            _ => None,
        }
    }

    /// How many demonstrations the generator reads: 5 in the paper, 10 in its code.
    pub fn demonstrations(&self) -> usize {
        match self {
            Self::Instructzero(config) => config.demonstrations,
            _ => 5,
        }
    }

    /// How many texts the generator writes for this many trials, when none comes out empty.
    pub fn most_generations(&self, trials: u64) -> u64 {
        let rounded = |batch: usize| trials.next_multiple_of(batch.max(1) as u64);
        match self {
            Self::Motjuste(config) => config.pool.size as u64,
            Self::RandomPick(config) => config.size as u64,
            Self::Uniform(config) => rounded(config.batch),
            Self::Instructzero(config) => {
                let start = config.start as u64;
                let more = trials.saturating_sub(start);
                start + more.next_multiple_of(config.batch.max(1) as u64)
            }
            Self::Opro(config) => {
                let replies = trials.saturating_sub(config.initial.len() as u64);
                let most = config.steps.saturating_mul(config.batch) as u64;
                replies.next_multiple_of(config.batch.max(1) as u64).min(most)
            }
        }
    }

    /// A meta-prompt no shorter than any of the method's, if it asks by meta-prompt.
    pub fn longest_meta_prompt(&self, scored: &[Example]) -> Option<MetaPrompt> {
        match self {
            Self::Opro(config) => Some(Opro::new(config.clone()).longest_meta_prompt(scored)),
            _ => None,
        }
    }

    /// The most bytes of an instruction, where the method drops longer ones.
    pub fn longest_instruction(&self) -> Option<usize> {
        match self {
            Self::Opro(config) => Some(config.longest_in_bytes()),
            _ => None,
        }
    }

    /// Whether every new instruction gets dev examples of its own, as in InstructZero's code.
    pub fn redraws_dev(&self) -> bool {
        matches!(self, Self::Instructzero(config) if config.redraw_dev)
    }

    /// Which of equally good instructions is the result.
    pub fn ties(&self) -> Ties {
        match self {
            Self::Instructzero(config) => config.ties,
            _ => Ties::Earliest,
        }
    }
}
