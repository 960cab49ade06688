//! A server on this machine that answers every request by a function of its body.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

pub struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

type Answer = dyn Fn(usize, &Value) -> (u16, Value) + Send + Sync;

impl Server {
    /// Starts to serve; `answer` is told how many requests came before.
    pub fn start(answer: impl Fn(usize, &Value) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, answer): (_, Arc<Answer>) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counter, answer) = (counter.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &counter, &*answer));
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(stream: TcpStream, counter: &AtomicUsize, answer: &Answer) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let body = read(&mut stream)?;
        let (status, reply) = answer(counter.fetch_add(1, Ordering::SeqCst), &body);
        let reply = reply.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            reply.len()
        );
        stream.get_mut().write_all((head + &reply).as_bytes()).ok()?;
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// A chat completion with its usage.
pub fn chat(text: &str) -> Value {
    json!({
        "choices": [{ "message": { "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 20, "completion_tokens": 2 },
    })
}

/// The first letter of the input, to any instruction that has the word "letter".
pub fn first_letter(body: &Value) -> Value {
    // The input is behind that word, or the last message.
    let messages = body["messages"].as_array().into_iter().flatten();
    let contents: Vec<&str> = messages.filter_map(|message| message["content"].as_str()).collect();
    let prompt = contents.join("\n\nInput: ");
    let input = prompt.split("Input: ").last().unwrap_or_default();
    chat(if prompt.contains("letter") { input.get(..1).unwrap_or_default() } else { "?" })
}
