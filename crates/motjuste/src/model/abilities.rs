//! What a model can do.

/// What a model can do besides answering messages, and whether it was taught to answer them. The default is none of it.
///
/// ```
/// use motjuste::model::Abilities;
/// let local = Abilities { prefill: true, soft_prompts: true, ..Abilities::default() };
/// assert!(!local.hidden_states);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// It continues [`Prompt::Text`](super::Prompt::Text) as it stands, without a chat template.
    pub plain_text: bool,
    /// It goes on from the beginning of an answer, [`Request::prefill`](super::Request::prefill).
    pub prefill: bool,
    /// It reads soft prompts, [`Request::soft_prompt`](super::Request::soft_prompt).
    pub soft_prompts: bool,
    /// It returns hidden states of what it wrote, [`Completion::hidden_state`](super::Completion::hidden_state).
    pub hidden_states: bool,
    /// It returns log-probabilities, [`Completion::logprobs`](super::Completion::logprobs).
    pub logprobs: bool,
    /// It reads instruction and row apart from the prompt, [`Request::parts`](super::Request::parts).
    pub parts: bool,
    /// It computes gradients and trains policies on its own weights, [`Request::computation`](super::Request::computation).
    pub gradients: bool,
    /// It is a base model: it goes on with a text, and was not taught to answer messages. Where nobody worded the prompt, instruction and input
    /// reach it as one text, which ends where the answer begins.
    pub base: bool,
    /// Tokens that an answer may take beyond its length, because the model thinks before it answers; 0 where
    /// it does not. It may grow when a model is found to think.
    pub thinking_tokens: usize,
}

impl Abilities {
    /// All of them, of a model that answers messages.
    pub const ALL: Self = Self {
        plain_text: true,
        prefill: true,
        soft_prompts: true,
        hidden_states: true,
        logprobs: true,
        parts: true,
        gradients: true,
        base: false,
        thinking_tokens: 0,
    };
}
