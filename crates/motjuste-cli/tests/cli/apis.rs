//! How models behind an API are asked: parameters, headers, time, and what a server refuses.

use serde_json::{Value, json};

use crate::scratch::{SMALL, Scratch, task_file};
use crate::server::{Server, chat, first_letter};

/// Scores one instruction on this server.
fn eval<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let remote = ["eval", "task.toml", "--instruction", "the first letter", "--target-url", url];
    [&remote, more].concat()
}

const PARAMETERS: &str = r#"{"reasoning_effort": "low", "temperature": null}"#;

#[test]
fn parameters_are_typed_or_stand_in_the_task_and_are_another_model() {
    let server =
        Server::start(|_, body| match (&body["reasoning_effort"], body.get("temperature")) {
            (Value::String(effort), None) if effort == "low" => (200, first_letter(body)),
            _ => (500, json!({})),
        });
    let (url, scratch) = (server.url(), Scratch::new());
    let target = ["--target", "openai_compatible/m", "--attempts", "1"];
    scratch.expect(5, &eval(&url, &target));
    let typed = [&target[..], &["--target-params", PARAMETERS]].concat();
    scratch.expect(0, &eval(&url, &typed));
    let asked = server.requests();
    scratch.expect(0, &eval(&url, &typed));
    assert_eq!(server.requests(), asked, "what was paid for is kept");
    let table = "[target]\nparams = { reasoning_effort = \"low\" }\nomit = [\"temperature\"]\n";
    scratch.write("task.toml", format!("{}\n{table}", task_file()));
    scratch.expect(0, &eval(&url, &target));
    assert_eq!(server.requests(), asked, "a table says the same as a flag");
    let other = [&target[..], &["--target-params", r#"{"reasoning_effort": "high"}"#]].concat();
    scratch.expect(5, &eval(&url, &other));
    assert!(server.requests() > asked, "what is typed wins, and is another model");
}

#[test]
fn parameters_that_nobody_takes_are_refused() {
    let scratch = Scratch::new();
    let local = ["eval", "task.toml", "--instruction", "x", "--target-params", PARAMETERS];
    scratch.refused(2, &local, &["runs in this process"]);
    let judge = ["eval", "task.toml", "--instruction", "x", "--judge-params", PARAMETERS];
    scratch.refused(2, &judge, &["names no judge"]);
    let length = r#"{"max_tokens": 500}"#;
    let target = ["--target", "openai_compatible/m", "--target-params", length];
    scratch.refused(2, &eval("http://127.0.0.1:9/v1", &target), &["max_tokens", "--answer-tokens"]);
    let none = ["--target", "openai_compatible/m", "--target-params", "low"];
    scratch.refused(2, &eval("http://127.0.0.1:9/v1", &none), &["no JSON object"]);
    for (flag, value) in
        [("--requests-per-minute", "0"), ("--timeout", "0"), ("--concurrency", "0")]
    {
        let target = ["--target", "openai_compatible/m", flag, value];
        scratch.refused(2, &eval("http://127.0.0.1:9/v1", &target), &[flag]);
    }
}

#[test]
fn a_refused_field_is_left_out_and_told_once_with_the_flag() {
    let server = Server::start(|_, body| match body.get("temperature") {
        Some(_) => (
            400,
            json!({ "error": { "message": "Unsupported value: 'temperature'", "param": "temperature" } }),
        ),
        None => (200, first_letter(body)),
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let output = scratch.motjuste(&eval(&url, &["--target", "openai_compatible/m"]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.matches("takes no temperature").count() == 1, "{said}");
    assert!(said.contains("--target-params"), "{said}");
}

#[test]
fn a_model_that_thinks_is_no_silent_zero() {
    let server = Server::start(|_, body| {
        let length = body["max_tokens"].as_u64().or(body["max_completion_tokens"].as_u64());
        let mut answer = first_letter(body);
        answer["usage"]["completion_tokens_details"] = json!({ "reasoning_tokens": 300 });
        if length.is_some_and(|length| length <= 300) {
            answer["choices"][0] =
                json!({ "message": { "content": "" }, "finish_reason": "length" });
        }
        (200, answer)
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let output = scratch.motjuste(&eval(&url, &["--target", "openai_compatible/house"]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("--thinking-tokens"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("score       1.00"));
    let none = [
        "--target",
        "openai_compatible/house",
        "--thinking-tokens",
        "0",
        "--answer-tokens",
        "64",
        "--json",
    ];
    assert!(scratch.expect(0, &eval(&url, &none)).contains("\"length\""));
}

#[test]
fn a_timeout_is_told_with_its_flag() {
    let server = Server::start(|_, _| {
        std::thread::sleep(std::time::Duration::from_secs(2));
        (200, chat("late"))
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let target = ["--target", "ollama/m", "--timeout", "0.2", "--attempts", "1"];
    scratch.refused(5, &eval(&url, &target), &["0.2 s", "--timeout"]);
}

#[test]
fn a_key_goes_over_http_where_the_person_allows_it() {
    let scratch = Scratch::new();
    let arguments =
        eval("http://no-such-host.invalid/v1", &["--target", "hosted_vllm/m", "--attempts", "1"]);
    let run = |more: &[&str]| {
        let mut command = scratch.command(&[&arguments, more].concat());
        let output = command.env("HOSTED_VLLM_API_KEY", "team-key-1").output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&[]);
    assert!(code == Some(2) && said.contains("--allow-http-key"), "{said}");
    let (code, said) = run(&["--allow-http-key"]);
    assert!(code == Some(5) && said.contains("cannot be reached"), "{said}");
}

#[test]
fn doctor_asks_a_generator_in_words_where_there_is_no_embedder() {
    let server = Server::start(|_, body| match body["reasoning_effort"].as_str() {
        Some("low") => (200, chat("yes")),
        _ => (500, json!({})),
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let models = [
        "doctor",
        "--generator",
        "openai/x",
        "--generator-url",
        &url,
        "--generator-params",
        PARAMETERS,
    ];
    let said = scratch.expect(0, &models);
    assert!(said.contains("✓ generator openai/x"), "{said}");
    assert_eq!(server.requests(), 1);
    let study = [SMALL, &["--generator-params", PARAMETERS]].concat();
    scratch.refused(2, &study, &["runs in this process"]);
}
