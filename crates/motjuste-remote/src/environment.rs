//! Where addresses and keys come from when nobody names them: environment variables.

use std::fmt;
use std::sync::Arc;

/// The environment variables that an endpoint may read.
///
/// ```
/// use motjuste_remote::Environment;
/// let environment = Environment::of([("OPENAI_API_KEY", "sk-…")]);
/// assert_eq!(format!("{environment:?}"), "Environment");
/// ```
#[derive(Clone)]
pub struct Environment(Arc<Find>);

type Find = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// The variables of this process.
    pub fn process() -> Self {
        Self(Arc::new(|name| std::env::var(name).ok()))
    }

    /// These variables and no others.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let find = move |name: &str| {
            let found = variables.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        Self(Arc::new(find))
    }

    /// The first of `names` that is set to more than white space.
    pub(crate) fn first(&self, names: &[&str]) -> Option<String> {
        let values = names.iter().filter_map(|name| (self.0)(name));
        values.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

/// Values may be keys, so none is shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
