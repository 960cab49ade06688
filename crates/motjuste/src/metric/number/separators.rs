//! Digits with points, commas, spaces and apostrophes between them: which of these are decimal signs.

use super::DecimalSign;

/// What may stand between three digits and three digits.
const SPACES: [char; 7] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’', '_'];

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | '．' | '，' | '٫' | '٬')
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The digits that a text begins with, and all that goes on after a separator: groups of three behind
/// spaces, any digits behind points and commas.
pub(super) fn run(text: &str) -> &str {
    let mut end = digits(text);
    let mut may_group = end <= 3;
    while let Some(mark) = text[end..].chars().next() {
        let next = end + mark.len_utf8();
        let count = digits(&text[next..]);
        let is_group = may_group && count == 3 && SPACES.contains(&mark);
        if count == 0 || !(is_mark(mark) || is_group) {
            break;
        }
        may_group = is_group;
        end = next + count;
    }
    &text[..end]
}

/// The run as Rust reads a number; none where it is no number, such as an address.
pub(super) fn decimal_text(raw: &str, sign: DecimalSign) -> Option<String> {
    let plain: String = raw.chars().filter(|c| !SPACES.contains(c)).map(ascii).collect();
    let is_grouped = plain.len() < raw.chars().count();
    let (points, commas) = (plain.matches('.').count(), plain.matches(',').count());
    let decimal = match (points, commas) {
        (0, 0) => None,
        // Arabic has a sign for each.
        _ if raw.contains('٫') => Some('.'),
        _ if raw.contains('٬') => None,
        (1, 0) => Some('.').filter(|_| is_grouped || !is_thousands(&plain, '.', sign)),
        (0, 1) => Some(',').filter(|_| is_grouped || !is_thousands(&plain, ',', sign)),
        (0, _) | (_, 0) => None,
        _ => plain.chars().rfind(|c| matches!(c, '.' | ',')),
    };
    join(&plain, decimal)
}

/// The Arabic decimal sign as a point, the Arabic thousands sign and full-width marks as ASCII marks.
fn ascii(c: char) -> char {
    match c {
        '．' | '٫' => '.',
        '，' | '٬' => ',',
        other => other,
    }
}

/// Whether a lone mark before exactly three digits groups thousands: the one that is not the decimal sign
/// of the task, behind one to three digits that are no lone 0.
fn is_thousands(plain: &str, mark: char, sign: DecimalSign) -> bool {
    let usual = if sign == DecimalSign::Point { ',' } else { '.' };
    let (whole, rest) = plain.split_once(mark).unwrap_or((plain, ""));
    mark == usual && rest.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0"
}

/// Whole and decimals without the marks between thousands; none where those do not group.
fn join(plain: &str, decimal: Option<char>) -> Option<String> {
    let (whole, decimals) = match decimal {
        Some(sign) => plain.rsplit_once(sign)?,
        None => (plain, ""),
    };
    let groups: Vec<&str> = whole.split(['.', ',']).collect();
    let marks = whole.chars().filter(|c| matches!(c, '.' | ',')).collect::<Vec<_>>();
    let is_one_kind = marks.windows(2).all(|pair| pair[0] == pair[1])
        && decimal.is_none_or(|sign| !marks.contains(&sign));
    if !is_one_kind || !is_grouping(&groups) {
        return None;
    }
    let whole = groups.concat();
    let whole = if whole.is_empty() { "0" } else { &whole };
    Some(if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") })
}

/// Groups of three behind a first of one to three; in the Indian way, of two, but for the last.
fn is_grouping(groups: &[&str]) -> bool {
    let [first, inner @ .., last] = groups else { return true };
    let is_inner = |length: usize| inner.iter().all(|group| group.len() == length);
    let fits = (1..=3).contains(&first.len()) && last.len() == 3;
    fits && (is_inner(3) || (is_inner(2) && first.len() <= 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_are_told_apart() {
        let read = |raw| decimal_text(raw, DecimalSign::Point);
        for (raw, expected) in [
            ("5", "5"),
            ("1.5", "1.5"),
            ("1,5", "1.5"),
            ("1.234", "1.234"),
            ("1,234", "1234"),
            ("0,123", "0.123"),
            ("1234,567", "1234.567"),
            ("1,234,567.89", "1234567.89"),
            ("1.234.567,89", "1234567.89"),
            ("1.234.567", "1234567"),
            ("1 234 567", "1234567"),
            ("1 234,567", "1234.567"),
            ("12,34,567", "1234567"),
            ("٣٫١٤", "٣.١٤"),
            (".5", "0.5"),
        ] {
            assert_eq!(read(raw).as_deref(), Some(expected), "{raw}");
        }
        for raw in ["10.1.2.3", "1.2.3", "1,2,3", "1.23,45.6", "1,2.3,4"] {
            assert_eq!(read(raw), None, "{raw}");
        }
        assert_eq!(run("1 234 56"), "1 234");
        assert_eq!(run("10 20"), "10");
        assert_eq!(run("5. "), "5");
    }

    proptest! {
        #[test]
        fn grouping_never_changes_a_number(value in 0_u64..1_000_000_000_000) {
            let digits = value.to_string();
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index) % 3 == 0 {
                    grouped.push(' ');
                }
                grouped.push(digit);
            }
            let text = decimal_text(run(&grouped), DecimalSign::Point).unwrap();
            prop_assert_eq!(text, digits);
        }
    }
}
