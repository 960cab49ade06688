//! When the next request may go out: after a pause, within the requests and the tokens a minute.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::Limits;
use super::advice::{Advice, Allowance};
use super::bucket::Bucket;

#[derive(Debug)]
pub(super) struct Pace {
    /// Requests wait in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    /// Wakes the one whose turn it is when something was given back.
    changed: Notify,
    given: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    paused_until: Option<Instant>,
}

impl Pace {
    pub(super) fn new(given: Limits) -> Self {
        let state = State {
            requests: given.requests_per_minute.map(Bucket::new),
            tokens: given.tokens_per_minute.map(Bucket::new),
            paused_until: None,
        };
        let (turn, changed) = (tokio::sync::Mutex::new(()), Notify::new());
        Self { turn, changed, given, state: Mutex::new(state) }
    }

    /// Takes one request and `tokens` tokens from the allowance, as soon as it holds them.
    pub(super) async fn take(&self, tokens: u64) {
        let _turn = self.turn.lock().await;
        while let Err(wait) = self.try_take(tokens) {
            match wait {
                Wait::Paused(until) => sleep_until(until).await,
                Wait::Empty(wait) => drop(timeout(wait, self.changed.notified()).await),
            }
        }
    }

    fn try_take(&self, tokens: u64) -> Result<(), Wait> {
        self.state().try_take(tokens)
    }

    pub(super) fn refund(&self, tokens: u64) {
        if let Some(bucket) = &mut self.state().tokens {
            bucket.give_back(tokens);
            self.changed.notify_one();
        }
    }

    pub(super) fn pause(&self, pause: Duration) {
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(Instant::now() + pause));
    }

    /// What the person gave wins over what the provider says.
    pub(super) fn learn(&self, advice: &Advice) {
        let mut state = self.state();
        if self.given.requests_per_minute.is_none() {
            follow(&mut state.requests, advice.requests);
        }
        if self.given.tokens_per_minute.is_none() {
            follow(&mut state.tokens, advice.tokens);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn follow(bucket: &mut Option<Bucket>, allowance: Option<Allowance>) {
    let Some(Allowance { per_minute, remaining }) = allowance else { return };
    let known = bucket.take().filter(|bucket| bucket.is_for(per_minute));
    let mut known = known.unwrap_or_else(|| Bucket::new(per_minute));
    if let Some(remaining) = remaining {
        known.at_most(remaining);
    }
    *bucket = Some(known);
}

enum Wait {
    Paused(Instant),
    Empty(Duration),
}

impl State {
    fn try_take(&mut self, tokens: u64) -> Result<(), Wait> {
        if let Some(until) = self.paused_until.filter(|&until| until > Instant::now()) {
            return Err(Wait::Paused(until));
        }
        let requests = self.requests.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(1));
        let wait = self.tokens.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(tokens));
        let wait = wait.max(requests);
        if !wait.is_zero() {
            return Err(Wait::Empty(wait));
        }
        self.requests.iter_mut().for_each(|bucket| bucket.take(1));
        self.tokens.iter_mut().for_each(|bucket| bucket.take(tokens));
        Ok(())
    }
}
