//! Rotary embeddings as config.json describes them, in the form of transformers 5 or an earlier one.

use motjuste::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use super::file::File;
use super::{malformed, unsupported};

/// The values of `rope_type` that we compute.
pub(super) const TYPES: [&str; 5] = ["default", "linear", "llama3", "yarn", "longrope"];

/// One rotation of queries and keys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RopeConfig {
    pub(crate) theta: f64,
    /// How many of a head's values are rotated; the others stay as they are.
    pub(crate) width: usize,
    pub(crate) scaling: Scaling,
}

/// How the frequencies are changed for a context longer than the one trained first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scaling {
    None,
    /// All frequencies over this factor.
    Linear(f64),
    Llama3(Llama3),
    Yarn(Yarn),
    LongRope(LongRope),
}

/// The scaling of Llama 3.1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Llama3 {
    pub(crate) factor: f64,
    pub(crate) low_frequency_factor: f64,
    pub(crate) high_frequency_factor: f64,
    pub(crate) original_context: usize,
}

/// YaRN (arXiv 2309.00071).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Yarn {
    pub(crate) factor: f64,
    pub(crate) beta_fast: f64,
    pub(crate) beta_slow: f64,
    pub(crate) truncate: bool,
    pub(crate) original_context: usize,
    /// What cos and sin are multiplied by: the paper's attention temperature.
    pub(crate) attention_factor: f64,
}

/// LongRoPE (arXiv 2402.13753) as Phi-3 uses it: one factor for each frequency, the long ones for
/// texts longer than the original context.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LongRope {
    pub(crate) short: Vec<f64>,
    pub(crate) long: Vec<f64>,
    pub(crate) original_context: usize,
    /// What cos and sin are multiplied by.
    pub(crate) attention_factor: f64,
}

/// The keys inside `rope_parameters` or `rope_scaling`.
#[derive(Deserialize, Default)]
struct Keys {
    rope_theta: Option<f64>,
    rope_type: Option<String>,
    /// The earliest name of `rope_type`.
    r#type: Option<String>,
    partial_rotary_factor: Option<f64>,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<usize>,
    attention_factor: Option<f64>,
    beta_fast: Option<f64>,
    beta_slow: Option<f64>,
    mscale: Option<f64>,
    mscale_all_dim: Option<f64>,
    truncate: Option<bool>,
    short_factor: Option<Vec<f64>>,
    long_factor: Option<Vec<f64>>,
}

/// Whether windowed layers have a rotation of their own.
pub(super) fn has_local(file: &File) -> bool {
    file.rope_local_base_freq.is_some() || nested(file, "sliding_attention").is_some()
}

/// The rotation of all layers, or of those without a window; behind it that of those with one.
pub(super) fn ropes(file: &File) -> Result<Vec<RopeConfig>> {
    let flat = file.rope_parameters.as_ref().or(file.rope_scaling.as_ref());
    let global = keys(nested(file, "full_attention").or(flat))?;
    let mut ropes = vec![rope(file, &global, file.rope_theta)?];
    if has_local(file) {
        let local = keys(nested(file, "sliding_attention"))?;
        ropes.push(rope(file, &local, file.rope_local_base_freq)?);
    }
    Ok(ropes)
}

/// The parameters of one type of layers, when the file tells them apart.
fn nested<'a>(file: &'a File, layer_type: &str) -> Option<&'a Value> {
    file.rope_parameters.as_ref()?.get(layer_type).filter(|value| value.is_object())
}

fn keys(value: Option<&Value>) -> Result<Keys> {
    value.filter(|value| !value.is_null()).map_or_else(
        || Ok(Keys::default()),
        |value| Keys::deserialize(value).map_err(|e| malformed(format!("rotary embedding: {e}"))),
    )
}

fn rope(file: &File, keys: &Keys, theta: Option<f64>) -> Result<RopeConfig> {
    let part = keys.partial_rotary_factor.or(file.partial_rotary_factor).unwrap_or(1.0);
    let width = (file.head_width() as f64 * part) as usize;
    if width == 0 || !width.is_multiple_of(2) || width > file.head_width() {
        return Err(malformed(format!(
            "{width} values of a head of {} cannot be rotated, the number must be even",
            file.head_width()
        )));
    }
    let theta = keys.rope_theta.or(theta).unwrap_or(10_000.0);
    let rope = RopeConfig { theta, width, scaling: scaling(file, keys, width)? };
    match rope.is_usable() {
        true => Ok(rope),
        false => {
            Err(malformed("the rotary embedding has a number that is 0, negative or not finite"))
        }
    }
}

