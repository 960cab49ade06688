//! How long an answer may be, in bytes, for the tokens that were asked for. What a server sends beyond that is not
//! read, and what it says beyond that is not kept.

use motjuste::model::{Completion, FinishReason};
use motjuste::usage::Usage;

/// Bytes of a body beside the answer: headers of an envelope, an echo, a word about the usage.
const ENVELOPE: u64 = 256 << 10;

/// Bytes of a body for each token written: its text, escaped, and its probability.
const BODY_A_TOKEN: u64 = 512;

/// Bytes of a body for each token read, for servers that send the prompt back.
const ECHO_A_TOKEN: u64 = 8;

/// The most bytes of any body.
const LONGEST_BODY: u64 = 32 << 20;

/// Bytes of a text for each token: the longest tokens there are have so many.
const TEXT_A_TOKEN: usize = 128;

/// Bytes of a text that are kept in any case.
const SHORT_TEXT: usize = 16 << 10;

/// The most bytes of a body that are read for an answer of at most so many tokens.
pub(crate) fn body(worst: Usage) -> usize {
    let echo = worst.tokens_in.saturating_mul(ECHO_A_TOKEN);
    let written = worst.tokens_out.saturating_mul(BODY_A_TOKEN);
    let most = ENVELOPE.saturating_add(echo).saturating_add(written);
    usize::try_from(most.min(LONGEST_BODY)).unwrap_or(usize::MAX)
}

/// Cuts a text that is much longer than so many tokens; its length before, where it was.
pub(crate) fn cut(completion: &mut Completion, tokens: usize) -> Option<usize> {
    let (length, most) = (completion.text.len(), SHORT_TEXT + TEXT_A_TOKEN.saturating_mul(tokens));
    if length <= most {
        return None;
    }
    completion.text.truncate(completion.text.floor_char_boundary(most));
    completion.finish_reason = FinishReason::Length;
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_far_as_an_answer_can_go() {
        let body = |tokens_in, tokens_out| body(Usage { tokens_in, tokens_out });
        assert_eq!(body(1000, 64), (256 << 10) + 8000 + 64 * 512);
        assert_eq!(body(u64::MAX, u64::MAX), 32 << 20);
    }

    #[test]
    fn a_text_is_cut_between_characters_and_said_to_be() {
        let mut long = Completion::of("é".repeat(100_000));
        assert_eq!(cut(&mut long, 8), Some(200_000));
        assert_eq!((long.text.len(), long.finish_reason), (17_408, FinishReason::Length));
        let mut short = Completion::of("yes");
        assert_eq!(cut(&mut short, 0), None);
        assert_eq!(short, Completion::of("yes"));
    }
}
