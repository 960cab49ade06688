//! Holds the code to the rules of `ARCHITECTURE.md`: what must never import what.

#![allow(clippy::unwrap_used, reason = "a test")]

mod circles;
mod items;
mod mentions;
mod modules;
mod names;
mod small_crates;
mod texts;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use circles::circles;
use modules::Modules;
use texts::texts;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A manifest's `[dependencies]`; what tests and benches use is their own affair.
fn manifest(package: &str) -> toml::Table {
    let path = root().join("crates").join(package).join("Cargo.toml");
    let mut manifest: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    match manifest.remove("dependencies") {
        Some(toml::Value::Table(dependencies)) => dependencies,
        _ => toml::Table::new(),
    }
}

/// The names of a package's dependencies.
fn dependencies(package: &str) -> Vec<String> {
    manifest(package).keys().cloned().collect()
}

fn ours(package: &str) -> Vec<String> {
    dependencies(package).into_iter().filter(|name| name.starts_with("motjuste")).collect()
}

/// The dependencies of a package that a feature adds.
fn optional(package: &str) -> Vec<String> {
    let is_optional = |value: &toml::Value| value.get("optional") == Some(&true.into());
    let all = manifest(package);
    let optional = all.iter().filter(|(_, value)| is_optional(value));
    optional.map(|(name, _)| name.clone()).collect()
}

/// The library crates: all but the command line.
fn libraries() -> Vec<String> {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    let names = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "motjuste-cli").collect();
    names.sort();
    names
}

/// Every Rust file below a folder of the repository, with its text up to the unit tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                found.push((path, code));
            }
        }
    }
    assert!(!found.is_empty(), "no source below {folder}");
    found
}

/// Fails when code (not comments) below `folder` contains one of `words`.
fn never(folder: &str, words: &[&str], rule: &str) {
    for (path, text) in sources(folder) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in words {
                assert!(!line.contains(word), "{rule}\n{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn crates_depend_on_what_the_architecture_allows() {
    assert_eq!(ours("motjuste-gp"), [""; 0], "motjuste-gp imports nothing of ours");
    assert_eq!(ours("motjuste"), ["motjuste-gp"], "the core depends on motjuste-gp alone");
    assert_eq!(dependencies("motjuste-embedded"), [""; 0], "motjuste-embedded is bytes alone");
    assert_eq!(
        ours("motjuste-lm"),
        ["motjuste", "motjuste-embedded"],
        "motjuste-lm depends on the core and the weights alone"
    );
    assert_eq!(ours("motjuste-remote"), ["motjuste"], "motjuste-remote depends on the core alone");
    assert_eq!(
        ours("motjuste-convert"),
        ["motjuste"],
        "motjuste-convert depends on the core alone"
    );
    assert_eq!(ours("motjuste-store"), ["motjuste"], "motjuste-store depends on the core alone");
    assert_eq!(ours("motjuste-page"), ["motjuste"], "motjuste-page depends on the core alone");
    assert_eq!(
        ours("motjuste-serve"),
        ["motjuste", "motjuste-page"],
        "motjuste-serve depends on the core and the page alone"
    );
    assert_eq!(
        ours("motjuste-problems"),
        ["motjuste", "motjuste-gp", "motjuste-page"],
        "motjuste-problems depends on the core, the mathematics and the page alone"
    );
    assert_eq!(
        ours("motjuste-models"),
        ["motjuste", "motjuste-lm", "motjuste-remote"],
        "motjuste-models depends on the core and the crates with models alone"
    );
    for library in libraries() {
        let depends = ours(&library).contains(&"motjuste-cli".to_owned());
        assert!(!depends, "{library}: nobody depends on motjuste-cli");
    }
}

#[test]
fn a_program_that_calls_apis_alone_compiles_no_weights_and_no_tensor_crate() {
    assert!(optional("motjuste-lm").contains(&"motjuste-embedded".to_owned()));
    assert!(optional("motjuste-models").contains(&"motjuste-lm".to_owned()));
    let heavy = ["tokenizers", "motjuste-lm", "motjuste-embedded"];
    for package in ["motjuste", "motjuste-gp", "motjuste-remote", "motjuste-store"] {
        let depends = dependencies(package);
        assert!(!heavy.iter().any(|heavy| depends.iter().any(|name| name == heavy)), "{package}");
    }
}

#[test]
fn the_core_has_no_http_database_or_tensor_crate() {
    let heavy = ["reqwest", "hyper", "sqlx", "rusqlite", "tokenizers", "faer", "clap"];
    let found: Vec<_> = dependencies("motjuste")
        .into_iter()
        .filter(|name| heavy.contains(&name.as_str()))
        .collect();
    assert!(found.is_empty(), "the core depends on no HTTP, database or tensor crate: {found:?}");
}

#[test]
fn methods_do_no_io_and_know_no_study() {
    never(
        "crates/motjuste/src/method",
        &[
            "crate::study",
            "crate::calls",
            "crate::storage",
            "crate::journal",
            "crate::budget",
            "crate::experiment",
            "crate::report",
            "crate::score",
            "model::Model",
            "dyn Model",
            "Scripted",
            "Embedder",
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::time",
            "std::thread",
            "std::env",
            "tokio",
            "async ",
        ],
        "method/* imports no model, evaluator, storage, study, budget, clock, file, thread or network",
    );
}

#[test]
fn problems_know_no_model_and_no_spending() {
    for folder in ["linear_regression", "tsp"] {
        never(
            &format!("crates/motjuste-problems/src/{folder}"),
            &[
                "motjuste::model",
                "motjuste::calls",
                "motjuste::storage",
                "motjuste::budget",
                "crate::solver",
                "async ",
            ],
            "a problem imports no model, calls, storage, budget or solver",
        );
    }
}

#[test]
fn task_metric_score_and_prompt_know_no_method() {
    for folder in ["task", "metric", "score", "prompt"] {
        let words = ["crate::method", "crate::study"];
        let folder = format!("crates/motjuste/src/{folder}");
        never(&folder, &words, "task, metric, score and prompt import no method");
    }
}

/// What vLLM, SGLang and llama.cpp are started with: flags, but not ours.
const FLAGS_OF_OTHERS: [&str; 4] = [
    "--enable-prompt-embeds",
    "--disable-radix-cache",
    "--no-enable-prefix-caching",
    "--allow-requantize",
];

/// The commands of the command line, which a library does not know.
const COMMANDS: [&str; 16] = [
    "init", "import", "export", "run", "compare", "estimate", "show", "trials", "inspect", "best",
    "report", "eval", "solve", "models", "doctor", "serve",
];

#[test]
fn no_library_text_names_a_flag_or_a_command() {
    for library in libraries() {
        for (path, _) in sources(&format!("crates/{library}/src")) {
            for (line, text) in texts(&path) {
                let place = format!("{}:{line}", path.display());
                // A variable of CSS.
                let text = text.replace("var(--", "");
                let own = FLAGS_OF_OTHERS.iter().fold(text, |text, flag| text.replace(flag, ""));
                assert!(!names_a_flag(&own), "{place}: a flag of the command line: {own}");
                let named = COMMANDS.iter().any(|name| own.contains(&format!("motjuste {name}")));
                assert!(!named, "{place}: a command of the command line: {own}");
            }
        }
    }
}

/// Whether two hyphens stand in front of a letter, and at the beginning of a word.
fn names_a_flag(text: &str) -> bool {
    text.match_indices("--").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 2..].chars().next();
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
            && after.is_some_and(|c| c.is_ascii_alphabetic())
    })
}

