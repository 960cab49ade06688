//! The keys of config.json that we read, under their names in the file.

use motjuste::Result;
use serde::Deserialize;
use serde_json::Value;

use super::family::{self, Family};
use super::{Activation, Bias, malformed, unsupported};

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) hidden_size: usize,
    pub(super) intermediate_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    pub(super) vocab_size: usize,
    pub(super) max_position_embeddings: usize,
    pub(super) rms_norm_eps: f32,
    hidden_act: Option<String>,
    /// Gemma's name for it.
    hidden_activation: Option<String>,
    #[serde(default)]
    pub(super) tie_word_embeddings: bool,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    pub(super) eos_token_id: TokenIds,
    query_pre_attn_scalar: Option<f32>,
    pub(super) attn_logit_softcapping: Option<f32>,
    pub(super) final_logit_softcapping: Option<f32>,
    use_bidirectional_attention: Option<bool>,
    quantization_config: Option<Value>,
    // Windows.
    pub(super) sliding_window: Option<usize>,
    pub(super) use_sliding_window: Option<bool>,
    pub(super) max_window_layers: Option<usize>,
    pub(super) sliding_window_pattern: Option<usize>,
    pub(super) layer_types: Option<Vec<String>>,
    // Rotary embeddings; transformers 5 writes `rope_parameters`, earlier versions the others.
    pub(super) rope_parameters: Option<Value>,
    pub(super) rope_scaling: Option<Value>,
    pub(super) rope_theta: Option<f64>,
    pub(super) rope_local_base_freq: Option<f64>,
    pub(super) partial_rotary_factor: Option<f64>,
    pub(super) original_max_position_embeddings: Option<usize>,
    pub(super) no_rope_layers: Option<Vec<u8>>,
    pub(super) no_rope_layer_interval: Option<usize>,
}

/// No token, one, or several.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(crate) enum TokenIds {
    One(u32),
    Many(Vec<u32>),
    #[default]
    None,
}

impl TokenIds {
    pub(crate) fn to_vec(&self) -> Vec<u32> {
        match self {
            Self::One(id) => vec![*id],
            Self::Many(ids) => ids.clone(),
            Self::None => Vec::new(),
        }
    }
}

impl File {
    /// The file with its family's defaults for what it leaves out.
    pub(super) fn parse(json: &[u8]) -> Result<(Self, &'static Family)> {
        let value: Value = serde_json::from_slice(json).map_err(malformed)?;
        let family = family::of(&value)?;
        let mut full = (family.defaults)();
        if let (Some(full), Value::Object(keys)) = (full.as_object_mut(), value) {
            full.extend(keys);
        }
        Ok((serde_json::from_value(full).map_err(malformed)?, family))
    }

    /// Refuses what no model can be, and what we do not compute.
    pub(super) fn check(&self) -> Result<()> {
        if self.use_bidirectional_attention == Some(true) {
            return Err(unsupported("use_bidirectional_attention"));
        }
        if self.quantization_config.as_ref().is_some_and(|config| !config.is_null()) {
            return Err(unsupported("quantization_config").with_help(
                "use the model's unquantised weights: safetensors files in f32, f16 or bf16",
            ));
        }
        let (heads, key_value) = (self.num_attention_heads, self.key_value_heads());
        if heads == 0 || key_value == 0 || !heads.is_multiple_of(key_value) {
            return Err(malformed(format!(
                "{heads} attention heads cannot share {key_value} key-value heads"
            )));
        }
        Ok(())
    }

    pub(super) fn key_value_heads(&self) -> usize {
        self.num_key_value_heads.unwrap_or(self.num_attention_heads)
    }

    pub(super) fn head_width(&self) -> usize {
        self.head_dim.unwrap_or_else(|| self.hidden_size / self.num_attention_heads.max(1))
    }

    /// The width whose square root divides the attention scores.
    pub(super) fn query_width(&self) -> f32 {
        self.query_pre_attn_scalar.unwrap_or(self.head_width() as f32)
    }

    pub(super) fn activation(&self) -> Result<Activation> {
        let name = self.hidden_activation.as_ref().or(self.hidden_act.as_ref());
        match name.map_or("silu", |name| name) {
            "silu" => Ok(Activation::Silu),
            "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
            other => Err(unsupported(&format!("hidden_act `{other}`"))),
        }
    }

    pub(super) fn bias(&self, family: &Family) -> Bias {
        Bias {
            query_key_value: family.query_key_value_bias || self.attention_bias,
            attention_output: self.attention_bias,
            feed_forward: self.mlp_bias,
        }
    }
}
