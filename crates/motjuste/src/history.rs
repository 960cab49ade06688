//! What a study knows so far: a fold of its round events, and nothing else.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::Generation;
use crate::proposal::{GenerationId, Proposal};
use crate::trial::{Evaluation, Trial, TrialState};

/// One ask, what the generator made of it, and the trials that were paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// The round's number, from 0.
    pub index: usize,
    /// What the optimizer asked for.
    pub proposals: Vec<Proposal>,
    /// What became of each proposal, in the same order.
    pub generations: Vec<Generation>,
    /// The instructions that were selected, in order of trial number.
    pub trials: Vec<Trial>,
}

impl Round {
    /// Whether the budget ended before the round did.
    pub fn is_cut(&self) -> bool {
        self.trials.iter().any(|trial| trial.state == TrialState::Waiting)
    }
}

/// Everything an optimizer may look at: the rounds so far.
#[derive(Debug, Clone, Default)]
pub struct History {
    rounds: Vec<Round>,
    first: HashMap<String, (usize, usize)>,
}

impl History {
    /// A history without rounds.
    ///
    /// ```
    /// assert!(motjuste::history::History::new().best().is_none());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a round. A round with the number of the last one takes its place: that is how a study
    /// completes, under a larger budget, the round that its old budget cut.
    pub fn push(&mut self, round: Round) {
        if self.rounds.last().is_some_and(|last| last.index == round.index) {
            self.rounds.pop();
        }
        let position = self.rounds.len();
        for (index, trial) in round.trials.iter().enumerate() {
            if trial.state == TrialState::Complete {
                self.first.entry(trial.instruction.clone()).or_insert((position, index));
            }
        }
        self.rounds.push(round);
    }

    /// The rounds, in order.
    pub fn rounds(&self) -> &[Round] {
        &self.rounds
    }

    /// Every trial, in order.
    pub fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.rounds.iter().flat_map(|round| &round.trials)
    }

    /// The complete trials with their evaluations, in order; repeats included.
    pub fn complete(&self) -> impl Iterator<Item = (&Trial, &Evaluation)> {
        self.trials()
            .filter(|trial| trial.state == TrialState::Complete)
            .filter_map(|trial| trial.evaluation.as_ref().map(|evaluation| (trial, evaluation)))
    }

    /// The first complete trial of this instruction.
    pub fn find(&self, instruction: &str) -> Option<&Trial> {
        let (round, trial) = *self.first.get(instruction)?;
        Some(&self.rounds[round].trials[trial])
    }

    /// The number of distinct instructions with a complete trial.
    pub fn distinct_instructions(&self) -> usize {
        self.first.len()
    }

    /// The best complete trial: highest score, then earliest.
    pub fn best(&self) -> Option<&Trial> {
        self.complete()
            .map(|(trial, _)| trial)
            .reduce(|best, trial| if trial.score() > best.score() { trial } else { best })
    }

    /// The best complete trial, the latest of equals: what InstructZero's code reports.
    pub fn latest_best(&self) -> Option<&Trial> {
        self.complete()
            .map(|(trial, _)| trial)
            .reduce(|best, trial| if trial.score() >= best.score() { trial } else { best })
    }

    /// The number of trials that were evaluated, wholly or in part.
    pub fn evaluated_trials(&self) -> usize {
        self.trials().filter(|trial| trial.state != TrialState::Waiting).count()
    }

    /// Every generation so far with its place and the proposal it came from.
    pub fn generations(&self) -> impl Iterator<Item = (GenerationId, &Proposal, &Generation)> {
        self.rounds.iter().flat_map(|round| {
            let pairs = round.proposals.iter().zip(&round.generations).enumerate();
            pairs.map(|(index, (proposal, generation))| {
                (GenerationId { round: round.index, index }, proposal, generation)
            })
        })
    }

    /// The proposal and the generation at `id`.
    pub fn generation(&self, id: GenerationId) -> Option<(&Proposal, &Generation)> {
        let round = self.rounds.get(id.round)?;
        Some((round.proposals.get(id.index)?, round.generations.get(id.index)?))
    }
}
