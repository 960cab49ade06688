//! Each method on each task.

use super::{CellScore, Table, TaskResult};
use crate::experiment::CellRun;
use crate::interval::Block;
use crate::statistics::{CurvePoint, Scope, Steps, mean_curve, mean_score};

pub(super) fn results(table: &Table<'_>) -> Vec<TaskResult> {
    (0..table.tasks()).map(|task| result(table, task)).collect()
}

fn result(table: &Table<'_>, index: usize) -> TaskResult {
    let task = &table.experiment.tasks()[index];
    let points = points(table);
    let cells = (0..table.methods()).map(|method| cell(&table.complete(method, index), &points));
    TaskResult {
        task: task.name().to_owned(),
        metric: task.score().id(),
        dev_rows: task.dev().len(),
        test_rows: task.test().len(),
        data: task.data_hash(),
        cells: cells.collect(),
    }
}

fn cell(runs: &[&CellRun], points: &[u64]) -> Option<CellScore> {
    let blocks = [scores(runs, |run| &run.test_scores)];
    if blocks[0].iter().all(Vec::is_empty) {
        return None;
    }
    let dev = runs.iter().filter_map(|run| run.dev);
    Some(CellScore {
        test: mean_score(&blocks, Scope::TheseTasks),
        dev: dev.clone().sum::<f64>() / dev.count().max(1) as f64,
        seeds: runs.iter().filter_map(|run| Some(run.test?.score)).collect(),
        instruction: median(runs).and_then(|run| run.instruction.clone()).unwrap_or_default(),
        curve: mean_curve(&[dev_steps(runs)], points),
        test_curve: test_curve(&[test_steps(runs)], points),
    })
}

/// The study with the median score, the lower of two.
fn median<'a>(runs: &[&'a CellRun]) -> Option<&'a CellRun> {
    let scored = runs.iter().filter_map(|run| Some((run.test?.score, *run)));
    let mut ranked: Vec<(f64, &CellRun)> = scored.collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranked.get(ranked.len().saturating_sub(1) / 2).map(|(_, run)| *run)
}

/// The scores of these studies, seed by seed, on the rows that all of them have a score for.
pub(super) fn scores(runs: &[&CellRun], of: fn(&CellRun) -> &Vec<Option<f64>>) -> Block {
    let rows = runs.iter().map(|run| of(run).len()).min().unwrap_or(0);
    let kept: Vec<usize> =
        (0..rows).filter(|&row| runs.iter().all(|run| of(run)[row].is_some())).collect();
    runs.iter().map(|run| kept.iter().filter_map(|&row| of(run)[row]).collect()).collect()
}

/// The dev scores of what these searches held for the best.
pub(super) fn dev_steps(runs: &[&CellRun]) -> Vec<Steps> {
    let scored =
        |run: &&CellRun| run.course.iter().map(|moment| (moment.calls, moment.dev)).collect();
    runs.iter().map(scored).collect()
}

/// The test scores of what these searches held for the best.
pub(super) fn test_steps(runs: &[&CellRun]) -> Vec<Steps> {
    let scored = |run: &&CellRun| {
        run.course.iter().filter_map(|moment| Some((moment.calls, moment.test?))).collect()
    };
    runs.iter().map(scored).collect()
}

/// The mean of curves of test scores; nothing where no search has any.
pub(super) fn test_curve(tasks: &[Vec<Steps>], points: &[u64]) -> Vec<CurvePoint> {
    match tasks.iter().flatten().all(Vec::is_empty) {
        true => Vec::new(),
        false => mean_curve(tasks, points),
    }
}

/// Numbers of calls at which curves are drawn: twenty up to the most that a study made.
const POINTS: u64 = 20;

pub(super) fn points(table: &Table<'_>) -> Vec<u64> {
    let most = table.runs.iter().filter_map(|run| Some(run.course.last()?.calls)).max();
    let most = most.unwrap_or(0);
    let mut points: Vec<u64> = (1..=POINTS).map(|part| most * part / POINTS).collect();
    points.dedup();
    points
}
