//! Base URLs that name a region or a project.

use motjuste::{Error, Result};

use crate::environment::Environment;

/// The base URL with each `{VARIABLE|OTHER_NAME}` filled in from the environment.
///
/// # Errors
/// [`Error::is_configuration`] when none of the names is set, or its value is no part of a URL.
pub(super) fn filled(provider: &str, base: &str, environment: &Environment) -> Result<String> {
    let mut parts = base.split(['{', '}']);
    let mut url = parts.next().unwrap_or_default().to_owned();
    while let Some(names) = parts.next() {
        url += &value(provider, names, environment)?;
        url += parts.next().unwrap_or_default();
    }
    // Vertex AI's global location has no part in the host's name.
    Ok(url.replace("//global-aiplatform.", "//aiplatform."))
}

fn value(provider: &str, names: &str, environment: &Environment) -> Result<String> {
    let all: Vec<&str> = names.split('|').collect();
    let variables = all.join(" or ");
    let help = format!("set {variables}, or give a base URL");
    let Some(value) = environment.first(&all) else {
        let message = format!("{provider} needs {variables}");
        return Err(Error::configuration(message).with_help(help));
    };
    // Nothing that could send the key to another host.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    match value.chars().all(is_plain) {
        true => Ok(value),
        false => {
            let message = format!("the value of {variables} is no name of a region or a project");
            Err(Error::configuration(message).with_help(help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://{LOCATION|REGION}-aiplatform.example/{PROJECT}/x";

    #[test]
    fn variables_are_filled_in_and_missing_ones_named() {
        let set = Environment::of([("REGION", "eu-west1"), ("PROJECT", "p")]);
        assert_eq!(filled("v", BASE, &set).unwrap(), "https://eu-west1-aiplatform.example/p/x");
        let set = Environment::of([("LOCATION", "global"), ("PROJECT", "p")]);
        assert_eq!(filled("v", BASE, &set).unwrap(), "https://aiplatform.example/p/x");
        let error = filled("v", BASE, &Environment::of([("PROJECT", "p")])).unwrap_err();
        assert!(error.to_string().contains("LOCATION or REGION"), "{error}");
        assert_eq!(filled("v", "https://a/v1", &set).unwrap(), "https://a/v1");
    }

    #[test]
    fn a_value_that_would_lead_elsewhere_is_refused() {
        let set = Environment::of([("LOCATION", "evil.example/"), ("PROJECT", "p")]);
        assert!(filled("v", BASE, &set).unwrap_err().is_configuration());
    }
}
