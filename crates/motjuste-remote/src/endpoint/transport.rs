//! The client, and what it means when no whole answer arrives.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::time::Duration;

use motjuste::error::Setting;
use motjuste::{Error, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::base::is_loopback;
use super::{Settings, trust};

/// Connections that were idle for longer are not used again: uvicorn, under vLLM and many others,
/// closes its own after five seconds, and a request that meets the closing is lost.
const LONGEST_IDLE: Duration = Duration::from_secs(4);

/// How long to wait for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the whole answer, connection included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(180) }
    }
}

/// A client that never follows a redirect, which would carry the key to another host, and that asks
/// this machine without a proxy.
pub(super) fn client(base: &Url, settings: &Settings) -> Result<Client> {
    let timeouts = settings.timeouts;
    // Fails when the program has chosen a provider already, and then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("motjuste/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .pool_idle_timeout(LONGEST_IDLE)
        .tcp_nodelay(true);
    if base.scheme() == "http" {
        // No certificates are needed, and a small container has none.
        builder = builder.tls_certs_only([]);
    } else if let Some(file) = ca_file(settings) {
        builder = builder.tls_backend_preconfigured(trust::with_file(&file)?);
    }
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::configuration(format!("no HTTP client can be made: {}", causes(&error)))
            .with_help("install the system's CA certificates (the package ca-certificates)")
    })
}

/// The certificates to trust besides the machine's own.
fn ca_file(settings: &Settings) -> Option<PathBuf> {
    let from_environment = || settings.environment.first(&["SSL_CERT_FILE"]).map(PathBuf::from);
    settings.ca_file.clone().or_else(from_environment)
}

/// No whole answer arrived: the client failed before, while or after sending.
#[derive(Debug)]
pub(super) struct Lost(pub(super) reqwest::Error);

/// The beginning of a body, or all of it.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    /// Whether there is more.
    pub(crate) is_cut: bool,
}

/// The body of an answer, up to a bound. What comes after is not waited for.
pub(super) async fn read(mut response: Response, most: usize) -> Result<Bytes, Lost> {
    let mut body = Bytes::default();
    while let Some(part) = response.chunk().await.map_err(Lost)? {
        let room = most - body.bytes.len();
        body.bytes.extend_from_slice(&part[..part.len().min(room)]);
        if part.len() > room {
            return Ok(Bytes { is_cut: true, ..body });
        }
    }
    Ok(body)
}

impl Lost {
    pub(super) fn is_timeout(&self) -> bool {
        self.0.is_timeout()
    }

    /// `place` is where `who` was asked; neither holds a secret. An answer was waited for as long as `patience`.
    pub(super) fn explain(self, who: &str, place: &Place<'_>, patience: Duration) -> Error {
        let error = self.0.without_url();
        let why = causes(&error);
        if error.is_builder() {
            return Error::configuration(format!("{who} cannot be asked: {why}"));
        }
        if error.is_connect() {
            return unreachable(who, place, &error, &why);
        }
        let lost = match error.is_timeout() {
            true => Error::model(format!(
                "{who} did not answer in time, which is {} s",
                patience.as_secs_f64()
            ))
            .with_help("give a longer timeout, ask it for less at once, or try again later")
            .with_setting(Setting::Timeout),
            false if place.is_plain() && why.contains("invalid HTTP version") => {
                return Error::model(format!("{who} speaks no plain http: {why}"))
                    .with_help(format!("write https in the base URL ({})", place.base));
            }
            false => Error::model(format!("{who} broke off: {why}")).with_help(match place.is_plain() {
                true => "try again later; if it never answers, check https against http in the base URL",
                false => "try again later",
            }),
        };
        lost.transient(None).perhaps_billed()
    }
}

/// Where a model is asked, and through what.
pub(super) struct Place<'a> {
    pub(super) base: &'a Url,
    pub(super) proxy: Option<&'a str>,
}

impl Place<'_> {
    fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }
}

/// No connection, so nothing was sent and nothing is paid.
fn unreachable(who: &str, place: &Place<'_>, error: &reqwest::Error, why: &str) -> Error {
    let base = place.base;
    let through =
        place.proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    let model = Error::model(format!("{who} cannot be reached at {base}{through}: {why}"));
    if is_about_tls(error) {
        return untrusted(model, why);
    }
    let help = match place.proxy {
        Some(_) => {
            "check the proxy, which HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, and the base URL; NO_PROXY \
                    names hosts that need none"
        }
        None => "check that the server runs, and the base URL",
    };
    model.with_help(help).transient(None)
}

/// What to do about a certificate that is not trusted, or a server that speaks no TLS.
fn untrusted(error: Error, why: &str) -> Error {
    let is_unknown = ["UnknownIssuer", "CaUsedAsEndEntity", "self-signed", "unknown issuer"];
    if is_unknown.iter().any(|name| why.contains(name)) {
        let help = "nobody whom this machine trusts has signed the server's certificate: give the file of \
                    your authority's certificate, or of the server's own";
        return error.with_help(help).with_setting(Setting::CaFile);
    }
    if why.contains("certificate") {
        return error.with_help(
            "ask the server by the name in its certificate, or have the certificate renewed",
        );
    }
    error.with_help("check http against https in the base URL: the server may speak no TLS")
}

/// Trust does not come by trying again.
fn is_about_tls(error: &reqwest::Error) -> bool {
    chain(error).any(is_from_tls)
}

/// An I/O error does not name what it was made of as its source, and may be made of another one.
fn is_from_tls(cause: &(dyn StdError + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<rustls::Error>() || inner.is_some_and(|inner| is_from_tls(inner))
}

fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost cause says what happened; the outer ones only where.
fn causes(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
