//! What a study may use at the most, before anything is spent.

use std::iter::Sum;
use std::ops::Add;

use serde::Serialize;

use super::Study;
use crate::evaluator::WorstCase;
use crate::model::GenerationRequest;
use crate::task::Example;
use crate::usage::Cost;
use crate::{Error, Result};

/// The worst case of a study by role: nothing answered from the cache, every text and every answer as
/// long as allowed, a token for every byte of a prompt. Attempts that have to be repeated come on
/// top; the budget holds with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Trials.
    pub trials: u64,
    /// The search's texts from the generator.
    pub generator: Cost,
    /// The search's calls to the target.
    pub target: Cost,
    /// The search's calls to the judge.
    pub judge: Cost,
    /// The scoring of winner and baselines after the search.
    pub assessment: Cost,
}

impl Add for Forecast {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            trials: self.trials.saturating_add(other.trials),
            generator: self.generator + other.generator,
            target: self.target + other.target,
            judge: self.judge + other.judge,
            assessment: self.assessment + other.assessment,
        }
    }
}

impl Sum for Forecast {
    fn sum<I: Iterator<Item = Self>>(forecasts: I) -> Self {
        forecasts.fold(Self::default(), Add::add)
    }
}

impl Study {
    /// The worst case of this study from its beginning.
    ///
    /// # Errors
    /// [`Error::is_budget`] when nothing limits the number of trials.
    pub fn forecast(&self) -> Result<Forecast> {
        let evaluation = self.worst_case_of_an_evaluation()?;
        let trials = self.most_trials(evaluation.target.calls)?;
        let texts = self.config.method.most_generations(trials);
        let text = self.generator.road.cost(1, self.longest_request()?.worst_case());
        Ok(Forecast {
            trials,
            generator: text.times(texts),
            target: evaluation.target.times(trials),
            judge: evaluation.judge.times(trials),
            assessment: self.worst_case_of_the_assessment()?,
        })
    }

    /// The longest thing that the generator is asked.
    pub(super) fn longest_request(&self) -> Result<GenerationRequest> {
        match self.config.method.longest_meta_prompt(&self.evaluator.task.dev) {
            Some(asked) => self.meta_prompt_request(&asked),
            None => self.manual_request(),
        }
    }

    /// The worst case of scoring the longest instruction on the dev examples.
    pub(super) fn worst_case_of_an_evaluation(&self) -> Result<WorstCase> {
        let instruction = "x".repeat(self.longest_instruction());
        let dev: Vec<&Example> = self.dev_examples(None).into_iter().map(|(_, e)| e).collect();
        self.evaluator.worst_case(&instruction, &dev, self.meter.policy())
    }

    /// The most bytes of an instruction: what the method allows, or four a token.
    pub(super) fn longest_instruction(&self) -> usize {
        let allowed = self.config.method.longest_instruction();
        allowed.unwrap_or(4 * self.config.generator.max_tokens)
    }

    fn most_trials(&self, calls_a_trial: u64) -> Result<u64> {
        let budget = self.meter.ledger().budget();
        let by_calls = budget.target_calls.map(|calls| calls / calls_a_trial.max(1));
        let limits = budget.trials.into_iter().chain(by_calls);
        limits.min().ok_or_else(|| {
            Error::budget("nothing limits the number of trials, so there is no worst case")
                .with_help("give --budget-trials or --budget-target-calls")
        })
    }
}
