//! What racing saves, and what it must not change.

use std::sync::Arc;

use motjuste::budget::Budget;
use motjuste::history::{Step, Trial, TrialState};
use motjuste::journal::Outcome;
use motjuste::matrix::{Landscape, Recorded, Replay, ReplaySettings, synthetic};
use motjuste::method::Registry;
use motjuste::model::Model;
use motjuste::study::Study;
use serde_json::json;

/// A random pick from a pool until it is used up, under this rule.
async fn picked(rule: &str, seed: u64) -> Outcome {
    let (task, matrix) = synthetic(50, 40, seed).unwrap();
    let target: Arc<dyn Model> = Arc::new(Recorded::of(&matrix, &task).unwrap());
    let texts = matrix.lines.iter().map(|line| line.wording.instruction.clone()).collect();
    let changes = [("race.rule".to_owned(), json!(rule)), ("pool.size".to_owned(), json!(200))];
    let method = Registry::built_in().method("random-pick", &changes).unwrap();
    let study = Study::of(task, target).generator(Landscape::of("pool", texts, seed));
    let budget = Budget { trials: None, target_calls: Some(100_000), ..Budget::default() };
    let study = study.method(method).seed(seed).dev_examples(None).budget(budget);
    // The baselines are not in the matrix: the search alone.
    let mut study = study.open().await.unwrap();
    while let motjuste::study::Next::Step(step) = study.propose().await.unwrap() {
        let evaluated = study.evaluate(step).await.unwrap();
        study.tell(evaluated.step.unwrap()).await.unwrap();
    }
    study.outcome().clone()
}

fn best(outcome: &Outcome) -> f64 {
    outcome.history.best().unwrap().score().unwrap()
}

#[tokio::test]
async fn a_lossless_race_ends_with_the_winner_that_it_would_have_without_one() {
    for seed in 0..12 {
        let (whole, raced) = (picked("off", seed).await, picked("lossless", seed).await);
        assert_eq!(best(&raced), best(&whole), "{seed}");
        let calls = |outcome: &Outcome| outcome.account.target.calls;
        assert!(calls(&raced) < calls(&whole), "{seed}: {} calls", calls(&raced));
    }
}

#[test]
fn rungs_on_which_everybody_goes_on_are_refused() {
    let all = [("race.eta".to_owned(), json!(1))];
    let error = Registry::built_in().method("random-pick", &all).err().unwrap();
    assert!(error.is_configuration() && error.help().unwrap().contains("race.rule"), "{error}");
}

#[tokio::test]
async fn slack_costs_less_and_loses_little() {
    let mut lost = Vec::new();
    for seed in 0..12 {
        let (lossless, slack) = (picked("lossless", seed).await, picked("slack", seed).await);
        assert!(slack.account.target.calls < lossless.account.target.calls, "{seed}");
        lost.push(best(&lossless) - best(&slack));
    }
    let mean = lost.iter().sum::<f64>() / lost.len() as f64;
    assert!((0.0..0.05).contains(&mean), "{lost:?}");
}

#[tokio::test]
async fn of_those_on_a_rung_the_better_go_on_and_nobody_is_given_up() {
    let halved = picked("halving", 3).await;
    let trials = halved.history.trials();
    assert!(trials.iter().all(|trial| trial.state != TrialState::Pruned));
    // The pool is used up, so in the end everybody who is left goes on, too.
    assert!(trials.iter().all(|trial| trial.state == TrialState::Complete));
    let first: Vec<usize> = halved.history.steps()[..8]
        .iter()
        .flat_map(|step| step.assignments.iter().map(|one| one.rows.len()))
        .collect();
    let of = |rows: usize| first.iter().filter(|count| **count == rows).count();
    assert_eq!(of(4) + of(8) + of(24) + of(4 * 27 - 36), first.len(), "{first:?}");
    assert!(of(4) >= 2 * of(8) && of(8) >= 2 * of(24) && of(24) > 0, "{first:?}");
}

#[tokio::test]
async fn methods_that_ask_in_words_run_on_a_matrix_with_a_writer_of_its_instructions() {
    let (task, matrix) = synthetic(60, 40, 3).unwrap();
    let replay = Replay::new(task, matrix).unwrap();
    let words =
        ["motjuste-chat", "best-of-n", "gepa", "ape", "opro", "mipro", "evoprompt-ga", "capo"];
    for name in words {
        // A matrix has no instruction that shows train rows.
        let alone = [("examples".to_owned(), json!(0))];
        let changes = if name == "capo" { &alone[..] } else { &[] };
        let method = Registry::built_in().method(name, changes).unwrap();
        let course = replay.run(method, &ReplaySettings::of(600)).await.unwrap();
        let end = course.at(600).unwrap();
        assert!(course.in_use.is_some_and(|score| score < course.best), "{name}");
        assert!(end.test > 0.0 && end.trials > 1, "{name}: {end:?}");
        // A call to the writer is a call.
        assert!(
            end.calls > 0 && course.moments.iter().is_sorted_by_key(|moment| moment.calls),
            "{name}"
        );
    }
}

/// Who was unlucky at first gets further rows later, and whoever cannot be the result gets none.
#[tokio::test]
async fn by_bounds_nobody_is_given_up_and_rows_go_to_whoever_may_be_best() {
    let mut returns = 0;
    for seed in 0..6 {
        let outcome = picked("bounds", seed).await;
        let trials = outcome.history.trials();
        assert!(trials.iter().all(|trial| trial.state != TrialState::Pruned));
        let leader = outcome.history.most_promising().unwrap();
        assert_eq!(leader.state, TrialState::Complete, "the pool is used up");
        let rows = |trial: &Trial| trial.evaluation.as_ref().map_or(0, |it| it.per_example.len());
        let barely = trials.iter().filter(|trial| rows(trial) <= 8).count();
        assert!(2 * barely > trials.len(), "{barely} of {} got no more", trials.len());
        returns += trials.iter().filter(|trial| comes_back(&outcome, trial.id)).count();
    }
    assert!(returns > 0, "nobody was met again");
}

/// Whether a trial gets rows after steps without any.
fn comes_back(outcome: &Outcome, trial: usize) -> bool {
    let has = |step: &Step| step.assignments.iter().any(|one| one.trial == trial);
    let steps: Vec<bool> = outcome.history.steps().iter().map(has).collect();
    steps.windows(2).filter(|two| !two[0] && two[1]).count() > 1
}

#[tokio::test]
async fn bounds_find_as_good_a_winner_as_all_rows_for_a_part_of_the_calls() {
    let mut lost = Vec::new();
    for seed in 0..12 {
        let (whole, bounds) = (picked("off", seed).await, picked("bounds", seed).await);
        assert!(2 * bounds.account.target.calls < whole.account.target.calls, "{seed}");
        let found = bounds.history.most_promising().and_then(Trial::score).unwrap();
        lost.push(best(&whole) - found);
    }
    let mean = lost.iter().sum::<f64>() / lost.len() as f64;
    assert!((0.0..0.03).contains(&mean), "{lost:?}");
}

#[test]
fn a_race_by_bounds_without_anybody_new_is_refused() {
    let with = |key: &str, value: f64| {
        let all = [(format!("race.{key}"), json!(value))];
        Registry::built_in().method("random-pick", &all).err().map(|error| error.to_string())
    };
    assert!(with("fresh", 0.0).is_some() && with("fresh", 1.5).is_some());
    assert!(with("bound", -1.0).is_some() && with("bound", 0.0).is_none());
}
