//! Filling the templates of prompts for the generator.

use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::example::Example;
use crate::{Error, Result};

/// A template of ours with its values.
pub(crate) fn fill(source: &str, values: Value) -> Result<String> {
    environment().render_str(source, values).map_err(|error| {
        Error::configuration(format!("the prompt cannot be filled: {error}"))
            .with_help("this is a fault of motjuste; please report it")
    })
}

/// A template over `input` and `output` with a row of a task.
pub(crate) fn fill_row(source: &str, row: &Example) -> Result<String> {
    // A template loses one line break at its end, so it is given one to lose.
    let source = format!("{source}\n");
    let output = row.outputs.first().map_or("", String::as_str);
    environment().render_str(&source, context! { input => &row.input, output }).map_err(|error| {
        Error::configuration(format!("a row cannot be worded: {error}"))
            .with_help("the template of a row may name input and output, and nothing else")
    })
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}
