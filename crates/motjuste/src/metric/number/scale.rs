//! Scale words behind a number: `1 Mio.`, `2 million`, `3k`, `5万`.

/// What multiplies the number in front of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// So many.
    Of(f64),
    /// A scale that means several things, such as the `M` of `3M`: it is not read, and never left out unsaid.
    Doubtful,
}

/// Words that mean one number alone, in lower case; behind a space or none, a full stop may follow.
const WORDS: [(&str, f64); 54] = [
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("thousands", 1e3),
    ("tausend", 1e3),
    ("tsd", 1e3),
    ("тыс", 1e3),
    ("тысяч", 1e3),
    ("тысячи", 1e3),
    ("ألف", 1e3),
    ("lakh", 1e5),
    ("lakhs", 1e5),
    ("लाख", 1e5),
    ("million", 1e6),
    ("millions", 1e6),
    ("millionen", 1e6),
    ("millón", 1e6),
    ("millones", 1e6),
    ("milhão", 1e6),
    ("milhões", 1e6),
    ("milione", 1e6),
    ("milioni", 1e6),
    ("miljoen", 1e6),
    ("mio", 1e6),
    ("mln", 1e6),
    ("млн", 1e6),
    ("миллион", 1e6),
    ("миллиона", 1e6),
    ("миллионов", 1e6),
    ("مليون", 1e6),
    ("crore", 1e7),
    ("crores", 1e7),
    ("करोड़", 1e7),
    ("billion", 1e9),
    ("billions", 1e9),
    ("bn", 1e9),
    ("milliard", 1e9),
    ("milliards", 1e9),
    ("milliarde", 1e9),
    ("milliarden", 1e9),
    ("miliardo", 1e9),
    ("miliardi", 1e9),
    ("miljard", 1e9),
    ("mrd", 1e9),
    ("mld", 1e9),
    ("млрд", 1e9),
    ("миллиард", 1e9),
    ("миллиарда", 1e9),
    ("миллиардов", 1e9),
    ("مليار", 1e9),
    ("trillion", 1e12),
    ("trillions", 1e12),
    ("billionen", 1e12),
    ("трлн", 1e12),
    ("trn", 1e12),
];

/// Signs of scripts without spaces, right behind the digits; several multiply.
const SIGNS: [(char, f64); 9] = [
    ('百', 1e2),
    ('千', 1e3),
    ('천', 1e3),
    ('万', 1e4),
    ('萬', 1e4),
    ('만', 1e4),
    ('億', 1e8),
    ('亿', 1e8),
    ('억', 1e8),
];

/// Letters right behind the digits that may be a scale, and may be a unit; `k` is a thousand.
const DOUBTFUL: [&str; 3] = ["M", "MM", "B"];

/// The scale that a text begins with, and how long it is with the space before it and the full stop behind it.
pub(super) fn scale(after: &str) -> Option<(Scale, usize)> {
    signs(after).or_else(|| attached(after)).or_else(|| word(after))
}

/// Signs that multiply. Where digits go on behind them, they are no number that is read here: 1億2000万.
fn signs(after: &str) -> Option<(Scale, usize)> {
    let factor = |sign: char| SIGNS.iter().find(|(known, _)| *known == sign).map(|(_, of)| *of);
    let (mut scale, mut length) = (1.0, 0);
    for (sign, of) in after.chars().map_while(|sign| Some((sign, factor(sign)?))) {
        scale *= of;
        length += sign.len_utf8();
    }
    let rest = &after[length..];
    match goes_on(rest) {
        0 if length == 0 => None,
        0 => Some((Scale::Of(scale), length)),
        _ if length == 0 && !rest.starts_with('兆') => None,
        more => Some((Scale::Doubtful, length + more)),
    }
}

/// The length of digits and signs that go on in a number.
fn goes_on(text: &str) -> usize {
    let is_of_number =
        |c: char| c.is_ascii_digit() || c == '兆' || SIGNS.iter().any(|(known, _)| *known == c);
    text.find(|c| !is_of_number(c)).unwrap_or(text.len())
}

/// Letters that stand at the digits; a small k may stand behind a space.
fn attached(after: &str) -> Option<(Scale, usize)> {
    if letters(after.trim_start_matches([' ', '\u{a0}'])) == "k" {
        return Some((Scale::Of(1e3), after.find('k')? + 1));
    }
    match letters(after) {
        "K" => Some((Scale::Of(1e3), 1)),
        letters if DOUBTFUL.contains(&letters) => Some((Scale::Doubtful, letters.len())),
        _ => None,
    }
}

fn word(after: &str) -> Option<(Scale, usize)> {
    let rest = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let word = letters(rest);
    let (_, scale) = WORDS.iter().find(|(known, _)| *known == word.to_lowercase())?;
    Some((Scale::Of(*scale), after.len() - rest.len() + word.len()))
}

/// The letters that a text begins with, with the marks that belong to them.
fn letters(text: &str) -> &str {
    let goes_on = |c: char| c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c);
    let end = text.find(|c| !goes_on(c)).unwrap_or(text.len());
    // `3kg2`, `5m²`: a longer name.
    if text[end..].starts_with(char::is_numeric) { "" } else { &text[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_one_number_is_read_and_what_means_several_is_told() {
        for (after, expected) in [
            (" Mio. Euro", Some((Scale::Of(1e6), 4))),
            ("\u{a0}Mrd.", Some((Scale::Of(1e9), 5))),
            (" million", Some((Scale::Of(1e6), 8))),
            ("k", Some((Scale::Of(1e3), 1))),
            ("K users", Some((Scale::Of(1e3), 1))),
            ("万", Some((Scale::Of(1e4), 3))),
            ("百万円", Some((Scale::Of(1e6), 6))),
            (" млн руб.", Some((Scale::Of(1e6), 7))),
            ("M", Some((Scale::Doubtful, 1))),
            ("億2000万", Some((Scale::Doubtful, 10))),
            ("兆", Some((Scale::Doubtful, 3))),
            (" k users", Some((Scale::Of(1e3), 2))),
            (" K", None),
            (" M", None),
            ("kg", None),
            ("MB", None),
            (" millimetres", None),
            (" m", None),
            ("", None),
        ] {
            assert_eq!(scale(after), expected, "{after}");
        }
    }
}
