//! The mathematical problems with models that solve, refuse, repeat themselves, fail and cost money.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use motjuste::budget::{Account, Budget, StopReason};
use motjuste::calls::{CacheMode, CallPolicy, RetryPolicy};
use motjuste::cost::Price;
use motjuste::model::{Completion, Model, Request, Scripted};
use motjuste::random::Streams;
use motjuste::storage::{InMemory, Responses};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use motjuste_problems::linear_regression::{Instance, LinearRegression, Pair};
use motjuste_problems::tsp::{self, Tsp};
use motjuste_problems::{Settings, Setup, Solver, StopReason as Stop, Trajectory, comparison};

const SETTINGS: Settings = Settings { steps: 40, calls: 8, temperature: 1.0, max_tokens: 64 };

fn instance() -> Instance {
    Instance::draw([15.0, 14.0], Streams::new(3))
}

/// The pair on the prompt's last, and so best, line of input, moved by one somewhere: a model that
/// reads what it is shown and differs from draw to draw.
fn walk(request: &Request) -> String {
    let prompt = request.text();
    let best = prompt.rsplit_once("\nw=").unwrap().1.lines().next().unwrap();
    let (w, b) = best.split_once(", b=").unwrap();
    let (w, b): (i64, i64) = (w.parse().unwrap(), b.parse().unwrap());
    let draw = request.decoding.draw as i64;
    format!("I would try [{}, {}]", w + draw % 3 - 1, b + draw / 3 % 7 - 3)
}

/// A remote walker: it can be killed after a number of calls, and fails now and then.
struct Walker {
    calls: AtomicUsize,
    dies_after: usize,
    billed: AtomicUsize,
    fails_in: usize,
}

impl Walker {
    fn new(dies_after: usize, fails_in: usize) -> Arc<Self> {
        let (calls, billed) = Default::default();
        Arc::new(Self { calls, dies_after, billed, fails_in })
    }
}

#[async_trait]
impl Model for Walker {
    fn id(&self) -> &str {
        "walker"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let mut answers = Vec::new();
        for request in batch {
            answers.push(self.answer_one(request).await);
        }
        answers
    }
}

impl Walker {
    async fn answer_one(&self, request: &Request) -> Result<Completion> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        if call >= self.dies_after {
            // The process ends here: no answer, and no error that anybody would hear of.
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        if call % self.fails_in == self.fails_in - 1 {
            return Err(Error::model("busy").transient(None));
        }
        self.billed.fetch_add(1, Ordering::Relaxed);
        let usage = Usage { tokens_in: 100, tokens_out: 10 };
        Ok(Completion { usage, ..Completion::of(walk(request)) })
    }
}

fn setup(model: Arc<dyn Model>, responses: Arc<dyn Responses>) -> Setup {
    let retry = RetryPolicy { first_pause: Duration::from_micros(1), ..RetryPolicy::default() };
    let generator_price = Price::per_million(1.0, 2.0).unwrap();
    Setup {
        model,
        budget: Budget { trials: None, ..Budget::default() },
        calls: CallPolicy { concurrency: 4, retry, generator_price, ..CallPolicy::default() },
        responses,
        stop: Arc::default(),
    }
}

fn store() -> Arc<InMemory> {
    Arc::new(InMemory::default())
}

async fn line_with(setup: Setup) -> (Result<Trajectory<Pair>>, Account) {
    let solver = Solver::new(setup);
    let problem = LinearRegression::new(instance());
    let found = solver.solve(&problem, SETTINGS, instance().start, 0, &|_| {}).await;
    (found, solver.account())
}

#[tokio::test]
async fn a_model_that_reads_what_it_is_shown_solves_the_line() {
    let (found, account) = line_with(setup(Walker::new(usize::MAX, 7), store())).await;
    let found = found.unwrap();
    let run = found.summary(&LinearRegression::new(instance())).unwrap();
    let Stop::Solved { step: steps } = found.stop_reason else { panic!("{:?}", found.stop_reason) };
    assert_eq!(run.found.best.point, [15.0, 14.0]);
    assert_eq!((run.steps, run.best_by_step.len()), (steps, steps));
    assert!(run.best_by_step.is_sorted_by(|a, b| a >= b));
    assert_eq!(run.replies.total, steps * SETTINGS.calls);
    assert_eq!(run.found.evaluations, instance().start.len() + run.replies.new);
    assert_eq!(account.generator.calls, (steps * SETTINGS.calls) as u64);
    let solved_after = run.found.solved_after.unwrap();
    assert!(solved_after <= run.found.evaluations);
}

