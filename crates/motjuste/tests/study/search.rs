//! Every method, killed, resumed, cut by its budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::Result;
use motjuste::budget::StopReason;
use motjuste::calls::CallPolicy;
use motjuste::conformance::Dying;
use motjuste::history::TrialState;
use motjuste::journal::Outcome;
use motjuste::method::{InstructZero, Method, Motjuste};
use motjuste::model::{Completion, Model, Request, Scripted};
use motjuste::storage::{InMemory, Storage};
use motjuste::task::Task;

use crate::world::{
    answer, examples, method, names, of_task, policy, run, same, searched_by, setup, target, task,
    tireless, within,
};

#[tokio::test]
async fn killed_anywhere_and_resumed_equals_uninterrupted_for_every_method() {
    for method in names() {
        let whole = run(setup(method, Arc::new(InMemory::default()), 20)).await.unwrap();
        for writes in [0, 1, 30, 150, 290, 310, 420, 600] {
            let store = Arc::new(InMemory::default());
            let _ = run(setup(method, Dying::after(writes, store.clone()), 20)).await;
            same(&run(setup(method, store, 20)).await.unwrap(), &whole);
        }
    }
}

/// A target that lets others go first, some requests longer than others, and knows how many it has
/// held at once.
#[derive(Default)]
struct Suspending {
    held: AtomicUsize,
    most: AtomicUsize,
}

impl Suspending {
    async fn attempt(&self, request: &Request) -> Result<Completion> {
        let held = 1 + self.held.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(held, Ordering::Relaxed);
        let prompt = request.text();
        for _ in 0..prompt.bytes().map(usize::from).sum::<usize>() * 7 % 23 {
            tokio::task::yield_now().await;
        }
        self.held.fetch_sub(1, Ordering::Relaxed);
        target(self.id(), answer).answer(request).await
    }
}

