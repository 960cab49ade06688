//! A queue within one process.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::{Call, CallId, Claimed, Fate, Outcome, Queue};
use crate::model::Leave;
use crate::{Error, Result};

/// How long a claim waits for a first call.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often whoever waits looks whether there is still leave to ask.
const GLANCE: Duration = Duration::from_millis(100);

/// A queue within one process: for tests, and for programs that have workers of their own. It keeps no pace,
/// and takes whoever has claimed once for a worker.
#[derive(Default)]
pub struct InMemoryQueue {
    state: Mutex<State>,
    put: Notify,
    numbers: AtomicI64,
    workers: AtomicUsize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(CallId, Call)>,
    asked: HashMap<CallId, oneshot::Sender<Fate>>,
}

impl InMemoryQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, most: usize) -> Vec<Claimed> {
        let State { waiting, asked } = &mut *self.state();
        waiting.retain(|(id, _)| asked.get(id).is_some_and(|asked| !asked.is_closed()));
        let claimed = |(id, call)| Claimed { id, call, wait: Duration::ZERO };
        waiting.drain(..most.min(waiting.len())).map(claimed).collect()
    }

    async fn wait(
        &self,
        id: CallId,
        mut told: oneshot::Receiver<Fate>,
        leave: Leave<'_>,
    ) -> Result<Fate> {
        let mut may_withdraw = true;
        loop {
            if let Ok(fate) = timeout(GLANCE, &mut told).await {
                return fate.map_err(|_| Error::storage("the queue is gone"));
            }
            if let (true, Err(error)) = (may_withdraw, leave.check()) {
                may_withdraw = false;
                if self.withdraw(id) {
                    return Err(error);
                }
            }
        }
    }

    /// Takes a call back that no worker has; whether there was one.
    fn withdraw(&self, id: CallId) -> bool {
        let waiting = &mut self.state().waiting;
        let before = waiting.len();
        waiting.retain(|(known, _)| *known != id);
        waiting.len() < before
    }

    fn tell(&self, id: CallId, fate: Fate) {
        if let Some(asked) = self.state().asked.remove(&id) {
            // Whoever stopped waiting does not need to know.
            let _ = asked.send(fate);
        }
    }
}

#[async_trait]
impl Queue for InMemoryQueue {
    fn workers(&self) -> usize {
        self.workers.load(Ordering::Relaxed)
    }

    async fn ask(&self, call: Call, leave: Leave<'_>) -> Result<Fate> {
        let id = CallId(self.numbers.fetch_add(1, Ordering::Relaxed));
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.state();
            state.asked.insert(id, tell);
            state.waiting.push_back((id, call));
        }
        self.put.notify_one();
        self.wait(id, told, leave).await
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>> {
        self.workers.store(1, Ordering::Relaxed);
        let found = self.take(most);
        if !found.is_empty() {
            return Ok(found);
        }
        let _ = timeout(PATIENCE, self.put.notified()).await;
        Ok(self.take(most))
    }

    async fn finish(&self, id: CallId, outcome: &Outcome) -> Result<()> {
        self.tell(id, Fate::Asked(outcome.clone()));
        Ok(())
    }

    async fn decline(&self, id: CallId) -> Result<()> {
        self.tell(id, Fate::Returned);
        Ok(())
    }
}
