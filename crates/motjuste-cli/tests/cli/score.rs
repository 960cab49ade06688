//! Scores that mean their name, and why: given answers, judges and programs.

use serde_json::{Value, json};

use crate::scratch::Scratch;
use crate::server::{Server, chat};

/// A task of one row in each split but the last, whose rows are (input, output).
fn task(metric: &str, rows: &[(&str, Value)]) -> (String, String) {
    let lines = rows.iter().map(|(input, output)| json!({ "input": input, "output": output }));
    let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
    let inline = |input: &str| {
        let output = rows[0].1.to_string();
        format!("{{\"input\": \"{input}\", \"output\": {output}}}")
    };
    let text = format!(
        "name = \"t\"\nmetric = {metric}\n[data]\ntrain = \"train.jsonl\"\ndev = \"dev.jsonl\"\n\
         test = \"test.jsonl\"\n"
    );
    (text, [inline("one"), inline("two"), lines.join("\n")].join("\u{0}"))
}

fn scratch(metric: &str, rows: &[(&str, Value)]) -> Scratch {
    let (text, data) = task(metric, rows);
    let scratch = Scratch::new();
    scratch.write("task.toml", text);
    for (name, content) in
        ["train.jsonl", "dev.jsonl", "test.jsonl"].iter().zip(data.split('\u{0}'))
    {
        scratch.write(name, content);
    }
    scratch
}

const SCORE: &[&str] = &["score", "task.toml", "--answers", "answers.txt"];

/// What scoring these answers, one a line, prints as JSON.
fn scored(metric: &str, pairs: &[(&str, &str)]) -> Value {
    let rows: Vec<(String, Value)> = (pairs.iter().enumerate())
        .map(|(index, (_, output))| (format!("row {index}"), json!(output)))
        .collect();
    let rows: Vec<(&str, Value)> =
        rows.iter().map(|(input, output)| (input.as_str(), output.clone())).collect();
    let scratch = scratch(metric, &rows);
    let answers: Vec<String> =
        pairs.iter().map(|(answer, _)| json!({ "answer": answer }).to_string()).collect();
    scratch.write("answers.txt", answers.join("\n"));
    let said = scratch.expect(0, &[SCORE, &["--json"]].concat());
    serde_json::from_str(&said).unwrap()
}

fn scores(said: &Value) -> Vec<f64> {
    said["answers"].as_array().unwrap().iter().map(|it| it["score"].as_f64().unwrap()).collect()
}

#[test]
fn an_exact_match_is_exact_and_every_wrong_answer_says_why() {
    let pairs = [
        ("claude-4.1", "claude-4.2"),
        ("2.49", "2.50"),
        ("index.html", "index.htm"),
        ("eve@post.net", "eve@post.org"),
        ("10.0.0.7", "10.0.9.9"),
        ("{\"town\": \"St. Ives\"}", "{\"town\": \"St. Austell\"}"),
        ("Ms. Lind", "Ms. Berg"),
        ("F#", "F++"),
    ];
    for metric in ["\"exact_match\"", "\"exact\"", "\"exact_ignore_case\"", "\"normalized\""] {
        let said = scored(metric, &pairs);
        assert_eq!(scores(&said), [0.0; 8], "{metric}");
        for (answer, (given, accepted)) in said["answers"].as_array().unwrap().iter().zip(pairs) {
            let feedback = answer["feedback"].as_str().unwrap();
            assert_eq!(feedback, format!("read {given:?}; accepted: {accepted:?}"));
        }
    }
    let contained = [
        ("It is 2.49", "2.50"),
        ("I am sure that the right label for this one is shipping.", "shipping"),
        ("Because it was late.\nLabel: shipping", "shipping"),
    ];
    assert_eq!(scores(&scored("\"contains\"", &contained)), [0.0, 1.0, 1.0]);
    let thought =
        [("<think>Login?</think>\n```\nrefund\n```", "refund"), ("<think>refund", "refund")];
    let said = scored("\"exact\"", &thought);
    assert_eq!(scores(&said), [1.0, 0.0]);
    assert!(said["answers"][1]["feedback"].as_str().unwrap().contains("never ends"));
}

#[test]
fn echo_says_what_a_task_gives_for_nothing() {
    let rows = [("Good morning", json!("Good evening")), ("same", json!("same"))];
    let scratch = scratch("\"exact\"", &rows);
    let said = scratch.expect(0, &["score", "task.toml", "--echo", "--json"]);
    assert_eq!(scores(&serde_json::from_str(&said).unwrap()), [0.0, 1.0]);
    scratch.write("answers.txt", "x\ny");
    scratch.refused(2, &[SCORE, &["--echo"]].concat(), &["--echo"]);
    scratch.refused(2, &["score", "task.toml"], &["--answers"]);
}

