//! Reading Parquet in a thread of its own.

use std::fmt::Display;

/// The thread that reads; a program may be silent where it ends, because that is an error which is told.
const THREAD: &str = "parquet";

/// What `read` finds, or why it cannot be had.
///
/// The reader ends its thread where a damaged file breaks what it takes for granted; so it has one of its own.
pub(crate) fn read<T: Send, E: Display + Send>(
    read: impl FnOnce() -> Result<T, E> + Send,
) -> Result<T, String> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name(THREAD.to_owned()).spawn_scoped(scope, read);
        match reader.map_err(|error| error.to_string())?.join() {
            Ok(found) => found.map_err(|error| error.to_string()),
            Err(_) => Err("its parts contradict each other".to_owned()),
        }
    })
}
