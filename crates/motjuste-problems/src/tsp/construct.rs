//! Tours built point by point.

use super::{Instance, Tour};

/// From point 0 always to the closest point not visited yet, the lower number among equals.
pub fn nearest_neighbour(instance: &Instance) -> Tour {
    nearest_neighbour_from(instance, 0)
}

pub(super) fn nearest_neighbour_from(instance: &Instance, start: usize) -> Tour {
    let mut left: Vec<usize> = (0..instance.points().len()).filter(|node| *node != start).collect();
    let mut tour = vec![start];
    tour.truncate(instance.points().len());
    let mut here = start;
    let nearest = |here: usize, left: &[usize]| {
        let distance = |index: &usize| instance.distance(here, left[*index]);
        (0..left.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    while let Some(index) = nearest(here, &left) {
        here = left.remove(index);
        tour.push(here);
    }
    tour
}

/// Inserts the point whose cheapest insertion is the most expensive, at its cheapest position.
///
/// The cost of k is min over tour edges (i, j) of d(i, k) + d(k, j) − d(i, j); the lower number wins
/// among equals.
pub fn farthest_insertion(instance: &Instance) -> Tour {
    let mut left: Vec<usize> = (1..instance.points().len()).collect();
    let mut tour: Tour = (0..instance.points().len().min(1)).collect();
    while !left.is_empty() {
        let mut farthest = (0, 0, f64::NEG_INFINITY);
        for (index, &node) in left.iter().enumerate() {
            let (position, cost) = cheapest_position(instance, &tour, node);
            if cost > farthest.2 {
                farthest = (index, position, cost);
            }
        }
        let node = left.remove(farthest.0);
        tour.insert(farthest.1, node);
    }
    tour
}

/// Where inserting `node` costs least, behind point 0, and what it costs.
fn cheapest_position(instance: &Instance, tour: &[usize], node: usize) -> (usize, f64) {
    let mut cheapest = (1, f64::INFINITY);
    for (position, &i) in tour.iter().enumerate() {
        let j = tour[(position + 1) % tour.len()];
        let cost =
            instance.distance(i, node) + instance.distance(node, j) - instance.distance(i, j);
        if cost < cheapest.1 {
            cheapest = (position + 1, cost);
        }
    }
    cheapest
}