#[test]
fn given_answers_are_shown_with_what_was_read_and_expected() {
    let rows = [("2+2?", json!("4")), ("3+3?", json!("6"))];
    let scratch = scratch("{ name = \"number\", tolerance = 0.1 }", &rows);
    scratch.write(
        "answers.txt",
        "{\"answer\": \"It is 6.05.\", \"row\": 2}\n{\"answer\": \"so 5\", \"row\": 1}\n",
    );
    let said = scratch.expect(0, SCORE);
    assert!(said.contains("✓ 1.00  row 2  “3+3?” → “It is 6.05.”\n        read “6.05”"), "{said}");
    assert!(
        said.contains("✗ 0.00  row 1") && said.contains("read 5; accepted: \"4\"; off by 1"),
        "{said}"
    );
    assert!(said.contains("score       0.50"), "{said}");
    scratch.write("answers.txt", "4");
    scratch.refused(4, SCORE, &["answers.txt, line 1: 1 answers to 2 rows", "help:"]);
    scratch.refused(4, &["score", "task.toml", "--answers", "absent"], &["absent", "help:"]);
    scratch.refused(2, &[SCORE, &["--precision", "q8_0"]].concat(), &["apply to none"]);
    scratch.refused(2, &[SCORE, &["--judge-url", "http://127.0.0.1:1"]].concat(), &["no judge"]);
}

#[test]
fn lists_and_values_are_one_answer() {
    let scratch = scratch("\"labels\"", &[("a", json!(["late", "broken"])), ("b", json!([]))]);
    scratch.write("answers.txt", "late, lost\nlate\n");
    let said: Value =
        serde_json::from_str(&scratch.expect(0, &[SCORE, &["--json"]].concat())).unwrap();
    assert_eq!(scores(&said), [0.5, 0.0]);
    let feedback = said["answers"][0]["feedback"].as_str().unwrap();
    assert_eq!(feedback, "F1 0.50; missing: \"broken\"; surplus: \"lost\"");
}

#[test]
fn a_judge_that_cannot_be_read_leaves_a_row_out_and_is_asked_anew() {
    let server = Server::start(|_, body| {
        let prompt = body["messages"][0]["content"].as_str().unwrap();
        let is_second = body["temperature"].as_f64().unwrap_or_default() > 0.0;
        let said = match (prompt.contains("Answer: a"), prompt.contains("Answer: b"), is_second) {
            (true, _, _) => "I would rather not.",
            (_, true, false) => "Hm.",
            (_, true, true) => "{\"score\": 4, \"reason\": \"close\"}",
            _ => "Fine.\nScore: 4/5",
        };
        (200, chat(said))
    });
    let metric = "{ judge = \"openai_compatible/judge\", scale = 5 }";
    let scratch = scratch(metric, &[("r", json!("x")), ("s", json!("x")), ("t", json!("x"))]);
    scratch.write("answers.txt", "a\nb\nc");
    let url = server.url();
    let score = [SCORE, &["--judge-url", &url, "--json"]].concat();
    let said: Value = serde_json::from_str(&scratch.expect(0, &score)).unwrap();
    let answers = &said["answers"];
    assert_eq!(
        [&answers[0]["score"], &answers[1]["score"], &answers[2]["score"]],
        [&Value::Null, &json!(0.8), &json!(0.8)]
    );
    assert_eq!((&said["missing"], &said["score"]["n"]), (&json!(1), &json!(2)));
    assert_eq!(answers[0]["feedback"], "I would rather not.");
    assert_eq!(answers[2]["feedback"], "Fine.");
    assert_eq!(server.requests(), 5);
    // Kept: the two that could be read. Asked anew: both draws about the first, the first about the second.
    scratch.expect(0, &score);
    assert_eq!(server.requests(), 8);
}

#[test]
fn a_task_without_expected_answers_is_for_judges_and_programs() {
    let program =
        "{ command = [\"sh\", \"-c\", \"while read -r l; do echo 50; done\"], scale = 100 }";
    let scratch = scratch(program, &[("a", json!(null)), ("b", json!(null))]);
    scratch.write("answers.txt", "x\ny");
    assert!(scratch.expect(0, SCORE).contains("score       0.50"));
    let (text, _) = task("\"exact\"", &[("a", json!(""))]);
    scratch.write("task.toml", text);
    scratch.refused(4, SCORE, &["output"]);
}
