//! A server of models: where it is, how it knows us, how fast it may be asked.

mod base;
mod credentials;
mod delivery;
mod models;
mod place;
mod printed;
mod proxy;
mod refusal;
mod secret;
mod slots;
mod transport;
mod trust;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use motjuste::model::Leave;
use motjuste::{Error, Result};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use tokio::sync::OnceCell;

use motjuste::usage::Usage;

use crate::address::Address;
use crate::bounds;
use crate::environment::Environment;
use crate::limiter::{Admission, Advice, Bearing, Dialect, Limiter, Limits, retry_after};
use crate::notice::Notices;
use crate::provider::Provider;
use credentials::{find_key, headers};
pub(crate) use delivery::Delivery;
pub(crate) use refusal::{Cause, Refusal};
use secret::Secret;
pub(crate) use transport::Bytes;
pub use transport::Timeouts;
use transport::{Lost, Place, client, read};
pub(crate) use words::Words;

/// The version of Azure's interface that is asked for unless `AZURE_OPENAI_API_VERSION` names one.
const AZURE_VERSION: &str = "2024-10-21";

/// The most bytes of a refusal that are read.
const LONGEST_REFUSAL: usize = 1 << 20;

/// How an endpoint is to be used.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Requests in flight and per minute.
    pub limits: Limits,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Where keys and addresses come from.
    pub environment: Environment,
    /// Certificates to trust besides the machine's own, in PEM form; by default those in `SSL_CERT_FILE`.
    pub ca_file: Option<PathBuf>,
    /// Whether a key may go to another machine without encryption: for a network of one's own.
    pub allow_http_key: bool,
    /// Tokens that an answer of a model that reasons may take beyond its length; 8000 unless given.
    pub thinking_tokens: Option<usize>,
    /// Whether a key may be missing, because nothing is asked: for a plan.
    pub without_key: bool,
    /// Who hears of what a model turned out to need.
    pub notices: Notices,
}

/// A server of models. Clones share its connections and its limits, so that models of one server
/// share one endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: Provider,
    base: Url,
    is_own: bool,
    /// What no message may show: the key, and what headers hold.
    secrets: Mutex<Vec<Secret>>,
    environment: Environment,
    allow_http_key: bool,
    /// The proxy that it is asked through.
    proxy: Option<String>,
    thinking_tokens: Option<usize>,
    notices: Notices,
    timeouts: Timeouts,
    headers: HeaderMap,
    azure_version: Option<String>,
    client: Client,
    limiter: Limiter,
    slots: OnceCell<()>,
}

/// One request to a server.
pub(crate) struct Call<'a> {
    /// The model that is asked, for messages.
    pub(crate) who: &'a str,
    pub(crate) url: Url,
    pub(crate) body: Vec<u8>,
    /// The most tokens it may take.
    pub(crate) worst: Usage,
    pub(crate) delivery: &'a Delivery,
    pub(crate) leave: Leave<'a>,
}

/// What a server answered.
pub(crate) enum Reply {
    /// A body with a status of success.
    Answer { body: Bytes, admission: Admission },
    /// Its filter withheld the answer.
    Withheld,
}

impl Endpoint {
    /// The endpoint of an address. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the address names no provider, the base URL is none, a key is
    /// missing, or a key would travel in the clear.
    ///
    /// ```
    /// use motjuste_remote::{Address, Endpoint, Environment, Settings};
    /// let settings = Settings { environment: Environment::of([]), ..Settings::default() };
    /// let error = Endpoint::open(&Address::new("openai/gpt-5"), &settings).err();
    /// assert!(error.is_some_and(|error| error.to_string().contains("OPENAI_API_KEY")));
    /// ```
    pub fn open(address: &Address, settings: &Settings) -> Result<Self> {
        let (provider, _) = address.parts()?;
        let environment = &settings.environment;
        if provider == Provider::Service && address.base_url.is_some() {
            return Err(Error::configuration("the name of a web service is its address")
                .with_help("leave the base URL out, or name the service by it"));
        }
        let base = base::resolve(provider, address.place(), environment)?;
        settings.limits.check()?;
        let key = find_key(provider, &base, settings)?;
        let version = environment.first(&["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"]);
        Ok(Self(Arc::new(Inner {
            provider,
            is_own: base::is_own(provider, &base, environment),
            headers: headers(provider, key.as_ref())?,
            secrets: Mutex::new(key.into_iter().collect()),
            environment: environment.clone(),
            allow_http_key: settings.allow_http_key,
            proxy: proxy::of(&base)?,
            thinking_tokens: settings.thinking_tokens,
            notices: settings.notices.clone(),
            timeouts: settings.timeouts,
            azure_version: version.filter(|_| provider == Provider::Azure),
            client: client(&base, settings)?,
            limiter: Limiter::new(settings.limits, bearing(provider, &base, settings)),
            slots: OnceCell::new(),
            base,
        })))
    }

    /// Who serves here.
    pub fn provider(&self) -> Provider {
        self.0.provider
    }

    /// Host, port and path, where they are not the provider's own: another server is another model. A path that
    /// is usual is left out.
    pub(crate) fn elsewhere(&self) -> Option<String> {
        let path = base::unusual_path(self.0.provider, &self.0.base);
        (!self.0.is_own).then(|| format!("{}{path}", self.authority()))
    }

    /// Who hears of what a model turned out to need.
    pub(crate) fn notices(&self) -> &Notices {
        &self.0.notices
    }

