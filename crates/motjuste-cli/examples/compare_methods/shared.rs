//! A target that computes each answer once, whichever study asks; each study still pays for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use motjuste::Result;
use motjuste::model::{Completion, LanguageModel, Request};
use motjuste_lm::OpenModel;

pub(crate) struct Shared {
    model: Arc<OpenModel>,
    answers: Mutex<HashMap<String, Completion>>,
}

impl Shared {
    pub(crate) fn new(model: Arc<OpenModel>) -> Self {
        Self { model, answers: Mutex::default() }
    }

    fn known(&self, prompt: &str) -> Option<Completion> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(prompt).cloned()
    }
}

#[async_trait]
impl LanguageModel for Shared {
    fn id(&self) -> &str {
        LanguageModel::id(self.model.as_ref())
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        if let Some(answer) = self.known(&request.prompt) {
            return Ok(answer);
        }
        let answer = self.model.complete(request).await?;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(request.prompt.clone(), answer.clone());
        Ok(answer)
    }
}
