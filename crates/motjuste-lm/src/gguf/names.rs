//! What llama.cpp calls the parts of a model, and what Hugging Face does.

/// An architecture of GGUF files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// `general.architecture`.
    pub(crate) architecture: &'static str,
    /// `model_type` of config.json.
    pub(crate) model_type: &'static str,
    /// Rows of the query and key maps are stored in the order of interleaved rotation.
    pub(crate) interleaved: bool,
    /// Norms around both parts of a layer, their gains stored plus one.
    pub(crate) gemma: bool,
}

const LLAMA: Family =
    Family { architecture: "llama", model_type: "llama", interleaved: true, gemma: false };

const PLAIN: Family = Family { interleaved: false, ..LLAMA };

const FAMILIES: [Family; 6] = [
    LLAMA,
    Family { architecture: "qwen2", model_type: "qwen2", ..PLAIN },
    Family { architecture: "qwen3", model_type: "qwen3", ..PLAIN },
    Family { architecture: "gemma2", model_type: "gemma2", gemma: true, ..PLAIN },
    Family { architecture: "gemma3", model_type: "gemma3_text", gemma: true, ..PLAIN },
    Family { architecture: "phi3", model_type: "phi3", ..PLAIN },
];

impl Family {
    pub(crate) fn of(architecture: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.architecture == architecture)
    }

    /// The known architectures, for a sentence.
    pub(super) fn names() -> String {
        FAMILIES.each_ref().map(|family| family.architecture).join(", ")
    }

    /// The GGUF name of a tensor.
    pub(crate) fn gguf_name(&self, name: &str) -> Option<String> {
        let (stem, kind) = name.rsplit_once('.')?;
        let whole = WHOLE.iter().find(|(theirs, _)| *theirs == stem);
        if let Some((_, ours)) = whole {
            return Some(format!("{ours}.{kind}"));
        }
        let (index, part) = stem.strip_prefix("model.layers.")?.split_once('.')?;
        let (_, ours) = self.parts().find(|(theirs, _)| *theirs == part)?;
        Some(format!("blk.{index}.{ours}.{kind}"))
    }

    /// The Hugging Face name of a tensor.
    pub(crate) fn hugging_face_name(&self, name: &str) -> Option<String> {
        let (stem, kind) = name.rsplit_once('.')?;
        let whole = WHOLE.iter().find(|(_, ours)| *ours == stem);
        if let Some((theirs, _)) = whole {
            return Some(format!("{theirs}.{kind}"));
        }
        let (index, part) = stem.strip_prefix("blk.")?.split_once('.')?;
        let (theirs, _) = self.parts().find(|(_, ours)| *ours == part)?;
        Some(format!("model.layers.{index}.{theirs}.{kind}"))
    }

    fn parts(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let norms = if self.gemma { &GEMMA_NORMS[..] } else { &NORMS };
        let fused = if self.architecture == "phi3" { &FUSED[..] } else { &SPLIT };
        PARTS.iter().chain(norms).chain(fused)
    }
}

const WHOLE: [(&str, &str); 3] =
    [("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output")];

const PARTS: [(&str, &str); 5] = [
    ("input_layernorm", "attn_norm"),
    ("self_attn.o_proj", "attn_output"),
    ("self_attn.q_norm", "attn_q_norm"),
    ("self_attn.k_norm", "attn_k_norm"),
    ("mlp.down_proj", "ffn_down"),
];

const NORMS: [(&str, &str); 1] = [("post_attention_layernorm", "ffn_norm")];

const GEMMA_NORMS: [(&str, &str); 3] = [
    ("post_attention_layernorm", "post_attention_norm"),
    ("pre_feedforward_layernorm", "ffn_norm"),
    ("post_feedforward_layernorm", "post_ffw_norm"),
];

const SPLIT: [(&str, &str); 5] = [
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
    ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"),
];

const FUSED: [(&str, &str); 2] =
    [("self_attn.qkv_proj", "attn_qkv"), ("mlp.gate_up_proj", "ffn_up")];

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn names_go_there_and_back() {
        let pairs = [
            ("llama", "model.layers.3.self_attn.q_proj.weight", "blk.3.attn_q.weight"),
            ("qwen2", "model.layers.0.self_attn.k_proj.bias", "blk.0.attn_k.bias"),
            ("llama", "model.layers.1.post_attention_layernorm.weight", "blk.1.ffn_norm.weight"),
            ("gemma2", "model.layers.1.pre_feedforward_layernorm.weight", "blk.1.ffn_norm.weight"),
            ("phi3", "model.layers.2.mlp.gate_up_proj.weight", "blk.2.ffn_up.weight"),
            ("qwen3", "lm_head.weight", "output.weight"),
        ];
        for (architecture, theirs, ours) in pairs {
            let family = Family::of(architecture).unwrap();
            assert_eq!(family.gguf_name(theirs).as_deref(), Some(ours));
            assert_eq!(family.hugging_face_name(ours).as_deref(), Some(theirs));
        }
        assert_eq!(Family::of("llama").unwrap().hugging_face_name("rope_freqs.weight"), None);
    }
}
