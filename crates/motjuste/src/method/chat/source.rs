//! Who writes instructions, and which prompts are whose.

use serde::{Deserialize, Serialize};

use crate::history::{Ask, Proposal, Step};

/// Who writes instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From train examples: what turns these inputs into these outputs?
    Induce,
    /// Other wordings of the best instruction so far; of one of its paragraphs where it is long.
    Paraphrase,
    /// From what the best instruction so far gets wrong on train rows; by edits where it is long.
    Reflect,
    /// Of two leaders that are right on different train rows, one that does both; by edits where the first is long.
    Combine,
    /// The best instruction so far with train rows that the target reads as examples. The generator is not asked.
    Demonstrate,
}

impl Source {
    /// The name by which a prompt of this source is known.
    ///
    /// ```
    /// assert_eq!(motjuste::method::Source::Combine.name(), "combine");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Induce => "induce",
            Self::Paraphrase => "paraphrase",
            Self::Reflect => "reflect",
            Self::Combine => "combine",
            Self::Demonstrate => "demonstrate",
        }
    }
}

/// The prompts of a step.
pub(super) fn asks(step: &Step) -> impl Iterator<Item = &Ask> {
    step.proposals.iter().filter_map(|proposal| match proposal {
        Proposal::Ask(ask) => Some(ask.as_ref()),
        _ => None,
    })
}

/// Whether a proposal is one of this source.
pub(super) fn is_of(proposal: &Proposal, source: Source) -> bool {
    match proposal {
        Proposal::Ask(ask) => is_by(ask, source),
        Proposal::Composed(_) => source == Source::Demonstrate,
        _ => false,
    }
}

/// Whether a prompt is one of this source.
pub(super) fn is_by(ask: &Ask, source: Source) -> bool {
    ask.source.as_deref() == Some(source.name())
}
