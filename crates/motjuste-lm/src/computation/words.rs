//! Which tokens may be written.

use std::collections::BTreeSet;

use motjuste::model::Exclude;

use crate::text::Tokenizer;

/// Tokens that are not tried.
pub(super) struct Filter<'a> {
    pub(super) tokenizer: &'a Tokenizer,
    pub(super) exclude: Exclude,
    /// Those that occur in an answer.
    pub(super) answers: BTreeSet<u32>,
}

impl Filter<'_> {
    /// Whether a token may be tried.
    pub(super) fn allows(&self, token: u32) -> bool {
        self.tokenizer.is_text(token)
            && !(self.exclude.answers && self.answers.contains(&token))
            && !(self.exclude.capitals && self.is_capital(token))
    }

    /// Whether its text, without the space in front, begins with a capital letter.
    fn is_capital(&self, token: u32) -> bool {
        let piece = self.tokenizer.token(token).unwrap_or_default();
        let first = piece.trim_start_matches(['Ġ', '▁', ' ']).chars().next();
        first.is_some_and(char::is_uppercase)
    }
}
