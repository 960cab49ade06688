//! A byte-level tokenizer.json as the metadata of a GGUF file.

use motjuste::{Error, Result};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

use super::metadata::{Metadata, Value};
use super::words::{plain_text, stands_alone};

/// The parts of a tokenizer.json that matter here.
#[derive(Deserialize)]
struct File {
    added_tokens: Vec<Added>,
    normalizer: Option<Json>,
    #[serde(default)]
    pre_tokenizer: Json,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: usize,
    content: String,
    special: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
    vocab: BTreeMap<String, usize>,
    merges: Vec<Json>,
    #[serde(default)]
    ignore_merges: bool,
}

const NORMAL: i32 = 1;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const UNUSED: i32 = 5;

/// llama.cpp knows GPT-2's way of cutting a text into words without looking up whole words first
/// (`gpt-2`), and looking up whole words only with the cut of Llama 3 (`llama-bpe`), which puts
/// punctuation and tabs before letters to the letters and leaves the space before a number alone.
/// A file that looks up whole words after GPT-2's cut gets the second, and the signs, and digits
/// behind a space, as tokens that are found before the text is cut. Words behind signs outside
/// ASCII remain different.
pub(super) fn tokenizer(metadata: &mut Metadata, json: &[u8], config: &Json) -> Result<()> {
    let file: File = serde_json::from_slice(json).map_err(|e| unsupported(&e.to_string()))?;
    check(&file)?;
    let pre = if file.model.ignore_merges { "llama-bpe" } else { "gpt-2" };
    let size = config["vocab_size"].as_u64().unwrap_or(0) as usize;
    let (tokens, kinds) = tokens(&file, size)?;
    metadata.set("tokenizer.ggml.model", Value::Text("gpt2".to_owned()));
    metadata.set("tokenizer.ggml.pre", Value::Text(pre.to_owned()));
    metadata.set("tokenizer.ggml.tokens", Value::Texts(tokens));
    metadata.set("tokenizer.ggml.token_type", Value::Codes(kinds));
    metadata.set("tokenizer.ggml.merges", Value::Texts(merges(&file)?));
    special_ids(metadata, config);
    Ok(())
}

/// The merges as `left right`, without those of tokens that are found before.
fn merges(file: &File) -> Result<Vec<String>> {
    let pairs = file.model.merges.iter().map(pair).collect::<Option<Vec<_>>>();
    let mut pairs = pairs.ok_or_else(|| unsupported("a merge is not a pair"))?;
    pairs.retain(|(left, right)| {
        !file.model.ignore_merges || plain_text(&format!("{left}{right}")).is_none()
    });
    Ok(pairs.into_iter().map(|(left, right)| format!("{left} {right}")).collect())
}

fn check(file: &File) -> Result<()> {
    let pre = &file.pre_tokenizer;
    let byte_level =
        pre["type"] == "ByteLevel" && pre["use_regex"] != false && pre["add_prefix_space"] == false;
    if file.model.kind != "BPE" || !byte_level || file.normalizer.is_some() {
        return Err(unsupported("it is not byte-level BPE with GPT-2's words"));
    }
    if !file.model.ignore_merges {
        return Ok(());
    }
    match file.model.vocab.keys().find(|token| !stands_alone(token)) {
        Some(token) => Err(unsupported(&format!("its token {token:?} would be cut"))),
        None => Ok(()),
    }
}

fn unsupported(why: &str) -> Error {
    Error::model(format!("the tokenizer cannot be written as GGUF: {why}")).with_help(
        "write a Hugging Face folder and convert it with llama.cpp's convert_hf_to_gguf.py",
    )
}

/// Texts and kinds in the order of the ids, filled up to the size of the embedding table.
fn tokens(file: &File, size: usize) -> Result<(Vec<String>, Vec<i32>)> {
    let mut tokens: Vec<String> = (0..size).map(|id| format!("<unused{id}>")).collect();
    let mut kinds = vec![UNUSED; size];
    let mut put = |id: usize, text: String, kind: i32| match tokens.get_mut(id) {
        Some(token) => {
            (*token, kinds[id]) = (text, kind);
            Ok(())
        }
        None => Err(unsupported(&format!("token {id} has no embedding"))),
    };
    for (token, &id) in &file.model.vocab {
        match plain_text(token).filter(|_| file.model.ignore_merges) {
            Some(text) => put(id, text, USER_DEFINED)?,
            None => put(id, token.clone(), NORMAL)?,
        }
    }
    for added in &file.added_tokens {
        let kind = if added.special { CONTROL } else { USER_DEFINED };
        put(added.id, added.content.clone(), kind)?;
    }
    Ok((tokens, kinds))
}

/// A merge in either form of tokenizer.json.
fn pair(merge: &Json) -> Option<(&str, &str)> {
    match merge {
        Json::String(merge) => merge.split_once(' '),
        _ => Some((merge[0].as_str()?, merge[1].as_str()?)),
    }
}

fn special_ids(metadata: &mut Metadata, config: &Json) {
    for (ours, theirs) in [("bos", "bos"), ("eos", "eos"), ("padding", "pad")] {
        let ids = &config[format!("{theirs}_token_id")];
        let id = ids.as_u64().or_else(|| ids.get(0)?.as_u64());
        if let Some(id) = id.and_then(|id| u32::try_from(id).ok()) {
            metadata.set(&format!("tokenizer.ggml.{ours}_token_id"), Value::Whole(id));
        }
    }
    metadata.set("tokenizer.ggml.add_bos_token", Value::Flag(false));
    metadata.set("tokenizer.ggml.add_eos_token", Value::Flag(false));
    // Every message's text and nothing else, as in the exported folder.
    let template = crate::export::PASS_THROUGH.to_owned();
    metadata.set("tokenizer.chat_template", Value::Text(template));
}
