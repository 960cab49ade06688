//! The job of a person with a prompt in use, a table of their own and an API.

use serde_json::{Value, json};

use crate::scratch::Scratch;
use crate::server::{Server, chat};

const TASK: &str = r#"
name = "tickets"
description = "Tickets of customers go to one of three queues."
metric = "label"
[data]
examples = "tickets.csv"
input = "Ticket"
output = "Queue"
"#;

/// Sixty tickets with semicolons between the columns, as a spreadsheet writes them.
fn tickets() -> String {
    let queues = ["refund", "shipping", "login"];
    let row = |n: usize| {
        let queue = queues[n % 3];
        format!("\"Number {n}; about {queue}\";{queue}\r\n")
    };
    "\u{feff}Ticket;Queue\r\n".to_owned() + &(0..60).map(row).collect::<String>()
}

fn said<'a>(body: &'a Value, role: &str) -> &'a str {
    let messages = body["messages"].as_array().unwrap();
    let found = messages.iter().find(|message| message["role"] == role);
    found.and_then(|message| message["content"].as_str()).unwrap_or_default()
}

/// A model that rambles unless it is told "only", and that writes instructions which say so.
fn model(writes: &'static str) -> Server {
    Server::start(move |number, body| {
        let asked = said(body, "user");
        if asked.contains("</instruction>") {
            return (200, chat(&writes.replace("{n}", &number.to_string())));
        }
        let queue = asked.rsplit(' ').next().unwrap_or_default().trim();
        let brief = said(body, "system").contains("only");
        (200, chat(&if brief { queue.to_owned() } else { "Refund, shipping or login.".into() }))
    })
}

fn run(scratch: &Scratch, server: &Server, more: &[&str]) -> String {
    scratch.write("tickets.csv", tickets());
    scratch.write("task.toml", TASK);
    scratch.write("prompt.txt", "You are our desk. Name the queue.\n");
    let url = server.url();
    let target = ["--target", "openai_compatible/m", "--target-url", &url];
    let base = ["run", "task.toml", "--yes", "--budget-trials", "6", "--out", "out"];
    scratch.expect(0, &[&base, &target[..], more].concat())
}

const BETTER: &str = "<instruction>Answer only with the queue, take {n}.</instruction>";

#[test]
fn with_a_key_and_a_prompt_alone_a_better_prompt_is_found_and_proven() {
    let (scratch, server) = (Scratch::new(), model(BETTER));
    let told = run(&scratch, &server, &["--start", "prompt.txt"]);
    let order = [
        "Answer only with the queue",
        "winner",
        "yours",
        "Better than your prompt, by 1.00",
        "files",
    ];
    let places: Vec<usize> = order.iter().map(|word| told.find(word).expect(word)).collect();
    assert!(places.is_sorted(), "{told}");
    let result = scratch.json("out/result.json");
    assert_eq!(result["keep_yours"], false);
    assert_eq!(result["baselines"]["yours"]["test"]["score"], 0.0);
    assert_eq!(result["baselines"]["yours"]["instruction"], "You are our desk. Name the queue.");
    let prompt = scratch.read("out/prompt.txt");
    assert!(prompt.starts_with("Answer only"), "{prompt}");
    let messages = json!([
        { "role": "system", "content": prompt },
        { "role": "user", "content": "{{ input }}" },
    ]);
    assert_eq!(scratch.json("out/messages.json")["messages"], messages);
    assert!(scratch.read("out/report.html").contains("Yours"));
}

#[test]
fn a_prompt_that_nothing_beats_is_what_is_written() {
    let worse = "<instruction>Think about the queue, take {n}.</instruction>";
    let (scratch, server) = (Scratch::new(), model(worse));
    let told = run(&scratch, &server, &["--start", "prompt.txt"]);
    assert!(told.contains("Keep yours"), "{told}");
    assert_eq!(scratch.read("out/prompt.txt"), "You are our desk. Name the queue.");
}

/// A writer that keeps the placeholders it is told of, and reads them off nothing else.
fn keeps_what_it_is_told() -> Server {
    Server::start(|number, body| {
        let asked = said(body, "user");
        if !asked.contains("</instruction>") {
            let queue = asked.rsplit(' ').next().unwrap_or_default();
            let brief = asked.contains("only");
            return (200, chat(if brief { queue } else { "Refund, shipping or login." }));
        }
        let told = asked.contains("as often as here: {{ Ticket }}");
        let slot = if told { ": {{ Ticket }}" } else { "." };
        (200, chat(&format!("<instruction>Say only the queue, take {number}{slot}</instruction>")))
    })
}

/// A prompt that names the column of the input is found anew from examples, too, where the writer is shown no prompt.
#[test]
fn a_writer_is_told_of_the_placeholders_of_the_prompt_in_use() {
    let (scratch, server) = (Scratch::new(), keeps_what_it_is_told());
    scratch.write("whole.txt", "Name the queue of {{ Ticket }}");
    let told = run(&scratch, &server, &["--start", "whole.txt", "--set", "sources=[\"induce\"]"]);
    assert!(told.contains("Better than your prompt, by 1.00"), "{told}");
    let prompt = scratch.read("out/prompt.txt");
    assert!(prompt.starts_with("Say only") && prompt.ends_with("{{ Ticket }}"), "{prompt}");
}

/// Without an instruction, `eval` scores the prompt in use.
#[test]
fn the_prompt_in_use_is_what_is_scored_unless_another_is_given() {
    let (scratch, server) = (Scratch::new(), keeps_what_it_is_told());
    scratch.write("tickets.csv", tickets());
    scratch.write("whole.txt", "Say only the queue of {{ Ticket }}");
    let url = server.url();
    let eval = ["eval", "task.toml", "--target", "openai_compatible/m", "--target-url", &url];
    scratch.write("task.toml", TASK);
    scratch.refused(2, &eval, &["no instruction to score", "start = FILE"]);
    scratch.write("task.toml", format!("start = \"whole.txt\"\n{TASK}"));
    let said = scratch.expect(0, &eval);
    assert!(said.contains("score       1.00") && said.contains("{{ Ticket }}"), "{said}");
}

