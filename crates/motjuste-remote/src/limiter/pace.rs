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
                Wait::Paused(until) => {
                    tracing::debug!(
                        seconds = (until - Instant::now()).as_secs_f64(),
                        "the server asked for a pause"
                    );
                    sleep_until(until).await;
                }
                Wait::Empty(wait) => {
                    tracing::debug!(
                        seconds = wait.as_secs_f64(),
                        tokens,
                        "waiting for the rate limit"
                    );
                    drop(timeout(wait, self.changed.notified()).await);
                }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn pace(requests: Option<u64>, tokens: Option<u64>) -> Pace {
        Pace::new(Limits {
            requests_per_minute: requests,
            tokens_per_minute: tokens,
            ..Limits::default()
        })
    }

    /// Seconds until `count` requests of `tokens` tokens had gone out.
    async fn time(pace: &Pace, count: usize, tokens: u64) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            pace.take(tokens).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_a_minute_are_kept_after_a_burst() {
        // 10 of 60 a minute go out at once, then one a second; a wait is rounded up by 1 ms.
        let pace = pace(Some(60), None);
        assert_eq!(time(&pace, 10, 0).await, 0.0);
        let waited = time(&pace, 60, 0).await;
        assert!((60.0..60.2).contains(&waited), "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_a_minute_are_kept_and_what_was_not_used_comes_back() {
        let pace = pace(None, Some(6000));
        assert_eq!(time(&pace, 1, 1000).await, 0.0);
        // 100 tokens a second.
        assert!((10.0..10.01).contains(&time(&pace, 1, 1000).await));
        pace.refund(900);
        assert!((1.0..1.01).contains(&time(&pace, 1, 1000).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refund_wakes_who_waits() {
        let pace = Arc::new(pace(None, Some(60)));
        pace.take(10).await;
        let start = Instant::now();
        let waiting = tokio::spawn({
            let pace = Arc::clone(&pace);
            async move { pace.take(10).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        pace.refund(10);
        waiting.await.unwrap();
        assert!(start.elapsed() < Duration::from_millis(1100), "{:?}", start.elapsed());
    }

    /// It waits for a full bucket, overdraws it, and who comes next pays for that.
    #[tokio::test(start_paused = true)]
    async fn a_request_larger_than_the_bucket_passes_and_is_paid_for() {
        let pace = pace(None, Some(600));
        assert_eq!(time(&pace, 1, 300).await, 0.0);
        let waited = time(&pace, 1, 100).await;
        assert!((30.0..30.1).contains(&waited), "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_takes_nothing() {
        let pace = pace(Some(60), None);
        time(&pace, 10, 0).await;
        assert!(timeout(Duration::from_millis(500), pace.take(0)).await.is_err());
        let waited = time(&pace, 1, 0).await;
        assert!((0.5..0.6).contains(&waited), "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_and_shorter_ones_do_not_shorten_it() {
        let pace = pace(None, None);
        pace.pause(Duration::from_secs(7));
        pace.pause(Duration::from_secs(2));
        let waited = time(&pace, 5, 0).await;
        assert!((7.0..7.01).contains(&waited), "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_provider_says_is_followed_unless_a_limit_was_given() {
        let told = Allowance { per_minute: 60, remaining: Some(0) };
        let advice = Advice { requests: Some(told), tokens: None };
        let learning = pace(None, None);
        learning.learn(&advice);
        let waited = time(&learning, 5, 0).await;
        assert!((5.0..5.1).contains(&waited), "{waited}");
        let given = pace(Some(6000), None);
        given.learn(&advice);
        assert_eq!(time(&given, 5, 0).await, 0.0);
    }
}
