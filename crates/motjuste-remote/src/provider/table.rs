//! The providers, in the order of their type.

use super::{Facts, Provider};

/// One that has an address of its own and wants a key.
const fn hosted(
    provider: Provider,
    name: &'static str,
    base: &'static str,
    base_variables: &'static [&'static str],
    key_variables: &'static [&'static str],
) -> Facts {
    Facts { provider, name, base: Some(base), base_variables, key_variables, needs_key: true }
}

/// A server that people run themselves, which may want a key.
const fn own(
    provider: Provider,
    name: &'static str,
    base: Option<&'static str>,
    base_variables: &'static [&'static str],
    key_variables: &'static [&'static str],
) -> Facts {
    Facts { provider, name, base, base_variables, key_variables, needs_key: false }
}

pub(super) const PROVIDERS: [Facts; 28] = [
    hosted(
        Provider::OpenAi,
        "openai",
        "https://api.openai.com/v1",
        &["OPENAI_BASE_URL", "OPENAI_API_BASE"],
        &["OPENAI_API_KEY"],
    ),
    Facts {
        provider: Provider::Azure,
        name: "azure",
        base: None,
        base_variables: &["AZURE_OPENAI_ENDPOINT"],
        key_variables: &["AZURE_OPENAI_API_KEY"],
        needs_key: true,
    },
    hosted(
        Provider::Anthropic,
        "anthropic",
        "https://api.anthropic.com",
        &["ANTHROPIC_BASE_URL"],
        &["ANTHROPIC_API_KEY"],
    ),
    hosted(
        Provider::Gemini,
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        &["GEMINI_BASE_URL"],
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    ),
    own(
        Provider::HostedVllm,
        "hosted_vllm",
        Some("http://127.0.0.1:8000/v1"),
        &["HOSTED_VLLM_API_BASE"],
        &["HOSTED_VLLM_API_KEY"],
    ),
    own(
        Provider::Sglang,
        "sglang",
        Some("http://127.0.0.1:30000/v1"),
        &["SGLANG_API_BASE"],
        &["SGLANG_API_KEY"],
    ),
    own(
        Provider::LlamaCpp,
        "llama_cpp",
        Some("http://127.0.0.1:8080/v1"),
        &["LLAMA_CPP_API_BASE"],
        &["LLAMA_CPP_API_KEY"],
    ),
    own(
        Provider::Ollama,
        "ollama",
        Some("http://127.0.0.1:11434/v1"),
        &["OLLAMA_HOST"],
        &["OLLAMA_API_KEY"],
    ),
    hosted(
        Provider::OpenRouter,
        "openrouter",
        "https://openrouter.ai/api/v1",
        &["OPENROUTER_API_BASE"],
        &["OPENROUTER_API_KEY"],
    ),
    own(
        Provider::OpenAiCompatible,
        "openai_compatible",
        None,
        &["OPENAI_COMPATIBLE_API_BASE"],
        &["OPENAI_COMPATIBLE_API_KEY"],
    ),
    hosted(
        Provider::Bedrock,
        "bedrock",
        "https://bedrock-runtime.{AWS_REGION|AWS_DEFAULT_REGION|AWS_REGION_NAME}.amazonaws.com/openai/v1",
        &["BEDROCK_API_BASE"],
        &["AWS_BEARER_TOKEN_BEDROCK"],
    ),
    hosted(
        Provider::VertexAi,
        "vertex_ai",
        "https://{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION}-aiplatform.googleapis.com/v1/projects/\
         {VERTEXAI_PROJECT|GOOGLE_CLOUD_PROJECT}/locations/{VERTEXAI_LOCATION|GOOGLE_CLOUD_LOCATION}\
         /endpoints/openapi",
        &["VERTEXAI_API_BASE"],
        &["VERTEX_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"],
    ),
    hosted(
        Provider::Mistral,
        "mistral",
        "https://api.mistral.ai/v1",
        &["MISTRAL_API_BASE"],
        &["MISTRAL_API_KEY"],
    ),
    hosted(
        Provider::Groq,
        "groq",
        "https://api.groq.com/openai/v1",
        &["GROQ_API_BASE"],
        &["GROQ_API_KEY"],
    ),
    hosted(
        Provider::DeepSeek,
        "deepseek",
        "https://api.deepseek.com/v1",
        &["DEEPSEEK_API_BASE"],
        &["DEEPSEEK_API_KEY"],
    ),
    hosted(
        Provider::TogetherAi,
        "together_ai",
        "https://api.together.xyz/v1",
        &["TOGETHERAI_API_BASE"],
        &["TOGETHERAI_API_KEY", "TOGETHER_API_KEY"],
    ),
    hosted(
        Provider::FireworksAi,
        "fireworks_ai",
        "https://api.fireworks.ai/inference/v1",
        &["FIREWORKS_API_BASE"],
        &["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"],
    ),
    hosted(Provider::Xai, "xai", "https://api.x.ai/v1", &["XAI_API_BASE"], &["XAI_API_KEY"]),
    hosted(
        Provider::Cohere,
        "cohere",
        "https://api.cohere.ai/compatibility/v1",
        &["COHERE_API_BASE"],
        &["COHERE_API_KEY", "CO_API_KEY"],
    ),
    hosted(
        Provider::NvidiaNim,
        "nvidia_nim",
        "https://integrate.api.nvidia.com/v1",
        &["NVIDIA_NIM_API_BASE"],
        &["NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"],
    ),
    hosted(
        Provider::GitHub,
        "github",
        "https://models.github.ai/inference",
        &["GITHUB_MODELS_API_BASE"],
        &["GITHUB_API_KEY", "GITHUB_TOKEN"],
    ),
    hosted(
        Provider::Cerebras,
        "cerebras",
        "https://api.cerebras.ai/v1",
        &["CEREBRAS_API_BASE"],
        &["CEREBRAS_API_KEY"],
    ),
    hosted(
        Provider::DeepInfra,
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        &["DEEPINFRA_API_BASE"],
        &["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
    ),
    hosted(
        Provider::HuggingFace,
        "huggingface",
        "https://router.huggingface.co/v1",
        &["HUGGINGFACE_API_BASE"],
        &["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    ),
    hosted(
        Provider::Perplexity,
        "perplexity",
        "https://api.perplexity.ai",
        &["PERPLEXITY_API_BASE"],
        &["PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"],
    ),
    hosted(
        Provider::DashScope,
        "dashscope",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_BASE"],
        &["DASHSCOPE_API_KEY"],
    ),
    own(
        Provider::LmStudio,
        "lm_studio",
        Some("http://127.0.0.1:1234/v1"),
        &["LM_STUDIO_API_BASE"],
        &["LM_STUDIO_API_KEY"],
    ),
    own(Provider::Service, "http", None, &[], &["HTTP_TARGET_API_KEY"]),
];
