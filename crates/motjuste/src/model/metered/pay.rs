//! One paid call: reserved, written down, asked, kept and settled, in this order; and again, when it
//! failed and may succeed later.

use std::time::Duration;

use futures::future::{BoxFuture, join_all};

use super::{Meter, Response, Road};
use crate::storage::{Attempt, AttemptId, ResponseKey};
use crate::usage::{Cost, Usage};
use crate::{Error, Result};

/// How often a pause looks whether the person wants to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// The answers to one attempt, to come.
pub(super) type Asked<'a, T> = BoxFuture<'a, Result<Vec<T>>>;

impl Meter {
    /// Asks until there is an answer to every one of `keys`, paying for each attempt.
    pub(super) async fn pay<'a, T: Response>(
        &self,
        road: Road,
        keys: &[ResponseKey],
        worst: Usage,
        ask: impl Fn() -> Asked<'a, T> + Sync,
    ) -> Result<Vec<T>> {
        let worst = road.cost(keys.len() as u64, worst);
        let retry = self.policy.retry;
        let mut pauses = retry.pauses(keys.first().map_or(0, ResponseKey::seed));
        loop {
            let error = match self.attempt(road, keys, worst, &ask).await {
                Err(error) if error.is_transient() => error,
                Err(error) => return Err(self.beyond_help(error)),
                answered => return answered,
            };
            let asked_for = error.retry_after().unwrap_or_default();
            let why = match pauses.next() {
                _ if asked_for > retry.longest_pause => too_long(asked_for),
                None => format!("in {} attempts", retry.attempts),
                Some(pause) => {
                    self.pause(pause.max(asked_for)).await?;
                    self.ledger.repeat();
                    continue;
                }
            };
            return Err(self.beyond_help(error.because(&why)));
        }
    }

    /// One attempt. What may have been charged for stays on the bill, whatever came of it.
    async fn attempt<'a, T: Response>(
        &self,
        road: Road,
        keys: &[ResponseKey],
        worst: Cost,
        ask: &(impl Fn() -> Asked<'a, T> + Sync),
    ) -> Result<Vec<T>> {
        self.refuse_when_stopped()?;
        let reserved = self.ledger.reserve(road.role, worst)?;
        // The semaphores are never closed, so a permit always comes.
        let begun = self.begun.acquire().await.ok();
        let attempt = self.begin(road, worst).await?;
        let asked = self.ask(ask).await;
        drop(begun);
        match asked {
            Ok(responses) => {
                self.keep(attempt, keys, &responses).await?;
                let usage = responses.iter().map(Response::usage).sum();
                reserved.settle(road.cost(worst.calls, usage));
                Ok(responses)
            }
            Err(error) if error.may_be_billed() => {
                reserved.lose();
                Err(error)
            }
            Err(error) => {
                self.keep::<T>(attempt, &[], &[]).await?;
                Err(error)
            }
        }
    }

    /// Asks as soon as there is room on the wire. Whoever waits for room hears of a failure that no
    /// further attempt can mend before there is any.
    async fn ask<'a, T>(&self, ask: &(impl Fn() -> Asked<'a, T> + Sync)) -> Result<Vec<T>> {
        let _permit = self.in_flight.acquire().await.ok();
        self.refuse_when_stopped()?;
        let asked = ask().await;
        match asked {
            Err(error) if !error.is_transient() => Err(self.beyond_help(error)),
            asked => asked,
        }
    }

    /// Writes down that a call is about to leave the process, if it does.
    async fn begin(&self, road: Road, worst: Cost) -> Result<Option<AttemptId>> {
        if !road.is_remote {
            return Ok(None);
        }
        let attempt = Attempt { role: road.role, cost: worst };
        self.storage.begin(&self.payer(), &attempt).await.map(Some)
    }

    /// Makes responses durable and closes the attempt that brought them; without responses, the
    /// attempt was free of charge.
    async fn keep<T: Response>(
        &self,
        attempt: Option<AttemptId>,
        keys: &[ResponseKey],
        responses: &[T],
    ) -> Result<()> {
        let own = keys.iter().map(|key| self.own_key(key));
        let kept = own.zip(responses).map(|(key, response)| Ok((key, self.stored(response)?)));
        let kept: Vec<_> = kept.collect::<Result<_>>()?;
        match attempt {
            Some(attempt) => self.storage.close(attempt, &kept).await,
            None => {
                let kept = kept.iter().map(|(key, stored)| self.storage.remember(key, stored));
                join_all(kept).await.into_iter().collect()
            }
        }
    }

    /// Waits, unless the person wants to stop.
    async fn pause(&self, pause: Duration) -> Result<()> {
        let mut left = pause;
        while left > Duration::ZERO {
            self.refuse_when_stopped()?;
            let part = left.min(GLANCE);
            tokio::time::sleep(part).await;
            left -= part;
        }
        Ok(())
    }

    /// Keeps everybody else from beginning what would fail in the same way.
    fn beyond_help(&self, error: Error) -> Error {
        if !error.is_interrupted() && !error.is_budget() {
            // The first failure is the one to tell.
            let _ = self.broken.set(error.clone());
        }
        error
    }
}

fn too_long(asked_for: Duration) -> String {
    format!("and asks to wait for {} s", asked_for.as_secs())
}
