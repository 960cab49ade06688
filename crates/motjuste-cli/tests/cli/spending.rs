//! What is spent is agreed to, bounded and counted, whatever is typed and whatever a server says.

use serde_json::{Value, json};

use crate::scratch::{SMALL, Scratch};
use crate::server::{Server, chat, first_letter};

/// The arguments of a small study on this server.
fn on<'a>(target: &'a str, url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [SMALL, &["--target", target, "--target-url", url], more].concat()
}

/// The exit code of the command as it stands, and what it said.
fn unasked(scratch: &Scratch, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = scratch.unasked(arguments);
    let output = command.env("OPENAI_API_KEY", "sk-a-key-0123456789").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn nothing_is_spent_that_nobody_agreed_to_and_nothing_bounds() {
    let server = Server::start(|_, body| (200, first_letter(body)));
    let (url, scratch) = (server.url(), Scratch::new());
    for more in [&[][..], &["--json"], &["--budget-seconds", "60"]] {
        let (code, said) = unasked(&scratch, &on("openai/f", &url, more));
        assert!(code == Some(2) && said.contains("--yes") && said.contains("openai/f"), "{said}");
    }
    let compare = [
        "compare",
        "task.toml",
        "--methods",
        "uniform",
        "--target",
        "openai/f",
        "--target-url",
        &url,
    ];
    let compare = [&compare[..], &["--generator", "embedded", "--budget-trials", "2"]].concat();
    assert_eq!(unasked(&scratch, &compare).0, Some(2));
    let solve = ["solve", "linreg", "--model", "openai/f", "--model-url", &url, "--steps", "1"];
    assert_eq!(unasked(&scratch, &solve).0, Some(2));
    assert_eq!(server.requests(), 0);
    for more in [&["--budget-tokens", "100000"][..], &["--budget-target-calls", "60"], &["--yes"]] {
        let (code, said) = unasked(&Scratch::new(), &on("openai/f", &url, more));
        assert!(code == Some(0) || code == Some(3), "{said}");
    }
    let own = unasked(&Scratch::new(), &on("hosted_vllm/f", &url, &["--json"]));
    assert_eq!(own.0, Some(0), "a server of one's own sends no bill: {}", own.1);
    assert_eq!(
        unasked(&Scratch::new(), SMALL).0,
        Some(0),
        "a model on this machine needs no question"
    );
}

#[test]
fn a_price_that_nobody_knows_is_not_nothing() {
    let scratch = Scratch::new();
    let estimate = ["estimate", "task.toml", "--generator", "embedded"];
    let target = ["--target", "openai_compatible/m", "--target-url", "http://127.0.0.1:1/v1"];
    let said = scratch.expect(0, &[&estimate[..], &target].concat());
    let row = |name: &str| said.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(row("target").ends_with("unknown") && row("in all").ends_with("unknown"), "{said}");
    assert!(row("generator").ends_with("$0.00"), "{said}");
}

#[test]
fn a_plan_needs_no_key() {
    let scratch = Scratch::new();
    let plan = |arguments: &[&str]| {
        let mut command = scratch.unasked(arguments);
        let output = command.env_remove("OPENAI_API_KEY").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(plan(&["estimate", "task.toml", "--target", "openai/gpt-4.1-mini"]).contains('$'));
    let compare = ["compare", "task.toml", "--method", "opro", "--ablation", "order", "--plan"];
    assert!(
        plan(&[&compare[..], &["--target", "openai/gpt-4.1-mini"]].concat()).contains("studies")
    );
}

#[test]
fn numbers_that_mean_nothing_are_refused_with_what_to_write() {
    let scratch = Scratch::new();
    let run = |flag: &str, value: &str, word: &str| {
        scratch.refused(2, &["run", "task.toml", flag, value], &[flag, value, word]);
    };
    for seconds in ["-1", "0", "NaN", "inf", "soon"] {
        run("--budget-seconds", seconds, "a number of seconds above 0");
    }
    for (flag, value) in [
        ("--budget-trials", "-1"),
        ("--budget-target-calls", "-1"),
        ("--budget-tokens", "-5"),
        ("--seed", "-1"),
        ("--concurrency", "-1"),
        ("--concurrency", "0"),
        ("--attempts", "0"),
        ("--requests-per-minute", "0"),
        ("--tokens-per-minute", "0"),
        ("--timeout", "NaN"),
        ("--grace", "-2"),
        ("--answer-tokens", "0"),
        ("--answer-tokens", "100000000000"),
        ("--instruction-tokens", "0"),
        ("--thinking-tokens", "100000000000"),
        ("--processes", "0"),
        ("--threads", "0"),
        ("--dev-examples", "-3"),
        ("--draws", "-1"),
    ] {
        run(flag, value, "invalid value");
    }
    for value in ["-1", "NaN", "inf", "9"] {
        scratch.refused(2, &["run", "task.toml", "--temperature", value], &["temperature"]);
        scratch.refused(
            2,
            &["run", "task.toml", "--budget-usd", if value == "9" { "-2" } else { value }],
            &["usd"],
        );
    }
}

#[test]
fn more_threads_than_help_are_not_used_and_that_is_told() {
    let scratch = Scratch::new();
    let eval = ["eval", "task.toml", "--instruction", "x", "--threads", "100000"];
    scratch.tells(0, &eval, &["threads are used, not 100000"]);
}

#[test]
fn a_usage_beyond_all_measure_is_told_and_ends_nothing() {
    let server = Server::start(|_, body| {
        let mut answer = first_letter(body);
        answer["usage"] = json!({ "prompt_tokens": 10_u64.pow(15), "completion_tokens": -3 });
        (200, answer)
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let prices = "\"openai_compatible/m\" = { read = 10.0, written = 100.0 }\n";
    scratch.write("prices.toml", prices);
    let run = on("openai_compatible/m", &url, &["--prices", "prices.toml"]);
    scratch.tells(0, &run, &["no call can have"]);
    let ledger = &scratch.json("out/result.json")["ledger"]["target"];
    assert!(
        ledger["usd"].as_f64().unwrap() < 100.0 && ledger["calls"].as_u64() > Some(6),
        "{ledger}"
    );
    scratch.expect(0, &run);
}

#[test]
fn a_key_in_an_answer_is_kept_nowhere() {
    const KEY: &str = "sk-a-key-0123456789";
    let server = Server::start(|_, _| (200, chat(&format!("here: {KEY}"))));
    let (url, scratch) = (server.url(), Scratch::new());
    let (code, said) = unasked(&scratch, &on("openai/m", &url, &["--yes"]));
    assert!(
        code == Some(0) && said.contains("holds a key of yours") && !said.contains(KEY),
        "{said}"
    );
    for file in ["out/result.json", "out/trials.jsonl", "out/report.html"] {
        assert!(!scratch.read(file).contains(KEY), "{file}");
    }
    let is_in = |path: &std::path::Path| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes())
    };
    let store = std::fs::read_dir(scratch.path(".motjuste")).unwrap();
    assert!(!store.map(|entry| entry.unwrap().path()).any(|path| path.is_file() && is_in(&path)));
}

#[test]
fn two_servers_behind_one_host_share_no_answers() {
    let server = Server::start(|_, body| (200, first_letter(body)));
    let (url, scratch) = (server.url(), Scratch::new());
    let eval = |base: &str| {
        let said =
            ["eval", "task.toml", "--instruction", "the first letter", "--target", "openai/f"];
        let (code, said) = unasked(&scratch, &[&said[..], &["--target-url", base]].concat());
        assert_eq!(code, Some(0), "{said}");
        server.requests()
    };
    let (one, other) = (url.replace("/v1", "/a/v1"), url.replace("/v1", "/b/v1"));
    let first = eval(&one);
    assert_eq!(eval(&other), 2 * first, "another path is another server");
    assert_eq!(eval(&one), 2 * first, "and each keeps its answers");
}

/// The judge is asked where the target is, if both have one provider, so that no key goes elsewhere.
#[test]
fn one_gateway_is_enough_for_all_roles() {
    let server = Server::start(|_, body| {
        let prompt = body["messages"][0]["content"].as_str().unwrap_or_default();
        (200, chat(if prompt.contains("Answer: ") { "Score: 7" } else { "yes" }))
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let judged = crate::scratch::task_file()
        .replace("\"induction_exact_match\"", "{ judge = \"openai/j\" }");
    scratch.write("task.toml", judged);
    let eval =
        ["eval", "task.toml", "--instruction", "x", "--target", "openai/f", "--target-url", &url];
    let (code, said) = unasked(&scratch, &[&eval[..], &["--json", "--attempts", "1"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let scored: Value =
        serde_json::from_str(said.lines().find(|it| it.starts_with('{')).unwrap()).unwrap();
    assert!(scored["score"]["score"].as_f64() > Some(0.5), "{scored}");
}