/// A method whose published prompt says nothing of placeholders loses its texts, and what helps is told.
#[test]
fn a_writer_that_loses_the_placeholders_is_told_with_what_helps() {
    let (scratch, server) = (Scratch::new(), keeps_what_it_is_told());
    scratch.write("whole.txt", "Name the queue of {{ Ticket }}");
    scratch.write("tickets.csv", tickets());
    scratch.write("task.toml", TASK);
    let url = server.url();
    let run = ["run", "task.toml", "--method", "ape", "--start", "whole.txt", "--yes"];
    let models = ["--target", "openai_compatible/m", "--target-url", &url, "--budget-trials", "6"];
    scratch.tells(0, &[&run[..], &models].concat(), &["changes the placeholder", "[[edit]]"]);
}

#[test]
fn a_marked_part_alone_changes_and_the_whole_is_written() {
    let (scratch, server) = (Scratch::new(), model(BETTER));
    scratch.write("marked.txt", "Be safe {user}. [[edit]]Name the queue.[[/edit]] Thanks.");
    run(&scratch, &server, &["--start", "marked.txt"]);
    let prompt = scratch.read("out/prompt.txt");
    assert!(prompt.starts_with("Be safe {user}. Answer only"), "{prompt}");
    assert!(prompt.ends_with(" Thanks."), "{prompt}");
}

#[test]
fn a_start_that_is_typed_as_a_setting_is_shown_its_flag() {
    let scratch = Scratch::new();
    let given = ["run", "task.toml", "--set", "initial=[\"Say it.\"]", "--yes"];
    scratch.refused(2, &given, &["no setting `initial`", "--start FILE"]);
}

#[test]
fn the_embedded_writer_is_refused_for_a_task_that_it_does_not_know() {
    let scratch = Scratch::new();
    scratch.write("tickets.csv", tickets());
    scratch.write("task.toml", TASK);
    let words = ["trained on", "\"tickets\"", "--target openai/gpt-4.1-mini"];
    scratch.refused(2, &["run", "task.toml", "--yes"], &words);
}

#[test]
fn answers_that_are_all_empty_stop_the_run_at_once() {
    let server = Server::start(|_, body| {
        let is_asked = said(body, "user").contains("</instruction>");
        (200, chat(if is_asked { "<instruction>Say it.</instruction>" } else { "" }))
    });
    let scratch = Scratch::new();
    scratch.write("tickets.csv", tickets());
    scratch.write("task.toml", TASK);
    let url = server.url();
    let target = ["--target", "openai_compatible/m", "--target-url", &url];
    let base = ["run", "task.toml", "--yes", "--budget-trials", "30"];
    scratch.refused(5, &[&base, &target[..]].concat(), &["are all empty"]);
    assert!(server.requests() < 40, "{}", server.requests());
}

/// A model that never ends its thinking, and that the server does not take off: or the server does, and tells.
fn thinker(passes_on: bool) -> Server {
    Server::start(move |_, _| {
        let mut answer = chat(if passes_on { "<think>Perhaps it is login, or" } else { "" });
        answer["choices"][0]["finish_reason"] = "length".into();
        answer["usage"]["completion_tokens_details"] = json!({ "reasoning_tokens": 300 });
        (200, answer)
    })
}

#[test]
fn answers_cut_in_a_thought_name_the_room_for_thinking_wherever_they_are_told() {
    for passes_on in [true, false] {
        let (scratch, server) = (Scratch::new(), thinker(passes_on));
        scratch.write("tickets.csv", tickets());
        scratch.write("task.toml", format!("start = \"Answer only with the queue.\"\n{TASK}"));
        let url = server.url();
        let target = ["--target", "openai_compatible/m", "--target-url", &url];
        let told = |code, command: &[&str]| {
            let output = scratch.motjuste(&[command, &target].concat());
            assert_eq!(output.status.code(), Some(code), "{command:?} {output:?}");
            let both = [output.stdout, output.stderr].concat();
            String::from_utf8(both).unwrap()
        };
        let eval = told(0, &["eval", "task.toml", "--instruction", "Say it."]);
        let line = eval.lines().find(|line| line.starts_with("answers")).unwrap();
        assert!(line.contains("18 cut short while thinking"), "{line}");
        assert!(
            line.contains("(--thinking-tokens N") && !line.contains("--answer-tokens"),
            "{line}"
        );
        let run = told(5, &["run", "task.toml", "--yes", "--budget-trials", "30"]);
        let help = run.lines().find(|line| line.contains("help:")).unwrap();
        assert!(help.contains("(--thinking-tokens N)"), "{run}");
        let doctor = told(5, &["doctor", "task.toml"]);
        let row = doctor.lines().find(|line| line.contains("before an answer began")).unwrap();
        assert!(row.contains("✗") && doctor.contains("(--thinking-tokens)"), "{doctor}");
    }
}

#[test]
fn doctor_tries_one_row() {
    let (scratch, server) = (Scratch::new(), model(BETTER));
    scratch.write("tickets.csv", tickets());
    scratch.write("task.toml", format!("start = \"Answer only with the queue.\"\n{TASK}"));
    let url = server.url();
    let target = ["doctor", "task.toml", "--target", "openai_compatible/m", "--target-url", &url];
    let told = scratch.expect(0, &target);
    assert!(told.contains("a row of the task") && told.contains("score 1.00"), "{told}");
}
