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
    let highest = reduce::max(logits);
    let weight = |logit: &f32| f64::from(exp((logit - highest) / temperature));
    let total: f64 = logits.iter().map(weight).sum();
    let mut left = uniform(stream) * total;
    for (token, logit) in logits.iter().enumerate() {
        left -= weight(logit);
        if left < 0.0 {
            return token;
        }
    }
    // Rounding may leave a sliver at the end; it belongs to the most likely token.
    logits.iter().position(|&logit| logit == highest).unwrap_or(0)
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
    fn a_temperature_that_makes_no_sense_is_refused() {
        for temperature in [-0.1, f64::NAN, f64::INFINITY] {
            let decoding = Decoding { max_tokens: 1, temperature, draw: 0 };
            assert!(Sampler::new(&decoding, b"").unwrap_err().is_model());
        }
    }
}
