//! How models are opened.

use std::sync::Arc;

use motjuste::work::Queue;
#[cfg(feature = "local")]
use motjuste_lm::LoadOptions;
use motjuste_remote::Settings;

/// Hears how far the download of a file has come: its name, bytes so far, bytes in all.
pub type Downloads = Arc<dyn Fn(&str, u64, u64) + Send + Sync>;

/// How models are opened.
#[derive(Clone, Default)]
pub struct Options {
    /// How models are loaded on this machine.
    #[cfg(feature = "local")]
    pub load: LoadOptions,
    /// How servers are asked, and where keys and addresses come from.
    pub remote: Settings,
    /// The most processes of a model that is a program.
    pub processes: Option<usize>,
    /// Who hears of downloads.
    pub downloads: Option<Downloads>,
    /// Where workers take calls of models behind an API from, if there are any.
    pub queue: Option<Arc<dyn Queue>>,
}
