//! Where a text stands in another as whole words.

use std::borrow::Cow;
use std::ops::Range;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Every place, from left to right, at which `needle` stands in `text` and does not go on as a longer
/// word, number, name of a file or address. Scripts without spaces have no such borders; a combining mark
/// still belongs to the letter before it.
pub(super) fn places(text: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let plain = without_emphasis(text);
    let starts = text.char_indices().map(|(index, _)| index);
    starts
        .filter(|&start| text[start..].starts_with(needle))
        .map(|start| start..start + needle.len())
        .filter(|place| begins(&plain[..place.start], needle) && ends(&plain[place.end..], needle))
        .collect()
}

/// The text of the same length with spaces in place of the underscores that set words off, as in `_refund_`:
/// pairs of as many, around what begins and ends beside them. Those within a name stay.
fn without_emphasis(text: &str) -> Cow<'_, str> {
    if !text.contains('_') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut open) = (text.to_owned(), Vec::<Range<usize>>::new());
    for run in underscores(text) {
        let before = text[..run.start].chars().next_back();
        let after = text[run.end..].chars().next();
        let is_free = |c: Option<char>| !c.is_some_and(is_word);
        let is_there = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let opener = open.iter().rposition(|opened| opened.len() == run.len());
        match opener {
            Some(opener) if is_free(after) && is_there(before) => {
                for pair in [open[opener].clone(), run] {
                    plain.replace_range(pair.clone(), &" ".repeat(pair.len()));
                }
                open.truncate(opener);
            }
            _ if is_free(before) && is_there(after) => open.push(run),
            _ => {}
        }
    }
    Cow::Owned(plain)
}

/// The runs of underscores.
fn underscores(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find('_')?;
        end = text[start..].find(|c| c != '_').map_or(text.len(), |length| start + length);
        Some(start..end)
    })
}

/// Whether a word that begins with `needle`'s first character may begin behind `before`.
fn begins(before: &str, needle: &str) -> bool {
    let (Some(previous), Some(first)) = (before.chars().next_back(), needle.chars().next()) else {
        return true;
    };
    let earlier = &before[..before.len() - previous.len_utf8()];
    let earlier = earlier.chars().next_back();
    match previous {
        _ if !is_word(first) || is_unspaced(first) || is_unspaced(previous) => true,
        _ if is_word(previous) => false,
        // The number began before, or has a sign: 20 of 1.20, 5 of .5 and of -5.
        '.' | ',' if first.is_numeric() => {
            !earlier.is_none_or(|c| c.is_numeric() || c.is_whitespace())
        }
        '-' if first.is_numeric() => earlier.is_some_and(|c| is_word(c) || c == ')'),
        _ => true,
    }
}

/// Whether `needle` may end where `after` follows.
fn ends(after: &str, needle: &str) -> bool {
    let mut following = after.chars();
    let (Some(next), Some(last)) = (following.next(), needle.chars().next_back()) else {
        return true;
    };
    let later = following.next();
    let goes_on = later.is_some_and(is_word);
    match next {
        _ if is_mark(next) => false,
        // C of C++ and of C#, and C+ of C++.
        '+' | '#' if is_word(last) || last == next => false,
        _ if !is_word(last) || is_unspaced(last) || is_unspaced(next) => true,
        _ if is_word(next) => false,
        '.' | ',' if last.is_numeric() && later.is_some_and(char::is_numeric) => false,
        // A longer name of a file or a host; an address.
        '.' if goes_on && needle.contains(['.', '@']) => false,
        '@' => !goes_on,
        // "can" of "can't"; but "Ann" stands in "Ann's".
        '\'' if goes_on => later == Some('s') && !following.next().is_some_and(is_word),
        _ => true,
    }
}

fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_mark(c)
}

/// Whether the character's script puts no spaces between words: Han, kana, Bopomofo, Thai, Lao, Khmer,
/// Burmese, Tibetan, Tai.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0e00..=0x0eff | 0x0f00..=0x0fff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x1950..=0x19df
            | 0x1a20..=0x1aaf | 0x3005..=0x3007 | 0x3040..=0x312f | 0x31a0..=0x31ff
            | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0xff66..=0xff9f
            | 0x2_0000..=0x3_ffff
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_words_are_found_in_every_script() {
        for (text, needle) in [
            ("i believe it is refund", "refund"),
            ("refund.", "refund"),
            ("label: refund\nreason: none", "refund"),
            ("self-control", "control"),
            ("it costs 1.20.", "1.20"),
            ("10-12", "12"),
            ("(-5)", "-5"),
            ("ann's bill", "ann"),
            ("_refund_", "refund"),
            ("__refund__.", "refund"),
            ("the label is _refund_, i think", "refund"),
            ("_the label is refund_", "refund"),
            ("_not_ spam", "spam"),
            ("_snake_case_", "snake_case"),
            ("written in c++.", "c++"),
            ("mail bob@post.net, please", "bob@post.net"),
            ("答案是退款吗", "退款"),
            ("第5章", "5"),
            ("ขอคืนเงินครับ", "คืนเงิน"),
            ("das ist grün", "grün"),
        ] {
            assert_eq!(places(text, needle).len(), 1, "{text} {needle}");
        }
    }

    #[test]
    fn parts_of_words_numbers_and_names_are_not_found() {
        for (text, needle) in [
            ("processes", "process"),
            ("11.205", "1.20"),
            ("11.20", "1.20"),
            ("1.205", "1.20"),
            ("1.20", "20"),
            ("5,000", "5"),
            (".5", "5"),
            ("-5", "5"),
            ("21,000", "1,000"),
            ("c++", "c"),
            ("c#", "c"),
            ("can't", "can"),
            ("joann@mail.com", "ann@mail.com"),
            ("a.json.bak", "a.json"),
            ("post.net.au", "post.net"),
            ("ann@mail.com", "ann"),
            ("snake_case", "case"),
            ("_snake_case_", "case"),
            ("a_refund_b", "refund"),
            ("_refund", "refund"),
            ("see _x and y_", "z"),
            ("cafe\u{301}", "cafe"),
            ("กาน\u{e49}", "กาน"),
            ("word", ""),
        ] {
            assert!(places(text, needle).is_empty(), "{text} {needle}");
        }
    }

    proptest! {
        #[test]
        fn a_word_between_spaces_is_found(word in "\\w{1,8}", before in "[a-z ]{0,6}", after in "[a-z ]{0,6}") {
            let text = format!("{before} {word} {after}");
            prop_assert!(!places(&text, &word).is_empty());
        }
    }
}
