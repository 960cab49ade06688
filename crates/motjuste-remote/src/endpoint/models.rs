//! Which models a server knows.

use motjuste::Result;
use serde_json::Value;

use super::{Delivery, Endpoint};
use crate::provider::Provider;

/// The most bytes of a list of models that are read.
const LONGEST: usize = 32 << 20;

impl Endpoint {
    /// The names of the models that are served here; asking costs nothing.
    pub(crate) async fn models(&self, who: &str) -> Result<Vec<String>> {
        let path: &[&str] = match self.provider() {
            Provider::Anthropic if !self.is_versioned() => &["v1", "models"],
            _ => &["models"],
        };
        let admission = self.0.limiter.admit(0).await;
        let (request, delivery) = (self.0.client.get(self.url(path)), Delivery::default());
        let exchange = self.exchange(request, &delivery, &admission, LONGEST).await;
        let exchange = exchange.map_err(|lost| self.lost(lost, who, &delivery, &admission))?;
        match exchange.status.is_success() {
            true => Ok(names(&exchange.body.bytes).iter().map(|name| self.redact(name)).collect()),
            false => Err(self.refusal(who, exchange).into_error()),
        }
    }
}

/// OpenAI's and Anthropic's `data[].id`, Gemini's `models[].name`.
fn names(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let models = ["data", "models"].iter().find_map(|key| body.get(key)?.as_array());
    let name = |model: &Value| {
        let name = ["id", "name"].iter().find_map(|key| model.get(key)?.as_str())?;
        Some(name.chars().filter(|c| !c.is_control()).take(100).collect())
    };
    models.into_iter().flatten().filter_map(name).collect()
}
