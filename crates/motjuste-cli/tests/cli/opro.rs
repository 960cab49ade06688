//! OPRO with generators and targets that are of no use: refused, or ended cleanly, and told.

use serde_json::Value;

use crate::scratch::Scratch;
use crate::server::{Server, chat, first_letter};

const OPRO: &[&str] = &["run", "task.toml", "--method", "opro", "--out", "out"];

/// The arguments of two steps of four replies from a writer on this server; the target is there, too.
fn served<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let writer = ["--generator", "openai_compatible/writer", "--generator-url", url];
    let target = ["--target", "openai_compatible/answerer", "--target-url", url];
    [OPRO, &writer, &target, &["--set", "steps=2", "--set", "batch=4"], more].concat()
}

/// A writer that always replies `reply`, and a target that reads first letters.
fn writer(reply: &'static str) -> Server {
    Server::start(move |_, body| match body["model"].as_str() {
        Some("writer") => (200, chat(reply)),
        _ => (200, first_letter(body)),
    })
}

#[test]
fn a_generator_that_is_asked_in_words_decides_the_method_and_that_is_told() {
    let server = writer("<INS>Write the letter.</INS>");
    let url = server.url();
    let unnamed: Vec<&str> = served(&url, &["--yes"])
        .into_iter()
        .filter(|argument| !["--method", "opro", "--set", "steps=2", "batch=4"].contains(argument))
        .collect();
    let scratch = Scratch::new();
    // It answers in the form of OPRO, which that method does not read.
    scratch.tells(5, &unnamed, &["the method is motjuste-chat"]);
}

#[test]
fn settings_that_cannot_be_used_are_refused_when_they_are_read() {
    let scratch = Scratch::new();
    let refused = |settings: &[&str], words: &[&str]| {
        let settings = settings.iter().flat_map(|setting| ["--set", *setting]);
        let arguments: Vec<&str> = OPRO.iter().copied().chain(settings).collect();
        scratch.refused(2, &arguments, words);
    };
    refused(&["layout.position=a_begin"], &["Q: and A:", "qa = true"]);
    refused(&["layout.position=before_q"], &["Q: and A:", "q_begin or q_end"]);
    for setting in ["temperature=-0.5", "temperature=2.5", "temperature_growth=1.5"] {
        refused(&[setting], &["between 0 and 2", "help:"]);
    }
    refused(&["temperature=nan"], &["temperature=nan: not a number", "help:"]);
    refused(&["style=instructions_only"], &["shows every instruction", "exemplars = 0"]);
    assert!(scratch.motjuste(&["trials"]).stdout.is_empty(), "nothing is written down");
}

#[test]
fn an_instruction_that_begins_the_answer_needs_a_target_that_goes_on_from_it() {
    let server = writer("<INS>x</INS>");
    let (scratch, url) = (Scratch::new(), server.url());
    let begin =
        ["--set", "prompt=layout", "--set", "layout.qa=true", "--set", "layout.position=a_begin"];
    let words = ["begins its answers itself", "--target-api completions"];
    scratch.refused(2, &served(&url, &begin), &words);
    assert_eq!(server.requests(), 0);
    let short = ["--set", "steps=1", "--set", "batch=1", "--set", "exemplars=0"];
    let few = ["--set", "max_tokens=16", "--answer-tokens", "4"];
    let own = [OPRO, &begin, &short, &few].concat();
    scratch.expect(0, &own);
}

#[test]
fn a_task_with_words_of_its_own_and_a_layout_contradict_each_other() {
    let scratch = Scratch::new();
    scratch.write("follow.txt", "{{ instruction }}\n{{ input }}");
    let task = crate::scratch::task_file() + "[templates]\nfollow = \"follow.txt\"\n";
    scratch.write("task.toml", task);
    let gsm8k = ["run", "task.toml", "--method", "opro-gsm8k"];
    scratch.refused(2, &gsm8k, &["both the task and opro-gsm8k", "prompt=task"]);
}

#[test]
fn replies_without_a_new_instruction_end_the_search_cleanly_and_it_says_so() {
    for reply in ["<INS></INS>", "<INS>Let's solve the problem.</INS>"] {
        let server = writer(reply);
        let scratch = Scratch::new();
        let output = scratch.motjuste(&served(&server.url(), &[]));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("none of 8 replies held a new instruction"), "{said}");
        let result = scratch.json("out/result.json");
        assert_eq!(result["stop_reason"], "finished");
        assert_eq!(result["instruction"], "Let's solve the problem.");
        assert_eq!(result["trials"]["complete"], 1);
        assert_eq!(result["ledger"]["generator"]["calls"], 8);
    }
}

#[test]
fn a_prompt_that_is_a_setting_is_told_how_to_be_compared_with() {
    let server = writer("<INS>Write the letter.</INS>");
    let (scratch, url) = (Scratch::new(), server.url());
    let set = ["--set", "initial=[\"Say it.\"]", "--yes"];
    scratch.tells(0, &served(&url, &set), &["--start FILE", "shown as yours"]);
    scratch.write("mine.txt", "Say the letter.");
    let given = [&set[..], &["--start", "mine.txt", "--force"]].concat();
    let output = scratch.motjuste(&served(&url, &given));
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stderr).contains("not compared"));
}

#[test]
fn instructions_in_any_script_are_scored_and_written_as_they_are() {
    const INSTRUCTION: &str = "Écris la 1re letter – 只写第一个字母。";
    let server = Server::start(|_, body| match body["model"].as_str() {
        Some("writer") => (200, chat(&format!("<INS>{INSTRUCTION}</INS>"))),
        _ => (200, first_letter(body)),
    });
    let scratch = Scratch::new();
    let output = scratch.motjuste(&served(&server.url(), &[]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("1 of 8 replies held a new instruction"), "{said}");
    assert_eq!(scratch.read("out/prompt.txt"), INSTRUCTION);
    assert_eq!(scratch.json("out/result.json")["test"]["score"], 1.0);
}

#[test]
fn a_second_round_is_asked_for_and_billed() {
    let server = Server::start(|_, body| {
        let prompt = body["messages"][0]["content"].as_str().unwrap();
        match body["model"].as_str() {
            Some("writer") => (200, chat("<INS>Write the first letter.</INS>")),
            _ if prompt.ends_with(" So the final answer is") => {
                let input = prompt.split("Input: ").last().unwrap();
                (200, chat(&input[..1]))
            }
            _ => (200, chat("Let me see.")),
        }
    });
    let scratch = Scratch::new();
    scratch.expect(0, &served(&server.url(), &["--second-round"]));
    let result = scratch.json("out/result.json");
    assert_eq!(result["test"]["score"], 1.0);
    assert_eq!(result["ledger"]["target"]["calls"], 2 * 2 * 6);
    let eval = ["eval", "task.toml", "--instruction", "x", "--second-round", "--json"];
    let target = ["--target", "openai_compatible/answerer", "--target-url"];
    let url = server.url();
    let scored = scratch.expect(0, &[&eval[..], &target, &[url.as_str()]].concat());
    let scored: Value = serde_json::from_str(&scored).unwrap();
    assert_eq!(scored["score"]["score"], 1.0);
}
