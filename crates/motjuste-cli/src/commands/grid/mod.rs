//! `motjuste grid`: one method in many settings, over tasks and seeds, under one budget.

mod places;
mod runs;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use motjuste::budget::Budget;
use motjuste::optimizer::OptimizerConfig;
use motjuste::storage::{InMemory, Storage};
use motjuste::study::{Forecast, Study};
use motjuste::task::Task;
use motjuste::{Error, Result};

use self::places::{Place, places};
use super::consent::Consent;
use crate::args::GridArgs;
use crate::wiring::{self, Bench, Cell, Plan};
use crate::{files, summary};

/// What is to be done.
struct Grid {
    cells: Vec<Cell>,
    tasks: Vec<Task>,
    places: Vec<Place>,
    dev_examples: Option<usize>,
    /// For all studies together, but for the trials.
    budget: Budget,
}

impl Grid {
    fn read(args: &GridArgs) -> Result<Self> {
        let cells = wiring::cells(args)?;
        let methods = cells.iter().map(|cell| &cell.method);
        let shown = methods.map(OptimizerConfig::train_demonstrations).max().unwrap_or_default();
        let task = |name: &PathBuf| wiring::task(name, &args.data, shown);
        let tasks: Vec<Task> = args.tasks.iter().map(task).collect::<Result<_>>()?;
        refuse_a_task_twice(&tasks)?;
        let first = args.method.seed;
        let places = places(cells.len(), tasks.len(), first..first.saturating_add(args.seeds));
        let dev_examples = args.method.dev_examples.0;
        let budget = wiring::grid_budget(&args.budget);
        Ok(Self { cells, tasks, places, dev_examples, budget })
    }

    /// What the study at `place` does within `budget`.
    fn plan(&self, place: &Place, budget: Budget) -> Plan {
        Plan {
            method: self.cells[place.cell].method.clone(),
            seed: place.seed,
            dev_examples: self.dev_examples,
            budget,
        }
    }

    /// The worst case of all studies.
    async fn forecast(&self, bench: &mut Bench<'_>) -> Result<Forecast> {
        let mut forecasts = Vec::new();
        for place in &self.places {
            let storage: Arc<dyn Storage> = Arc::new(InMemory::default());
            let plan = self.plan(place, self.budget);
            let setup =
                bench.setup(self.tasks[place.task].clone(), plan, storage, Arc::default())?;
            forecasts.push(Study::open(setup).await?.forecast()?);
        }
        Ok(forecasts.into_iter().sum())
    }

    /// What a study at `place` is called where it is one of many.
    fn title(&self, place: &Place) -> String {
        let (label, task) = (&self.cells[place.cell].label, &self.tasks[place.task].name);
        format!("{label} · {task} · seed {}", place.seed)
    }
}

pub(crate) async fn grid(args: GridArgs, store: &Path, json: bool) -> Result<ExitCode> {
    let grid = Grid::read(&args)?;
    let soft_prompts = grid.cells.iter().any(|cell| cell.method.wants_soft_prompts());
    let is_capped = args.budget.caps.budget_usd.is_some();
    let mut bench = Bench::open(&args.models, soft_prompts, is_capped)?;
    if args.plan {
        let forecast = grid.forecast(&mut bench).await?;
        plan(&grid, &forecast, &bench.servers(&grid.tasks)?.unpriced, json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let storage = super::open_store(store).await?;
    let consent = Consent { is_given: args.yes, json };
    let done = runs::all(&grid, &mut bench, storage.clone(), consent).await?;
    storage.close().await?;
    table::show(&grid, &done, json)?;
    Ok(ExitCode::from(if done.ended_by.is_some() { 3 } else { 0 }))
}

fn refuse_a_task_twice(tasks: &[Task]) -> Result<()> {
    for (place, task) in tasks.iter().enumerate() {
        if tasks[..place].iter().any(|known| known.name == task.name) {
            let message = format!("the task \"{}\" is given twice", task.name);
            return Err(Error::configuration(message).with_help("give each task once"));
        }
    }
    Ok(())
}

/// The cells, and what they may use at the most.
fn plan(grid: &Grid, forecast: &Forecast, unpriced: &[String], json: bool) -> Result<()> {
    if json {
        let labels: Vec<&str> = grid.cells.iter().map(|cell| cell.label.as_str()).collect();
        let value = serde_json::json!({
            "cells": labels, "studies": grid.places.len(), "worst_case": forecast,
            "budget": grid.budget, "no_price_known_for": unpriced,
        });
        summary::line(&files::json(&value)?);
        return Ok(());
    }
    for cell in &grid.cells {
        summary::line(&cell.label);
    }
    let (cells, tasks) = (grid.cells.len(), grid.tasks.len());
    let seeds = grid.places.len() / (cells * tasks);
    summary::line(&format!(
        "{} studies: {cells} cells, {tasks} tasks, {seeds} seeds",
        grid.places.len()
    ));
    summary::forecast(forecast, &grid.budget, unpriced, false)
}
