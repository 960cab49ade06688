//! What is not ours stays; what cannot be written leaves nothing behind.

use std::fs;

use serde_json::Value;

use crate::scratch::{SMALL, Scratch};

/// The names in a folder, sorted.
fn names(scratch: &Scratch, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(scratch.path(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [SMALL, more].concat()
}

#[test]
fn a_result_replaces_a_result_and_nothing_else_unasked() {
    let scratch = Scratch::new();
    for name in ["prompt.txt", "report.html", "result.json", "trials.jsonl", "messages.json"] {
        fs::create_dir_all(scratch.path("out")).unwrap();
        scratch.write(&format!("out/{name}"), "{\"mine\": 1}");
        scratch.refused(7, SMALL, &[name, "--force", "help:"]);
        assert_eq!(scratch.read(&format!("out/{name}")), "{\"mine\": 1}");
        assert_eq!(names(&scratch, "out"), [name]);
        fs::remove_dir_all(scratch.path("out")).unwrap();
    }
    assert!(scratch.motjuste(&["trials"]).stdout.is_empty(), "nothing was spent");
    fs::create_dir_all(scratch.path("out")).unwrap();
    scratch.write("out/prompt.txt", "mine");
    scratch.write("out/notes.txt", "mine");
    scratch.expect(0, &with(&["--force"]));
    let first = scratch.read("out/prompt.txt");
    assert_ne!(first, "mine");
    // Another result is ours.
    scratch.expect(0, &with(&["--seed", "3"]));
    assert_eq!(scratch.json("out/result.json")["seed"], 3);
    assert_eq!(scratch.read("out/notes.txt"), "mine");
    assert!(names(&scratch, "out").iter().all(|name| !name.ends_with(".part")));
    let report = ["report", "first_letter-motjuste-seed0", "--task", "task.toml", "--out", "again"];
    fs::create_dir_all(scratch.path("again")).unwrap();
    scratch.write("again/report.html", "<p>mine</p>");
    scratch.refused(7, &report, &["report.html", "--force"]);
    scratch.expect(0, &[&report[..], &["--force"]].concat());
    scratch.refused(2, &report[..2], &["--task FILE", "first_letter"]);
}

#[test]
fn an_exported_prompt_replaces_its_like_alone() {
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    let export = ["export", "messages", "first", "--task", "task.toml", "--out", "messages.json"];
    scratch.write("messages.json", "mine");
    scratch.refused(7, &export, &["messages.json", "--force"]);
    assert_eq!(scratch.read("messages.json"), "mine");
    scratch.expect(0, &[&export[..], &["--force"]].concat());
    let written = scratch.read("messages.json");
    scratch.expect(0, &export);
    // To a pipe go the very bytes.
    let printed = scratch.expect(0, &export[..5]);
    assert_eq!(printed.trim_end(), written.trim_end());
}

#[test]
fn an_exported_model_replaces_itself_alone_and_all_may_read_it() {
    let scratch = Scratch::new();
    let export = ["models", "export", "m", "--model", "embedded-pairs"];
    fs::create_dir_all(scratch.path("m")).unwrap();
    scratch.write("m/config.json", "mine");
    scratch.refused(7, &export, &["config.json", "--force"]);
    assert_eq!((scratch.read("m/config.json").as_str(), names(&scratch, "m").len()), ("mine", 1));
    scratch.expect(0, &[&export[..], &["--force"]].concat());
    scratch.expect(0, &export);
    assert!(names(&scratch, "m").contains(&"model.safetensors".to_owned()));
    assert!(names(&scratch, "m").iter().all(|name| !name.starts_with('.')));
    #[cfg(unix)]
    for name in names(&scratch, "m") {
        use std::os::unix::fs::PermissionsExt;
        let of =
            |path: &str| fs::metadata(scratch.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(of(&format!("m/{name}")), of("task.toml"), "{name}");
    }
    scratch.write("file", "");
    scratch.refused(7, &["models", "export", "file/m"], &["file/m"]);
    scratch.write("m.gguf", "mine");
    scratch.refused(7, &["models", "export", "m.gguf"], &["m.gguf", "--force"]);
    assert_eq!(scratch.read("m.gguf"), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_an_error_and_a_reader_who_left_is_none() {
    use std::process::Stdio;
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    let report = ["report", "first", "--task", "task.toml", "--out", "again"];
    let eval = ["eval", "task.toml", "--instruction", "x"];
    let commands: [&[&str]; 14] = [
        &["best"],
        &["show"],
        &["show", "first"],
        &["trials"],
        &["trials", "--json"],
        &["models"],
        &["prices"],
        &["estimate", "task.toml"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
        &report,
        &eval,
    ];
    for arguments in commands {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = scratch.command(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{arguments:?}");
        let mut child = scratch.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?} | true");
    }
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = scratch.command(SMALL).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(7) && said.contains("cannot be written"), "{said}");
    assert!(scratch.json("out/result.json")["study"].is_string(), "the files are there");
}

#[test]
fn a_prompt_may_be_piped_in_and_scored_on_any_split() {
    use std::io::Write;
    use std::process::Stdio;
    let scratch = Scratch::new();
    scratch.write("prompt", "write the first letter of the word.\n");
    let eval = |more: &[&str]| -> Value {
        let arguments = [&["eval", "task.toml", "--split", "train", "--json"], more].concat();
        let mut command = scratch.command(&arguments);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(scratch.read("prompt").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let file = eval(&["--instruction-file", "prompt"]);
    assert_eq!(file["per_example"].as_array().unwrap().len(), 6);
    assert_eq!(eval(&["--instruction-file", "-"])["score"], file["score"]);
    assert_eq!(eval(&["--instruction", "-"])["instruction"], file["instruction"]);
}
