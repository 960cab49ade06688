//! How calls leave: how many at once, from which cache, at which price, how often again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::cost::Price;

/// How a study's calls leave. Nothing here changes what a model answers, so nothing of it belongs
/// to a study's identity.
///
/// ```
/// use motjuste::calls::{CacheMode, CallPolicy};
/// let policy = CallPolicy { concurrency: 8, ..CallPolicy::default() };
/// assert_eq!(policy.cache, CacheMode::ReadWrite);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallPolicy {
    /// Calls to the target in flight, and calls to a remote generator.
    pub concurrency: usize,
    /// Which kept responses may answer in place of a call.
    pub cache: CacheMode,
    /// What is done about an attempt that failed.
    pub retry: RetryPolicy,
    /// What the target costs.
    pub target_price: Price,
    /// What the generator costs.
    pub generator_price: Price,
    /// What the judge costs.
    pub judge_price: Price,
}

impl Default for CallPolicy {
    /// 256 calls at once, from the cache and into it, free of charge.
    fn default() -> Self {
        Self {
            concurrency: 256,
            cache: CacheMode::ReadWrite,
            retry: RetryPolicy::default(),
            target_price: Price::FREE,
            generator_price: Price::FREE,
            judge_price: Price::FREE,
        }
    }
}

/// Which kept responses may answer in place of a call.
///
/// In every mode a study that was interrupted finds the responses that it had paid for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// Any response in the store answers; new ones are kept for everybody.
    #[default]
    ReadWrite,
    /// Any response in the store answers; new ones are kept for this study alone.
    ReadOnly,
    /// Only this study's own responses answer, and they are kept for it alone.
    Off,
    /// Any response in the store answers, and what is not there is an error: no call leaves.
    Replay,
    /// Any response in the store answers, and the first time counts as if this study had paid for it: so studies that
    /// are compared have equal budgets, whichever was run first, and nobody pays twice.
    Shared,
}

/// What is done about an attempt that failed and may succeed later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in all; 1 is no second one.
    pub attempts: usize,
    /// The first pause; each further one is twice as long, give or take.
    pub first_pause: Duration,
    /// The longest pause. A model that asks for a longer one is not waited for.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    /// Six attempts within about half a minute, and up to five minutes of asked-for waiting.
    fn default() -> Self {
        Self {
            attempts: 6,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// The pauses between attempts, spread at random by `seed` so that calls that failed together
    /// do not come back together.
    pub(crate) fn pauses(&self, seed: u64) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(self.first_pause)
            .with_max_delay(self.longest_pause)
            .with_max_times(self.attempts.saturating_sub(1))
            .with_jitter()
            .with_jitter_seed(seed)
            .build()
    }
}
