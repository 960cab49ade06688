//! Two methods row by row: the rows that only one of them gets right, and what it would take to tell them apart.

use super::ComparisonReport;
use crate::experiment::{CellRun, RunState};
use crate::interval::Block;
use crate::statistics::{McNemar, Spread, discordant, mcnemar, pairs};

/// Two methods on the test rows of one task that they can be compared on.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRows {
    /// The task's index.
    pub task: usize,
    /// The seeds that both have a complete study of.
    pub seeds: usize,
    /// The rows that both have a score for with each of these seeds.
    pub rows: Vec<RowPair>,
}

/// What two methods scored on one row, on average over seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowPair {
    /// The row's index in the test split.
    pub row: usize,
    /// The first method's score.
    pub first: f64,
    /// The second method's score.
    pub second: f64,
}

/// What it takes to tell two methods apart at level .05, four times in five, on these tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// The difference that was observed.
    pub observed: f64,
    /// The smallest difference that these tasks, seeds and rows tell from none.
    pub smallest: Option<f64>,
    /// Test rows of a task, on average.
    pub rows: usize,
    /// Rows a task that would tell the observed difference; none where no number does.
    pub rows_to_tell: Option<u64>,
}

impl TaskRows {
    /// Rows that the first is better on and those that the second is better on, with a test that takes rows for
    /// independent: McNemar's where there is one seed and an answer is right or wrong, the sign test of the rows' means
    /// over seeds otherwise. Of other seeds it says nothing.
    ///
    /// ```
    /// use motjuste::comparison::{RowPair, TaskRows};
    /// let row = |row, first, second| RowPair { row, first, second };
    /// let rows = vec![row(0, 1.0, 0.0), row(1, 1.0, 1.0), row(4, 0.0, 1.0), row(5, 1.0, 0.0)];
    /// let test = TaskRows { task: 0, seeds: 1, rows }.test();
    /// assert_eq!((test.only_first, test.only_second, test.exact_p), (2, 1, 1.0));
    /// ```
    pub fn test(&self) -> McNemar {
        let scores = |of: fn(&RowPair) -> f64| -> Vec<Option<f64>> {
            self.rows.iter().map(|row| Some(of(row))).collect()
        };
        let [first, second] = discordant(&scores(|row| row.first), &scores(|row| row.second));
        mcnemar(first, second)
    }
}

/// The same test of the rows of several tasks together.
///
/// ```
/// use motjuste::comparison::{RowPair, TaskRows, pooled};
/// let task = |task| TaskRows { task, seeds: 1, rows: vec![RowPair { row: 0, first: 1.0, second: 0.0 }] };
/// assert_eq!(pooled(&[task(0), task(1)]).only_first, 2);
/// ```
pub fn pooled(tasks: &[TaskRows]) -> McNemar {
    let tests: Vec<McNemar> = tasks.iter().map(TaskRows::test).collect();
    let sum = |of: fn(&McNemar) -> u64| tests.iter().map(of).sum();
    mcnemar(sum(|test| test.only_first), sum(|test| test.only_second))
}

impl ComparisonReport {
    /// Two methods, by their indices, row by row; tasks without a row that both have are left out.
    ///
    /// ```
    /// use motjuste::comparison::{ComparisonReport, pooled};
    /// fn rows_won(report: &ComparisonReport) -> u64 {
    ///     pooled(&report.rows(1, 0)).only_first
    /// }
    /// ```
    pub fn rows(&self, first: usize, second: usize) -> Vec<TaskRows> {
        let of_task = |task| {
            let (one, other) = self.both(first, second, task);
            TaskRows { task, seeds: one.len(), rows: row_pairs(&one, &other) }
        };
        let tasks = (0..self.tasks.len()).map(of_task);
        tasks.filter(|task| !task.rows.is_empty()).collect()
    }

    /// What it takes to tell two methods apart; none where they have no row in common.
    ///
    /// ```
    /// use motjuste::comparison::ComparisonReport;
    /// fn rows_to_tell_from_the_reference(report: &ComparisonReport) -> Option<u64> {
    ///     report.power(1, 0)?.rows_to_tell
    /// }
    /// ```
    pub fn power(&self, first: usize, second: usize) -> Option<Power> {
        let versus = self.versus(first, second)?;
        let blocks = self.differences(first, second);
        let (tasks, all) = (blocks.len().max(1), blocks.iter().map(|task| task[0].len()));
        let seeds = blocks.iter().map(Vec::len).sum::<usize>() / tasks;
        let spread = Spread::of(&blocks);
        let observed = versus.difference;
        let is_told = observed != 0.0 && seeds > 0;
        let rows = || spread.rows_to_tell(observed, tasks as u64, seeds as u64);
        Some(Power {
            observed,
            smallest: versus.smallest,
            rows: all.sum::<usize>() / tasks,
            rows_to_tell: is_told.then(rows).flatten(),
        })
    }

    /// The observed difference of two methods in this order, and the smallest that would be told.
    fn versus(&self, first: usize, second: usize) -> Option<Observed> {
        let both = (first.min(second), first.max(second));
        let pair = self.pairs.iter().find(|pair| (pair.first, pair.second) == both)?;
        let value = pair.versus.these_tasks.difference.value;
        let difference = if first < second { value } else { -value };
        Some(Observed { difference, smallest: pair.versus.smallest_difference })
    }

    /// Task by task the differences of two methods; tasks without any are left out.
    fn differences(&self, first: usize, second: usize) -> Vec<Block> {
        let block = |task| {
            let (one, other) = self.both(first, second, task);
            pairs(&one, &other)
        };
        let blocks = (0..self.tasks.len()).map(block);
        blocks.filter(|block: &Block| block.first().is_some_and(|seed| !seed.is_empty())).collect()
    }

