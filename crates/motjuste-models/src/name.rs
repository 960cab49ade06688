//! The name of a model, and where it is.

use std::path::Path;

use motjuste::model::Parameters;
use motjuste::{Error, Result};
use motjuste_remote::{Address, Api, Provider};

/// A model by its name, and where it is served if that is not where its provider usually is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// `embedded`; a folder or a GGUF file; `hf/ORG/NAME`; `PROVIDER/MODEL`; `command:PROGRAM ARGUMENTS`; or
    /// the URL of a web service.
    pub name: String,
    /// Where a model behind an API is.
    pub url: Option<String>,
    /// How a model behind an API is asked.
    pub api: Option<Api>,
    /// What a model behind an API is asked for beyond the prompt.
    pub parameters: Parameters,
}

impl ModelName {
    /// The model of this name where it usually is.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), url: None, api: None, parameters: Parameters::default() }
    }

    /// Whether the model is behind an API: its name begins with a provider's, or is the URL of a web
    /// service; or it is a program, which may ask one. A folder of that name wins.
    ///
    /// ```
    /// use motjuste_models::ModelName;
    /// assert!(ModelName::new("openai/gpt-4.1-mini").is_remote());
    /// assert!(!ModelName::new("embedded").is_remote());
    /// ```
    pub fn is_remote(&self) -> bool {
        let provider = self.name.split(['/', ':']).next().unwrap_or_default();
        let is_provider = provider != self.name && Provider::named(provider).is_some();
        (is_provider || self.command().is_some()) && !Path::new(&self.name).exists()
    }

    /// A question that names what was probably meant, where no model is called so.
    ///
    /// ```
    /// use motjuste_models::ModelName;
    /// let asked = ModelName::new("gpt-4.1-mini").did_you_mean();
    /// assert_eq!(asked.as_deref(), Some("did you mean openai/gpt-4.1-mini?"));
    /// assert_eq!(ModelName::new("embedded").did_you_mean(), None);
    /// ```
    pub fn did_you_mean(&self) -> Option<String> {
        let is_there = self.is_remote() || Path::new(&self.name).exists();
        if is_there { None } else { crate::suggest::for_name(&self.name) }
    }

    /// The command of a model that is a program.
    ///
    /// ```
    /// use motjuste_models::ModelName;
    /// assert_eq!(ModelName::new("command:python3 app.py").command(), Some("python3 app.py"));
    /// ```
    pub fn command(&self) -> Option<&str> {
        self.name.strip_prefix("command:")
    }

    /// Whether it is behind a server that people run themselves, which sends no bill.
    pub fn is_self_served(&self) -> bool {
        let provider = self.name.split(['/', ':']).next().and_then(Provider::named);
        provider.is_some_and(Provider::is_self_served)
    }

    /// Whether it is a person's own affair whether it costs anything: a server or a web service that they run
    /// themselves, or a program of theirs.
    pub(crate) fn is_own(&self) -> bool {
        let is_service = self.name.starts_with("http:") || self.name.starts_with("https:");
        self.is_self_served() || self.command().is_some() || is_service
    }

    /// Where the model is, unless it runs in this process.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when a model in this process is given a place on the network.
    pub(crate) fn address(&self) -> Result<Option<Address>> {
        if self.command().is_none() && self.is_remote() {
            let Self { name, url, api, parameters } = self.clone();
            return Ok(Some(Address { name, base_url: url, api, parameters }));
        }
        if self.url.is_some() || self.api.is_some() || !self.parameters.is_empty() {
            let what = self.command().map_or("runs in this process", |_| "is a program");
            let message =
                format!("\"{}\" {what}: it has no URL, no API and no parameters", self.name);
            return Err(Error::configuration(message).with_help(
                "name a model behind an API as PROVIDER/MODEL, such as openai_compatible/MODEL, or leave out what \
                 is for one, in the task as well",
            ));
        }
        Ok(None)
    }
}
