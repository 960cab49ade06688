//! Tokens for thinking: what a model that reasons may take beyond an answer's length.

use motjuste::model::Parameters;

use crate::endpoint::Endpoint;
use crate::protocol::{Shape, THINKING_TOKENS, thinks};

/// Tokens for thinking, and what is known of them before the model is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thinking {
    pub(crate) tokens: usize,
    /// Whether the model is known to think.
    pub(crate) is_known: bool,
    /// Whether the person said how many tokens it may take.
    pub(crate) is_given: bool,
}

impl Thinking {
    pub(crate) fn of(
        endpoint: &Endpoint,
        model: &str,
        shape: &Shape,
        parameters: &Parameters,
    ) -> Self {
        // Anthropic's models think when they are asked to, and as long as that says.
        let asked = shape.field("thinking");
        let budget = asked.and_then(|asked| asked.get("budget_tokens")?.as_u64());
        let budget = budget.and_then(|budget| usize::try_from(budget).ok());
        let given = parameters.thinking_tokens.or(budget);
        let tokens = given.or(endpoint.thinking_tokens()).unwrap_or(THINKING_TOKENS);
        let is_known = given.is_some() || asked.is_some() || thinks(model);
        let is_given = given.or(endpoint.thinking_tokens()).is_some();
        Self { tokens, is_known, is_given }
    }
}

/// What of the parameters may change an answer, behind a model's name.
pub(crate) fn asked_with(
    parameters: &Parameters,
    thinking: Thinking,
    endpoint: &Endpoint,
) -> String {
    let mut parameters = parameters.clone();
    if thinking.is_known || endpoint.thinking_tokens().is_some() {
        parameters.thinking_tokens.get_or_insert(thinking.tokens);
    }
    let with = parameters.identity();
    if with.is_empty() { with } else { format!("?{with}") }
}
