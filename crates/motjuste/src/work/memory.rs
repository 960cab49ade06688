//! A queue within one process.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::{Call, CallId, Claimed, Fate, Outcome, Queue};
use crate::{Error, Result};

/// How long a claim waits for a first call.
const PATIENCE: Duration = Duration::from_secs(1);

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

    fn tell(&self, id: CallId, fate: Fate) {
        if let Some(asked) = self.state().asked.remove(&id) {
            // Whoever stopped waiting does not need to know.
            let _ = asked.send(fate);
        }
    }
}

#[async_trait]
impl Queue for InMemoryQueue {
    fn has_workers(&self) -> bool {
        self.workers.load(Ordering::Relaxed) > 0
    }

    async fn ask(&self, call: Call) -> Result<Fate> {
        let id = CallId(self.numbers.fetch_add(1, Ordering::Relaxed));
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.state();
            state.asked.insert(id, tell);
            state.waiting.push_back((id, call));
        }
        self.put.notify_one();
        told.await.map_err(|_| Error::storage("the queue is gone"))
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
