//! A model behind the meter.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;

use super::meter::{Meter, Tariff, Usable};
use super::sharing::{Claim, Duty, Wait};
use crate::Result;
use crate::budget::Role;
use crate::cost::{Cost, Price};
use crate::model::{Abilities, Completion, Model, Request, no_answer};
use crate::storage::ResponseKey;
use crate::usage::Usage;

/// A model whose every call is looked up first and paid for otherwise; the same request asked twice at
/// the same time is one call. Failed attempts are repeated as the policy says.
#[derive(Clone)]
pub struct Metered {
    model: Arc<dyn Model>,
    meter: Arc<Meter>,
    tariff: Tariff,
}

/// A request of a batch, by its index, that this caller has to answer.
struct Due<'a> {
    index: usize,
    duty: Duty<'a>,
}

impl Metered {
    pub(super) fn new(model: Arc<dyn Model>, meter: Arc<Meter>, role: Role, price: Price) -> Self {
        let tariff = Tariff { role, price, is_remote: model.is_remote(), usable: None };
        Self { model, meter, tariff }
    }

    /// The same model; a completion that is of no use answers the event that it was asked for, and is asked
    /// for anew after it.
    #[must_use]
    pub(crate) fn keeping(mut self, usable: Usable) -> Self {
        self.tariff.usable = Some(usable);
        self
    }

    /// The model itself.
    pub fn model(&self) -> &Arc<dyn Model> {
        &self.model
    }

    /// What `calls` calls cost at the most that use `usage`, and what the model may take for thinking
    /// besides.
    pub fn cost(&self, calls: u64, usage: Usage) -> Cost {
        let thinking = calls.saturating_mul(self.abilities().thinking_tokens as u64);
        let tokens_out = usage.tokens_out.saturating_add(thinking);
        self.tariff.price.of(calls, Usage { tokens_out, ..usage })
    }

    /// What calls cost as a rule that cost `most` at the most.
    pub fn cost_as_a_rule(&self, most: Cost) -> Cost {
        self.tariff.price.of(most.calls, most.usage.as_a_rule())
    }

    /// Answers every request of a batch, in order; calls in flight are finished, and kept, even when one
    /// of them fails.
    ///
    /// # Errors
    /// What the first request that got no answer failed with.
    pub async fn answers(&self, batch: &[Request]) -> Result<Vec<Completion>> {
        self.complete(batch).await.into_iter().collect()
    }

    fn key(&self, request: &Request) -> ResponseKey {
        ResponseKey::of(self.model.id(), request)
    }

    /// Answers the requests that nobody else answers, and tells who waits for them.
    async fn settle(
        &self,
        due: Vec<Due<'_>>,
        batch: &[Request],
        answers: &mut [Option<Result<Completion>>],
    ) {
        let requests: Vec<&Request> = due.iter().map(|due| &batch[due.index]).collect();
        let found = self.fetch(&requests).await;
        for (Due { index, duty }, answer) in due.into_iter().zip(found) {
            duty.done(&answer);
            answers[index] = Some(answer);
        }
    }

    /// Waits for the answer to a request that somebody else has the duty to answer, or takes it over.
    async fn join(&self, mut wait: Wait, request: &Request) -> Result<Completion> {
        loop {
            if let Some(answer) = wait.answer().await {
                if answer.is_ok() {
                    self.meter.ledger.hit(self.tariff.role);
                }
                return answer;
            }
            match self.meter.in_flight.claim(self.key(request)) {
                Claim::Wait(other) => wait = other,
                Claim::Answer(duty) => {
                    let answer = self.fetch(&[request]).await.pop();
                    let answer = answer.unwrap_or_else(|| Err(no_answer(self.id(), 1, 0)));
                    duty.done(&answer);
                    return answer;
                }
            }
        }
    }

    /// The answers to distinct requests, from the cache or from the model.
    async fn fetch(&self, requests: &[&Request]) -> Vec<Result<Completion>> {
        let keys: Vec<ResponseKey> = requests.iter().map(|request| self.key(request)).collect();
        let recall = |(request, key): (&&Request, _)| {
            let worst = self.cost(1, request.worst_case());
            self.meter.recall(&self.tariff, key, worst)
        };
        let found = join_all(requests.iter().zip(&keys).map(recall)).await;
        let mut found: Vec<Option<Result<Completion>>> =
            found.into_iter().map(Result::transpose).collect();
        let missing: Vec<usize> = (0..requests.len()).filter(|&i| found[i].is_none()).collect();
        for (index, answer) in self.ask(&missing, requests, &keys).await {
            found[index] = Some(answer);
        }
        found.into_iter().flatten().collect()
    }

