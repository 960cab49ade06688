//! `motjuste serve`: the live page over a store.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use motjuste::task::{Task, load};
use motjuste::{Error, Result};
use motjuste_serve::{Access, Live, Token};
use motjuste_store::Address;
use tokio::net::TcpListener;

use crate::args::ServeArgs;
use crate::output::Serving;
use crate::summary;

/// Where a token of one's own is.
const TOKEN: &str = "MOTJUSTE_SERVE_TOKEN";

pub(crate) async fn serve(args: ServeArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let tasks = args.task.iter().map(|file| load(file).map(Arc::new));
    let tasks: Vec<Arc<Task>> = tasks.collect::<Result<_>>()?;
    let storage = super::existing_store(store).await?;
    let listener = listen(&args.host, args.port).await?;
    let address = address(&listener)?;
    let key = Key::of(address.ip())?;
    let stopped = stopped()?;
    tell(address, &key, json);
    let access = key.access().answering_to(args.allow_host);
    Live::showing(storage, tasks).serve(listener, access, stopped).await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(host: &str, port: u16) -> Result<TcpListener> {
    TcpListener::bind((host, port)).await.map_err(|error| {
        let message = format!("cannot listen on {host}, port {port}: {error}");
        Error::configuration(message).with_help(match error.kind() {
            std::io::ErrorKind::AddrInUse => "take another with --port; 0 takes one that is free",
            _ => "name an address of this machine with --host",
        })
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener
        .local_addr()
        .map_err(|error| Error::configuration(format!("the address is not known: {error}")))
}

/// What whoever looks needs.
enum Key {
    /// Nothing: only this machine is listened to.
    Nothing,
    /// The token in the environment.
    Given(Token),
    /// A new token.
    Drawn(Token),
}

impl Key {
    fn of(listening_on: IpAddr) -> Result<Self> {
        match std::env::var(TOKEN) {
            Ok(text) => Token::new(text).map(Self::Given).map_err(|error| {
                let help = error.help().unwrap_or_default().to_owned();
                error.with_help(format!("{help}, in {TOKEN}"))
            }),
            Err(std::env::VarError::NotUnicode(_)) => Token::new("").map(Self::Given),
            Err(_) if listening_on.is_loopback() => Ok(Self::Nothing),
            Err(_) => Token::random().map(Self::Drawn),
        }
    }

    fn access(&self) -> Access {
        match self {
            Self::Nothing => Access::this_machine(),
            Self::Given(token) | Self::Drawn(token) => Access::with_token(token),
        }
    }
}

/// Tells where the page is.
fn tell(address: SocketAddr, key: &Key, json: bool) {
    let place = format!("http://{}/", reachable(address));
    let url = match key {
        Key::Drawn(token) => format!("{place}?token={}", token.as_str()),
        Key::Nothing | Key::Given(_) => place,
    };
    let needs_token = !matches!(key, Key::Nothing);
    match json {
        true => summary::json(&Serving { url: &url, needs_token }),
        false => summary::line(&url),
    }
    if matches!(key, Key::Given(_)) {
        summary::note(&format!("add ?token= and the token of {TOKEN} once; a cookie remembers it"));
    }
    if !address.ip().is_loopback() {
        summary::note("from elsewhere, put this machine's address in place of the one above");
        summary::note(
            "what is sent is not encrypted: use it in a network that you trust, or behind TLS",
        );
    }
    summary::note("the page only reads; Ctrl-C ends it");
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// What ends when somebody ends the program, heard of from now on.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| deaf(&error));
    let (mut interrupt, mut terminate) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn stopped() -> Result<impl Future<Output = ()> + Send> {
    let mut interrupt = tokio::signal::windows::ctrl_c().map_err(|error| deaf(&error))?;
    Ok(async move {
        interrupt.recv().await;
    })
}

fn deaf(error: &std::io::Error) -> Error {
    Error::configuration(format!("Ctrl-C cannot be listened to: {error}"))
}
