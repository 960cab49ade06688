//! Many instances under one budget: failures of the model cost their own instance alone.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use motjuste::budget::{Budget, StopReason};
use motjuste::calls::{CallPolicy, RetryPolicy};
use motjuste::metric::Mode;
use motjuste::model::{Completion, Model, Request};
use motjuste::storage::InMemory;
use motjuste::{Error, Result};
use motjuste_problems::linear_regression::LinearRegression;
use motjuste_problems::runs::{self, LinearRegressionCase, Observer, Options, Results, TspCase};
use motjuste_problems::{Problem, Search, Settings, Setup, Solver};

/// A model that reads prompts up to a length, and answers with the tour from point to point.
struct ShortSighted {
    limit: usize,
    is_transient: bool,
    /// What it writes behind the tour.
    pair: &'static str,
}

impl ShortSighted {
    fn new(limit: usize) -> Self {
        Self { limit, is_transient: false, pair: "" }
    }
}

#[async_trait]
impl Model for ShortSighted {
    fn id(&self) -> &str {
        "short-sighted"
    }

    fn is_remote(&self) -> bool {
        false
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        batch.iter().map(|request| self.one(&request.text())).collect()
    }
}

impl ShortSighted {
    fn one(&self, prompt: &str) -> Result<Completion> {
        if prompt.len() > self.limit {
            let error = Error::model(format!("the prompt exceeds the context of {}", self.limit));
            return Err(if self.is_transient { error.transient(None) } else { error });
        }
        let nodes: Vec<_> = (0..prompt.matches("): (").count()).map(|n| n.to_string()).collect();
        Ok(Completion::of(format!("<trace>{}</trace>{}", nodes.join(","), self.pair)))
    }
}

const OPTIONS: Options = Options {
    mode: Mode::Strict,
    seed: 3,
    settings: Settings { steps: 3, calls: 2, temperature: 1.0, max_tokens: 64 },
};

fn solver(model: ShortSighted, generator_calls: Option<u64>) -> Solver {
    let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    Solver::new(Setup {
        model: Arc::new(model),
        budget: Budget { trials: None, generator_calls, ..Budget::default() },
        calls: CallPolicy { retry, ..CallPolicy::default() },
        responses: Arc::new(InMemory::default()),
        stop: Arc::default(),
    })
}

/// A file of instances with these many points, points in a row.
fn file(folder: &tempfile::TempDir, sizes: &[usize]) -> PathBuf {
    let instance = |(index, &n): (usize, &usize)| {
        let tour: Vec<usize> = (0..n).collect();
        let mut start = tour.clone();
        start[1..].reverse();
        start.swap(1, 2);
        serde_json::json!({
            "name": format!("row {index}"), "points": tour.iter().map(|x| [*x, x % 2]).collect::<Vec<_>>(),
            "oracle": "best_known", "oracle_tour": tour, "start_tours": [start],
        })
    };
    let instances: Vec<_> = sizes.iter().enumerate().map(instance).collect();
    let path = folder.path().join("tsp.json");
    std::fs::write(&path, serde_json::json!({ "instances": instances }).to_string()).unwrap();
    path
}

fn cases(sizes: &[usize]) -> Vec<TspCase> {
    TspCase::load(&file(&tempfile::tempdir().unwrap(), sizes), None, None).unwrap()
}

/// Room for the meta-prompts of ten points, not for those of a hundred.
const LIMIT: usize = 1500;

async fn found(sizes: &[usize], calls: Option<u64>) -> Result<Results<TspCase>> {
    runs::solve(&solver(ShortSighted::new(LIMIT), calls), &cases(sizes), OPTIONS, &()).await
}

