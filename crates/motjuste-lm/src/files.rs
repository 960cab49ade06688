//! The files of a model: where they are, and what names them.

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use motjuste::{Error, Result};

use crate::gguf;
use crate::weights::{Gguf, Safetensors, Weights};

/// What a model is loaded from.
pub(crate) struct Files<'a> {
    pub(crate) config: Cow<'a, [u8]>,
    pub(crate) tokenizer: Cow<'a, [u8]>,
    pub(crate) weights: Weights<'a>,
    /// Files that a model may lack.
    pub(crate) tokenizer_config: Option<Vec<u8>>,
    pub(crate) chat_template: Option<Vec<u8>>,
    pub(crate) generation_config: Option<Vec<u8>>,
}

impl<'a> Files<'a> {
    /// Files in memory: config.json, tokenizer.json and model.safetensors.
    #[cfg_attr(
        not(any(feature = "embedded", test)),
        expect(dead_code, reason = "no other model is in memory")
    )]
    pub(crate) fn in_memory(
        config: &'a [u8],
        tokenizer: &'a [u8],
        weights: &'a [u8],
    ) -> Result<Self> {
        Ok(Self {
            config: config.into(),
            tokenizer: tokenizer.into(),
            weights: Safetensors::in_memory(weights)?.into(),
            tokenizer_config: None,
            chat_template: None,
            generation_config: None,
        })
    }

    /// 12 hexadecimal digits of the BLAKE3 hash of all files.
    pub(crate) fn revision(&self) -> Result<String> {
        let mut hasher = blake3::Hasher::new();
        self.weights.hash(&mut hasher)?;
        for file in self.small() {
            hasher.update(file);
        }
        Ok(hasher.finalize().to_hex()[..12].to_owned())
    }

    /// The size of the files.
    pub(crate) fn bytes(&self) -> u64 {
        self.weights.bytes() + self.small().map(|file| file.len() as u64).sum::<u64>()
    }

    /// All files but the weights.
    fn small(&self) -> impl Iterator<Item = &[u8]> {
        let optional = [&self.tokenizer_config, &self.chat_template, &self.generation_config];
        let optional = optional.into_iter().filter_map(|file| file.as_deref());
        [&self.tokenizer[..], &self.config[..]].into_iter().chain(optional)
    }
}

impl Files<'static> {
    /// The files of a folder as Hugging Face writes it.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        Ok(Self {
            config: needed(folder, "config.json")?.into(),
            tokenizer: tokenizer(folder)?.into(),
            weights: Safetensors::in_folder(folder)?.into(),
            tokenizer_config: optional(folder, "tokenizer_config.json")?,
            chat_template: optional(folder, "chat_template.jinja")?,
            generation_config: optional(folder, "generation_config.json")?,
        })
    }

    /// The files that a GGUF file stands for.
    ///
    /// # Errors
    /// When the file cannot be read, or holds what we cannot compute.
    pub(crate) fn in_gguf(path: &Path) -> Result<Self> {
        let header = gguf::Header::read(path)?;
        let config = gguf::config(&header)?;
        let tokenizer = gguf::tokenizer(&header)?;
        Ok(Self {
            config: config.to_string().into_bytes().into(),
            tokenizer: tokenizer.to_string().into_bytes().into(),
            tokenizer_config: Some(gguf::tokenizer_config(&header).to_string().into_bytes()),
            chat_template: None,
            generation_config: None,
            weights: Gguf::new(header).into(),
        })
    }
}

fn tokenizer(folder: &Path) -> Result<Vec<u8>> {
    let name = "tokenizer.json";
    if !folder.join(name).exists() && folder.join("tokenizer.model").exists() {
        return Err(Error::model(format!(
            "{} has a tokenizer.model but no {name}",
            folder.display()
        ))
        .with_help(
            "load the folder's tokenizer with the Python package `transformers` and save it with \
             `save_pretrained`; that writes a tokenizer.json",
        ));
    }
    needed(folder, name)
}

fn needed(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    fs::read(&path).map_err(|e| unreadable(&path, e))
}

fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::model(format!("{} cannot be read: {e}", path.display())).with_source(e).with_help(
        "a model folder holds config.json, tokenizer.json and model.safetensors (or several files \
         and model.safetensors.index.json), as Hugging Face writes them",
    )
}

/// A file that may be missing.
fn optional(folder: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(&path, e)),
    }
}