impl RopeConfig {
    /// Whether angles can be computed with it.
    fn is_usable(&self) -> bool {
        let numbers = match &self.scaling {
            Scaling::None => vec![],
            Scaling::Linear(factor) => vec![*factor],
            Scaling::Llama3(it) => {
                let span = it.high_frequency_factor - it.low_frequency_factor;
                vec![it.factor, it.low_frequency_factor, span, it.original_context as f64]
            }
            Scaling::Yarn(it) => {
                let numbers = [it.factor, it.beta_fast, it.beta_slow, it.attention_factor];
                [&numbers[..], &[it.original_context as f64]].concat()
            }
            Scaling::LongRope(it) => {
                let numbers = [it.attention_factor, it.original_context as f64];
                [&it.short, &it.long, &numbers[..]].concat()
            }
        };
        let is_usable = |number: &f64| number.is_finite() && *number > 0.0;
        self.theta > 1.0 && self.theta.is_finite() && numbers.iter().all(is_usable)
    }
}

fn scaling(file: &File, keys: &Keys, width: usize) -> Result<Scaling> {
    let name = keys.rope_type.as_ref().or(keys.r#type.as_ref()).map_or("default", |name| name);
    match name {
        "default" => Ok(Scaling::None),
        "linear" => Ok(Scaling::Linear(need(keys.factor, "factor")?)),
        "llama3" => llama3(file, keys),
        // Early Phi-3 files say `su`, or `yarn` with the lists of LongRoPE.
        "longrope" | "su" => long_rope(file, keys, width),
        "yarn" if keys.long_factor.is_some() => long_rope(file, keys, width),
        "yarn" => Ok(yarn(file, keys)),
        other => Err(unsupported(&format!("rope_type `{other}`"))),
    }
}

fn need<T>(value: Option<T>, key: &str) -> Result<T> {
    value.ok_or_else(|| missing(key))
}

fn missing(key: &str) -> Error {
    malformed(format!("the rotary embedding has no `{key}`"))
}

fn original_context(file: &File, keys: &Keys) -> usize {
    let original = file.original_max_position_embeddings;
    original.or(keys.original_max_position_embeddings).unwrap_or(file.max_position_embeddings)
}

/// How many times longer the context is than the original one.
fn stretch(file: &File, keys: &Keys) -> f64 {
    let ratio = file.max_position_embeddings as f64 / original_context(file, keys) as f64;
    keys.factor.unwrap_or(ratio)
}

fn llama3(file: &File, keys: &Keys) -> Result<Scaling> {
    Ok(Scaling::Llama3(Llama3 {
        factor: need(keys.factor, "factor")?,
        low_frequency_factor: need(keys.low_freq_factor, "low_freq_factor")?,
        high_frequency_factor: need(keys.high_freq_factor, "high_freq_factor")?,
        original_context: original_context(file, keys),
    }))
}

fn yarn(file: &File, keys: &Keys) -> Scaling {
    let factor = stretch(file, keys);
    let scale = |weight: f64| if factor <= 1.0 { 1.0 } else { 0.1 * weight * factor.ln() + 1.0 };
    let by_default = match (keys.mscale, keys.mscale_all_dim) {
        (Some(all), Some(each)) if all != 0.0 && each != 0.0 => scale(all) / scale(each),
        _ => scale(1.0),
    };
    Scaling::Yarn(Yarn {
        factor,
        beta_fast: keys.beta_fast.unwrap_or(32.0),
        beta_slow: keys.beta_slow.unwrap_or(1.0),
        truncate: keys.truncate.unwrap_or(true),
        original_context: original_context(file, keys),
        attention_factor: keys.attention_factor.unwrap_or(by_default),
    })
}

fn long_rope(file: &File, keys: &Keys, width: usize) -> Result<Scaling> {
    let factors = |list: &Option<Vec<f64>>, key: &str| {
        let list = need(list.clone(), key)?;
        if list.len() != width / 2 {
            let wanted = width / 2;
            return Err(malformed(format!("`{key}` has {} values, not {wanted}", list.len())));
        }
        Ok(list)
    };
    let (factor, original_context) = (stretch(file, keys), original_context(file, keys));
    let by_default = match factor > 1.0 {
        true => (1.0 + factor.ln() / (original_context as f64).ln()).sqrt(),
        false => 1.0,
    };
    Ok(Scaling::LongRope(LongRope {
        short: factors(&keys.short_factor, "short_factor")?,
        long: factors(&keys.long_factor, "long_factor")?,
        original_context,
        attention_factor: keys.attention_factor.unwrap_or(by_default),
    }))
}
