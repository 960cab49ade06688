//! A chapter, done by a reader: its files are written, its commands run in order, its output compared.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::blocks::{self, Block};
use crate::scratch::repository;
use crate::server::Server;

/// Does what the page says; returns how many blocks of commands were run.
pub fn run(page: &Path, server: &Server) -> usize {
    let blocks = blocks::of(page);
    if !blocks.iter().any(|block| block.is("run")) {
        return 0;
    }
    let folder = folder();
    let (mut ran, mut printed) = (0, String::new());
    for block in &blocks {
        if let Some(name) = block.value("file") {
            fs::write(folder.path().join(name), &block.text).unwrap();
        }
        if block.is("run") && block.value("needs").is_none_or(is_there) {
            printed = shell(block, folder.path(), server);
            ran += 1;
        }
        if block.is("printed") {
            compare(block, &printed);
        }
    }
    ran
}

/// A folder with the examples of the book, and the binary under its name.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository().join("docs/src/examples")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    fs::create_dir(folder.path().join(".bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_motjuste"), folder.path().join(".bin/motjuste")).unwrap();
    folder
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs a block, which must succeed; returns what it printed.
fn shell(block: &Block, folder: &Path, server: &Server) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-euc", &block.text])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", folder.join(".bin").display()))
        .env("OPENAI_API_KEY", "a-key")
        .env("OPENAI_BASE_URL", server.url())
        .env("MOTJUSTE_CONFIG", folder.join(".config"))
        .env_remove("MOTJUSTE_STORE")
        .env_remove("MOTJUSTE_PRICES")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{}\n{}\n{printed}", block.place, block.text);
    printed
}

/// Every line of a block must have been printed; `…` stands for anything.
fn compare(block: &Block, printed: &str) {
    let printed = printed.replace('\u{a0}', " ");
    for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
        let was_printed = printed.lines().any(|candidate| matches(line.trim(), candidate));
        assert!(was_printed, "{}: not printed: {line}\n{printed}", block.place);
    }
}

fn matches(pattern: &str, line: &str) -> bool {
    let mut rest = line;
    pattern.split('…').map(str::trim).all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}
