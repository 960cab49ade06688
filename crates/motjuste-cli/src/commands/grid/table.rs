//! What the cells of a grid came to, beside the first of them.

use motjuste::Result;
use motjuste::interval::{Block, Difference, Estimate};
use motjuste_page::{Column, Table};
use serde::Serialize;

use super::Grid;
use super::runs::{Done, Run, Scores, State};
use crate::{files, summary};

/// One cell over its complete studies.
#[derive(Serialize)]
struct Line<'a> {
    cell: &'a str,
    complete: usize,
    studies: usize,
    dev: Option<Estimate>,
    test: Option<Estimate>,
    target_calls: u64,
    less_the_first: Option<Paired>,
}

/// The test scores of a cell less those of the first one, on the tasks and seeds that both have.
#[derive(Serialize)]
struct Paired {
    pairs: usize,
    #[serde(flatten)]
    difference: Difference,
}

/// Shows all of it.
pub(super) fn show(grid: &Grid, done: &Done, json: bool) -> Result<()> {
    let lines: Vec<Line<'_>> = (0..grid.cells.len()).map(|cell| line(grid, done, cell)).collect();
    if json {
        let value = serde_json::json!({
            "cells": lines, "runs": done.runs, "budget": grid.budget, "used": done.used,
            "ended_by": done.ended_by,
        });
        summary::line(&files::json(&value)?);
        return Ok(());
    }
    summary::line(&table(&lines).to_text());
    summary::line("");
    let roles = [
        ("target", &done.used.target),
        ("generator", &done.used.generator),
        ("judge", &done.used.judge),
        ("assessment", &done.used.assessment),
    ];
    let used = roles.iter().filter(|(_, spent)| spent.calls + spent.cache_hits > 0);
    used.for_each(|(name, spent)| summary::line(&summary::spent(name, spent)));
    print_missing(grid, done);
    Ok(())
}

fn line<'a>(grid: &'a Grid, done: &Done, cell: usize) -> Line<'a> {
    let runs: Vec<&Run> = done.runs.iter().filter(|run| run.place.cell == cell).collect();
    let estimate = |of: fn(&Scores) -> &Vec<f64>| {
        let blocks = blocks(grid, |task, seed| {
            Some(of(complete(done, cell, task, seed)?.scores.as_ref()?).clone())
        });
        (!blocks.is_empty()).then(|| Estimate::over_seeds(&blocks))
    };
    Line {
        cell: &grid.cells[cell].label,
        complete: runs.iter().filter(|run| run.state == State::Complete).count(),
        studies: runs.len(),
        dev: estimate(|scores| &scores.dev),
        test: estimate(|scores| &scores.test),
        target_calls: runs.iter().map(|run| run.target_calls).sum(),
        less_the_first: (cell > 0).then(|| paired(grid, done, cell)).flatten(),
    }
}

fn paired(grid: &Grid, done: &Done, cell: usize) -> Option<Paired> {
    let test = |cell, task, seed| Some(&complete(done, cell, task, seed)?.scores.as_ref()?.test);
    let blocks = blocks(grid, |task, seed| {
        let (this, first) = (test(cell, task, seed)?, test(0, task, seed)?);
        Some(this.iter().zip(first).map(|(this, first)| this - first).collect())
    });
    let pairs = blocks.iter().map(Vec::len).sum();
    (pairs > 0).then(|| Paired { pairs, difference: Difference::paired(&blocks) })
}

/// What `of` has for each task and seed; tasks for which it has nothing are left out.
fn blocks(grid: &Grid, of: impl Fn(usize, u64) -> Option<Vec<f64>>) -> Vec<Block> {
    let seeds = grid.places.iter().filter(|place| place.cell == 0 && place.task == 0);
    let seeds: Vec<u64> = seeds.map(|place| place.seed).collect();
    let block = |task| seeds.iter().filter_map(|&seed| of(task, seed)).collect();
    (0..grid.tasks.len()).map(block).filter(|block: &Block| !block.is_empty()).collect()
}

fn complete(done: &Done, cell: usize, task: usize, seed: u64) -> Option<&Run> {
    done.runs.iter().find(|run| {
        let place = run.place;
        run.state == State::Complete && (place.cell, place.task, place.seed) == (cell, task, seed)
    })
}

fn table(lines: &[Line<'_>]) -> Table {
    let columns = [
        Column::text(""),
        Column::number("studies").at_least(8),
        Column::text("dev, 95 %").at_least(19),
        Column::text("test, 95 %").at_least(19),
        Column::number("calls").at_least(6),
        Column::text("test, less the first, 95 %"),
    ];
    Table::new("Cells", columns, lines.iter().map(row))
}

fn row(line: &Line<'_>) -> [String; 6] {
    [
        line.cell.to_owned(),
        format!("{}/{}", line.complete, line.studies),
        score(line.dev),
        score(line.test),
        line.target_calls.to_string(),
        line.less_the_first.as_ref().map_or("–".to_owned(), difference),
    ]
}

fn score(estimate: Option<Estimate>) -> String {
    let shown = |e: Estimate| format!("{:.2}  {:.2} to {:.2}", e.score, e.low, e.high);
    estimate.map_or("–".to_owned(), shown)
}

fn difference(Paired { pairs, difference }: &Paired) -> String {
    let Difference { value, low, high } = difference;
    format!("{value:+.2}  {low:+.2} to {high:+.2} ({pairs} pairs)")
}

/// The studies that the budget cut or did not reach.
fn print_missing(grid: &Grid, done: &Done) {
    let Some(why) = &done.ended_by else { return };
    summary::line(&format!("\nended by {why}; run again with a larger budget to go on"));
    for run in done.runs.iter().filter(|run| run.state != State::Complete) {
        let state = match run.state {
            State::Cut => "cut short",
            _ => "not reached",
        };
        summary::line(&format!("{state:<12}{}", grid.title(&run.place)));
    }
}
