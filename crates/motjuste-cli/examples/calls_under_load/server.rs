//! A chat server on this machine that takes its time, and goes wrong where it is told to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Nothing,
    TooManyAndWhen,
    TooMany,
    Broken,
    Overloaded,
    Hangs,
    CutBody,
    NoJson,
    NoChoices,
    Filtered,
}

/// One request in this many goes wrong.
const ONE_IN: u64 = 10;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":1}}"#;
const FILTERED: &str = r#"{"choices":[{"message":{"content":null},"finish_reason":"content_filter"}],"usage":{"prompt_tokens":20,"completion_tokens":0}}"#;

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Counter>,
}

#[derive(Default)]
struct Counter {
    requests: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Server {
    pub async fn start(latency: Duration, fault: Fault) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Counter::default());
        let counter = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = counter.clone();
                // A client that goes away is no concern of the server's.
                tokio::spawn(async move { serve(stream, latency, fault, &counter).await.ok() });
            }
        });
        Ok(Self { address, requests })
    }

    /// Requests that have come in.
    pub fn requests(&self) -> u64 {
        self.requests.requests.load(Ordering::Relaxed)
    }

    /// How long a request took on average, from its last byte to the answer's: timers are coarse.
    pub fn latency(&self) -> f64 {
        self.requests.nanoseconds.load(Ordering::Relaxed) as f64 / 1e9 / self.requests() as f64
    }
}

async fn serve(
    stream: TcpStream,
    latency: Duration,
    fault: Fault,
    counter: &Counter,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while read_request(&mut stream).await? {
        let start = Instant::now();
        let number = counter.requests.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(latency).await;
        let fault = if number % ONE_IN == 3 { fault } else { Fault::Nothing };
        if fault == Fault::Hangs {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        stream.get_mut().write_all(reply(fault).as_bytes()).await?;
        let taken = start.elapsed().as_nanos() as u64;
        counter.nanoseconds.fetch_add(taken, Ordering::Relaxed);
        if fault == Fault::CutBody {
            return stream.get_mut().shutdown().await;
        }
    }
    Ok(())
}

/// Reads one request to its end; false when the client closed the connection.
async fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<bool> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let header = line.trim().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(true)
}

fn reply(fault: Fault) -> String {
    let error = r#"{"error":{"message":"not now"}}"#;
    match fault {
        Fault::Nothing | Fault::Hangs => response("200 OK", "", ANSWER),
        Fault::TooManyAndWhen => response("429 Too Many Requests", "Retry-After: 0.05\r\n", error),
        Fault::TooMany => response("429 Too Many Requests", "", error),
        Fault::Broken => response("500 Internal Server Error", "", error),
        Fault::Overloaded => response("503 Service Unavailable", "", error),
        Fault::CutBody => response("200 OK", "", ANSWER)[..100].to_owned(),
        Fault::NoJson => response("200 OK", "", "<html>gateway</html>"),
        Fault::NoChoices => response("200 OK", "", r#"{"choices":[]}"#),
        Fault::Filtered => response("200 OK", "", FILTERED),
    }
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}
