//! What a budget must cover before a study begins, and when it ends one as planned.

use super::Study;
use crate::budget::{Budget, StopReason};
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
    for (what, line, given, needed) in needs {
        let Some(given) = given.filter(|given| *given < needed) else { continue };
        let message = format!("a budget of {given} {what} does not cover one evaluation");
        return Err(Error::budget(message)
            .with_help(format!("one evaluation needs {needed} {what}; raise the budget"))
            .with_setting(Setting::Budget(line)));
    }
    Ok(())
}

impl Study {
    /// Why the search is over before a further step: an instruction is good enough; all trials were run, and
    /// none is partial; or the time is up.
    pub(super) fn planned_end(&self) -> Option<StopReason> {
        let budget = self.ledger().budget();
        let is_over = self.trials_left() == 0 && self.outcome.history.partial().next().is_none();
        let elapsed = self.started.elapsed().as_secs_f64();
        let best = self.outcome.history.best().and_then(Trial::score);
        let is_reached = |score: f64| best.is_some_and(|best| best >= score);
        match budget.seconds {
            _ if budget.score.is_some_and(is_reached) => Some(StopReason::Score),
            _ if is_over => Some(StopReason::Trials),
            Some(limit) if elapsed >= limit => Some(StopReason::Seconds),
            _ => None,
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

    /// Keeps the money for the assessment out of the search's reach.
    pub(super) fn reserve_for_the_assessment(&self) -> Result<()> {
        if self.ledger().budget().usd.is_some() {
            self.ledger().set_aside(self.worst_case_of_the_assessment()?.usd);
        }
        Ok(())
    }
}