    /// Tokens for thinking that were given for all models.
    pub(crate) fn thinking_tokens(&self) -> Option<usize> {
        self.0.thinking_tokens
    }

    /// Whether models are deployments with a path and a version of their own: Azure's interface before `/openai/v1`.
    pub(crate) fn has_deployments(&self) -> bool {
        self.0.provider == Provider::Azure && !self.is_versioned()
    }

    /// Scheme, host, port and path.
    pub(crate) fn place(&self) -> &str {
        self.0.base.as_str()
    }

    /// The base URL as it was given.
    pub(crate) fn base(&self) -> &Url {
        &self.0.base
    }

    /// Whether the base URL ends in the version of the interface.
    pub(crate) fn is_versioned(&self) -> bool {
        self.0.base.path().trim_end_matches('/').ends_with("/v1")
    }

    /// Host and port; that of https goes without saying.
    fn authority(&self) -> String {
        let host = self.0.base.host_str().unwrap_or_default();
        let port = self.0.base.port_or_known_default().filter(|port| *port != 443);
        port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// A URL below the base.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.0.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if self.has_deployments() {
            let version = self.0.azure_version.as_deref().unwrap_or(AZURE_VERSION);
            url.query_pairs_mut().append_pair("api-version", version);
        }
        url
    }

    /// A URL beside a base that ends in `/v1`.
    pub(crate) fn url_beside(&self, segment: &str) -> Url {
        let mut url = self.url(&[]);
        let is_version = self.is_versioned();
        if let Ok(mut path) = url.path_segments_mut() {
            if is_version {
                path.pop_if_empty().pop();
            }
            path.pop_if_empty().push(segment);
        }
        url
    }

    pub(crate) fn redact(&self, text: &str) -> String {
        let secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }

    /// An answer without a secret that it holds.
    pub(crate) fn censored(&self, answer: &str) -> Option<String> {
        let secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(None, |censored: Option<String>, secret| {
            secret.censored(censored.as_deref().unwrap_or(answer)).or(censored)
        })
    }

    /// Hides one more secret from every message.
    fn hide(&self, secret: Secret) {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret);
    }

    /// Asks once, when the limits allow it.
    pub(crate) async fn post(&self, call: Call<'_>) -> Result<Reply> {
        self.ask(call).await?.map_err(Refusal::into_error)
    }

    /// As [`Self::post`], with a refusal as it is.
    pub(crate) async fn ask<'a>(&'a self, call: Call<'a>) -> Result<Result<Reply, Refusal<'a>>> {
        self.learn_slots().await;
        let admission = call.leave.wait(self.0.limiter.admit(call.worst.tokens())).await?;
        let request = self.0.client.post(call.url).body(call.body);
        let most = bounds::body(call.worst);
        let exchange = self.exchange(request, call.delivery, &admission, most).await;
        let exchange =
            exchange.map_err(|lost| self.lost(lost, call.who, call.delivery, &admission))?;
        if exchange.status.is_success() {
            admission.succeeded();
            return Ok(Ok(Reply::Answer { body: exchange.body, admission }));
        }
        let refusal = self.refusal(call.who, exchange);
        match refusal.cause() {
            Cause::Withheld => return Ok(Ok(Reply::Withheld)),
            Cause::Rate | Cause::Overloaded => admission.overloaded(refusal.retry_after),
            _ => {}
        }
        Ok(Err(refusal))
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
        delivery: &Delivery,
        admission: &Admission,
        most: usize,
    ) -> Result<Exchange, Lost> {
        let request = request.headers(self.0.headers.clone()).headers(delivery.headers.clone());
        let response = request.timeout(self.patience(delivery)).send().await;
        let response = response.map_err(Lost)?;
        admission.learn(&Advice::read(self.dialect(), response.headers()));
        let (status, after) = (response.status(), retry_after(response.headers()));
        let most = if status.is_success() { most } else { LONGEST_REFUSAL };
        let body = match read(response, most).await {
            // A refusal counts even if its explanation is cut.
            Err(_) if !status.is_success() => Bytes::default(),
            body => body?,
        };
        Ok(Exchange { status, retry_after: after, body })
    }

    /// How long an answer may take.
    fn patience(&self, delivery: &Delivery) -> Duration {
        delivery.timeout.unwrap_or(self.0.timeouts.total)
    }

    fn lost(&self, lost: Lost, who: &str, delivery: &Delivery, admission: &Admission) -> Error {
        if lost.is_timeout() {
            admission.overloaded(None);
        }
        let place = Place { base: &self.0.base, proxy: self.0.proxy.as_deref() };
        lost.explain(who, &place, self.patience(delivery))
    }

    fn refusal<'a>(&'a self, who: &'a str, exchange: Exchange) -> Refusal<'a> {
        let words = Words::read(&exchange.body.bytes);
        let retry_after = exchange.retry_after.or(words.retry_after);
        Refusal { endpoint: self, who, status: exchange.status, retry_after, words }
    }

    fn dialect(&self) -> Dialect {
        match self.0.provider {
            Provider::OpenAi | Provider::Azure => Dialect::OpenAi,
            Provider::Anthropic => Dialect::Anthropic,
            _ => Dialect::Silent,
        }
    }
}

/// A server of one's own queues what it cannot do at once; a provider refuses it.
fn bearing(provider: Provider, base: &Url, settings: &Settings) -> Bearing {
    match provider.is_self_served() || base::is_loopback(base) {
        true => Bearing::Queues(settings.timeouts.total),
        false => Bearing::Refuses,
    }
}

struct Exchange {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Bytes,
}
