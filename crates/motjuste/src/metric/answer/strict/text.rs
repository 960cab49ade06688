//! Answers that are texts: word lists, closing brackets, names.

use super::region::Region;

/// The first sentence of the region's first line; of "Yes, it is", the word before the comma.
pub(super) fn extract(region: &Region<'_>) -> Option<String> {
    let line = region.text.lines().next().unwrap_or_default();
    let sentence = line.split_once(". ").map_or(line, |(first, _)| first);
    let leading = sentence.split(',').next().unwrap_or_default();
    fold(if super::boolean::word(leading.trim()).is_some() { leading } else { sentence })
}

/// Lower case, single spaces, no commas after words, nothing but brackets around; `None` if empty.
pub(super) fn fold(text: &str) -> Option<String> {
    let words = text.split_whitespace().map(|word| match word.strip_suffix(',') {
        Some(word) if word.ends_with(char::is_alphanumeric) => word,
        _ => word,
    });
    let folded = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let trimmed = folded.trim_matches(['.', '"', '\'', '*', '`', ':', ' ']);
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::super::AnswerKind;
    use super::super::{Answer, extract, score};

    #[test]
    fn texts_are_compared_whole() {
        let right = |truth, reply| score(AnswerKind::Text, reply, "", truth) == 1.0;
        assert!(right(") ]", ") ]") && right(") ]", "The answer is: ) ]."));
        assert!(
            right("apple banana", "Apple,  banana") && right("Monsters, Inc", "monsters, inc.")
        );
        for (truth, reply) in
            [(") ]", "> }"), (") ]", "]"), ("a b c", "b a c"), ("word a b", "a b word"), ("a", "")]
        {
            assert!(!right(truth, reply), "{truth} {reply}");
        }
    }

    #[test]
    fn the_table_of_texts_holds() {
        for (reply, expected) in
            [("foo. bar", "foo"), ("yes.", "yes"), ("The answer is Yes, it is.", "yes")]
        {
            let found = extract(reply, AnswerKind::Text, "");
            assert_eq!(found, Some(Answer::Text(expected.to_owned())), "{reply}");
        }
    }
}
