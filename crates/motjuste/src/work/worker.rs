//! The loop of a process that makes calls for others.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use super::{Call, Claimed, Failure, Outcome, Queue};
use crate::model::Model;
use crate::{Error, Result};

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Served {
    /// Calls that a model answered.
    pub answered: u64,
    /// Calls that failed; whoever needs them may put them again.
    pub failed: u64,
}

/// Opens a model by the name that stands in a [`Call`].
type Open = Box<dyn FnMut(&str) -> Result<Arc<dyn Model>> + Send>;

/// Hears what a worker comes to.
type Watch = Box<dyn FnMut(Served) + Send>;

/// A process that makes calls for others, until it is asked to stop.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use motjuste::model::{Decoding, Model, Request, Scripted};
/// use motjuste::work::{InMemoryQueue, Shared, Worker};
///
/// let echo = || Scripted::new("echo", |request| request.text());
/// let queue = Arc::new(InMemoryQueue::default());
/// let stop = Arc::new(AtomicBool::new(false));
/// let worker = Worker::new(queue.clone(), 4, move |_| Ok(Arc::new(echo())));
/// let working = tokio::spawn(worker.run(stop.clone()));
/// tokio::task::yield_now().await;
///
/// let shared = Shared::new(Arc::new(echo()), "echo", queue);
/// let answer = shared.answer(&Request::new("hello", Decoding::greedy(4))).await.unwrap();
/// assert_eq!(answer.text, "hello");
/// stop.store(true, Ordering::Relaxed);
/// assert_eq!(working.await.unwrap().unwrap().answered, 1);
/// # });
/// ```
pub struct Worker {
    queue: Arc<dyn Queue>,
    room: Arc<Semaphore>,
    open: Open,
    watch: Watch,
    models: HashMap<(String, String), Option<Arc<dyn Model>>>,
    decline: Box<dyn FnMut(&Error) + Send>,
}

impl Worker {
    /// A worker with up to `at_once` calls in flight, which opens models with `open`.
    pub fn new(
        queue: Arc<dyn Queue>,
        at_once: usize,
        open: impl FnMut(&str) -> Result<Arc<dyn Model>> + Send + 'static,
    ) -> Self {
        Self {
            queue,
            room: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
            open: Box::new(open),
            watch: Box::new(|_| {}),
            decline: Box::new(|_| {}),
            models: HashMap::new(),
        }
    }

    /// Tells `watch` what it has done so far, after each call.
    #[must_use]
    pub fn watched(mut self, watch: impl FnMut(Served) + Send + 'static) -> Self {
        self.watch = Box::new(watch);
        self
    }

    /// Tells `decline` once why it cannot ask a model; others are asked for it.
    #[must_use]
    pub fn declining(mut self, decline: impl FnMut(&Error) + Send + 'static) -> Self {
        self.decline = Box::new(decline);
        self
    }

    /// Works until `stop` is set, then finishes the calls in flight.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the queue cannot be reached any more.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Result<Served> {
        let (mut served, mut calls) = (Served::default(), JoinSet::new());
        let mut ended = self.work(&stop, &mut served, &mut calls).await;
        // Whatever ended it: what is in flight is paid for.
        while let Some(done) = calls.join_next().await {
            ended = ended.and(self.count(done, &mut served));
        }
        ended.map(|()| served)
    }

    async fn work(
        &mut self,
        stop: &AtomicBool,
        served: &mut Served,
        calls: &mut JoinSet<Result<bool>>,
    ) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            let free = free(&self.room).await;
            for claimed in self.queue.claim(free).await? {
                self.begin(claimed, calls).await?;
            }
            while let Some(done) = calls.try_join_next() {
                self.count(done, served)?;
            }
        }
        Ok(())
    }

    async fn begin(
        &mut self,
        Claimed { id, call, wait }: Claimed,
        calls: &mut JoinSet<Result<bool>>,
    ) -> Result<()> {
        let Some(model) = self.model(&call) else { return self.queue.decline(id).await };
        let (queue, room) = (self.queue.clone(), self.room.clone());
        let in_flight = room.try_acquire_owned();
        calls.spawn(async move {
            sleep(wait).await;
            let outcome = ask(model.as_ref(), &call).await;
            // The next call is taken while this one's outcome is told.
            drop(in_flight);
            queue.finish(id, &outcome).await.map(|()| outcome.is_ok())
        });
        Ok(())
    }

    /// The model of a call; none where this worker cannot ask it.
    fn model(&mut self, call: &Call) -> Option<Arc<dyn Model>> {
        let known = (call.model.clone(), call.id.clone());
        if let Some(model) = self.models.get(&known) {
            return model.clone();
        }
        let opened = (self.open)(&call.model).and_then(|model| same(model, &call.id));
        if let Err(error) = &opened {
            (self.decline)(error);
        }
        let model = opened.ok();
        self.models.insert(known, model.clone());
        model
    }

    fn count(
        &mut self,
        done: std::result::Result<Result<bool>, JoinError>,
        served: &mut Served,
    ) -> Result<()> {
        match done {
            Ok(Ok(true)) => served.answered += 1,
            Ok(Ok(false)) | Err(_) => served.failed += 1,
            Ok(Err(error)) => return Err(error),
        }
        (self.watch)(*served);
        Ok(())
    }
}

