//! The Pareto front over examples.

use std::collections::BTreeMap;

use rand::RngExt;

use crate::history::Trial;
use crate::random::Stream;

/// A trial drawn from the front, in proportion to the rows on which it is among the best; none without a trial.
pub(super) fn draw(pool: &[&Trial], stream: &mut Stream) -> Option<usize> {
    let urn = urn(pool);
    let drawn = match urn.len() {
        0 => 0,
        tickets => urn[stream.random_range(0..tickets)],
    };
    pool.get(drawn).map(|trial| trial.id)
}

/// A member, by its place in the pool, for each row on which it is among the best, once those are gone whose rows are
/// covered by others.
pub(super) fn urn(pool: &[&Trial]) -> Vec<usize> {
    let mut urn = without_covered(pool, fronts(pool)).concat();
    urn.sort_unstable();
    urn
}

/// For each dev row the members, by their place in the pool, that have the best score on it.
fn fronts(pool: &[&Trial]) -> Vec<Vec<usize>> {
    let mut scores: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for (member, trial) in pool.iter().enumerate() {
        let rows = trial.evaluation.iter().flat_map(|all| &all.per_example);
        for (row, score) in rows.filter_map(|one| Some((one.example, one.score?))) {
            scores.entry(row).or_default().push((member, score));
        }
    }
    let best = |scores: &Vec<(usize, f64)>| {
        let most = scores.iter().map(|(_, score)| *score).fold(0.0, f64::max);
        scores.iter().filter(|(_, score)| *score >= most).map(|(member, _)| *member).collect()
    };
    scores.values().map(best).collect()
}

/// The fronts without those members, from the lowest mean up, whose rows are all covered by others. Of equal means the
/// one on the earlier row goes first, as in the published code.
fn without_covered(pool: &[&Trial], mut fronts: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut members = in_order_of_rows(&fronts);
    let mean = |member: usize| pool[member].score().unwrap_or(0.0);
    members.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)));
    for member in members {
        let is_covered = |front: &Vec<usize>| !front.contains(&member) || front.len() > 1;
        if fronts.iter().all(is_covered) {
            fronts.iter_mut().for_each(|front| front.retain(|other| *other != member));
        }
    }
    fronts
}

/// The members of these fronts, each once.
fn in_order_of_rows(fronts: &[Vec<usize>]) -> Vec<usize> {
    let mut members: Vec<usize> = Vec::new();
    for &member in fronts.iter().flatten() {
        if !members.contains(&member) {
            members.push(member);
        }
    }
    members
}

/// A member with these scores.
#[cfg(test)]
pub(super) fn trial(id: usize, scores: &[f64]) -> Trial {
    use crate::history::{Evaluation, ExampleScore, TrialState};
    let rows = scores.iter().enumerate();
    let rows = rows.map(|(row, score)| ExampleScore::new(row, Some(*score), "")).collect();
    Trial {
        id,
        step: 0,
        candidate: id,
        instruction: String::new(),
        state: TrialState::Complete,
        evaluation: Some(Evaluation::new(rows, crate::usage::Usage::default())),
        repeats: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    /// The first is best on three rows, the second on one, the third nowhere alone.
    #[test]
    fn who_is_best_on_more_rows_is_drawn_more_often_and_who_is_covered_never() {
        let all = [
            trial(5, &[1.0, 1.0, 1.0, 0.0]),
            trial(6, &[0.0, 0.0, 0.0, 1.0]),
            trial(7, &[1.0, 0.0, 0.0, 0.0]),
        ];
        let pool: Vec<&Trial> = all.iter().collect();
        let mut stream = Streams::new(0).stream("front", 0);
        let drawn: Vec<usize> = (0..400).filter_map(|_| draw(&pool, &mut stream)).collect();
        let times = |id| drawn.iter().filter(|one| **one == id).count();
        assert!((260..340).contains(&times(5)), "{}", times(5));
        assert_eq!((times(5) + times(6), times(7)), (400, 0));
        assert!(draw(&[], &mut stream).is_none());
    }
}
