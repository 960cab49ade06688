//! Answers that are drawn, and answers that are judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use motjuste::Result;
use motjuste::calls::CallPolicy;
use motjuste::cost::Price;
use motjuste::model::{Completion, FinishReason, Model, Request, Scripted};
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
        let is_lost = prompt.contains("Answer: no idea");
        if is_lost { "Score: 0" } else { "It says so.\nScore: 10" }.into()
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
    assert_eq!(evaluation.per_example[0].feedback.as_deref(), Some("It says so."));
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
    let outcome = run(priced(6.0)).await.unwrap();
    assert!(outcome.account.usd() > Usd::ZERO && outcome.assessment.is_some());
    // The verdicts alone could cost more than this.
    assert!(run(priced(1.0)).await.unwrap_err().is_budget());
}

/// A judge that gives no points to one answer in six, in its first draw, its second, or both; every process
/// has one of its own, which remembers nothing.
fn unsteady(asked: Arc<AtomicUsize>) -> StudyBuilder {
    lacking().judge(Scripted::new("judge", move |request| {
        asked.fetch_add(1, Ordering::Relaxed);
        let kind = blake3::hash(request.text().as_bytes()).as_bytes()[0] % 12;
        match (kind, request.decoding.draw) {
            (0, _) | (1, 0) => "I would rather not say.".into(),
            _ => "Score: 7".into(),
        }
    }))
}

#[tokio::test]
async fn replies_without_points_are_missing_rows_and_are_not_kept_for_others() {
    let store = Arc::new(InMemory::default());
    let (first, second) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let outcome = run(unsteady(first.clone()).storage(store.clone())).await.unwrap();
    let evaluations = || outcome.history.trials().iter().filter_map(|it| it.evaluation.as_ref());
    let missing: usize = evaluations().map(|evaluation| evaluation.missing()).sum();
    assert!(missing > 0, "some rows are missing");
    assert!(evaluations().all(|evaluation| !evaluation.scores().is_empty()));
    // Another study, with the same answers: what could be read is not asked for again, the rest is.
    let other = unsteady(second.clone()).storage(store).seed(1);
    let again = run(other).await.unwrap();
    let again_missing: usize = (again.history.trials().iter())
        .filter_map(|it| it.evaluation.as_ref())
        .map(|evaluation| evaluation.missing())
        .sum();
    assert!(again_missing > 0 && second.load(Ordering::Relaxed) > 0);
    assert!(again.account.judge.calls > 0);
    same(&outcome, &run(unsteady(Arc::default())).await.unwrap());
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
