//! Addresses of the pages, below the path where the router is mounted.

use motjuste::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is written as it is: letters, digits, and the two signs that names of studies have between them.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

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

/// A text in letters, digits, `-`, `_` and `%`: as a part of an address, and as a value that a page only passes on, where no
/// character of a name may act.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The text that was encoded.
///
/// # Errors
/// When it is no text.
pub(super) fn decoded(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    decoded.map_err(|_| {
        Error::configuration("the name of a study is not understood")
            .with_help("follow the links of the pages")
    })
}
