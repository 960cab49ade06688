//! The axes of a grid: what is varied, and over which settings.

use std::path::Path;

use motjuste::{Error, Result};
use toml::{Table, Value};

/// One thing that is varied.
pub(super) struct Axis {
    /// The settings of each choice, the one to compare with first.
    pub choices: Vec<Table>,
}

/// The names of the published ablations.
pub(crate) const ABLATIONS: [&str; 8] =
    ["order", "scores", "exemplars", "batch", "temperature", "position", "start", "one-step"];

/// The published ablation of this name.
pub(super) fn ablation(name: &str) -> Result<Axis> {
    let mut axes = parse(include_str!("ablations.toml"), "the built-in ablations")?;
    let choices = axes.remove(name).ok_or_else(|| {
        Error::configuration(format!("there is no ablation \"{name}\""))
            .with_help(format!("there are {}", ABLATIONS.join(", ")))
    })?;
    axis(name, choices)
}

/// The axes in a file, by name.
pub(super) fn from_file(path: &Path) -> Result<Vec<Axis>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::configuration(format!("cannot read the axes in {}: {error}", path.display()))
            .with_help("give a TOML file with --axes")
    })?;
    let axes = parse(&text, &path.display().to_string())?;
    axes.into_iter().map(|(name, choices)| axis(&name, choices)).collect()
}

fn parse(text: &str, place: &str) -> Result<Table> {
    toml::from_str(text)
        .map_err(|error| refuse(&format!("{place}: {}", error.to_string().trim_end())))
}

/// A choice is a table of settings, or the value of the setting that the axis is named after.
fn axis(name: &str, choices: Value) -> Result<Axis> {
    let Value::Array(choices) = choices else {
        return Err(refuse(&format!("the axis \"{name}\" is no list")));
    };
    if choices.len() < 2 {
        return Err(refuse(&format!("the axis \"{name}\" has nothing to compare")));
    }
    let settings = |choice| match choice {
        Value::Table(settings) => settings,
        value => Table::from_iter([(name.to_owned(), value)]),
    };
    Ok(Axis { choices: choices.into_iter().map(settings).collect() })
}

fn refuse(what: &str) -> Error {
    Error::configuration(what).with_help(
        "an axis is a list of two or more: values of the setting it is named after, as in \
         exemplars = [3, 10, 0], or tables of settings, as in \
         batch = [{ batch = 8, steps = 200 }, { batch = 16, steps = 100 }]",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ablation_has_its_axis() {
        let written = parse(include_str!("ablations.toml"), "").unwrap();
        let mut names = ABLATIONS.map(str::to_owned);
        names.sort();
        assert!(written.keys().eq(names.iter()));
        for name in ABLATIONS {
            assert!(ablation(name).unwrap().choices.len() > 1, "{name}");
        }
    }
}
