//! An open model that a server runs for us: soft prompts over HTTP.

mod explain;
mod payload;
mod vllm;
mod zip;

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::try_join_all;
use motjuste::model::{Decoding, Embedder, Embeddings, Generation, GenerationRequest, Generator};
use motjuste::{Error, Result};

use crate::address::Address;
use crate::endpoint::{Call, Endpoint, Reply};
use crate::model::identity;

/// How many texts to ask for in one request, unless told otherwise.
const BATCH: usize = 16;

/// An open model on a server that reads prompts as embeddings: vLLM with
/// `--enable-prompt-embeds`.
///
/// The embedder, which holds the same model's tokenizer, embedding matrix and template, turns a soft
/// prompt and a text into rows; the server computes the layers. A server does not tell hidden states,
/// so a generation's features are always empty.
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
    batch: usize,
}

impl ServedGenerator {
    /// The model of an address at an endpoint that other models may share. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the provider cannot read soft prompts.
    pub fn new(endpoint: Endpoint, address: &Address, embedder: Arc<dyn Embedder>) -> Result<Self> {
        let (_, model) = address.parts()?;
        vllm::check(endpoint.provider())?;
        let served = identity(&endpoint, model, "prompt_embeds");
        let id = format!("{served}+{}", embedder.id());
        Ok(Self { endpoint, model: model.to_owned(), id, embedder, batch: BATCH })
    }

    /// Asks for `batch` texts, at least one, in a request.
    #[must_use]
    pub fn with_batch_size(mut self, batch: usize) -> Self {
        self.batch = batch.max(1);
        self
    }

    /// One request: texts that are decoded alike.
    async fn ask(&self, group: &Group<'_>) -> Result<Vec<Generation>> {
        let embeddings = group.requests.iter().map(|request| self.embed(request));
        let embeddings = embeddings.collect::<Result<Vec<_>>>()?;
        let body = vllm::body(&self.model, &embeddings, self.embedder.hidden(), &group.decoding)?;
        let tokens = embeddings.iter().map(|rows| rows.tokens() + group.decoding.max_tokens);
        let tokens = tokens.sum::<usize>() as u64;
        let url = self.endpoint.url(&["completions"]);
        let reply = self.endpoint.post(Call { who: &self.id, url, body, tokens }).await;
        let (body, admission) = match reply.map_err(explain::served)? {
            Reply::Answer { body, admission } => (body, admission),
            Reply::Withheld => return Err(withheld(&self.id)),
        };
        let rows: Vec<_> = embeddings.iter().map(Embeddings::tokens).collect();
        let written = vllm::read(&body, &rows, &group.decoding);
        let written = written.map_err(|unread| unread.explain(&self.endpoint, &self.id))?;
        let used = written.iter().map(|text| text.usage.tokens_in + text.usage.tokens_out).sum();
        admission.used(used);
        Ok(written)
    }

    fn embed(&self, request: &GenerationRequest) -> Result<Embeddings> {
        self.embedder.embed(request.soft_prompt.as_ref(), &request.prompt)
    }
}

fn withheld(who: &str) -> Error {
    Error::model(format!("{who} filters its answers"))
        .with_help("serve the open model without a content filter")
}

/// Requests of a batch that one HTTP request can ask for.
struct Group<'a> {
    decoding: Decoding,
    requests: &'a [GenerationRequest],
}

/// Runs of requests that are decoded alike, of at most `most` each.
fn groups(batch: &[GenerationRequest], most: usize) -> impl Iterator<Item = Group<'_>> {
    let alike = batch.chunk_by(|one, next| one.decoding == next.decoding);
    alike.flat_map(move |run| run.chunks(most)).filter_map(|requests| {
        let decoding = requests.first()?.decoding;
        Some(Group { decoding, requests })
    })
}

#[async_trait]
impl Generator for ServedGenerator {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn gives_features(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        self.batch
    }

    async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let groups: Vec<_> = groups(batch, self.batch).collect();
        Ok(try_join_all(groups.iter().map(|group| self.ask(group))).await?.concat())
    }
}
