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
pub(crate) fn fill_row(source: &str, row: &Example, longest: Option<usize>) -> Result<String> {
    // A template loses one line break at its end, so it is given one to lose.
    let source = format!("{source}\n");
    let shown = |text: &str| longest.map_or_else(|| text.to_owned(), |most| clip(text, most));
    let (input, output) =
        (shown(&row.input), row.outputs.first().map_or(String::new(), |it| shown(it)));
    environment().render_str(&source, context! { input, output }).map_err(|error| {
        Error::configuration(format!("a row cannot be worded: {error}"))
            .with_help("the template of a row may name input and output, and nothing else")
    })
}

/// A text of at most so many characters: of a longer one its two ends, and how much was left out between.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most.div_ceil(2), most / 2);
    let first: String = text.chars().take(head).collect();
    let last: String = text.chars().skip(count - tail).collect();
    format!("{first} [… {} characters …] {last}", count - head - tail)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}
