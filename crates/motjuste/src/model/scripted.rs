//! Models that answer by a rule: for tests and examples, without weights.

use async_trait::async_trait;

use super::{Completion, Generation, GenerationRequest, Generator, LanguageModel, Request};
use crate::Result;
use crate::usage::Usage;

/// A language model that answers by a function of the prompt and the beginning of the answer.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::model::{Decoding, LanguageModel, Request, ScriptedModel};
/// let shout = ScriptedModel::new("shout", |prompt| prompt.to_uppercase());
/// let request = Request::new("hi", Decoding::greedy(8));
/// assert_eq!(shout.complete(&request).await.unwrap().text, "HI");
/// # });
/// ```
pub struct ScriptedModel<F> {
    id: String,
    answer: F,
}

impl<F: Fn(&str) -> String + Send + Sync> ScriptedModel<F> {
    /// A model named `id` that answers with `answer`.
    pub fn new(id: impl Into<String>, answer: F) -> Self {
        Self { id: id.into(), answer }
    }
}

#[async_trait]
impl<F: Fn(&str) -> String + Send + Sync> LanguageModel for ScriptedModel<F> {
    fn id(&self) -> &str {
        &self.id
    }

    fn takes_prefill(&self) -> bool {
        true
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let read = request.text();
        let text = (self.answer)(&read);
        let usage = words(&read, &text);
        Ok(Completion { text, usage, logprobs: Vec::new() })
    }
}

/// A generator that writes by a function of the request; its features are a function of its text.
pub struct ScriptedGenerator<F> {
    id: String,
    write: F,
}

impl<F: Fn(&GenerationRequest) -> String + Send + Sync> ScriptedGenerator<F> {
    /// A generator named `id` that writes with `write`.
    pub fn new(id: impl Into<String>, write: F) -> Self {
        Self { id: id.into(), write }
    }
}

#[async_trait]
impl<F: Fn(&GenerationRequest) -> String + Send + Sync> Generator for ScriptedGenerator<F> {
    fn id(&self) -> &str {
        &self.id
    }

    async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let one = |request: &GenerationRequest| {
            let text = (self.write)(request);
            let features = if request.features { letters(&text) } else { Vec::new() };
            let usage = words(&request.prompt, &text);
            Generation { text, features, usage }
        };
        Ok(batch.iter().map(one).collect())
    }
}

fn words(read: &str, written: &str) -> Usage {
    let count = |text: &str| text.split_whitespace().count() as u64;
    Usage { tokens_in: count(read), tokens_out: count(written) }
}

/// How often each letter of the alphabet stands in the text.
fn letters(text: &str) -> Vec<f32> {
    let count = |letter| text.bytes().filter(|&byte| byte == letter).count() as f32;
    (b'a'..=b'z').map(count).collect()
}
