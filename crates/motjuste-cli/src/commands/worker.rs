//! `motjuste worker`: makes the calls of studies that other processes run.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use motjuste::work::{Queue, Served, Worker};
use motjuste::{Error, Result};
use motjuste_models::ModelName;
use motjuste_store::{Address, Part};

use crate::args::WorkerArgs;
use crate::{signals, summary, wiring};

/// How often it says what it has done.
const NEWS: Duration = Duration::from_secs(10);

pub(crate) async fn worker(args: WorkerArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let queue = motjuste_store::join(store, Part::Worker).await?.ok_or_else(no_queue)?;
    let stop = Arc::default();
    signals::listen(Arc::clone(&stop), wiring::patience_of_worker(&args));
    summary::note("waiting for calls; Ctrl-C finishes those in flight and ends");
    let served = work(&args, queue, stop).await?;
    summary::served(served, json);
    Ok(ExitCode::SUCCESS)
}

async fn work(args: &WorkerArgs, queue: Arc<dyn Queue>, stop: Arc<AtomicBool>) -> Result<Served> {
    let mut opener = wiring::worker(args)?;
    let open = move |line: &str| opener.model(&ModelName::from_line(line)?);
    let (mut news, calls) = (News::default(), Arc::<AtomicU64>::default());
    let counted = calls.clone();
    let worker = Worker::new(queue, args.concurrency, open)
        .watched(move |served| {
            counted.store(served.answered + served.failed, Ordering::Relaxed);
            news.tell(served);
        })
        .declining(|error| {
            let help = error.help().map_or_else(String::new, |help| format!("; {help}"));
            summary::note(&format!("left to others: {error}{help}"));
        });
    if let Some(idle) = args.idle {
        tokio::spawn(stop_when_idle(calls, idle, stop.clone()));
    }
    worker.run(stop).await
}

async fn stop_when_idle(calls: Arc<AtomicU64>, idle: Duration, stop: Arc<AtomicBool>) {
    loop {
        let before = calls.load(Ordering::Relaxed);
        tokio::time::sleep(idle).await;
        if calls.load(Ordering::Relaxed) == before {
            return stop.store(true, Ordering::Relaxed);
        }
    }
}

/// Says now and then what was done.
#[derive(Default)]
struct News(Option<Instant>);

impl News {
    fn tell(&mut self, served: Served) {
        if self.0.is_none_or(|last| last.elapsed() >= NEWS) {
            self.0 = Some(Instant::now());
            summary::note(&summary::served_text(served));
        }
    }
}

fn no_queue() -> Error {
    Error::configuration("a worker needs a store that machines share")
        .with_help("give --store postgresql://USER@HOST/DATABASE, the one that the study is run on")
}
