//! The frame that every page has: its head, its style, the settings, the ledger, the small print.

use motjuste::Result;
use serde::Serialize;

use crate::format;
use crate::html::{Html, template};
use crate::ledger::LedgerLine;

/// An HTML document in the style of all pages, around a body of one's own.
///
/// It is a single file without scripts, fonts or links.
///
/// ```
/// use motjuste_page::{Frame, Html};
/// let page = Frame {
///     title: "antonyms",
///     style: "",
///     body: Html::new("<section><h2>Result</h2></section>\n"),
///     settings: "seed = 0\n",
///     ledger: &[],
///     small_print: "seed 0",
/// };
/// let html = page.to_html()?;
/// assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<h2>Result</h2>"));
/// # Ok::<(), motjuste::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// What the browser calls the page.
    pub title: &'a str,
    /// CSS behind that of all pages.
    pub style: &'a str,
    /// What is above the settings.
    pub body: Html,
    /// The resolved settings.
    pub settings: &'a str,
    /// What was used, role by role, the sum in the last line.
    pub ledger: &'a [LedgerLine],
    /// The last line of the page.
    pub small_print: &'a str,
}

#[derive(Serialize)]
struct Values<'a> {
    title: String,
    style: Html,
    body: &'a Html,
    settings: String,
    ledger: Html,
    small_print: &'a str,
}

impl Frame<'_> {
    /// The whole document.
    ///
    /// # Errors
    /// When the page cannot be drawn, which a test rules out.
    pub fn to_html(&self) -> Result<String> {
        let values = Values {
            title: format::visible(self.title),
            style: Html::new([include_str!("style.css"), self.style].concat()),
            body: &self.body,
            settings: format::visible(self.settings),
            ledger: LedgerLine::table(self.ledger)?,
            small_print: self.small_print,
        };
        Ok(template(include_str!("frame.html"), &values)?.to_string())
    }
}
