//! Filling the templates of meta-prompts.

use minijinja::{Environment, UndefinedBehavior, Value};
use motjuste::{Error, Result};

/// A template of this crate with its values.
pub(crate) fn fill(source: &str, values: Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.render_str(source, values).map_err(|error| {
        Error::configuration(format!("the meta-prompt cannot be filled: {error}"))
            .with_help("this is a fault of motjuste; please report it")
    })
}
