//! A race in a study: trials grow, are given up, and are counted once.

use std::collections::BTreeSet;
use std::sync::Arc;

use motjuste::budget::StopReason;
use motjuste::conformance::Dying;
use motjuste::history::{Trial, TrialState};
use motjuste::journal::Outcome;
use motjuste::model::Scripted;
use motjuste::report::{Report, TrialLine};
use motjuste::storage::{InMemory, Storage};
use motjuste::study::StudyBuilder;

use crate::race::{LINES, Race, write_lines};
use crate::world::{run, same, searched_by, within};

fn race(storage: Arc<dyn Storage>, trials: u64) -> StudyBuilder {
    searched_by(Race::default(), storage, trials).generator(Scripted::new("lines", write_lines))
}

fn store() -> Arc<InMemory> {
    Arc::new(InMemory::default())
}

fn rows(trial: &Trial) -> usize {
    trial.evaluation.as_ref().map_or(0, |it| it.per_example.len())
}

fn in_state(outcome: &Outcome, state: TrialState) -> Vec<&Trial> {
    outcome.history.trials().iter().filter(|trial| trial.state == state).collect()
}

#[tokio::test]
async fn trials_grow_or_are_given_up_and_only_complete_ones_can_win() {
    let outcome = run(race(store(), 30)).await.unwrap();
    let trials = outcome.history.trials().iter();
    let begun = trials.filter(|trial| trial.state != TrialState::Waiting);
    let sizes: BTreeSet<usize> = begun.map(rows).collect();
    assert_eq!(sizes, [4, 8, 16, 20].into());
    let (pruned, complete) =
        (in_state(&outcome, TrialState::Pruned), in_state(&outcome, TrialState::Complete));
    assert!(pruned.iter().all(|trial| rows(trial) < 20 && trial.score().is_none()));
    assert!(complete.iter().all(|trial| rows(trial) == 20) && !complete.is_empty());
    assert_eq!(pruned.len() + complete.len(), 30, "nothing is left halfway");
    let best = complete.iter().filter_map(|trial| trial.score()).reduce(f64::max);
    assert_eq!(outcome.winner().and_then(Trial::score), best);
    let assessed = outcome.assessment.as_ref().unwrap().winner.as_ref().unwrap();
    assert_eq!(assessed.dev.per_example.len(), 20);
}

#[tokio::test]
async fn a_topped_up_trial_is_counted_once_and_its_rows_are_paid_for_once() {
    let outcome = run(race(store(), 30)).await.unwrap();
    assert_eq!(outcome.stop_reason, Some(StopReason::Trials));
    assert_eq!(outcome.history.evaluated_trials(), 30);
    let paid: usize = outcome.history.trials().iter().map(rows).sum();
    let spent = outcome.account.target;
    assert_eq!((spent.calls, spent.cache_hits), (paid as u64, 0));
    let counts = Report::of("race", &outcome, None).trials;
    assert_eq!(counts.pruned, in_state(&outcome, TrialState::Pruned).len());
    assert_eq!(counts.complete + counts.pruned, 30);
    let lines = TrialLine::all(&outcome);
    assert!(lines.iter().all(|line| line.per_example.len() == line.examples.len()));
}

#[tokio::test]
async fn killed_anywhere_and_resumed_equals_uninterrupted() {
    let whole = run(race(store(), 14)).await.unwrap();
    for writes in (0..320).step_by(7) {
        let kept = store();
        let _ = run(race(Dying::after(writes, kept.clone()), 14)).await;
        same(&run(race(kept, 14)).await.unwrap(), &whole);
    }
}

#[tokio::test]
async fn cut_anywhere_by_its_calls_it_goes_on_as_if_it_had_not_been() {
    let whole = run(race(store(), 14)).await.unwrap();
    let calls = whole.account.target.calls;
    let mut led_partially = false;
    for cap in (20..calls).step_by(9) {
        let kept = store();
        let cut = within(race(kept.clone(), 14), |budget| budget.target_calls = Some(cap));
        let part = run(cut).await.unwrap();
        assert_eq!(part.stop_reason, Some(StopReason::TargetCalls), "{cap}");
        assert!(part.account.target.calls <= cap);
        assert!(part.winner().is_none_or(|winner| winner.state == TrialState::Complete));
        led_partially |= leads_partially(&part);
        let rest = run(race(kept, 14)).await.unwrap();
        assert_eq!(rest.history.steps(), whole.history.steps(), "{cap}");
        assert_eq!(rest.history.trials(), whole.history.trials(), "{cap}");
    }
    assert!(led_partially, "no cut left a partial trial in the lead");
}

/// Whether a trial that is not complete has a higher mean than the winner.
fn leads_partially(outcome: &Outcome) -> bool {
    let Some(best) = outcome.winner().and_then(Trial::score) else { return false };
    let partial = outcome.history.trials().iter().filter(|trial| trial.score().is_none());
    partial.filter_map(|trial| trial.evaluation.as_ref()?.score).any(|score| score > best)
}

#[tokio::test]
async fn more_trials_go_on_with_the_step_that_fewer_cut() {
    let kept = store();
    let few = run(race(kept.clone(), 8)).await.unwrap();
    assert_eq!(few.history.evaluated_trials(), 8);
    assert!(in_state(&few, TrialState::Partial).is_empty(), "the last trials were topped up");
    let more = run(race(kept, 20)).await.unwrap();
    assert_eq!(more.history.evaluated_trials(), 20);
    assert!(in_state(&more, TrialState::Waiting).len() < LINES * 3);
    for (before, after) in few.history.trials().iter().zip(more.history.trials()) {
        let settled = before.state != TrialState::Waiting;
        assert!(!settled || before == after, "trial {} changed", before.id);
    }
    let target = (few.account.target, more.account.target);
    assert!(target.0.calls < target.1.calls);
}

#[tokio::test]
async fn a_method_that_only_repeats_what_is_known_ends() {
    let once = Race { heats: 2, ..Race::default() };
    let ended = searched_by(once, store(), 1000).generator(Scripted::new("lines", write_lines));
    let outcome = run(ended).await.unwrap();
    assert_eq!(outcome.stop_reason, Some(StopReason::Finished));
    assert!(in_state(&outcome, TrialState::Partial).is_empty());
}

#[tokio::test]
async fn a_reply_gives_several_instructions_each_with_its_origin() {
    let outcome = run(race(store(), 14)).await.unwrap();
    let history = &outcome.history;
    let places = history.candidates().iter().map(|candidate| candidate.origin.position);
    assert_eq!(places.collect::<BTreeSet<_>>(), [0, 2].into(), "the comment is no candidate");
    for candidate in history.candidates() {
        let reply = history.reply_of(candidate).unwrap();
        let line = reply.text.lines().nth(candidate.origin.position);
        assert_eq!(line, Some(candidate.instruction.as_str()));
    }
    let found = history.steps().iter().flat_map(|step| step.readings.iter().flatten());
    let comments = found.filter(|found| found.dropped.as_deref() == Some("a comment"));
    let replies: usize = history.steps().iter().map(|step| step.replies.len()).sum();
    assert_eq!(comments.count(), replies);
    assert_eq!(outcome.account.generator.calls, replies as u64);
}
