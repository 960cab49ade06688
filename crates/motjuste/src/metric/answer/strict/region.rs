//! Where in a reply the answer stands.

use super::super::AnswerKind;
use super::super::labels::{AHEAD, PRIMARY, QUESTION, SECONDARY, SOLUTION, STEP_BY_STEP};

/// The part of a reply that holds its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region<'a> {
    pub text: &'a str,
    /// Whether a marker points to it; then its first answer counts.
    pub indicated: bool,
}

/// What introduces a choice, besides the common markers.
const CHOICE_MARKERS: [&str; 2] = ["option is ", "choice is "];

pub(super) fn find(reply: &str, kind: AnswerKind) -> Region<'_> {
    let reply = before_solution(before_next_question(reply)).trim();
    if let Some(content) = last_boxed(reply) {
        return Region { text: content, indicated: true };
    }
    let strong = STEP_BY_STEP.iter().chain(&PRIMARY);
    let strong = strong.chain(CHOICE_MARKERS.iter().filter(|_| kind == AnswerKind::Choice));
    let behind = behind_last(reply, strong).or_else(|| {
        let weak = (!AHEAD.iter().any(|marker| find_ignoring_case(reply, marker).is_some()))
            .then_some(&SECONDARY);
        behind_last(reply, weak.into_iter().flatten())
    });
    let ahead = before_first(behind.unwrap_or(reply), &AHEAD);
    match ahead.or(behind) {
        Some(text) => Region { text: sentence(text), indicated: true },
        None => Region { text: reply, indicated: false },
    }
}

/// The reply up to the first question label that begins a word and has something before it.
fn before_next_question(reply: &str) -> &str {
    let starts = QUESTION.iter().flat_map(|label| positions(reply, label.trim()));
    let begins_word = |start: &usize| {
        let before = reply[..*start].chars().next_back();
        !reply[..*start].trim().is_empty() && !before.is_some_and(char::is_alphanumeric)
    };
    &reply[..starts.filter(begins_word).min().unwrap_or(reply.len())]
}

fn before_solution(reply: &str) -> &str {
    match find_ignoring_case(reply, SOLUTION) {
        Some(start) if !reply[..start].trim().is_empty() => &reply[..start],
        _ => reply,
    }
}

/// The content of the last `\boxed{…}` with balanced braces; in one pass, since a model that loops may open thousands.
fn last_boxed(reply: &str) -> Option<&str> {
    let (mut open, mut last) = (Vec::new(), None);
    for (position, byte) in reply.bytes().enumerate() {
        match byte {
            b'{' => open.push(position + 1),
            b'}' => {
                let boxed = open.pop().filter(|start| reply[..*start].ends_with("\\boxed{"));
                last = last.max(boxed.map(|start| (start, position)));
            }
            _ => {}
        }
    }
    last.map(|(start, end)| reply[start..end].trim())
}

/// What stands behind the last marker.
fn behind_last<'a, 'm>(
    reply: &'a str,
    markers: impl IntoIterator<Item = &'m &'m str>,
) -> Option<&'a str> {
    let ends = markers.into_iter().filter_map(|marker| {
        let marker = marker.trim();
        let last = positions(reply, marker).filter(|start| begins_word(reply, *start)).last()?;
        Some(last + marker.len())
    });
    ends.max().map(|end| reply[end..].trim_start_matches([':', ' ', '\n', '\r', '\t']))
}

/// What stands before the first marker, if anything does.
fn before_first<'a>(text: &'a str, markers: &[&str]) -> Option<&'a str> {
    let start = markers.iter().filter_map(|marker| find_ignoring_case(text, marker)).min()?;
    let ahead = text[..start].trim();
    (!ahead.is_empty()).then_some(ahead)
}

fn begins_word(text: &str, start: usize) -> bool {
    !text[..start].chars().next_back().is_some_and(char::is_alphanumeric)
}

/// The first line up to a period that ends a sentence.
fn sentence(text: &str) -> &str {
    let line = text.trim().lines().next().unwrap_or_default();
    let ends = line.match_indices('.').map(|(position, _)| position);
    let mut ends =
        ends.filter(|position| line[position + 1..].chars().next().is_none_or(char::is_whitespace));
    line[..ends.next().unwrap_or(line.len())].trim()
}

fn find_ignoring_case(text: &str, marker: &str) -> Option<usize> {
    positions(text, marker).next()
}

/// Where `marker` occurs, ASCII letters of either case alike.
fn positions<'a>(text: &'a str, marker: &'a str) -> impl Iterator<Item = usize> + 'a {
    let fits = move |start: &usize| {
        let piece = text.as_bytes().get(*start..start + marker.len());
        piece.is_some_and(|piece| piece.eq_ignore_ascii_case(marker.as_bytes()))
    };
    (0..text.len()).filter(move |start| text.is_char_boundary(*start)).filter(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(reply: &str) -> (&str, bool) {
        let region = find(reply, AnswerKind::Number);
        (region.text, region.indicated)
    }

    #[test]
    fn of_boxes_the_last_that_is_closed_counts_however_many_are_open() {
        assert_eq!(last_boxed(r"} \boxed{1} and \boxed{ \frac{1}{2} } {"), Some(r"\frac{1}{2}"));
        assert_eq!(last_boxed(r"\boxed{a \boxed{b} c} \boxed{d"), Some("b"));
        assert_eq!(last_boxed(r"\boxed{a \boxed{b"), None);
        assert_eq!(last_boxed(&r"\boxed{".repeat(200_000)), None);
        assert_eq!(last_boxed("{x}"), None);
    }

    #[test]
    fn markers_point_to_the_answer_in_any_case() {
        assert_eq!(number("Answer: 18"), ("18", true));
        assert_eq!(number("answer:\n5"), ("5", true));
        assert_eq!(number("answer is 7, not answer is 9"), ("9", true));
        assert_eq!(number("18 is the correct answer. Really"), ("18", true));
        assert_eq!(number("it is: 7 so answer is 8. Or 9"), ("8", true));
        assert_eq!(number("I think 10 or 12"), ("I think 10 or 12", false));
    }

    #[test]
    fn a_question_label_cuts_only_what_follows_something() {
        assert_eq!(number("The answer is 18. Q: next question 5"), ("18", true));
        assert_eq!(number("Question: foo 18"), ("Question: foo 18", false));
        assert_eq!(number("Using eq: 3+4 = 7"), ("Using eq: 3+4 = 7", false));
    }

    #[test]
    fn a_box_is_read_to_its_own_brace() {
        assert_eq!(number(r"\boxed{1} then \boxed{\frac{1}{2}}"), (r"\frac{1}{2}", true));
        assert_eq!(number(r"\boxed 5"), (r"\boxed 5", false));
    }
}
