//! Responses by their keys.

use motjuste::storage::ResponseKey;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqlitePool};

use crate::reader::{Index, Row};

/// The connections that read.
pub(super) struct Pool(pub(super) SqlitePool);

impl Index for Pool {
    async fn look_up(&self, keys: &[ResponseKey]) -> sqlx::Result<Vec<Row>> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT key, paid_by, body, packed, sum FROM responses WHERE key IN (",
        );
        let mut separated = query.separated(", ");
        for key in keys {
            separated.push_bind(key.0.to_vec());
        }
        query.push(")");
        query.build_query_as().persistent(false).fetch_all(&self.0).await
    }
}
