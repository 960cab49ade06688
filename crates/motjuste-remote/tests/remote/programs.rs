//! Programs as models: what they are asked, and every way in which they can fail.

#![cfg(unix)]

use std::time::Duration;

use motjuste::model::{Completion, Decoding, Model, Parts, Request};
use motjuste::task::Example;
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use motjuste_remote::{Environment, ProgramModel, ProgramSettings};
use serde_json::json;

use crate::server::KEY;

/// A shell's loop over lines; `$line` is the question. Some shells' `echo` reads `\\n` as a line's end.
fn each(body: &str) -> String {
    format!(
        "sh -c '{}'",
        format!("while IFS= read -r line; do {body}; done").replace('\'', "'\\''")
    )
}

fn program(command: &str, processes: usize) -> ProgramModel {
    let environment = Environment::of([("APP_KEY", KEY)]);
    let timeout = Duration::from_secs(20);
    ProgramModel::open(
        command,
        &ProgramSettings { processes, timeout, environment, ..ProgramSettings::default() },
    )
    .unwrap()
}

/// The instruction put to a row with columns.
fn row(question: &str) -> Request {
    let columns = json!({ "question": question, "difficulty": 3 });
    let example = Example::new(question, ["?"]).with_columns(columns.as_object().unwrap().clone());
    let parts = Some(Box::new(Parts::of("Be brief.", &example, &[])));
    Request { parts, ..Request::new(format!("Be brief.\n{question}"), Decoding::greedy(8)) }
}

async fn ask(command: &str) -> Result<Completion> {
    program(command, 1).answer(&row("why?")).await
}

async fn failed(command: &str) -> Error {
    let error = ask(command).await.unwrap_err();
    assert!(error.is_model() && error.is_of_one_request() && error.may_be_billed(), "{error:?}");
    assert!(error.help().is_some());
    error
}

#[tokio::test]
async fn a_program_reads_the_row_and_its_answer_is_read_to_the_byte() {
    let app = each(
        r#"case "$line" in
            *"\"instruction\":\"Be brief.\""*"\"question\":\"why?\""*)
                echo "{\"answer\": \" so.\\u000a\", \"usage\": {\"input_tokens\": 5, \"output_tokens\": 2}}";;
            *) echo "{\"error\": \"not what I expected\"}";;
        esac"#,
    );
    let answer = ask(&app).await.unwrap();
    assert_eq!(answer.text, " so.\n");
    assert_eq!(answer.usage, Usage { tokens_in: 5, tokens_out: 2 });
}

