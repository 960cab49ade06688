//! A model as a Hugging Face folder.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use motjuste::{Error, Result};
use safetensors::{Dtype, View};
use serde_json::{Map, Value, json};

use super::names::architecture;
use super::{PASS_THROUGH, unwritable};
use crate::files::Files;
use crate::open_model::OpenModel;
use crate::text::Tokenizer;

pub(super) fn write(model: &OpenModel, folder: &Path) -> Result<()> {
    let files = model.files()?;
    let config = config(&files)?;
    fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|e| unwritable(&path, e))
    };
    write("config.json", &pretty(&config))?;
    match &files.generation_config {
        Some(own) => write("generation_config.json", own)?,
        None => write("generation_config.json", &pretty(&generation_config(&config)))?,
    }
    write("tokenizer.json", &files.tokenizer)?;
    if let Some(template) = &files.chat_template {
        write("chat_template.jinja", template)?;
    }
    write("tokenizer_config.json", &pretty(&tokenizer_config(&files, &config)?))?;
    write_weights(&files, &folder.join("model.safetensors"))
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// The model's configuration, with the class that loads it and the type we write.
fn config(files: &Files) -> Result<Value> {
    let malformed = |e| Error::model(format!("config.json: {e}")).with_source(e);
    let mut config: Value = serde_json::from_slice(&files.config).map_err(malformed)?;
    let class = config["model_type"].as_str().and_then(architecture);
    if let (Some(keys), Some(class)) = (config.as_object_mut(), class) {
        keys.entry("architectures").or_insert_with(|| json!([class]));
        // transformers 5 calls it `dtype`; earlier versions, and vLLM, read the other name.
        keys.remove("dtype");
        keys.insert("torch_dtype".to_owned(), json!("float32"));
    }
    Ok(config)
}

/// The special tokens that `config.json` names, and greedy decoding.
fn generation_config(config: &Value) -> Value {
    let mut generation = Map::new();
    for key in ["bos_token_id", "eos_token_id", "pad_token_id"] {
        if let Some(id) = config.get(key).filter(|id| !id.is_null()) {
            generation.insert(key.to_owned(), id.clone());
        }
    }
    generation.insert("do_sample".to_owned(), json!(false));
    Value::Object(generation)
}

fn tokenizer_config(files: &Files, config: &Value) -> Result<Value> {
    let mut keys = match &files.tokenizer_config {
        Some(own) => serde_json::from_slice(own)
            .map_err(|e| Error::model(format!("tokenizer_config.json: {e}")).with_source(e))?,
        None => new_tokenizer_config(files, config)?,
    };
    if files.chat_template.is_none() && keys["chat_template"].is_null() {
        keys["chat_template"] = Value::String(PASS_THROUGH.to_owned());
    }
    Ok(keys)
}

fn new_tokenizer_config(files: &Files, config: &Value) -> Result<Value> {
    let tokenizer = Tokenizer::parse(&files.tokenizer)?;
    let mut keys = json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": false,
        "add_eos_token": false,
        "clean_up_tokenization_spaces": false,
        "model_max_length": config["max_position_embeddings"],
    });
    for name in ["bos_token", "eos_token", "pad_token"] {
        let ids = &config[format!("{name}_id")];
        let id = ids.as_u64().or_else(|| ids.get(0)?.as_u64());
        if let Some(token) = id.and_then(|id| tokenizer.token(id as u32)) {
            keys[name] = Value::String(token);
        }
    }
    Ok(keys)
}

fn write_weights(files: &Files, path: &Path) -> Result<()> {
    let mut tensors = Vec::new();
    for (name, shape) in files.weights.tensors() {
        let values = files.weights.load(&name, &shape)?;
        tensors.push((name, Tensor { shape, bytes: bytes(&values) }));
    }
    let format = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize_to_file(tensors, Some(format), path).map_err(|e| unwritable(path, e))?;
    as_readable_as(&path.with_file_name("config.json"), path).map_err(|e| unwritable(path, e))
}

/// Lets those read a file who may read another: the library that writes it lets nobody else.
fn as_readable_as(other: &Path, path: &Path) -> std::io::Result<()> {
    fs::set_permissions(path, fs::metadata(other)?.permissions())
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A tensor of type f32, little-endian.
struct Tensor {
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for Tensor {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
