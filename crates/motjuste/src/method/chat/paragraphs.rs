//! The paragraphs of a long instruction, of which one is reworded at a time.

use std::ops::Range;

use super::edits::with_breaks_of;

/// Where each paragraph stands: what blank lines enclose; each line where there is but one. One without a letter is
/// left out.
pub(super) fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let lines = lines(text);
    let joined = joined(text, &lines);
    let mut found = if joined.len() > 1 { joined } else { lines };
    found.retain(|range| text[range.clone()].chars().any(char::is_alphabetic));
    found
}

/// The text with one of its paragraphs, counted from 1, in other words; none where it has no such paragraph.
pub(super) fn reworded(text: &str, number: usize, words: &str) -> Option<String> {
    let range = paragraphs(text).get(number.checked_sub(1)?)?.clone();
    let mut reworded = text.to_owned();
    reworded.replace_range(range, &with_breaks_of(text, words));
    Some(reworded)
}

/// The lines that are not blank, without their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    let line = |line: &str| {
        let start = from;
        from += line.len();
        start..start + line.trim_end().len()
    };
    text.split_inclusive('\n').map(line).filter(|line| !line.is_empty()).collect()
}

/// Lines that stand together, joined.
fn joined(text: &str, lines: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for line in lines {
        match found.last_mut() {
            Some(last) if text[last.end..line.start].matches('\n').count() == 1 => {
                last.end = line.end;
            }
            _ => found.push(line.clone()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        paragraphs(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn blank_lines_part_paragraphs_and_lines_do_where_there_are_none() {
        assert_eq!(texts("One.\ntwo.\n \n---\n\n  Three.  \n"), ["One.\ntwo.", "  Three."]);
        assert_eq!(texts("# A\n- b\n- c"), ["# A", "- b", "- c"]);
        assert_eq!(texts("One.\r\ntwo.\r\n\r\nThree."), ["One.\r\ntwo.", "Three."]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn one_paragraph_is_replaced_and_the_rest_stays_to_the_letter() {
        let text = "One.\r\ntwo.\r\n\r\n---\r\n\r\nThree {{ x }}.\r\n";
        let two = reworded(text, 2, "3 {{ x }}\nor so.").unwrap();
        assert_eq!(two, "One.\r\ntwo.\r\n\r\n---\r\n\r\n3 {{ x }}\r\nor so.\r\n");
        assert_eq!(reworded(text, 3, "x"), None);
        assert_eq!(reworded(text, 0, "x"), None);
    }
}
