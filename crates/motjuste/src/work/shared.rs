//! A model whose calls other processes make.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;

use super::{Call, Failure, Fate, Pace, Queue};
use crate::Result;
use crate::model::{Abilities, Completion, Leave, Model, Request, no_answer};

/// The pace of a request.
type PaceOf = Box<dyn Fn(&Request) -> Pace + Send + Sync>;

/// A model behind a queue: workers ask it while there are any, and this process where there are none.
pub struct Shared {
    model: Arc<dyn Model>,
    name: String,
    queue: Arc<dyn Queue>,
    pace: Option<PaceOf>,
}

impl Shared {
    /// `model`, asked through `queue` by workers, which open it by `name`.
    pub fn new(model: Arc<dyn Model>, name: impl Into<String>, queue: Arc<dyn Queue>) -> Self {
        Self { model, name: name.into(), queue, pace: None }
    }

    /// Has all processes together keep a pace, which may differ from request to request.
    #[must_use]
    pub fn paced(mut self, pace: impl Fn(&Request) -> Pace + Send + Sync + 'static) -> Self {
        self.pace = Some(Box::new(pace));
        self
    }

    async fn ask(&self, request: &Request, leave: Leave<'_>) -> Result<Completion> {
        if self.queue.workers() == 0 {
            return self.ask_here(request, leave).await;
        }
        let call = Call {
            model: self.name.clone(),
            id: self.model.id().to_owned(),
            request: request.clone(),
            pace: self.pace.as_ref().map(|pace| pace(request)),
        };
        match self.queue.ask(call, leave).await? {
            Fate::Asked(outcome) => outcome.map_err(Failure::into_error),
            Fate::Returned => self.ask_here(request, leave).await,
        }
    }

    async fn ask_here(&self, request: &Request, leave: Leave<'_>) -> Result<Completion> {
        let batch = std::slice::from_ref(request);
        let answers = self.model.complete_with_leave(batch, leave).await;
        answers.into_iter().next().unwrap_or_else(|| Err(no_answer(self.id(), 1, 0)))
    }
}

#[async_trait]
impl Model for Shared {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn abilities(&self) -> Abilities {
        self.model.abilities()
    }

    fn is_remote(&self) -> bool {
        self.model.is_remote()
    }

    fn batch_size(&self) -> usize {
        self.model.batch_size()
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.complete_with_leave(batch, Leave::always()).await
    }

    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        join_all(batch.iter().map(|request| self.ask(request, leave))).await
    }
}