/// How many more calls may be in flight; waits for one.
async fn free(room: &Semaphore) -> usize {
    // Nobody closes it.
    drop(room.acquire().await);
    room.available_permits()
}

/// What becomes of a call. One that ends its task has failed, too: whoever put it waits to hear of it.
async fn ask(model: &dyn Model, call: &Call) -> Outcome {
    let answer = AssertUnwindSafe(model.answer(&call.request)).catch_unwind().await;
    answer.unwrap_or_else(|_| Err(broke_down(&call.id))).map_err(|error| Failure::from(&error))
}

fn broke_down(id: &str) -> Error {
    Error::model(format!("the worker broke down while it asked {id}"))
        .with_help(
            "look at the worker's output, and report the error; the call is counted at its most",
        )
        .of_one_request()
        .perhaps_billed()
}

/// The model, if it is the one that was meant.
fn same(model: Arc<dyn Model>, id: &str) -> Result<Arc<dyn Model>> {
    if model.id() == id {
        return Ok(model);
    }
    let opened = model.id();
    Err(Error::configuration(format!("the model {id} is asked for, and {opened} is opened here"))
        .with_help("run the same version of motjuste everywhere"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::model::{Completion, Decoding, Leave, Request, Scripted};
    use crate::work::{CallId, Fate, InMemoryQueue, Outcome};

    /// A queue with one call that cannot be reached afterwards.
    #[derive(Default)]
    struct Breaking {
        claims: Mutex<usize>,
        finished: Mutex<Vec<CallId>>,
    }

    #[async_trait]
    impl Queue for Breaking {
        fn workers(&self) -> usize {
            1
        }

        async fn ask(&self, _: Call, _: Leave<'_>) -> Result<Fate> {
            Ok(Fate::Returned)
        }

        async fn claim(&self, _: usize) -> Result<Vec<Claimed>> {
            let mut claims = self.claims.lock().unwrap();
            *claims += 1;
            if *claims > 1 {
                return Err(Error::storage("it cannot be reached"));
            }
            let request = Request::new("hello", Decoding::greedy(4));
            let call = Call { model: "m".into(), id: "m".into(), request, pace: None };
            let wait = std::time::Duration::from_millis(50);
            Ok(vec![Claimed { id: CallId(7), call, wait }])
        }

        async fn finish(&self, id: CallId, _: &Outcome) -> Result<()> {
            self.finished.lock().unwrap().push(id);
            Ok(())
        }

        async fn decline(&self, _: CallId) -> Result<()> {
            Ok(())
        }
    }

    /// A model that breaks down at every call.
    struct Broken;

    #[async_trait]
    impl Model for Broken {
        fn id(&self) -> &str {
            "m"
        }

        async fn complete(&self, _: &[Request]) -> Vec<Result<Completion>> {
            panic!("out of order")
        }
    }

    #[tokio::test]
    async fn a_call_that_breaks_down_is_told_while_the_worker_goes_on() {
        let (queue, stop) = (Arc::new(InMemoryQueue::default()), Arc::new(AtomicBool::default()));
        let worker = Worker::new(queue.clone(), 1, |_| Ok(Arc::new(Broken) as Arc<dyn Model>));
        let working = tokio::spawn(worker.run(stop.clone()));
        let request = Request::new("hello", Decoding::greedy(4));
        let call = Call { model: "m".into(), id: "m".into(), request, pace: None };
        for _ in 0..2 {
            let asked = queue.ask(call.clone(), Leave::always()).await.unwrap();
            let Fate::Asked(Err(failure)) = asked else { panic!("it was answered") };
            let error = failure.into_error();
            assert!(error.may_be_billed() && error.is_of_one_request(), "{error}");
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(working.await.unwrap().unwrap(), Served { answered: 0, failed: 2 });
    }

    #[tokio::test]
    async fn what_is_in_flight_when_the_queue_breaks_is_finished() {
        let queue = Arc::new(Breaking::default());
        let model = |_: &str| Ok(Arc::new(Scripted::new("m", |_| "hi".into())) as Arc<dyn Model>);
        let worker = Worker::new(queue.clone(), 2, model);
        assert!(worker.run(Arc::default()).await.unwrap_err().is_storage());
        assert_eq!(*queue.finished.lock().unwrap(), [CallId(7)]);
    }
}
