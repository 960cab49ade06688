//! The target behind the meter.

use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt;

use super::{Meter, Road};
use crate::Result;
use crate::model::{Completion, LanguageModel, Request};
use crate::storage::ResponseKey;

/// A target whose every call is looked up first and paid for otherwise; the same request asked twice
/// at the same time is one call.
pub(crate) struct MeteredModel {
    pub(crate) model: Arc<dyn LanguageModel>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) road: Road,
}

#[async_trait]
impl LanguageModel for MeteredModel {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn is_remote(&self) -> bool {
        self.road.is_remote
    }

    fn takes_prefill(&self) -> bool {
        self.model.takes_prefill()
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let key = ResponseKey::of(self.model.id(), request);
        let cell = self.meter.cell(key);
        let mut first = false;
        let answer = cell
            .get_or_try_init(|| {
                first = true;
                self.fetch(&key, request)
            })
            .await?
            .clone();
        if !first {
            self.meter.ledger.hit(self.road.role);
        }
        Ok(answer)
    }
}

impl MeteredModel {
    async fn fetch(&self, key: &ResponseKey, request: &Request) -> Result<Completion> {
        if let Some(completion) = self.meter.recall(self.road, key).await? {
            return Ok(completion);
        }
        let ask = || {
            let answer = self.model.complete(request);
            async { Ok(vec![answer.await?]) }.boxed()
        };
        let mut answers = self.meter.pay(self.road, &[*key], request.worst_case(), ask).await?;
        answers.pop().ok_or_else(|| crate::Error::model("the model gave no answer"))
    }
}
