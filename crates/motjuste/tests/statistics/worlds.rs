//! Worlds to draw scores from, whose truth is known.

use motjuste::interval::Block;
use motjuste::random::{Stream, Streams};
use rand::RngExt;

/// How the scores of a world look.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Right or wrong, about half each.
    Binary,
    /// Right or wrong, nearly all right.
    NearlyAllRight,
    /// Graded, most near 0 and a few near 1.
    Skewed,
}

/// Two methods on tasks, with tasks, seeds and rows of an effect each.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub kind: Kind,
    pub tasks: usize,
    pub seeds: usize,
    pub rows: usize,
    /// Whether the first is better on one task in five alone, by 5 `gain`, instead of a bell.
    pub rare: bool,
    /// The standard deviation over tasks of how much better the first is.
    pub between_tasks: f64,
    /// How much the answers of seeds differ.
    pub between_seeds: f64,
    /// How much better the first is on average.
    pub gain: f64,
}

pub fn stream(name: &str, world: usize) -> Stream {
    Streams::new(1).stream(name, world as u64)
}

/// About normal, with the variance 1 and bounds of ±√12 · 2: the sum of four uniform numbers.
pub fn bell(stream: &mut Stream) -> f64 {
    let sum: f64 = (0..4).map(|_| stream.random::<f64>()).sum();
    (sum - 2.0) * 3f64.sqrt()
}

impl World {
    /// The effects of tasks: those of one world stay the same when its rows and seeds are drawn anew.
    pub fn effects(&self, stream: &mut Stream) -> Vec<f64> {
        let rare = |stream: &mut Stream| f64::from(u8::from(stream.random::<f64>() < 0.2)) * 5.0;
        let common = |stream: &mut Stream| if self.rare { rare(stream) } else { 1.0 };
        let effect =
            |stream: &mut Stream| self.gain * common(stream) + self.between_tasks * bell(stream);
        (0..self.tasks).map(|_| effect(stream)).collect()
    }

    /// Paired differences on tasks of these effects.
    pub fn differences(&self, effects: &[f64], stream: &mut Stream) -> Vec<Block> {
        effects.iter().map(|effect| self.task(*effect, stream)).collect()
    }

    fn task(&self, effect: f64, stream: &mut Stream) -> Block {
        let hard: Vec<f64> = (0..self.rows).map(|_| 0.2 * bell(stream)).collect();
        let likes: Vec<f64> = (0..self.rows).map(|_| 0.1 * bell(stream)).collect();
        let seed = |_| {
            let seeds = [self.between_seeds * bell(stream), self.between_seeds * bell(stream)];
            let pairs = hard.iter().zip(&likes);
            pairs.map(|(hard, like)| self.pair(effect + like, *hard, seeds, stream)).collect()
        };
        (0..self.seeds).map(seed).collect()
    }

    /// Scores are linear in the effects, within the bounds that they never reach, so that the truth is the effect.
    fn pair(&self, effect: f64, hard: f64, seeds: [f64; 2], stream: &mut Stream) -> f64 {
        let (middle, scale) = match self.kind {
            Kind::Binary => (0.5, 0.5),
            Kind::NearlyAllRight => (0.93, 0.1),
            Kind::Skewed => (0.12, 0.2),
        };
        let mut score = |sign: f64, seed: f64| {
            let mean = middle + scale * (sign * effect / 2.0 + (hard + seed) * 0.7);
            self.drawn(mean.clamp(0.0, 1.0), stream)
        };
        score(1.0, seeds[0]) - score(-1.0, seeds[1])
    }

    fn drawn(&self, mean: f64, stream: &mut Stream) -> f64 {
        match self.kind {
            Kind::Binary | Kind::NearlyAllRight => {
                f64::from(u8::from(stream.random::<f64>() < mean))
            }
            // The mean of u^k is 1 / (k + 1).
            Kind::Skewed => stream.random::<f64>().powf(1.0 / mean.max(1e-3) - 1.0),
        }
    }

    /// The true mean difference where tasks have these effects.
    pub fn truth(&self, effects: &[f64]) -> f64 {
        let scale = match self.kind {
            Kind::Binary => 0.5,
            Kind::NearlyAllRight => 0.1,
            Kind::Skewed => 0.2,
        };
        scale * effects.iter().sum::<f64>() / effects.len().max(1) as f64
    }
}
