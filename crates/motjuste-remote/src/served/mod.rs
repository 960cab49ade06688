//! An open model that a server runs for us: soft prompts over HTTP.

mod chat;
mod explain;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod garbage;
mod payload;
mod probe;
mod sglang;
mod vllm;
mod wire;
mod zip;

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::error::Setting;
use motjuste::model::{Abilities, Completion, Decoding, Embedder, Leave, Model, Request};
use motjuste::usage::Usage;
use motjuste::{Error, Result};

use crate::address::Address;
use crate::endpoint::{Call, Delivery, Endpoint, Reply};
use crate::habits::Habits;
use crate::model::identity;
use crate::protocol::closed;
use crate::tidy::Answered;
use wire::Wire;

/// How many texts to ask for in one request, unless told otherwise.
const BATCH: usize = 16;

/// An open model on a server that reads prompts as embeddings: vLLM with `--enable-prompt-embeds`,
/// or SGLang with `--disable-radix-cache`.
///
/// The embedder, which holds the same model's tokenizer, embedding matrix and template, turns a soft
/// prompt and a text into rows; the server computes the layers. A server does not tell hidden states,
/// so a completion has none.
///
/// ```no_run
/// use std::sync::Arc;
/// use motjuste::model::Embedder;
/// use motjuste_remote::{Address, Endpoint, ServedGenerator, Settings};
/// # fn open(embedder: Arc<dyn Embedder>) -> motjuste::Result<()> {
/// let address = Address::new("hosted_vllm/Qwen/Qwen3-8B").at("http://127.0.0.1:8000/v1");
/// let endpoint = Endpoint::open(&address, &Settings::default())?;
/// let generator = ServedGenerator::new(endpoint, &address, embedder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServedGenerator {
    endpoint: Endpoint,
    model: String,
    id: String,
    embedder: Arc<dyn Embedder>,
    wire: Wire,
    batch: usize,
    delivery: Delivery,
    habits: Habits,
}

impl ServedGenerator {
    /// The model of an address at an endpoint that other models may share. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the provider cannot read soft prompts, or the address has fields for the
    /// request's body.
    pub fn new(endpoint: Endpoint, address: &Address, embedder: Arc<dyn Embedder>) -> Result<Self> {
        let (_, model) = address.parts()?;
        let wire = Wire::of(endpoint.provider())?;
        let parameters = &address.parameters;
        if !parameters.fields.is_empty() || parameters.thinking_tokens.is_some() {
            let message = "a generator that reads soft prompts takes no parameters";
            return Err(Error::configuration(message)
                .with_help("leave them out; headers and a timeout are fine")
                .with_setting(Setting::Parameters));
        }
        let id = identify(&endpoint, model, wire, &*embedder);
        let delivery = endpoint.delivery(parameters)?;
        let (model, batch, habits) = (model.to_owned(), BATCH, Habits::default());
        Ok(Self { endpoint, model, id, embedder, wire, batch, delivery, habits })
    }

    /// Asks for `batch` texts, at least one, in a request.
    #[must_use]
    pub fn with_batch_size(mut self, batch: usize) -> Self {
        self.batch = batch.max(1);
        self
    }

    /// Sends texts as texts, so that the server applies its own chat template: vLLM's chat interface,
    /// one text in a request. A line break comes between soft prompt and text.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the server is not vLLM.
    pub fn through_chat(mut self) -> Result<Self> {
        if self.wire == Wire::Generate {
            return Err(Error::configuration("SGLang's chat interface reads no soft prompts")
                .with_help("use its own interface, or serve the model with vLLM"));
        }
        self.wire = Wire::Chat;
        self.id = identify(&self.endpoint, &self.model, self.wire, &*self.embedder);
        Ok(self)
    }

    /// One request: texts that are decoded alike.
    async fn ask(&self, group: &Group<'_>, leave: Leave<'_>) -> Result<Vec<Completion>> {
        let (wire, decoding) = (self.wire, &group.decoding);
        let prompts = group.requests.iter().map(|request| wire.prompt(&*self.embedder, request));
        let prompts = prompts.collect::<Result<Vec<_>>>()?;
        let body = wire.body(&self.model, &prompts, self.embedder.hidden(), decoding)?;
        let worst = wire.worst_case(&prompts, decoding);
        let (url, delivery) = (wire.url(&self.endpoint), &self.delivery);
        let call = Call { who: &self.id, url, body, worst, delivery, leave };
        let (body, admission) = match self.endpoint.post(call).await.map_err(explain::served)? {
            Reply::Answer { body, admission } => (body, admission),
            Reply::Withheld => return Err(withheld(&self.id)),
        };
        let body = if body.is_cut { closed(&body.bytes) } else { body.bytes };
        let written = wire.read(&body, &prompts, decoding);
        let written = written.map_err(|unread| unread.explain(&self.endpoint, &self.id))?;
        let written: Vec<Completion> = written
            .into_iter()
            .zip(&prompts)
            .map(|(text, prompt)| {
                self.tidied(text, wire.worst_case(std::slice::from_ref(prompt), decoding))
            })
            .collect();
        admission.used(written.iter().map(|text| text.usage).sum::<Usage>().tokens());
        Ok(written)
    }

    /// A text as it may be kept, which could use `worst` at the most.
    fn tidied(&self, text: Completion, worst: Usage) -> Completion {
        let (habits, notices) = (&self.habits, self.endpoint.notices());
        let answered = Answered { who: &self.id, habits, notices, worst };
        answered.tidied(text, |text| self.endpoint.censored(text))
    }
}

/// The served model, the interface and the embedder: each changes what is written.
fn identify(endpoint: &Endpoint, model: &str, wire: Wire, embedder: &dyn Embedder) -> String {
    format!("{}+{}", identity(endpoint, model, wire.name()), embedder.id())
}

fn withheld(who: &str) -> Error {
    Error::model(format!("{who} filters its answers"))
        .with_help("serve the open model without a content filter")
}

/// Requests of a batch that one HTTP request can ask for.
struct Group<'a> {
    decoding: Decoding,
    requests: &'a [Request],
}

/// Runs of requests that are decoded alike, of at most `most` each.
fn groups(batch: &[Request], most: usize) -> impl Iterator<Item = Group<'_>> {
    let alike = batch.chunk_by(|one, next| one.decoding == next.decoding);
    alike.flat_map(move |run| run.chunks(most)).filter_map(|requests| {
        let decoding = requests.first()?.decoding;
        Some(Group { decoding, requests })
    })
}

#[async_trait]
impl Model for ServedGenerator {
    fn id(&self) -> &str {
        &self.id
    }

    fn abilities(&self) -> Abilities {
        Abilities { soft_prompts: true, ..Abilities::default() }
    }

    fn batch_size(&self) -> usize {
        self.batch
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.complete_with_leave(batch, Leave::always()).await
    }

    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        let groups: Vec<_> = groups(batch, self.wire.at_once(self.batch)).collect();
        let asked = groups.iter().map(async |group| match self.ask(group, leave).await {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); group.requests.len()],
        });
        join_all(asked).await.concat()
    }
}
