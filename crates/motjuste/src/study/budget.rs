//! What a budget must cover before a study begins, and when it ends one as planned.

use std::time::Duration;

use super::Study;
use crate::budget::{Budget, Role, StopReason};
use crate::error::Setting;
use crate::history::Trial;
use crate::{Error, Result};

/// Refuses a budget under which not one instruction can be evaluated.
pub(super) fn refuse_below_one_trial(budget: &Budget, calls: u64) -> Result<()> {
    let needs = [
        ("trials", StopReason::Trials, budget.trials, 1),
        ("generator calls", StopReason::GeneratorCalls, budget.generator_calls, 1),
        ("target calls", StopReason::TargetCalls, budget.target_calls, calls),
    ];
    refuse_no_time(budget)?;
    for (what, line, given, needed) in needs {
        let Some(given) = given.filter(|given| *given < needed) else { continue };
        let message = format!("a budget of {given} {what} does not cover one evaluation");
        return Err(Error::budget(message)
            .with_help(format!("one evaluation needs {needed} {what}; raise the budget"))
            .with_setting(Setting::Budget(line)));
    }
    Ok(())
}

fn refuse_no_time(budget: &Budget) -> Result<()> {
    let Some(seconds) = budget.seconds.filter(|seconds| seconds.is_nan() || *seconds <= 0.0) else {
        return Ok(());
    };
    Err(Error::budget(format!("a budget of {seconds} seconds is no time"))
        .with_help("give a number of seconds above 0, or no limit")
        .with_setting(Setting::Budget(StopReason::Seconds)))
}

impl Study {
    /// Why the search is over before a further step: an instruction is good enough; all trials were run, and
    /// none is partial; or the time is up.
    pub(super) fn planned_end(&self) -> Option<StopReason> {
        let is_over = self.trials_left() == 0 && self.outcome.history.partial().next().is_none();
        let best = self.outcome.history.best().and_then(Trial::score);
        let is_reached = |score: f64| best.is_some_and(|best| best >= score);
        match self.ledger().is_time_up(Role::Target) {
            _ if self.ledger().budget().score.is_some_and(is_reached) => Some(StopReason::Score),
            _ if is_over => Some(StopReason::Trials),
            true => Some(StopReason::Seconds),
            false => None,
        }
    }

    /// Refuses a cap on money under which not one instruction can be evaluated and proven.
    pub(super) fn refuse_money_below_one_trial(&self) -> Result<()> {
        let Some(cap) = self.ledger().budget().usd else { return Ok(()) };
        let needed = self.worst_case_of_a_trial()?.usd + self.worst_case_of_the_assessment()?.usd;
        if needed <= cap {
            return Ok(());
        }
        let message = format!("a budget of {cap} does not cover one evaluation and its proof");
        Err(Error::budget(message)
            .with_help(format!(
                "that may take {needed} at the worst; raise the budget, or have fewer examples"
            ))
            .with_setting(Setting::Budget(StopReason::Usd)))
    }

    /// Keeps the money and the time for the assessment out of the search's reach.
    pub(super) fn reserve_for_the_assessment(&self) -> Result<()> {
        self.reserve_time_for_the_assessment();
        if self.ledger().budget().usd.is_some() {
            self.ledger().set_aside(self.worst_case_of_the_assessment()?.usd);
        }
        Ok(())
    }

    /// Keeps the time for the assessment out of the search's reach.
    pub(super) fn reserve_time_for_the_assessment(&self) {
        self.ledger().set_time_aside(self.time_of_the_assessment());
    }

    /// How long the assessment takes at the pace of the search so far; nothing is known before its first answer.
    fn time_of_the_assessment(&self) -> Duration {
        let account = self.ledger().account().target;
        let answers = (account.calls + account.cache_hits).saturating_sub(self.answers_before);
        let answer = self.started.elapsed().as_secs_f64() / answers.max(1) as f64;
        let open = if answers == 0 { 0 } else { self.answers_of_the_assessment() };
        Duration::try_from_secs_f64(answer * open as f64).unwrap_or(Duration::MAX)
    }
}