    /// The test scores of two methods on a task, seed by seed, of the seeds that both have.
    fn both(&self, first: usize, second: usize, task: usize) -> (Scores, Scores) {
        let others = self.complete(second, task);
        let other = |run: &CellRun| others.iter().find(|other| other.at.seed == run.at.seed);
        let runs = self.complete(first, task).into_iter();
        let both = runs.filter_map(|run| Some((run, *other(run)?)));
        both.map(|(one, other)| (one.test_scores.clone(), other.test_scores.clone())).unzip()
    }

    /// The complete studies of a method on a task, seed by seed.
    pub fn complete(&self, method: usize, task: usize) -> Vec<&CellRun> {
        // By name: what is written down has no index of the task.
        let is_it = |run: &&CellRun| {
            run.state == RunState::Complete
                && run.at.cell == method
                && run.task == self.tasks[task].task
        };
        self.studies.iter().filter(is_it).collect()
    }
}

type Scores = Vec<Vec<Option<f64>>>;

struct Observed {
    difference: f64,
    smallest: Option<f64>,
}

/// The rows with a score of both in every seed, as means over seeds.
fn row_pairs(first: &Scores, second: &Scores) -> Vec<RowPair> {
    let all = first.iter().chain(second).map(Vec::len).min().unwrap_or(0);
    let pair = |row| Some(RowPair { row, first: mean(first, row)?, second: mean(second, row)? });
    (0..all).filter_map(pair).collect()
}

fn mean(seeds: &Scores, row: usize) -> Option<f64> {
    let sum: Option<f64> = seeds.iter().map(|scores| scores[row]).sum();
    Some(sum? / seeds.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{report, score};
    use super::*;

    const RIGHT: Option<f64> = Some(1.0);
    const WRONG: Option<f64> = Some(0.0);

    /// On the second task the second method is right more often; on the first a score is missing, and a study is cut.
    async fn example() -> ComparisonReport {
        report(|run| {
            let scores = match (run.at.task, run.at.cell, run.at.seed) {
                (0, 0, 0) => [WRONG, None, RIGHT, RIGHT],
                (0, 1, 0) => [RIGHT, RIGHT, RIGHT, WRONG],
                (1, 1, 1) => [RIGHT, RIGHT, RIGHT, WRONG],
                (1, 1, _) => [RIGHT, WRONG, RIGHT, WRONG],
                _ => [WRONG, WRONG, RIGHT, WRONG],
            };
            score(run, scores);
            if (run.at.task, run.at.cell, run.at.seed) == (0, 1, 1) {
                run.state = RunState::Cut;
            }
        })
        .await
    }

    #[tokio::test]
    async fn rows_are_those_that_both_have_with_every_seed_that_both_have() {
        let tasks = example().await.rows(1, 0);
        let [first, second] = &tasks[..] else { panic!("{tasks:?}") };
        assert_eq!((first.task, first.seeds, second.seeds), (0, 1, 2));
        assert_eq!(first.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(first.rows[0], RowPair { row: 0, first: 1.0, second: 0.0 });
        assert_eq!(second.rows[1], RowPair { row: 1, first: 0.5, second: 0.0 });
        let test = pooled(&tasks);
        assert_eq!((test.only_first, test.only_second), (3, 1));
    }

    #[tokio::test]
    async fn rows_turn_with_the_order_of_the_methods() {
        let report = example().await;
        let (there, back) = (pooled(&report.rows(1, 0)), pooled(&report.rows(0, 1)));
        assert_eq!((there.only_first, there.only_second), (back.only_second, back.only_first));
        assert_eq!(there.exact_p, back.exact_p);
    }

    #[tokio::test]
    async fn power_is_of_the_observed_difference_and_what_was_written_down_has_the_same() {
        let report = example().await;
        let power = report.power(1, 0).unwrap();
        let versus = report.methods[1].against_reference.as_ref().unwrap();
        assert_eq!(power.observed, versus.these_tasks.difference.value);
        assert_eq!(power.smallest, versus.smallest_difference);
        assert_eq!(report.power(0, 1).unwrap().observed, -power.observed);
        assert!(power.rows_to_tell > Some(power.rows as u64));
        let written = serde_json::to_string(&report).unwrap();
        let read: ComparisonReport = serde_json::from_str(&written).unwrap();
        assert_eq!((read.power(1, 0), read.rows(1, 0)), (Some(power), report.rows(1, 0)));
    }

    #[tokio::test]
    async fn what_does_not_differ_is_told_by_no_number_of_rows() {
        let report = report(|_| ()).await;
        assert_eq!(report.power(1, 0).unwrap().rows_to_tell, None);
    }

    #[tokio::test]
    async fn a_method_that_lacks_a_task_comes_behind_those_that_have_all() {
        let all = report(|run| score(run, [if run.at.cell == 1 { RIGHT } else { WRONG }; 4])).await;
        assert_eq!(all.ranked(), [1, 0]);
        let lacking = report(|run| {
            score(run, [if run.at.cell == 1 { RIGHT } else { WRONG }; 4]);
            if (run.at.cell, run.at.task) == (1, 0) {
                run.state = RunState::Cut;
            }
        });
        let lacking = lacking.await;
        assert_eq!(lacking.ranked(), [0, 1]);
        let ranks = |report: &ComparisonReport| -> Vec<Option<f64>> {
            report.methods.iter().map(|method| Some(method.rank?.rank)).collect()
        };
        assert_eq!(ranks(&all), [Some(2.0), Some(1.0)]);
        assert_eq!(ranks(&lacking), [Some(1.0), None]);
    }
}
