//! Rotary position embedding (arXiv 2104.09864), in the half-split form of Llama checkpoints.

use crate::config::Config;

/// cos and sin of every angle p · θ^(−2i/w): position p, pair i of a head of width w.
#[derive(Debug, Clone)]
pub(crate) struct Rope {
    /// Shape (context, w / 2).
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

impl Rope {
    pub(crate) fn new(config: &Config) -> Self {
        let half = config.head_width / 2;
        let pair = |i: usize| config.rope_theta.powf(-(i as f64) / half as f64) as f32;
        let frequencies: Vec<f32> = (0..half).map(pair).collect();
        // The angle is rounded to f32 where transformers rounds it; cos and sin are taken in f64,
        // where platforms differ too little to be seen after rounding.
        let angles: Vec<f64> = (0..config.context)
            .flat_map(|p| frequencies.iter().map(move |f| f64::from(p as f32 * f)))
            .collect();
        let table = |f: fn(f64) -> f64| angles.iter().map(|&angle| f(angle) as f32).collect();
        Self { cos: table(f64::cos), sin: table(f64::sin), half }
    }

    /// cos and sin of one position, each of length w / 2.
    #[inline(always)]
    pub(crate) fn at(&self, position: usize) -> (&[f32], &[f32]) {
        let range = position * self.half..(position + 1) * self.half;
        (&self.cos[range.clone()], &self.sin[range])
    }

    /// Turns the pair (a, b) by an angle: (a cos − b sin, b cos + a sin).
    #[inline(always)]
    pub(crate) fn turn(a: f32, b: f32, cos: f32, sin: f32) -> (f32, f32) {
        (a * cos - b * sin, b * cos + a * sin)
    }
}
