//! What can be chosen when a model is loaded.

/// What can be chosen when a model is loaded.
///
/// ```
/// use motjuste_lm::{LoadOptions, OpenModel, Precision, Template};
/// let options = LoadOptions {
///     precision: Precision::Q8_0,
///     template: Template::Chat,
///     ..LoadOptions::default()
/// };
/// let error = OpenModel::from_folder("no/such/folder", &options).err();
/// assert!(error.is_some());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// How the weights of linear maps are kept in memory.
    pub precision: Precision,
    /// To how many bits the inputs of quantised maps are rounded.
    pub activations: Activations,
    /// Whether a prompt is wrapped as a message to a chat model.
    pub template: Template,
    /// Where a soft prompt goes.
    pub soft_prompt_place: SoftPromptPlace,
}

/// How the weights of linear maps are kept in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precision {
    /// As the files have them, number by number. Block formats of GGML stay whole numbers and scales, and what they are
    /// multiplied by is rounded to 16 bits; numbers of 16 bits take half of the memory, and the results have the same bits
    /// as in 32.
    #[default]
    AsStored,
    /// 32 bits: what the files say, opened.
    F32,
    /// 9 bits: GGML's block format `Q8_0`, 32 weights of 8 bits and a scale. A map whose rows are
    /// not a multiple of 32 long stays in 32 bits.
    Q8_0,
}

/// To how many bits the inputs of quantised maps are rounded, 32 of them around the largest; those of maps in floating point
/// are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Activations {
    /// 16: far finer than the weights are.
    #[default]
    Sixteen,
    /// 8, as in llama.cpp: faster, 1.4 times on one processor that has dot products of bytes, and about as coarse as weights
    /// of 8 bits.
    Eight,
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
    /// Right behind the prompt, in front of what the chat template says last: the prompt of many soft prompts is then read
    /// once for all of them.
    BehindPrompt,
}

impl LoadOptions {
    /// What tells these options from plain arithmetic in 32 bits and the defaults in a model's id. Numbers of 16 or 32 bits
    /// give the same results however they are kept.
    pub(crate) fn suffix(&self, is_quantized: bool) -> String {
        let precision = match self.precision {
            Precision::AsStored if is_quantized => "-as-stored",
            Precision::AsStored | Precision::F32 => "",
            Precision::Q8_0 => "-q8_0",
        };
        let template = match self.template {
            Template::Auto => "",
            Template::Chat => "-chat",
            Template::None => "-no-template",
        };
        let place = match self.soft_prompt_place {
            SoftPromptPlace::Front => "",
            SoftPromptPlace::BehindSystem => "-behind-system",
            SoftPromptPlace::BehindPrompt => "-behind-prompt",
        };
        let is_rounded = !precision.is_empty() && self.activations == Activations::Eight;
        let activations = if is_rounded { "-8-bit" } else { "" };
        format!("{precision}{activations}{template}{place}")
    }
}
