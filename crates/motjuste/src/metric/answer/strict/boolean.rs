//! Truth values in words.

use super::region::Region;

/// The truth value of a region: its leading word, else the only one that it names.
///
/// Where a marker points to the region, its first truth value counts.
pub(super) fn extract(region: &Region<'_>) -> Option<bool> {
    let words = words(region.text);
    if let [bit @ ("0" | "1")] = words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return Some(bit == "1");
    }
    let named: Vec<(usize, bool)> = words
        .iter()
        .enumerate()
        .filter_map(|(position, found)| {
            Some((position, word(found)? != is_negated(&words, position)))
        })
        .collect();
    let (position, first) = *named.first()?;
    let agreed = named.iter().all(|(_, value)| *value == first);
    (region.indicated || position == 0 || agreed).then_some(first)
}

/// What one word stands for.
pub(super) fn word(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "true" | "yes" | "valid" => Some(true),
        "false" | "no" | "invalid" => Some(false),
        _ => None,
    }
}

fn is_negated(words: &[String], position: usize) -> bool {
    position.checked_sub(1).is_some_and(|before| words[before] == "not")
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::AnswerKind;
    use super::super::{extract, score};

    fn right(truth: &str, reply: &str) -> bool {
        score(AnswerKind::Boolean, reply, "", truth) == 1.0
    }

    #[test]
    fn the_table_of_booleans_holds() {
        let cases = [
            ("True", "True"),
            ("False", "false."),
            ("Yes", "Yes. The"),
            ("False", "0"),
            ("True", "1"),
            ("True", "The answer is 1."),
            ("No", "No, because yes would be wrong"),
            ("invalid", "The argument is invalid"),
            ("invalid", "not valid"),
            ("Yes", ":yes"),
            ("Yes", "true"),
            ("Invalid", "false"),
            ("True", "yes"),
        ];
        for (truth, reply) in cases {
            assert!(right(truth, reply), "{truth} {reply}");
        }
        for reply in ["maybe", "", "not sure", "i know", "yesterday", "either valid or invalid"] {
            assert_eq!(extract(reply, AnswerKind::Boolean, ""), None, "{reply}");
        }
        for (truth, reply) in [("Yes", "false"), ("valid", "invalid"), ("Invalid", "1")] {
            assert!(!right(truth, reply), "{truth} {reply}");
        }
    }
}
