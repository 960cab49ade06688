//! Where studies are kept: in a file, on a server, in memory; and two processes on one of them.

use std::io::Read;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::postgres_server::server as postgres;
use crate::scratch::{SMALL, Scratch, without_time};
use crate::server::{Server, first_letter};

/// The arguments of a small study on this server, kept in this store.
fn kept<'a>(url: &'a str, store: &'a str) -> Vec<&'a str> {
    let target = ["--target", "openai_compatible/m", "--target-url", url, "--store", store];
    [SMALL, &target, &["--yes", "--concurrency", "4"]].concat()
}

/// Ends a process that a failed test leaves.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

impl Running {
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.0.wait().unwrap().code(), said)
    }
}

fn wait_for(server: &Server, requests: usize) {
    let start = Instant::now();
    while server.requests() < requests {
        assert!(start.elapsed() < Duration::from_secs(120), "nobody asks");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A second process on one study pays nothing, is told who has it, and does not disturb it.
fn second_is_refused(store: &str) {
    let server = Server::start(|_, body| {
        std::thread::sleep(Duration::from_millis(200));
        (200, first_letter(body))
    });
    let (scratch, url) = (Scratch::new(), server.url());
    let first = Running(scratch.start(&kept(&url, store)));
    let process = format!("is being run by process {} on ", first.0.id());
    wait_for(&server, 8);
    scratch.refused(6, &kept(&url, store), &[&process, "nothing was asked or paid"]);
    let said = scratch.expect(0, &["show", "--store", store]);
    assert!(said.contains("first_letter"), "{said}");
    let (code, said) = first.end();
    assert_eq!(code, Some(0), "{said}");
    let ledger = &scratch.json("out/result.json")["ledger"];
    let calls = |role: &str| ledger[role]["calls"].as_u64().unwrap();
    // The Manual instruction comes from the generator.
    assert_eq!(calls("target") + calls("assessment") - 1, server.requests() as u64, "{ledger}");
    assert_eq!(ledger["target"]["lost"], 0);
}

#[test]
fn a_second_process_on_a_study_in_a_file_pays_nothing() {
    second_is_refused("studies.sqlite");
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
fn a_second_process_on_a_study_on_a_server_pays_nothing() {
    second_is_refused(&postgres().fresh());
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
fn a_study_is_the_same_in_a_file_and_on_a_server_and_no_password_is_shown() {
    let run = |store: &str| {
        let scratch = Scratch::new();
        let output = scratch.motjuste(&[SMALL, &["--store", store, "-vvv"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        let result = without_time(scratch.json("out/result.json"));
        (scratch.read("out/trials.jsonl"), result, said, scratch)
    };
    let store = postgres().fresh();
    let (file, server) = (run("studies.sqlite"), run(&store));
    assert_eq!((&file.0, &file.1), (&server.0, &server.1));
    let scratch = server.3;
    let instruction = file.1["instruction"].as_str().unwrap();
    assert_eq!(scratch.expect(0, &["best", "--store", &store]).trim_end(), instruction);
    let files = scratch.path("out").read_dir().unwrap().flatten();
    let texts = files.map(|file| std::fs::read(file.path()).unwrap());
    let texts: Vec<String> =
        texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    assert!(texts.len() > 4 && !texts.concat().contains("a-wonder"), "the password is in a file");
    assert!(!server.2.contains("a-wonder"), "{}", server.2);
}

#[test]
fn a_store_that_cannot_be_opened_is_explained_without_its_password() {
    let scratch = Scratch::new();
    let said = |code: i32, arguments: &[&str]| {
        let output = scratch.motjuste(arguments);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(!said.contains("s3cret") && said.contains("help:"), "{said}");
        said
    };
    let away = "postgresql://me:s3cret@127.0.0.1:1/work";
    assert!(said(6, &["show", "--store", away]).contains("postgresql://127.0.0.1:1/work"));
    assert!(said(2, &["show", "--store", "postgresql://me:s3cret@h:p/w"]).contains("is no URL"));
    assert!(said(2, &["show", "--store", "mysql://me:s3cret@h/w"]).contains("mysql://"));
    assert!(said(6, &["show", "--store", "none.sqlite"]).contains("there is no store at"));
    let mut help = scratch.command(&["run", "--help"]);
    let help = help.env("MOTJUSTE_STORE", away).output().unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("s3cret"));
}

#[test]
fn a_store_in_memory_leaves_nothing_and_says_so() {
    let scratch = Scratch::new();
    let run = [SMALL, &["--store", ":memory:"]].concat();
    scratch.tells(0, &run, &["the store is in memory"]);
    assert!(!scratch.path(":memory:").exists() && scratch.path("out/prompt.txt").exists());
    scratch.refused(2, &["show", "--store", ":memory:"], &["there is nothing to read", "--store"]);
}
