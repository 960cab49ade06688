//! Answers that are drawn, and answers that are judged.

use std::sync::Arc;

use async_trait::async_trait;
use motjuste::Result;
use motjuste::calls::CallPolicy;
use motjuste::cost::Price;
use motjuste::model::{Completion, FinishReason, Model, Request};
use motjuste::money::Usd;
use motjuste::report::{Report, TrialLine};
use motjuste::score::Judge;
use motjuste::storage::InMemory;
use motjuste::study::{Sampling, StudyBuilder};

use crate::world::{
    answer, input, method, of_task, policy, run, same, setup, target, task, within,
};

fn lacking() -> StudyBuilder {
    let judged = task().with_score(Judge::new("judge", None).unwrap());
    let judged = of_task(judged, target("answerer", answer), Arc::<InMemory>::default());
    judged.method(method("uniform")).trials(12)
}

fn judged() -> StudyBuilder {
    lacking().judge(target("judge", |prompt| {
        if prompt.contains("Answer: no idea") { "Score: 0" } else { "Score: 10" }.into()
    }))
}

#[tokio::test]
async fn a_judge_scores_and_is_on_the_bill() {
    let by_metric = run(setup("uniform", Arc::new(InMemory::default()), 12)).await.unwrap();
    let by_judge = run(judged()).await.unwrap();
    let lines = (TrialLine::all(&by_judge), TrialLine::all(&by_metric));
    assert_eq!(lines.0, lines.1);
    for (judged, scored) in by_judge.history.steps().iter().zip(by_metric.history.steps()) {
        assert_eq!((&judged.proposals, &judged.replies), (&scored.proposals, &scored.replies));
        assert_eq!(judged.readings, scored.readings);
    }
    let evaluation = by_judge.winner().unwrap().evaluation.as_ref().unwrap();
    assert_eq!(evaluation.per_example[0].feedback.as_deref(), Some("Score: 10"));
    assert!(by_judge.account.judge.calls > 0);
    assert_eq!(by_metric.account.judge.calls, 0);
    assert_ne!(by_judge.config.study(), by_metric.config.study());
}

#[tokio::test]
async fn a_judge_is_under_the_cap_on_money() {
    let priced = |cap: f64| {
        let judge_price = Price::per_million(10.0, 10.0).unwrap();
        let priced = judged().calls(CallPolicy { judge_price, ..policy() });
        within(priced, |budget| budget.usd = Some(Usd::dollars(cap).unwrap()))
    };
    let outcome = run(priced(4.0)).await.unwrap();
    assert!(outcome.account.usd() > Usd::ZERO && outcome.assessment.is_some());
    // The verdicts alone could cost more than this.
    assert!(run(priced(1.0)).await.unwrap_err().is_budget());
}

#[tokio::test]
async fn a_task_that_wants_a_judge_is_refused_without_one() {
    assert!(run(lacking()).await.unwrap_err().is_configuration());
}

/// Answers every third draw rightly.
struct Fickle;

#[async_trait]
impl Model for Fickle {
    fn id(&self) -> &str {
        "fickle"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let one = |request: &Request| {
            let (decoding, prompt) = (request.decoding, request.text());
            let right = decoding.draw.is_multiple_of(3) && decoding.temperature == 0.7;
            Completion::of(if right { input(&prompt) } else { "?" })
        };
        batch.iter().map(|request| Ok(one(request))).collect()
    }
}

#[tokio::test]
async fn draws_are_calls_of_their_own_and_their_scores_are_averaged() {
    let drawn = || {
        let drawn = of_task(task(), Fickle, Arc::<InMemory>::default());
        let drawn = drawn.method(method("uniform")).trials(6);
        drawn.sampling(Sampling::new(0.7, 6).unwrap())
    };
    let outcome = run(drawn()).await.unwrap();
    let evaluation = outcome.winner().unwrap().evaluation.clone().unwrap();
    assert!(evaluation.scores().iter().all(|score| (score - 1.0 / 3.0).abs() < 1e-12));
    let distinct = outcome.history.distinct_instructions() as u64;
    assert_eq!(outcome.account.target.calls, distinct * 20 * 6);
    same(&outcome, &run(drawn()).await.unwrap());
}

/// Is cut off in its second draw, and says nothing in its first.
struct Hasty;

#[async_trait]
impl Model for Hasty {
    fn id(&self) -> &str {
        "hasty"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let one = |request: &Request| match request.decoding.draw {
            0 => Completion::of(""),
            1 => Completion { finish_reason: FinishReason::Length, ..Completion::of("and then") },
            _ => Completion::of("?"),
        };
        batch.iter().map(|request| Ok(one(request))).collect()
    }
}

#[tokio::test]
async fn answers_that_are_cut_in_any_draw_or_empty_are_counted() {
    let drawn = of_task(task(), Hasty, Arc::<InMemory>::default());
    let drawn = drawn.method(method("uniform")).trials(6).sampling(Sampling::new(0.7, 3).unwrap());
    let outcome = run(drawn).await.unwrap();
    let counts = Report::of("s", &outcome, None).answers;
    let scored = 20 * outcome.history.distinct_instructions();
    // The winner on test, and the two baselines on both splits.
    let proof = 3 * task().test().len() + 2 * 20;
    assert_eq!(counts.answers, scored + proof);
    assert_eq!((counts.cut, counts.empty), (counts.answers, counts.answers));
    assert_eq!((counts.filtered, counts.unscored), (0, 0));
}
