//! A program, or a web service, as the target of whole studies; prices; a file of variables.

use serde_json::{Value, json};

use crate::contracts::conforms;
use crate::scratch::{SMALL, Scratch};
use crate::server::Server;

/// Answers with the first letter of the input.
const APP: &str = r#"
while IFS= read -r line; do
  case "$line" in *'"input":"window"'*) echo "no windows" >&2; exit 1;; esac
  rest=${line#*'"input":"'}
  letter=$(printf %.1s "$rest")
  echo "{\"answer\": \"$letter\", \"usage\": {\"input_tokens\": 10, \"output_tokens\": 1}}"
done
"#;

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [SMALL, more].concat()
}

#[cfg(unix)]
#[test]
fn a_program_is_searched_for_and_what_it_cannot_answer_is_missing() {
    let scratch = Scratch::new();
    scratch.write("app.sh", APP);
    let target = ["--target", "command:sh app.sh", "--processes", "2", "--attempts", "1"];
    let said = scratch.expect(0, &with(&target));
    assert!(said.contains("without a score") && said.contains("no windows"), "{said}");
    let result = scratch.json("out/result.json");
    conforms("result", &result);
    assert!(result["answers"]["unscored"].as_u64().unwrap() > 0, "{}", result["answers"]);
    let missing = &result["missing"][0];
    assert_eq!(missing["answers"], result["answers"]["unscored"], "{missing}");
    assert_eq!(result["answers"]["empty"], 0);
    assert_eq!(result["test"]["score"], 1.0, "{}", result["test"]);
    // One that was asked before is answered from the store.
    let mended = APP.replace("exit 1", "echo '{\"answer\": \"w\"}'; continue");
    scratch.write("app.sh", mended);
    scratch.expect(0, &with(&["--target", "command:sh app.sh"]));
    assert_eq!(
        scratch.json("out/result.json")["answers"]["unscored"],
        0,
        "a changed program is another"
    );
}

#[cfg(unix)]
#[test]
fn a_program_that_never_answers_ends_the_run_with_what_it_said() {
    let scratch = Scratch::new();
    let target =
        ["--target", "command:sh -c 'echo \"no module named app\" >&2; exit 1'", "--attempts", "1"];
    scratch.refused(5, &with(&target), &["crashed", "no module named app", "help:"]);
    scratch.refused(
        2,
        &with(&["--target", "command:no-such-app"]),
        &["cannot be started", "no-such-app"],
    );
    scratch.refused(2, &with(&["--processes", "2"]), &["no model is a program"]);
}

#[test]
fn a_web_service_is_searched_for() {
    let server = Server::start(|_, body| {
        let input = body["columns"]["input"].as_str().unwrap_or_default();
        (
            200,
            json!({ "answer": input.get(..1), "usage": { "input_tokens": 9, "output_tokens": 1 } }),
        )
    });
    let scratch = Scratch::new();
    let url = server.url();
    scratch.expect(0, &with(&["--target", &url]));
    assert_eq!(scratch.json("out/result.json")["test"]["score"], 1.0);
}

