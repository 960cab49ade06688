//! A black-box model over HTTP.

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::error::Setting;
use motjuste::metric::answer_alone;
use motjuste::model::{
    Abilities, Completion, Decoding, FinishReason, Leave, Model, Parts, Request,
};
use motjuste::task::Example;
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use crate::address::Address;
use crate::endpoint::{Bytes, Call, Cause, Delivery, Endpoint, Refusal, Reply, Settings, Words};
use crate::habits::Habits;
use crate::probe::Probe;
use crate::protocol::{Body, Protocol, Read, Shape, Unread, closed, to_json};
use crate::thinking::{Thinking, asked_with};
use crate::tidy::Answered;

/// Tokens of an answer to a probe.
const LENGTH: usize = 16;

/// How many of a server's models are named.
const SHOWN: usize = 8;

/// A model that is asked over HTTP, one attempt a call.
///
/// An answer that the provider's filter withheld is an empty answer. OpenAI's reasoning models choose their
/// temperature themselves; the one in the request does not reach them. A field of ours that a server refuses by its
/// name (a temperature, a seed, log-probabilities, `max_tokens`) is left out, or called otherwise, from then on; such
/// a refusal costs nothing. A model that thinks before it answers gets tokens for that on top of an answer's length.
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
    shape: Shape,
    delivery: Delivery,
    thinking: Thinking,
    habits: Habits,
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
    /// [`Error::is_configuration`] when the endpoint is another provider's, the provider has no such interface, or
    /// the address has a parameter that cannot be set.
    pub fn at(endpoint: Endpoint, address: &Address) -> Result<Self> {
        let (provider, model) = address.parts()?;
        if provider != endpoint.provider() {
            let name = endpoint.provider().name();
            let message = format!("{:?} is not a model of {name}", address.name);
            return Err(Error::configuration(message).with_help("open an endpoint for it"));
        }
        let protocol = Protocol::of(provider, address.api)?;
        let parameters = &address.parameters;
        let shape = Shape::new(protocol, parameters)?;
        let thinking = Thinking::of(&endpoint, model, &shape, parameters);
        let id = match protocol {
            Protocol::Program => format!("{}#program", address.name),
            _ => identity(&endpoint, model, address.api.unwrap_or_default().name()),
        };
        let id = format!("{id}{}", asked_with(parameters, thinking, &endpoint));
        let (url, delivery) = (protocol.url(&endpoint, model), endpoint.delivery(parameters)?);
        let (model, habits) = (model.to_owned(), Habits::default());
        Ok(Self { endpoint, protocol, model, id, url, shape, delivery, thinking, habits })
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
        match self.asked_twice(&self.question()).await {
            Ok(answer) if answer_alone(&answer.text).text().is_empty() => probe.fail(
                CHECK,
                format!("its answer is empty: {}", ended(answer.finish_reason)),
                "allow it more tokens for thinking, or a longer answer",
            ),
            Ok(answer) => {
                let tokens = answer.usage.tokens_out;
                let name = if tokens == 1 { "token" } else { "tokens" };
                probe.pass(CHECK, format!("with {tokens} {name}"));
            }
            Err(error) => probe.fail(CHECK, error.to_string(), self.advice(&error).await),
        }
        probe
    }

    fn question(&self) -> Request {
        let (question, row) = ("Say yes.", Example::new("Are you there?", ["yes"]));
        let parts = self.abilities().parts.then(|| Box::new(Parts::of(question, &row, &[])));
        Request { parts, ..Request::new(question, Decoding::greedy(LENGTH)) }
    }

    /// A model may turn out to think when it is asked for the first time.
    async fn asked_twice(&self, request: &Request) -> Result<Completion> {
        let knew = self.habits.thinks();
        let leave = Leave::always();
        match self.one(request, leave).await {
            Err(_) if self.habits.thinks() && !knew => self.one(request, leave).await,
            answer => answer,
        }
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

    /// Tokens that an answer may take for thinking.
    fn thinking_tokens(&self) -> usize {
        let thinks = self.thinking.is_known || self.habits.thinks();
        if thinks { self.thinking.tokens } else { 0 }
    }
}

fn ended(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Length => "it was cut off before its first word",
        FinishReason::Filter => "a content filter withheld it",
        FinishReason::ToolCalls => "the model called a tool",
        FinishReason::Stop | FinishReason::Unknown => "the model said nothing",
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
        let abilities = self.protocol.abilities(self.endpoint.provider());
        Abilities { thinking_tokens: self.thinking_tokens(), ..abilities }
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.complete_with_leave(batch, Leave::always()).await
    }

    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        let answers = join_all(batch.iter().map(|request| self.one(request, leave))).await;
        let weigh = |answer: Result<Completion>| answer.map_err(|error| self.protocol.weigh(error));
        answers.into_iter().map(weigh).collect()
    }
}

