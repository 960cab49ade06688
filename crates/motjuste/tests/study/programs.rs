//! A target that fails at single rows, as a program does: what it leaves without an answer is missing.

use std::sync::Arc;

use async_trait::async_trait;
use motjuste::model::{Abilities, Completion, Model, Request};
use motjuste::report::AnswerCounts;
use motjuste::storage::InMemory;
use motjuste::study::{Sampling, StudyBuilder};
use motjuste::task::{Example, Task};
use motjuste::{Error, Result};
use serde_json::json;

use crate::world::{answer, method, of_task, run};

/// Answers from instruction and columns alone, and none of the rows that `fails`.
struct App {
    fails: fn(usize) -> bool,
    is_transient: bool,
}

#[async_trait]
impl Model for App {
    fn id(&self) -> &str {
        "app"
    }

    fn abilities(&self) -> Abilities {
        Abilities { parts: true, ..Abilities::default() }
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        batch.iter().map(|request| self.one(request)).collect()
    }
}

impl App {
    fn one(&self, request: &Request) -> Result<Completion> {
        let Some(parts) = &request.parts else { return Err(Error::model("asked without parts")) };
        assert!(parts.columns.get("gold").is_none(), "the expected output is shown");
        let number = parts.columns["number"].as_u64().unwrap_or_default() as usize;
        if (self.fails)(number) {
            let error = Error::model("the app crashed").perhaps_billed().of_one_request();
            return Err(if self.is_transient { error.transient(None) } else { error });
        }
        Ok(Completion::of(answer(&format!("{}\nInput: {number}", parts.instruction))))
    }
}

fn rows(range: std::ops::Range<usize>) -> Vec<Example> {
    let row = |i: usize| {
        let columns = json!({ "number": i, "gold": i });
        Example::new(i.to_string(), [i.to_string()])
            .with_columns(columns.as_object().unwrap().clone())
    };
    range.map(row).collect()
}

fn searched(fails: fn(usize) -> bool, is_transient: bool) -> StudyBuilder {
    let task = Task::new("app", rows(0..10), rows(10..30), rows(30..50)).unwrap().hiding(["gold"]);
    let study = of_task(task, App { fails, is_transient }, Arc::<InMemory>::default());
    study.method(method("uniform")).trials(12)
}

#[tokio::test]
async fn a_row_without_an_answer_is_missing_and_the_search_goes_on() {
    for is_transient in [false, true] {
        let outcome = run(searched(|number| number % 10 == 3, is_transient)).await.unwrap();
        for trial in outcome.history.trials() {
            let Some(evaluation) = &trial.evaluation else { continue };
            assert_eq!(evaluation.missing(), 2);
            let counts = AnswerCounts::of(evaluation);
            assert_eq!((counts.unscored, counts.empty), (2, 0));
            for example in evaluation.per_example.iter().filter(|one| one.score.is_none()) {
                let why = example.feedback.as_deref().unwrap();
                assert!(why.contains("the app crashed"), "{why}");
            }
        }
        assert!(outcome.winner().unwrap().evaluation.as_ref().unwrap().score.is_some());
        assert!(outcome.account.target.lost > 0);
    }
}

#[tokio::test]
async fn an_app_that_answers_no_row_at_all_ends_the_search() {
    let error = run(searched(|_| true, false)).await.unwrap_err();
    assert!(error.is_model() && error.to_string().contains("the app crashed"), "{error}");
}

#[tokio::test]
async fn an_app_is_not_asked_in_two_rounds() {
    let twice = Sampling::new(0.0, 1).unwrap().with_second_round();
    let error = run(searched(|_| false, false).sampling(twice)).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
}