/// What a command prints, with a configuration of its own.
fn configured(scratch: &Scratch, code: i32, arguments: &[&str]) -> (String, String) {
    let output =
        scratch.command(arguments).env("MOTJUSTE_CONFIG", scratch.path("config")).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn prices_are_listed_taken_over_and_used() {
    let scratch = Scratch::new();
    let (listed, _) = configured(&scratch, 0, &["prices", "GPT-4.1"]);
    assert!(listed.contains("openai/gpt-4.1-mini") && !listed.contains("claude"), "{listed}");
    assert!(listed.contains("built-in of 20"), "{listed}");
    let run = ["--target", "openai_compatible/m", "--target-url", "http://127.0.0.1:9/v1"];
    let mut estimate = with(&run);
    estimate[0] = "estimate";
    estimate.extend(["--budget-usd", "5"]);
    let (_, refused) = configured(&scratch, 2, &estimate);
    let place = scratch.path("config").join("prices.toml");
    for word in
        ["\"openai_compatible/m\" = { read = …, written = … }", &place.display().to_string()]
    {
        assert!(refused.contains(word), "{refused}");
    }
    scratch.write(
        "mine.toml",
        "date = \"2026-01-31\"\n\"openai_compatible/m\" = { read = 1, written = 0.5 }\n",
    );
    configured(&scratch, 0, &["prices", "--update", "mine.toml"]);
    let (_, told) = configured(&scratch, 0, &estimate);
    assert!(told.contains(&place.display().to_string()), "{told}");
    let (json, _) = configured(&scratch, 0, &["prices", "openai_compatible", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    conforms("prices", &json);
    assert_eq!(json["prices"][0]["written"], 0.5);
    assert_eq!(json["sources"][0]["date"], "2026-01-31");
    scratch.write("mine.toml", "\"openai_compatible/m\" = { read = 1 }\n");
    let (_, refused) = configured(&scratch, 2, &["prices", "--update", "mine.toml"]);
    assert!(refused.contains("written"), "{refused}");
}

#[test]
fn a_file_of_variables_is_read_when_it_is_named_and_never_told() {
    let scratch = Scratch::new();
    scratch.write(
        "keys.env",
        "OPENAI_API_KEY=sk-in-the-file\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n",
    );
    let target = ["--target", "openai/gpt-4.1-mini", "--attempts", "1"];
    let run = |more: &[&str]| {
        let mut command = scratch.command(&with(&target));
        command.args(more).env_remove("OPENAI_API_KEY").env_remove("OPENAI_BASE_URL");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("sk-in"), "{said}");
        (output.status.code(), said)
    };
    let (code, said) = run(&["--env-file", "keys.env"]);
    assert!(
        code == Some(5) && said.contains("cannot be reached at http://127.0.0.1:9/v1"),
        "{said}"
    );
    let (code, said) = run(&[]);
    assert!(code == Some(2) && said.contains("OPENAI_API_KEY"), "{said}");
    let (code, said) = run(&["--env-file", "absent.env"]);
    assert!(code == Some(2) && said.contains("absent.env"), "{said}");
    scratch.write("keys.env", "OPENAI_API_KEY sk-in-the-file\n");
    let (code, said) = run(&["--env-file", "keys.env"]);
    assert!(code == Some(2) && said.contains("line 1"), "{said}");
}

#[test]
fn a_model_without_its_provider_is_asked_back() {
    let scratch = Scratch::new();
    scratch.refused(
        2,
        &with(&["--target", "gpt-4.1-mini"]),
        &["did you mean openai/gpt-4.1-mini?"],
    );
}

/// A task whose metric is this program.
#[cfg(unix)]
fn scored_by(scratch: &Scratch, script: &str, more: &str) {
    scratch.write("score.sh", script);
    let metric = format!("{{ command = [\"sh\", \"score.sh\"]{more} }}");
    let task = crate::scratch::task_file().replace("\"induction_exact_match\"", &metric);
    scratch.write("p.toml", task);
}

/// Whether a process runs whose number stands in this file.
#[cfg(unix)]
fn runs(scratch: &Scratch, file: &str) -> bool {
    let number = scratch.read(file);
    let asked =
        std::process::Command::new("ps").args(["-o", "stat=", "-p", number.trim()]).output();
    let state = String::from_utf8(asked.unwrap().stdout).unwrap();
    // One that has ended and that nobody has asked about is a zombie.
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}

#[cfg(unix)]
#[test]
fn a_metric_that_hangs_ends_at_its_timeout_with_all_that_it_started() {
    let scratch = Scratch::new();
    let script = "sleep 1000 & echo $! > child; echo $$ > self; echo waiting >&2; sleep 1000";
    scored_by(&scratch, script, ", timeout = 0.5");
    let eval = ["eval", "p.toml", "--instruction", "x"];
    scratch.refused(4, &eval, &["took longer than 0.5 s", ": waiting", "timeout = SECONDS"]);
    assert!(!runs(&scratch, "self") && !runs(&scratch, "child"));
    scored_by(&scratch, script, ", timeout = 0");
    scratch.refused(2, &eval, &["timeout of 0"]);
    // What a program leaves behind when it has answered ends with it.
    scored_by(&scratch, "sleep 1000 & echo $! > child; sed 's/.*/1/'", "");
    scratch.expect(0, &eval);
    assert!(!runs(&scratch, "child"));
}

#[cfg(unix)]
#[test]
fn a_metric_that_writes_without_end_is_ended() {
    let scratch = Scratch::new();
    scored_by(&scratch, "echo $$ > self; exec yes 1", "");
    let eval = ["eval", "p.toml", "--instruction", "x"];
    scratch.refused(4, &eval, &["wrote more than any scores are"]);
    assert!(!runs(&scratch, "self"));
    scored_by(&scratch, "exec yes 0123456789 >&2", ", timeout = 1");
    // It is ended in the middle of a line.
    scratch.refused(4, &eval, &["took longer than 1 s", "was ended: 0"]);
}

/// Starts a command, waits for the file that a program of it writes, sends so many interrupts, and gives the
/// exit code.
#[cfg(unix)]
fn interrupted(scratch: &Scratch, arguments: &[&str], times: usize) -> Option<i32> {
    let _ = std::fs::remove_file(scratch.path("self"));
    let mut child = scratch.start(arguments);
    while !std::fs::read_to_string(scratch.path("self")).is_ok_and(|it| it.ends_with("\n")) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    for _ in 0..times {
        let id = child.id().to_string();
        std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    child.wait().unwrap().code()
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_metric_at_once_and_leaves_no_program() {
    let scratch = Scratch::new();
    scored_by(&scratch, "echo $$ > self; sleep 1000", "");
    let run = ["run", "p.toml", "--generator", "embedded", "--target", "embedded", "--yes"];
    let uniform = [&run[..], &["--method", "opro", "--set", "initial=[\"x\"]"]].concat();
    assert_eq!(interrupted(&scratch, &uniform, 1), Some(130));
    assert!(!runs(&scratch, "self"));
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_leaves_no_program_behind() {
    let scratch = Scratch::new();
    // It does not end when its input does.
    scratch.write("app.sh", "read -r line; sleep 1000 & echo $! > child; echo $$ > self; wait");
    let target = ["--target", "command:sh app.sh", "--processes", "1", "--yes"];
    assert_eq!(interrupted(&scratch, &with(&target), 2), Some(130));
    assert!(!runs(&scratch, "self") && !runs(&scratch, "child"));
}
