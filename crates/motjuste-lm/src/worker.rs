//! A thread that runs a model for many callers.
//!
//! Callers are asynchronous tasks that must not be held up for the seconds a batch takes. They
//! leave their requests in a queue; the worker takes everything that waits, runs it as one batch,
//! and answers. So a hundred tasks that ask one question each get the speed of a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use motjuste::model::{Completion, Request};
use motjuste::{Error, Result};
use tokio::sync::oneshot;

use crate::engine::Engine;

/// Requests in one batch at the most, so that the first caller need not wait for the last.
const REQUESTS: usize = 1024;

/// The callers' end of the queue; the worker ends when it is dropped.
pub(crate) struct Worker {
    queue: Sender<Job>,
}

/// Requests of one caller.
struct Job {
    requests: Vec<Request>,
    reply: oneshot::Sender<Vec<Result<Completion>>>,
}

impl Worker {
    pub(crate) fn start(engine: Arc<Engine>) -> Result<Self> {
        let (queue, jobs) = channel();
        thread::Builder::new()
            .name("motjuste-lm".to_owned())
            .spawn(move || serve(&engine, &jobs))
            .map_err(|e| Error::model("the model's thread cannot be started").with_source(e))?;
        Ok(Self { queue })
    }

    /// Waits for one completion for each request, in order.
    pub(crate) async fn run(&self, requests: Vec<Request>) -> Vec<Result<Completion>> {
        let (count, (reply, answer)) = (requests.len(), oneshot::channel());
        if self.queue.send(Job { requests, reply }).is_err() {
            return vec![Err(stopped()); count];
        }
        answer.await.unwrap_or_else(|_| vec![Err(stopped()); count])
    }
}

fn stopped() -> Error {
    Error::model("the model stopped before it answered; this is a fault in motjuste")
}

fn serve(engine: &Engine, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let waiting = drain(first, jobs);
        // A caller whose reply is dropped in a panic learns that the model stopped; the queue
        // lives on for the others.
        let _ = catch_unwind(AssertUnwindSafe(|| answer(engine, waiting)));
    }
}

/// The first job and those that wait behind it, up to a bounded number of requests.
fn drain(first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
    let mut requests = first.requests.len();
    let mut waiting = vec![first];
    while requests < REQUESTS {
        let Ok(job) = jobs.try_recv() else { break };
        requests += job.requests.len();
        waiting.push(job);
    }
    // A caller that has gone away costs nothing.
    waiting.retain(|job| !job.reply.is_closed());
    waiting
}

/// Runs all jobs as one batch, computations apart and one by one. A request that the model refuses is
/// answered with that refusal and does not touch the others.
fn answer(engine: &Engine, jobs: Vec<Job>) {
    let requests: Vec<&Request> = jobs.iter().flat_map(|job| &job.requests).collect();
    let mut accepted = Vec::new();
    let mut prepared = Vec::new();
    let mut answers: Vec<Result<Completion>> = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        if let Some(computation) = &request.computation {
            answers.push(engine.compute(request, computation));
            continue;
        }
        match engine.prepare(request) {
            Ok(ready) => {
                accepted.push(index);
                prepared.push(ready);
                answers.push(Err(stopped()));
            }
            Err(refusal) => answers.push(Err(refusal)),
        }
    }
    let run: Vec<&Request> = accepted.iter().map(|&index| requests[index]).collect();
    match engine.run(&run, prepared) {
        Ok(done) => {
            accepted.iter().zip(done).for_each(|(&index, done)| answers[index] = Ok(done));
        }
        Err(error) => {
            let error = Error::model(error.to_string());
            accepted.iter().for_each(|&index| answers[index] = Err(error.clone()));
        }
    }
    reply_all(jobs, answers);
}

fn reply_all(jobs: Vec<Job>, answers: Vec<Result<Completion>>) {
    let mut answers = answers.into_iter();
    for job in jobs {
        let own = answers.by_ref().take(job.requests.len()).collect();
        drop(job.reply.send(own));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use motjuste::model::Decoding;

    use super::*;
    use crate::files::Files;
    use crate::options::LoadOptions;

    fn engine() -> Engine {
        let files = Files::in_memory(
            include_bytes!("../tests/fixtures/tiny-llama/config.json"),
            include_bytes!("../tests/fixtures/tiny-llama/tokenizer.json"),
            include_bytes!("../tests/fixtures/tiny-llama/model.safetensors"),
        );
        Engine::load(&files.unwrap(), &LoadOptions::default()).unwrap()
    }

    fn request(prompt: String) -> Request {
        Request::new(prompt, Decoding::greedy(3))
    }

    #[tokio::test]
    async fn a_panic_is_an_error_for_who_waits_and_the_next_caller_is_served() {
        let mut engine = engine();
        // Now nobody refuses a prompt that runs off the table of positions.
        engine.decoder.config.context = 1000;
        let worker = Worker::start(Arc::new(engine)).unwrap();
        let error = worker.run(vec![request("a".repeat(200))]).await.remove(0).unwrap_err();
        assert!(error.is_model() && error.to_string().contains("stopped"), "{error}");
        assert!(worker.run(vec![request("a".to_owned())]).await[0].is_ok());
    }

    #[test]
    fn dropping_the_worker_ends_its_thread() {
        let engine = Arc::new(engine());
        let alive = Arc::downgrade(&engine);
        drop(Worker::start(engine).unwrap());
        let start = Instant::now();
        while alive.strong_count() > 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "the thread lives on");
            thread::yield_now();
        }
    }
}
