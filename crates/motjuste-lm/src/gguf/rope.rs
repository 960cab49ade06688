//! Scaled rotary embeddings of GGUF files, in the words of config.json.

use motjuste::Result;
use serde_json::{Value, json};

use super::header::Header;
use super::value::Value as Stored;

/// What Llama 3.1 and later use; only the factor differs between them.
const LOW: f64 = 1.0;
const HIGH: f64 = 4.0;
const ORIGINAL: f64 = 8192.0;

/// The key `rope_scaling`, if there is any scaling.
pub(super) fn scaling(header: &Header) -> Result<Option<Value>> {
    for name in ["rope_factors_long.weight", "rope_factors_short.weight"] {
        if header.has_tensor(name) {
            return Err(header
                .error("LongRoPE factors are not supported in GGUF files")
                .with_help("load the model's Hugging Face folder instead"));
        }
    }
    let kind = match header.own("rope.scaling.type") {
        Some(Stored::Text(kind)) => kind.as_str(),
        _ => "none",
    };
    let factor = header.own("rope.scaling.factor").and_then(Stored::real);
    let original = header.own_number("rope.scaling.original_context_length");
    match (kind, factor) {
        ("none", _) => llama3(header),
        ("linear", Some(factor)) => Ok(Some(json!({ "rope_type": "linear", "factor": factor }))),
        ("yarn", Some(factor)) => Ok(Some(json!({ "rope_type": "yarn", "factor": factor,
            "original_max_position_embeddings": original }))),
        (other, _) => Err(header.error(&format!("rope scaling `{other}` is not supported"))),
    }
}

/// The scaling of Llama 3.1, from the factors by which the file divides the frequencies.
///
/// The file keeps the result of the formula and not its constants; those that are always the same
/// are assumed, and the result is compared.
fn llama3(header: &Header) -> Result<Option<Value>> {
    if !header.has_tensor("rope_freqs.weight") {
        return Ok(None);
    }
    let factors = header.tensor("rope_freqs.weight")?;
    let theta = header.own("rope.freq_base").and_then(Stored::real).unwrap_or(1e4);
    let factor = f64::from(factors.iter().copied().fold(1.0, f32::max));
    let expected = (0..factors.len())
        .map(|i| divisor(f64::from(theta).powf(-(i as f64) / factors.len() as f64), factor));
    if factors.iter().zip(expected).any(|(found, e)| (f64::from(*found) - e).abs() > 1e-3 * e) {
        return Err(header
            .error("rope_freqs.weight is not what Llama 3.1 defines")
            .with_help("load the model's Hugging Face folder instead"));
    }
    Ok(Some(json!({ "rope_type": "llama3", "factor": factor, "low_freq_factor": LOW,
        "high_freq_factor": HIGH, "original_max_position_embeddings": ORIGINAL as u64 })))
}

/// By what a frequency is divided: by nothing for short waves, by the factor for long ones.
fn divisor(frequency: f64, factor: f64) -> f64 {
    let wavelength = std::f64::consts::TAU / frequency;
    if wavelength < ORIGINAL / HIGH {
        return 1.0;
    }
    if wavelength > ORIGINAL / LOW {
        return factor;
    }
    let smooth = (ORIGINAL / wavelength - LOW) / (HIGH - LOW);
    1.0 / ((1.0 - smooth) / factor + smooth)
}
