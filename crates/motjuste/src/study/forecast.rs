//! What a study may use at the most, before anything is spent.

use std::iter::Sum;
use std::ops::Add;

use serde::Serialize;

use super::Study;
use super::evaluator::WorstCase;
use crate::budget::StopReason;
use crate::cost::Cost;
use crate::error::Setting;
use crate::example::Example;
use crate::journal::StudyConfig;
use crate::method::Needs;
use crate::model::TEMPLATE_TOKENS;
use crate::usage::Usage;
use crate::{Error, Result};

/// The worst case of a study by role: nothing answered from the cache, every text and every answer as
/// long as allowed, a token for every byte of a prompt. Attempts that have to be repeated come on
/// top; the budget holds with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// The rows without which nothing begins: all of them for the prompt in use, else those that a trial begins with.
pub(super) fn rows_of_the_first_trial(config: &StudyConfig, needs: &Needs) -> usize {
    match config.task.start.is_empty() {
        true => needs.first_rows.min(config.task.dev),
        false => config.task.dev,
    }
}

impl Study {
    /// The worst case of this study from its beginning.
    ///
    /// # Errors
    /// [`Error::is_budget`] when nothing limits the number of trials.
    pub fn forecast(&self) -> Result<Forecast> {
        let evaluation = self.worst_case_of_an_evaluation()?;
        let trials = self.most_trials()?;
        let whole = self.most_evaluations(trials, evaluation.target.calls);
        let text = self.generator.cost(1, self.worst_request(trials)?);
        let texts = self.method.bounds(trials).replies;
        let examined = self.worst_case_of_examinations(trials)?;
        Ok(Forecast {
            trials,
            generator: text.times(texts),
            target: evaluation.target.times(whole) + examined.target,
            judge: evaluation.judge.times(whole) + examined.judge,
            assessment: self.worst_case_of_the_assessment()?,
        })
    }

    /// The most that writing one instruction and beginning to score it can cost.
    pub(super) fn worst_case_of_a_trial(&self) -> Result<Cost> {
        let written = self.generator.cost(1, self.worst_request(1)?);
        let mut first = self.dev_examples();
        first.truncate(rows_of_the_first_trial(&self.config, &self.method.needs()));
        let instruction = "x".repeat(self.longest_instruction());
        Ok(written + self.worst_case_of(&instruction, &first)?)
    }

    /// The most that one text of the generator can use.
    fn worst_request(&self, trials: u64) -> Result<Usage> {
        let bounds = self.method.bounds(trials);
        if let Some(computation) = bounds.computation {
            return self.worst_computation(computation);
        }
        let Some(prompt) = bounds.prompt else {
            return Ok(self.manual_request()?.worst_case());
        };
        let task = &self.evaluator.task;
        let shown = longest_rows(task.train().iter().chain(task.dev()), prompt.rows);
        let more = self.longest_instruction() - self.allowed_instruction();
        let described = if prompt.describes_task { task.in_words().len() } else { 0 };
        Ok(Usage {
            tokens_in: (prompt.bytes
                + shown
                + prompt.instructions * more
                + described
                + TEMPLATE_TOKENS) as u64,
            tokens_out: prompt.max_tokens as u64,
        })
    }

    /// The worst case of scoring the longest instruction on the dev examples.
    pub(super) fn worst_case_of_an_evaluation(&self) -> Result<WorstCase> {
        self.evaluator.worst_case(&"x".repeat(self.longest_instruction()), &self.dev_examples())
    }

    /// The worst case of the train rows that the method examines trials on: each as dear as the dearest.
    fn worst_case_of_examinations(&self, trials: u64) -> Result<WorstCase> {
        let rows = self.method.bounds(trials).examined_rows;
        let train = self.evaluator.task.train();
        let longest = train.iter().max_by_key(|row| row.input.len()).filter(|_| rows > 0);
        let Some(longest) = longest else { return Ok(WorstCase::default()) };
        let one = self.evaluator.worst_case(&"x".repeat(self.longest_instruction()), &[longest])?;
        Ok(WorstCase { target: one.target.times(rows), judge: one.judge.times(rows) })
    }

    /// As how many whole evaluations these trials may cost: the calls that are left for them may cover fewer.
    pub(super) fn most_evaluations(&self, trials: u64, calls_an_evaluation: u64) -> u64 {
        let cap = self.ledger().budget().target_calls;
        let by_calls = cap.map(|calls| calls.div_ceil(calls_an_evaluation.max(1)));
        by_calls.map_or(trials, |evaluations| evaluations.min(trials))
    }

    /// The dev examples that score an instruction.
    pub(super) fn dev_examples(&self) -> Vec<&Example> {
        let (rows, dev) = (self.outcome.history.rows(), self.evaluator.task.dev());
        rows.iter().filter_map(|&row| dev.get(row)).collect()
    }

    /// The most bytes of an instruction: what the method allows, or four a token.
    pub(super) fn longest_instruction(&self) -> usize {
        let start = self.config.task.start.iter().map(String::len).max().unwrap_or(0);
        // Twice the characters of the prompt in use, four bytes each.
        self.most_words().max(8 * start) + self.most_shown()
    }

    /// The most bytes of an instruction where the prompt in use is short.
    pub(super) fn allowed_instruction(&self) -> usize {
        self.most_words() + self.most_shown()
    }

    /// The most bytes of an instruction without what it shows of rows, where the prompt in use is short.
    pub(super) fn most_words(&self) -> usize {
        let allowed = self.method.bounds(1).instruction_bytes;
        allowed.unwrap_or(4 * self.config.generator.max_tokens)
    }

    /// The most bytes of the train rows that an instruction shows.
    fn most_shown(&self) -> usize {
        longest_rows(self.evaluator.task.train().iter(), self.method.bounds(1).instruction_rows)
    }

    /// How many trials may begin: each takes the rows that its method begins with.
    pub(super) fn most_trials(&self) -> Result<u64> {
        let budget = self.ledger().budget();
        let rows = self.method.needs().first_rows.min(self.outcome.history.rows().len()) as u64;
        let calls_a_trial = rows * self.evaluator.answers.sampling.calls();
        let by_calls = budget.target_calls.map(|calls| calls / calls_a_trial.max(1));
        let limits = budget.trials.into_iter().chain(by_calls);
        limits.min().ok_or_else(|| {
            Error::budget("nothing limits the number of trials, so there is no worst case")
                .with_help("limit the trials or the target calls")
                .with_setting(Setting::Budget(StopReason::Trials))
        })
    }
}

/// The bytes of so many of these rows, the longest of them.
fn longest_rows<'a>(rows: impl Iterator<Item = &'a Example>, count: usize) -> usize {
    let length = |row: &Example| row.input.len() + row.outputs.first().map_or(0, String::len);
    let mut lengths: Vec<usize> = rows.map(length).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths.iter().take(count).sum()
}
