//! Which model, and where: `provider/model`.

use motjuste::model::Parameters;
use motjuste::{Error, Result};

use crate::provider::Provider;

/// The part of OpenAI's protocol that a target is asked through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Api {
    /// One message from a user, answered by an assistant.
    #[default]
    Chat,
    /// A text that the model continues; for base models.
    Completions,
}

impl Api {
    /// Its name in a model's [`id`](motjuste::model::Model::id).
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "completions",
        }
    }
}

/// A model's name, and where it is served if that is not where its provider usually is.
///
/// ```
/// use motjuste_remote::{Address, Api};
/// let address = Address::new("hosted_vllm/Qwen/Qwen3-8B").at("http://gpu:8000/v1");
/// assert_eq!(address.api.unwrap_or_default(), Api::Chat);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// `provider/model`; `provider:model` and `provider::model` mean the same. Or the URL of a web service
    /// that answers as a program does ([`ProgramModel`](crate::ProgramModel)).
    pub name: String,
    /// Where the model is served; wins over the environment.
    pub base_url: Option<String>,
    /// How to ask; chat unless given.
    pub api: Option<Api>,
    /// What is asked for beyond the prompt.
    pub parameters: Parameters,
}

impl Address {
    /// The model of this name where its provider usually serves it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same model served at another base URL.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Where the model is served, if it is told: a web service's name is its address.
    pub(crate) fn place(&self) -> Option<&str> {
        let is_service = matches!(self.parts(), Ok((Provider::Service, _)));
        self.base_url.as_deref().or_else(|| is_service.then_some(self.name.as_str()))
    }

    /// The same model asked with these parameters.
    ///
    /// ```
    /// use motjuste::model::Parameters;
    /// use motjuste_remote::Address;
    /// let parameters = Parameters::parse(r#"{"reasoning_effort": "low"}"#)?;
    /// let address = Address::new("openai/gpt-5-mini").with(parameters);
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    #[must_use]
    pub fn with(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// The provider and the model's name at that provider.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the name has no provider, an unknown one, or no model.
    ///
    /// ```
    /// use motjuste_remote::{Address, Provider};
    /// let address = Address::new("ollama::llama3:8b");
    /// assert_eq!(address.parts()?, (Provider::Ollama, "llama3:8b"));
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn parts(&self) -> Result<(Provider, &str)> {
        let (provider, model) = self.name.split_once(['/', ':']).unwrap_or((&self.name, ""));
        let known = Provider::named(provider).ok_or_else(|| unknown(&self.name))?;
        let model = model.strip_prefix(':').unwrap_or(model).trim();
        if model.is_empty() {
            let help = format!("name one after the provider: {provider}/MODEL");
            let message = format!("the address {:?} names no model", self.name);
            return Err(Error::configuration(message).with_help(help));
        }
        Ok((known, model))
    }
}

fn unknown(name: &str) -> Error {
    let known: Vec<_> = Provider::names().collect();
    Error::configuration(format!("no provider is known for the model {name:?}"))
        .with_help(format!("write PROVIDER/MODEL with one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_provider_and_a_model_in_any_of_three_forms() {
        for name in ["openai/gpt-5", "openai:gpt-5", "openai::gpt-5"] {
            assert_eq!(Address::new(name).parts().unwrap(), (Provider::OpenAi, "gpt-5"));
        }
        let nested = Address::new("openrouter/meta-llama/llama-3:free");
        assert_eq!(nested.parts().unwrap().1, "meta-llama/llama-3:free");
    }

    #[test]
    fn a_name_without_provider_or_model_is_refused_with_the_list() {
        let error = Address::new("gpt-5").parts().unwrap_err();
        assert!(error.is_configuration() && error.help().unwrap().contains("hosted_vllm"));
        for name in ["openai", "openai/", "openai:: "] {
            let error = Address::new(name).parts().unwrap_err();
            assert!(error.help().unwrap().contains("openai/MODEL"), "{name}");
        }
    }
}
