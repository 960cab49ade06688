//! Messages in the words of the model's chat template.

use std::ops::Range;

use minijinja::{Environment, Value, context};
use motjuste::model::{Message, MessageRole};
use motjuste::{Error, Result};

use super::jinja;
use super::tokenizer_config::TokenizerConfig;
use crate::options::Template;

/// Stands for a message while we look where the template puts it.
const MARK: &str = "MESSAGE-OF-THE-USER";

/// A chat template, ready to render.
pub(super) struct Chat {
    environment: Environment<'static>,
    /// The special tokens by their names in templates.
    special: Value,
    source: String,
    /// What stands around a lone message of a user: special tokens, the system's message; the beginning of an answer.
    around: [String; 2],
}

impl Chat {
    /// The model's template, from a file of its own or from tokenizer_config.json, if it is wanted.
    pub(super) fn load(
        config: &TokenizerConfig,
        file: Option<&[u8]>,
        wanted: Template,
    ) -> Result<Option<Self>> {
        let file = file.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let source = file.or_else(|| config.chat_template().map(str::to_owned));
        match (wanted, source) {
            (Template::None, _) | (Template::Auto, None) => Ok(None),
            (Template::Chat, None) => Err(Error::model("the model has no chat template")
                .with_help("it is a base model: load it without a template")),
            (_, Some(source)) => Self::new(source, config).map(Some),
        }
    }

    fn new(source: String, config: &TokenizerConfig) -> Result<Self> {
        let environment = jinja::environment(&source).map_err(faulty)?;
        let special = Value::from_pairs(config.special_tokens());
        let mut chat = Self { environment, special, source, around: Default::default() };
        chat.around = chat.around_of(&[Message::user("")])?;
        Ok(chat)
    }

    /// The conversation up to the model's turn, and where in it the last message of the user lies.
    pub(super) fn render(&self, messages: &[Message]) -> Result<(String, Range<usize>)> {
        let text = self.write(messages)?;
        let [head, tail] = match messages {
            [only] if only.role == MessageRole::User => self.around.clone(),
            _ => self.around_of(messages)?,
        };
        if !text.starts_with(&head) || !text.ends_with(&tail) {
            return Err(Error::model(
                "the chat template changes what stands around a message with the message",
            ));
        }
        let end = text.len() - tail.len();
        Ok((text, head.len()..end))
    }

    /// What stands in front of the last message of the user, and behind it; where there is none, nothing and everything.
    fn around_of(&self, messages: &[Message]) -> Result<[String; 2]> {
        let mut marked = messages.to_vec();
        let last = marked.iter_mut().rev().find(|message| message.role == MessageRole::User);
        let Some(last) = last else { return Ok([String::new(), self.write(messages)?]) };
        last.content = MARK.to_owned();
        match self.write(&marked)?.split_once(MARK) {
            Some((head, tail)) => Ok([head.to_owned(), tail.to_owned()]),
            None => Err(Error::model("the chat template leaves out the user's message")),
        }
    }

    /// Whether the template writes this token.
    pub(super) fn mentions(&self, token: &str) -> bool {
        self.source.contains(token)
    }

    fn write(&self, messages: &[Message]) -> Result<String> {
        let message = |message: &Message| {
            context! { role => message.role.name(), content => &message.content }
        };
        let conversation = context! {
            messages => messages.iter().map(message).collect::<Vec<_>>(),
            add_generation_prompt => true,
            tools => (),
            documents => (),
            ..self.special.clone()
        };
        let template = self.environment.get_template(jinja::NAME).map_err(faulty)?;
        template.render(conversation).map_err(faulty)
    }
}

fn faulty(e: minijinja::Error) -> Error {
    Error::model(format!("the model's chat template cannot be rendered: {e:#}"))
        .with_help("load the model without a template, or write it a plainer chat_template.jinja")
        .with_source(e)
}
