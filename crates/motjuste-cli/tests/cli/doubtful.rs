//! Tasks that cannot be won are refused, and what is doubtful in them is told.

use crate::scratch::{Scratch, task_file};

/// A task over a file of rows.
fn over(rows: &str, more: &str) -> String {
    format!("name = \"t\"\nmetric = \"exact\"\n{more}\n[data]\nexamples = \"{rows}\"\n")
}

fn rows(count: usize) -> String {
    (0..count).map(|i| format!("{{\"input\": \"word {i}\", \"output\": \"w\"}}\n")).collect()
}

const ESTIMATE: &[&str] = &["estimate", "t.toml", "--generator", "embedded", "--method", "opro"];

#[test]
fn a_prompt_without_instruction_or_row_is_refused_with_what_to_write() {
    let scratch = Scratch::new();
    let template = |follow: &str| format!("{}\n[templates]\nfollow = \"{follow}\"\n", task_file());
    scratch.write("t.toml", template("Input: {{ input }}"));
    scratch.refused(2, ESTIMATE, &["no place for the instruction", "{{ instruction }}"]);
    scratch.write("t.toml", template("{{ instruction }}"));
    scratch.refused(2, ESTIMATE, &["shows nothing of a row", "{{ input }}"]);
    scratch
        .write("t.toml", format!("{}\n[prompt]\nuser = \"{{{{ instruction }}}}\"\n", task_file()));
    scratch.refused(2, ESTIMATE, &["shows nothing of a row", "{{ input }}"]);
    scratch.write("t.toml", template("{{ instruction }} {{ input }}"));
    scratch.expect(0, ESTIMATE);
}

#[test]
fn outputs_that_no_answer_reaches_are_refused() {
    let scratch = Scratch::new();
    scratch.write("t.toml", task_file().replace("output = \"t\"", "output = \"\""));
    scratch.refused(4, ESTIMATE, &["no expected output"]);
}

#[test]
fn files_that_never_end_and_letters_that_no_text_has_are_refused() {
    let scratch = Scratch::new();
    #[cfg(unix)]
    {
        scratch.write("t.toml", over("/dev/zero", ""));
        scratch.refused(4, ESTIMATE, &["/dev/zero", "a pipe or a device"]);
        let pipe = scratch.path("pipe.jsonl");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        scratch.write("t.toml", over("pipe.jsonl", ""));
        scratch.refused(4, ESTIMATE, &["pipe.jsonl", "a pipe or a device"]);
        scratch.refused(4, &["estimate", "pipe.jsonl"], &["a pipe or a device"]);
    }
    scratch.write("t.toml", over("rows.csv", ""));
    scratch.write("rows.csv", "input,output\na,b\nc\0,d\ne,f\n");
    scratch.refused(4, ESTIMATE, &["line 3", "NUL"]);
    scratch.write("rows.csv", "input,input,output\na,b,c\n");
    scratch.refused(4, ESTIMATE, &["two columns are called"]);
    scratch.write("t.toml", over("rows.jsonl", ""));
    scratch
        .write("rows.jsonl", rows(9) + "{\"input\": \"a\", \"input\": \"b\", \"output\": \"w\"}\n");
    scratch.refused(4, ESTIMATE, &["line 10", "\"input\" stands twice"]);
    scratch.write("t.toml", b"name = \"caf\xe9\"\n");
    scratch.refused(4, ESTIMATE, &["not UTF-8 text (line 1)"]);
}

#[test]
fn what_is_doubtful_is_told() {
    let scratch = Scratch::new();
    scratch.write("rows.jsonl", rows(60));
    scratch.write("t.toml", over("rows.jsonl", ""));
    scratch.tells(0, ESTIMATE, &["divided 0.4 : 0.3 : 0.3 into 24 train, 18 dev and 18 test rows"]);
    scratch.write(
        "t.toml",
        over("rows.jsonl", "") + "split = { train = 1, dev = 0.25, test = 0.25 }\n",
    );
    scratch.tells(0, ESTIMATE, &["sum to 1.5", "39 train"]);
    scratch.write("rows.jsonl", rows(12) + "{\"input\": \"word 3\", \"output\": \"x\"}\n");
    scratch.tells(
        0,
        ESTIMATE,
        &["asks the same", "no prompt is right about both", "test rows: that proves"],
    );
}