impl RemoteModel {
    /// One answer. Each refusal of a field takes that field away, so there is an end to them.
    async fn one(&self, request: &Request, leave: Leave<'_>) -> Result<Completion> {
        let thinking = request.thinking_tokens.unwrap_or_else(|| self.thinking_tokens());
        let request = Request { thinking_tokens: Some(thinking), ..request.clone() };
        loop {
            let ours = self.protocol.body(self.endpoint.provider(), &self.model, &request)?;
            let body = self.shape.body(ours, thinking, &self.habits.refused());
            match self.attempt(&request, &body, leave).await? {
                Ok(answer) => return self.whole(answer, &request),
                Err(refusal) => match refusal.refused(&body.optional) {
                    Some(field) => self.give_up(field, &refusal),
                    None => return Err(refusal.into_error()),
                },
            }
        }
    }

    async fn attempt<'a>(
        &'a self,
        request: &Request,
        body: &Body,
        leave: Leave<'a>,
    ) -> Result<Result<Read, Refusal<'a>>> {
        let (worst, url) = (request.worst_case(), self.url.clone());
        let (body, delivery) = (to_json(&body.value)?, &self.delivery);
        let call = Call { who: &self.id, url, body, worst, delivery, leave };
        let (body, admission) = match self.endpoint.ask(call).await? {
            Ok(Reply::Answer { body, admission }) => (body, admission),
            Ok(Reply::Withheld) => return Ok(Ok(withheld(request))),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = match self.read(&body, worst) {
            Ok(answer) => answer,
            Err(Unread::Refused(body)) if self.is_withheld(&body) => withheld(request),
            Err(Unread::Refused(body)) => return Ok(Err(refusal(&self.endpoint, &self.id, &body))),
            Err(unread) => return Err(unread.explain(&self.endpoint, &self.id)),
        };
        admission.used(answer.completion.usage.tokens());
        Ok(Ok(answer))
    }

    /// The answer in a body as it may be kept. Where the body was cut, so is the answer.
    fn read(&self, body: &Bytes, worst: Usage) -> Result<Read, Unread> {
        let answered = Answered {
            who: &self.id,
            habits: &self.habits,
            notices: self.endpoint.notices(),
            worst,
        };
        let mut read = match body.is_cut {
            true => self.protocol.read(&closed(&body.bytes), worst)?,
            false => self.protocol.read(&body.bytes, worst)?,
        };
        if body.is_cut {
            answered.tell_length(&format!("more than {} bytes", body.bytes.len()));
            read.completion.finish_reason = FinishReason::Length;
        }
        let censored = |text: &str| self.endpoint.censored(text);
        Ok(Read { completion: answered.tidied(read.completion, censored), ..read })
    }

    /// Asks without a field from now on, or calls it otherwise.
    fn give_up(&self, field: &'static str, refusal: &Refusal<'_>) {
        if !self.habits.refuses(field) {
            return;
        }
        let (id, said) = (&self.id, self.endpoint.redact(&refusal.words.message));
        let instead = match field {
            "max_tokens" => "calls an answer's length max_completion_tokens",
            "max_completion_tokens" => "calls an answer's length max_tokens",
            _ => "is asked without it",
        };
        let text =
            format!("{id} takes no {field} and {instead} from now on; its server said: {said}");
        self.endpoint.notices().tell(text, Some(Setting::Parameters));
    }

    /// The answer, unless thinking that nothing was set aside for has cut it.
    fn whole(&self, answer: Read, request: &Request) -> Result<Completion> {
        let Read { completion, thought } = answer;
        if thought && self.habits.has_thought() && !self.thinking.is_given {
            self.endpoint.notices().tell(
                format!(
                    "{} thinks before it answers: {} tokens are set aside for that, on top of an answer's length",
                    self.id, self.thinking.tokens
                ),
                Some(Setting::ThinkingTokens),
            );
        }
        let was_set_aside = request.thinking_tokens.is_some_and(|tokens| tokens > 0);
        let is_cut = completion.finish_reason == FinishReason::Length;
        if !thought || !is_cut || was_set_aside || self.thinking.tokens == 0 {
            return Ok(completion);
        }
        let message = format!("{} was cut off while it thought", self.id);
        Err(Error::model(message)
            .with_help("allow another attempt, or say how many tokens it may take for thinking")
            .with_setting(Setting::ThinkingTokens)
            .transient(Some(std::time::Duration::ZERO))
            .perhaps_billed())
    }
}

/// A prompt that was filtered was read, and nothing was written.
fn withheld(request: &Request) -> Read {
    let usage = Usage { tokens_out: 0, ..request.worst_case() };
    let finish_reason = FinishReason::Filter;
    let completion = Completion { finish_reason, usage, ..Completion::default() };
    Read { completion, thought: false }
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
