//! A study whose target is behind an API: what is paid, repeated, kept, refused.

use serde_json::{Value, json};

use crate::scratch::{SMALL, Scratch, repository};
use crate::server::{Server, chat, first_letter};

/// The arguments of a small study on this server.
fn on<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let remote = ["--target", "openai_compatible/m", "--target-url", url];
    [SMALL, &remote, more].concat()
}

const PRICES: &str = "\"openai_compatible/m\" = { read = 10.0, written = 100.0 }\n";

#[test]
fn a_study_on_a_server_pays_repeats_and_is_answered_from_the_store_afterwards() {
    let server = Server::start(|before, body| match before % 7 {
        3 => (429, json!({ "error": { "message": "slow down" } })),
        _ => (200, first_letter(body)),
    });
    let scratch = Scratch::new();
    scratch.expect(0, &on(&server.url(), &["--attempts", "20"]));
    let result = scratch.json("out/result.json");
    let paid = result["ledger"]["target"]["calls"].as_u64().unwrap()
        + result["ledger"]["assessment"]["calls"].as_u64().unwrap();
    let asked = server.requests() as u64;
    let refused = (asked + 3) / 7;
    // The Manual instruction comes from the generator, and refusals are free.
    assert_eq!(paid - 1, asked - refused);
    assert_eq!(result["ledger"]["target"]["lost"], 0);
    scratch.expect(0, &on(&server.url(), &["--yes"]));
    assert_eq!(server.requests() as u64, asked, "a finished study calls nobody");
}

#[test]
fn answers_that_are_cut_or_withheld_are_told() {
    let server = Server::start(|before, body| {
        let mut answer = first_letter(body);
        let why = ["stop", "length", "content_filter", "stop"][before % 4];
        answer["choices"][0]["finish_reason"] = why.into();
        (200, answer)
    });
    let scratch = Scratch::new();
    let said = scratch.expect(0, &on(&server.url(), &[]));
    let told = said.lines().find(|line| line.starts_with("answers")).unwrap();
    assert!(
        told.contains(" cut short, ") && told.contains(" withheld by a content filter"),
        "{told}"
    );
    let counts = &scratch.json("out/result.json")["answers"];
    assert!(counts["cut"].as_u64().unwrap() > 0 && counts["unscored"] == 0, "{counts}");
    let page = scratch.read("out/report.html");
    assert!(page.contains(" cut short, "));
    let whole = Server::start(|_, body| (200, first_letter(body)));
    let said = Scratch::new().expect(0, &on(&whole.url(), &[]));
    assert!(!said.contains("\nanswers "), "{said}");
}

#[test]
fn money_is_counted_and_capped() {
    let server = Server::start(|_, body| (200, first_letter(body)));
    let scratch = Scratch::new();
    scratch.write("prices.toml", PRICES);
    let url = server.url();
    let short = ["--answer-tokens", "64"];
    let money = ["--budget-usd", "0.90", "--prices", "prices.toml"];
    let whole = ["--method", "motjuste-unraced"];
    let capped = on(&url, &[&money[..], &short, &whole].concat());
    scratch.refused(2, &on(&url, &["--budget-usd", "0.90"]), &["no price", "--prices"]);
    assert_eq!(server.requests(), 0);
    scratch.expect(3, &capped);
    let ledger = &scratch.json("out/result.json")["ledger"];
    let spent =
        ["target", "generator", "assessment"].map(|role| ledger[role]["usd"].as_f64().unwrap());
    assert!(spent.iter().sum::<f64>() <= 0.90 && spent[0] > 0.0, "{spent:?}");
}

#[test]
fn an_estimate_calls_nobody_and_names_every_role() {
    let server = Server::start(|_, body| (200, first_letter(body)));
    let scratch = Scratch::new();
    scratch.write("prices.toml", PRICES);
    let url = server.url();
    let mut arguments = on(&url, &["--prices", "prices.toml"]);
    arguments[0] = "estimate";
    let said = scratch.expect(0, &arguments);
    assert!(said.contains("generator") && said.contains("target") && said.contains('$'), "{said}");
    arguments.push("--json");
    let said: serde_json::Value = serde_json::from_str(&scratch.expect(0, &arguments)).unwrap();
    let (most, expected) = (&said["worst_case"]["target"], &said["expected"]["target"]);
    assert!(most["calls"] == 16 * 6 && expected["calls"] == most["calls"], "{said}");
    for what in ["tokens_in", "tokens_out"] {
        let tokens = |cost: &serde_json::Value| cost["usage"][what].as_u64().unwrap();
        assert!(0 < tokens(expected) && 2 * tokens(expected) <= tokens(most), "{said}");
    }
    assert_eq!(server.requests(), 0);
    assert!(!scratch.path(".motjuste").exists(), "nothing is kept");
}

#[test]
fn refusals_of_a_server_end_the_run_with_what_to_do() {
    let cases = [
        (401, json!({ "error": { "message": "no such key" } }), "no such key"),
        (404, json!({ "error": { "message": "The model `m` does not exist" } }), "does not exist"),
        (400, json!({ "error": { "message": "maximum context length is 8 tokens" } }), "context"),
        (
            429,
            json!({ "error": { "message": "over quota", "code": "insufficient_quota" } }),
            "quota",
        ),
    ];
    for (status, reply, word) in cases {
        let server = Server::start(move |_, _| (status, reply.clone()));
        let scratch = Scratch::new();
        scratch.refused(5, &on(&server.url(), &["--concurrency", "4"]), &[word, "help:"]);
        assert!(server.requests() <= 4, "{status}: {} calls", server.requests());
    }
}

