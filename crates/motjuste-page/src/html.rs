//! HTML that is ready for the page, and templates that make more of it.

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use motjuste::{Error, Result};
use serde::Serialize;

/// Markup that is put on the page as it is, not escaped again.
///
/// ```
/// use motjuste_page::{Html, format};
/// let html = Html::new(format!("<b>{}</b>", format::escaped("a < b")));
/// assert_eq!(html.to_string(), "<b>a &lt; b</b>");
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Html(Value);

impl Html {
    /// Takes markup in which all foreign text is escaped already.
    pub fn new(markup: impl Into<String>) -> Self {
        Self(Value::from_safe_string(markup.into()))
    }
}

impl fmt::Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// Fills in a Jinja template. Values are escaped, [`Html`] among them is not.
///
/// ```
/// use std::collections::BTreeMap;
/// let values = BTreeMap::from([("name", "<you>")]);
/// let html = motjuste_page::template("<p>{{ name }}</p>", &values)?;
/// assert_eq!(html.to_string(), "<p>&lt;you&gt;</p>");
/// # Ok::<(), motjuste::Error>(())
/// ```
///
/// # Errors
/// When the template is malformed or names a value that is not given.
pub fn template(source: &str, values: &impl Serialize) -> Result<Html> {
    fill(source, values)
        .map(Html::new)
        .map_err(|error| Error::output(format!("the report page cannot be drawn: {error}")))
}

fn fill(source: &str, values: &impl Serialize) -> std::result::Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(source, Serde(values))
}
