//! The live page in a real browser, over a store in which a study runs at the same time.
//!
//! `.ci/run browser` installs Chromium and its driver, and runs this. A package of its own, because what drives a
//! browser has no place in the builds of the others:
//!
//! ```text
//! cargo build && cargo test --manifest-path browser/Cargo.toml
//! ```
//!
//! Pictures of the pages are left in `target/browser`, or in the folder that `MOTJUSTE_PICTURES` names.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod driver;
mod scratch;
#[path = "../../../crates/motjuste-cli/tests/cli/server.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod server;
mod tickets;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use driver::{Browser, Driver, Look};
use scratch::Scratch;
use server::Server;

/// `motjuste serve`, ended when it goes out of scope.
struct Page {
    process: Child,
    url: String,
}

impl Page {
    fn over(scratch: &Scratch) -> Self {
        let mut command = scratch.command(&["serve", "--port", "0", "--task", "task.toml"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "the address is printed: {url}");
        Self { process, url: url.trim().trim_end_matches('/').to_owned() }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A study of the tickets in the scratch folder, by a model on `server`.
fn study(scratch: &Scratch, server: &Server, seed: &str, trials: &str) -> Child {
    let url = server.url();
    let models = ["--target", "openai_compatible/desk", "--target-url", &url];
    let base = ["run", "task.toml", "--yes", "--seed", seed, "--budget-trials", trials];
    scratch.start(&[&base, &models[..], &["--out", &format!("out{seed}")]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_is_watched_as_it_runs_and_looked_into() {
    let (scratch, quick) = (Scratch::new(), Server::start(tickets::model(Duration::ZERO)));
    tickets::write(&scratch);
    assert!(study(&scratch, &quick, "0", "24").wait().unwrap().success());
    let slow = Server::start(tickets::model(Duration::from_millis(1500)));
    let page = Page::over(&scratch);
    let driver = Driver::start().await;
    let browser = driver.browser(Look::Light).await;

    let mut running = study(&scratch, &slow, "1", "40");
    watch_the_list(&browser, &page).await;
    let study = watch_a_study(&browser).await;
    picture_while_it_runs(&driver, &page, &study).await;
    look_at_an_instruction(&browser).await;
    see_the_end(&browser).await;
    assert!(running.wait().unwrap().success());
    compare_two(&browser, &page).await;
    browser.end().await;
    picture_all(&driver, &page, &study).await;
}

/// A study that begins appears in the list by itself, and its trials grow.
async fn watch_the_list(browser: &Browser, page: &Page) {
    browser.open(&page.url).await;
    browser.mark().await;
    browser.sees("h1", "Studies of this store").await;
    browser.sees("#line", "live").await;
    browser.sees(".studies .running .state", "running").await;
    let before = browser.number(".studies .running .curve .small").await;
    browser.grows(".studies .running .curve .small", before).await;
    browser.is_the_same_document().await;
}

/// A study's page grows by itself; returns its address.
async fn watch_a_study(browser: &Browser) -> String {
    browser.click(".studies .running .name > a").await;
    browser.mark().await;
    let before = browser.number(".figures dd").await;
    browser.grows(".figures dd", before).await;
    browser.sees("#line", "live").await;
    browser.is_the_same_document().await;
    browser.address().await
}

/// The answers of one instruction, beside what the rows ask.
async fn look_at_an_instruction(browser: &Browser) {
    browser.click("#instructions .to-trial").await;
    browser.sees("h1", "Trial").await;
    browser.sees(".matrix tbody", "My parcel").await;
    browser.click(".filters a").await;
    browser.sees(".filters b", "missed").await;
    browser.sees(".rows-lead", "rows were not all right").await;
    browser.click(".trail a:nth-of-type(2)").await;
}

/// When the study is done its page says so by itself, and the held-out rows can be opened.
async fn see_the_end(browser: &Browser) {
    browser.sees(".status .state", "").await;
    browser.mark().await;
    browser.sees(".status .state", "done").await;
    browser.is_the_same_document().await;
    browser.sees(".proof", "This instruction").await;
    browser.click(".act a").await;
    browser.sees(".matrix thead", "Manual").await;
}

/// Two studies, chosen in the list, side by side.
async fn compare_two(browser: &Browser, page: &Page) {
    browser.open(&page.url).await;
    for row in ["1", "2"] {
        browser.click(&format!(".studies li:nth-child({row}) input")).await;
    }
    browser.click("form .act button").await;
    browser.sees("h1", "Two studies side by side").await;
    browser.sees(".verdict", "held-out row").await;
    browser.sees(".matrix thead", "B").await;
}

/// The pages of a study that runs, in every look.
async fn picture_while_it_runs(driver: &Driver, page: &Page, study: &str) {
    for look in Look::ALL {
        let browser = driver.browser(look).await;
        browser.open(&page.url).await;
        browser.sees("#line", "live").await;
        browser.picture("running-list").await;
        browser.open(study).await;
        browser.sees("#line", "live").await;
        browser.picture("running-study").await;
        browser.end().await;
    }
}

/// Every page, in every look.
async fn picture_all(driver: &Driver, page: &Page, study: &str) {
    let names: Vec<String> = {
        let browser = driver.browser(Look::Light).await;
        browser.open(&page.url).await;
        let names = browser.values(".studies input").await;
        browser.end().await;
        names
    };
    let compare = format!("{}/compare?study={}&study={}", page.url, names[0], names[1]);
    for look in Look::ALL {
        let browser = driver.browser(look).await;
        let pages = [
            ("list", page.url.clone()),
            ("study", study.to_owned()),
            ("trial", format!("{study}/trials/9")),
            ("held-out", format!("{study}/held-out")),
            ("compare", compare.clone()),
        ];
        for (name, address) in pages {
            browser.open(&address).await;
            browser.fits(name).await;
            browser.picture(name).await;
        }
        browser.end().await;
    }
}