#[tokio::test]
async fn killed_after_any_call_and_begun_again_it_ends_the_same_and_pays_nothing_twice() {
    let whole = Walker::new(usize::MAX, 7);
    let (found, account) = line_with(setup(whole.clone(), store())).await;
    let found = found.unwrap();
    for kill in (0..whole.calls.load(Ordering::Relaxed)).step_by(5) {
        let storage = store();
        let dying = Walker::new(kill, 7);
        let cut = line_with(setup(dying.clone(), storage.clone()));
        assert!(tokio::time::timeout(Duration::from_millis(20), cut).await.is_err());
        let heir = Walker::new(usize::MAX, 7);
        let (again, counted) = line_with(setup(heir.clone(), storage.clone())).await;
        assert_eq!(again.unwrap(), found, "killed after {kill} calls");
        // What was on the wire stays on the bill at its worst; everything else is counted once.
        let lost = counted.generator.lost;
        assert!(lost > 0 && counted.generator.calls == account.generator.calls + lost);
        let billed = |walker: &Walker| walker.billed.load(Ordering::Relaxed) as u64;
        assert_eq!(billed(&dying) + billed(&heir), account.generator.calls);
        // Once more, with nobody at the other end: all of it comes from the store.
        let (third, same) = line_with(setup(Walker::new(0, 7), storage)).await;
        assert_eq!((third.unwrap(), same), (found.clone(), counted));
    }
}

#[tokio::test]
async fn stopped_between_calls_it_goes_on_with_the_very_same_account() {
    let (whole, account) = line_with(setup(Walker::new(usize::MAX, 7), store())).await;
    for cache in [CacheMode::ReadWrite, CacheMode::Off] {
        let storage = store();
        let with = |stop: Arc<AtomicBool>| {
            let mut setup = setup(Walker::new(usize::MAX, 7), storage.clone());
            (setup.calls.cache, setup.stop) = (cache, stop);
            setup
        };
        let stop: Arc<AtomicBool> = Arc::default();
        let solver = Solver::new(with(stop.clone()));
        let problem = LinearRegression::new(instance());
        let watch = |_: &_| stop.store(true, Ordering::Relaxed);
        let start = instance().start;
        let cut = solver.solve(&problem, SETTINGS, start, 0, &watch).await;
        assert!(cut.unwrap_err().is_interrupted());
        assert_eq!(solver.account().generator.calls, SETTINGS.calls as u64);
        let (again, counted) = line_with(with(Arc::default())).await;
        assert_eq!((again.unwrap(), counted), (whole.clone().unwrap(), account), "{cache:?}");
    }
}

#[tokio::test]
async fn a_budget_ends_it_before_the_step_that_does_not_fit_and_a_larger_one_goes_on() {
    let storage = store();
    let with = |calls, usd| {
        let mut setup = setup(Walker::new(usize::MAX, usize::MAX), storage.clone());
        setup.budget.generator_calls = calls;
        setup.budget.usd = usd;
        line_with(setup)
    };
    let (cut, account) = with(Some(20), None).await;
    let cut = cut.unwrap();
    assert_eq!(cut.stop_reason, Stop::Budget(StopReason::GeneratorCalls));
    assert_eq!((cut.progress.steps.len(), account.generator.calls), (2, 16));
    let (poor, _) = with(None, Some(motjuste::money::Usd::dollars(1e-5).unwrap())).await;
    assert_eq!(poor.unwrap().stop_reason, Stop::Budget(StopReason::Usd));
    let (whole, _) = line_with(setup(Walker::new(usize::MAX, usize::MAX), store())).await;
    let (more, account) = with(None, None).await;
    let more = more.unwrap();
    assert_eq!(more, whole.unwrap());
    assert_eq!(account.generator.calls, (more.progress.steps.len() * SETTINGS.calls) as u64);
}

#[tokio::test]
async fn models_that_never_comply_or_only_repeat_end_at_the_last_step_and_say_so() {
    let problem = LinearRegression::new(instance());
    let run = |reply: &'static str| async move {
        let model = Arc::new(Scripted::new("stubborn", move |_| reply.to_owned()));
        let (found, account) = line_with(setup(model, store())).await;
        (found.unwrap(), account)
    };
    let (silent, account) = run("I had rather not.").await;
    let counts = silent.summary(&problem).unwrap().replies;
    assert_eq!((silent.stop_reason, counts.invalid, counts.new), (Stop::Steps, 320, 0));
    assert_eq!(counts.reasons.values().sum::<usize>(), 320);
    assert_eq!(account.generator.calls, 320, "each draw is a call of its own");
    let (repeating, _) = run("[11, 11]").await;
    let counts = repeating.summary(&problem).unwrap().replies;
    assert_eq!((repeating.stop_reason, counts.new, counts.duplicates), (Stop::Steps, 1, 319));
}

