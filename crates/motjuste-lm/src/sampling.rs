//! The next token from the logits.

use motjuste::model::Decoding;
use motjuste::random::{Stream, Streams};
use motjuste::{Error, Result};
use pulp::{Simd, WithSimd};
use rand::Rng;

use crate::kernel::exp::exp;
use crate::kernel::{reduce, vectorized};

/// How one row picks its tokens.
#[derive(Debug, Clone)]
pub(crate) enum Sampler {
    /// The largest logit; the lowest id among equals.
    Greedy,
    /// A draw from softmax(logits / temperature).
    Draw { temperature: f32, stream: Box<Stream> },
}

impl Sampler {
    /// The sampler of one request. `content` is what the model reads, as bytes: the random stream
    /// is a function of it and of `decoding.draw`, so a row draws the same alone and in a batch.
    ///
    /// # Errors
    /// When the temperature is negative or not a number.
    pub(crate) fn new(decoding: &Decoding, content: &[u8]) -> Result<Self> {
        let temperature = decoding.temperature;
        if !(temperature.is_finite() && temperature >= 0.0) {
            return Err(Error::model(format!("temperature {temperature} is not a number ≥ 0")));
        }
        if temperature == 0.0 {
            return Ok(Self::Greedy);
        }
        let role = format!("sampling/{}", blake3::hash(content).to_hex());
        let stream = Box::new(Streams::new(decoding.draw).stream(&role, 0));
        Ok(Self::Draw { temperature: temperature as f32, stream })
    }

    /// The next token's id.
    pub(crate) fn pick(&mut self, logits: &[f32]) -> u32 {
        let token = match self {
            Self::Greedy => vectorized(ArgMax(logits)),
            Self::Draw { temperature, stream } => draw(logits, *temperature, stream),
        };
        token as u32
    }
}

struct ArgMax<'a>(&'a [f32]);

impl WithSimd for ArgMax<'_> {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        let highest = reduce::max(self.0);
        self.0.iter().position(|&logit| logit == highest).unwrap_or(0)
    }
}

/// The first token at which the running sum of e^((logit − max) / temperature) passes u · Σ, with
/// u uniform on [0, 1).
fn draw(logits: &[f32], temperature: f32, stream: &mut Stream) -> usize {
    let weights = vectorized(Weights { logits, temperature });
    let total: f64 = weights.sums.iter().sum();
    let mut left = uniform(stream) * total;
    for (chunk, (sum, weights)) in weights.sums.iter().zip(weights.each.chunks(CHUNK)).enumerate() {
        if left < *sum {
            return chunk * CHUNK + within(weights, left);
        }
        left -= sum;
    }
    // Rounding may leave a sliver at the end; it belongs to the most likely token.
    vectorized(ArgMax(logits))
}

/// The first weight at which the running sum passes `left`, the last one where rounding leaves a sliver.
fn within(weights: &[f32], mut left: f64) -> usize {
    let passes = |weight: &f32| {
        left -= f64::from(*weight);
        left < 0.0
    };
    weights.iter().position(passes).unwrap_or(weights.len() - 1)
}

/// Tokens whose weights are added up together.
const CHUNK: usize = 512;

/// Partial sums of a chunk, however many lanes the machine has.
const LANES: usize = 8;

/// e^((logit − max) / temperature) of every token, and their sums over chunks.
struct Weights<'a> {
    logits: &'a [f32],
    temperature: f32,
}

struct Weighed {
    each: Vec<f32>,
    sums: Vec<f64>,
}

impl WithSimd for Weights<'_> {
    type Output = Weighed;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Weighed {
        let (highest, temperature) = (reduce::max(self.logits), self.temperature);
        let mut each = self.logits.to_vec();
        for weight in &mut each {
            *weight = exp((*weight - highest) / temperature);
        }
        let mut sums = Vec::with_capacity(each.len().div_ceil(CHUNK));
        for chunk in each.chunks(CHUNK) {
            let (eights, rest) = chunk.as_chunks::<LANES>();
            let mut lanes = [0f64; LANES];
            for eight in eights {
                for (lane, &weight) in lanes.iter_mut().zip(eight) {
                    *lane += f64::from(weight);
                }
            }
            sums.push(lanes.iter().sum::<f64>() + rest.iter().map(|&w| f64::from(w)).sum::<f64>());
        }
        Weighed { each, sums }
    }
}

/// Uniform on [0, 1), in steps of 2⁻⁵³.
pub(crate) fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_u64() >> 11) as f64 * (-53f64).exp2()
}

#[cfg(test)]
mod tests {
    use super::Sampler;
    use motjuste::model::Decoding;

    fn sampler(temperature: f64, draw: u64, content: &str) -> Sampler {
        let decoding = Decoding { max_tokens: 1, temperature, draw };
        Sampler::new(&decoding, content.as_bytes()).unwrap()
    }

    fn draws(mut sampler: Sampler, logits: &[f32], n: usize) -> Vec<u32> {
        (0..n).map(|_| sampler.pick(logits)).collect()
    }

    #[test]
    fn greedy_takes_the_lowest_id_among_equals() {
        let mut logits = vec![0.5; 40];
        logits[33] = 2.0;
        logits[21] = 2.0;
        assert_eq!(sampler(0.0, 0, "").pick(&logits), 21);
    }

    #[test]
    fn a_stream_is_named_by_the_draw_and_the_content() {
        let logits = [0.1, 0.2, 0.3, 0.4];
        let first = draws(sampler(1.0, 0, "a"), &logits, 40);
        assert_eq!(first, draws(sampler(1.0, 0, "a"), &logits, 40));
        assert_ne!(first, draws(sampler(1.0, 1, "a"), &logits, 40));
        assert_ne!(first, draws(sampler(1.0, 0, "b"), &logits, 40));
    }

    #[test]
    fn frequencies_follow_the_softened_distribution() {
        // softmax([0, ln 9] / 2) = (1/4, 3/4).
        let tokens = draws(sampler(2.0, 7, "x"), &[0.0, 9f32.ln()], 40_000);
        let share = tokens.iter().filter(|&&token| token == 1).count() as f64 / 40_000.0;
        // Four standard errors of a share of 3/4.
        assert!((share - 0.75).abs() < 4.0 * (0.1875f64 / 40_000.0).sqrt(), "{share}");
    }

    #[test]
    fn a_token_of_a_large_vocabulary_is_the_one_that_a_plain_running_sum_finds() {
        let logits: Vec<f32> = (0..1300).map(|i| (i * 7919 % 1009) as f32 / 100.0).collect();
        let highest = logits.iter().copied().fold(f32::MIN, f32::max);
        let weights: Vec<f64> =
            logits.iter().map(|logit| f64::from((logit - highest) / 0.7).exp()).collect();
        let total: f64 = weights.iter().sum();
        for draw in 0..200 {
            let mut stream = super::Streams::new(draw).stream("test", 0);
            let mut left = super::uniform(&mut stream.clone()) * total;
            let passes = |weight: &f64| {
                left -= weight;
                left < 0.0
            };
            let expected = weights.iter().position(passes);
            assert_eq!(Some(super::draw(&logits, 0.7, &mut stream)), expected);
        }
    }

    #[test]
    fn a_temperature_that_makes_no_sense_is_refused() {
        for temperature in [-0.1, f64::NAN, f64::INFINITY] {
            let decoding = Decoding { max_tokens: 1, temperature, draw: 0 };
            assert!(Sampler::new(&decoding, b"").unwrap_err().is_model());
        }
    }
}
