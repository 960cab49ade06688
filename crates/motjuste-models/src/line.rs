//! A model's name as one line of text, for another process to open it by.

use std::collections::BTreeMap;
use std::time::Duration;

use motjuste::model::Parameters;
use motjuste::{Error, Result};
use motjuste_remote::Api;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ModelName;

/// What a [`ModelName`] says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    url: Option<String>,
    api: Option<String>,
    fields: Map<String, Value>,
    headers: BTreeMap<String, String>,
    timeout: Option<Duration>,
    thinking_tokens: Option<usize>,
}

impl ModelName {
    /// The name as one line, from which another process reads it; none for a model that another process cannot
    /// ask, and for one with a header that may be a secret: its value stands in the task and not in the environment.
    ///
    /// ```
    /// use motjuste_models::ModelName;
    /// let name = ModelName::new("ollama/llama3:8b");
    /// assert_eq!(ModelName::from_line(&name.to_line().unwrap()).unwrap(), name);
    /// assert!(ModelName::new("command:python3 app.py").to_line().is_none());
    /// ```
    pub fn to_line(&self) -> Option<String> {
        let Parameters { fields, headers, timeout, thinking_tokens } = self.parameters.clone();
        let is_open = |value: &String| value.contains("${");
        if !self.is_remote() || self.command().is_some() || !headers.values().all(is_open) {
            return None;
        }
        let (name, url) = (self.name.clone(), self.url.clone());
        let api = self.api.map(|api| api.name().to_owned());
        serde_json::to_string(&Line { name, url, api, fields, headers, timeout, thinking_tokens })
            .ok()
    }

    /// Reads the line of [`Self::to_line`].
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a line that another version wrote.
    pub fn from_line(line: &str) -> Result<Self> {
        let unreadable = |what: String| {
            Error::configuration(format!("the name of a model in the queue cannot be read: {what}"))
                .with_help("run the same version of motjuste everywhere")
        };
        let line: Line =
            serde_json::from_str(line).map_err(|error| unreadable(error.to_string()))?;
        let api = match line.api.as_deref() {
            None => None,
            Some(api) => {
                Some(api_named(api).ok_or_else(|| unreadable(format!("no API is called {api}")))?)
            }
        };
        let Line { name, url, fields, headers, timeout, thinking_tokens, .. } = line;
        let parameters = Parameters { fields, headers, timeout, thinking_tokens };
        Ok(Self { name, url, api, parameters })
    }
}

fn api_named(name: &str) -> Option<Api> {
    [Api::Chat, Api::Completions].into_iter().find(|api| api.name() == name)
}
