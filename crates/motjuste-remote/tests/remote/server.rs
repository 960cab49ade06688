//! An HTTP server on a free port that answers by a script, down to the bytes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use motjuste::model::{Decoding, Parameters, Request};
use motjuste_remote::{Address, Endpoint, Environment, RemoteModel, Settings, Timeouts};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The key that every test's environment holds, and no message may.
pub const KEY: &str = "sk-very-secret-0123456789";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request line and the headers, in lower case.
    pub head: String,
    pub body: Value,
}

/// What the server does with a request.
#[derive(Clone)]
pub enum Act {
    /// Answers with a status, headers (each with its line end) and a body.
    Answer(u16, &'static str, String),
    /// The same after a while.
    Late(Duration, String),
    /// The same, and then calls a function.
    Then(Duration, String, Arc<dyn Fn() + Send + Sync>),
    /// Writes these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Reads and never answers.
    Hang,
}

impl Act {
    pub fn ok(body: impl Into<String>) -> Self {
        Self::Answer(200, "", body.into())
    }
}

type Script = dyn Fn(usize, &Received) -> Act + Send + Sync;

#[derive(Clone)]
pub struct Server {
    pub authority: String,
    received: Arc<Mutex<Vec<Received>>>,
    busy: Arc<Mutex<Busy>>,
}

/// Requests that are being answered, now and at the most so far.
#[derive(Debug, Default)]
struct Busy {
    now: usize,
    most: usize,
}

impl Server {
    /// A server whose script is told how many requests came before, and the request.
    pub async fn start(script: impl Fn(usize, &Received) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let server = Self { authority, received: Arc::default(), busy: Arc::default() };
        let (script, accepting): (Arc<Script>, _) = (Arc::new(script), server.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream, Arc::clone(&script)));
            }
        });
        server
    }

    /// A server that does the same every time.
    pub async fn always(act: Act) -> Self {
        Self::start(move |_, _| act.clone()).await
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn most_at_once(&self) -> usize {
        self.busy.lock().unwrap().most
    }

    fn begin(&self) {
        let mut busy = self.busy.lock().unwrap();
        busy.now += 1;
        busy.most = busy.most.max(busy.now);
    }

    pub fn base(&self) -> String {
        format!("http://{}/v1", self.authority)
    }

    /// A model of that name at this server.
    pub fn model(&self, name: &str) -> RemoteModel {
        let address = Address::new(name).at(self.base());
        RemoteModel::at(self.endpoint(name), &address).unwrap()
    }

    /// A model of that name at this server, asked with these fields.
    pub fn asked_with(&self, name: &str, fields: &str) -> RemoteModel {
        let address = Address::new(name).at(self.base()).with(Parameters::parse(fields).unwrap());
        RemoteModel::at(self.endpoint(name), &address).unwrap()
    }

    pub fn endpoint(&self, name: &str) -> Endpoint {
        Endpoint::open(&Address::new(name).at(self.base()), &settings()).unwrap()
    }

    async fn serve(self, mut stream: TcpStream, script: Arc<Script>) {
        let mut buffer = Vec::new();
        while let Some(request) = next(&mut stream, &mut buffer).await {
            let before = {
                let mut received = self.received.lock().unwrap();
                received.push(request.clone());
                received.len() - 1
            };
            self.begin();
            let stays = act(&mut stream, script(before, &request)).await;
            self.busy.lock().unwrap().now -= 1;
            if !stays {
                return;
            }
        }
    }
}

/// Every provider's key is in the environment, and waiting is short.
pub fn settings() -> Settings {
    let environment = Environment::of([
        ("OPENAI_API_KEY", KEY),
        ("AZURE_OPENAI_API_KEY", KEY),
        ("ANTHROPIC_API_KEY", KEY),
        ("GEMINI_API_KEY", KEY),
        ("HOSTED_VLLM_API_KEY", KEY),
        ("OPENROUTER_API_KEY", KEY),
    ]);
    let timeouts = Timeouts { connect: Duration::from_secs(2), total: Duration::from_millis(400) };
    Settings { environment, timeouts, ..Settings::default() }
}

pub fn request() -> Request {
    Request::new("Say hi", Decoding::greedy(8))
}

async fn next(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    while buffer.len() < end + length {
        more(stream, buffer).await?;
    }
    let body = serde_json::from_slice(&buffer[end..end + length]).unwrap_or(Value::Null);
    buffer.drain(..end + length);
    Some(Received { head, body })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(buffer).await.ok()?;
    (count > 0).then_some(())
}

/// Whether the connection stays open.
async fn act(stream: &mut TcpStream, act: Act) -> bool {
    match act {
        Act::Answer(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n{headers}\r\n");
            stream.write_all(&[head.into_bytes(), body.into_bytes()].concat()).await.is_ok()
        }
        Act::Late(wait, body) => {
            tokio::time::sleep(wait).await;
            Box::pin(self::act(stream, Act::ok(body))).await
        }
        Act::Then(wait, body, after) => {
            tokio::time::sleep(wait).await;
            after();
            Box::pin(self::act(stream, Act::ok(body))).await
        }
        Act::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Act::Hang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            false
        }
    }
}
