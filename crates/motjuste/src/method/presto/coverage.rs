//! The start that covers the pool: greedy maximum mean discrepancy between chosen groups and all points.
//!
//! `MMD²(X, Y) = mean k(x, x') + mean k(y, y') - 2 mean k(x, y)`, means over pairs of two different points of
//! one set, `k = exp(-|x - y|² / (2 b))`, b the median squared distance (Gretton et al. 2012, eq. 3). Sums over pairs
//! grow with the chosen set, so a choice costs as many kernel values as the chosen group and the pool have pairs.

use motjuste_gp::Points;
use serde::{Deserialize, Serialize};

use crate::method::decoded::Decoded;
use crate::method::neural_ucb::first_of_largest;

/// How PRESTO's start covers the pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Whether it does; otherwise the start is drawn at random.
    pub on: bool,
    /// The weight of how many soft prompts lead to an instruction, beside how far the start is spread.
    pub size_weight: f64,
    /// The fewest soft prompts that lead to an instruction of the start, where enough have so many.
    pub least: usize,
}

impl Coverage {
    /// So many of the open groups: by size alone where no more than that take part, else greedily by
    /// `size / largest + 1 - MMD² / largest MMD²`.
    pub(super) fn choose(&self, decoded: &Decoded<'_>, count: usize) -> Vec<usize> {
        let mut open = decoded.open();
        let large: Vec<usize> =
            open.iter().copied().filter(|&it| size(decoded, it) >= self.least).collect();
        if large.len() <= count {
            // Stable, so the earlier of equals comes first.
            open.sort_by_key(|&it| std::cmp::Reverse(size(decoded, it)));
            open.truncate(count);
            return open;
        }
        let mut chosen = Vec::new();
        let mut cover = Cover::new(decoded, large);
        while let Some(group) =
            (chosen.len() < count).then(|| cover.take(self.size_weight)).flatten()
        {
            chosen.push(group);
        }
        chosen
    }
}

fn size(decoded: &Decoded<'_>, group: usize) -> usize {
    decoded.groups[group].points.len()
}

/// The groups that are left, with their sums of the kernel.
struct Cover<'a> {
    decoded: &'a Decoded<'a>,
    kernel: Kernel<'a>,
    left: Vec<Left>,
    /// Points that are chosen, the sum over their pairs, and the sum over pairs of one of them and any point.
    points: f64,
    within: f64,
    to_all: f64,
}

/// A group with its sums of the kernel: within it, to all points, to those that are chosen.
struct Left {
    group: usize,
    within: f64,
    to_all: f64,
    to_chosen: f64,
}

impl<'a> Cover<'a> {
    fn new(decoded: &'a Decoded<'a>, groups: Vec<usize>) -> Self {
        let kernel = Kernel::of(&decoded.features);
        let left = |group: usize| {
            let rows = decoded.groups[group].points.clone();
            let within = kernel.sum(rows.clone(), rows.clone()) - rows.len() as f64;
            let to_all = kernel.sum(rows, 0..decoded.features.len());
            Left { group, within, to_all, to_chosen: 0.0 }
        };
        let left = groups.into_iter().map(left).collect();
        Self { decoded, kernel, left, points: 0.0, within: 0.0, to_all: 0.0 }
    }

    fn size(&self, it: &Left) -> f64 {
        size(self.decoded, it.group) as f64
    }

    /// `MMD²` of all points and the chosen ones with this group, without the constant of all points: of a single
    /// point, which has no pair, its kernel with itself stands for the pairs.
    fn discrepancy(&self, it: &Left, all: f64) -> f64 {
        let m = self.points + self.size(it);
        let pairs = self.within + it.within + 2.0 * it.to_chosen;
        let own = if m > 1.0 { pairs / (m * (m - 1.0)) } else { 1.0 };
        let cross = (self.to_all + it.to_all) / (m * self.decoded.features.len() as f64);
        (all + own - 2.0 * cross).max(0.0)
    }

    fn take(&mut self, size_weight: f64) -> Option<usize> {
        let all = self.kernel.mean_of_pairs;
        let gaps: Vec<f64> = self.left.iter().map(|it| self.discrepancy(it, all)).collect();
        let widest = gaps.iter().copied().fold(0.0, f64::max);
        let largest = self.left.iter().map(|it| self.size(it)).fold(1.0, f64::max);
        let spread = |gap: &f64| if widest > 0.0 { 1.0 - gap / widest } else { 0.0 };
        let value = |(it, gap): (&Left, &f64)| size_weight * self.size(it) / largest + spread(gap);
        let values = self.left.iter().zip(&gaps).map(value);
        let best = first_of_largest(values)?;
        let taken = self.left.remove(best);
        self.points += self.size(&taken);
        self.within += taken.within + 2.0 * taken.to_chosen;
        self.to_all += taken.to_all;
        let rows = self.decoded.groups[taken.group].points.clone();
        for it in &mut self.left {
            let others = self.decoded.groups[it.group].points.clone();
            it.to_chosen += self.kernel.sum(rows.clone(), others);
        }
        Some(taken.group)
    }
}

/// The Gaussian kernel over the rows of the features.
struct Kernel<'a> {
    points: &'a Points,
    bandwidth: f64,
    /// Its mean over pairs of two different points.
    mean_of_pairs: f64,
}

/// The most points whose distances are sorted for their median, evenly spread over the pool.
const FOR_MEDIAN: usize = 1000;

