//! The one task that looks responses up, many keys to a query.

use std::collections::HashMap;
use std::sync::Arc;

use motjuste::storage::{ResponseKey, StoredResponse};
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};

/// The most keys in a query; SQLite takes thirty times as many.
const BATCH: usize = 1024;

/// The error is shared because all requests of a query fail together.
pub(super) type Found = Result<Option<StoredResponse>, Arc<sqlx::Error>>;

struct Request {
    key: ResponseKey,
    answer: oneshot::Sender<Found>,
}

/// A handle on the reading task, which ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Reader {
    requests: mpsc::UnboundedSender<Request>,
}

impl Reader {
    pub(super) fn spawn(pool: SqlitePool) -> Self {
        let (requests, receiver) = mpsc::unbounded_channel();
        tokio::spawn(run(pool, receiver));
        Self { requests }
    }

    /// The response under `key`.
    pub(super) async fn find(&self, key: ResponseKey) -> Found {
        let (answer, found) = oneshot::channel();
        // Either failure means that the runtime that the store was opened on has shut down.
        let gone = || Arc::new(sqlx::Error::WorkerCrashed);
        self.requests.send(Request { key, answer }).map_err(|_| gone())?;
        found.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn run(pool: SqlitePool, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, BATCH).await > 0 {
        let found = look_up(&pool, &batch).await.map_err(Arc::new);
        for request in batch.drain(..) {
            let found = found.as_ref().map(|found| found.get(&request.key).cloned());
            // A caller that stopped waiting does not need to know.
            let _ = request.answer.send(found.map_err(Arc::clone));
        }
    }
}

async fn look_up(
    pool: &SqlitePool,
    batch: &[Request],
) -> sqlx::Result<HashMap<ResponseKey, StoredResponse>> {
    let mut query =
        QueryBuilder::<Sqlite>::new("SELECT key, paid_by, body FROM responses WHERE key IN (");
    let mut keys = query.separated(", ");
    for request in batch {
        keys.push_bind(request.key.0.to_vec());
    }
    query.push(")");
    let rows: Vec<(Vec<u8>, String, String)> =
        query.build_query_as().persistent(false).fetch_all(pool).await?;
    let response = |(key, paid_by, body): (Vec<u8>, String, String)| {
        let key = ResponseKey(<[u8; 32]>::try_from(key).ok()?);
        Some((key, StoredResponse { paid_by, body }))
    };
    Ok(rows.into_iter().filter_map(response).collect())
}
