//! What a model is asked.

mod computation;
mod parts;
mod soft_prompt;

pub use computation::{
    Computation, Drawn, Exclude, LabelReply, LabelSearch, Labelled, Lesson, Policy, PolicyReply,
    PolicyRun, Swap, SwapLoss, SwapReply, Swapped, TRIGGER, Trigger,
};
pub use parts::Parts;
pub use soft_prompt::{Entries, Projection, SoftPrompt};

use serde::{Deserialize, Serialize};

use super::Abilities;
use crate::usage::Usage;
use crate::{Error, Result};

/// One question to a language model.
///
/// ```
/// use motjuste::model::{Decoding, Message, Request};
/// let messages = vec![Message::system("Answer in one word."), Message::user("What is hot?")];
/// let request = Request::new(messages, Decoding::greedy(8));
/// assert_eq!(request.text(), "Answer in one word.\n\nWhat is hot?");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What the model reads.
    pub prompt: Prompt,
    /// A soft prompt in front of it, for a model that
    /// [reads them](super::Abilities::soft_prompts).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_prompt: Option<SoftPrompt>,
    /// What the answer begins with, the space in front of it included: the model goes on from there and
    /// does not say it again. Only for a model that [takes it](super::Abilities::prefill).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefill: String,
    /// What the prompt was made of, for a model that [reads it](super::Abilities::parts): a program, which
    /// makes a prompt of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Box<Parts>>,
    /// What to compute in place of a text, for a model that [can](super::Abilities::gradients).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computation: Option<Box<Computation>>,
    /// How to decode the answer.
    pub decoding: Decoding,
    /// What the completion should carry besides the text.
    #[serde(default, skip_serializing_if = "Returns::is_text_alone")]
    pub returns: Returns,
    /// Tokens set aside for thinking, beyond the answer's length. Whoever pays fills it in from the model's
    /// [abilities](super::Abilities::thinking_tokens); none leaves it to the model. It is no part of what is
    /// asked, and so of no cache key.
    #[serde(skip)]
    pub thinking_tokens: Option<usize>,
}

/// What a model reads: a conversation, or a text to be continued.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Messages, which a model with a chat template reads through it. One without reads the contents
    /// one after the other, an empty line between them.
    Messages(Vec<Message>),
    /// A text that the model continues as it stands; for a model that
    /// [can](super::Abilities::plain_text).
    Text(String),
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
}

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The rules of the conversation.
    System,
    /// The person, or program, that asks.
    User,
    /// The model.
    Assistant,
}

impl MessageRole {
    /// The role's name in every chat protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

impl Message {
    /// A system message.
    pub fn system(content: impl Into<String>) -> Self {
        Self { role: MessageRole::System, content: content.into() }
    }

    /// A user's message.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: MessageRole::User, content: content.into() }
    }

    /// An assistant's message.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: MessageRole::Assistant, content: content.into() }
    }
}

impl From<&str> for Prompt {
    /// One message of a user.
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Prompt {
    /// One message of a user.
    fn from(text: String) -> Self {
        Self::Messages(vec![Message::user(text)])
    }
}

impl From<Vec<Message>> for Prompt {
    fn from(messages: Vec<Message>) -> Self {
        Self::Messages(messages)
    }
}

impl Prompt {
    /// The prompt as one text: what a model without a chat template reads.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Messages(messages) => messages
                .iter()
                .map(|message| message.content.as_str())
                .collect::<Vec<_>>()
                .join("\n\n"),
        }
    }

    /// The bytes of all its texts.
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Messages(messages) => messages.iter().map(|message| message.content.len()).sum(),
        }
    }

    /// The number of its messages; a text counts as one.
    fn len(&self) -> usize {
        match self {
            Self::Text(_) => 1,
            Self::Messages(messages) => messages.len(),
        }
    }
}

/// What a completion should carry besides the text; by default nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Returns {
    /// The log-probabilities of the written tokens.
    pub logprobs: bool,
    /// The mean hidden state over the text.
    pub hidden_state: bool,
}

