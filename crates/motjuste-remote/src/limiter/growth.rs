//! When a window of requests in flight grows, from its small start.
//!
//! A provider bears much and says when it is too much: the window doubles with each round of answers until the
//! first refusal, and grows evenly after it (TCP's slow start and congestion avoidance; Jacobson, 1988). A server
//! of one's own queues what it cannot do at once and says nothing: the window doubles only as long as the server
//! answers more in the same time.

use std::time::Duration;

/// Requests in flight at the start.
const PROVIDER_START: usize = 4;
const OWN_START: usize = 1;

/// After the first overload, a full window of successes adds a sixteenth of the maximum, so that the way back from
/// a single request in flight takes sixteen round trips at most.
const STEPS: usize = 16;

/// Answers a second must grow by this share of what twice the requests could bring: 1.5 times as many.
const WORTH: f64 = 0.75;

/// Answers that a round has at least, so that one long answer decides nothing.
const ROUND: usize = 4;

/// Rounds after which a server is tried again with more: others may have left it.
const PATIENCE: usize = 32;

/// How a server takes many requests at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearing {
    /// It refuses what is too much.
    Refuses,
    /// It queues what is too much, and a request may take this long in all.
    Queues(Duration),
}

#[derive(Debug)]
pub(super) enum Growth {
    /// Doubling until the first overload, then even steps.
    Refusals { has_overloaded: bool, successes: usize },
    /// Doubling as long as it is worth it.
    Queue(Queue),
    /// As many as the server has slots.
    Slots,
}

impl Growth {
    pub(super) fn of(bearing: Bearing) -> Self {
        match bearing {
            Bearing::Refuses => Self::Refusals { has_overloaded: false, successes: 0 },
            Bearing::Queues(longest) => Self::Queue(Queue::new(longest)),
        }
    }

    /// Requests in flight before anything is known.
    pub(super) fn start(&self, maximum: usize) -> usize {
        match self {
            Self::Refusals { .. } => PROVIDER_START.min(maximum),
            Self::Queue(_) | Self::Slots => OWN_START,
        }
    }

    /// The limit after one more answer, which took `took` while the window was full or was not.
    pub(super) fn answered(
        &mut self,
        took: Duration,
        is_full: bool,
        limit: usize,
        maximum: usize,
    ) -> usize {
        match self {
            Self::Slots => limit,
            Self::Refusals { has_overloaded: false, .. } => (limit + 1).min(maximum),
            Self::Refusals { successes, .. } => {
                *successes += 1;
                if *successes < limit {
                    return limit;
                }
                *successes = 0;
                (limit + maximum.div_ceil(STEPS)).min(maximum)
            }
            Self::Queue(queue) if is_full => queue.answered(took, limit, maximum),
            Self::Queue(_) => limit,
        }
    }

    pub(super) fn overloaded(&mut self) {
        match self {
            Self::Slots => {}
            Self::Refusals { has_overloaded, successes } => {
                (*has_overloaded, *successes) = (true, 0);
            }
            Self::Queue(queue) => queue.settle(),
        }
    }
}

/// What is known about a server that queues.
#[derive(Debug)]
pub(super) struct Queue {
    longest: Duration,
    is_warm: bool,
    /// The present round: its answers and the time that they took together, in seconds.
    answers: usize,
    seconds: f64,
    /// The smaller limit before this one, and the mean time of an answer under it.
    before: Option<(usize, f64)>,
    /// Rounds since the limit was found that more is not worth; none while it is sought.
    settled: Option<usize>,
}

impl Queue {
    fn new(longest: Duration) -> Self {
        Self { longest, is_warm: false, answers: 0, seconds: 0.0, before: None, settled: None }
    }

    fn settle(&mut self) {
        (self.answers, self.seconds) = (0, 0.0);
        (self.before, self.settled) = (None, Some(0));
    }

    fn answered(&mut self, took: Duration, limit: usize, maximum: usize) -> usize {
        // The first answer of a server that loads its model when it is asked says nothing.
        if !std::mem::replace(&mut self.is_warm, true) {
            return limit;
        }
        self.answers += 1;
        self.seconds += took.as_secs_f64();
        if self.answers < limit.max(ROUND) {
            return limit;
        }
        let mean = self.seconds / self.answers as f64;
        (self.answers, self.seconds) = (0, 0.0);
        self.after_a_round(mean, limit, maximum)
    }

    fn after_a_round(&mut self, mean: f64, limit: usize, maximum: usize) -> usize {
        if let Some(rounds) = self.settled.filter(|rounds| *rounds < PATIENCE) {
            self.settled = Some(rounds + 1);
            return limit;
        }
        self.settled = None;
        if let Some((fewer, quick)) = self.before.filter(|(fewer, _)| *fewer < limit)
            && mean > quick * WORTH * limit as f64 / fewer as f64
        {
            self.settle();
            return fewer;
        }
        self.before = Some((limit, mean));
        // Twice as many may wait twice as long, and none may wait too long.
        let is_bearable = 3.0 * mean <= self.longest.as_secs_f64();
        if is_bearable { (2 * limit).min(maximum) } else { limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit of a window that is always full, after some answers of a server with so many slots, each of
    /// which takes a second an answer.
    fn limit(slots: usize, longest: u64, answers: usize) -> usize {
        let mut growth = Growth::of(Bearing::Queues(Duration::from_secs(longest)));
        let mut limit = growth.start(256);
        for _ in 0..answers {
            let took = Duration::from_secs(limit.div_ceil(slots) as u64);
            limit = growth.answered(took, true, limit, 256);
        }
        limit
    }

    #[test]
    fn a_server_that_queues_gets_as_many_as_it_has_slots() {
        assert_eq!((limit(1, 180, 100), limit(4, 180, 100)), (1, 4));
        assert_eq!(limit(1000, 180, 2000), 256);
        assert_eq!(limit(4, 2, 100), 1, "an answer of one second of two is not made to wait");
    }

    #[test]
    fn a_window_that_is_not_full_says_nothing() {
        let mut growth = Growth::of(Bearing::Queues(Duration::from_secs(180)));
        let grown = (0..100).map(|_| growth.answered(Duration::from_secs(1), false, 1, 256));
        assert!(grown.into_iter().all(|limit| limit == 1));
    }

    #[test]
    fn a_provider_gets_twice_as_many_each_round_until_it_refuses() {
        let mut growth = Growth::of(Bearing::Refuses);
        let mut limit = growth.start(256);
        assert_eq!(limit, 4);
        for _ in 0..4 + 8 + 16 {
            limit = growth.answered(Duration::ZERO, true, limit, 256);
        }
        assert_eq!(limit, 32);
        growth.overloaded();
        for _ in 0..16 {
            limit = growth.answered(Duration::ZERO, true, 16, 256);
        }
        assert_eq!(limit, 32);
    }
}
