//! Tours improved by small changes, until none helps.

use motjuste::random::Stream;
use rand::seq::SliceRandom;

use super::construct::nearest_neighbour_from;
use super::{Instance, Tour, farthest_insertion};

/// A change has to gain more than rounding does, or the search could turn in circles.
const LEAST_GAIN: f64 = 1e-9;

/// Reverses pieces of the tour as long as that shortens it (2-opt; Croes 1958). The result begins
/// where `tour` does and is never longer.
pub fn two_opt(instance: &Instance, mut tour: Tour) -> Tour {
    while reverse_a_piece(instance, &mut tour) {}
    tour
}

/// 2-opt and Or-opt in turns (Or 1976: pieces of up to three points move elsewhere), until neither
/// helps. The result is a rotation of such a tour to begin where `tour` does.
pub fn improve(instance: &Instance, mut tour: Tour) -> Tour {
    let first = tour.first().copied();
    while reverse_a_piece(instance, &mut tour) || move_a_piece(instance, &mut tour) {}
    let start = tour.iter().position(|node| Some(*node) == first).unwrap_or_default();
    tour.rotate_left(start);
    tour
}

/// The first exchange of edges (a, b), (c, d) for (a, c), (b, d) that helps.
fn reverse_a_piece(instance: &Instance, tour: &mut [usize]) -> bool {
    let n = tour.len();
    for i in 0..n.saturating_sub(1) {
        for j in i + 2..n {
            let (a, b, c, d) = (tour[i], tour[i + 1], tour[j], tour[(j + 1) % n]);
            let old = instance.distance(a, b) + instance.distance(c, d);
            let new = instance.distance(a, c) + instance.distance(b, d);
            if old - new > LEAST_GAIN {
                tour[i + 1..=j].reverse();
                return true;
            }
        }
    }
    false
}

/// The first piece of one to three points that costs less elsewhere, either way round.
fn move_a_piece(instance: &Instance, tour: &mut Tour) -> bool {
    let n = tour.len();
    for length in 1..=3.min(n.saturating_sub(3)) {
        for _ in 0..n {
            tour.rotate_left(1);
            if reinsert(instance, tour, length) {
                return true;
            }
        }
    }
    false
}

/// Moves the first `length` points to a better position between two others, if there is one.
fn reinsert(instance: &Instance, tour: &mut Tour, length: usize) -> bool {
    let (first, last) = (tour[0], tour[length - 1]);
    let (before, after) = (tour[tour.len() - 1], tour[length]);
    let d = |a, b| instance.distance(a, b);
    let freed = d(before, first) + d(last, after) - d(before, after);
    for position in length..tour.len() - 1 {
        let (i, j) = (tour[position], tour[position + 1]);
        let straight = d(i, first) + d(last, j) - d(i, j);
        let turned = d(i, last) + d(first, j) - d(i, j);
        if freed - straight.min(turned) > LEAST_GAIN {
            let mut piece: Tour = tour.drain(..length).collect();
            if turned < straight {
                piece.reverse();
            }
            let at = position + 1 - length;
            tour.splice(at..at, piece);
            return true;
        }
    }
    false
}

/// The shortest tour that [`improve`] reaches from every nearest-neighbour tour, from farthest
/// insertion and from `restarts` random tours, beginning at point 0. Not proven optimal.
pub fn best_known(instance: &Instance, restarts: usize, stream: &mut Stream) -> Tour {
    let n = instance.points().len();
    let mut best = improve(instance, farthest_insertion(instance));
    let nearest = (0..n).map(|start| nearest_neighbour_from(instance, start));
    let mut random: Tour = (0..n).collect();
    let random = (0..restarts).map(|_| {
        random.shuffle(stream);
        random.clone()
    });
    for start in nearest.chain(random) {
        let tour = improve(instance, start);
        if instance.length(&tour) < instance.length(&best) - LEAST_GAIN {
            best = tour;
        }
    }
    let start = best.iter().position(|node| *node == 0).unwrap_or_default();
    best.rotate_left(start);
    best
}
