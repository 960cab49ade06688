//! Replies that came to nothing, reason by reason.

use motjuste::Result;
use serde::Serialize;

use crate::format;
use crate::html::{Html, template};

/// A reply of a model that was dropped.
#[derive(Debug, Clone)]
pub struct DroppedReply {
    /// Where in the search it came, as `step 3`.
    pub origin: String,
    /// Why it was dropped.
    pub reason: String,
    /// The reply as it was.
    pub reply: String,
}

/// One reason.
#[derive(Debug, Serialize)]
struct Line {
    reason: String,
    times: usize,
    /// Where it first came up.
    first: String,
    /// The reply that it first came up with.
    reply: Html,
}

#[derive(Serialize)]
struct Values {
    dropped: Vec<Line>,
}

/// The reasons in a table, each with the reply that it first came up with; nothing without replies.
///
/// ```
/// use motjuste_page::dropped::{self, DroppedReply};
/// let reply = DroppedReply {
///     origin: "step 1".into(), reason: "known already".into(), reply: "Think.".into(),
/// };
/// assert!(dropped::table(&[reply])?.to_string().contains("known already"));
/// # Ok::<(), motjuste::Error>(())
/// ```
///
/// # Errors
/// When the table cannot be drawn, which a test rules out.
pub fn table(replies: &[DroppedReply]) -> Result<Html> {
    template(include_str!("dropped.html"), &Values { dropped: lines(replies) })
}

/// The reasons, most frequent first, then in the order in which they came up.
fn lines(replies: &[DroppedReply]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for reply in replies {
        match lines.iter_mut().find(|line| line.reason == reply.reason) {
            Some(line) => line.times += 1,
            None => lines.push(Line {
                reason: reply.reason.clone(),
                times: 1,
                first: reply.origin.clone(),
                reply: format::text(&reply.reply),
            }),
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.times));
    lines
}
