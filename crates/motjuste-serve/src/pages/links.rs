//! Addresses of the pages, below the path where the router is mounted.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Makes addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    base: String,
}

impl Links {
    /// Addresses below `base`, such as `/motjuste`; empty for a server of its own.
    pub(crate) fn below(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// The address of a path of ours.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The path below which all pages are.
    pub(crate) fn root(&self) -> String {
        if self.base.is_empty() { "/".to_owned() } else { self.base.clone() }
    }

    pub(crate) fn study(&self, study: &str) -> String {
        self.to(&format!("/studies/{}", encoded(study)))
    }

    pub(crate) fn trial(&self, study: &str, trial: usize) -> String {
        format!("{}/trials/{trial}", self.study(study))
    }

    pub(crate) fn held_out(&self, study: &str) -> String {
        format!("{}/held-out", self.study(study))
    }
}

/// A text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
