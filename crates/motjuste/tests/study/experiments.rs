//! Studies side by side: one that fails by itself, and what ends all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use motjuste::budget::Budget;
use motjuste::experiment::{Cell, Coordinates, Experiment, RunState, Runs, Watch};
use motjuste::method::Registry;
use motjuste::model::{Abilities, Completion, Model, Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use motjuste::{Error, Result};

/// A target that answers so often, and is gone then.
struct Mortal(AtomicU64);

#[async_trait]
impl Model for Mortal {
    fn id(&self) -> &str {
        "mortal"
    }

    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let answer = |_: &Request| match self.0.fetch_add(1, Ordering::Relaxed) {
            0..30 => Ok(Completion::of("x")),
            _ => Err(Error::model("it is gone")),
        };
        batch.iter().map(answer).collect()
    }
}

fn task(name: &str) -> Task {
    let rows = |from: usize| (from..from + 20).map(|i| Example::new(i.to_string(), ["x"]));
    Task::new(name, rows(0).collect(), rows(20).collect(), rows(40).collect()).unwrap()
}

fn experiment(tasks: &[&str]) -> Experiment {
    let tasks = tasks.iter().map(|name| task(name)).collect();
    let cell = Cell::named(&Registry::built_in(), "fixed").unwrap();
    let budget = Budget { trials: Some(4), ..Budget::default() };
    Experiment::new(tasks, vec![cell], 0..1, budget).unwrap().at_a_time(2)
}

fn study(task: Task) -> Result<motjuste::study::StudyBuilder> {
    let writer = Scripted::new("writer", |_| "x".into());
    Ok(match task.name() {
        "sound" => Study::of(task, Scripted::new("target", |_| "x".into())).generator(writer),
        _ => Study::of(task, Mortal(AtomicU64::new(0))).generator(writer),
    })
}

#[tokio::test]
async fn a_study_that_fails_is_listed_with_what_it_paid_for_and_keeps_nobody_else_from_running() {
    for experiment in [experiment(&["doomed", "sound"]), in_turn(&["doomed", "sound"])] {
        one_fails_and_one_does_not(&experiment.run(&study, &()).await.unwrap());
    }
}

/// The same, under one budget for all.
fn in_turn(tasks: &[&str]) -> Experiment {
    let together = Budget { target_calls: Some(1000), ..Budget::unlimited() };
    experiment(tasks).together(together)
}

fn one_fails_and_one_does_not(runs: &Runs<'_>) {
    let [failed, complete] = runs.runs.as_slice() else { panic!() };
    assert_eq!([failed.state, complete.state], [RunState::Failed, RunState::Complete]);
    assert!(failed.failure.as_ref().unwrap().contains("it is gone"));
    let paid = |account: motjuste::budget::Account| account.target.calls + account.assessment.calls;
    assert!(paid(failed.account) >= 20, "{:?}", failed.account);
    assert_eq!(paid(runs.used), paid(failed.account) + paid(complete.account));
}

#[tokio::test]
async fn where_all_fail_that_is_the_error() {
    for experiment in [experiment(&["doomed", "gone"]), in_turn(&["doomed", "gone"])] {
        let error = experiment.run(&study, &()).await.err().unwrap();
        assert!(error.to_string().contains("it is gone"), "{error}");
    }
}

/// Refuses every study with a number of its own.
struct Unwilling(AtomicU64);

impl Watch for Unwilling {
    fn begin(&self, _: &Coordinates, _: &Study) -> Result<()> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Err(Error::configuration(format!("refusal {number}")))
    }
}

#[tokio::test]
async fn a_refusal_to_begin_ends_all_with_its_error() {
    let watch = Arc::new(Unwilling(AtomicU64::new(0)));
    let three = ["sound", "doomed", "gone"];
    for (number, experiment) in
        [experiment(&three).at_a_time(1), in_turn(&three)].iter().enumerate()
    {
        let error = experiment.run(&study, watch.as_ref()).await.err().unwrap();
        assert_eq!(error.to_string(), format!("refusal {number}"));
        assert_eq!(watch.0.load(Ordering::Relaxed), number as u64 + 1, "nobody else was asked");
    }
}
