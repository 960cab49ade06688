//! The studies of a grid, in the order in which they are run.

use std::ops::Range;

use serde::Serialize;

/// One study: the numbers of its cell and its task, and its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    pub cell: usize,
    #[serde(skip)]
    pub task: usize,
    pub seed: u64,
}

/// All places, seed by seed and task by task: so a budget that ends early leaves cells that can be
/// compared with each other.
pub(super) fn places(cells: usize, tasks: usize, seeds: Range<u64>) -> Vec<Place> {
    let tasks = move |seed| (0..tasks).map(move |task| (seed, task));
    let cells = move |(seed, task)| (0..cells).map(move |cell| Place { cell, task, seed });
    seeds.flat_map(tasks).flat_map(cells).collect()
}
