//! A language model that writes instructions when it is asked in words.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;

use super::{Generation, GenerationRequest, Generator, LanguageModel, Request};
use crate::{Error, Result};

/// A language model, such as one behind an API, as a generator: it reads prompts, no soft prompts, and
/// tells no features. Enough for OPRO.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::model::{Decoding, GenerationRequest, Generator, ScriptedModel, Writer};
/// let writer = Writer::new(Arc::new(ScriptedModel::new("m", |_: &str| " Think. ".into())));
/// let decoding = Decoding::greedy(8);
/// let request =
///     GenerationRequest { soft_prompt: None, prompt: "How?".into(), decoding, features: false };
/// assert_eq!(writer.generate(&[request]).await.unwrap()[0].text, "Think.");
/// assert!(!writer.reads_soft_prompts());
/// # });
/// ```
pub struct Writer {
    model: Arc<dyn LanguageModel>,
}

impl Writer {
    /// The model as a generator.
    pub fn new(model: Arc<dyn LanguageModel>) -> Self {
        Self { model }
    }

    async fn write(&self, request: &GenerationRequest) -> Result<Generation> {
        if request.soft_prompt.is_some() {
            let message = format!("{} cannot read soft prompts", self.model.id());
            return Err(Error::configuration(message)
                .with_help("use an open model, or a method that asks in words, such as opro"));
        }
        let asked = Request::new(request.prompt.clone(), request.decoding);
        let written = self.model.complete(&asked).await?;
        let text = written.text.trim().to_owned();
        Ok(Generation { text, features: Vec::new(), usage: written.usage })
    }
}

#[async_trait]
impl Generator for Writer {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn is_remote(&self) -> bool {
        self.model.is_remote()
    }

    fn gives_features(&self) -> bool {
        false
    }

    fn reads_soft_prompts(&self) -> bool {
        false
    }

    /// One: a call is one text.
    fn batch_size(&self) -> usize {
        1
    }

    async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let written = batch.iter().map(|request| self.write(request));
        join_all(written).await.into_iter().collect()
    }
}
