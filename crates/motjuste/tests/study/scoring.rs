//! Answers that are drawn, and answers that are judged.

use std::sync::Arc;

use async_trait::async_trait;
use motjuste::Result;
use motjuste::model::{Completion, LanguageModel, Request, ScriptedModel};
use motjuste::money::{Price, Usd};
use motjuste::scoring::{Rubric, Scoring};
use motjuste::storage::InMemory;
use motjuste::study::Sampling;
use motjuste::usage::Usage;

use crate::world::{run, same, setup};

fn judged() -> motjuste::study::Setup {
    let mut judged = setup("uniform", Arc::new(InMemory::default()), 12);
    judged.task.scoring = Scoring::Judge(Rubric::new("judge", None).unwrap());
    judged.judge = Some(Arc::new(ScriptedModel::new("judge", |prompt: &str| {
        if prompt.contains("Answer: no idea") { "Score: 0" } else { "Score: 10" }.into()
    })));
    judged
}

#[tokio::test]
async fn a_judge_scores_and_is_on_the_bill() {
    let by_metric = run(setup("uniform", Arc::new(InMemory::default()), 12)).await.unwrap();
    let by_judge = run(judged()).await.unwrap();
    assert_eq!(by_judge.history.rounds(), by_metric.history.rounds());
    assert!(by_judge.account.judge.calls > 0);
    assert_eq!(by_metric.account.judge.calls, 0);
    assert_ne!(by_judge.config.study(), by_metric.config.study());
}

#[tokio::test]
async fn a_judge_is_under_the_cap_on_money() {
    let priced = |cap: f64| {
        let mut priced = judged();
        priced.calls.judge_price = Price::per_million(10.0, 10.0).unwrap();
        priced.budget.usd = Some(Usd::dollars(cap).unwrap());
        priced
    };
    let outcome = run(priced(4.0)).await.unwrap();
    assert!(outcome.account.usd() > Usd::ZERO && outcome.assessment.is_some());
    // The verdicts alone could cost more than this.
    assert!(run(priced(1.0)).await.unwrap_err().is_budget());
}

#[tokio::test]
async fn a_task_that_wants_a_judge_is_refused_without_one() {
    let mut lacking = judged();
    lacking.judge = None;
    assert!(run(lacking).await.unwrap_err().is_configuration());
}

/// Answers every third draw rightly.
struct Fickle;

#[async_trait]
impl LanguageModel for Fickle {
    fn id(&self) -> &str {
        "fickle"
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let input = request.prompt.split("Input: ").nth(1).unwrap().lines().next().unwrap();
        let right = request.decoding.draw.is_multiple_of(3) && request.decoding.temperature == 0.7;
        let text = if right { input } else { "?" }.to_owned();
        Ok(Completion { text, usage: Usage::default(), logprobs: Vec::new() })
    }
}

#[tokio::test]
async fn draws_are_calls_of_their_own_and_their_scores_are_averaged() {
    let drawn = || {
        let mut drawn = setup("uniform", Arc::new(InMemory::default()), 6);
        drawn.target = Arc::new(Fickle);
        drawn.sampling = Sampling { temperature: 0.7, draws: 6, ..Sampling::default() };
        drawn
    };
    let outcome = run(drawn()).await.unwrap();
    let evaluation = outcome.winner().unwrap().evaluation.clone().unwrap();
    assert!(evaluation.scores().iter().all(|score| (score - 1.0 / 3.0).abs() < 1e-12));
    let distinct = outcome.history.distinct_instructions() as u64;
    assert_eq!(outcome.account.target.calls, distinct * 20 * 6);
    same(&outcome, &run(drawn()).await.unwrap());
}
