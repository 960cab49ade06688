//! The frequencies of a rotation, plain or changed for a longer context.

use std::f64::consts::TAU;

use crate::config::{Llama3, LongRope, RopeConfig, Scaling, Yarn};

/// Radians that each pair of values turns from one position to the next.
#[derive(Debug)]
pub(super) struct Frequencies {
    pub(super) values: Vec<f32>,
    /// What cos and sin are multiplied by.
    pub(super) factor: f32,
}

/// The frequencies of texts of the usual length.
pub(super) fn usual(config: &RopeConfig) -> Frequencies {
    match &config.scaling {
        Scaling::None => unscaled(each(config, |_, f| f)),
        Scaling::Linear(factor) => unscaled(each(config, |_, f| f / factor)),
        Scaling::Llama3(scaling) => unscaled(each(config, |_, f| llama3(scaling, f))),
        Scaling::Yarn(scaling) => Frequencies {
            values: each(config, yarn(config, scaling)),
            factor: scaling.attention_factor as f32,
        },
        Scaling::LongRope(scaling) => long_rope(config, &scaling.short, scaling),
    }
}

/// The frequencies of longer texts than a number of tokens, where they differ.
pub(super) fn long(config: &RopeConfig) -> Option<(usize, Frequencies)> {
    match &config.scaling {
        Scaling::LongRope(scaling) => {
            Some((scaling.original_context, long_rope(config, &scaling.long, scaling)))
        }
        _ => None,
    }
}

/// Each frequency fᵢ = θ^(−2i/w), changed.
fn each(config: &RopeConfig, change: impl Fn(usize, f64) -> f64) -> Vec<f32> {
    let half = config.width / 2;
    let plain = |i: usize| config.theta.powf(-(i as f64) / half as f64);
    (0..half).map(|i| change(i, plain(i)) as f32).collect()
}

fn unscaled(values: Vec<f32>) -> Frequencies {
    Frequencies { values, factor: 1.0 }
}

/// LongRoPE (arXiv 2402.13753): each frequency over a factor of its own.
fn long_rope(config: &RopeConfig, factors: &[f64], scaling: &LongRope) -> Frequencies {
    let values = each(config, |i, f| f / factors[i]);
    Frequencies { values, factor: scaling.attention_factor as f32 }
}

/// Llama 3.1: waves longer than the original context are stretched, short ones stay, with a
/// straight line between them.
fn llama3(scaling: &Llama3, f: f64) -> f64 {
    // How often the wave turns within the original context.
    let turns = scaling.original_context as f64 * f / TAU;
    let (low, high) = (scaling.low_frequency_factor, scaling.high_frequency_factor);
    let smooth = ((turns - low) / (high - low)).clamp(0.0, 1.0);
    (1.0 - smooth) * f / scaling.factor + smooth * f
}

/// YaRN (arXiv 2309.00071): as above, with the line drawn over the index of the frequency.
fn yarn(config: &RopeConfig, scaling: &Yarn) -> impl Fn(usize, f64) -> f64 {
    let (width, context) = (config.width as f64, scaling.original_context as f64);
    // The index of the wave that turns this often within the original context.
    let index = |turns: f64| width * (context / (turns * TAU)).ln() / (2.0 * config.theta.ln());
    let (low, high) = (index(scaling.beta_fast), index(scaling.beta_slow));
    let (low, high) = if scaling.truncate { (low.floor(), high.ceil()) } else { (low, high) };
    ramp(low.max(0.0), high.min(width - 1.0), scaling.factor)
}

/// From f at index `low` to f / factor at index `high`.
fn ramp(low: f64, high: f64, factor: f64) -> impl Fn(usize, f64) -> f64 {
    let high = if low == high { low + 0.001 } else { high };
    move |i, f| {
        let stretched = ((i as f64 - low) / (high - low)).clamp(0.0, 1.0);
        stretched * f / factor + (1.0 - stretched) * f
    }
}
