//! `config.json` of a Llama model, checked.

use motjuste::{Error, Result};
use serde::Deserialize;

/// The shape of a model and the constants of its layers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    pub(crate) hidden: usize,
    pub(crate) feed_forward: usize,
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    pub(crate) key_value_heads: usize,
    pub(crate) head_width: usize,
    pub(crate) vocabulary: usize,
    pub(crate) context: usize,
    pub(crate) norm_epsilon: f32,
    pub(crate) rope_theta: f64,
    pub(crate) tied_head: bool,
    /// Tokens that end a text.
    pub(crate) end: Vec<u32>,
}

impl Config {
    /// Reads and checks the file.
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let file: File = serde_json::from_slice(json)
            .map_err(|e| Error::model(format!("config.json: {e}")).with_source(e))?;
        file.check()?;
        Ok(file.into_config())
    }
}

/// The keys we read, under their names in the file.
#[derive(Deserialize)]
struct File {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    vocab_size: usize,
    max_position_embeddings: usize,
    rms_norm_eps: f32,
    #[serde(default = "silu")]
    hidden_act: String,
    rope_theta: Option<f64>,
    /// Where transformers 5 writes the base; earlier versions write `rope_theta` and
    /// `rope_scaling`.
    rope_parameters: Option<Rope>,
    rope_scaling: Option<Rope>,
    #[serde(default)]
    tie_word_embeddings: bool,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    eos_token_id: EndTokens,
}

#[derive(Deserialize)]
struct Rope {
    rope_theta: Option<f64>,
    #[serde(alias = "type")]
    rope_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum EndTokens {
    One(u32),
    Many(Vec<u32>),
    #[default]
    None,
}

fn silu() -> String {
    "silu".to_owned()
}

impl File {
    fn check(&self) -> Result<()> {
        if self.model_type != "llama" {
            return Err(unsupported(&format!("model_type `{}`", self.model_type)));
        }
        if self.hidden_act != "silu" {
            return Err(unsupported(&format!("hidden_act `{}`", self.hidden_act)));
        }
        if self.attention_bias || self.mlp_bias {
            return Err(unsupported("attention_bias or mlp_bias"));
        }
        if let Some(kind) = self.rope_type().filter(|kind| *kind != "default") {
            return Err(unsupported(&format!("rope_type `{kind}`")));
        }
        self.check_heads()
    }

    fn check_heads(&self) -> Result<()> {
        let (heads, key_value) = (self.num_attention_heads, self.key_value_heads());
        if heads == 0 || key_value == 0 || !heads.is_multiple_of(key_value) {
            return Err(Error::model(format!(
                "config.json: {heads} attention heads cannot share {key_value} key-value heads"
            )));
        }
        if self.head_width() == 0 || !self.head_width().is_multiple_of(2) {
            return Err(Error::model(format!(
                "config.json: heads of {} cannot be rotated, the width must be even",
                self.head_width()
            )));
        }
        Ok(())
    }

    fn rope_type(&self) -> Option<&str> {
        let ropes = [&self.rope_parameters, &self.rope_scaling];
        ropes.into_iter().flatten().find_map(|rope| rope.rope_type.as_deref())
    }

    fn rope_theta(&self) -> f64 {
        let inner = self.rope_parameters.as_ref().and_then(|rope| rope.rope_theta);
        inner.or(self.rope_theta).unwrap_or(10_000.0)
    }

    fn key_value_heads(&self) -> usize {
        self.num_key_value_heads.unwrap_or(self.num_attention_heads)
    }

    fn head_width(&self) -> usize {
        self.head_dim.unwrap_or(self.hidden_size / self.num_attention_heads)
    }

    fn into_config(self) -> Config {
        Config {
            hidden: self.hidden_size,
            feed_forward: self.intermediate_size,
            layers: self.num_hidden_layers,
            heads: self.num_attention_heads,
            key_value_heads: self.key_value_heads(),
            head_width: self.head_width(),
            vocabulary: self.vocab_size,
            context: self.max_position_embeddings,
            norm_epsilon: self.rms_norm_eps,
            rope_theta: self.rope_theta(),
            tied_head: self.tie_word_embeddings,
            end: match self.eos_token_id {
                EndTokens::One(id) => vec![id],
                EndTokens::Many(ids) => ids,
                EndTokens::None => Vec::new(),
            },
        }
    }
}

fn unsupported(what: &str) -> Error {
    Error::model(format!("config.json: {what} is not supported"))
        .with_help("use a model of the Llama family (model_type `llama`) with plain RoPE")
}

#[cfg(test)]
mod tests {
    use super::Config;
    use serde_json::{Value, json};

    fn file() -> Value {
        json!({
            "model_type": "llama", "hidden_size": 24, "intermediate_size": 40,
            "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 50,
            "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "eos_token_id": 3
        })
    }

    fn parse(changes: Value) -> motjuste::Result<Config> {
        let mut file = file();
        for (key, value) in changes.as_object().unwrap() {
            file[key] = value.clone();
        }
        Config::parse(file.to_string().as_bytes())
    }

    #[test]
    fn missing_keys_take_the_llama_defaults() {
        let config = parse(json!({})).unwrap();
        assert_eq!((config.key_value_heads, config.head_width), (4, 6));
        assert_eq!(config.rope_theta, 10_000.0);
        assert_eq!(config.end, [3]);
        assert!(!config.tied_head);
    }

    #[test]
    fn the_rope_base_is_read_in_both_places() {
        let old = parse(json!({ "rope_theta": 5e5 })).unwrap();
        let new = parse(json!({ "rope_parameters": { "rope_theta": 5e5, "rope_type": "default" }}));
        assert_eq!(old.rope_theta, 5e5);
        assert_eq!(new.unwrap().rope_theta, 5e5);
    }

    #[test]
    fn end_tokens_may_be_a_list_or_absent() {
        assert_eq!(parse(json!({ "eos_token_id": [1, 2] })).unwrap().end, [1, 2]);
        assert!(parse(json!({ "eos_token_id": null })).unwrap().end.is_empty());
    }

    #[test]
    fn what_we_cannot_compute_is_refused_by_name() {
        let refused = [
            (json!({ "model_type": "gemma2" }), "model_type `gemma2`"),
            (json!({ "hidden_act": "gelu" }), "hidden_act `gelu`"),
            (json!({ "attention_bias": true }), "bias"),
            (json!({ "rope_scaling": { "rope_type": "llama3" }}), "rope_type `llama3`"),
            (json!({ "num_key_value_heads": 3 }), "4 attention heads cannot share 3"),
            (json!({ "head_dim": 5 }), "heads of 5"),
        ];
        for (change, message) in refused {
            let error = parse(change).unwrap_err();
            assert!(error.is_model() && error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let error = Config::parse(br#"{"model_type": "llama"}"#).unwrap_err();
        assert!(error.to_string().contains("hidden_size"), "{error}");
    }
}
