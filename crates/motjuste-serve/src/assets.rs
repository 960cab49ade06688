//! The style and the script of the pages, which come from this server alone.

/// The style of all pages, and what the live ones have beside it.
pub(crate) fn style() -> String {
    [motjuste_page::STYLE, include_str!("live.css")].concat()
}

/// What listens for changes and fetches the page again.
pub(crate) const SCRIPT: &str = include_str!("live.js");
