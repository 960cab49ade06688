//! Models that think before they answer, by their names.

use crate::provider::Provider;

/// Tokens that thinking may take, unless told otherwise.
pub(crate) const THINKING_TOKENS: usize = 8000;

/// Parts of the names of models that think whoever serves them.
const THINKERS: [&str; 16] = [
    "gemini-2.5",
    "gemini-3",
    "deepseek-reasoner",
    "deepseek-r1",
    "qwq",
    "qwen3",
    "gpt-oss",
    "magistral",
    "grok-3-mini",
    "grok-4",
    "-thinking",
    "-reasoning",
    "phi-4-reasoning",
    "glm-4.5",
    "glm-4.6",
    "kimi-k2-thinking",
];

/// Whether the provider is asked for an answer's length as `max_completion_tokens`, and without a temperature, a
/// seed and log-probabilities, which OpenAI's models that reason refuse. Behind another name, a server's refusal
/// tells.
pub(super) fn refuses_sampling(provider: Provider, model: &str) -> bool {
    let is_openai = matches!(provider, Provider::OpenAi | Provider::Azure);
    is_openai && is_openai_thinker(model) && !model.contains("-chat")
}

/// Whether a model of this name is known to think before it answers; a gateway's name for it ends in the
/// model's own.
pub(crate) fn thinks(model: &str) -> bool {
    let name = model.to_lowercase();
    let own = name.rsplit('/').next().unwrap_or_default();
    let is_chat = own.contains("-chat") || own.contains("instruct");
    !is_chat && (is_openai_thinker(own) || THINKERS.iter().any(|part| own.contains(part)))
}

fn is_openai_thinker(model: &str) -> bool {
    let o_series =
        model.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let version = model.strip_prefix("gpt-").and_then(|rest| rest.chars().next());
    o_series || version.is_some_and(|digit| ('5'..='9').contains(&digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_reason_are_known_by_name() {
        for model in ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-nano", "gpt-6.1"] {
            assert!(refuses_sampling(Provider::OpenAi, model) && thinks(model), "{model}");
        }
        for model in ["gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "gpt-5-chat-latest", "omni"] {
            assert!(!refuses_sampling(Provider::OpenAi, model) && !thinks(model), "{model}");
        }
        assert!(!refuses_sampling(Provider::HostedVllm, "o1-open"));
        for model in ["openai/gpt-5-mini", "Qwen/Qwen3-8B", "gemini-2.5-flash", "gpt-oss-20b"] {
            assert!(thinks(model), "{model}");
        }
        assert!(!thinks("Qwen/Qwen3-4B-Instruct-2507") && !thinks("gemini-2.0-flash"));
    }
}
