//! Where an instruction ends that a base model writes: it knows no end of a turn, and goes on with examples.

/// What a base model writes behind an instruction: a blank line, or the next example.
const ENDS: [&str; 2] = ["\n\n", "\nInput:"];

/// The length of the instruction that a text begins with, where the text goes on behind it.
pub(crate) fn end_of_instruction(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    let ends = ENDS.iter().filter_map(|end| text[start..].find(end));
    ends.min().map(|end| start + end)
}

#[cfg(test)]
mod tests {
    use super::end_of_instruction;

    #[test]
    fn an_instruction_ends_at_a_blank_line_or_at_the_next_example() {
        let end = |text: &'static str| end_of_instruction(text).map(|end| &text[..end]);
        assert_eq!(end("say the opposite"), None);
        assert_eq!(end(" say the opposite\n\nInput: hot"), Some(" say the opposite"));
        assert_eq!(end("say\nthe opposite\nInput: hot\n\n"), Some("say\nthe opposite"));
        // What stands in front of it is no end.
        assert_eq!(end("\n\nsay it\n\n"), Some("\n\nsay it"));
        assert_eq!(end("\n\n"), None);
    }
}
