//! One paid call: reserved, written down, asked, kept and settled, in this order; and again, for what
//! failed and may succeed later.

use std::time::Duration;

use backon::ExponentialBackoff;
use futures::future::join_all;

use super::meter::{Meter, Tariff};
use crate::budget::Reservation;
use crate::cost::Cost;
use crate::counted::counted;
use crate::model::{Completion, Leave, Model, Request, no_answer};
use crate::storage::{Attempt, AttemptId, ResponseKey};
use crate::{Error, Result};

/// How often a pause looks whether the person wants to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// A request on its way to an answer.
struct Asking {
    index: usize,
    request: Request,
    key: ResponseKey,
    worst: Cost,
}

impl Asking {
    /// What the attempt may cost. A model may have been found to think since the last one.
    fn set_aside(&mut self, tariff: &Tariff, model: &dyn Model) {
        self.request.thinking_tokens = Some(model.abilities().thinking_tokens);
        self.worst = tariff.price.of(1, self.request.worst_case());
    }
}

impl Meter {
    /// Asks until there is an answer to every request, or none is to be had; every attempt is paid for.
    pub(super) async fn pay(
        &self,
        tariff: &Tariff,
        model: &dyn Model,
        requests: Vec<Request>,
        keys: Vec<ResponseKey>,
    ) -> Vec<Result<Completion>> {
        let mut pauses = self.policy.retry.pauses(keys.first().map_or(0, ResponseKey::seed));
        let mut answers: Vec<Option<Result<Completion>>> = requests.iter().map(|_| None).collect();
        let asking = |(index, (request, key)): (usize, (Request, ResponseKey))| Asking {
            index,
            request,
            key,
            worst: Cost::default(),
        };
        let mut open: Vec<Asking> =
            requests.into_iter().zip(keys).enumerate().map(asking).collect();
        while !open.is_empty() {
            let mut failed = Vec::new();
            for asking in &mut open {
                asking.set_aside(tariff, model);
            }
            for (asking, answer) in self.attempt(tariff, model, open).await {
                match answer {
                    Err(error) if error.is_transient() => failed.push((asking, error)),
                    Err(error) => answers[asking.index] = Some(Err(self.break_off(error))),
                    answer => answers[asking.index] = Some(answer),
                }
            }
            open = match self.wait(tariff, &failed, &mut pauses).await {
                Ok(()) => failed.into_iter().map(|(asking, _)| asking).collect(),
                Err(refusal) => {
                    for (asking, error) in failed {
                        answers[asking.index] =
                            Some(Err(self.break_off(refusal.clone().of(error))));
                    }
                    Vec::new()
                }
            };
        }
        answers.into_iter().flatten().collect()
    }

    /// Waits until another attempt is due, or says why there is none.
    async fn wait(
        &self,
        tariff: &Tariff,
        failed: &[(Asking, Error)],
        pauses: &mut ExponentialBackoff,
    ) -> Result<(), Refusal> {
        if failed.is_empty() {
            return Ok(());
        }
        let retry = self.policy.retry;
        let asked_for = failed.iter().filter_map(|(_, error)| error.retry_after()).max();
        let asked_for = asked_for.unwrap_or_default();
        match pauses.next() {
            _ if asked_for > retry.longest_pause => Err(Refusal::Because(too_long(asked_for))),
            None => Err(Refusal::Because(format!("in {}", counted(retry.attempts, "attempt")))),
            Some(pause) => {
                let pause = pause.max(asked_for);
                self.tell_pause(failed, pause);
                self.pause(tariff, pause).await.map_err(Refusal::Stopped)?;
                failed.iter().for_each(|_| self.ledger.repeat());
                Ok(())
            }
        }
    }

    fn tell_pause(&self, failed: &[(Asking, Error)], pause: Duration) {
        let error = failed.first().map_or(String::new(), |(_, error)| error.to_string());
        self.ledger.pause(pause, &error);
        let (requests, seconds) = (failed.len(), pause.as_secs_f64());
        tracing::info!(requests, seconds, error, "failed; repeating after a pause");
    }

    /// One attempt at all of them. What may have been charged for stays on the bill, whatever came of
    /// it.
    async fn attempt(
        &self,
        tariff: &Tariff,
        model: &dyn Model,
        open: Vec<Asking>,
    ) -> Vec<(Asking, Result<Completion>)> {
        let reserved = match self.reserve(tariff, &open) {
            Ok(reserved) => reserved,
            Err(error) => return all_failed(open, error),
        };
        // The semaphores are never closed, so a permit always comes.
        let begun = self.begun.acquire().await.ok();
        let attempts = match self.begin(tariff, &open).await {
            Ok(attempts) => attempts,
            Err(error) => return all_failed(open, error),
        };
        let requests: Vec<Request> = open.iter().map(|asking| asking.request.clone()).collect();
        tracing::debug!(role = ?tariff.role, model = model.id(), requests = requests.len(), "asking");
        let answers = self.ask(tariff, model, &requests).await;
        drop(begun);
        let booked = open.into_iter().zip(answers).zip(reserved).zip(attempts);
        let booked = booked.map(async |(((asking, answer), reserved), attempt)| {
            let answer = self.close(tariff, &asking, answer, reserved, attempt).await;
            (asking, answer)
        });
        join_all(booked).await
    }

