//! What is wrong with some of the answers, and with the prompt, in words.

use motjuste::report::AnswerCounts;

use crate::format::count;

/// How many answers were cut, withheld, empty or without a score; none where all are as they should be.
///
/// ```
/// use motjuste::report::AnswerCounts;
/// use motjuste_page::faulty_answers;
/// let counts = AnswerCounts { answers: 1200, cut: 12, empty: 1, ..AnswerCounts::default() };
/// assert_eq!(faulty_answers(&counts).unwrap(), "12 cut short, 1 empty");
/// let thinking = AnswerCounts { cut_in_thought: 12, ..counts };
/// assert_eq!(faulty_answers(&thinking).unwrap(), "12 cut short while thinking, 1 empty");
/// assert_eq!(faulty_answers(&AnswerCounts { answers: 5, ..AnswerCounts::default() }), None);
/// ```
pub fn faulty_answers(counts: &AnswerCounts) -> Option<String> {
    let kinds = [
        (counts.cut_in_thought, "cut short while thinking"),
        (counts.cut.saturating_sub(counts.cut_in_thought), "cut short"),
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

/// That the winner holds words of rows, where it does: of how many, and the first such words.
///
/// ```
/// use motjuste_page::words_of_rows;
/// assert_eq!(words_of_rows("the courier was rude", 1), "words of a row: “the courier was rude”");
/// assert_eq!(
///     words_of_rows("the courier was rude", 3),
///     "words of 3 rows, the first of them “the courier was rude”"
/// );
/// ```
pub fn words_of_rows(first: &str, rows: usize) -> String {
    match rows {
        0 | 1 => format!("words of a row: “{first}”"),
        rows => format!("words of {} rows, the first of them “{first}”", count(rows as u64)),
    }
}
