//! The one task that looks responses up, many keys to a query.

use std::collections::HashMap;
use std::sync::Arc;

use motjuste::storage::ResponseKey;
use tokio::sync::{mpsc, oneshot};

use crate::body::Body;
use crate::write::Response;

/// The most keys in a query; SQLite takes thirty times as many.
const BATCH: usize = 1024;

/// The error is shared because all requests of a query fail together.
pub(crate) type Found = Result<Option<Response>, Arc<sqlx::Error>>;

/// A row of responses: key, payer, text, packed text, sum.
pub(crate) type Row = (Vec<u8>, String, String, Option<Vec<u8>>, Option<i64>);

/// Where a reader reads.
pub(crate) trait Index: Send + Sync + 'static {
    /// The rows under these keys that there are.
    fn look_up(&self, keys: &[ResponseKey]) -> impl Future<Output = sqlx::Result<Vec<Row>>> + Send;
}

struct Request {
    key: ResponseKey,
    answer: oneshot::Sender<Found>,
}

/// A handle on the reading task, which ends when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Reader {
    requests: mpsc::UnboundedSender<Request>,
}

impl Reader {
    pub(crate) fn spawn(index: impl Index) -> Self {
        let (requests, receiver) = mpsc::unbounded_channel();
        tokio::spawn(run(index, receiver));
        Self { requests }
    }

    /// The row under `key`.
    pub(crate) async fn find(&self, key: ResponseKey) -> Found {
        let (answer, found) = oneshot::channel();
        // Either failure means that the runtime that the store was opened on has shut down.
        let gone = || Arc::new(sqlx::Error::WorkerCrashed);
        self.requests.send(Request { key, answer }).map_err(|_| gone())?;
        found.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn run(index: impl Index, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, BATCH).await > 0 {
        let keys: Vec<_> = batch.iter().map(|request: &Request| request.key).collect();
        let found = index.look_up(&keys).await.map(by_key).map_err(Arc::new);
        for request in batch.drain(..) {
            let found = found.as_ref().map(|found| found.get(&request.key).map(copy));
            // A caller that stopped waiting does not need to know.
            let _ = request.answer.send(found.map_err(Arc::clone));
        }
    }
}

fn by_key(rows: Vec<Row>) -> HashMap<ResponseKey, Response> {
    let response = |(key, paid_by, text, packed, sum): Row| {
        let key = <[u8; 32]>::try_from(key).ok()?;
        Some((ResponseKey(key), Response { key, paid_by, body: Body { text, packed, sum } }))
    };
    rows.into_iter().filter_map(response).collect()
}

/// Several may ask for one key at once.
fn copy(Response { key, paid_by, body }: &Response) -> Response {
    Response { key: *key, paid_by: paid_by.clone(), body: body.clone() }
}
