//! Where studies and paid responses outlive the process: databases that implement
//! [`motjuste::storage::Storage`].

mod sqlite;

pub use sqlite::SqliteStore;
