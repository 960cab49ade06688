//! How many requests a llama.cpp server answers at once.

use std::time::Duration;

use serde_json::Value;

use super::Endpoint;
use crate::provider::Provider;

/// It answers at once, or it is no llama.cpp server.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most bytes that it says of itself.
const LONGEST: usize = 1 << 20;

impl Endpoint {
    /// Asks a llama.cpp server once for the number of its slots, and keeps to it. One that does not tell is asked
    /// as carefully as any server of one's own.
    pub(super) async fn learn_slots(&self) {
        if self.provider() != Provider::LlamaCpp {
            return;
        }
        let learn = async || {
            if let Some(slots) = self.slots().await {
                tracing::debug!(slots, "the server told its slots");
                self.0.limiter.has_slots(slots);
            }
        };
        self.0.slots.get_or_init(learn).await;
    }

    async fn slots(&self) -> Option<usize> {
        let request = self.0.client.get(self.url_beside("props")).timeout(PATIENCE);
        let response = request.headers(self.0.headers.clone()).send().await.ok()?;
        let told = super::transport::read(response, LONGEST).await.ok()?;
        let told: Value = serde_json::from_slice(&told.bytes).ok()?;
        let slots = told.get("total_slots")?.as_u64()?;
        usize::try_from(slots).ok().filter(|slots| *slots > 0)
    }
}
