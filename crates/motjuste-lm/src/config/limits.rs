//! Sizes that no model has: a file that names one is damaged, and is refused before anything is made of it.

use motjuste::Result;

use super::file::File;
use super::malformed;

/// The largest sizes, each some ten times that of the largest model that is known.
const LAYERS: usize = 1 << 12;
const HEADS: usize = 1 << 12;
const HEAD_WIDTH: usize = 1 << 13;
const WIDTH: usize = 1 << 18;
const FEED_FORWARD: usize = 1 << 21;
const VOCABULARY: usize = 1 << 23;
const CONTEXT: usize = 1 << 27;

/// Refuses sizes of 0, and those that no model has.
pub(super) fn check(file: &File) -> Result<()> {
    let sizes = [
        ("num_hidden_layers", file.num_hidden_layers, LAYERS),
        ("num_attention_heads", file.num_attention_heads, HEADS),
        ("num_key_value_heads", file.key_value_heads(), HEADS),
        ("head_dim", file.head_width(), HEAD_WIDTH),
        ("hidden_size", file.hidden_size, WIDTH),
        ("intermediate_size", file.intermediate_size, FEED_FORWARD),
        ("vocab_size", file.vocab_size, VOCABULARY),
        ("max_position_embeddings", file.max_position_embeddings, CONTEXT),
    ];
    match sizes.into_iter().find(|(_, size, most)| *size == 0 || size > most) {
        None => numbers(file),
        Some((name, size, most)) => Err(malformed(format!(
            "{name} is {size}, where models have 1 to {most}: the file is damaged"
        ))),
    }
}

/// Refuses constants with which nothing can be computed.
fn numbers(file: &File) -> Result<()> {
    let above_zero = [
        ("query_pre_attn_scalar", file.query_width()),
        ("attn_logit_softcapping", file.attn_logit_softcapping.unwrap_or(1.0)),
        ("final_logit_softcapping", file.final_logit_softcapping.unwrap_or(1.0)),
    ];
    let fault = above_zero.into_iter().find(|(_, number)| !number.is_finite() || *number <= 0.0);
    if let Some((name, number)) = fault {
        return Err(malformed(format!("{name} is {number}, which is no finite number above 0")));
    }
    let epsilon = file.rms_norm_eps;
    match epsilon.is_finite() && epsilon >= 0.0 {
        true => Ok(()),
        false => Err(malformed(format!("rms_norm_eps is {epsilon}, which no norm has"))),
    }
}
