//! What steps add up to.

use super::*;
use crate::usage::Usage;

/// Instructions in one reply each.
fn step(index: usize, texts: &[&str]) -> Step {
    Step {
        index,
        proposals: texts.iter().map(|text| Proposal::Instruction((*text).to_owned())).collect(),
        replies: texts.iter().map(|text| Reply::of(*text)).collect(),
        readings: texts.iter().map(|text| vec![Found::new(*text)]).collect(),
        ..Step::default()
    }
}

fn paid(trial: usize, scores: &[(usize, Option<f64>)]) -> Assignment {
    let per_example = scores.iter().map(|(row, score)| ExampleScore::new(*row, *score, ""));
    let usage = Usage { tokens_in: scores.len() as u64, tokens_out: 0 };
    Assignment {
        trial,
        candidate: trial,
        rows: scores.iter().map(|(row, _)| *row).collect(),
        repeats: None,
        evaluation: Some(Evaluation::new(per_example.collect(), usage)),
    }
}

fn waiting(trial: usize) -> Assignment {
    Assignment { evaluation: None, ..paid(trial, &[(0, None)]) }
}

fn history() -> History {
    History::scored_on((0..4).collect())
}

fn states(history: &History) -> Vec<TrialState> {
    history.trials().iter().map(|trial| trial.state).collect()
}

#[test]
fn a_trial_grows_row_by_row_until_it_is_complete() {
    let mut history = history();
    let first = [(0, Some(1.0)), (2, Some(0.0))];
    history.push(Step { assignments: vec![paid(0, &first)], ..step(0, &["a"]) });
    assert_eq!(states(&history), [TrialState::Partial]);
    assert_eq!((history.best(), history.evaluated_trials()), (None, 1));
    assert_eq!(history.partial().map(|trial| trial.id).collect::<Vec<_>>(), [0]);
    let rest = [(1, Some(1.0)), (2, Some(1.0)), (3, None)];
    history.push(Step { assignments: vec![paid(0, &rest)], ..step(1, &[]) });
    let trial = &history.trials()[0];
    let evaluation = trial.evaluation.as_ref().unwrap();
    assert_eq!(evaluation.scores(), [1.0, 1.0, 0.0], "row 2 keeps its first score, row 3 has none");
    assert_eq!((trial.state, trial.score()), (TrialState::Complete, Some(2.0 / 3.0)));
    assert_eq!((history.evaluated_trials(), history.partial().count()), (1, 0));
    assert_eq!(history.best().map(|trial| trial.id), Some(0));
}

#[test]
fn a_trial_without_a_single_score_has_failed_and_is_never_the_best() {
    let mut history = history();
    let none: Vec<_> = (0..4).map(|row| (row, None)).collect();
    let low: Vec<_> = (0..4).map(|row| (row, Some(0.0))).collect();
    let assignments = vec![paid(0, &none), paid(1, &low)];
    history.push(Step { assignments, ..step(0, &["a", "b"]) });
    assert_eq!(states(&history), [TrialState::Failed, TrialState::Complete]);
    assert_eq!(history.best().map(|trial| trial.id), Some(1));
    assert_eq!(history.complete().count(), 1);
}

#[test]
fn what_is_given_up_is_pruned_and_what_is_complete_is_not() {
    let mut history = history();
    let all: Vec<_> = (0..4).map(|row| (row, Some(0.5))).collect();
    let assignments = vec![paid(0, &all), paid(1, &all[..2])];
    history.push(Step { assignments, ..step(0, &["a", "b"]) });
    history.push(Step { pruned: vec![0, 1, 9], ..step(1, &[]) });
    assert_eq!(states(&history), [TrialState::Complete, TrialState::Pruned]);
    assert_eq!(history.partial().count(), 0);
}

#[test]
fn a_cut_step_is_completed_in_its_place_and_counted_once() {
    let mut history = history();
    let all: Vec<_> = (0..4).map(|row| (row, Some(0.5))).collect();
    let cut = Step { assignments: vec![paid(0, &all), waiting(1)], ..step(0, &["a", "b"]) };
    history.push(cut.clone());
    assert_eq!(history.cut_steps().map(|step| step.index).collect::<Vec<_>>(), [0]);
    assert_eq!(states(&history), [TrialState::Complete, TrialState::Waiting]);
    history.push(Step { assignments: vec![paid(2, &all)], ..step(1, &["c"]) });
    history.push(Step { assignments: vec![paid(0, &all), paid(1, &all)], ..cut });
    assert_eq!((history.steps().len(), history.candidates().len()), (2, 3));
    assert_eq!((history.cut_steps().count(), history.evaluated_trials()), (0, 3));
    let usage = history.trials()[0].evaluation.as_ref().unwrap().usage;
    assert_eq!(usage.tokens_in, 4, "what was known is not added again");
}

#[test]
fn of_equals_the_first_is_the_best_and_the_last_the_latest_best() {
    let mut history = history();
    let all = |score| (0..4).map(|row| (row, Some(score))).collect::<Vec<_>>();
    let scores = [0.25, 0.75, 0.5, 0.75];
    let assignments = scores.iter().enumerate().map(|(trial, score)| paid(trial, &all(*score)));
    history.push(Step { assignments: assignments.collect(), ..step(0, &["a", "b", "c", "d"]) });
    let best = (history.best().unwrap().id, history.latest_best().unwrap().id);
    assert_eq!(best, (1, 3));
    // A row beyond the four takes the lead from the first.
    history.push(Step { assignments: vec![paid(1, &[(7, Some(0.0))])], ..step(1, &[]) });
    assert_eq!((history.best().unwrap().id, history.latest_best().unwrap().id), (3, 3));
}

#[test]
fn candidates_know_their_reply_and_their_place_in_it() {
    let mut history = history();
    let mut two = step(0, &["one", "two"]);
    two.readings[0] = vec![Found::new("a"), Found::dropped("b", "too long"), Found::new("c")];
    two.readings[1] = vec![Found { parents: vec![0], ..Found::new("d") }];
    history.push(two);
    let origins: Vec<_> = history
        .candidates()
        .iter()
        .map(|candidate| (candidate.id, candidate.origin.reply, candidate.origin.position))
        .collect();
    assert_eq!(origins, [(0, 0, 0), (1, 0, 2), (2, 1, 0)]);
    assert_eq!(history.candidates()[2].origin.parents, [0]);
    assert_eq!(history.reply_of(&history.candidates()[2]).unwrap().text, "two");
    assert!(history.trial_of(0).is_none());
}
