//! `motjuste serve`: the address, who is let in, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::contracts::conforms;
use crate::scratch::{SMALL, Scratch};

/// A server in a scratch folder, ended when it goes out of scope.
struct Serving {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Serving {
    fn start(scratch: &Scratch, more: &[&str], token: Option<&str>) -> Self {
        let mut command = scratch.command(&[&["serve", "--port", "0"], more].concat());
        command.env_remove("MOTJUSTE_SERVE_TOKEN");
        command.envs(token.map(|token| ("MOTJUSTE_SERVE_TOKEN", token)));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    /// The line that is printed.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Asks it to end; its exit code.
    fn ended_by(mut self, signal: &str) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The whole answer to a request for `path` below `url`, with these header lines.
fn get(url: &str, path: &str, host: Option<&str>, headers: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let host = host.unwrap_or(authority);
    let mut stream = TcpStream::connect(authority).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn with_a_study() -> Scratch {
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    scratch
}

#[test]
fn the_page_is_served_on_this_machine_and_ends_when_it_is_asked_to() {
    let scratch = with_a_study();
    let mut serving = Serving::start(&scratch, &["--task", "task.toml"], None);
    let url = serving.line();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with('/'), "{url}");
    let name = scratch.json("out/result.json")["study"].as_str().unwrap().to_owned();
    let study = get(&url, &format!("/studies/{}", name.replace('_', "%5F")), None, "");
    assert!(study.starts_with("HTTP/1.1 200") && study.contains("first_letter"), "{study}");
    let trial = get(&url, &format!("/studies/{name}/trials/0"), None, "");
    let inputs = ["tiger", "lemon", "bread", "glass"];
    assert!(inputs.iter().any(|input| trial.contains(input)), "what the rows ask: {trial}");
    assert!(get(&url, "/", Some("evil.example.org"), "").starts_with("HTTP/1.1 421"));
    let foreign = "Origin: http://evil.example.org\r\n";
    assert!(get(&url, "/", None, foreign).starts_with("HTTP/1.1 403"));
    assert_eq!(serving.ended_by("-INT"), Some(0));
    let mut serving = Serving::start(&scratch, &[], None);
    serving.line();
    assert_eq!(serving.ended_by("-TERM"), Some(0));
}

#[test]
fn elsewhere_a_token_is_drawn_and_printed_once() {
    let scratch = with_a_study();
    let mut serving = Serving::start(&scratch, &["--host", "0.0.0.0", "--json"], None);
    let line: Value = serde_json::from_str(&serving.line()).unwrap();
    conforms("serve", &line);
    assert_eq!(line["needs_token"], true);
    let url = line["url"].as_str().unwrap();
    let token = url.split("?token=").nth(1).unwrap();
    assert_eq!(token.len(), 43);
    assert!(get(url, "/", None, "").starts_with("HTTP/1.1 401"));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert!(get(url, "/", None, &bearer).starts_with("HTTP/1.1 200"));
    let first = get(url, &format!("/?token={token}"), None, "");
    assert!(
        first.starts_with("HTTP/1.1 303") && first.to_lowercase().contains("set-cookie: motjuste_")
    );
    assert!(get(url, "/", Some("gpu3.example.org"), &bearer).starts_with("HTTP/1.1 421"));
}

#[test]
fn a_token_of_ones_own_is_asked_for_on_this_machine_too_and_never_printed() {
    let scratch = with_a_study();
    let own = "correct-horse-battery";
    let mut serving = Serving::start(&scratch, &["--allow-host", "gpu3"], Some(own));
    let url = serving.line();
    assert!(!url.contains("token"), "{url}");
    assert!(get(&url, "/", None, "").starts_with("HTTP/1.1 401"));
    let bearer = format!("Authorization: Bearer {own}\r\n");
    assert!(get(&url, "/", Some("gpu3:80"), &bearer).starts_with("HTTP/1.1 200"));
    drop(serving);
    let mut short = Serving::start(&scratch, &[], Some("short"));
    assert_eq!(short.process.wait().unwrap().code(), Some(2));
    let mut told = String::new();
    short.process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("at least 16") && told.contains("MOTJUSTE_SERVE_TOKEN"), "{told}");
}

#[test]
fn what_cannot_be_served_is_told() {
    let scratch = Scratch::new();
    scratch.refused(6, &["serve"], &["there is no store", "help:"]);
    let scratch = with_a_study();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    scratch.refused(2, &["serve", "--port", &port], &["cannot listen", "--port"]);
    scratch.refused(2, &["serve", "--host", "192.0.2.1"], &["cannot listen", "--host"]);
    scratch.refused(4, &["serve", "--task", "nowhere.toml"], &["nowhere.toml"]);
}
