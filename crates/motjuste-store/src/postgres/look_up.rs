//! Responses by their keys.

use motjuste::storage::ResponseKey;
use sqlx::postgres::PgPool;
use sqlx::query_as;

use super::explain::is_broken;
use crate::reader::{Index, Row};

/// The connections that read.
pub(super) struct Pool(pub(super) PgPool);

impl Index for Pool {
    async fn look_up(&self, keys: &[ResponseKey]) -> sqlx::Result<Vec<Row>> {
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.0.to_vec()).collect();
        match self.rows(&keys).await {
            // Another connection may be well.
            Err(error) if is_broken(&error) => self.rows(&keys).await,
            rows => rows,
        }
    }
}

impl Pool {
    async fn rows(&self, keys: &[Vec<u8>]) -> sqlx::Result<Vec<Row>> {
        query_as("SELECT key, paid_by, body, packed, sum FROM responses WHERE key = ANY($1)")
            .bind(keys)
            .fetch_all(&self.0)
            .await
    }
}
