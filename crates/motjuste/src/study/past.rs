//! A study under a smaller budget than it has run for: what it was when that budget ended.
//!
//! Its first steps are those of its journal. The step in which the smaller budget ends is taken once more,
//! as it was taken then: same history, same stream, so same proposals; and its responses are kept. So it is,
//! call by call, the study that has never run for more. Nothing of it is written down: the journal has the
//! larger one.

use crate::budget::{Account, Budget, Spending};
use crate::history::Step;
use crate::journal::{Event, Outcome, StudyConfig, replay};

/// What a study did beyond its present budget.
#[derive(Debug)]
pub(super) struct Past {
    /// The number of the event that completed each step: its responses were paid for on the way to it.
    sequences: Vec<usize>,
    /// The number of the first event that is worked towards again: what was paid for from it on is paid for
    /// when it is asked for first.
    pub since: usize,
    /// The number of the event that the journal has next.
    end: usize,
    /// Trials that it was run for.
    pub trials: usize,
}

/// A step that is written down.
struct Written {
    first: usize,
    last: usize,
    step: Step,
    account: Account,
}

impl Past {
    /// What lies beyond `budget`, and the study as far as that covers whole steps; none where the events go
    /// no further than the budget.
    pub fn beyond(
        config: &StudyConfig,
        events: &[Event],
        budget: &Budget,
    ) -> Option<(Self, Outcome)> {
        let whole = replay(config, events.to_vec());
        if !exceeds(&whole, budget) {
            return None;
        }
        let written = written(events);
        let kept = whole_steps(&whole, &written, budget);
        let past = Self {
            sequences: written.iter().map(|step| step.last).collect(),
            since: written.get(kept).map_or(events.len(), |step| step.first),
            end: events.len(),
            trials: whole.history.evaluated_trials(),
        };
        let kept = written.into_iter().take(kept).map(Written::event).collect();
        Some((past, replay(config, kept)))
    }

    /// The event that step number `step` is worked towards; without one, that after all that is written down.
    pub fn sequence(&self, step: Option<usize>) -> usize {
        step.and_then(|step| self.sequences.get(step)).copied().unwrap_or(self.end)
    }
}

impl Written {
    /// The step as an event of a study that was not assessed before.
    fn event(self) -> Event {
        let account = Account { assessment: Spending::default(), ..self.account };
        Event::Step { step: self.step, account }
    }
}

/// Whether the search went on after this budget would have ended it. Calls that were lost are on the bill of
/// a study, and no reason to cut it.
fn exceeds(whole: &Outcome, budget: &Budget) -> bool {
    let (history, account) = (&whole.history, &whole.account);
    let over = |cap: Option<u64>, used: u64| cap.is_some_and(|cap| used > cap);
    let answered = |spent: &Spending| spent.calls.saturating_sub(spent.lost);
    let search = [&account.target, &account.generator, &account.judge];
    let is_exact = search.iter().all(|spent| spent.lost == 0);
    let tokens = search.iter().map(|spent| spent.tokens()).sum();
    let money = budget.usd.is_some_and(|cap| account.usd() > cap);
    whole.stopped_under() != Some(budget)
        && (over(budget.trials, history.evaluated_trials() as u64)
            || over(budget.target_calls, answered(&account.target))
            || over(budget.generator_calls, answered(&account.generator))
            || is_exact && (over(budget.tokens, tokens) || money)
            || budget.score.is_some_and(|score| went_on_after(whole, score)))
}

/// Whether a step was taken after a trial had this score.
fn went_on_after(whole: &Outcome, score: f64) -> bool {
    let last = whole.history.steps().len().saturating_sub(1);
    let mut trials = whole.history.trials().iter();
    trials.any(|trial| trial.step < last && trial.score().is_some_and(|reached| reached >= score))
}

/// The steps in order, each as it was completed.
fn written(events: &[Event]) -> Vec<Written> {
    let mut steps: Vec<Written> = Vec::new();
    for (sequence, event) in events.iter().enumerate() {
        let Event::Step { step, account } = event else { continue };
        let first = steps.get(step.index).map_or(sequence, |cut| cut.first);
        let found = Written { first, last: sequence, step: step.clone(), account: *account };
        match steps.get_mut(step.index) {
            Some(cut) => *cut = found,
            None => steps.push(found),
        }
    }
    steps
}

/// How many steps a budget covers wholly, and does not end with. Trials alone say so; with other lines of a
/// budget it takes the worst case of every step, so all steps are taken again.
fn whole_steps(whole: &Outcome, written: &[Written], budget: &Budget) -> usize {
    let Some(limit) = budget.trials.filter(|_| is_of_trials_alone(budget)) else { return 0 };
    let trials = whole.history.trials();
    let begun = |step: usize| trials.partition_point(|trial| trial.step <= step) as u64;
    let is_kept = |&index: &usize| {
        let before = index.checked_sub(1).map_or(0, begun);
        before < limit && begun(index) <= limit && !written[index].step.is_cut()
    };
    (0..written.len()).take_while(is_kept).count()
}

fn is_of_trials_alone(budget: &Budget) -> bool {
    let others = Budget { trials: None, seconds: None, ..*budget };
    others == Budget { trials: None, ..Budget::default() }
}
