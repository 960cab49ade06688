//! What is written as JSON holds to its schema in `docs/schema/`: every method, every stop reason,
//! every command.

use std::time::Duration;

use motjuste::method::{Entry, GeneratorRole, Registry};
use serde_json::{Value, json};

use crate::scratch::{SMALL, Scratch, repository, task_file};
use crate::server::{Server, chat, first_letter};

/// Fails where `value` is not what the schema of this name says.
pub fn conforms(name: &str, value: &Value) {
    let path = repository().join(format!("docs/schema/{name}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(value);
    let errors: Vec<String> =
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}

/// Every line of JSON holds to the schema of this name; returns how many there are.
pub fn lines_conform(name: &str, text: &str) -> usize {
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.inspect(|line: &Value| conforms(name, line)).count()
}

/// Runs with --json and holds all that is printed and written to its schema; returns the result.
fn run(scratch: &Scratch, code: i32, arguments: &[&str]) -> Value {
    let said = scratch.expect(code, &[arguments, &["--json", "--yes"]].concat());
    let (progress, result) = said.trim_end().rsplit_once('\n').unwrap_or(("", said.trim_end()));
    lines_conform("progress", progress);
    assert_eq!(lines_conform("result", result), 1);
    let result = scratch.json("out/result.json");
    conforms("result", &result);
    lines_conform("trial", &scratch.read("out/trials.jsonl"));
    lines_conform("show", &scratch.expect(0, &["show", "--json"]));
    lines_conform("trial", &scratch.expect(0, &["trials", "--json"]));
    result
}

/// A budget of time that covers some trials of a server that answers so many requests and then hangs.
const SECONDS: Duration = Duration::from_secs(20);
const ANSWERED: usize = 30;

/// A generator that is asked in words, and a target that reads first letters.
fn server() -> Server {
    Server::start(|before, body| match body["model"].as_str() {
        Some("writer") => {
            let text = format!("Write the letter {before}.");
            (200, chat(&format!("<INS>{text}</INS> <instruction>{text}</instruction>")))
        }
        Some("stuck") => (200, chat("<INS>Write the letter.</INS>")),
        Some("almost") if body.to_string().contains("zebra") => (200, chat("?")),
        Some("slow") if before >= ANSWERED => {
            std::thread::sleep(10 * SECONDS);
            (200, first_letter(body))
        }
        _ => (200, first_letter(body)),
    })
}

/// Changes that make a method small enough for a test.
fn small(settings: &Value) -> Vec<String> {
    let changes = [
        ("/pool/size", "pool.size=48"),
        ("/batch", "batch=2"),
        ("/texts", "texts=4"),
        ("/iterations", "iterations=8"),
        ("/gradient_rows", "gradient_rows=4"),
        ("/evaluation_rows", "evaluation_rows=4"),
        ("/units", "units=16"),
        ("/steps", "steps=20"),
    ];
    let known = changes.iter().filter(|(path, _)| settings.pointer(path).is_some());
    known.flat_map(|(_, change)| ["--set".to_owned(), (*change).to_owned()]).collect()
}

/// What the generator was asked and said, step by step.
fn steps_conform(scratch: &Scratch, name: &str) {
    let steps = scratch.expect(0, &["inspect", "--json"]);
    assert!(lines_conform("step", &steps) > 0, "{name}");
    let asked: Value = serde_json::from_str(steps.lines().next().unwrap()).unwrap();
    let asked = asked["step"].to_string();
    let first = ["inspect", "--meta-prompt", &asked, "--task", "task.toml", "--json"];
    lines_conform("meta_prompt", &scratch.expect(0, &first));
}

#[test]
fn every_method_and_preset() {
    let server = server();
    let url = server.url();
    let names = Registry::built_in();
    for name in names.names() {
        let scratch = Scratch::new();
        let method = ["run", "task.toml", "--method", name, "--out", "out"];
        let few = ["--budget-trials", "6"];
        let made = names.method(name, &[]).unwrap();
        let small: Vec<String> = small(&made.id().settings);
        let small: Vec<&str> = small.iter().map(String::as_str).collect();
        let result = match made.needs().generator == GeneratorRole::Words {
            true => {
                let writer = ["--generator", "openai_compatible/writer", "--generator-url", &url];
                let target = ["--target", "openai_compatible/answerer", "--target-url", &url];
                let result =
                    run(&scratch, 0, &[&method[..], &few, &writer, &target, &small].concat());
                // A method that has nothing written has no steps to show.
                if made.bounds(6).replies > 0 {
                    steps_conform(&scratch, name);
                }
                result
            }
            false => run(&scratch, 0, &[&method[..], &few, &small].concat()),
        };
        // A preset in other settings has the name of its method.
        let is_of = |entry: &&Entry| entry.presets.iter().any(|preset| preset.name == name);
        let of = names.entries().iter().find(is_of).unwrap().name;
        let said = result["method"].as_str().unwrap();
        assert!([name, of].contains(&said), "{name}: {result}");
        lines_conform("best", &scratch.expect(0, &["best", "--json"]));
    }
}

#[test]
fn every_stop_reason() {
    let server = server();
    let url = server.url();
    let remote = ["--target", "openai_compatible/m", "--target-url", &url];
    let writer = ["--generator", "openai_compatible/writer", "--generator-url", &url];
    let opro = ["--method", "opro", "--set", "steps=1", "--set", "batch=2"];
    // A server of its own: it counts what it answered.
    let hanging = self::server().url();
    let slow = ["--target", "openai_compatible/slow", "--target-url", &hanging];
    let beside = ["--generator", "openai_compatible/writer", "--generator-url", &hanging];
    let seconds = SECONDS.as_secs().to_string();
    let time = ["--budget-seconds", &seconds];
    let prices = ["--prices", "prices.toml", "--budget-usd", "0.90", "--answer-tokens", "64"];
    let stuck = ["--generator", "openai_compatible/stuck", "--generator-url", &url];
    let whole = ["--method", "motjuste-unraced"];
    let often = ["--method", "opro", "--set", "steps=20", "--set", "batch=1"];
    let start = ["--start", "prompt.txt"];
    let cases: [(&str, i32, Vec<&str>); 10] = [
        ("trials", 0, vec![]),
        ("score", 0, [&remote[..], &writer, &opro, &["--stop-at-score", "1"]].concat()),
        ("perfect", 0, [&remote[..], &writer, &often, &start].concat()),
        ("finished", 0, [&remote[..], &writer, &opro].concat()),
        ("nothing_new", 0, [&remote[..], &stuck, &often].concat()),
        ("target_calls", 3, vec!["--budget-target-calls", "40"]),
        ("generator_calls", 3, vec!["--method", "uniform", "--budget-generator-calls", "5"]),
        ("tokens", 3, [&whole[..], &["--budget-tokens", "12000"]].concat()),
        ("usd", 3, [&remote[..], &prices, &whole].concat()),
        ("seconds", 3, [&slow[..], &beside, &opro[..2], &time].concat()),
    ];
    for (reason, code, more) in cases {
        let scratch = Scratch::new();
        scratch
            .write("prices.toml", "\"openai_compatible/m\" = { read = 10.0, written = 100.0 }\n");
        scratch.write("prompt.txt", "Write the first letter.");
        let is_motjuste = !more.contains(&"--method") || more.contains(&"motjuste-unraced");
        let base = if is_motjuste { SMALL } else { &SMALL[..2] };
        let out: &[&str] = if is_motjuste { &[] } else { &["--out", "out"] };
        let result = run(&scratch, code, &[base, &more, out].concat());
        assert_eq!(result["stop_reason"], reason);
    }
}

/// Whatever is asked, the target is right on nine rows of ten.
#[test]
fn a_search_that_has_nothing_to_gain() {
    let (scratch, server) = (Scratch::new(), server());
    let url = server.url();
    let more = ["tiger", "lemon", "bread", "glass", "window", "garden", "zebra"];
    let more = more
        .map(|word| format!("  {{ input = \"{word} {word}\", output = \"{}\" }},\n", &word[..1]));
    let task = task_file().replace("dev = [\n", &format!("dev = [\n{}", more.concat()));
    scratch.write("task.toml", task);
    scratch.write("prompt.txt", "Write the first letter.");
    let models = ["--target", "openai_compatible/almost", "--target-url", &url];
    let writer = ["--generator", "openai_compatible/writer", "--generator-url", &url];
    let search = ["run", "task.toml", "--start", "prompt.txt", "--method", "opro", "--out", "out"];
    let result = run(&scratch, 0, &[&search[..], &models, &writer].concat());
    assert_eq!(result["stop_reason"], "no_headroom");
}

#[test]
fn a_study_without_a_trial() {
    let scratch = Scratch::new();
    let refused = scratch.expect(2, &[SMALL, &["--budget-seconds", "0.000001", "--json"]].concat());
    assert_eq!(lines_conform("error", &refused), 1);
    let shown = scratch.expect(0, &["show", "--json"]);
    assert_eq!(lines_conform("show", &shown), 1);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["instruction"].is_null() && shown["stop_reason"].is_null());
    lines_conform("error", &scratch.expect(4, &["best", "--json"]));
}

#[test]
fn every_other_output() {
    let scratch = Scratch::new();
    scratch.write("axes.toml", "\"pool.size\" = [24, 48]\n");
    let said = |code: i32, arguments: &[&str]| {
        let said = scratch.expect(code, &[arguments, &["--json"]].concat());
        said.trim_end().to_owned()
    };
    let compare = ["compare", "task.toml", "--axes", "axes.toml", "--budget-trials", "8"];
    lines_conform("plan", &said(0, &[&compare[..], &["--plan"]].concat()));
    for (code, calls) in [(3, "20"), (0, "200")] {
        let said = said(code, &[&compare[..], &["--total-target-calls", calls]].concat());
        lines_conform("compare", &said);
    }
    lines_conform("estimate", &said(0, &["estimate", "task.toml"]));
    lines_conform("eval", &said(0, &["eval", "task.toml", "--instruction", "Write the letter."]));
    scratch.write("answers.txt", "m\nb\nc\np\nw\ns\no\nx\n");
    lines_conform("score", &said(0, &["score", "task.toml", "--answers", "answers.txt"]));
    assert!(lines_conform("doctor", &said(0, &["doctor"])) > 1);
    lines_conform("models", &said(0, &["models"]));
    lines_conform("export", &said(0, &["models", "export", "model.gguf"]));
    lines_conform("model", &said(0, &["models", "model.gguf"]));
    let linreg = ["linreg", "--w", "15", "--b", "14", "--repeats", "2"];
    for problem in [&linreg[..], &["tsp", "--n", "5", "--count", "2"]] {
        let solved = said(0, &[&["solve"], problem, &["--steps", "2", "--calls", "2"]].concat());
        lines_conform("solve", solved.lines().last().unwrap());
    }
    lines_conform("error", &said(4, &["run", "absent.toml"]));
    lines_conform("error", &said(2, &["run", "task.toml", "--set", "pool.size=0"]));
}

#[test]
fn task_files() {
    let read = |text: &str| -> Value {
        serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
    };
    conforms("task", &read(&task_file()));
    for entry in std::fs::read_dir(repository().join("tasks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            conforms("task", &read(&std::fs::read_to_string(path).unwrap()));
        }
    }
    let judged = task_file().replace("\"induction_exact_match\"", "{ judge = \"openai/x\" }");
    conforms("task", &read(&judged));
    let program = task_file().replace("\"induction_exact_match\"", "{ command = [\"sed\"] }");
    conforms("task", &read(&program.replace("dev = ", "validation = ")));
    for metric in [
        "{ name = \"number\", tolerance = 0.01, decimal = \"comma\" }",
        "{ name = \"label\", labels = [\"a\", \"b\"] }",
        "{ name = \"json\", fields = [\"queue\"] }",
        "{ name = \"opro_number\", mode = \"compat_boxed\" }",
        "{ command = [\"sed\"], scale = 100 }",
        "{ judge = \"openai/x\", rubric = \"r.txt\", scale = 5 }",
        "\"one_of\"",
    ] {
        conforms("task", &read(&task_file().replace("\"induction_exact_match\"", metric)));
    }
    conforms("task", &read(&task_file().replace("[data]", "[answers]\nstrip = false\n[data]")));
}

#[test]
#[should_panic(expected = "metric")]
fn a_schema_refuses_settings_of_another_metric() {
    let metric = json!({ "name": "exact", "tolerance": 1 });
    conforms("task", &json!({ "name": "t", "metric": metric, "data": {} }));
}

#[test]
#[should_panic(expected = "metrc")]
fn a_schema_refuses_what_is_not_in_it() {
    conforms("task", &json!({ "name": "t", "metrc": "f1", "metric": "f1", "data": {} }));
}
