//! What a page says and shows of the searches on one kind of problem.

use motjuste_page::dropped::DroppedReply;

use super::search::Search;

/// The searches on one kind of problem, in words and pictures.
#[derive(Debug)]
pub struct PageContent {
    /// The problem in a few words.
    pub(super) title: &'static str,
    /// What came out, in one sentence.
    pub(super) statement: String,
    /// What that means beside the methods without a model.
    pub(super) verdict: String,
    /// One for each search.
    pub(super) searches: Vec<Search>,
    /// The model's replies that could not be used, and why.
    pub(super) dropped: Vec<DroppedReply>,
}
