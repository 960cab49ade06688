//! Numbers that no other process gives to its rows.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};

/// Consecutive numbers from a random starting point: a row's number is known before it is written,
/// so that many rows can be written in one statement. Two processes would have to start within the
/// number of their calls of each other, of 2⁶² places, to meet.
#[derive(Debug)]
pub(crate) struct Numbers(AtomicI64);

impl Numbers {
    /// Numbers from a starting point that the system's source of randomness chooses.
    pub(crate) fn fresh() -> Self {
        let random = RandomState::new().hash_one(std::process::id());
        Self(AtomicI64::new((random >> 2).cast_signed()))
    }

    pub(crate) fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