#[tokio::test]
async fn a_model_that_writes_no_valid_tour_leaves_the_start_and_the_others_beside_it() {
    let points = tsp::Instance::draw(8, Streams::new(1));
    let oracle = tsp::held_karp(&points).unwrap();
    let start = tsp::start_tours(8, &oracle, 5, Streams::new(1));
    let length = points.length(&oracle);
    let problem = Tsp::new(points.clone(), Some(length));
    let trace = |tour: &[usize]| {
        let nodes: Vec<_> = tour.iter().map(usize::to_string).collect();
        format!("<trace>{}</trace>", nodes.join(","))
    };
    let against = async |reply: String| {
        let model = Arc::new(Scripted::new("courier", move |_| reply.clone()));
        let solver = Solver::new(setup(model, store()));
        let settings = Settings { steps: 5, ..SETTINGS };
        comparison::tsp(&solver, &problem, &start, settings, 0, &|_| {}).await.unwrap()
    };
    let lost = against("<trace>0,1,2</trace>".to_owned()).await;
    assert_eq!((lost.model.stop_reason, lost.model.steps), (Stop::Steps, 5));
    assert_eq!((lost.model.found.evaluations, lost.model.replies.invalid), (5, 40));
    let methods: Vec<_> = lost.baselines.iter().map(|baseline| baseline.method).collect();
    assert_eq!(methods, ["nearest neighbour", "farthest insertion", "2-opt", "random tours"]);
    let best = |method: usize| lost.baselines[method].found.best.value;
    assert!((0..4).all(|method| best(method) >= length - 1e-9));
    assert!(best(2) <= lost.model.found.best.value, "2-opt never lengthens a start tour");
    assert_eq!(lost.baselines[3].found.evaluations, 5);
    let found = against(trace(&oracle)).await;
    assert_eq!(found.model.stop_reason, Stop::Solved { step: 1 });
    assert_eq!((found.model.found.solved_after, found.model.replies.duplicates), (Some(6), 7));
}

#[tokio::test]
async fn baselines_on_the_line_get_the_evaluations_that_the_model_made() {
    let solver = Solver::new(setup(Walker::new(usize::MAX, 7), store()));
    let problem = LinearRegression::new(instance());
    let (line, on_step) = (instance(), |_: &_| {});
    let run = comparison::linear_regression(&solver, &problem, &line, SETTINGS, 0, &on_step)
        .await
        .unwrap();
    for baseline in &run.baselines {
        let spent = baseline.found.evaluations;
        assert!(spent <= run.model.found.evaluations, "{} made {spent}", baseline.method);
        let stopped_early = baseline.found.solved_after == Some(spent);
        assert!(
            stopped_early
                || spent == run.model.found.evaluations
                || baseline.method != "random search"
        );
    }
}

#[tokio::test]
async fn another_seed_draws_anew_and_settings_that_ask_nothing_are_refused() {
    let storage = store();
    let solver = Solver::new(setup(Walker::new(usize::MAX, usize::MAX), storage));
    let problem = LinearRegression::new(instance());
    let settings = Settings { steps: 2, ..SETTINGS };
    for seed in [0, 1] {
        let start = instance().start;
        solver.solve(&problem, settings, start, seed, &|_| {}).await.unwrap();
    }
    let spent = solver.account().generator;
    assert_eq!((spent.calls, spent.cache_hits), (32, 0));
    for settings in [
        Settings { steps: 0, ..SETTINGS },
        Settings { calls: 0, ..SETTINGS },
        Settings { max_tokens: 0, ..SETTINGS },
        Settings { temperature: -1.0, ..SETTINGS },
        Settings { temperature: f64::NAN, ..SETTINGS },
        Settings { temperature: 0.0, ..SETTINGS },
        Settings { steps: usize::MAX, ..SETTINGS },
    ] {
        let refused = solver.solve(&problem, settings, instance().start, 0, &|_| {}).await;
        let error = refused.unwrap_err();
        assert!(error.is_configuration() && error.help().is_some(), "{settings:?}");
    }
}
