//! Everything that was typed for a comparison becomes an experiment.

use std::path::{Path, PathBuf};

use motjuste::experiment::{Axis, Cell, Combine, Experiment, ablated_method};
use motjuste::method::Registry;
use motjuste::task::Task;
use motjuste::{Error, Result};

use super::calls::budgets;
use super::method::{change, changes, name};
use super::suite;
use super::task::task;
use crate::args::{self, CompareArgs, ReplayArgs};

/// The experiment that was asked for.
pub(crate) fn experiment(args: &CompareArgs) -> Result<Experiment> {
    let cells = cells(args, &Registry::built_in())?;
    let shown = cells.iter().map(|cell| cell.method.needs().train_rows()).max();
    let task = |name: &PathBuf| task(name, &args.data, shown.unwrap_or_default());
    let suite = args.suite.map(|suite| suite::tasks(suite, args)).transpose()?;
    let names = args.tasks.iter().cloned().chain(suite.unwrap_or_default());
    let tasks: Vec<Task> = names.map(|name| task(&name)).collect::<Result<_>>()?;
    let first = args.method.seed;
    let seeds = first..first.saturating_add(args.seeds);
    let (each, together) = budgets(&args.budget);
    let experiment = Experiment::new(tasks, cells, seeds, each)?.together(together);
    Ok(experiment.at_a_time(args.side_by_side))
}

/// One method in many settings, or many methods.
fn cells(args: &CompareArgs, registry: &Registry) -> Result<Vec<Cell>> {
    if !args.methods.is_empty() || !args.variants.is_empty() {
        return named(registry, &args.methods, &args.variants);
    }
    let name = name(&args.method, &args.models, registry)?;
    let combine = match args.combine {
        args::Combine::Each => Combine::Each,
        args::Combine::All => Combine::All,
    };
    let axes = axes(args, &name)?;
    Cell::varied(registry, &name, &changes(&args.method)?, &axes, combine)
}

/// The methods that are run on matrices: those by name, then those with other settings.
pub(crate) fn cells_of_replay(args: &ReplayArgs) -> Result<Vec<Cell>> {
    named(&Registry::built_in(), &args.methods, &args.variants)
}

/// Methods by name, then those with other settings.
fn named(registry: &Registry, methods: &[String], variants: &[String]) -> Result<Vec<Cell>> {
    let named = methods.iter().map(|name| Cell::named(registry, name));
    named.chain(variants.iter().map(|variant| varied(registry, variant))).collect()
}

/// A method with the settings that follow its name.
fn varied(registry: &Registry, variant: &str) -> Result<Cell> {
    let mut words = variant.split_whitespace();
    let name = words.next().unwrap_or_default();
    let changes: Vec<_> = words.map(change).collect::<Result<_>>()?;
    Ok(Cell { label: variant.to_owned(), method: registry.method(name, &changes)? })
}

fn axes(args: &CompareArgs, method: &str) -> Result<Vec<Axis>> {
    let of = |name: &String| ablated_method(name).filter(|other| !method.starts_with(other));
    if let Some((name, other)) = args.ablations.iter().find_map(|name| Some((name, of(name)?))) {
        let message = format!("\"{name}\" is an ablation of {other}, not of {method}");
        return Err(Error::configuration(message).with_help(format!("add --method {other}")));
    }
    let named = args.ablations.iter().map(|name| Axis::ablation(name));
    let mut all: Vec<Axis> = named.collect::<Result<_>>()?;
    if let Some(path) = &args.axes {
        all.extend(Axis::parse(&read(path)?, &path.display().to_string())?);
    }
    if all.is_empty() {
        return Err(Error::configuration("nothing is compared").with_help(format!(
            "give two or more --methods; or of one --method an --ablation with one of {}; or a TOML file with --axes, in which a line is \
             exemplars = [3, 10, 0]",
            motjuste::experiment::ABLATIONS.join(", ")
        )));
    }
    Ok(all)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::configuration(format!("cannot read the axes in {}: {error}", path.display()))
            .with_help("give a TOML file with --axes")
    })
}
