//! What a family of models does that no key of its config.json says, as data.

use motjuste::{Error, Result};
use serde_json::{Value, json};

use super::unsupported;

/// One value of the key `model_type`.
pub(super) struct Family {
    pub(super) model_type: &'static str,
    /// Keys that the family's files may leave out.
    pub(super) defaults: fn() -> Value,
    pub(super) query_key_value_bias: bool,
    pub(super) query_key_norm: bool,
    pub(super) fused: bool,
    /// Gains stored less one, embeddings times √hidden, norms on both sides of a layer's parts.
    pub(super) gemma: bool,
    pub(super) windows: Windows,
}

/// Which layers have a sliding window, when the file does not list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Windows {
    None,
    /// All, whatever the list.
    All,
    /// Those behind the first `max_window_layers`, if `use_sliding_window`.
    Upper,
    /// Those without rotation, if `use_sliding_window`.
    Unrotated,
    /// All but every `sliding_window_pattern`-th.
    Pattern,
}

const LLAMA: Family = Family {
    model_type: "llama",
    defaults: || json!({}),
    query_key_value_bias: false,
    query_key_norm: false,
    fused: false,
    gemma: false,
    windows: Windows::None,
};

const MISTRAL: Family = Family {
    model_type: "mistral",
    defaults: || {
        json!({ "num_key_value_heads": 8, "sliding_window": 4096, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 131_072, "eos_token_id": 2 })
    },
    windows: Windows::All,
    ..LLAMA
};

const QWEN2: Family = Family {
    model_type: "qwen2",
    defaults: || {
        json!({ "sliding_window": 4096, "use_sliding_window": false, "max_window_layers": 28,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 32_768 })
    },
    query_key_value_bias: true,
    windows: Windows::Upper,
    ..LLAMA
};

const QWEN3: Family = Family {
    model_type: "qwen3",
    defaults: || {
        json!({ "head_dim": 128, "sliding_window": 4096, "use_sliding_window": false,
            "max_window_layers": 28, "rms_norm_eps": 1e-6, "max_position_embeddings": 32_768 })
    },
    query_key_value_bias: false,
    query_key_norm: true,
    ..QWEN2
};

const GEMMA2: Family = Family {
    model_type: "gemma2",
    defaults: || {
        json!({ "hidden_act": "gelu_pytorch_tanh", "num_attention_heads": 8,
            "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 256_000,
            "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
            "query_pre_attn_scalar": 256, "sliding_window": 4096, "sliding_window_pattern": 2,
            "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "eos_token_id": 1 })
    },
    gemma: true,
    windows: Windows::Pattern,
    ..LLAMA
};

const GEMMA3: Family = Family {
    model_type: "gemma3_text",
    defaults: || {
        json!({ "hidden_act": "gelu_pytorch_tanh", "num_attention_heads": 8,
            "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 262_208,
            "max_position_embeddings": 131_072, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
            "query_pre_attn_scalar": 256, "sliding_window": 4096, "sliding_window_pattern": 6,
            "rope_theta": 1e6, "rope_local_base_freq": 1e4, "eos_token_id": 1 })
    },
    query_key_norm: true,
    ..GEMMA2
};

const PHI3: Family = Family {
    model_type: "phi3",
    defaults: || {
        json!({ "original_max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 4096, "eos_token_id": 32_000 })
    },
    fused: true,
    windows: Windows::All,
    ..LLAMA
};

const SMOLLM3: Family = Family {
    model_type: "smollm3",
    defaults: || {
        json!({ "num_key_value_heads": 4, "rope_theta": 2e6, "no_rope_layer_interval": 4,
            "use_sliding_window": false, "rms_norm_eps": 1e-6, "tie_word_embeddings": true,
            "max_position_embeddings": 32_768, "eos_token_id": 128_001 })
    },
    windows: Windows::Unrotated,
    ..LLAMA
};

const FAMILIES: [&Family; 8] =
    [&LLAMA, &MISTRAL, &QWEN2, &QWEN3, &GEMMA2, &GEMMA3, &PHI3, &SMOLLM3];

/// The supported model types, for a sentence.
pub(super) fn names() -> String {
    FAMILIES.map(|family| family.model_type).join(", ")
}

/// The family that a file names.
pub(super) fn of(file: &Value) -> Result<&'static Family> {
    let Some(name) = file.get("model_type").and_then(Value::as_str) else {
        return Err(Error::model("config.json: model_type is missing"));
    };
    let found = FAMILIES.into_iter().find(|family| family.model_type == name);
    found.ok_or_else(|| unsupported(&format!("model_type `{name}`")))
}
