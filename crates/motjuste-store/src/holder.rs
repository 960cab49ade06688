//! Who this process is, for whoever asks why a study is taken.

use motjuste::storage::Holder;

/// This process, which began something at that time of the store's clock.
pub(crate) fn here(since: Option<String>) -> Holder {
    let host = whoami::hostname().unwrap_or_else(|_| "this machine".to_owned());
    Holder { host, process: std::process::id(), since }
}
