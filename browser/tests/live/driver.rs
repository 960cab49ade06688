//! Chromium, driven from outside.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// How long something that should appear by itself is waited for.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(100);

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Light,
    Dark,
    /// A telephone, 390 pixels wide.
    Narrow,
}

impl Look {
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Narrow];

    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Narrow => "390px",
        }
    }

    fn options(self) -> Value {
        let mut arguments = vec![
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1200,1500",
        ];
        if is_root() {
            arguments.push("--no-sandbox");
        }
        if self == Self::Dark {
            arguments.push("--blink-settings=preferredColorScheme=0");
        }
        let mut options = json!({ "args": arguments });
        if self == Self::Narrow {
            let metrics = json!({ "width": 390, "height": 2600, "pixelRatio": 1.0, "touch": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        options
    }
}

/// Chromium refuses to shut itself in where the user is root.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// `chromedriver`, ended when it goes out of scope.
pub struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect(
            "chromedriver cannot be started: install it and Chromium, on Debian with \
             `apt-get install chromium chromium-driver`",
        );
        let driver = Self { process, url: format!("http://127.0.0.1:{port}") };
        driver.wait().await;
        driver
    }

    async fn wait(&self) {
        let address = self.url.trim_start_matches("http://");
        let start = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "chromedriver does not answer at {address}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    pub async fn browser(&self, look: Look) -> Browser {
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": look.options() });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let client = builder.connect(&self.url).await.expect(
            "Chromium cannot be started: install it, on Debian with `apt-get install chromium`",
        );
        Browser { client, look }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One window.
pub struct Browser {
    client: Client,
    look: Look,
}

impl Browser {
    pub async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    pub async fn end(self) {
        self.client.close().await.unwrap();
    }

    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// The text of the first element of this kind; none where there is none.
    async fn text(&self, css: &str) -> Option<String> {
        let found: Result<String, CmdError> =
            async { self.client.find(Locator::Css(css)).await?.text().await }.await;
        found.ok()
    }

    /// Waits until the first element of this kind holds a text.
    pub async fn sees(&self, css: &str, text: &str) {
        let start = Instant::now();
        loop {
            let found = self.text(css).await;
            if found.as_ref().is_some_and(|found| found.contains(text)) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{css} should hold {text:?}, and holds {found:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The first number in the first element of this kind.
    pub async fn number(&self, css: &str) -> u64 {
        let text = self.text(css).await.unwrap_or_default().replace(',', "");
        let digits =
            text.split(|letter: char| !letter.is_ascii_digit()).find(|part| !part.is_empty());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// Waits until that number is above `before`.
    pub async fn grows(&self, css: &str, before: u64) {
        let start = Instant::now();
        while self.number(css).await <= before {
            assert!(start.elapsed() < PATIENCE, "{css} stays at {before}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    pub async fn click(&self, css: &str) {
        let start = Instant::now();
        loop {
            let clicked = async { self.client.find(Locator::Css(css)).await?.click().await }.await;
            let Err(error) = clicked else { return };
            // What is being replaced at the moment cannot be clicked.
            assert!(start.elapsed() < PATIENCE, "{css} cannot be clicked: {error}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    pub async fn values(&self, css: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll('{css}')].map((one) => one.value)");
        serde_json::from_value(self.run(&script).await).unwrap()
    }

    /// Leaves a mark that a reload would take away.
    pub async fn mark(&self) {
        self.run("window.marked = true").await;
    }

    pub async fn is_the_same_document(&self) {
        assert_eq!(
            self.run("return window.marked === true").await,
            json!(true),
            "the page was reloaded"
        );
    }

    /// Nothing is wider than the window, and no style stands in the markup.
    pub async fn fits(&self, name: &str) {
        let width =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(self.run(width).await, json!(0), "{name} is too wide, {:?}", self.look);
        let styled = "return document.querySelectorAll('[style]').length";
        assert_eq!(self.run(styled).await, json!(0), "{name} has styles in its markup");
    }

    async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Makes the window as high as the page, within reason.
    async fn show_all(&self) {
        if self.look == Look::Narrow {
            return;
        }
        self.client.set_window_size(1200, 900).await.unwrap();
        let height = self.run("return document.documentElement.scrollHeight").await;
        let height = height.as_u64().unwrap_or(0).clamp(900, 5_000) as u32 + 150;
        self.client.set_window_size(1200, height).await.unwrap();
    }

    pub async fn picture(&self, name: &str) {
        let folder = folder();
        fs::create_dir_all(&folder).unwrap();
        self.show_all().await;
        let picture = self.client.screenshot().await.unwrap();
        fs::write(folder.join(format!("{name}-{}.png", self.look.name())), picture).unwrap();
    }
}

fn folder() -> PathBuf {
    match std::env::var_os("MOTJUSTE_PICTURES") {
        Some(folder) => folder.into(),
        None => super::scratch::repository().join("target/browser"),
    }
}
