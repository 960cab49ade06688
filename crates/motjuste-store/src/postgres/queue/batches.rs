//! Rows that wait together are written together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::member::Member;
use super::pools::Pools;
use crate::postgres::explain::is_broken;

/// The most rows in a transaction.
const BATCH: usize = 512;

/// How long a server may be away before a write is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A row to write, and what comes of it.
pub(super) trait Row<A>: Send + Sync + Sized + 'static {
    /// Writes rows, all or none. Where the end of that was not heard of, it is done once more.
    fn write(
        rows: &[Self],
        pools: &Pools,
        member: &Member,
    ) -> impl Future<Output = sqlx::Result<Vec<A>>> + Send;
}

type Answer<A> = Result<A, Arc<sqlx::Error>>;

/// A task that writes rows of one kind.
pub(super) struct Batches<R, A> {
    requests: mpsc::UnboundedSender<(R, oneshot::Sender<Answer<A>>)>,
}

impl<A: Send + 'static, R: Row<A>> Batches<R, A> {
    pub(super) fn spawn(pools: Pools, member: Arc<Member>) -> Self {
        let (requests, mut waiting) = mpsc::unbounded_channel::<(R, oneshot::Sender<Answer<A>>)>();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let (rows, answers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
                answer(answers, patiently(&rows, &pools, &member).await);
            }
        });
        Self { requests }
    }

    /// Writes a row, and returns when that is durable.
    pub(super) async fn run(&self, row: R) -> Answer<A> {
        let (answer, written) = oneshot::channel();
        let gone = || Arc::new(sqlx::Error::WorkerCrashed);
        self.requests.send((row, answer)).map_err(|_| gone())?;
        written.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn patiently<A, R: Row<A>>(
    rows: &[R],
    pools: &Pools,
    member: &Member,
) -> sqlx::Result<Vec<A>> {
    let start = Instant::now();
    loop {
        match R::write(rows, pools, member).await {
            Err(error) if is_broken(&error) && start.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            written => return written,
        }
    }
}

fn answer<A>(answers: Vec<oneshot::Sender<Answer<A>>>, written: sqlx::Result<Vec<A>>) {
    match written {
        Ok(written) => {
            answers.into_iter().zip(written).for_each(|(answer, it)| drop(answer.send(Ok(it))))
        }
        Err(error) => {
            let error = Arc::new(error);
            answers.into_iter().for_each(|answer| drop(answer.send(Err(error.clone()))));
        }
    }
}