    fn reserve(&self, tariff: &Tariff, open: &[Asking]) -> Result<Vec<Reservation<'_>>> {
        self.refuse_to_begin(tariff.role)?;
        open.iter().map(|asking| self.ledger.reserve(tariff.role, asking.worst)).collect()
    }

    /// Writes down the calls that are about to leave the process, if they do.
    async fn begin(&self, tariff: &Tariff, open: &[Asking]) -> Result<Vec<Option<AttemptId>>> {
        if !tariff.is_remote {
            return Ok(vec![None; open.len()]);
        }
        let payer = self.payer();
        let begun = open.iter().map(async |asking| {
            let attempt = Attempt { role: tariff.role, cost: asking.worst };
            self.responses.begin(&payer, &attempt).await.map(Some)
        });
        join_all(begun).await.into_iter().collect()
    }

    /// Asks as soon as there is room on the wire. Whoever waits for room hears of a failure that no
    /// further attempt can mend before there is any.
    async fn ask(
        &self,
        tariff: &Tariff,
        model: &dyn Model,
        requests: &[Request],
    ) -> Vec<Result<Completion>> {
        let _permit = self.on_the_wire.acquire().await.ok();
        let check = || self.refuse_to_begin(tariff.role);
        if let Err(error) = check() {
            return vec![Err(error); requests.len()];
        }
        let answers = model.complete_with_leave(requests, Leave::under(&check));
        let answers = match self.in_time(tariff, answers).await {
            Ok(answers) => answers,
            Err(error) => return vec![Err(error); requests.len()],
        };
        if answers.len() != requests.len() {
            let error = no_answer(model.id(), requests.len(), answers.len()).perhaps_billed();
            return vec![Err(self.break_off(error)); requests.len()];
        }
        let failed = answers.iter().filter_map(|answer| answer.as_ref().err());
        for error in failed.filter(|error| !error.is_transient()) {
            self.break_off(error.clone());
        }
        answers
    }

    /// Makes an answer durable and settles its reservation; what was refused free of charge is released.
    async fn close(
        &self,
        tariff: &Tariff,
        asking: &Asking,
        answer: Result<Completion>,
        reserved: Reservation<'_>,
        attempt: Option<AttemptId>,
    ) -> Result<Completion> {
        match answer {
            Ok(completion) => {
                self.keep(tariff, &asking.key, &completion, attempt).await?;
                self.note_asked(&asking.key);
                reserved.settle(tariff.price.of(1, completion.usage));
                Ok(completion)
            }
            Err(error) if error.may_be_billed() => {
                reserved.lose();
                Err(error)
            }
            Err(error) => {
                if let Some(attempt) = attempt {
                    self.responses.close(attempt, &[]).await?;
                }
                Err(error)
            }
        }
    }

    async fn keep(
        &self,
        tariff: &Tariff,
        key: &ResponseKey,
        completion: &Completion,
        attempt: Option<AttemptId>,
    ) -> Result<()> {
        let keys = match tariff.is_usable(completion) {
            true => self.new_keys(key),
            false => vec![self.passing_key(key)],
        };
        let stored = self.stored(completion)?;
        if let Some(attempt) = attempt {
            let kept: Vec<_> = keys.into_iter().map(|key| (key, stored.clone())).collect();
            return self.responses.close(attempt, &kept).await;
        }
        for key in keys {
            self.responses.remember(&key, &stored).await?;
        }
        Ok(())
    }

    /// Waits, unless the person wants to stop, or the time is up.
    async fn pause(&self, tariff: &Tariff, pause: Duration) -> Result<()> {
        let mut left = pause;
        while left > Duration::ZERO {
            self.refuse_to_begin(tariff.role)?;
            let part = left.min(GLANCE);
            tokio::time::sleep(part).await;
            left -= part;
        }
        Ok(())
    }
}

/// Why there is no further attempt.
#[derive(Clone)]
enum Refusal {
    Because(String),
    Stopped(Error),
}

impl Refusal {
    /// What a request that failed with `error` fails with in the end.
    fn of(self, error: Error) -> Error {
        match self {
            Self::Because(why) => error.given_up(&why),
            Self::Stopped(stopped) => stopped,
        }
    }
}

fn all_failed(open: Vec<Asking>, error: Error) -> Vec<(Asking, Result<Completion>)> {
    open.into_iter().map(|asking| (asking, Err(error.clone()))).collect()
}

fn too_long(asked_for: Duration) -> String {
    format!("and asks to wait for {} s", asked_for.as_secs())
}
