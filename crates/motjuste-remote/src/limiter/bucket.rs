//! A token bucket: an allowance that fills evenly and may be overdrawn by one request.

use std::time::Duration;

use tokio::time::Instant;

const MINUTE: f64 = 60.0;

/// A burst of at most this share of a minute's allowance goes out at once: the provider counts
/// minutes of its own, and a larger burst would go over its limit in one of them.
const BURST: f64 = 1.0 / 6.0;

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    per_second: f64,
    capacity: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn new(per_minute: u64) -> Self {
        let per_minute = per_minute.max(1) as f64;
        let capacity = (per_minute * BURST).max(1.0);
        Self { per_second: per_minute / MINUTE, capacity, level: capacity, at: Instant::now() }
    }

    fn fill(&mut self) {
        let now = Instant::now();
        let grown = now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.level = (self.level + grown).min(self.capacity);
        self.at = now;
    }

    /// How long until `amount` may be taken. More than a bucket holds needs a full one.
    pub(super) fn wait(&mut self, amount: u64) -> Duration {
        self.fill();
        let missing = (amount as f64).min(self.capacity) - self.level;
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        // Rounded up, so that a wait never ends a hair's breadth too early.
        Duration::from_secs_f64(missing / self.per_second) + Duration::from_millis(1)
    }

    pub(super) fn take(&mut self, amount: u64) {
        self.level -= amount as f64;
    }

    pub(super) fn give_back(&mut self, amount: u64) {
        self.level = (self.level + amount as f64).min(self.capacity);
    }

    /// The provider says that no more than `remaining` is left.
    pub(super) fn at_most(&mut self, remaining: u64) {
        self.level = self.level.min(remaining as f64);
    }

    pub(super) fn is_for(&self, per_minute: u64) -> bool {
        self.per_second == Self::new(per_minute).per_second
    }
}
