//! How fast an endpoint may be asked: requests in flight, requests and tokens a minute.

mod advice;
mod bucket;
mod growth;
mod pace;
mod window;

use std::sync::Arc;
use std::time::Duration;

use motjuste::error::Setting;
use motjuste::{Error, Result};
use tokio::time::Instant;

pub(crate) use advice::{Advice, Dialect, retry_after};
pub(crate) use growth::Bearing;
use growth::Growth;
use pace::Pace;
use window::{Slot, Window};

/// The limits to keep to at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most requests in flight. They begin with a few, and grow as long as the server bears it: until a
    /// provider refuses one, and until a server of one's own answers no more in the same time.
    pub concurrency: usize,
    /// Requests a minute; `None` keeps to what the provider's answers say.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute, read and written; `None` keeps to what the provider's answers say.
    pub tokens_per_minute: Option<u64>,
    /// Whether requests begin with all of `concurrency` in flight, because a person knows what the server bears;
    /// there may be fewer once it refuses some.
    pub at_once: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 256,
            requests_per_minute: None,
            tokens_per_minute: None,
            at_once: false,
        }
    }
}

impl Limits {
    /// Refuses limits under which nothing would ever be asked.
    pub(crate) fn check(&self) -> Result<()> {
        let zero = [
            (self.concurrency == 0, "requests in flight"),
            (self.requests_per_minute == Some(0), "requests per minute"),
            (self.tokens_per_minute == Some(0), "tokens per minute"),
        ];
        match zero.iter().find(|(is_zero, _)| *is_zero) {
            None => Ok(()),
            Some((_, what)) => Err(Error::configuration(format!("0 {what} let nothing through"))
                .with_help("give a number above 0, or leave the limit out")
                .with_setting(Setting::Concurrency)),
        }
    }
}

/// Lets requests through at the pace that an endpoint allows; shared by everyone who asks it.
#[derive(Debug)]
pub(crate) struct Limiter {
    window: Arc<Window>,
    pace: Arc<Pace>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, bearing: Bearing) -> Self {
        let growth = Growth::of(bearing);
        let start = if limits.at_once { usize::MAX } else { growth.start(limits.concurrency) };
        let window = Arc::new(Window::new(limits.concurrency, start, growth));
        Self { window, pace: Arc::new(Pace::new(limits)) }
    }

    /// Waits until one more request of at most `tokens` may go out. A caller that stops waiting
    /// leaves nothing behind.
    pub(crate) async fn admit(&self, tokens: u64) -> Admission {
        let slot = Window::slot(&self.window).await;
        self.pace.take(tokens).await;
        let sent = Instant::now();
        Admission { slot, pace: Arc::clone(&self.pace), reserved: tokens, sent }
    }

    /// The server says how many requests it answers at once.
    pub(crate) fn has_slots(&self, slots: usize) {
        self.window.has_slots(slots);
    }
}

/// One request's leave to be in flight; dropping it gives the slot back.
#[derive(Debug)]
pub(crate) struct Admission {
    slot: Slot,
    pace: Arc<Pace>,
    reserved: u64,
    sent: Instant,
}

impl Admission {
    /// The server answered.
    pub(crate) fn succeeded(&self) {
        self.slot.answered(self.sent.elapsed());
    }

    /// The server has too much to do; nobody asks it again before `pause` is over.
    pub(crate) fn overloaded(&self, pause: Option<Duration>) {
        self.slot.halve();
        if let Some(pause) = pause {
            self.pace.pause(pause);
        }
    }

    /// Follows what the answer's headers say about the provider's limits.
    pub(crate) fn learn(&self, advice: &Advice) {
        self.pace.learn(advice);
    }

    /// Gives back what was reserved beyond the tokens that the request used.
    pub(crate) fn used(&self, tokens: u64) {
        self.pace.refund(self.reserved.saturating_sub(tokens));
    }
}
