//! Requests in flight: the same request asked twice at the same time is one call.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::Result;
use crate::model::Completion;
use crate::storage::ResponseKey;

type Answer = Option<Result<Completion>>;

/// The requests that somebody is answering.
#[derive(Default)]
pub(super) struct InFlight {
    answers: Mutex<HashMap<ResponseKey, watch::Receiver<Answer>>>,
}

/// What a caller has to do about a request.
pub(super) enum Claim<'a> {
    /// Answer it.
    Answer(Duty<'a>),
    /// Wait for who answers it.
    Wait(Wait),
}

/// The duty to answer a request. Dropped, it goes to whoever waits.
pub(super) struct Duty<'a> {
    key: ResponseKey,
    answer: watch::Sender<Answer>,
    in_flight: &'a InFlight,
}

/// The answer of somebody else, to come.
pub(super) struct Wait(watch::Receiver<Answer>);

impl InFlight {
    /// Takes the duty to answer a request, unless somebody has it.
    pub(super) fn claim(&self, key: ResponseKey) -> Claim<'_> {
        let mut answers = self.answers();
        if let Some(answer) = answers.get(&key) {
            return Claim::Wait(Wait(answer.clone()));
        }
        let (answer, waiting) = watch::channel(None);
        answers.insert(key, waiting);
        Claim::Answer(Duty { key, answer, in_flight: self })
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<ResponseKey, watch::Receiver<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Duty<'_> {
    /// Tells everybody who waits.
    pub(super) fn done(self, answer: &Result<Completion>) {
        if self.answer.receiver_count() > 1 {
            self.answer.send_replace(Some(answer.clone()));
        }
    }
}

impl Drop for Duty<'_> {
    fn drop(&mut self) {
        self.in_flight.answers().remove(&self.key);
    }
}

impl Wait {
    /// The answer; none when whoever had the duty gave it up.
    pub(super) async fn answer(mut self) -> Answer {
        self.0.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone())
    }
}
