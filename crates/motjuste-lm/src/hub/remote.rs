//! Where models come from and where they are kept.

use std::env;
use std::path::{Path, PathBuf};

use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use motjuste::{Error, Result};

use super::{Download, checksum};
use crate::weights::shards;

const INDEX: &str = "model.safetensors.index.json";

/// What a model is loaded from, beside its weights.
const FILES: [&str; 5] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "generation_config.json",
];

/// The Hub, or a server that speaks like it, and the cache.
pub(super) struct Remote {
    pub(super) endpoint: String,
    pub(super) cache: Cache,
    pub(super) token: Option<String>,
    /// Whether the cache has to do.
    pub(super) offline: bool,
}

impl Remote {
    pub(super) fn from_env() -> Result<Self> {
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        if set("HF_HOME").is_none() && env::home_dir().is_none() {
            return Err(Error::model("there is no place for downloaded models")
                .with_help("set HF_HOME to a folder"));
        }
        let cache = Cache::from_env();
        let offline = set("HF_HUB_OFFLINE").is_some_and(|value| {
            ["1", "on", "true", "yes"].contains(&value.to_lowercase().as_str())
        });
        Ok(Self {
            endpoint: set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned()),
            token: set("HF_TOKEN").or_else(|| cache.token()),
            cache,
            offline,
        })
    }

    /// The folder with a model's files, downloaded as far as they are not there.
    pub(super) fn folder(
        &self,
        name: &str,
        revision: &str,
        progress: &mut dyn FnMut(Download),
    ) -> Result<PathBuf> {
        check(name, revision)?;
        let asked = repo(name, revision);
        let kept = self.cache.repo(asked.clone());
        if self.offline {
            return self.kept(&kept, name);
        }
        let api = ApiBuilder::from_cache(self.cache.clone())
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .build()
            .map_err(|e| self.unreachable(name, revision, e))?;
        let info = api.repo(asked).info().map_err(|e| self.unreachable(name, revision, e))?;
        let commit = Commit {
            remote: api.repo(repo(name, &info.sha)),
            folder: kept.pointer_path(&info.sha),
            files: info.siblings.into_iter().map(|sibling| sibling.rfilename).collect(),
        };
        commit.fetch(progress).map_err(|e| self.unreachable(name, revision, e))?;
        kept.create_ref(&info.sha).map_err(|e| self.unreachable(name, revision, e.into()))?;
        Ok(commit.folder)
    }

    /// What the cache holds of a revision.
    fn kept(&self, kept: &CacheRepo, name: &str) -> Result<PathBuf> {
        let config = kept.get(FILES[0]);
        let folder = config.as_deref().and_then(Path::parent).map(Path::to_owned);
        folder.ok_or_else(|| {
            Error::model(format!("{name} is not in {}", self.cache.path().display()))
                .with_help("download it once without HF_HUB_OFFLINE")
        })
    }

    fn unreachable(&self, name: &str, revision: &str, e: ApiError) -> Error {
        let place = format!("{name} at revision {revision} on {}", self.endpoint);
        let status = match &e {
            ApiError::RequestError(e) => match **e {
                ureq::Error::StatusCode(status) => Some(status),
                _ => None,
            },
            _ => None,
        };
        let error = match status {
            Some(401 | 403 | 404) => Error::model(format!(
                "there is no model {place}, or it is not open to you"
            ))
            .with_help(
                "check name and revision; a model behind a licence wants the licence accepted on \
                 its page and a token in HF_TOKEN",
            ),
            _ => Error::model(format!("{place} cannot be downloaded: {e}")).with_help(
                "check the network and try again, what is here is kept; HF_HUB_OFFLINE=1 uses \
                 models that were downloaded before",
            ),
        };
        error.with_source(e)
    }
}

fn repo(name: &str, revision: &str) -> Repo {
    Repo::with_revision(name.to_owned(), RepoType::Model, revision.to_owned())
}

/// Names become folders: letters, digits and `-_.` on both sides of one `/`.
fn check(name: &str, revision: &str) -> Result<()> {
    let plain = |part: &str, extra: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || extra.contains(c);
        !part.is_empty() && !part.contains("..") && part.chars().all(allowed)
    };
    let both = name.split_once('/');
    match both.is_some_and(|(org, name)| plain(org, "") && plain(name, "")) && plain(revision, "/")
    {
        true => Ok(()),
        false => Err(Error::model(format!("`{name}` at `{revision}` names no model"))
            .with_help("name it ORG/NAME, as on huggingface.co")),
    }
}

/// One commit of a repository.
struct Commit {
    remote: ApiRepo,
    /// Where its files are kept.
    folder: PathBuf,
    /// The names of all its files.
    files: Vec<String>,
}

impl Commit {
    fn fetch(&self, progress: &mut dyn FnMut(Download)) -> Result<(), ApiError> {
        for file in FILES.into_iter().filter(|file| self.has(file)) {
            self.fetch_one(file, progress)?;
        }
        if !self.has(INDEX) {
            return self.fetch_one("model.safetensors", progress);
        }
        self.fetch_one(INDEX, progress)?;
        let shards = shards(&self.folder.join(INDEX)).map_err(std::io::Error::other)?;
        shards.iter().try_for_each(|file| self.fetch_one(file, progress))
    }

    fn has(&self, file: &str) -> bool {
        self.files.iter().any(|name| name == file)
    }

    fn fetch_one(&self, file: &str, progress: &mut dyn FnMut(Download)) -> Result<(), ApiError> {
        let kept = self.folder.join(file);
        if kept.exists() {
            return Ok(());
        }
        let report = Report { file, done: 0, size: 0, progress };
        self.remote.download_with_progress(file, report)?;
        Ok(checksum::check(&kept)?)
    }
}

/// Tells the caller how far a file has come.
struct Report<'a> {
    file: &'a str,
    done: u64,
    size: u64,
    progress: &'a mut dyn FnMut(Download),
}

impl hf_hub::api::Progress for Report<'_> {
    fn init(&mut self, size: usize, _: &str) {
        (self.done, self.size) = (0, size as u64);
    }

    fn update(&mut self, size: usize) {
        self.done += size as u64;
        (self.progress)(Download { file: self.file, done: self.done, size: self.size });
    }

    fn finish(&mut self) {}
}
