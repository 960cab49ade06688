//! The exact optimum by dynamic programming (Held and Karp 1962).
//!
//! C(S, k) is the length of the shortest path from point 0 through all points of S that ends in k ∈ S:
//! C(S, k) = min over m ∈ S∖{k} of C(S∖{k}, m) + d(m, k).

use motjuste::{Error, Result};

use super::{Instance, Tour};

/// The most points that the exact optimum is computed for: its table then takes 80 MB.
pub const LARGEST_EXACT: usize = 20;

/// A shortest tour from point 0.
///
/// ```
/// use motjuste_problems::tsp::{Instance, held_karp};
/// let square = Instance::new(vec![[0, 0], [1, 1], [0, 1], [1, 0]]);
/// assert_eq!(square.length(&held_karp(&square).unwrap()), 4.0);
/// ```
///
/// # Errors
/// [`Error::is_configuration`] for more than [`LARGEST_EXACT`] points.
pub fn held_karp(instance: &Instance) -> Result<Tour> {
    let n = instance.points().len();
    if n > LARGEST_EXACT {
        return Err(Error::configuration(format!("{n} points are too many for the exact optimum"))
            .with_help("use best_known, and call its length the best known"));
    }
    if n < 3 {
        return Ok((0..n).collect());
    }
    let table = Table::fill(instance);
    Ok(table.read_back(instance))
}

/// C(S, k): row S as a bit set, column k; point k + 1 has bit k.
struct Table {
    others: usize,
    lengths: Vec<f64>,
}

impl Table {
    fn fill(instance: &Instance) -> Self {
        let others = instance.points().len() - 1;
        let lengths = vec![f64::INFINITY; (1 << others) * others];
        let mut table = Self { others, lengths };
        for k in 0..others {
            table.lengths[(1 << k) * others + k] = instance.distance(0, k + 1);
        }
        for set in 1..1_usize << others {
            for k in (0..others).filter(|k| set >> k & 1 == 1 && set != 1 << k) {
                let (_, length) = table.shortest(instance, set & !(1 << k), k + 1);
                table.lengths[set * others + k] = length;
            }
        }
        table
    }

    /// The best last point of a path through `set` that goes on to `next`, and the path's length.
    fn shortest(&self, instance: &Instance, set: usize, next: usize) -> (usize, f64) {
        let row = &self.lengths[set * self.others..][..self.others];
        let mut best = (0, f64::INFINITY);
        for (m, length) in row.iter().enumerate() {
            // Points outside the set are infinitely far.
            let length = length + instance.distance(m + 1, next);
            if length < best.1 {
                best = (m, length);
            }
        }
        best
    }

    fn read_back(&self, instance: &Instance) -> Tour {
        let (mut set, mut next) = ((1 << self.others) - 1, 0);
        let mut tour = Vec::with_capacity(self.others + 1);
        while set != 0 {
            let (last, _) = self.shortest(instance, set, next);
            set &= !(1 << last);
            next = last + 1;
            tour.push(next);
        }
        tour.push(0);
        tour.reverse();
        tour
    }
}