#[tokio::test]
async fn an_instance_too_large_for_the_model_is_reported_and_the_others_go_on() {
    let results = found(&[100, 8, 10, 120], None).await.unwrap();
    let solved: Vec<_> = results.runs.iter().map(|run| (run.n, run.seed)).collect();
    assert_eq!(solved, [(8, 3), (10, 4)], "by size, each with the seed of its index");
    let failed: Vec<_> = results.failed.iter().map(|failed| failed.name.as_str()).collect();
    assert_eq!(failed, ["row 0, 100 points", "row 3, 120 points"]);
    assert_eq!((results.begun(), results.planned, results.budget_reached), (4, 4, None));
    let written = serde_json::to_value(&results).unwrap();
    assert_eq!(written["failed"][0]["reason"], "the prompt exceeds the context of 1500");
    assert_eq!(
        (&written["failed"][0]["seed"], &written["failed"][0]["steps"]),
        (&5.into(), &0.into())
    );
    assert!(written["summary"].as_array().unwrap().iter().all(|line| line["instances"] == 1));
    let page = results.page("tsp", "", None).unwrap();
    assert!(page.contains("row 3, 120 points: the prompt exceeds the context of 1500"));
    assert_eq!(results.replies().total, 2 * OPTIONS.settings.calls, "solved at once");
}

#[tokio::test]
async fn a_model_that_fails_everywhere_or_may_answer_later_is_an_error() {
    let error = found(&[100, 120], None).await.unwrap_err();
    assert!(error.is_model() && error.to_string().contains("context of 1500"));
    let busy = ShortSighted { is_transient: true, ..ShortSighted::new(LIMIT) };
    let results = runs::solve(&solver(busy, None), &cases(&[8, 100, 120]), OPTIONS, &()).await;
    assert!(results.unwrap_err().is_model());
}

#[tokio::test]
async fn a_budget_ends_the_list_and_what_it_never_reached_is_no_failure() {
    let results = found(&[8, 10, 100], Some(2)).await.unwrap();
    assert_eq!(results.budget_reached, Some(StopReason::GeneratorCalls));
    assert_eq!((results.runs.len(), results.failed.len(), results.planned), (2, 0, 3));
    let refused = found(&[8, 10], Some(1)).await.unwrap_err();
    assert!(refused.is_budget() && refused.help().unwrap().contains("a step is 2 calls"));
}

#[tokio::test]
async fn a_search_that_outgrows_the_model_is_reported_with_the_steps_it_took() {
    let cases = LinearRegressionCase::draw(&[[15.0, 14.0], [3.0, 5.0]], 1, 3);
    let prompt = |case: &LinearRegressionCase| {
        let problem = LinearRegression::new(case.instance.clone());
        let start = Search::new(&problem, OPTIONS.settings).begin(case.instance.start.clone());
        problem.meta_prompt(&start.start).unwrap().len()
    };
    let limit = cases.iter().map(prompt).max().unwrap();
    let model = ShortSighted { pair: "[15, 14]", ..ShortSighted::new(limit) };
    let results = runs::solve(&solver(model, None), &cases, OPTIONS, &()).await.unwrap();
    assert_eq!((results.runs.len(), results.runs[0].w), (1, 15.0));
    let failed = &results.failed[0];
    assert_eq!((failed.name.as_str(), failed.steps), ("w = 3, b = 5, repeat 0", 1));
    assert_eq!(results.ledger.calls, 4, "the step that was answered stays on the bill");
}

#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Observer for Heard {
    fn begins(&self, name: &str) {
        self.0.borrow_mut().push(name.to_owned());
    }

    fn step(&self, steps: usize, best: Option<f64>) {
        self.0.borrow_mut().push(format!("{steps} {}", best.is_some()));
    }
}

#[tokio::test]
async fn an_observer_hears_of_every_instance_and_step_and_repeats_share_their_seeds() {
    let cases = LinearRegressionCase::draw(&[[15.0, 14.0], [3.0, 5.0]], 2, 3);
    let (heard, model) = (Heard::default(), ShortSighted::new(usize::MAX));
    let results = runs::solve(&solver(model, None), &cases, OPTIONS, &heard).await.unwrap();
    let seeds: Vec<_> = results.runs.iter().map(|run| (run.w, run.repeat, run.seed)).collect();
    assert_eq!(seeds, [(15.0, 0, 3), (15.0, 1, 4), (3.0, 0, 3), (3.0, 1, 4)]);
    let heard = heard.0.into_inner();
    assert_eq!(heard[..4], ["w = 15, b = 14, repeat 0", "1 true", "2 true", "3 true"]);
    assert_eq!(heard.len(), 16);
}
