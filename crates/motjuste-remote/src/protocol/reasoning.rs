//! OpenAI's models that think before they answer.

use crate::provider::Provider;

/// Whether the model reasons: it then takes `max_completion_tokens`, and refuses a temperature, a
/// seed and log-probabilities.
pub(super) fn reasons(provider: Provider, model: &str) -> bool {
    if !matches!(provider, Provider::OpenAi | Provider::Azure) {
        return false;
    }
    let o_series =
        model.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let version = model.strip_prefix("gpt-").and_then(|rest| rest.chars().next());
    let gpt_5_or_later = version.is_some_and(|digit| ('5'..='9').contains(&digit));
    o_series || (gpt_5_or_later && !model.contains("-chat"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_reason_are_known_by_name() {
        for model in ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-nano", "gpt-6.1"] {
            assert!(reasons(Provider::OpenAi, model), "{model}");
        }
        for model in ["gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "gpt-5-chat-latest", "omni"] {
            assert!(!reasons(Provider::OpenAi, model), "{model}");
        }
        assert!(!reasons(Provider::HostedVllm, "o1-open"));
    }
}
