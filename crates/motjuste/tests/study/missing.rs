//! Scores that are missing, and models that give too few answers.

use std::sync::Arc;

use async_trait::async_trait;
use motjuste::Result;
use motjuste::history::{Trial, TrialState};
use motjuste::model::{Completion, Model, Request};
use motjuste::score::{Answer, Verdict, from_fn};
use motjuste::storage::InMemory;
use motjuste::study::StudyBuilder;

use crate::world::{answer, method, of_task, run, same, target, task};

/// Cannot say anything about wrong answers, and nothing about any answer to an instruction with an "e".
fn shy(answer: &Answer<'_>) -> Verdict {
    let instruction = answer.prompt.lines().next().unwrap_or_default();
    if instruction.contains(" e") || answer.text != answer.example.outputs[0] {
        return Verdict::missing("no opinion");
    }
    Verdict::from(0.75).with_feedback("well done")
}

fn shyly_scored() -> StudyBuilder {
    let task = task().with_score(from_fn("shy, edition 1", shy));
    let study = of_task(task, target("answerer", answer), Arc::<InMemory>::default());
    study.method(method("uniform")).trials(40)
}

#[tokio::test]
async fn a_missing_score_is_never_a_zero() {
    let outcome = run(shyly_scored()).await.unwrap();
    let (mut failed, mut partly) = (0, 0);
    let is_scored = |trial: &&Trial| trial.state != TrialState::Waiting;
    for trial in outcome.history.trials().iter().filter(is_scored) {
        let evaluation = trial.evaluation.as_ref().unwrap();
        assert_eq!(evaluation.per_example.len(), 20);
        let is_mute = trial.instruction.contains(" e");
        assert_eq!(trial.state, if is_mute { TrialState::Failed } else { TrialState::Complete });
        assert_eq!(evaluation.score, (!is_mute).then_some(0.75), "{}", trial.instruction);
        assert_eq!(evaluation.missing() + evaluation.scores().len(), 20);
        for example in &evaluation.per_example {
            let said = example.score.map_or("no opinion", |_| "well done");
            assert_eq!(example.feedback.as_deref(), Some(said));
        }
        failed += usize::from(is_mute);
        partly += usize::from(!is_mute && evaluation.missing() > 0);
    }
    assert!(failed > 0 && partly > 0, "{failed} failed, {partly} partly scored");
    assert_eq!(outcome.winner().unwrap().state, TrialState::Complete);
    assert_eq!(outcome.history.complete().count(), 40 - failed);
    same(&outcome, &run(shyly_scored()).await.unwrap());
}

#[tokio::test]
async fn a_study_in_which_every_score_is_missing_has_no_winner() {
    let task = task().with_score(from_fn("mute", |_| Verdict::missing("no opinion")));
    let mute = of_task(task, target("answerer", answer), Arc::<InMemory>::default());
    let outcome = run(mute.method(method("uniform")).trials(12)).await.unwrap();
    assert!(outcome.winner().is_none());
    assert_eq!(outcome.history.evaluated_trials(), 12);
    assert!(outcome.history.trials().iter().all(|trial| trial.state == TrialState::Failed));
    let assessment = outcome.assessment.unwrap();
    assert!(assessment.winner.is_none() && assessment.empty.test.score.is_none());
}

/// Forgets the last answer of every batch of more than one.
struct Careless;

#[async_trait]
impl Model for Careless {
    fn id(&self) -> &str {
        "answerer"
    }

    fn batch_size(&self) -> usize {
        4
    }

    fn is_remote(&self) -> bool {
        false
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let answers = batch.len().max(2) - 1;
        batch[..answers].iter().map(|it| Ok(Completion::of(answer(&it.text())))).collect()
    }
}

#[tokio::test]
async fn a_model_that_gives_too_few_answers_is_an_error_and_no_score() {
    let store = Arc::new(InMemory::default());
    let careless = of_task(task(), Careless, store.clone()).method(method("uniform")).trials(6);
    let error = run(careless).await.unwrap_err();
    assert!(error.is_model() && error.help().is_some(), "{error}");
    assert!(error.to_string().contains("answerer gave 3 answers to 4 requests"), "{error}");
    let uniform = |store| {
        let study = of_task(task(), target("answerer", answer), store);
        study.method(method("uniform")).trials(6)
    };
    let mended = run(uniform(store)).await.unwrap();
    let calm = run(uniform(Arc::new(InMemory::default()))).await.unwrap();
    assert_eq!(mended.history.trials(), calm.history.trials());
}
