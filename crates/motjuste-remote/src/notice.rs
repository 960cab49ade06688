//! What a person should know about how a model is asked, told once.

use std::fmt;
use std::sync::Arc;

use motjuste::error::Setting;

/// A notice: something that a model turned out to need, and that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One sentence.
    pub text: String,
    /// The setting that changes it, where there is one.
    pub setting: Option<Setting>,
}

/// Who hears of notices; by default nobody but the log.
///
/// ```
/// use motjuste_remote::{Notices, Settings};
/// let notices = Notices::to(|notice| eprintln!("{}", notice.text));
/// let settings = Settings { notices, ..Settings::default() };
/// ```
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<Hear>>);

type Hear = dyn Fn(&Notice) + Send + Sync;

impl Notices {
    /// Notices go to a function.
    pub fn to(hear: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    pub(crate) fn tell(&self, text: String, setting: Option<Setting>) {
        tracing::warn!("{text}");
        if let Some(hear) = &self.0 {
            hear(&Notice { text, setting });
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}
