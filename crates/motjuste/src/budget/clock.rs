//! The time that a budget leaves: for the search, and for the scoring after it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Role;

/// A call that was begun in time may take this share of the budget longer, within bounds: most are answered by
/// then, and paid for in any case.
const GRACE: f64 = 0.05;
const LEAST_GRACE: Duration = Duration::from_secs(1);
const MOST_GRACE: Duration = Duration::from_secs(10);

/// When calls may no longer begin, and when those in flight are given up.
#[derive(Debug)]
pub(super) struct Clock {
    limit: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    started: Instant,
    /// For the scoring after the search, out of the search's reach.
    set_aside: Duration,
}

impl Clock {
    /// A clock that starts now. A number of seconds beyond all measure is no limit.
    pub(super) fn new(seconds: Option<f64>) -> Self {
        let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let state = State { started: Instant::now(), set_aside: Duration::ZERO };
        Self { limit, state: Mutex::new(state) }
    }

    pub(super) fn restart(&self) {
        self.state().started = Instant::now();
    }

    /// Keeps time out of the search's reach, half of all at the most.
    pub(super) fn set_aside(&self, time: Duration) {
        let most = self.limit.unwrap_or_default() / 2;
        self.state().set_aside = time.min(most);
    }

    /// When the last call may begin; none is never.
    fn last_call(&self, role: Role) -> Option<Instant> {
        let State { started, set_aside } = *self.state();
        let set_aside = if role == Role::Assessment { Duration::ZERO } else { set_aside };
        started.checked_add(self.limit?.saturating_sub(set_aside))
    }

    /// Whether no call may begin any more.
    pub(super) fn is_over(&self, role: Role) -> bool {
        self.last_call(role).is_some_and(|last| Instant::now() >= last)
    }

    /// When a call that is in flight is given up; none is never.
    pub(super) fn end(&self, role: Role) -> Option<Instant> {
        let grace = self.limit?.mul_f64(GRACE).clamp(LEAST_GRACE, MOST_GRACE);
        self.last_call(role)?.checked_add(grace)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_search_ends_before_the_scoring_after_it() {
        let clock = Clock::new(Some(60.0));
        clock.set_aside(Duration::from_secs(50));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(!clock.is_over(Role::Target), "half of the time is the search's in any case");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(clock.is_over(Role::Generator) && !clock.is_over(Role::Assessment));
        assert_eq!(clock.end(Role::Target), Some(Instant::now() + Duration::from_secs(3)));
        assert_eq!(clock.end(Role::Assessment), Some(Instant::now() + Duration::from_secs(33)));
        clock.restart();
        assert!(!clock.is_over(Role::Target));
    }

    #[test]
    fn no_limit_and_one_beyond_all_measure_never_end() {
        for seconds in [None, Some(1e300), Some(1e19)] {
            let clock = Clock::new(seconds);
            clock.set_aside(Duration::from_secs(9));
            assert!(!clock.is_over(Role::Target) && clock.end(Role::Assessment).is_none());
        }
    }
}
