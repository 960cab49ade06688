//! A store by its address: a file, a server, or the memory of this process.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use motjuste::storage::{InMemory, Storage};
use motjuste::work::Queue;
use motjuste::{Error, Result};

use crate::postgres::{Part, PostgresQueue, PostgresStore};
use crate::sqlite::SqliteStore;

/// Where a store is.
///
/// ```
/// use motjuste_store::Address;
/// let of = |text: &str| Address::parse(text.as_ref()).unwrap().to_string();
/// assert_eq!(of("studies.sqlite"), "studies.sqlite");
/// assert_eq!(of("postgresql://me:secret@db/studies"), "a PostgreSQL server");
/// assert_eq!(of(":memory:"), "memory");
/// assert!(Address::parse("mysql://db/studies".as_ref()).is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// In the memory of this process, for as long as it lives.
    Memory,
    /// In a file.
    File(PathBuf),
    /// On a server, at this URL. It may hold a password: do not show it.
    Server(String),
}

impl Address {
    /// Reads an address: `postgresql://…`, `:memory:`, or a file's path.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a URL of another kind.
    pub fn parse(text: &OsStr) -> Result<Self> {
        let Some(known) = text.to_str() else { return Ok(Self::File(text.into())) };
        match known.split_once("://") {
            _ if known == ":memory:" => Ok(Self::Memory),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Server(known.to_owned())),
            Some((scheme, _)) if is_scheme(scheme) => Err(other_kind(scheme)),
            _ => Ok(Self::File(text.into())),
        }
    }
}

/// As RFC 3986, section 3.1, has it; one letter is a drive.
fn is_scheme(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.len() > 1
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

fn other_kind(scheme: &str) -> Error {
    Error::configuration(format!("there is no kind of store called {scheme}://"))
        .with_help("give the path of a file, or postgresql://USER@HOST/DATABASE")
}

/// Without what a URL may hold.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::File(path) => path.display().fmt(f),
            Self::Server(_) => f.write_str("a PostgreSQL server"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A storage that is opened and let go of.
#[async_trait]
pub trait Store: Storage {
    /// Waits for the writes under way and lets go of what was opened.
    ///
    /// # Errors
    /// [`Error::is_storage`] when that fails; what was acknowledged is kept.
    async fn let_go(&self) -> Result<()>;
}

#[async_trait]
impl Store for SqliteStore {
    async fn let_go(&self) -> Result<()> {
        self.close().await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn let_go(&self) -> Result<()> {
        self.close().await
    }
}

#[async_trait]
impl Store for InMemory {
    async fn let_go(&self) -> Result<()> {
        Ok(())
    }
}

/// Opens the store at this address; makes it when there is none.
///
/// # Errors
/// As [`SqliteStore::open`] and [`PostgresStore::open`].
///
/// ```
/// use motjuste::storage::Journal;
/// use motjuste_store::Address;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> motjuste::Result<()> {
/// let store = motjuste_store::open(&Address::Memory).await?;
/// assert!(store.studies().await?.is_empty());
/// store.let_go().await?;
/// # Ok(())
/// # }
/// ```
pub async fn open(address: &Address) -> Result<Arc<dyn Store>> {
    Ok(match address {
        Address::Memory => Arc::new(InMemory::default()),
        Address::File(path) => Arc::new(SqliteStore::open(path).await?),
        Address::Server(url) => Arc::new(PostgresStore::open(url).await?),
    })
}

/// Opens the store at this address for reading alone, while others write to it or where nobody may.
///
/// # Errors
/// As [`SqliteStore::open_to_read`] and [`PostgresStore::open_to_read`]; and for [`Address::Memory`], which
/// holds nothing that another process left.
pub async fn open_to_read(address: &Address) -> Result<Arc<dyn Store>> {
    Ok(match address {
        Address::Memory => return Err(forgotten()),
        Address::File(path) => Arc::new(SqliteStore::open_to_read(path).await?),
        Address::Server(url) => Arc::new(PostgresStore::open_to_read(url).await?),
    })
}

/// Joins the queue of calls of the store at this address; none where a store has none: a file and the memory of a
/// process are not shared by machines.
///
/// # Errors
/// As [`PostgresQueue::join`].
pub async fn join(address: &Address, part: Part) -> Result<Option<Arc<dyn Queue>>> {
    Ok(match address {
        Address::Memory | Address::File(_) => None,
        Address::Server(url) => Some(Arc::new(PostgresQueue::join(url, part).await?)),
    })
}

fn forgotten() -> Error {
    Error::configuration(
        "a store in memory ends with the command that made it: there is nothing to read",
    )
    .with_help("name the file or the server that keeps the studies")
    .with_setting(motjuste::error::Setting::Store)
}
