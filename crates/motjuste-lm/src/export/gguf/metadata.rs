//! Key-value pairs of a GGUF file.

use motjuste::{Error, Result};
use serde_json::Value as Json;

use crate::gguf::names::Family;

/// A value, of the types that we write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Whole(u32),
    Real(f32),
    Flag(bool),
    Text(String),
    Texts(Vec<String>),
    Codes(Vec<i32>),
}

/// Pairs in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pairs: Vec<(String, Value)>,
}

impl Metadata {
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.pairs.push((key.to_owned(), value));
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for (key, value) in &self.pairs {
            text(out, key);
            value.write(out);
        }
    }
}

impl Value {
    /// The numbers of the type; an array is followed by the type of what it holds.
    fn kind(&self) -> &'static [u32] {
        match self {
            Self::Whole(_) => &[4],
            Self::Real(_) => &[6],
            Self::Flag(_) => &[7],
            Self::Text(_) => &[8],
            Self::Texts(_) => &[9, 8],
            Self::Codes(_) => &[9, 5],
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.kind().iter().for_each(|code| out.extend(code.to_le_bytes()));
        match self {
            Self::Whole(value) => out.extend(value.to_le_bytes()),
            Self::Real(value) => out.extend(value.to_le_bytes()),
            Self::Flag(value) => out.push(u8::from(*value)),
            Self::Text(value) => text(out, value),
            Self::Texts(values) => {
                out.extend((values.len() as u64).to_le_bytes());
                values.iter().for_each(|value| text(out, value));
            }
            Self::Codes(values) => {
                out.extend((values.len() as u64).to_le_bytes());
                values.iter().for_each(|value| out.extend(value.to_le_bytes()));
            }
        }
    }
}

/// A length of 64 bits, then the bytes.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

const WHOLE: [(&str, &str); 6] = [
    ("context_length", "max_position_embeddings"),
    ("embedding_length", "hidden_size"),
    ("block_count", "num_hidden_layers"),
    ("feed_forward_length", "intermediate_size"),
    ("attention.head_count", "num_attention_heads"),
    ("vocab_size", "vocab_size"),
];

/// The constants of the architecture.
pub(super) fn model(metadata: &mut Metadata, family: &Family, config: &Json) -> Result<()> {
    let mut set = |key: &str, value| metadata.set(&format!("{}.{key}", family.architecture), value);
    for (ours, theirs) in WHOLE {
        set(ours, Value::Whole(whole(config, theirs)?));
    }
    let heads = whole(config, "num_attention_heads")?;
    set(
        "attention.head_count_kv",
        Value::Whole(whole(config, "num_key_value_heads").unwrap_or(heads)),
    );
    let width = head_width(config)?;
    for key in ["attention.key_length", "attention.value_length", "rope.dimension_count"] {
        set(key, Value::Whole(width));
    }
    let epsilon = config["rms_norm_eps"].as_f64().unwrap_or(1e-6);
    set("attention.layer_norm_rms_epsilon", Value::Real(epsilon as f32));
    let theta = [&config["rope_parameters"]["rope_theta"], &config["rope_theta"]];
    let theta = theta.into_iter().find_map(Json::as_f64).unwrap_or(10_000.0);
    set("rope.freq_base", Value::Real(theta as f32));
    Ok(())
}

pub(super) fn whole(config: &Json, key: &str) -> Result<u32> {
    let value = config[key].as_u64().and_then(|value| u32::try_from(value).ok());
    value.ok_or_else(|| Error::model(format!("config.json: {key} is missing")))
}

fn head_width(config: &Json) -> Result<u32> {
    let derived = whole(config, "hidden_size")? / whole(config, "num_attention_heads")?.max(1);
    Ok(whole(config, "head_dim").unwrap_or(derived))
}
