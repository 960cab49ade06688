//! A model as a GGUF file.

mod metadata;
mod tensors;
mod vocabulary;
mod words;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use motjuste::{Error, Result};
use serde_json::Value as Json;

use super::unwritable;
use crate::gguf::names::Family;
use crate::open_model::OpenModel;
use crate::options::Precision;
use metadata::{Metadata, Value};
use tensors::Layout;

/// Version 3, little-endian: magic, version, two counts, metadata, tensor infos, tensors.
pub(super) fn write(model: &OpenModel, path: &Path, precision: Precision) -> Result<()> {
    let files = model.files()?;
    let malformed = |e| Error::model(format!("config.json: {e}")).with_source(e);
    let config: Json = serde_json::from_slice(&files.config).map_err(malformed)?;
    let family = family(&config)?;
    let mut metadata = Metadata::default();
    metadata.set("general.architecture", Value::Text(family.architecture.to_owned()));
    metadata.set("general.name", Value::Text(model.description().id.clone()));
    metadata::model(&mut metadata, family, &config)?;
    vocabulary::tokenizer(&mut metadata, &files.tokenizer, &config)?;
    let layout = Layout::new(&files.weights, family, &config, precision)?;
    let file = File::create(path).map_err(|e| unwritable(path, e))?;
    let mut out = BufWriter::new(file);
    let header = header(&metadata, &layout);
    out.write_all(&header).map_err(|e| unwritable(path, e))?;
    layout.write(&files.weights, &mut out, path)?;
    out.flush().map_err(|e| unwritable(path, e))
}

/// Models whose every tensor and constant has its place in a file of architecture `llama`.
fn family(config: &Json) -> Result<&'static Family> {
    let flag = |key: &str| config[key].as_bool().unwrap_or(false);
    let scaled = ["rope_parameters", "rope_scaling"].iter().any(|key| {
        let kind = &config[*key]["rope_type"];
        kind.as_str().is_some_and(|kind| kind != "default")
    });
    let plain =
        config["model_type"] == "llama" && !scaled && !flag("attention_bias") && !flag("mlp_bias");
    Family::of("llama").filter(|_| plain).ok_or_else(|| {
        Error::model(format!("a model of type {} cannot be written as GGUF", config["model_type"]))
            .with_help(
                "only plain Llama models can; write a Hugging Face folder and convert it with \
                 llama.cpp's convert_hf_to_gguf.py",
            )
    })
}

fn header(metadata: &Metadata, layout: &Layout) -> Vec<u8> {
    let mut header = b"GGUF".to_vec();
    header.extend(3u32.to_le_bytes());
    header.extend((layout.len() as u64).to_le_bytes());
    header.extend((metadata.len() as u64).to_le_bytes());
    metadata.write(&mut header);
    layout.infos(&mut header);
    header.resize(header.len().next_multiple_of(tensors::ALIGNMENT), 0);
    header
}
