//! The key of an endpoint, and the headers that carry it.

use motjuste::error::Setting;
use motjuste::{Error, Result};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::Settings;
use super::base::is_loopback;
use super::printed;
use super::secret::Secret;
use crate::provider::Provider;

/// The environment's key, where the provider has one or needs one.
///
/// It never leaves for another machine in the clear.
pub(super) fn find_key(
    provider: Provider,
    base: &Url,
    settings: &Settings,
) -> Result<Option<Secret>> {
    let (facts, environment) = (provider.facts(), &settings.environment);
    let variables = facts.key_variables.join(" or ");
    let set = environment.first(facts.key_variables);
    let Some(key) =
        set.map_or_else(|| printed::key(facts.key_variables, environment), |key| Ok(Some(key)))?
    else {
        if !facts.needs_key || is_loopback(base) || settings.without_key {
            return Ok(None);
        }
        let message = format!("{} needs a key in {variables}", facts.name);
        let help = format!("set {variables}, or name a file that holds it, such as .env");
        return Err(Error::configuration(message).with_help(help).with_setting(Setting::EnvFile));
    };
    if base.scheme() != "https" && !is_loopback(base) && !settings.allow_http_key {
        let message = format!("the key in {variables} would be sent in the clear to {base}");
        return Err(Error::configuration(message)
            .with_help(format!(
                "use an https base URL, or a tunnel to 127.0.0.1, or unset {variables}; in a network of your own, \
                 allow it"
            ))
            .with_setting(Setting::HttpKey));
    }
    Ok(Some(Secret::new(key)))
}

/// The headers of every request.
pub(super) fn headers(provider: Provider, key: Option<&Secret>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if provider == Provider::Anthropic {
        let version = HeaderValue::from_static("2023-06-01");
        headers.insert(HeaderName::from_static("anthropic-version"), version);
    }
    if let Some(key) = key {
        let (name, prefix) = match provider {
            Provider::Azure => ("api-key", ""),
            Provider::Anthropic => ("x-api-key", ""),
            Provider::Gemini => ("x-goog-api-key", ""),
            _ => ("authorization", "Bearer "),
        };
        headers.insert(HeaderName::from_static(name), key.header(prefix)?);
    }
    Ok(headers)
}
