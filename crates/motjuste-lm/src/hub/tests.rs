//! A model over HTTP, from a server of a few lines.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use hf_hub::Cache;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Download;
use super::remote::Remote;
use crate::files::Files;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Files of the model ORG/tiny, the requests for them, and whether a token is wanted.
struct Hub {
    files: BTreeMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
    token: Option<String>,
}

impl Hub {
    /// Serves in the background for as long as the test runs.
    fn serve(self) -> (String, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hub = Arc::new(self);
        let served = Arc::clone(&hub);
        thread::spawn(move || {
            for stream in listener.incoming() {
                served.answer(stream.unwrap());
            }
        });
        (address, hub)
    }

    fn answer(&self, mut stream: TcpStream) {
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let lines: Vec<String> =
            lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
        let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return };
        let header = |name: &str| {
            let mut headers = lines.iter().filter_map(|line| line.split_once(": "));
            headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let authorised = self
            .token
            .as_ref()
            .is_none_or(|token| header("authorization") == Some(&format!("Bearer {token}")));
        let range = header("range").and_then(|range| range.strip_prefix("bytes="));
        let response = match (authorised, self.find(path)) {
            (true, Some(content)) => respond(&content, range),
            (false, _) => b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_vec(),
            (true, None) => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        };
        self.asked.lock().unwrap().push(path.to_owned());
        stream.write_all(&response).unwrap();
    }

    fn find(&self, path: &str) -> Option<Vec<u8>> {
        if path == "/api/models/ORG/tiny/revision/main" {
            let names = self.files.keys().map(|name| json!({ "rfilename": name }));
            let siblings: Vec<_> = names.collect();
            return Some(json!({ "siblings": siblings, "sha": COMMIT }).to_string().into_bytes());
        }
        self.files.get(path.strip_prefix(&format!("/ORG/tiny/resolve/{COMMIT}/"))?).cloned()
    }
}

fn respond(content: &[u8], range: Option<&str>) -> Vec<u8> {
    let (start, end) = range.and_then(|range| range.split_once('-')).unwrap_or_default();
    let start = start.parse().unwrap_or(0);
    let end = end.parse().map_or(content.len(), |last: usize| content.len().min(last + 1));
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Range: bytes {start}-{}/{}\r\nETag: \"{}\"\r\nX-Repo-Commit: {COMMIT}\r\n\r\n",
        end - start,
        end.saturating_sub(1),
        content.len(),
        etag(content),
    );
    [head.as_bytes(), &content[start..end]].concat()
}

/// As the Hub's large-file store names content.
fn etag(content: &[u8]) -> String {
    if content == DAMAGED {
        return "0".repeat(64);
    }
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Content that does not arrive as it was.
const DAMAGED: &[u8] = b"{\"damaged\": true}";

/// The files of a folder and some that a model is not loaded from.
fn hub(folder: &str, token: Option<&str>) -> Hub {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files: BTreeMap<String, Vec<u8>> = std::fs::read_dir(tests.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    let tokenizer = std::fs::read(tests.join("fixtures/tiny-llama/tokenizer.json")).unwrap();
    files.insert("tokenizer.json".to_owned(), tokenizer);
    files.insert("generation_config.json".to_owned(), b"{\"eos_token_id\": 5}".to_vec());
    files.insert("pytorch_model.bin".to_owned(), vec![0; 1000]);
    Hub { files, asked: Mutex::default(), token: token.map(str::to_owned) }
}

fn remote(endpoint: String, cache: &Path) -> Remote {
    Remote { endpoint, cache: Cache::new(cache.join("hub")), token: None, offline: false }
}

#[test]
fn a_model_is_downloaded_once_and_then_found_without_the_network() {
    let cache = tempfile::tempdir().unwrap();
    let (address, hub) = hub("families/llama-biased", None).serve();
    let mut seen = BTreeMap::new();
    let mut progress = |download: Download| {
        seen.insert(download.file.to_owned(), (download.done, download.size));
    };
    let online = remote(address, cache.path());
    let folder = online.folder("ORG/tiny", "main", &mut progress).unwrap();
    let files = Files::in_folder(&folder).unwrap();
    assert_eq!(files.generation_config.as_deref(), Some(&b"{\"eos_token_id\": 5}"[..]));
    assert!(seen.contains_key("model-00002-of-00002.safetensors"));
    assert!(seen.values().all(|(done, size)| done == size), "{seen:?}");
    let asked = std::mem::take(&mut *hub.asked.lock().unwrap());
    assert!(!asked.iter().any(|path| path.ends_with(".bin") || path.ends_with("reference.json")));

    assert_eq!(online.folder("ORG/tiny", "main", &mut |_| ()).unwrap(), folder);
    assert_eq!(hub.asked.lock().unwrap().len(), 1, "only what the revision is");
    let offline = Remote { offline: true, ..remote("http://127.0.0.1:1".to_owned(), cache.path()) };
    assert_eq!(offline.folder("ORG/tiny", "main", &mut |_| ()).unwrap(), folder);
    assert_eq!(offline.folder("ORG/tiny", COMMIT, &mut |_| ()).unwrap(), folder);
}

#[test]
fn what_is_not_there_is_said_with_a_way_out() {
    let cache = tempfile::tempdir().unwrap();
    let refusal = |remote: Remote, name: &str, message: &str, help: &str| {
        let error = remote.folder(name, "main", &mut |_| ()).unwrap_err();
        assert!(error.is_model() && error.to_string().contains(message), "{error}");
        assert!(error.help().unwrap().contains(help), "{:?}", error.help());
    };
    let (address, _) = hub("fixtures/tiny-llama", None).serve();
    let open = || remote(address.clone(), cache.path());
    refusal(open(), "ORG/huge", "there is no model ORG/huge", "HF_TOKEN");
    refusal(open(), "ORG", "names no model", "ORG/NAME");
    refusal(open(), "../tiny", "names no model", "ORG/NAME");
    let away = remote("http://127.0.0.1:1".to_owned(), cache.path());
    refusal(away, "ORG/tiny", "cannot be downloaded", "HF_HUB_OFFLINE=1");
    let offline = Remote { offline: true, ..open() };
    refusal(offline, "ORG/tiny", "is not in", "without HF_HUB_OFFLINE");
}

#[test]
fn a_token_opens_what_is_closed() {
    let cache = tempfile::tempdir().unwrap();
    let (address, _) = hub("fixtures/tiny-llama", Some("secret")).serve();
    let closed = remote(address.clone(), cache.path());
    assert!(
        closed
            .folder("ORG/tiny", "main", &mut |_| ())
            .unwrap_err()
            .help()
            .unwrap()
            .contains("HF_TOKEN")
    );
    let open = Remote { token: Some("secret".to_owned()), ..remote(address, cache.path()) };
    assert!(Files::in_folder(&open.folder("ORG/tiny", "main", &mut |_| ()).unwrap()).is_ok());
}

#[test]
fn a_file_that_arrives_damaged_is_refused_and_not_kept() {
    let cache = tempfile::tempdir().unwrap();
    let mut damaged = hub("fixtures/tiny-llama", None);
    damaged.files.insert("generation_config.json".to_owned(), DAMAGED.to_vec());
    let (address, _) = damaged.serve();
    let error = remote(address, cache.path()).folder("ORG/tiny", "main", &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("did not arrive"), "{error}");
    let (address, _) = hub("fixtures/tiny-llama", None).serve();
    assert!(remote(address, cache.path()).folder("ORG/tiny", "main", &mut |_| ()).is_ok());
}