    /// Asks the model, in calls of its size: side by side on a server, one after the other in this
    /// process, where each call uses every core.
    async fn ask(
        &self,
        missing: &[usize],
        requests: &[&Request],
        keys: &[ResponseKey],
    ) -> Vec<(usize, Result<Completion>)> {
        let parts = missing.chunks(self.model.batch_size().max(1));
        let calls = parts.map(|part| async {
            let requests: Vec<Request> = part.iter().map(|&i| requests[i].clone()).collect();
            let keys: Vec<ResponseKey> = part.iter().map(|&i| keys[i]).collect();
            let model = self.model.as_ref();
            part.iter().copied().zip(self.meter.pay(&self.tariff, model, requests, keys).await)
        });
        let mut answers = Vec::with_capacity(missing.len());
        if self.tariff.is_remote {
            answers.extend(join_all(calls).await.into_iter().flatten());
        } else {
            for call in calls {
                answers.extend(call.await);
            }
        }
        answers
    }
}

#[async_trait]
impl Model for Metered {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn abilities(&self) -> Abilities {
        self.model.abilities()
    }

    fn is_remote(&self) -> bool {
        self.tariff.is_remote
    }

    fn batch_size(&self) -> usize {
        self.model.batch_size()
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let mut answers: Vec<Option<Result<Completion>>> = batch.iter().map(|_| None).collect();
        let (mut due, mut waiting) = (Vec::new(), Vec::new());
        for (index, request) in batch.iter().enumerate() {
            if let Err(refusal) = request.check(self.id(), self.abilities()) {
                answers[index] = Some(Err(refusal));
                continue;
            }
            match self.meter.in_flight.claim(self.key(request)) {
                Claim::Answer(duty) => due.push(Due { index, duty }),
                Claim::Wait(wait) => waiting.push((index, wait)),
            }
        }
        self.settle(due, batch, &mut answers).await;
        let joined = waiting
            .into_iter()
            .map(async |(index, wait)| (index, self.join(wait, &batch[index]).await));
        for (index, answer) in join_all(joined).await {
            answers[index] = Some(answer);
        }
        answers.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::budget::{Account, Budget, Ledger};
    use crate::calls::{CallPolicy, Calls};
    use crate::model::{Decoding, Scripted};
    use crate::storage::InMemory;

    /// Asks a model that says nothing of use, as `payer` on its way to an event; its account after that.
    async fn ask(
        store: &Arc<InMemory>,
        asked: &Arc<AtomicUsize>,
        payer: &str,
        event: usize,
    ) -> Account {
        let ledger = Arc::new(Ledger::new(Budget::default()));
        let calls = Calls::new(store.clone(), ledger, payer, CallPolicy::default());
        calls.work_towards(event);
        let asked = asked.clone();
        let mute = Scripted::new("mute", move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            "?".to_owned()
        });
        let judge = calls.judge(Arc::new(mute)).keeping(Arc::new(|reply| reply.text != "?"));
        let request = Request::new("well?", Decoding::greedy(8));
        assert_eq!(judge.answer(&request).await.unwrap().text, "?");
        assert_eq!(judge.answer(&request).await.unwrap().text, "?");
        calls.ledger().account()
    }

    #[tokio::test]
    async fn what_is_of_no_use_answers_on_the_way_to_its_event_and_never_again() {
        let (store, asked) = (Arc::<InMemory>::default(), Arc::<AtomicUsize>::default());
        for (payer, event, requests) in
            [("me", 0, 1), ("me", 0, 1), ("me", 1, 2), ("you", 0, 3), ("me", 1, 3)]
        {
            let account = ask(&store, &asked, payer, event).await;
            assert_eq!(asked.load(Ordering::Relaxed), requests, "{payer} {event}");
            // A process that takes up an interrupted step counts what that step paid for.
            assert_eq!((account.judge.calls, account.judge.cache_hits), (1, 1));
        }
    }
}
