//! The generator behind the meter.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::join_all;

use super::{Meter, Road};
use crate::model::{Generation, GenerationRequest, Generator};
use crate::storage::ResponseKey;
use crate::{Error, Result};

/// A generator whose every text is looked up first and paid for otherwise.
pub(crate) struct MeteredGenerator {
    pub(crate) model: Arc<dyn Generator>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) road: Road,
}

impl MeteredGenerator {
    /// One text for each request, in order.
    pub(crate) async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let keys: Vec<_> =
            batch.iter().map(|request| ResponseKey::of(self.model.id(), request)).collect();
        let found = join_all(keys.iter().map(|key| self.meter.recall(self.road, key))).await;
        let mut found: Vec<Option<Generation>> = found.into_iter().collect::<Result<_>>()?;
        let missing: Vec<usize> = (0..batch.len()).filter(|&i| found[i].is_none()).collect();
        for (index, generation) in self.pay_for(&missing, batch, &keys).await? {
            found[index] = Some(generation);
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// The missing texts, in calls of the generator's size: side by side on a server, one after the
    /// other in this process, where each call uses every core.
    async fn pay_for(
        &self,
        missing: &[usize],
        batch: &[GenerationRequest],
        keys: &[ResponseKey],
    ) -> Result<Vec<(usize, Generation)>> {
        let parts = missing.chunks(self.model.batch_size().max(1));
        let calls = parts.map(|part| self.pay_for_part(part, batch, keys));
        let mut written = Vec::with_capacity(missing.len());
        if self.road.is_remote {
            for part in join_all(calls).await {
                written.extend(part?);
            }
        } else {
            for part in calls {
                written.extend(part.await?);
            }
        }
        Ok(written)
    }

    async fn pay_for_part(
        &self,
        part: &[usize],
        batch: &[GenerationRequest],
        keys: &[ResponseKey],
    ) -> Result<Vec<(usize, Generation)>> {
        let requests: Vec<_> = part.iter().map(|&index| batch[index].clone()).collect();
        let keys: Vec<_> = part.iter().map(|&index| keys[index]).collect();
        let worst = requests.iter().map(GenerationRequest::worst_case).sum();
        let ask = || self.write(&requests).boxed();
        let generations = self.meter.pay(self.road, &keys, worst, ask).await?;
        Ok(part.iter().copied().zip(generations).collect())
    }

    async fn write(&self, requests: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let generations = self.model.generate(requests).await?;
        if generations.len() != requests.len() {
            return Err(Error::model(format!(
                "{} wrote {} texts for {} requests",
                self.model.id(),
                generations.len(),
                requests.len()
            )));
        }
        Ok(generations)
    }
}
