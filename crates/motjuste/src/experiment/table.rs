//! What the cells of an experiment came to, beside the first of them.

use serde::Serialize;

use super::Experiment;
use super::run::{CellRun, RunState, Runs};
use crate::interval::{Block, Difference, Estimate};

/// One cell over its complete studies.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellSummary {
    /// The cell's label.
    pub cell: String,
    /// Studies that came to their planned end.
    pub complete: usize,
    /// Studies that were planned.
    pub studies: usize,
    /// The winners' dev score, each task with the same weight.
    pub dev: Option<Estimate>,
    /// The winners' test score, each task with the same weight.
    pub test: Option<Estimate>,
    /// Calls to the target in the searches.
    pub target_calls: u64,
    /// The test score less that of the baseline, which is the first cell.
    pub difference_to_baseline: Option<PairedDifference>,
}

/// The test scores of a cell less those of the baseline, on the tasks and seeds that both have.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairedDifference {
    /// Studies that both have.
    pub pairs: usize,
    /// The mean difference, paired by task, seed and example, each task with the same weight.
    #[serde(flatten)]
    pub difference: Difference,
}

impl Runs<'_> {
    /// A summary of each cell, in order.
    pub fn summaries(&self) -> Vec<CellSummary> {
        (0..self.experiment.cells.len()).map(|cell| self.summary(cell)).collect()
    }

    fn summary(&self, cell: usize) -> CellSummary {
        let runs: Vec<&CellRun> = self.runs.iter().filter(|run| run.at.cell == cell).collect();
        let estimate = |of: fn(&CellRun) -> &[Option<f64>]| {
            let blocks = blocks(self.experiment, |task, seed| {
                Some(of(self.complete(cell, task, seed)?).iter().copied().flatten().collect())
            });
            (!blocks.is_empty()).then(|| Estimate::over_seeds(&blocks))
        };
        CellSummary {
            cell: self.experiment.cells[cell].label.clone(),
            complete: runs.iter().filter(|run| run.state == RunState::Complete).count(),
            studies: runs.len(),
            dev: estimate(|run| &run.dev_scores),
            test: estimate(|run| &run.test_scores),
            target_calls: runs.iter().map(|run| run.target_calls).sum(),
            difference_to_baseline: (cell > 0).then(|| self.difference(cell)).flatten(),
        }
    }

    /// The difference of a cell to the first one.
    fn difference(&self, cell: usize) -> Option<PairedDifference> {
        let blocks = blocks(self.experiment, |task, seed| {
            let this = &self.complete(cell, task, seed)?.test_scores;
            let baseline = &self.complete(0, task, seed)?.test_scores;
            Some(Difference::of_pairs(this, baseline))
        });
        let pairs = blocks.iter().map(Vec::len).sum();
        (pairs > 0).then(|| PairedDifference { pairs, difference: Difference::paired(&blocks) })
    }

    fn complete(&self, cell: usize, task: usize, seed: u64) -> Option<&CellRun> {
        self.runs.iter().find(|run| {
            let at = run.at;
            run.state == RunState::Complete && (at.cell, at.task, at.seed) == (cell, task, seed)
        })
    }
}

/// What `of` has for each task and seed; tasks for which it has nothing are left out.
fn blocks(experiment: &Experiment, of: impl Fn(usize, u64) -> Option<Vec<f64>>) -> Vec<Block> {
    let block = |task| experiment.seeds().filter_map(|seed| of(task, seed)).collect();
    let blocks = (0..experiment.tasks.len()).map(block);
    blocks.filter(|block: &Block| !block.is_empty()).collect()
}
