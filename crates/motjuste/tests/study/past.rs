//! A study under a smaller budget than it has run for is its own beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::budget::{Account, Budget, StopReason};
use motjuste::experiment::{Cell, Experiment};
use motjuste::journal::Outcome;
use motjuste::model::Scripted;
use motjuste::storage::{InMemory, Journal};
use motjuste::study::StudyBuilder;

use crate::race::{Race, write_lines};
use crate::world::{
    answer, method, of_task, run, same, searched_by, setup, target, task, tireless, within,
};

/// The same search, and the same held-out scores, whoever paid for these.
fn same_search(found: &Outcome, fresh: &Outcome, name: &str) {
    assert_eq!(found.stop_reason, fresh.stop_reason, "{name}");
    let far = |it: &Outcome| (it.history.steps().len(), it.history.evaluated_trials());
    assert_eq!(far(found), far(fresh), "{name}: {:?} {:?}", found.account, fresh.account);
    // A difference is long: it is not printed.
    assert!(found.history.steps() == fresh.history.steps(), "{name}");
    assert!(found.history.trials() == fresh.history.trials(), "{name}");
    let search = |it: &Outcome| [it.account.target, it.account.generator, it.account.judge];
    assert_eq!(search(found), search(fresh), "{name}");
    let proof = |it: &Outcome| {
        let all = it.assessment.as_ref().unwrap();
        let winner = all.winner.as_ref().map(|winner| winner.test.clone());
        (winner, all.empty.test.clone(), all.manual.instruction.clone())
    };
    assert_eq!(proof(found), proof(fresh), "{name}");
}

/// Runs a study for long, and then within a smaller budget, beside one that never ran for more.
async fn shrunk(
    name: &str,
    study: impl Fn(Arc<InMemory>) -> StudyBuilder,
    change: impl Fn(&mut Budget, &Outcome),
) {
    let store: Arc<InMemory> = Arc::default();
    let whole = run(study(store.clone())).await.unwrap();
    let events = store.events(&whole.config.study()).await.unwrap();
    let smaller = |store| within(study(store), |budget| change(budget, &whole));
    let small = smaller(store.clone()).open().await.unwrap();
    assert_eq!(small.has_run_for(), Some(whole.history.evaluated_trials()), "{name}");
    let small = small.run(&()).await.unwrap();
    same_search(&small, &run(smaller(Arc::default())).await.unwrap(), name);
    assert_eq!(store.events(&whole.config.study()).await.unwrap(), events, "{name}: it stays");
    let again = study(store).open().await.unwrap();
    assert!(again.is_finished() && again.has_run_for().is_none(), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_is_its_own_beginning_under_fewer_trials() {
    for name in tireless() {
        let study = |store: Arc<InMemory>| setup(name, store, 30);
        for trials in [1, 13, 20] {
            shrunk(name, study, |budget, _| budget.trials = Some(trials)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_under_fewer_calls_tokens_or_a_score_to_stop_at() {
    for name in ["uniform", "opro", "motjuste-chat", "motjuste"] {
        let study = |store: Arc<InMemory>| setup(name, store, 30);
        let calls = |whole: &Outcome| whole.account.target.calls / 2;
        shrunk(name, study, |budget, whole| budget.target_calls = Some(calls(whole))).await;
        let most = |whole: &Outcome| {
            let Account { target, generator, .. } = whole.account;
            (target.tokens() + generator.tokens()) * 4 / 5
        };
        shrunk(name, study, |budget, whole| budget.tokens = Some(most(whole))).await;
    }
    let study = |store: Arc<InMemory>| setup("uniform", store, 60);
    shrunk("uniform", study, |budget, _| budget.score = Some(0.4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_is_topped_up_where_the_smaller_budget_ends() {
    let study = |store: Arc<InMemory>| {
        searched_by(Race::default(), store, 24).generator(Scripted::new("lines", write_lines))
    };
    shrunk("race", study, |budget, _| budget.trials = Some(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_study_that_grew_twice_is_its_own_beginning_between() {
    let store: Arc<InMemory> = Arc::default();
    for trials in [7, 30] {
        run(setup("uniform", store.clone(), trials)).await.unwrap();
    }
    let fresh = run(setup("uniform", Arc::new(InMemory::default()), 13)).await.unwrap();
    same_search(&run(setup("uniform", store.clone(), 13)).await.unwrap(), &fresh, "between");
    let fresh = run(setup("uniform", Arc::new(InMemory::default()), 4)).await.unwrap();
    same_search(&run(setup("uniform", store, 4)).await.unwrap(), &fresh, "before both");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_is_not_paid_for_again() {
    let (store, asked): (Arc<InMemory>, Arc<AtomicUsize>) = Default::default();
    let study = |trials: u64| {
        let counter = asked.clone();
        let target = target("answerer", move |prompt| {
            counter.fetch_add(1, Ordering::Relaxed);
            answer(prompt)
        });
        of_task(task(), target, store.clone()).method(method("uniform")).trials(trials)
    };
    run(study(30)).await.unwrap();
    let whole = asked.load(Ordering::Relaxed);
    let first = run(study(13)).await.unwrap();
    // Only the proof of another winner may be new.
    let known = asked.load(Ordering::Relaxed);
    assert!(known - whole <= task().test().len(), "{known} calls after {whole}");
    same(&run(study(13)).await.unwrap(), &first);
    assert_eq!(asked.load(Ordering::Relaxed), known);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_score_that_is_good_enough_ends_the_search_and_is_no_cap() {
    let uniform = |store: Arc<InMemory>| setup("uniform", store, 60);
    let ended =
        run(within(uniform(Arc::default()), |budget| budget.score = Some(0.4))).await.unwrap();
    assert_eq!(ended.stop_reason, Some(StopReason::Score));
    assert!(!StopReason::Score.is_cap() && ended.history.evaluated_trials() < 60);
    assert!(ended.winner().unwrap().score().unwrap() >= 0.4 && ended.assessment.is_some());
    let whole = run(uniform(Arc::default())).await.unwrap();
    assert!(whole.history.steps().starts_with(ended.history.steps()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cells_of_an_experiment_have_the_trials_that_were_asked_for() {
    let store: Arc<InMemory> = Arc::default();
    run(setup("uniform", store.clone(), 30)).await.unwrap();
    let cell = |name: &str| Cell { label: name.to_owned(), method: method(name) };
    let cells = ["uniform", "random-pick"].map(cell);
    let budget = Budget { trials: Some(5), ..Budget::default() };
    let experiment = Experiment::new(vec![task()], cells.into(), 7..8, budget).unwrap();
    let kept = store.clone();
    let make = move |_| Ok(setup("uniform", kept.clone(), 5));
    let runs = experiment.run(&make, &()).await.unwrap();
    assert_eq!(runs.runs.iter().map(|run| run.trials).collect::<Vec<_>>(), [5, 5]);
}
