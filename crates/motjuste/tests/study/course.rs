//! What a search held for the best as it went on, on the test examples.

use std::sync::Arc;

use motjuste::journal::Outcome;
use motjuste::storage::InMemory;

use super::world::{names, run, same, setup};

/// The trials of these studies, some of which end earlier.
const TRIALS: u64 = 12;

#[tokio::test]
async fn a_course_ends_with_the_result_whatever_the_method() {
    for name in names() {
        let outcome = run(setup(name, Arc::new(InMemory::default()), TRIALS)).await.unwrap();
        let course = outcome.course();
        assert!(course.is_sorted_by_key(|held| held.calls) && course.len() <= 26, "{name}");
        let last = course.last().map(|held| held.instruction.as_str());
        assert_eq!(last, outcome.winner().map(|trial| trial.instruction.as_str()), "{name}");
    }
}

#[tokio::test]
async fn a_course_is_scored_where_it_is_asked_for_and_paid_for_once() {
    let kept = Arc::new(InMemory::default());
    let study = |tests| setup("opro", kept.clone(), TRIALS).test_course(tests);
    let plain = run(study(false)).await.unwrap();
    assert_eq!(plain.assessment.as_ref().unwrap().course, None);
    assert!(!study(true).open().await.unwrap().is_finished());
    let scored = run(study(true)).await.unwrap();
    let texts = scored.assessment.as_ref().unwrap().course.as_ref().unwrap().len();
    assert!(texts > 0);
    let paid = |outcome: &Outcome| outcome.account.assessment.calls;
    assert_eq!(paid(&scored), paid(&plain) + 50 * texts as u64);
    assert_eq!(scored.account.target, plain.account.target);
    same(&run(study(true)).await.unwrap(), &scored);
    let alone = setup("opro", Arc::new(InMemory::default()), TRIALS).test_course(true);
    same(&run(alone).await.unwrap(), &scored);
}

/// In this world a test row is as a dev row: it is known by its last digit.
#[tokio::test]
async fn every_moment_has_its_test_score() {
    for name in ["motjuste", "opro", "instructzero"] {
        let kept = Arc::new(InMemory::default());
        let outcome = run(setup(name, kept, TRIALS).test_course(true)).await.unwrap();
        let assessment = outcome.assessment.as_ref().unwrap();
        for held in outcome.course() {
            let test = assessment.test_of(&held.instruction).unwrap();
            let whole = outcome.history.find(&held.instruction).unwrap();
            assert!(whole.score().is_none_or(|dev| (dev - test.score).abs() < 1e-9), "{name}");
            assert_eq!(test.n, 50, "{name}");
        }
    }
}
