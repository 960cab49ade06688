//! The embedded model in this process against the same model behind a real vLLM server.
//!
//! Ignored unless asked for, because it needs the server: `docs/src/own-server.md` says how to start one.
//!
//! ```text
//! MOTJUSTE_VLLM_URL=http://127.0.0.1:8011/v1 MOTJUSTE_VLLM_MODEL=embedded \
//!     cargo test -p motjuste-cli --test served -- --ignored
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use motjuste::Result;
use motjuste::model::{Completion, Decoding, Entries, Model, Projection, Request, SoftPrompt};
use motjuste::random::Streams;
use motjuste_lm::{Embedded, OpenModel};
use motjuste_remote::{Address, Api, Endpoint, RemoteModel, ServedGenerator, Settings};
use rand::RngExt;

const PROMPT: &str = "Input: house\nOutput: o\n\nInput: tree\nOutput: r\n\nThe instruction was to?";

struct Server {
    url: String,
    name: String,
}

impl Server {
    fn from_environment() -> Self {
        let url = std::env::var("MOTJUSTE_VLLM_URL").expect("MOTJUSTE_VLLM_URL names the server");
        let model = std::env::var("MOTJUSTE_VLLM_MODEL").unwrap_or_else(|_| "embedded".to_owned());
        Self { url, name: format!("hosted_vllm/{model}") }
    }

    fn address(&self) -> Address {
        Address {
            api: Some(Api::Completions),
            ..Address::new(self.name.as_str()).at(self.url.as_str())
        }
    }
}

fn soft_prompts(count: u64) -> Vec<Request> {
    let mut stream = Streams::new(0).stream("served", 0);
    let mut request = |seed| Request {
        soft_prompt: Some(SoftPrompt {
            z: (0..10).map(|_| stream.random_range(-1.0..1.0)).collect(),
            projection: Projection { tokens: 5, entries: Entries::Uniform, seed },
            demonstrations: 0,
        }),
        ..Request::new(PROMPT, Decoding::greedy(64))
    };
    (0..count).map(|index| request(index % 4)).collect()
}

#[tokio::test]
#[ignore = "needs a vLLM server; docs/src/own-server.md"]
async fn a_hundred_soft_prompts_give_the_same_instructions() {
    let server = Server::from_environment();
    let model = OpenModel::embedded().unwrap();
    let endpoint = Endpoint::open(&server.address(), &Settings::default()).unwrap();
    let embedder = Arc::new(Embedded::Instructions.embedder().unwrap());
    let served = ServedGenerator::new(endpoint, &server.address(), embedder).unwrap();
    let requests = soft_prompts(100);
    let here: Result<Vec<Completion>> = model.complete(&requests).await.into_iter().collect();
    let here = here.unwrap();
    let mut there = Vec::new();
    for batch in requests.chunks(served.batch_size()) {
        there.extend(served.complete(batch).await.into_iter().map(Result::unwrap));
    }
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here.text, there.text);
        assert_eq!(model.encode(&here.text).unwrap(), model.encode(&there.text).unwrap());
        assert_eq!(here.usage.tokens_in, there.usage.tokens_in);
    }
    let distinct: std::collections::HashSet<_> = there.iter().map(|text| &text.text).collect();
    assert!(distinct.len() > 20, "{} different instructions", distinct.len());
}

#[tokio::test]
#[ignore = "needs a vLLM server; docs/src/own-server.md"]
async fn the_same_answers_as_a_target() {
    let server = Server::from_environment();
    let here: Arc<dyn Model> = OpenModel::embedded().unwrap();
    let there = RemoteModel::open(&server.address()).unwrap();
    for input in ["house", "tree", "lantern", "copper", "a", "mirror"] {
        let prompt = format!(
            "Instruction: write the second letter of the word and nothing else.\n\nInput: {input}\nOutput:"
        );
        let request = Request::new(prompt, Decoding::greedy(64));
        let (here, there) =
            (here.answer(&request).await.unwrap(), there.answer(&request).await.unwrap());
        assert_eq!(here.text.trim(), there.text.trim());
        assert_eq!(here.usage.tokens_in, there.usage.tokens_in);
    }
}

#[test]
#[ignore = "needs a vLLM server; docs/src/own-server.md"]
fn a_study_with_both_models_served_is_the_study_in_this_process() {
    let server = Server::from_environment();
    let folder = tempfile::tempdir().unwrap();
    let here = study(folder.path(), "here", &[]);
    let there = study(
        folder.path(),
        "there",
        &[
            ["--generator", &server.name],
            ["--generator-url", &server.url],
            ["--embedder", "embedded"],
            ["--target", &server.name],
            ["--target-url", &server.url],
            ["--target-api", "completions"],
        ],
    );
    assert_eq!(here, there);
}

/// `trials.jsonl`, the winning instruction and its scores.
fn study(folder: &Path, name: &str, models: &[[&str; 2]]) -> (String, Vec<serde_json::Value>) {
    let task = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tasks/second_letter.toml");
    let out = folder.join(name);
    let status = Command::new(env!("CARGO_BIN_EXE_motjuste"))
        .arg("run")
        .arg(task)
        .args(["--set", "features=words", "--set", "pool.size=200", "--budget-trials", "40"])
        .args(models.iter().flatten())
        .arg("--out")
        .arg(&out)
        .arg("--store")
        .arg(folder.join(format!("{name}.sqlite")))
        .status()
        .unwrap();
    assert!(status.success());
    let trials = std::fs::read_to_string(out.join("trials.jsonl")).unwrap();
    let result = std::fs::read_to_string(out.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    let kept = ["instruction", "dev", "test", "baselines"];
    (trials, kept.map(|key| result[key].clone()).to_vec())
}
