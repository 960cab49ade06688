//! Faults of the tensor library, in its words and without its traces.

use candle_core::Error;

/// What went wrong, in a line: an error that remembers where it came from shows that, too, in its own text.
pub(crate) fn plain(error: &Error) -> String {
    match error {
        Error::WithBacktrace { inner, .. }
        | Error::WithPath { inner, .. }
        | Error::Context { inner, .. } => plain(inner),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}
