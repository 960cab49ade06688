//! The Pareto front over examples.

use std::collections::BTreeMap;

use rand::RngExt;

use crate::history::Trial;
use crate::random::Stream;

/// A trial drawn from the front, in proportion to the rows on which it is among the best; none without a trial.
pub(super) fn draw(pool: &[&Trial], stream: &mut Stream) -> Option<usize> {
    let fronts = without_covered(pool, fronts(pool));
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    fronts.iter().flatten().for_each(|&member| *rows.entry(member).or_default() += 1);
    let all: usize = rows.values().sum();
    if all == 0 {
        return pool.first().map(|trial| trial.id);
    }
    let mut place = stream.random_range(0..all);
    let drawn = rows.iter().find(|(_, count)| {
        let is_here = place < **count;
        place = place.saturating_sub(**count);
        is_here
    });
    drawn.map(|(&member, _)| pool[member].id)
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

/// The fronts without those members, from the lowest mean up, whose rows are all covered by others.
fn without_covered(pool: &[&Trial], mut fronts: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut members: Vec<usize> = (0..pool.len()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Evaluation, ExampleScore, TrialState};
    use crate::random::Streams;

    fn trial(id: usize, scores: [f64; 4]) -> Trial {
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

    /// The first is best on three rows, the second on one, the third nowhere alone.
    #[test]
    fn who_is_best_on_more_rows_is_drawn_more_often_and_who_is_covered_never() {
        let all = [
            trial(5, [1.0, 1.0, 1.0, 0.0]),
            trial(6, [0.0, 0.0, 0.0, 1.0]),
            trial(7, [1.0, 0.0, 0.0, 0.0]),
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
