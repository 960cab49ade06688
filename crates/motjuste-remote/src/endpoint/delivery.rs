//! How a model's requests are delivered: headers of its own, and how long an answer may take.

use std::time::Duration;

use motjuste::error::Setting;
use motjuste::model::Parameters;
use motjuste::{Error, Result};
use reqwest::header::{HeaderMap, HeaderName};

use super::Endpoint;
use super::base::is_loopback;
use super::secret::Secret;

/// What goes with each request of one model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delivery {
    pub(crate) headers: HeaderMap,
    /// How long an answer may take, where that is not the endpoint's time.
    pub(crate) timeout: Option<Duration>,
}

impl Endpoint {
    /// The delivery that parameters ask for. Values from the environment are hidden from now on.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when a header cannot be sent, names a variable that is not set, or would carry
    /// one to another machine in the clear.
    pub(crate) fn delivery(&self, parameters: &Parameters) -> Result<Delivery> {
        let mut headers = HeaderMap::new();
        for (name, value) in &parameters.headers {
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| refuse(name, "has no name for one"))?;
            let secret = self.filled(name, value)?;
            headers.insert(key, secret.header("")?);
        }
        Ok(Delivery { headers, timeout: parameters.timeout })
    }

    /// A header's value, with what the environment says in place of `${NAME}`.
    fn filled(&self, header: &str, value: &str) -> Result<Secret> {
        let (mut filled, mut rest) = (String::new(), value);
        while let Some((before, behind)) = rest.split_once("${") {
            let (name, after) =
                behind.split_once('}').ok_or_else(|| refuse(header, "has a ${ without its }"))?;
            filled.push_str(before);
            filled.push_str(&self.variable(header, name)?);
            rest = after;
        }
        filled.push_str(rest);
        let is_secret = filled != value;
        let secret = Secret::new(filled);
        if is_secret {
            self.hide(secret.clone());
        }
        Ok(secret)
    }

    fn variable(&self, header: &str, name: &str) -> Result<String> {
        let Some(value) = self.0.environment.first(&[name]) else {
            return Err(refuse(header, &format!("needs the environment variable {name}")));
        };
        let base = &self.0.base;
        if base.scheme() != "https" && !is_loopback(base) && !self.0.allow_http_key {
            let message = format!("the value of {name} would be sent in the clear to {base}");
            return Err(Error::configuration(message)
                .with_help("use an https base URL, or allow a key over http in your own network")
                .with_setting(Setting::HttpKey));
        }
        self.hide(Secret::new(value.clone()));
        Ok(value)
    }
}

fn refuse(header: &str, why: &str) -> Error {
    Error::configuration(format!("the header {header:?} {why}"))
        .with_help("headers are written like X-Team = \"${TEAM_KEY}\"")
        .with_setting(Setting::Parameters)
}
