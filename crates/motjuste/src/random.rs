//! Named random streams: every draw comes from (study seed, role, step) and from nowhere else.

pub mod legacy;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The generator behind every stream. ChaCha is the same on every platform.
pub type Stream = ChaCha8Rng;

/// The source of all randomness of one study.
///
/// A stream is a pure function of its name, so there is no generator state to save: a study that
/// is killed and resumed draws what it would have drawn.
///
/// ```
/// use motjuste::random::Streams;
/// use rand::Rng;
/// let streams = Streams::new(7);
/// assert_eq!(streams.stream("ask", 3).next_u64(), streams.stream("ask", 3).next_u64());
/// assert_ne!(streams.stream("ask", 3).next_u64(), streams.stream("ask", 4).next_u64());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of the study with this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream of `role` in step number `step`.
    pub fn stream(&self, role: &str, step: u64) -> Stream {
        let name = format!("motjuste/{}/{role}/{step}", self.seed);
        Stream::from_seed(*blake3::hash(name.as_bytes()).as_bytes())
    }
}
