//! Holds the code to the rules of `ARCHITECTURE.md`: what must never import what.

#![allow(clippy::unwrap_used, reason = "a test")]

mod circles;
mod items;
mod mentions;
mod modules;
mod names;
mod small_crates;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use circles::circles;
use modules::Modules;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names in a manifest's `[dependencies]`; what tests and benches use is their own affair.
fn dependencies(package: &str) -> Vec<String> {
    let path = root().join("crates").join(package).join("Cargo.toml");
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let table = manifest.get("dependencies").and_then(|value| value.as_table());
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn ours(package: &str) -> Vec<String> {
    dependencies(package).into_iter().filter(|name| name.starts_with("motjuste")).collect()
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
    assert_eq!(ours("motjuste-store"), ["motjuste"], "motjuste-store depends on the core alone");
    assert_eq!(ours("motjuste-page"), ["motjuste"], "motjuste-page depends on the core alone");
    assert_eq!(
        ours("motjuste-problems"),
        ["motjuste", "motjuste-page"],
        "motjuste-problems depends on the core and the page alone"
    );
}

#[test]
fn the_core_has_no_http_database_or_tensor_crate() {
    let heavy =
        ["reqwest", "hyper", "sqlx", "rusqlite", "candle-core", "tokenizers", "faer", "clap"];
    let found: Vec<_> = dependencies("motjuste")
        .into_iter()
        .filter(|name| heavy.contains(&name.as_str()))
        .collect();
    assert!(found.is_empty(), "the core depends on no HTTP, database or tensor crate: {found:?}");
}

#[test]
fn optimizers_do_no_io_and_know_no_study() {
    never(
        "crates/motjuste/src/optimizer",
        &[
            "crate::study",
            "crate::evaluator",
            "crate::storage",
            "crate::budget",
            "crate::interval",
            "LanguageModel",
            "Generator",
            "std::fs",
            "std::io",
            "std::net",
            "std::time",
            "std::thread",
            "std::env",
            "tokio",
            "async ",
        ],
        "optimizer/* imports no model, evaluator, storage, study, budget, clock, file, thread or network",
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
fn task_metric_and_prompt_know_no_optimizer() {
    for folder in ["crates/motjuste/src/task", "crates/motjuste/src/metric"] {
        never(folder, &["crate::optimizer", "crate::study"], "task and metric import no optimizer");
    }
    let prompt = fs::read_to_string(root().join("crates/motjuste/src/prompt.rs")).unwrap();
    assert!(!prompt.contains("crate::optimizer"), "prompt imports no optimizer");
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
    let packages = [
        "motjuste-gp",
        "motjuste",
        "motjuste-embedded",
        "motjuste-lm",
        "motjuste-remote",
        "motjuste-store",
        "motjuste-page",
        "motjuste-problems",
        "motjuste-cli",
    ];
    for package in packages {
        let folder = format!("crates/{package}/src");
        never(&folder, &["println!", "eprintln!", "dbg!"], "nothing prints but motjuste-cli");
    }
    let writers = sources("crates/motjuste-cli/src");
    let writers = writers.iter().filter(|(_, text)| text.contains("io::stdout()"));
    assert!(
        writers.clone().all(|(path, _)| path.ends_with("summary.rs")),
        "only the summary prints"
    );
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
const KNOWN: &[(&str, &[&str])] = &[
    ("motjuste", &["budget", "error"]),
    ("motjuste", &["budget", "money", "error"]),
    ("motjuste", &["budget", "usage", "money", "error"]),
    ("motjuste", &["evaluator", "model", "storage", "journal"]),
    ("motjuste", &["evaluator", "scoring", "model", "storage", "journal"]),
    ("motjuste", &["evaluator", "task", "scoring", "model", "storage", "journal"]),
    ("motjuste", &["evaluator", "trial", "proposal", "optimizer", "model", "storage", "journal"]),
    ("motjuste", &["history", "model", "proposal", "optimizer"]),
    ("motjuste", &["history", "model", "storage", "journal"]),
    ("motjuste", &["history", "proposal", "optimizer"]),
    ("motjuste", &["history", "trial", "proposal", "optimizer"]),
    ("motjuste", &["journal", "optimizer", "model", "storage"]),
    ("motjuste", &["journal", "trial", "proposal", "optimizer", "model", "storage"]),
    ("motjuste", &["model", "proposal", "optimizer"]),
    ("motjuste", &["model::metered::generator", "model::metered::road"]),
    ("motjuste", &["model::metered::road", "model::metered::target"]),
    ("motjuste", &["money", "usage"]),
    ("motjuste", &["optimizer", "proposal"]),
    ("motjuste", &["optimizer", "trial", "proposal"]),
    ("motjuste", &["optimizer::opro::layout", "optimizer::opro::settings"]),
    ("motjuste-cli", &["args", "wiring"]),
    ("motjuste-cli", &["files", "page", "table", "summary"]),
    ("motjuste-cli", &["page", "table", "summary"]),
    ("motjuste-cli", &["wiring::bench", "wiring::setup"]),
    ("motjuste-cli", &["wiring::local", "wiring::models"]),
];

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