#[test]
fn a_missing_key_is_named_and_a_key_is_never_told() {
    let scratch = Scratch::new();
    let run = |key: Option<&str>, target: &str, url: &str| {
        let mut command = scratch.command(SMALL);
        command
            .args(["--target", target])
            .env_remove("OPENAI_API_KEY")
            .env_remove("OPENAI_BASE_URL");
        if !url.is_empty() {
            command.args(["--target-url", url]);
        }
        key.map(|key| command.env("OPENAI_API_KEY", key));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(None, "openai/gpt-4.1-mini", "");
    assert_eq!(code, Some(2));
    assert!(said.contains("OPENAI_API_KEY"), "{said}");
    let server = Server::start(|_, body| {
        (401, json!({ "error": { "message": format!("wrong key sk-secret in {body}") } }))
    });
    let (code, said) = run(Some("sk-secret"), "openai/m", &server.url());
    assert_eq!(code, Some(5), "{said}");
    assert!(!said.contains("sk-secret"), "{said}");
}

#[test]
fn a_judge_and_a_program_score() {
    let server = Server::start(|_, body| {
        let prompt = body["messages"][0]["content"].as_str().unwrap();
        (200, chat(if prompt.contains("Answer: ?") { "Score: 0" } else { "Score: 10" }))
    });
    let scratch = Scratch::new();
    let judged = crate::scratch::task_file()
        .replace("\"induction_exact_match\"", "{ judge = \"openai_compatible/judge\" }");
    scratch.write("task.toml", judged);
    let url = server.url();
    scratch.expect(0, &[SMALL, &["--judge-url", &url]].concat());
    let result = scratch.json("out/result.json");
    assert!(result["ledger"]["judge"]["calls"].as_u64().unwrap() > 0);
    let estimate = ["estimate", "task.toml", "--judge-url", &url];
    let said = scratch.expect(0, &estimate);
    assert!(said.contains("no price is known for openai_compatible/judge"), "{said}");
    let program = crate::scratch::task_file()
        .replace("\"induction_exact_match\"", "{ command = [\"sed\", \"s/.*/0.5/\"] }");
    scratch.write("task.toml", program);
    scratch.expect(0, SMALL);
    assert_eq!(scratch.json("out/result.json")["test"]["score"], 0.5);
}

#[test]
fn wrong_models_and_options_are_refused_before_anything_is_spent() {
    let scratch = Scratch::new();
    let refused = |more: &[&str], words: &[&str]| {
        scratch.refused(2, &[SMALL, more].concat(), words);
    };
    let served = |more: &[&str], words: &[&str]| {
        scratch.refused(2, &[&["run", "task.toml", "--out", "out"], more].concat(), words);
    };
    served(&["--method", "uniform", "--generator", "hosted_vllm/m"], &["--embedder"]);
    served(&["--generator", "openai/m", "--embedder", "embedded"], &["openai", "help:"]);
    refused(&["--target-url", "http://127.0.0.1:1/v1"], &["runs in this process"]);
    refused(&["--precision", "q8_0"], &["apply to none"]);
    refused(&["--draws", "3"], &["temperature 0"]);
    refused(&["--temperature", "9"], &["between 0 and 2"]);
    let models = repository().join("crates/motjuste-lm/tests");
    let tiny = models.join("fixtures/tiny-llama");
    let always = ["--target", tiny.to_str().unwrap(), "--chat-template", "always"];
    scratch.refused(5, &[SMALL, &always].concat(), &["chat template", "help:"]);
    scratch.write("odd.gguf", "GGUF but not really");
    scratch.refused(5, &[SMALL, &["--target", "odd.gguf"]].concat(), &["odd.gguf"]);
}

#[test]
fn a_served_generator_of_another_width_is_named() {
    let server = Server::start(|_, _| {
        let message = "prompt_embeds hidden_size 96 does not match the model's hidden_size 256";
        (400, json!({ "error": { "message": message, "code": 400 } }))
    });
    let scratch = Scratch::new();
    let url = server.url();
    let served =
        ["--generator", "hosted_vllm/m", "--generator-url", &url, "--embedder", "embedded"];
    let run = ["run", "task.toml", "--set", "pool.size=48", "--out", "out"];
    scratch.refused(5, &[&run[..], &served].concat(), &["hidden", "help:"]);
    let doctor = [&["doctor"], &served[..], &["--target", "embedded"]].concat();
    let said = scratch.expect(5, &doctor);
    assert!(said.contains("✗ generator") && said.contains("✓ target"), "{said}");
}

#[test]
fn calls_without_an_answer_are_told_where_a_run_failed_and_where_it_is_looked_at() {
    // The first six answers are whole; then nothing that can be read comes.
    let server = Server::start(|count, body| match count {
        0..6 => (200, first_letter(body)),
        _ => (200, json!({})),
    });
    let (scratch, url) = (Scratch::new(), server.url());
    let target = ["--target", "openai_compatible/m", "--target-url", &url, "--attempts", "2"];
    let run = [SMALL, &target, &["--yes", "--concurrency", "1"]].concat();
    scratch.tells(
        5,
        &run,
        &["used until it failed, and kept:", "target", "lost without an answer"],
    );
    let shown = scratch.expect(0, &["show", "first"]);
    assert!(shown.contains("calls may have been charged for: up to"), "{shown}");
    let told: Value =
        serde_json::from_str(&scratch.expect(0, &["show", "first", "--json"])).unwrap();
    assert!(told["open"]["calls"].as_u64().unwrap() >= 2, "{told}");
    assert_eq!(told["open"]["calls"], told["open"]["lost"]);
}
