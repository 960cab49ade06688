//! The providers by name: where they are, what their key is called, which protocol they speak.

mod table;

use table::PROVIDERS;

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
    /// Amazon Bedrock's interface for OpenAI's protocol, with a key of Bedrock's.
    Bedrock,
    /// Google's Vertex AI, through its interface for OpenAI's protocol, with an access token.
    VertexAi,
    /// Mistral.
    Mistral,
    /// Groq.
    Groq,
    /// DeepSeek.
    DeepSeek,
    /// Together AI.
    TogetherAi,
    /// Fireworks AI.
    FireworksAi,
    /// xAI.
    Xai,
    /// Cohere, through its interface for OpenAI's protocol.
    Cohere,
    /// NVIDIA NIM.
    NvidiaNim,
    /// GitHub Models.
    GitHub,
    /// Cerebras.
    Cerebras,
    /// DeepInfra.
    DeepInfra,
    /// Hugging Face's router to inference providers.
    HuggingFace,
    /// Perplexity.
    Perplexity,
    /// Alibaba's Model Studio (Qwen).
    DashScope,
    /// LM Studio on this machine.
    LmStudio,
    /// A web service of one's own that answers as a program does; its name is its URL.
    Service,
}

/// What is known about a provider.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) provider: Provider,
    pub(crate) name: &'static str,
    /// Where it is unless told otherwise; `{NAME|NAME}` stands for a variable of the environment.
    pub(crate) base: Option<&'static str>,
    pub(crate) base_variables: &'static [&'static str],
    pub(crate) key_variables: &'static [&'static str],
    pub(crate) needs_key: bool,
}

impl Provider {
    /// Every provider's name; a web service has none besides its URL.
    ///
    /// ```
    /// assert!(motjuste_remote::Provider::names().any(|name| name == "hosted_vllm"));
    /// ```
    pub fn names() -> impl Iterator<Item = &'static str> {
        let has_name = |facts: &&Facts| facts.provider != Self::Service;
        PROVIDERS.iter().filter(has_name).map(|facts| facts.name)
    }

    /// The provider of that name.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "https" { "http" } else { name };
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
        matches!(
            self,
            Self::HostedVllm | Self::Sglang | Self::LlamaCpp | Self::Ollama | Self::LmStudio
        )
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