#[test]
fn the_mathematics_knows_none_of_our_words() {
    let words = ["instruction", "Instruction", "Study", "prompt"];
    for (path, text) in sources("crates/motjuste-gp/src") {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in words {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn nothing_prints_but_the_summary_of_the_command_line() {
    for package in libraries().into_iter().chain(["motjuste-cli".to_owned()]) {
        let folder = format!("crates/{package}/src");
        never(&folder, &["println!", "eprintln!", "dbg!"], "nothing prints but motjuste-cli");
    }
    // What writes to the terminal escapes what would act on it: there is one door.
    let writers = ["stdout", "stderr", "/dev/tty", "libc", "print!(", "anstream"];
    for (path, text) in sources("crates/motjuste-cli/src") {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let doors = ["summary/door.rs", "exit.rs"];
        let is_door = doors.iter().any(|door| path.ends_with(door));
        let writes = |line: &&str| writers.iter().any(|word| line.contains(word));
        let fault = code.clone().find(writes).filter(|_| !is_door);
        assert!(fault.is_none(), "{}: only summary/door.rs writes: {fault:?}", path.display());
    }
}

#[test]
fn the_architecture_page_names_every_crate() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&format!("| `{name}` |")), "ARCHITECTURE.md does not list {name}");
    }
}

/// Circles among modules that are still there, each with its crate: the modules along it, the
/// first by name in front. The list may only get shorter.
const KNOWN: &[(&str, &[&str])] = &[];

#[test]
fn modules_import_each_other_in_no_circle() {
    let mut seen = BTreeSet::new();
    let mut faults = String::new();
    for (name, circle, evidence) in every_circle() {
        let circle: Vec<&str> = circle.iter().map(String::as_str).collect();
        match KNOWN.iter().find(|known| **known == (&name, &circle)) {
            Some(known) => {
                seen.insert(known);
            }
            None => writeln!(faults, "a circle: (\"{name}\", &{circle:?}),\n{evidence}").unwrap(),
        }
    }
    for known in KNOWN.iter().filter(|known| !seen.contains(known)) {
        writeln!(faults, "no longer a circle, so not KNOWN either: {known:?}").unwrap();
    }
    assert!(faults.is_empty(), "modules that need each other belong together or apart\n{faults}");
}

/// Each circle in the workspace: its crate, the modules along it, and the lines that make it one.
fn every_circle() -> Vec<(String, Vec<String>, String)> {
    let mut found = Vec::new();
    let root = root().canonicalize().unwrap();
    for folder in fs::read_dir(root.join("crates")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let roots = ["lib.rs", "main.rs"].map(|file| folder.join("src").join(file));
        for file in roots.into_iter().filter(|file| file.exists()) {
            for (circle, evidence) in circles(&Modules::read(&file)) {
                let evidence = evidence.replace(&format!("{}/", root.display()), "");
                found.push((name.to_owned(), circle, evidence));
            }
        }
    }
    found.sort();
    found
}
