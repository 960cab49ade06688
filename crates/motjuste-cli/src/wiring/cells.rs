//! The cells of a grid: the method in one combination of settings each.

use motjuste::optimizer::OptimizerConfig;
use motjuste::{Error, Result};
use toml::{Table, Value};

use super::axes::{self, Axis};
use super::method::{method, with_value};
use crate::args::{Combine, GridArgs};

/// The method with the settings of one cell.
#[derive(Debug)]
pub(crate) struct Cell {
    /// What sets it apart, in words.
    pub label: String,
    pub method: OptimizerConfig,
}

/// The cells that were asked for, the one that all others are compared with first.
pub(crate) fn cells(args: &GridArgs) -> Result<Vec<Cell>> {
    let base = method(&args.method)?;
    let axes = axes(args, &base)?;
    let combinations = match args.combine {
        Combine::Each => one_at_a_time(&axes),
        Combine::All => product(&axes),
    };
    let mut cells: Vec<Cell> = Vec::new();
    for Combination { shown, settings } in combinations {
        let cell = Cell { label: label(&shown), method: changed(&base, &settings)? };
        if let Some(twin) = cells.iter().find(|known| known.method == cell.method) {
            let (label, twin) = (&cell.label, &twin.label);
            return Err(Error::configuration(format!("{label} and {twin} are the same"))
                .with_help("leave one of them out of its axis"));
        }
        cells.push(cell);
    }
    Ok(cells)
}

fn axes(args: &GridArgs, base: &OptimizerConfig) -> Result<Vec<Axis>> {
    if let (Some(name), false) = (args.ablations.first(), is_opro(base)) {
        let message = format!("\"{name}\" is an ablation of OPRO, not of {}", base.name());
        return Err(Error::configuration(message).with_help("add --method opro"));
    }
    let named = args.ablations.iter().map(|name| axes::ablation(name));
    let mut all: Vec<Axis> = named.collect::<Result<_>>()?;
    if let Some(path) = &args.axes {
        all.extend(axes::from_file(path)?);
    }
    if all.is_empty() {
        return Err(Error::configuration("nothing is varied").with_help(format!(
            "give --ablation with one of {}; or a TOML file with --axes, in which a line is \
             exemplars = [3, 10, 0]",
            axes::ABLATIONS.join(", ")
        )));
    }
    Ok(all)
}

fn is_opro(method: &OptimizerConfig) -> bool {
    matches!(method, OptimizerConfig::Opro(_))
}

/// One choice for every axis, and those that tell it from the others.
struct Combination<'a> {
    shown: Vec<&'a Table>,
    settings: Vec<&'a Table>,
}

/// Every axis at its first choice; then every other choice, alone.
fn one_at_a_time(axes: &[Axis]) -> Vec<Combination<'_>> {
    let first: Vec<&Table> = axes.iter().map(|axis| &axis.choices[0]).collect();
    let mut all = vec![Combination { shown: first.clone(), settings: first.clone() }];
    for (place, axis) in axes.iter().enumerate() {
        all.extend(axis.choices.iter().skip(1).map(|choice| {
            let mut settings = first.clone();
            settings[place] = choice;
            Combination { shown: vec![choice], settings }
        }));
    }
    all
}

/// Every choice of an axis with every choice of the others.
fn product(axes: &[Axis]) -> Vec<Combination<'_>> {
    let mut all: Vec<Vec<&Table>> = vec![Vec::new()];
    for axis in axes {
        let longer = |begun: &Vec<_>, choice| [begun.as_slice(), &[choice]].concat();
        all = all
            .iter()
            .flat_map(|begun| axis.choices.iter().map(move |choice| longer(begun, choice)))
            .collect();
    }
    let combination = |settings: Vec<_>| Combination { shown: settings.clone(), settings };
    all.into_iter().map(combination).collect()
}

fn label(shown: &[&Table]) -> String {
    let settings = shown.iter().flat_map(|settings| settings.iter());
    settings.map(|(key, value)| format!("{key}={}", words(value))).collect::<Vec<_>>().join(", ")
}

/// A word without quotation marks, anything else as TOML has it.
fn words(value: &Value) -> String {
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', ',']);
    match value {
        Value::String(text) if is_word(text) => text.clone(),
        value => value.to_string(),
    }
}

fn changed(base: &OptimizerConfig, settings: &[&Table]) -> Result<OptimizerConfig> {
    let mut settings = settings.iter().flat_map(|settings| settings.iter());
    let config = settings
        .try_fold(base.clone(), |config, (key, value)| with_value(&config, key, value.clone()))?;
    config.checked()?;
    Ok(config)
}
