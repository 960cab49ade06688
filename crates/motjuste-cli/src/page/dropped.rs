//! Replies that came to nothing, reason by reason.

use minijinja::Value;
use serde::Serialize;

use super::format;

/// A reply that was of no use.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    /// Where in the search it came.
    pub place: String,
    /// Why it was dropped.
    pub reason: String,
    /// The reply as it was.
    pub reply: String,
}

/// One reason.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    reason: String,
    times: usize,
    /// Where it first came up.
    first: String,
    /// The reply that it first came up with.
    reply: Value,
}

/// The reasons, most frequent first, then in the order in which they came up.
pub(super) fn lines(refused: &[Refused]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in refused {
        match lines.iter_mut().find(|line| line.reason == one.reason) {
            Some(line) => line.times += 1,
            None => lines.push(Line {
                reason: one.reason.clone(),
                times: 1,
                first: one.place.clone(),
                reply: format::text(&one.reply),
            }),
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.times));
    lines
}
