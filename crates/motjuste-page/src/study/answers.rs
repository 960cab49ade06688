//! What is wrong with some of the answers, in words.

use motjuste::report::AnswerCounts;

use crate::format::count;

/// How many answers were cut, withheld, empty or without a score; none where all are as they should be.
///
/// ```
/// use motjuste::report::AnswerCounts;
/// use motjuste_page::faulty_answers;
/// let counts = AnswerCounts { answers: 1200, cut: 12, empty: 1, ..AnswerCounts::default() };
/// assert_eq!(faulty_answers(&counts).unwrap(), "12 cut short, 1 empty");
/// assert_eq!(faulty_answers(&AnswerCounts { answers: 5, ..AnswerCounts::default() }), None);
/// ```
pub fn faulty_answers(counts: &AnswerCounts) -> Option<String> {
    let kinds = [
        (counts.cut, "cut short"),
        (counts.filtered, "withheld by a content filter"),
        (counts.tool_calls, "a call of a tool"),
        (counts.empty, "empty"),
        (counts.unscored, "without a score, left out of the means"),
    ];
    let found = kinds.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> =
        found.map(|(number, what)| format!("{} {what}", count(*number as u64))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
