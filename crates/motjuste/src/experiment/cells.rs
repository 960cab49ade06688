//! The cells of an experiment: a method in one combination of settings each.

use std::sync::Arc;

use serde_json::Value;

use super::axes::{Axis, Settings};
use crate::method::{Method, Registry};
use crate::{Error, Result};

/// A method with its settings, and what sets it apart from the other cells.
#[derive(Clone)]
pub struct Cell {
    /// What sets it apart, in words.
    pub label: String,
    /// The method.
    pub method: Arc<dyn Method>,
}

/// How the choices of several axes are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// One axis at a time, the others at their first choice.
    Each,
    /// Every choice with every other.
    All,
}

/// One choice for every axis, and those that tell it from the others.
struct Combination<'a> {
    shown: Vec<&'a Settings>,
    settings: Vec<&'a Settings>,
}

impl Cell {
    /// The method of this name in its default settings, or a preset.
    ///
    /// # Errors
    /// As [`Registry::method`].
    pub fn named(registry: &Registry, name: &str) -> Result<Self> {
        Ok(Self { label: name.to_owned(), method: registry.method(name, &[])? })
    }

    /// The cells of a method, with `changes` to its settings in all of them, whose settings `axes` vary; the
    /// first choice of every axis is the first cell.
    ///
    /// # Errors
    /// As [`Registry::method`].
    pub fn varied(
        registry: &Registry,
        method: &str,
        changes: &Settings,
        axes: &[Axis],
        combine: Combine,
    ) -> Result<Vec<Self>> {
        let combinations = match combine {
            Combine::Each => one_at_a_time(axes),
            Combine::All => product(axes),
        };
        let mut cells: Vec<Self> = Vec::new();
        for Combination { shown, settings } in combinations {
            let settings = settings.into_iter().flatten().cloned();
            let settings: Settings = changes.iter().cloned().chain(settings).collect();
            cells.push(Self { label: label(&shown), method: registry.method(method, &settings)? });
        }
        Ok(cells)
    }
}

/// Refuses two cells that are one: their studies would be the same.
pub(super) fn refuse_twins(cells: &[Cell]) -> Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        let twin = cells[..index].iter().find(|known| known.method.id() == cell.method.id());
        if let Some(twin) = twin {
            let message = format!("{} and {} are the same", cell.label, twin.label);
            return Err(Error::configuration(message).with_help("leave one of them out"));
        }
    }
    Ok(())
}

/// Every axis at its first choice; then every other choice, alone.
fn one_at_a_time(axes: &[Axis]) -> Vec<Combination<'_>> {
    let first: Vec<&Settings> = axes.iter().map(|axis| &axis.choices[0]).collect();
    let mut all = vec![Combination { shown: first.clone(), settings: first.clone() }];
    for (index, axis) in axes.iter().enumerate() {
        all.extend(axis.choices.iter().skip(1).map(|choice| {
            let mut settings = first.clone();
            settings[index] = choice;
            Combination { shown: vec![choice], settings }
        }));
    }
    all
}

/// Every choice of an axis with every choice of the others.
fn product(axes: &[Axis]) -> Vec<Combination<'_>> {
    let mut all: Vec<Vec<&Settings>> = vec![Vec::new()];
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

fn label(shown: &[&Settings]) -> String {
    let settings = shown.iter().flat_map(|settings| settings.iter());
    settings.map(|(key, value)| format!("{key}={}", words(value))).collect::<Vec<_>>().join(", ")
}

/// A word without quotation marks, anything else as TOML has it.
fn words(value: &Value) -> String {
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', ',']);
    match value {
        Value::String(text) if is_word(text) => text.clone(),
        Value::Object(_) | Value::Array(_) => toml::Value::try_from(value)
            .map_or_else(|_| value.to_string(), |value| value.to_string()),
        value => value.to_string(),
    }
}
