//! The axes of an experiment: what is varied, and over which settings.

use serde_json::Value;
use toml::Table;

use crate::{Error, Result};

/// Settings of a method, each by its path, such as `pool.size`.
pub type Settings = Vec<(String, Value)>;

/// One thing that is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The settings of each choice, the one to compare with first; at least two.
    pub(super) choices: Vec<Settings>,
}

/// The names of the published ablations, those of OPRO first, then those of InstructZero.
pub const ABLATIONS: [&str; 13] = [
    "order",
    "scores",
    "exemplars",
    "batch",
    "temperature",
    "position",
    "start",
    "one-step",
    "kernel",
    "soft-tokens",
    "dimensions",
    "projection",
    "demonstrations",
];

/// The method whose paper has the ablation of this name.
///
/// ```
/// use motjuste::experiment::ablated_method;
/// assert_eq!([ablated_method("order"), ablated_method("kernel")], [Some("opro"), Some("instructzero")]);
/// ```
pub fn ablated_method(name: &str) -> Option<&'static str> {
    let place = ABLATIONS.iter().position(|known| *known == name)?;
    Some(if place < 8 { "opro" } else { "instructzero" })
}

impl Axis {
    /// An axis with these choices.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when there is nothing to compare.
    pub fn new(choices: Vec<Settings>) -> Result<Self> {
        match choices.len() {
            0 | 1 => Err(refuse("an axis has nothing to compare")),
            _ => Ok(Self { choices }),
        }
    }

    /// The published ablation of this name.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when there is none; with the names there are.
    ///
    /// ```
    /// use motjuste::experiment::Axis;
    /// assert!(Axis::ablation("exemplars").is_ok() && Axis::ablation("moon").is_err());
    /// ```
    pub fn ablation(name: &str) -> Result<Self> {
        let mut axes = table(include_str!("ablations.toml"), "the built-in ablations")?;
        let of_method = ablated_method(name).and_then(|method| axes.remove(method));
        let choices = of_method.and_then(|all| all.get(name).cloned()).ok_or_else(|| {
            Error::configuration(format!("there is no ablation \"{name}\""))
                .with_help(format!("there are {}", ABLATIONS.join(", ")))
        })?;
        axis(name, choices)
    }

    /// The axes of a TOML file's text, by name; `place` says where it is from.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it is no TOML, or an axis is no list of two or more.
    ///
    /// ```
    /// use motjuste::experiment::Axis;
    /// assert_eq!(Axis::parse("exemplars = [3, 10, 0]", "axes.toml").unwrap().len(), 1);
    /// ```
    pub fn parse(text: &str, file: &str) -> Result<Vec<Self>> {
        table(text, file)?.into_iter().map(|(name, choices)| axis(&name, choices)).collect()
    }
}

fn table(text: &str, file: &str) -> Result<Table> {
    toml::from_str(text)
        .map_err(|error| refuse(&format!("{file}: {}", error.to_string().trim_end())))
}

/// A choice is a table of settings, or the value of the setting that the axis is named after.
fn axis(name: &str, choices: toml::Value) -> Result<Axis> {
    let toml::Value::Array(choices) = choices else {
        return Err(refuse(&format!("the axis \"{name}\" is no list")));
    };
    if choices.len() < 2 {
        return Err(refuse(&format!("the axis \"{name}\" has nothing to compare")));
    }
    let settings = |choice| match choice {
        toml::Value::Table(settings) => settings,
        value => Table::from_iter([(name.to_owned(), value)]),
    };
    Axis::new(choices.into_iter().map(settings).map(as_json).collect::<Result<_>>()?)
}

fn as_json(settings: Table) -> Result<Settings> {
    let setting = |(path, value): (String, toml::Value)| match serde_json::to_value(&value) {
        Ok(value) => Ok((path, value)),
        Err(error) => Err(refuse(&format!("{path}: {error}"))),
    };
    settings.into_iter().map(setting).collect()
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
        let written = table(include_str!("ablations.toml"), "").unwrap();
        let written = written.values().filter_map(toml::Value::as_table);
        let mut written: Vec<&str> = written.flat_map(Table::keys).map(String::as_str).collect();
        let mut names = ABLATIONS;
        names.sort_unstable();
        written.sort_unstable();
        assert_eq!(written, names);
        for name in ABLATIONS {
            assert!(Axis::ablation(name).unwrap().choices.len() > 1, "{name}");
        }
    }
}
