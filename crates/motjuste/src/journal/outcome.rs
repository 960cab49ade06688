//! A study's state: the fold of its events.

use std::sync::Arc;

use super::assessment::Assessment;
use super::config::StudyConfig;
use super::event::Event;
use crate::budget::{Account, Budget, StopReason};
use crate::history::{History, Trial};
use crate::method::Choice;

/// What a study has come to so far.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it is a study of.
    pub config: StudyConfig,
    /// Its steps, candidates and trials.
    pub history: Arc<History>,
    /// What it has used.
    pub account: Account,
    /// Why the search ended, once it has.
    pub stop_reason: Option<StopReason>,
    /// Seconds of wall time of the process that ended the search.
    pub seconds: f64,
    /// The winner and the baselines on the test examples, once scored.
    pub assessment: Option<Assessment>,
    budget: Option<Budget>,
}

/// The state after `events`.
pub fn replay(config: &StudyConfig, events: Vec<Event>) -> Outcome {
    let mut outcome = Outcome {
        config: config.clone(),
        history: Arc::new(
            History::scored_on(config.rows(0))
                .with_train_rows(config.task.train)
                .starting_with(config.task.start.clone()),
        ),
        account: Account::default(),
        stop_reason: None,
        seconds: 0.0,
        assessment: None,
        budget: None,
    };
    events.into_iter().for_each(|event| outcome.apply(event));
    outcome
}

impl Outcome {
    /// The result of the search, chosen as the method has it; but a prompt that the person has in use gives way
    /// only to a better one.
    pub fn winner(&self) -> Option<&Trial> {
        chosen(&self.config, &self.history)
    }

    /// The state after one more event.
    ///
    /// ```
    /// use motjuste::journal::{Event, Outcome};
    /// /// Follows a study that is running somewhere else.
    /// fn follow(outcome: &mut Outcome, new: Vec<Event>) {
    ///     new.into_iter().for_each(|event| outcome.apply(event));
    /// }
    /// ```
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Created { config } => self.config = *config,
            Event::Step { step, account } => {
                Arc::make_mut(&mut self.history).push(step);
                self.account = account;
                self.stop_reason = None;
                self.budget = None;
                self.assessment = None;
            }
            Event::Stopped { reason, budget, account, seconds } => {
                self.stop_reason = Some(reason);
                self.budget = Some(budget);
                self.account = account;
                self.seconds = seconds;
            }
            Event::Assessed(assessment) => {
                self.account = assessment.account;
                self.assessment = Some(*assessment);
            }
        }
    }

    /// The budget under which the search ended, once it has.
    pub fn stopped_under(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }
}

/// The trial of a history that is the result, where the search ends there.
pub(super) fn chosen<'h>(config: &StudyConfig, history: &'h History) -> Option<&'h Trial> {
    match config.choice {
        Choice::Latest if config.task.start.is_empty() => history.latest_best(),
        Choice::Earliest | Choice::Latest => history.best(),
        Choice::PosteriorMean => history.most_promising(),
    }
}
