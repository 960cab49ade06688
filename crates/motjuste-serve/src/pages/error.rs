//! What a page says that cannot show what was asked for.

use motjuste::Result;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::document::{Document, Follows};
use super::links::Links;

#[derive(Serialize)]
struct Values {
    title: String,
    what: String,
    help: String,
    home: String,
}

/// A page that says what went wrong, and what to do.
pub(crate) fn trouble(title: &str, what: &str, help: &str, links: &Links) -> Result<String> {
    let values = Values {
        title: title.to_owned(),
        what: format::visible(what),
        help: format::visible(help),
        home: links.root(),
    };
    let body = template(include_str!("error.html"), &values)?;
    Document { title, trail: Vec::new(), follows: Follows::Nothing, body }.into_html(links)
}

/// The page for those who have no token, which loads nothing: its style and script need the token, too.
pub(crate) fn needs_token() -> Html {
    Html::new(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>motjuste</title></head><body>\
         <h1>This page needs its token</h1><p>Open the whole address that was printed when the server was \
         started: it ends in <code>?token=…</code>. A program sends <code>Authorization: Bearer TOKEN</code>.\
         </p></body></html>",
    )
}