#[tokio::test]
async fn questions_are_put_side_by_side_and_answers_are_never_mixed_up() {
    let echo = each(r#"q=${line##*\"question\":\"}; echo "{\"answer\": \"${q%%\"*} by $$\"}""#);
    let model = program(&echo, 3);
    let requests: Vec<Request> = (0..40).map(|number| row(&format!("n{number}"))).collect();
    let mut processes = std::collections::BTreeSet::new();
    for (number, answer) in model.complete(&requests).await.into_iter().enumerate() {
        let text = answer.unwrap().text;
        let (question, process) = text.split_once(" by ").unwrap();
        assert_eq!(question, format!("n{number}"));
        processes.insert(process.to_owned());
    }
    assert!((1..=3).contains(&processes.len()), "{processes:?}");
}

#[tokio::test]
async fn a_crash_is_told_with_what_the_program_said_last_and_another_process_goes_on() {
    let error = failed("sh -c 'read -r line; echo \"KeyError: topic\" >&2; exit 3'").await;
    assert!(error.is_transient());
    let said = error.to_string();
    assert!(
        said.contains("exit status: 3") && said.ends_with("it said: KeyError: topic"),
        "{said}"
    );
    let model = program(
        &each(r#"case "$line" in *bad*) exit 7;; *) echo "{\"answer\": \"ok\"}";; esac"#),
        1,
    );
    for question in ["good", "bad", "good", "bad"] {
        let answer = model.answer(&row(question)).await;
        assert_eq!(answer.is_ok(), question == "good", "{question}");
    }
}

#[tokio::test]
async fn a_program_that_answers_once_and_ends_is_started_for_each_question() {
    let model = program("sh -c 'read -r line; printf \"{\\\"answer\\\": \\\"once\\\"}\"'", 1);
    for _ in 0..3 {
        assert_eq!(model.answer(&row("why?")).await.unwrap().text, "once");
    }
}

#[tokio::test]
async fn a_program_may_write_something_down_when_no_question_comes_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let traces = folder.path().join("traces");
    let body = "while read -r line; do echo \"{\\\"answer\\\": 1}\"; done; sleep 0.2; echo done > ";
    let model = program(&format!("sh -c '{body}{}'", traces.display()), 1);
    assert_eq!(model.answer(&row("why?")).await.unwrap().text, "1");
    drop(model);
    assert_eq!(std::fs::read_to_string(traces).unwrap().trim(), "done");
}

#[tokio::test]
async fn silence_is_a_failure_and_the_process_and_its_children_are_ended() {
    let folder = tempfile::tempdir().unwrap();
    let alive = folder.path().join("alive");
    let command = format!("sh -c 'read -r line; (sleep 1; touch {}) & sleep 60'", alive.display());
    let timeout = Duration::from_millis(200);
    let settings = ProgramSettings { timeout, ..ProgramSettings::default() };
    let model = ProgramModel::open(&command, &settings).unwrap();
    let error = model.answer(&row("why?")).await.unwrap_err();
    assert!(error.to_string().contains("no answer in 0.2 s") && error.is_transient(), "{error}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!alive.exists());
}

#[tokio::test]
async fn garbage_is_a_failure_and_never_an_answer() {
    for (written, word) in [
        ("Loading the model", "Loading the model"),
        ("{}", "neither"),
        ("{\"answer\": null}", "neither"),
        ("{\"id\": 99, \"answer\": \"late\"}", "question 99"),
        ("{\"answer\": \"cut", "no reply"),
    ] {
        let error = failed(&each(&format!("echo '{written}'"))).await;
        assert!(error.to_string().contains(word) && error.is_transient(), "{error}");
    }
}

#[tokio::test]
async fn a_line_too_many_is_not_the_answer_to_the_next_question() {
    let model = program(
        &each("echo \"{\\\"answer\\\": \\\"a\\\"}\"; echo \"{\\\"answer\\\": \\\"b\\\"}\""),
        1,
    );
    assert_eq!(model.answer(&row("one")).await.unwrap().text, "a");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let error = model.answer(&row("two")).await.unwrap_err();
    assert!(error.to_string().contains("nobody had asked for"), "{error}");
}

#[tokio::test]
async fn an_error_that_a_program_reports_says_whether_to_try_again() {
    let once = failed(&each("echo '{\"error\": \"no such tool\"}'")).await;
    assert!(once.to_string().ends_with("reported: no such tool") && !once.is_transient());
    let again = failed(&each("echo '{\"error\": \"busy\", \"retry\": true}'")).await;
    assert!(again.is_transient());
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_the_persons_to_mend() {
    let error = ask("no-such-program --x").await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("no-such-program"), "{error}");
    for command in ["", "sh -c 'open"] {
        let settings = ProgramSettings::default();
        assert!(ProgramModel::open(command, &settings).unwrap_err().is_configuration());
    }
}

#[tokio::test]
async fn variables_of_a_file_reach_the_program_and_secrets_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.env");
    std::fs::write(&file, format!("THEIR_TOKEN={KEY}\n")).unwrap();
    let environment = Environment::of([]).with_file(&file).unwrap();
    let command = each("echo \"told $THEIR_TOKEN\" >&2; exit 1");
    let settings = ProgramSettings { environment, ..ProgramSettings::default() };
    let model = ProgramModel::open(&command, &settings).unwrap();
    let error = model.answer(&row("why?")).await.unwrap_err();
    assert!(error.to_string().ends_with("told [hidden]"), "{error}");
}

#[test]
fn a_changed_script_is_another_model() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("app.sh");
    let command = format!("sh {}", script.display());
    let identity = |content: &str| {
        std::fs::write(&script, content).unwrap();
        program(&command, 1).id().to_owned()
    };
    assert_ne!(identity("echo 1"), identity("echo 0"));
}
