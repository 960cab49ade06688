//! The frame that every live page has.

use motjuste::Result;
use motjuste_page::{Html, format, template};
use serde::Serialize;

use super::links::{Links, encoded};

/// Which studies a page shows, and so when it is fetched again.
#[derive(Debug, Clone)]
pub(super) enum Follows {
    /// Any of them.
    All,
    /// These.
    These(Vec<String>),
    /// None: the page never changes.
    Nothing,
}

/// A page.
pub(super) struct Document<'a> {
    pub(super) title: &'a str,
    /// What stands beside the mark: the way back.
    pub(super) trail: Vec<(String, Option<String>)>,
    pub(super) follows: Follows,
    pub(super) body: Html,
}

#[derive(Serialize)]
struct Values {
    title: String,
    home: String,
    css: String,
    js: String,
    events: String,
    follows: String,
    trail: Vec<Crumb>,
    body: Html,
}

#[derive(Serialize)]
struct Crumb {
    name: String,
    link: Option<String>,
}

impl Document<'_> {
    /// The whole page.
    pub(super) fn into_html(self, links: &Links) -> Result<String> {
        let crumb =
            |(name, link): (String, Option<String>)| Crumb { name: format::visible(&name), link };
        let follows = match self.follows {
            Follows::All => "*".to_owned(),
            Follows::These(studies) => {
                studies.iter().map(|study| encoded(study)).collect::<Vec<_>>().join(" ")
            }
            Follows::Nothing => String::new(),
        };
        let values = Values {
            title: format::visible(self.title),
            home: links.root(),
            css: links.to("/live.css"),
            js: links.to("/live.js"),
            events: links.to("/events"),
            follows,
            trail: self.trail.into_iter().map(crumb).collect(),
            body: self.body,
        };
        Ok(template(include_str!("document.html"), &values)?.to_string())
    }
}
