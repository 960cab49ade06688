//! Every two methods on the tasks and seeds that both have.

use super::{PairResult, Table, Versus};
use crate::experiment::CellRun;
use crate::interval::Block;
use crate::statistics::{Scope, holm, paired_difference, pairs, smallest_difference};

/// Every two methods, corrected for the number of pairs.
pub(super) fn results(table: &Table<'_>) -> Vec<PairResult> {
    let all = table.methods();
    let both = (0..all).flat_map(|first| (first + 1..all).map(move |second| (first, second)));
    let both: Vec<(usize, usize)> = both.collect();
    let versus = corrected(both.iter().map(|(first, second)| versus(table, *first, *second)));
    let result = |((first, second), versus): ((usize, usize), Option<Versus>)| {
        Some(PairResult { first, second, versus: versus? })
    };
    both.into_iter().zip(versus).filter_map(result).collect()
}

/// Every method beside the first, corrected for the number of methods; none for the first itself.
pub(super) fn against_reference(table: &Table<'_>) -> Vec<Option<Versus>> {
    let others = (1..table.methods()).map(|method| versus(table, method, 0));
    std::iter::once(None).chain(corrected(others)).collect()
}

/// The same with p-values that are corrected for their number.
fn corrected(all: impl Iterator<Item = Option<Versus>>) -> Vec<Option<Versus>> {
    let mut all: Vec<Option<Versus>> = all.collect();
    let p_values = |of: fn(&Versus) -> f64| {
        let p_values: Vec<Option<f64>> = all.iter().map(|one| one.as_ref().map(of)).collect();
        holm(&p_values)
    };
    let these = p_values(|one| one.these_tasks.p_value);
    let others = p_values(|one| one.tasks_like_these.p_value);
    for ((one, these), others) in all.iter_mut().zip(these).zip(others) {
        if let (Some(one), Some(these), Some(others)) = (one, these, others) {
            (one.corrected_p, one.corrected_p_of_tasks_like_these) = (these, others);
        }
    }
    all
}

/// The first less the second; none where they have no row in common.
fn versus(table: &Table<'_>, first: usize, second: usize) -> Option<Versus> {
    let blocks = (0..table.tasks()).map(|task| block(&table.paired(first, second, task)));
    let blocks: Vec<Block> =
        blocks.filter(|block| block.iter().any(|seed| !seed.is_empty())).collect();
    if blocks.is_empty() {
        return None;
    }
    let of_each = blocks
        .iter()
        .map(|block| paired_difference(std::slice::from_ref(block), Scope::TheseTasks).difference);
    let of_each: Vec<_> = of_each.collect();
    let wins = of_each.iter().filter(|one| one.is_above()).count();
    let losses = of_each.iter().filter(|one| one.is_below()).count();
    Some(Versus {
        these_tasks: paired_difference(&blocks, Scope::TheseTasks),
        tasks_like_these: paired_difference(&blocks, Scope::TasksLikeThese),
        corrected_p: 1.0,
        corrected_p_of_tasks_like_these: 1.0,
        wins,
        ties: of_each.len() - wins - losses,
        losses,
        smallest_difference: smallest_difference(&blocks, Scope::TheseTasks),
    })
}

/// The differences on the rows that all of these studies have a score for.
fn block(both: &[(&CellRun, &CellRun)]) -> Block {
    let of =
        |which: fn(&(&CellRun, &CellRun)) -> Vec<Option<f64>>| both.iter().map(which).collect();
    let first: Vec<_> = of(|(first, _)| first.test_scores.clone());
    let second: Vec<_> = of(|(_, second)| second.test_scores.clone());
    pairs(&first, &second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Difference;
    use crate::statistics::Comparison;

    fn with(p_value: f64, other: f64) -> Option<Versus> {
        let of = |p_value| Comparison {
            difference: Difference { value: 0.1, low: 0.0, high: 0.2 },
            p_value,
            standard_error: None,
            degrees_of_freedom: None,
        };
        Some(Versus {
            these_tasks: of(p_value),
            tasks_like_these: of(other),
            corrected_p: 1.0,
            corrected_p_of_tasks_like_these: 1.0,
            wins: 0,
            ties: 1,
            losses: 0,
            smallest_difference: None,
        })
    }

    /// Holm by hand: 3 × .01, then 2 × .03, then not below that; those without a p-value are no tests.
    #[test]
    fn p_values_are_corrected_for_the_number_of_tests_in_each_scope_alone() {
        let all = [with(0.01, 0.5), None, with(0.04, 0.001), with(0.03, 0.9)];
        let all = corrected(all.into_iter());
        let of = |index: usize| {
            let one: &Versus = all[index].as_ref().unwrap();
            [one.corrected_p, one.corrected_p_of_tasks_like_these]
        };
        for (index, expected) in [(0, [0.03, 1.0]), (2, [0.06, 0.003]), (3, [0.06, 1.0])] {
            let found = of(index);
            let off = found.iter().zip(expected).map(|(found, it)| (found - it).abs());
            assert!(off.fold(0.0, f64::max) < 1e-12, "{index}: {found:?}");
        }
        assert!(all[1].is_none());
    }
}
