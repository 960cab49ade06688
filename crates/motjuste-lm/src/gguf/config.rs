//! The metadata of a GGUF file as a config.json.

use motjuste::Result;
use serde_json::{Map, Value, json};

use super::header::Header;
use super::rope;
use super::value::Value as Stored;

/// Numbers that have the same meaning under another name.
const WHOLE: [(&str, &str); 3] = [
    ("num_key_value_heads", "attention.head_count_kv"),
    ("head_dim", "attention.key_length"),
    ("sliding_window", "attention.sliding_window"),
];

const REAL: [(&str, &str); 4] = [
    ("rms_norm_eps", "attention.layer_norm_rms_epsilon"),
    ("rope_theta", "rope.freq_base"),
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
];

const TOKENS: [(&str, &str); 2] = [
    ("bos_token_id", "tokenizer.ggml.bos_token_id"),
    ("pad_token_id", "tokenizer.ggml.padding_token_id"),
];

/// What a config.json would say.
pub(crate) fn config(header: &Header) -> Result<Value> {
    let mut config = Map::new();
    let mut set = |key: &str, value: Value| config.insert(key.to_owned(), value);
    set("model_type", json!(header.family.model_type));
    set("hidden_size", json!(header.need("embedding_length")?));
    set("intermediate_size", json!(header.need("feed_forward_length")?));
    set("num_hidden_layers", json!(layers(header)?));
    set("num_attention_heads", json!(header.need("attention.head_count")?));
    set("max_position_embeddings", json!(header.need("context_length")?));
    set("vocab_size", json!(vocabulary(header)?));
    set("tie_word_embeddings", json!(!header.has_tensor("output.weight")));
    set("attention_bias", json!(header.has_tensor("blk.0.attn_output.bias")));
    set("mlp_bias", json!(header.has_tensor("blk.0.ffn_down.bias")));
    set("eos_token_id", json!(end(header)));
    for (ours, theirs) in WHOLE {
        if let Some(value) = header.own_number(theirs) {
            set(ours, json!(value));
        }
    }
    for (ours, theirs) in REAL {
        if let Some(value) = header.own(theirs).and_then(Stored::real) {
            set(ours, json!(value));
        }
    }
    for (ours, theirs) in TOKENS {
        if let Some(id) = header.get(theirs).and_then(Stored::whole) {
            set(ours, json!(id));
        }
    }
    if header.family.gemma {
        set("query_pre_attn_scalar", json!(query_width(header)?));
    }
    if let Some(scaling) = rope::scaling(header)? {
        set("rope_scaling", scaling);
    }
    Ok(Value::Object(config))
}

/// The number of layers, the last of which is in the file.
fn layers(header: &Header) -> Result<usize> {
    let layers = header.need("block_count")?;
    let last = format!("blk.{}.attn_norm.weight", layers.saturating_sub(1));
    match header.has_tensor(&last) {
        true => Ok(layers),
        false => {
            Err(header.error(&format!("block_count is {layers}, and there is no tensor {last}")))
        }
    }
}

fn vocabulary(header: &Header) -> Result<usize> {
    let table = header.content.tensors.get("token_embd.weight");
    let rows = table.and_then(|table| table.shape.first().copied());
    rows.ok_or_else(|| header.error("tensor token_embd.weight is missing"))
}

/// The tokens that end a text or a turn.
fn end(header: &Header) -> Vec<usize> {
    let keys = ["eos", "eot", "eom"].map(|name| format!("tokenizer.ggml.{name}_token_id"));
    let mut ids: Vec<usize> =
        keys.iter().filter_map(|key| header.get(key).and_then(Stored::whole)).collect();
    ids.dedup();
    ids
}

/// The width whose square root divides Gemma's attention scores. The file does not say it; it is
/// the head's width in all published models but the largest of each series (27 B), where it is
/// hidden / heads.
fn query_width(header: &Header) -> Result<usize> {
    let largest = matches!(header.need("block_count")?, 46 | 62);
    if largest {
        return Ok(header.need("embedding_length")? / header.need("attention.head_count")?);
    }
    header.need("attention.key_length")
}
