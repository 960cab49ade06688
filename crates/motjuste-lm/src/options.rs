//! Choices on loading a model.

/// How a model reads what it is given.
///
/// ```
/// use motjuste_lm::{LoadOptions, SoftPromptPlace};
/// let options =
///     LoadOptions { soft_prompt_place: SoftPromptPlace::BehindSystem, ..LoadOptions::default() };
/// assert_ne!(options, LoadOptions::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Whether a prompt is wrapped as a message to a chat model.
    pub template: Template,
    /// Where a soft prompt goes.
    pub soft_prompt_place: SoftPromptPlace,
}

/// Whether a prompt is wrapped as the message of a user, by the model's chat template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Template {
    /// Wrapped if the model has a chat template, read as it is otherwise.
    #[default]
    Auto,
    /// Wrapped; a model without a chat template is refused.
    Chat,
    /// Read as it is.
    None,
}

/// Where a soft prompt goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SoftPromptPlace {
    /// In front of everything (InstructZero, arXiv 2306.03082).
    #[default]
    Front,
    /// Right in front of the prompt: behind the token that begins a text, and behind what the chat
    /// template says before the user's message.
    BehindSystem,
}

impl LoadOptions {
    /// What tells these options from the default in a model's id.
    pub(crate) fn suffix(&self) -> String {
        let template = match self.template {
            Template::Auto => "",
            Template::Chat => "+chat",
            Template::None => "+no-template",
        };
        let place = match self.soft_prompt_place {
            SoftPromptPlace::Front => "",
            SoftPromptPlace::BehindSystem => "+behind-system",
        };
        format!("{template}{place}")
    }
}
