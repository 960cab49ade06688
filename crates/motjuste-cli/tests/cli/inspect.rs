//! `motjuste inspect`, and what the page tells of a study by OPRO.

use serde_json::Value;

use crate::scratch::{SMALL, Scratch};
use crate::server::{Server, chat, first_letter};

/// A study of two steps, with meta-prompts short enough for the embedded model.
const OPRO: &[&str] = &[
    "run",
    "task.toml",
    "--method",
    "opro",
    "--out",
    "out",
    "--set",
    "steps=2",
    "--set",
    "batch=4",
    "--set",
    "shown=2",
    "--set",
    "exemplars=1",
    "--set",
    "max_tokens=32",
];

#[test]
fn every_step_is_told_with_its_meta_prompt_and_what_was_dropped() {
    let scratch = Scratch::new();
    scratch.expect(0, OPRO);
    let said = scratch.expect(0, &["inspect", "--json"]);
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(steps.len(), 2);
    for step in &steps {
        let replies = step["replies"].as_array().unwrap();
        let new = replies.iter().filter(|reply| reply["dropped"].is_null()).count();
        assert_eq!((replies.len(), new), (4, step["trials"].as_array().unwrap().len()));
    }
    let told = scratch.expect(0, &["inspect", "first_letter-opro"]);
    assert!(told.contains("step   1") && told.contains("4 replies: "), "{told}");
    let asked = scratch.expect(0, &["inspect", "--meta-prompt", "2", "--task", "task.toml"]);
    for shown in steps[1]["trajectory"].as_array().unwrap() {
        assert!(asked.contains(shown["instruction"].as_str().unwrap()), "{asked}");
    }
    let page = scratch.read("out/report.html");
    assert!(
        page.contains("Dev score against test score") && page.contains("The whole meta-prompt")
    );
    let task = ["report", "first_letter-opro", "--task", "task.toml", "--out", "again"];
    scratch.expect(0, &task);
    assert_eq!(scratch.read("again/report.html"), page);
}

#[test]
fn what_cannot_be_shown_is_refused_with_the_way_out() {
    let scratch = Scratch::new();
    scratch.refused(6, &["inspect"], &["no store", "help:"]);
    scratch.expect(0, SMALL);
    scratch.refused(2, &["inspect"], &["its method is motjuste", "motjuste trials"]);
    scratch.expect(0, OPRO);
    let opro = ["inspect", "first_letter-opro", "--meta-prompt"];
    scratch.refused(2, &[&opro[..], &["1"]].concat(), &["shows examples", "--task"]);
    scratch.refused(
        2,
        &[&opro[..], &["9", "--task", "task.toml"]].concat(),
        &["no step 9", "1 to 2"],
    );
    scratch.refused(
        2,
        &["inspect", "first_letter-opro", "--task", "task.toml"],
        &["--meta-prompt"],
    );
}

#[test]
fn a_writer_of_nothing_is_told_with_what_helps_and_shown_with_what_it_was_asked() {
    let server = Server::start(|_, body| {
        let asked = body["messages"][0]["content"].as_str().unwrap_or_default();
        let is_writer = asked.contains("</instruction>");
        (200, if is_writer { chat("I am here to help.") } else { first_letter(body) })
    });
    let scratch = Scratch::new();
    let (url, prompt) = (server.url(), "Say the first letter.\n");
    scratch.write("prompt.txt", prompt);
    let models = ["--target", "openai_compatible/m", "--target-url", &url];
    let run = ["run", "task.toml", "--start", "prompt.txt", "--budget-trials", "4", "--out", "out"];
    let words = ["no instruction in the reply", "--generator", "--set max_tokens=N", "inspect"];
    scratch.tells(0, &[&run[..], &models].concat(), &words);
    // Without a prompt in use there is nothing to keep.
    let none = ["run", "task.toml", "--budget-trials", "4", "--out", "none", "--store", "none.db"];
    scratch.tells(5, &[&none[..], &models].concat(), &words[..2]);
    assert!(!scratch.path("none/prompt.txt").exists());
    let told = scratch.expect(0, &["inspect"]);
    assert!(told.contains("no instruction in the reply: “I am here to help.”"), "{told}");
    let asked = scratch.expect(0, &["inspect", "--meta-prompt", "0", "--task", "task.toml"]);
    assert_eq!(asked.matches("# The task").count(), 5, "{asked}");
    assert!(asked.contains("Say the first letter."), "{asked}");
    scratch.refused(2, &["inspect", "--meta-prompt", "99"], &["no step 99", "steps 0 to"]);
    let tokens = [&run[..], &models, &["--instruction-tokens", "9"]].concat();
    scratch.refused(2, &tokens, &["motjuste-chat asks the generator in words", "max_tokens=9"]);
}
