//! Tokens of a byte-level vocabulary that the cuts of GPT-2 and of Llama 3 treat differently.

/// GPT-2's letter for a space.
const SPACE: char = 'Ġ';

/// GPT-2's letter for a tab.
const TAB: &str = "ĉ";

/// The text of a token that must be found before a text is cut: a sign of ASCII, a tab, a digit
/// behind a space.
pub(super) fn plain_text(token: &str) -> Option<String> {
    if token == TAB {
        return Some("\t".to_owned());
    }
    let mut letters = token.chars();
    match (letters.next()?, letters.next(), letters.next()) {
        (sign, None, _) if sign.is_ascii_punctuation() => Some(token.to_owned()),
        (SPACE, Some(digit), None) if digit.is_ascii_digit() => Some(format!(" {digit}")),
        _ => None,
    }
}

/// Whether both cuts leave a token in one piece, or it is found before: letters, perhaps behind a
/// space; up to three digits; a single letter or sign.
pub(super) fn stands_alone(token: &str) -> bool {
    let word = token.strip_prefix(SPACE).unwrap_or(token);
    let letters = word.chars().all(|letter| letter.is_ascii_alphabetic());
    let digits = token.len() <= 3 && token.chars().all(|digit| digit.is_ascii_digit());
    let special = token.starts_with('<') && token.ends_with('>');
    letters || digits || special || token.chars().count() == 1 || plain_text(token).is_some()
}

#[cfg(test)]
mod tests {
    use super::{plain_text, stands_alone};

    #[test]
    fn signs_and_digits_behind_a_space_are_found_first() {
        assert_eq!(plain_text("(").as_deref(), Some("("));
        assert_eq!(plain_text("Ġ7").as_deref(), Some(" 7"));
        assert_eq!(plain_text("ĉ").as_deref(), Some("\t"));
        for other in ["Ġ", "7", "a", "Ġa", "Ġ77", "..", "é"] {
            assert_eq!(plain_text(other), None, "{other}");
        }
    }

    #[test]
    fn a_token_that_llama_3_would_cut_is_noticed() {
        for whole in ["Ġtree", "tree", "(", "Ġ7", "123", "Ã", "<s>"] {
            assert!(stands_alone(whole), "{whole}");
        }
        for cut in ["Ġ12", "...", "Ġ(", "don't", "1234"] {
            assert!(!stands_alone(cut), "{cut}");
        }
    }
}
