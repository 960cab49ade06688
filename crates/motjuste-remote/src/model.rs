//! A black-box model over HTTP.

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::model::{Abilities, Completion, Decoding, FinishReason, Model, Parts, Request};
use motjuste::task::Example;
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use crate::address::Address;
use crate::endpoint::{Call, Cause, Endpoint, Refusal, Reply, Settings, Words};
use crate::probe::Probe;
use crate::protocol::{Protocol, Unread};

/// Tokens of an answer to a probe; a reasoning model spends them all on thinking.
const LENGTH: usize = 16;

/// How many of a server's models are named.
const SHOWN: usize = 8;

/// A model that is asked over HTTP, one attempt a call.
///
/// An answer that the provider's filter withheld is an empty answer. OpenAI's reasoning models
/// choose their temperature themselves; the one in the request does not reach them.
///
/// ```no_run
/// use motjuste::model::{Decoding, Model, Request};
/// use motjuste_remote::{Address, RemoteModel};
/// # async fn ask() -> motjuste::Result<()> {
/// let model = RemoteModel::open(&Address::new("ollama/llama3:8b"))?;
/// let answer = model.answer(&Request::new("The opposite of hot is", Decoding::greedy(8))).await?;
/// println!("{}", answer.text);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RemoteModel {
    endpoint: Endpoint,
    protocol: Protocol,
    model: String,
    id: String,
    url: Url,
}

impl RemoteModel {
    /// The model of an address, with keys from this process' environment. Nothing is sent.
    ///
    /// # Errors
    /// As [`RemoteModel::at`] and [`Endpoint::open`].
    pub fn open(address: &Address) -> Result<Self> {
        Self::at(Endpoint::open(address, &Settings::default())?, address)
    }

    /// The model of an address at an endpoint that other models may share. The address' base URL
    /// was the endpoint's affair.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the endpoint is another provider's, or the provider has no
    /// such interface.
    pub fn at(endpoint: Endpoint, address: &Address) -> Result<Self> {
        let (provider, model) = address.parts()?;
        if provider != endpoint.provider() {
            let name = endpoint.provider().name();
            let message = format!("{:?} is not a model of {name}", address.name);
            return Err(Error::configuration(message).with_help("open an endpoint for it"));
        }
        let protocol = Protocol::of(provider, address.api)?;
        let id = match protocol {
            Protocol::Program => format!("{}#program", address.name),
            _ => identity(&endpoint, model, address.api.unwrap_or_default().name()),
        };
        let url = protocol.url(&endpoint, model);
        Ok(Self { endpoint, protocol, model: model.to_owned(), id, url })
    }

    /// Where the model is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks one tiny question.
    ///
    /// A server that refuses is a finding, not an error; where it does not know the model, the
    /// advice names those that it knows.
    pub async fn probe(&self) -> Probe {
        const CHECK: &str = "the model answers";
        let mut probe = Probe::default();
        match self.one(&self.question()).await {
            Ok(answer) => probe.pass(CHECK, format!("with {} tokens", answer.usage.tokens_out)),
            Err(error) => probe.fail(CHECK, error.to_string(), self.advice(&error).await),
        }
        probe
    }

    fn question(&self) -> Request {
        let (question, row) = ("Say yes.", Example::new("Are you there?", ["yes"]));
        let parts = self.abilities().parts.then(|| Box::new(Parts::of(question, &row, &[])));
        Request { parts, ..Request::new(question, Decoding::greedy(LENGTH)) }
    }

    async fn advice(&self, error: &Error) -> String {
        let help = error.help().unwrap_or("look into the server's log").to_owned();
        if error.is_transient() || self.protocol == Protocol::Program {
            return help;
        }
        let known = self.endpoint.models(&self.id).await.unwrap_or_default();
        let shown = known.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        if shown.is_empty() { help } else { format!("{help} (the server knows {shown})") }
    }

    fn is_withheld(&self, body: &Value) -> bool {
        refusal(&self.endpoint, &self.id, body).cause() == Cause::Withheld
    }

    fn call(&self, request: &Request) -> Result<Call<'_>> {
        let body = self.protocol.body(self.endpoint.provider(), &self.model, request)?;
        let tokens = request.worst_case().tokens();
        Ok(Call { who: &self.id, url: self.url.clone(), body, tokens })
    }
}

/// `provider/model@host#interface`, without the host where it is the provider's own.
pub(crate) fn identity(endpoint: &Endpoint, model: &str, interface: &str) -> String {
    let provider = endpoint.provider().name();
    let host = endpoint.elsewhere().map_or_else(String::new, |host| format!("@{host}"));
    format!("{provider}/{model}{host}#{interface}")
}

#[async_trait]
impl Model for RemoteModel {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn abilities(&self) -> Abilities {
        self.protocol.abilities(self.endpoint.provider())
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let answers = join_all(batch.iter().map(|request| self.one(request))).await;
        let weigh = |answer: Result<Completion>| answer.map_err(|error| self.protocol.weigh(error));
        answers.into_iter().map(weigh).collect()
    }
}

impl RemoteModel {
    async fn one(&self, request: &Request) -> Result<Completion> {
        let (body, admission) = match self.endpoint.post(self.call(request)?).await? {
            Reply::Answer { body, admission } => (body, admission),
            Reply::Withheld => return Ok(withheld(request)),
        };
        let answer = match self.protocol.read(&body, request.worst_case()) {
            Ok(answer) => answer,
            Err(Unread::Refused(body)) if self.is_withheld(&body) => withheld(request),
            Err(unread) => return Err(unread.explain(&self.endpoint, &self.id)),
        };
        admission.used(answer.usage.tokens());
        Ok(answer)
    }
}

/// A prompt that was filtered was read, and nothing was written.
fn withheld(request: &Request) -> Completion {
    let usage = Usage { tokens_out: 0, ..request.worst_case() };
    Completion { finish_reason: FinishReason::Filter, usage, ..Completion::default() }
}

impl Unread {
    pub(crate) fn explain(self, endpoint: &Endpoint, who: &str) -> Error {
        let why = match self {
            Self::Malformed(why) => format!("{who} sent an answer that cannot be read: {why}"),
            Self::Empty => format!("{who} sent no answer"),
            Self::Refused(body) => return refusal(endpoint, who, &body).into_error(),
            Self::Failed { said, retry } => return reported(endpoint, who, &said, retry),
        };
        Error::model(endpoint.redact(&why))
            .with_help(format!("try again; if it stays so, check what serves {}", endpoint.place()))
            .transient(None)
            .perhaps_billed()
    }
}

/// A web service is well and says that it has no answer.
fn reported(endpoint: &Endpoint, who: &str, said: &str, retry: bool) -> Error {
    let said = endpoint.redact(said);
    let error = Error::model(format!("{who} reported: {said}"))
        .with_help("mend what it names; what was paid for is kept")
        .perhaps_billed();
    if retry { error.transient(None) } else { error }
}

/// A refusal whose status is inside the body; one without a status is the server's fault.
fn refusal<'a>(endpoint: &'a Endpoint, who: &'a str, body: &Value) -> Refusal<'a> {
    let code = body.pointer("/error/code").and_then(Value::as_u64);
    let status = code.and_then(|code| u16::try_from(code).ok());
    let status = status.filter(|code| (400..600).contains(code));
    let status = status.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
    Refusal { endpoint, who, status, retry_after: None, words: Words::of(body) }
}