impl Returns {
    fn is_text_alone(&self) -> bool {
        *self == Self::default()
    }
}

/// How to turn a model's predictions into text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decoding {
    /// The largest number of tokens to write.
    pub max_tokens: usize,
    /// 0 is greedy; above 0 tokens are drawn from the softened distribution.
    pub temperature: f64,
    /// Tells repeated draws of one request apart, and names their random stream.
    pub draw: u64,
}

impl Decoding {
    /// The most likely token at every step.
    ///
    /// ```
    /// use motjuste::model::Decoding;
    /// assert_eq!(Decoding::greedy(64).temperature, 0.0);
    /// ```
    pub fn greedy(max_tokens: usize) -> Self {
        Self { max_tokens, temperature: 0.0, draw: 0 }
    }
}

/// Tokens that a chat template puts around a message, its own system part included, at the most.
pub const TEMPLATE_TOKENS: usize = 64;

impl Request {
    /// A request for the text alone, whose answer the model begins itself.
    pub fn new(prompt: impl Into<Prompt>, decoding: Decoding) -> Self {
        let (prompt, returns) = (prompt.into(), Returns::default());
        let (prefill, thinking_tokens) = (String::new(), None);
        Self {
            prompt,
            soft_prompt: None,
            prefill,
            parts: None,
            computation: None,
            decoding,
            returns,
            thinking_tokens,
        }
    }

    /// The prompt and the beginning of the answer as one text, for a model that goes on with texts.
    ///
    /// ```
    /// use motjuste::model::{Decoding, Request};
    /// let request = Request::new("Q: 1+1?\n\nA:", Decoding::greedy(8));
    /// let request = Request { prefill: " Let's see.".into(), ..request };
    /// assert_eq!(request.text(), "Q: 1+1?\n\nA: Let's see.");
    /// ```
    pub fn text(&self) -> String {
        self.prompt.text() + &self.prefill
    }

    /// Refuses a request for what a model cannot do, before anything is paid for.
    ///
    /// # Errors
    /// [`Error::is_configuration`] naming the model and what it lacks.
    pub(crate) fn check(&self, model: &str, abilities: Abilities) -> Result<()> {
        let is_text = matches!(self.prompt, Prompt::Text(_));
        let lacks = [
            (self.soft_prompt.is_some() && !abilities.soft_prompts, "reads no soft prompts"),
            (self.returns.hidden_state && !abilities.hidden_states, "returns no hidden states"),
            (!self.prefill.is_empty() && !abilities.prefill, "begins its answers itself"),
            (is_text && !abilities.plain_text, "continues no plain text"),
            (self.parts.is_some() && !abilities.parts, "reads no instruction and row apart"),
            (self.computation.is_some() && !abilities.gradients, "computes no gradients"),
        ];
        match lacks.iter().find(|(lacks, _)| *lacks) {
            Some((_, what)) => Err(Error::configuration(format!("{model} {what}"))
                .with_help("use another model, or a request within its abilities")),
            None => Ok(()),
        }
    }

    /// The most this request can use. A token is at least a byte, so a prompt has no more tokens than
    /// bytes; a template around each message adds [`TEMPLATE_TOKENS`] at the most. Where the prompt's
    /// [parts](Self::parts) are longer than the prompt, they count in its place. What is set aside for
    /// thinking counts as written.
    pub fn worst_case(&self) -> Usage {
        let soft = self.soft_prompt.as_ref().map_or(0, |prompt| prompt.projection.tokens);
        let parts = self.parts.as_ref().map_or(0, |parts| parts.bytes());
        let text = parts.max(self.prompt.bytes() + self.prefill.len());
        let template = TEMPLATE_TOKENS * self.prompt.len();
        let computed = self.computation.as_ref().map_or(0, |it| it.worst_tokens());
        Usage {
            tokens_in: (soft + text + template + computed) as u64,
            tokens_out: (self.decoding.max_tokens + self.thinking_tokens.unwrap_or(0)) as u64,
        }
    }
}
