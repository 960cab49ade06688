//! A model that answers by a rule: for tests and examples, without weights.

use async_trait::async_trait;

use super::{Abilities, Completion, Model, Request};
use crate::Result;
use crate::usage::Usage;

/// A language model that answers by a function of the request. Its tokens are words, its hidden states
/// the counts of the letters in its text.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::model::{Decoding, Model, Request, Scripted};
/// let shout = Scripted::new("shout", |request| request.text().to_uppercase());
/// let answer = shout.answer(&Request::new("hi", Decoding::greedy(8))).await.unwrap();
/// assert_eq!(answer.text, "HI");
/// # });
/// ```
pub struct Scripted {
    id: String,
    abilities: Abilities,
    answer: Box<dyn Fn(&Request) -> String + Send + Sync>,
}

impl Scripted {
    /// A model named `id` that answers with `answer`, with all abilities that a language model can have; a
    /// program's, to read instruction and row apart, is not among them.
    pub fn new(
        id: impl Into<String>,
        answer: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            abilities: Abilities { parts: false, gradients: false, ..Abilities::ALL },
            answer: Box::new(answer),
        }
    }

    /// The same model with these abilities alone.
    #[must_use]
    pub fn with_abilities(self, abilities: Abilities) -> Self {
        Self { abilities, ..self }
    }

    fn one(&self, request: &Request) -> Completion {
        let text = (self.answer)(request);
        let hidden_state = if request.returns.hidden_state { letters(&text) } else { Vec::new() };
        let usage = Usage { tokens_in: words(&request.text()), tokens_out: words(&text) };
        Completion { usage, hidden_state, ..Completion::of(text) }
    }
}

#[async_trait]
impl Model for Scripted {
    fn id(&self) -> &str {
        &self.id
    }

    fn abilities(&self) -> Abilities {
        self.abilities
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        250
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        batch.iter().map(|request| Ok(self.one(request))).collect()
    }
}

fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// How often each letter of the alphabet stands in the text.
fn letters(text: &str) -> Vec<f32> {
    let count = |letter| text.bytes().filter(|&byte| byte == letter).count() as f32;
    (b'a'..=b'z').map(count).collect()
}
