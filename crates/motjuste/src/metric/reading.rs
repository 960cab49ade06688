//! The answer in what a target wrote: without thinking aloud, and without a code fence around it.

/// What a target wrote, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read<'a> {
    /// The answer.
    Answer(&'a str),
    /// A thinking block that is never closed: there is no answer.
    Unfinished,
}

impl<'a> Read<'a> {
    /// The answer; empty where there is none.
    pub fn text(self) -> &'a str {
        match self {
            Self::Answer(text) => text,
            Self::Unfinished => "",
        }
    }
}

/// The tags that models think between.
const TAGS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// The answer alone: without the thinking blocks in front of it, and without one code fence that encloses
/// all the rest. A block whose opening tag stood in the prompt ends at its closing tag.
///
/// ```
/// use motjuste::metric::{Read, answer_alone};
/// let read = |text| answer_alone(text);
/// assert_eq!(read("<think>Or login?</think>\n```text\nrefund\n```"), Read::Answer("refund"));
/// assert_eq!(read("Or login?</think> refund"), Read::Answer("refund"));
/// assert_eq!(read("<think>Perhaps login"), Read::Unfinished);
/// ```
pub fn answer_alone(text: &str) -> Read<'_> {
    let mut rest = text.trim();
    while let Some(behind) = TAGS.iter().find_map(|tags| behind_block(rest, *tags)) {
        match behind {
            Some(answer) => rest = answer.trim(),
            None => return Read::Unfinished,
        }
    }
    Read::Answer(without_fence(rest))
}

/// What follows the block that the text begins with, if it begins with one; within it, none where the block
/// has no end.
fn behind_block<'a>(text: &'a str, (open, close): (&str, &str)) -> Option<Option<&'a str>> {
    let end = position(text, close);
    let behind = end.map(|end| &text[end + close.len()..]);
    match position(text, open) {
        Some(0) => Some(behind),
        // Opened in the prompt.
        Some(start) if end.is_some_and(|end| end < start) => Some(behind),
        None if end.is_some() => Some(behind),
        _ => None,
    }
}

/// Where an ASCII tag stands, in any case.
fn position(text: &str, tag: &str) -> Option<usize> {
    let tag = tag.as_bytes();
    text.as_bytes().windows(tag.len()).position(|window| window.eq_ignore_ascii_case(tag))
}

/// The inside of a code fence that encloses the whole text, else the text.
fn without_fence(text: &str) -> &str {
    fenced(text, "```").or_else(|| fenced(text, "~~~")).unwrap_or(text)
}

/// The inside of a fence of at least three marks: behind its first line, which may name a language.
fn fenced<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let character = mark.chars().next()?;
    let behind = text.strip_prefix(mark)?.trim_start_matches(character);
    let inside = behind.strip_suffix(mark)?.trim_end_matches(character);
    let body = match inside.split_once('\n') {
        Some((language, body)) if !language.trim().contains(char::is_whitespace) => body,
        Some(_) => return None,
        // On one line there is no language.
        None => inside,
    };
    (!body.contains(mark)).then(|| body.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_taken_off_the_front() {
        for (text, answer) in [
            ("refund", "refund"),
            ("<think></think>refund", "refund"),
            ("<THINK>a</Think>\n\n refund\n", "refund"),
            ("<think>a</think><think>b</think>refund", "refund"),
            ("<thinking>a <b> c</thinking>refund", "refund"),
            ("a\n</think>\nrefund", "refund"),
            ("write <think> to think", "write <think> to think"),
            ("say <think>a</think>", "say <think>a</think>"),
            ("<think>a</think>", ""),
        ] {
            assert_eq!(answer_alone(text), Read::Answer(answer), "{text}");
        }
        for text in ["<think>", " <think>refund", "<think>a</think><thinking>refund"] {
            assert_eq!(answer_alone(text), Read::Unfinished, "{text}");
        }
    }

    #[test]
    fn one_fence_around_everything_is_taken_off() {
        for (text, answer) in [
            ("```\nrefund\n```", "refund"),
            ("```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
            ("~~~\nrefund\n~~~", "refund"),
            ("````\nrefund\n````", "refund"),
            ("```refund```", "refund"),
            ("``` json\r\n[]\r\n```", "[]"),
            ("here:\n```\nrefund\n```", "here:\n```\nrefund\n```"),
            ("```\na\n```\nor\n```\nb\n```", "```\na\n```\nor\n```\nb\n```"),
            ("```", "```"),
            ("`refund`", "`refund`"),
        ] {
            assert_eq!(answer_alone(text), Read::Answer(answer), "{text}");
        }
    }
}
