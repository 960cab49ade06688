//! Tasks that come in from other tools or are written anew, and prompts that go out.

use serde_json::Value;

use crate::contracts::conforms;
use crate::scratch::{Scratch, task_file};
use crate::server::{Server, chat};

const CONFIG: &str = "
prompts: ['Name the colour of {{ thing }}.']
providers: [openai:gpt-4.1-mini]
tests:
  - {vars: {thing: banana}, assert: [{type: equals, value: yellow}]}
  - {vars: {thing: tomato}, assert: [{type: equals, value: red}]}
  - {vars: {thing: grass}, assert: [{type: equals, value: green}]}
  - {vars: {thing: lemon}, assert: [{type: equals, value: yellow}, {type: latency, threshold: 1}]}
";

#[test]
fn an_imported_folder_scores_and_is_never_overwritten() {
    let scratch = Scratch::new();
    scratch.write("promptfooconfig.yaml", CONFIG);
    let said = scratch.expect(0, &["import", "auto", "promptfooconfig.yaml", "--out", "made"]);
    assert!(said.contains("not carried over") && said.contains("latency"), "{said}");
    assert!(said.contains("motjuste run made/task.toml --target openai/gpt-4.1-mini"), "{said}");
    let server = Server::start(|_, body| {
        let prompt = body["messages"].to_string();
        let pairs =
            [("banana", "yellow"), ("tomato", "red"), ("grass", "green"), ("lemon", "yellow")];
        let found = pairs.iter().find(|(thing, _)| prompt.contains(thing));
        (200, chat(found.map_or("?", |(_, colour)| colour)))
    });
    let url = server.url();
    let target = ["--target", "openai_compatible/m", "--target-url", &url];
    let eval = ["eval", "made/task.toml", "--instruction-file", "made/prompt.txt", "--json"];
    let scored: Value =
        serde_json::from_str(&scratch.expect(0, &[&eval[..], &target].concat())).unwrap();
    assert_eq!(scored["score"]["score"], 1.0, "{scored}");
    scratch.write("made/task.toml", "mine");
    scratch.refused(
        7,
        &["import", "auto", "promptfooconfig.yaml", "--out", "made"],
        &["there already", "--out"],
    );
    assert_eq!(scratch.read("made/task.toml"), "mine");
    let json = scratch
        .expect(0, &["import", "promptfoo", "promptfooconfig.yaml", "--out", "other", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    conforms("import", &json);
    assert_eq!((&json["rows"], &json["fault"]), (&4.into(), &Value::Null));
}

#[test]
fn an_import_that_cannot_be_run_yet_says_why() {
    let scratch = Scratch::new();
    scratch.write("few.jsonl", "{\"inputs\": {\"a\": 1}, \"expectations\": {\"b\": \"x\"}}\n");
    let said = scratch.expect(0, &["import", "mlflow", "few.jsonl"]);
    assert!(
        said.contains("cannot be run yet") && said.contains("1 distinct input cannot"),
        "{said}"
    );
    scratch.refused(2, &["import", "csv", "few.jsonl"], &["promptfoo"]);
    scratch.refused(4, &["import", "mlflow", "absent.jsonl"], &["absent.jsonl"]);
}

#[test]
fn a_task_file_is_written_for_rows_of_ones_own() {
    let scratch = Scratch::new();
    scratch.write("rows.csv", "id,ticket,queue\n1,late,ship\n2,bill,pay\n3,lost,ship\n4,fee,pay\n5,dent,ship\n6,tax,pay\n");
    scratch.write("mine.txt", "Sort this ticket: {{ ticket }}\n");
    let given = ["init", "--data", "rows.csv", "--prompt", "mine.txt", "--output", "queue"];
    scratch.refused(7, &given, &["task.toml is there already", "--out"]);
    let said =
        scratch.expect(0, &[&given[..], &["--out", "own.toml", "--target", "openai/x"]].concat());
    assert!(said.contains("motjuste run own.toml --target openai/x --budget-trials 30"), "{said}");
    let written = scratch.read("own.toml");
    assert!(
        written.contains("input = \"ticket\"") && written.contains("metric = \"label\""),
        "{written}"
    );
    let json = scratch.expect(0, &[&given[..], &["--out", "deep.toml", "--json"]].concat());
    conforms("init", &serde_json::from_str(&json).unwrap());
}

#[test]
fn the_command_that_init_names_can_be_run_with_the_target() {
    let scratch = Scratch::new();
    scratch.write("rows.csv", "a,b\n1,x\n2,y\n3,z\n");
    let given = ["init", "--data", "rows.csv", "--output", "b", "--target"];
    for (place, (target, next)) in [
        ("openai/gpt-4.1-mini", "--target openai/gpt-4.1-mini --budget-usd 2"),
        ("hosted_vllm/org/m", "--target hosted_vllm/org/m --budget-trials 30"),
        ("openai_compatible/m", "--target openai_compatible/m --target-url URL --budget-trials 30"),
        ("command:python3 app.py", "--target 'command:python3 app.py' --budget-trials 30"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("{place}.toml");
        let said = scratch.expect(0, &[&given[..], &[target, "--out", &out]].concat());
        assert!(said.contains(next), "{said}");
    }
}

#[test]
fn init_reads_whatever_a_task_reads() {
    let scratch = Scratch::new();
    let rows =
        b"ticket;queue\nros\xE9 spilt;ship\nbill;pay\nlost;ship\nfee;pay\ndent;ship\ntax;pay\n";
    scratch.write("office.csv", rows);
    let given = ["init", "--data", "office.csv", "--out", "office.toml", "--output", "queue"];
    scratch.refused(4, &given, &["not UTF-8 text (line 2)", "--encoding NAME"]);
    scratch.expect(0, &[&given[..], &["--encoding", "windows-1252"]].concat());
    assert!(scratch.read("office.toml").contains("encoding = \"windows-1252\""));
    scratch.write("rows.parquet", include_bytes!("../../../motjuste/tests/parquet/snappy.parquet"));
    let given = ["init", "--data", "rows.parquet", "--out", "columns.toml", "--output", "answers"];
    scratch.expect(0, &[&given[..], &["--input", "question", "--metric", "exact"]].concat());
    assert!(scratch.read("columns.toml").contains("examples = \"rows.parquet\""));
}

#[test]
fn what_init_cannot_know_it_asks_for_by_flags() {
    let scratch = Scratch::new();
    scratch.refused(
        2,
        &["init", "--out", "a.toml"],
        &["--data FILE", "--output COLUMN", "--metric NAME"],
    );
    scratch.write("rows.csv", "a,b\n1,x\n2,y\n3,z\n");
    let given = ["init", "--data", "rows.csv", "--out", "a.toml"];
    scratch.refused(2, &given, &["--output COLUMN", "a, b"]);
    scratch.refused(
        2,
        &[&given[..], &["--output", "b", "--metric", "bleu"]].concat(),
        &["rouge_l"],
    );
    assert!(!scratch.path("a.toml").exists());
    let said = |role, content| format!(r#"{{"role": "{role}", "content": "{content}"}}"#);
    let chat = |n| format!(r#"{{"messages": [{}, {}]}}"#, said("user", n), said("assistant", "x"));
    scratch.write("chats.jsonl", [chat("1"), chat("2"), chat("3")].join("\n"));
    let given = ["init", "--data", "chats.jsonl", "--out", "a.toml"];
    scratch.refused(2, &given, &["motjuste import messages chats.jsonl"]);
    let row = |n: u8| {
        format!(r#"{{"inputs": {{"q": "{n}"}}, "expectations": {{"expected_response": "x"}}}}"#)
    };
    scratch.write("mlflow.jsonl", [row(1), row(2), row(3)].join("\n"));
    let given = ["init", "--data", "mlflow.jsonl", "--out", "a.toml"];
    scratch.refused(2, &given, &["rows of MLflow", "motjuste import mlflow mlflow.jsonl"]);
}

#[test]
fn a_found_prompt_goes_out_in_every_form() {
    let server = Server::start(|before, body| match body["model"].as_str() {
        Some("writer") => (200, chat(&format!("<INS>Write the letter {before}.</INS>"))),
        _ => (200, crate::server::first_letter(body)),
    });
    let scratch = Scratch::new();
    scratch.write("own.toml", task_file().replace("\"induction_exact_match\"", "\"exact\""));
    let url = server.url();
    let models = [
        "--generator",
        "openai_compatible/writer",
        "--generator-url",
        &url,
        "--target",
        "openai_compatible/a",
        "--target-url",
        &url,
    ];
    let run = [
        "run",
        "own.toml",
        "--method",
        "opro",
        "--budget-trials",
        "4",
        "--set",
        "batch=2",
        "--yes",
        "--out",
        "out",
    ];
    scratch.expect(0, &[&run[..], &models].concat());
    let study = scratch.json("out/result.json")["study"].as_str().unwrap().to_owned();
    for form in ["dspy", "mlflow", "langfuse", "messages"] {
        let said = scratch.expect(0, &["export", form, &study, "--task", "own.toml"]);
        assert!(serde_json::from_str::<Value>(&said).is_ok(), "{form}: {said}");
    }
    let json = scratch.expect(
        0,
        &["export", "promptfoo", &study, "--task", "own.toml", "--out", "found.yaml", "--json"],
    );
    conforms("export_prompt", &serde_json::from_str(&json).unwrap());
    scratch.expect(0, &["import", "promptfoo", "found.yaml", "--out", "back"]);
    assert_eq!(scratch.read("back/rows.jsonl").lines().count(), 8);
    scratch.refused(
        2,
        &["export", "messages", "no-such", "--task", "own.toml"],
        &["no such study"],
    );
}