impl<'a> Kernel<'a> {
    fn of(points: &'a Points) -> Self {
        let step = points.len().div_ceil(FOR_MEDIAN).max(1);
        let some: Vec<usize> = (0..points.len()).step_by(step).collect();
        let pairs =
            some.iter().enumerate().flat_map(|(k, &i)| some[..k].iter().map(move |&j| (i, j)));
        let mut distances: Vec<f64> = pairs.map(|(i, j)| distance(points, i, j)).collect();
        distances.sort_by(f64::total_cmp);
        let median = distances.get(distances.len().saturating_sub(1) / 2).copied();
        let bandwidth = median.filter(|it| *it > 0.0).unwrap_or(1.0);
        let mut kernel = Self { points, bandwidth, mean_of_pairs: 0.0 };
        let n = points.len() as f64;
        let sum = kernel.sum(0..points.len(), 0..points.len());
        kernel.mean_of_pairs = (sum - n) / (n * (n - 1.0)).max(1.0);
        kernel
    }

    fn value(&self, i: usize, j: usize) -> f64 {
        (-distance(self.points, i, j) / (2.0 * self.bandwidth)).exp()
    }

    /// Its sum over all pairs of two sets of rows.
    fn sum(&self, a: std::ops::Range<usize>, b: std::ops::Range<usize>) -> f64 {
        a.flat_map(|i| b.clone().map(move |j| (i, j))).map(|(i, j)| self.value(i, j)).sum()
    }
}

fn distance(points: &Points, i: usize, j: usize) -> f64 {
    points.row(i).iter().zip(points.row(j)).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Candidate, Origin};
    use crate::method::decoded::Group;

    /// Four places on a line, with so many points each.
    fn pool<'a>(candidates: &'a [Candidate], sizes: &[usize]) -> Decoded<'a> {
        let (mut rows, mut groups) = (Vec::new(), Vec::new());
        for (index, (candidate, size)) in candidates.iter().zip(sizes).enumerate() {
            let first = rows.len();
            rows.extend((0..*size).map(|k| [10.0 * index as f64, 0.1 * k as f64]));
            groups.push(Group { candidate, points: first..rows.len(), score: None, is_open: true });
        }
        Decoded { groups, features: Points::from_rows(&rows).unwrap() }
    }

    fn candidates(count: usize) -> Vec<Candidate> {
        let origin = Origin { step: 0, reply: 0, position: 0, parents: Vec::new() };
        let one = |id: usize| Candidate { id, instruction: id.to_string(), origin: origin.clone() };
        (0..count).map(one).collect()
    }

    /// The published greedy choice, every kernel value written out.
    fn by_hand(decoded: &Decoded<'_>, count: usize, size_weight: f64) -> Vec<usize> {
        let kernel = Kernel::of(&decoded.features);
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < count {
            let left: Vec<usize> =
                (0..decoded.groups.len()).filter(|it| !chosen.contains(it)).collect();
            let gap = |group: usize| {
                let rows: Vec<usize> = chosen
                    .iter()
                    .chain([&group])
                    .flat_map(|&it| decoded.groups[it].points.clone())
                    .collect();
                let m = rows.len() as f64;
                let pairs = rows.iter().flat_map(|i| rows.iter().map(move |j| (i, j)));
                let own: f64 =
                    pairs.filter(|(i, j)| i != j).map(|(i, j)| kernel.value(*i, *j)).sum();
                let n = decoded.features.len();
                let cross: f64 =
                    rows.iter().map(|&i| (0..n).map(|j| kernel.value(i, j)).sum::<f64>()).sum();
                kernel.mean_of_pairs + own / (m * (m - 1.0)) - 2.0 * cross / (m * n as f64)
            };
            let gaps: Vec<f64> = left.iter().map(|it| gap(*it).max(0.0)).collect();
            let widest = gaps.iter().copied().fold(0.0, f64::max);
            let largest = left.iter().map(|it| size(decoded, *it)).max().unwrap() as f64;
            let value = |k: usize| {
                let spread = if widest > 0.0 { 1.0 - gaps[k] / widest } else { 0.0 };
                size_weight * size(decoded, left[k]) as f64 / largest + spread
            };
            let best = (0..left.len()).reduce(|a, b| if value(b) > value(a) { b } else { a });
            chosen.push(left[best.unwrap()]);
        }
        chosen
    }

    #[test]
    fn running_sums_choose_as_the_kernel_written_out_does() {
        let all = candidates(7);
        let decoded = pool(&all, &[3, 2, 6, 2, 4, 2, 5]);
        for size_weight in [0.0, 1.0] {
            let coverage = Coverage { on: true, size_weight, least: 2 };
            let expected = by_hand(&decoded, 5, size_weight);
            assert_eq!(coverage.choose(&decoded, 5), expected, "{size_weight}");
        }
    }

    #[test]
    fn without_enough_large_groups_the_largest_are_the_start() {
        let all = candidates(5);
        let decoded = pool(&all, &[1, 3, 1, 6, 3]);
        let coverage = Coverage { on: true, size_weight: 1.0, least: 5 };
        assert_eq!(coverage.choose(&decoded, 3), [3, 1, 4]);
    }

    #[test]
    fn without_weight_on_size_the_choice_spreads() {
        let all = candidates(4);
        let decoded = pool(&all, &[9, 2, 2, 9]);
        let chosen = Coverage { on: true, size_weight: 0.0, least: 1 }.choose(&decoded, 2);
        assert_eq!(
            chosen.iter().map(|it| it / 2).collect::<std::collections::BTreeSet<_>>().len(),
            2
        );
    }
}
