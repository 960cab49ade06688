//! The providers by name: where they are, what their key is called, which protocol they speak.

/// Who serves a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// OpenAI, or whatever speaks its protocol at `OPENAI_BASE_URL`.
    OpenAi,
    /// Azure OpenAI: the model is the name of a deployment.
    Azure,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// A vLLM server.
    HostedVllm,
    /// An SGLang server.
    Sglang,
    /// A llama.cpp server.
    LlamaCpp,
    /// Ollama.
    Ollama,
    /// OpenRouter.
    OpenRouter,
    /// Any server that speaks OpenAI's protocol.
    OpenAiCompatible,
}

/// What is known about a provider.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) provider: Provider,
    pub(crate) name: &'static str,
    /// Where it is unless told otherwise.
    pub(crate) base: Option<&'static str>,
    pub(crate) base_variables: &'static [&'static str],
    pub(crate) key_variables: &'static [&'static str],
    pub(crate) needs_key: bool,
}

const PROVIDERS: [Facts; 10] = [
    Facts {
        provider: Provider::OpenAi,
        name: "openai",
        base: Some("https://api.openai.com/v1"),
        base_variables: &["OPENAI_BASE_URL", "OPENAI_API_BASE"],
        key_variables: &["OPENAI_API_KEY"],
        needs_key: true,
    },
    Facts {
        provider: Provider::Azure,
        name: "azure",
        base: None,
        base_variables: &["AZURE_OPENAI_ENDPOINT"],
        key_variables: &["AZURE_OPENAI_API_KEY"],
        needs_key: true,
    },
    Facts {
        provider: Provider::Anthropic,
        name: "anthropic",
        base: Some("https://api.anthropic.com"),
        base_variables: &["ANTHROPIC_BASE_URL"],
        key_variables: &["ANTHROPIC_API_KEY"],
        needs_key: true,
    },
    Facts {
        provider: Provider::Gemini,
        name: "gemini",
        base: Some("https://generativelanguage.googleapis.com/v1beta"),
        base_variables: &["GEMINI_BASE_URL"],
        key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        needs_key: true,
    },
    Facts {
        provider: Provider::HostedVllm,
        name: "hosted_vllm",
        base: Some("http://127.0.0.1:8000/v1"),
        base_variables: &["HOSTED_VLLM_API_BASE"],
        key_variables: &["HOSTED_VLLM_API_KEY"],
        needs_key: false,
    },
    Facts {
        provider: Provider::Sglang,
        name: "sglang",
        base: Some("http://127.0.0.1:30000/v1"),
        base_variables: &["SGLANG_API_BASE"],
        key_variables: &["SGLANG_API_KEY"],
        needs_key: false,
    },
    Facts {
        provider: Provider::LlamaCpp,
        name: "llama_cpp",
        base: Some("http://127.0.0.1:8080/v1"),
        base_variables: &["LLAMA_CPP_API_BASE"],
        key_variables: &["LLAMA_CPP_API_KEY"],
        needs_key: false,
    },
    Facts {
        provider: Provider::Ollama,
        name: "ollama",
        base: Some("http://127.0.0.1:11434/v1"),
        base_variables: &["OLLAMA_HOST"],
        key_variables: &["OLLAMA_API_KEY"],
        needs_key: false,
    },
    Facts {
        provider: Provider::OpenRouter,
        name: "openrouter",
        base: Some("https://openrouter.ai/api/v1"),
        base_variables: &["OPENROUTER_API_BASE"],
        key_variables: &["OPENROUTER_API_KEY"],
        needs_key: true,
    },
    Facts {
        provider: Provider::OpenAiCompatible,
        name: "openai_compatible",
        base: None,
        base_variables: &["OPENAI_COMPATIBLE_API_BASE"],
        key_variables: &["OPENAI_COMPATIBLE_API_KEY"],
        needs_key: false,
    },
];

impl Provider {
    /// Every provider's name, in the order of the documentation.
    ///
    /// ```
    /// assert!(motjuste_remote::Provider::names().any(|name| name == "hosted_vllm"));
    /// ```
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROVIDERS.iter().map(|facts| facts.name)
    }

    /// The provider of that name.
    pub fn named(name: &str) -> Option<Self> {
        PROVIDERS.iter().find(|facts| facts.name == name).map(|facts| facts.provider)
    }

    /// The name that stands before the model's in an address.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Whether people run its server themselves, which sends no bill.
    ///
    /// ```
    /// assert!(motjuste_remote::Provider::Ollama.is_self_served());
    /// ```
    pub fn is_self_served(self) -> bool {
        matches!(self, Self::HostedVllm | Self::Sglang | Self::LlamaCpp | Self::Ollama)
    }

    pub(crate) fn facts(self) -> &'static Facts {
        &PROVIDERS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_providers() {
        for facts in &PROVIDERS {
            assert_eq!(facts.provider.facts().name, facts.name);
            assert_eq!(Provider::named(facts.name), Some(facts.provider));
        }
        assert_eq!(Provider::named("openia"), None);
    }
}