#[async_trait]
impl Model for Suspending {
    fn id(&self) -> &str {
        "answerer"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        join_all(batch.iter().map(|request| self.attempt(request))).await
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_study_at_any_concurrency() {
    for method in names() {
        let with = async |concurrency| {
            let target = Arc::new(Suspending::default());
            let setup = of_task(task(), target.clone(), Arc::new(InMemory::default()));
            let setup = setup.method(self::method(method)).trials(20);
            let setup = setup.calls(CallPolicy { concurrency, ..policy() });
            (run(setup).await.unwrap(), target.most.load(Ordering::Relaxed))
        };
        let (one, many) = (with(1).await, with(64).await);
        assert!(one.1 == 1 && many.1 > 16, "{method}: {} and {} at once", one.1, many.1);
        same(&one.0, &many.0);
    }
}

#[tokio::test]
async fn a_finished_study_is_answered_from_the_store_without_a_call() {
    let store: Arc<dyn Storage> = Arc::new(InMemory::default());
    let first = run(setup("motjuste", store.clone(), 20)).await.unwrap();
    let silent = target("answerer", |_| unreachable!("a call"));
    let again = of_task(task(), silent, store).method(method("motjuste")).trials(20);
    same(&run(again).await.unwrap(), &first);
}

#[tokio::test]
async fn a_larger_budget_goes_on_where_the_smaller_one_stopped() {
    // These top up at the end, and go on from there under a larger budget.
    let is_rated_at_end = |name: &&str| {
        let races = ["motjuste", "motjuste-chat", "random-pick", "best-of-n"].contains(name);
        races || name.starts_with("triple") || *name == "hbbops"
    };
    for method in tireless().into_iter().filter(|name| !is_rated_at_end(name)) {
        let whole = run(setup(method, Arc::new(InMemory::default()), 26)).await.unwrap();
        let store: Arc<dyn Storage> = Arc::new(InMemory::default());
        let part = run(setup(method, store.clone(), 17)).await.unwrap();
        assert_eq!(part.history.evaluated_trials(), 17, "{method}");
        let rest = run(setup(method, store, 26)).await.unwrap();
        assert_eq!(rest.history.steps(), whole.history.steps(), "{method}");
        // What the first part's assessment had paid for comes from the cache now.
        let asked =
            |outcome: &Outcome| outcome.account.target.calls + outcome.account.target.cache_hits;
        assert_eq!(asked(&rest), asked(&whole), "{method}");
    }
}

#[tokio::test]
async fn target_calls_are_never_exceeded_and_name_the_stop() {
    for cap in [20, 59, 100, 139] {
        let limited = setup("uniform", Arc::new(InMemory::default()), 1000);
        let limited = within(limited, |budget| budget.target_calls = Some(cap));
        let outcome = run(limited).await.unwrap();
        assert!(outcome.account.target.calls <= cap);
        assert!(outcome.account.target.calls + 20 > cap, "a whole trial was left unspent");
        assert_eq!(outcome.stop_reason, Some(StopReason::TargetCalls));
    }
}

#[tokio::test]
async fn a_budget_below_one_evaluation_is_refused_before_anything_is_spent() {
    let poor = setup("uniform", Arc::new(InMemory::default()), 10);
    let poor = within(poor, |budget| budget.target_calls = Some(19));
    let error = run(poor).await.unwrap_err();
    assert!(error.is_budget() && error.help().unwrap().contains("20"), "{error}");
}

#[tokio::test]
async fn a_budget_that_ends_before_the_first_evaluation_says_so() {
    for method in ["uniform", "motjuste"] {
        let poor = setup(method, Arc::new(InMemory::default()), 10);
        let poor = within(poor, |budget| budget.tokens = Some(100));
        assert!(run(poor).await.unwrap_err().is_budget(), "{method}");
    }
}

#[tokio::test]
async fn a_generator_that_writes_nothing_usable_ends_the_study() {
    for method in ["motjuste", "random-pick"] {
        let mute = setup(method, Arc::new(InMemory::default()), 10);
        let mute = mute.generator(Scripted::new("mute", |_| String::new()));
        let outcome = run(mute).await.unwrap();
        assert_eq!(outcome.stop_reason, Some(StopReason::Finished), "{method}");
        assert!(outcome.winner().is_none());
    }
}

#[tokio::test]
async fn generator_calls_cap_the_pool() {
    let limited = setup("motjuste", Arc::new(InMemory::default()), 1000);
    let limited = within(limited, |budget| budget.generator_calls = Some(40));
    let outcome = run(limited).await.unwrap();
    assert_eq!(outcome.account.generator.calls, 40);
    assert_eq!(outcome.stop_reason, Some(StopReason::Finished));
}

#[tokio::test]
async fn a_repeated_instruction_costs_nothing_and_names_its_first_trial() {
    let outcome = run(setup("uniform", Arc::new(InMemory::default()), 200)).await.unwrap();
    let repeat = outcome.history.trials().iter().find(|trial| trial.repeats.is_some()).unwrap();
    let first = outcome.history.trials().get(repeat.repeats.unwrap()).unwrap();
    assert_eq!((&repeat.instruction, &repeat.evaluation), (&first.instruction, &first.evaluation));
    let distinct = outcome.history.distinct_instructions() as u64;
    assert_eq!(outcome.account.target.calls, distinct * 20);
}

#[tokio::test]
async fn motjuste_pays_for_new_instructions_only() {
    let outcome = run(setup("motjuste-unraced", Arc::new(InMemory::default()), 40)).await.unwrap();
    assert_eq!(outcome.history.distinct_instructions(), 40);
    assert_eq!(outcome.account.target.calls, 800);
    let complete =
        |state| outcome.history.trials().iter().filter(|trial| trial.state == state).count();
    assert_eq!(complete(TrialState::Complete), 40);
}

#[tokio::test]
async fn another_study_finds_the_responses_in_the_cache() {
    let store: Arc<dyn Storage> = Arc::new(InMemory::default());
    let first = run(setup("uniform", store.clone(), 30)).await.unwrap();
    let other = Task::new("other", examples(0..10), examples(10..30), examples(30..80)).unwrap();
    let other = of_task(other, target("answerer", answer), store);
    let other = other.method(method("uniform")).trials(30);
    let second = run(other).await.unwrap();
    assert_eq!(second.account.target.calls, 0);
    assert_eq!(second.account.target.cache_hits, first.account.target.calls);
    assert_eq!(second.account.generator.calls, 0);
}

#[tokio::test]
async fn a_stop_request_interrupts_and_the_study_goes_on_later() {
    let store: Arc<dyn Storage> = Arc::new(InMemory::default());
    let stop: Arc<AtomicBool> = Arc::default();
    let wish = stop.clone();
    let calls = AtomicUsize::new(0);
    let impatient = target("answerer", move |prompt| {
        if calls.fetch_add(1, Ordering::Relaxed) == 100 {
            wish.store(true, Ordering::Relaxed);
        }
        answer(prompt)
    });
    let stopped = of_task(task(), impatient, store.clone()).stop(stop);
    let stopped = stopped.method(method("instructzero")).trials(20);
    assert!(run(stopped).await.unwrap_err().is_interrupted());
    let whole = run(setup("instructzero", Arc::new(InMemory::default()), 20)).await.unwrap();
    same(&run(setup("instructzero", store, 20)).await.unwrap(), &whole);
}

#[tokio::test]
async fn motjuste_finds_the_best_wording() {
    let mut motjuste = Motjuste::default();
    motjuste.pool.size = 500;
    let long = searched_by(motjuste, Arc::new(InMemory::default()), 80);
    let winner = run(long).await.unwrap().assessment.unwrap().winner.unwrap();
    assert_eq!(winner.instruction, "write b d a.");
    assert_eq!(winner.test.score, Some(1.0));
}

#[tokio::test]
async fn instructzero_starts_and_searches_in_the_boxes_of_its_configuration() {
    let boxes =
        [("instructzero", -1.0), ("instructzero-compat", 0.0), ("instructzero-repaired", -1.0)];
    for (method, start_low) in boxes {
        let outcome = run(setup(method, Arc::new(InMemory::default()), 32)).await.unwrap();
        let history = &outcome.history;
        let points = |step: usize| -> Vec<f64> {
            let trials = history.trials().iter().filter(|trial| trial.step == step);
            trials.flat_map(|trial| history.soft_prompt_of(trial).unwrap().z.clone()).collect()
        };
        let least = |step| points(step).into_iter().fold(f64::INFINITY, f64::min);
        assert!((start_low..start_low + 0.3).contains(&least(0)), "{method} starts elsewhere");
        let searched: Vec<f64> = (1..7).flat_map(points).collect();
        assert!(searched.iter().all(|z| (-1.0..=1.0).contains(z)));
        assert!(searched.iter().any(|z| *z < -0.5), "{method} never searched below the unit box");
    }
}

#[test]
fn the_published_variance_has_no_residual() {
    let both = InstructZero { residual: true, ..InstructZero::compat() };
    assert!(both.check().unwrap_err().is_configuration());
    assert!(InstructZero { batch_variance_fault: false, ..both }.check().is_ok());
}
