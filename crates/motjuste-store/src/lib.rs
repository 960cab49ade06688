//! Where studies and paid responses outlive the process: databases that implement
//! [`motjuste::storage::Storage`].
//!
//! [`SqliteStore`] is a file on this machine; [`PostgresStore`] is a server that many machines share. Both keep
//! the same rows and give the same studies. [`Address`] names either in one text, and [`open`] opens it.

mod address;
mod body;
mod events;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod holder;
mod listing;
mod numbers;
mod postgres;
mod reader;
mod sqlite;
mod write;
mod writer;

pub use address::{Address, Store, join, open, open_to_read};
pub use postgres::{Part, PostgresQueue, PostgresStore};
pub use sqlite::SqliteStore;
