//! Nothing that a model, a program or a file says acts on the terminal.

use serde_json::json;

use crate::scratch::{SMALL, Scratch, task_file};
use crate::server::{Server, chat, first_letter};

const HOSTILE: &str = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";

/// Whether a text holds what a terminal or the direction of writing obeys.
fn acts(text: &str) -> Option<char> {
    let harmless = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().find(|c| !harmless(c) || ('\u{202a}'..='\u{202e}').contains(c))
}

/// Everything that a command says, which must do nothing; what it prints.
fn says(scratch: &Scratch, code: i32, arguments: &[&str]) -> String {
    let output = scratch.motjuste(arguments);
    let [printed, beside] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{beside}");
    for text in [&printed, &beside] {
        assert_eq!(acts(text), None, "{arguments:?}\n{text:?}");
    }
    printed.into_owned()
}

#[test]
fn instructions_of_a_model_are_shown_and_obeyed_by_nobody() {
    let reply = format!("<INS>Write the first letter{HOSTILE},\nplease.</INS>");
    let server = Server::start(move |_, body| match body["model"].as_str() {
        Some("writer") => (200, chat(&reply)),
        _ => (200, first_letter(body)),
    });
    let (scratch, url) = (Scratch::new(), server.url());
    let models = [
        "--generator",
        "openai_compatible/writer",
        "--generator-url",
        &url,
        "--target",
        "openai_compatible/answerer",
        "--target-url",
        &url,
    ];
    let opro = ["run", "task.toml", "--method", "opro", "--set", "steps=3", "--set", "batch=2"];
    let run =
        [&opro[..], &models, &["--set", "initial=[\"Answer.\"]", "--yes", "--out", "out"]].concat();
    let told = says(&scratch, 0, &run);
    assert!(told.contains("␛]0;pwned␇"), "{told}");
    let wants = [("show", true), ("trials", true), ("inspect", false)];
    for (command, shows) in wants {
        let told = says(&scratch, 0, &[command]);
        assert_eq!(told.contains('␛'), shows, "{command}: {told}");
        says(&scratch, 0, &[command, "--json"]);
    }
    let listed = says(&scratch, 0, &["trials"]);
    let of_model = listed.lines().find(|line| line.contains("pwned")).unwrap();
    assert!(of_model.ends_with("⏎please."), "one line: {listed}");
    says(&scratch, 0, &["show", "first"]);
    let asked = says(&scratch, 0, &["inspect", "--meta-prompt", "2", "--task", "task.toml"]);
    assert!(asked.contains('␛'), "{asked}");
    // What others read is exact where it is no terminal.
    let best = scratch.expect(0, &["best"]);
    assert_eq!(best, scratch.read("out/prompt.txt") + "\n");
    assert!(best.contains(HOSTILE), "{best:?}");
    let json: serde_json::Value =
        serde_json::from_str(&says(&scratch, 0, &["best", "--json"])).unwrap();
    assert_eq!(json["instruction"], best.trim_end_matches('\n'));
}

#[test]
fn rows_answers_programs_and_errors_are_shown_and_obeyed_by_nobody() {
    let server = Server::start(|_, _| (200, chat(HOSTILE)));
    let refusing = Server::start(|_, _| (400, json!({ "error": { "message": HOSTILE } })));
    let (scratch, url) = (Scratch::new(), server.url());
    let target = ["--target", "openai_compatible/m", "--target-url", &url];
    says(&scratch, 0, &[&["eval", "task.toml", "--instruction", HOSTILE], &target[..]].concat());
    let refused = ["--target", "openai_compatible/m", "--target-url", &refusing.url()];
    let failing = [&["eval", "task.toml", "--instruction", "x"], &refused[..]].concat();
    says(&scratch, 5, &failing);
    scratch.write("answers", format!("{HOSTILE}\n").repeat(8));
    says(&scratch, 0, &["score", "task.toml", "--answers", "answers"]);
    says(&scratch, 2, &["run", &format!("{HOSTILE}.toml.yaml")]);
    says(&scratch, 6, &["best", HOSTILE, "--store", HOSTILE]);
    #[cfg(unix)]
    {
        let metric =
            "{ command = [\"sh\", \"-c\", \"printf '\\\\033]0;x\\\\007\\\\n' >&2; exit 3\"] }";
        scratch.write("p.toml", task_file().replace("\"induction_exact_match\"", metric));
        says(&scratch, 4, &[&["eval", "p.toml", "--instruction", "x"], &target[..]].concat());
        let said = "{ command = [\"sh\", \"-c\", \"while read -r l; do printf '\\\\033]0;x\\\\007\\\\n'; done\"] }";
        scratch.write("q.toml", task_file().replace("\"induction_exact_match\"", said));
        says(&scratch, 4, &[&["eval", "q.toml", "--instruction", "x"], &target[..]].concat());
    }
}

#[test]
fn what_the_log_tells_does_nothing() {
    let server = Server::start(|_, _| (503, json!({ "error": { "message": HOSTILE } })));
    let (scratch, url) = (Scratch::new(), server.url());
    let target = ["--target", "openai_compatible/m", "--target-url", &url, "--attempts", "1"];
    says(
        &scratch,
        5,
        &[&["eval", "task.toml", "--instruction", "x", "-vvv"], &target[..]].concat(),
    );
}

#[test]
fn an_instruction_is_told_when_it_becomes_the_best_and_not_again() {
    let scratch = Scratch::new();
    let output = scratch.motjuste(SMALL);
    let said = String::from_utf8_lossy(&output.stderr);
    let mut told: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once(", best ")?.1.split_once(": "))
        .map(|it| it.1)
        .collect();
    let all = told.len();
    told.dedup();
    assert_eq!(told.len(), all, "{said}");
    assert!(said.contains("16/16 trials"), "{said}");
}

#[test]
fn the_program_describes_itself() {
    let scratch = Scratch::new();
    scratch.refused(2, &["rnu", "task.toml"], &["run"]);
    scratch.refused(2, &["trails"], &["trials"]);
    let page = scratch.expect(0, &["man"]);
    assert!(page.starts_with(".ie") && page.contains("motjuste"), "{page}");
    let page = scratch.expect(0, &["man", "run"]);
    assert!(page.contains("stop\\-at\\-score") && page.contains("motjuste\\-run"), "{page}");
    scratch.refused(2, &["man", "rnu"], &["no command rnu", "motjuste help"]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(scratch.expect(0, &["completions", shell]).contains("motjuste"), "{shell}");
    }
    scratch.expect(0, SMALL);
    scratch.refused(2, &["inspect", "first"], &["has no steps", "motjuste trials"]);
}
