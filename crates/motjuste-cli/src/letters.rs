//! Letters that would act on a terminal, or hide what stands there, made visible.

use std::fmt::Write;

/// A text that acts on no terminal: control characters are pictures (`␛`), what changes the direction of
/// writing or cannot be seen is a number (`<U+202E>`). Line breaks and tabs stay.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' | '\t' => shown.push(letter),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\0'..' ' => shown.extend(char::from_u32(0x2400 + u32::from(letter))),
            '\u{7f}' => shown.push('\u{2421}'),
            _ if acts(letter) => {
                // Writing to memory has no way to fail.
                let _ = write!(shown, "<U+{:04X}>", u32::from(letter));
            }
            _ => shown.push(letter),
        }
    }
    shown
}

/// A text on one line, its breaks visible.
pub(crate) fn on_one_line(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\n', '\r', '\t'], "⏎")
}

/// JSON that acts on no terminal and says the same.
pub(crate) fn escaped_in_json(json: &str) -> String {
    if !json.contains(acts) {
        return json.to_owned();
    }
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match acts(letter) {
            false => escaped.push(letter),
            true => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(escaped, "\\u{unit:04x}");
            }),
        }
    }
    escaped
}

/// Whether a letter above the first 32 does something to a terminal, or hides what stands there: the other
/// control characters, marks of direction, separators of lines, and letters that nobody sees.
fn acts(letter: char) -> bool {
    matches!(letter,
        '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_a_terminal_is_visible() {
        assert_eq!(shown("\u{1b}]0;title\u{7}\0\u{7f}"), "␛]0;title␇␀␡");
        assert_eq!(shown("a\u{9b}2J\u{202e}b\u{2066}"), "a<U+009B>2J<U+202E>b<U+2066>");
        assert_eq!(shown("a\r\nb\tc\rd"), "a\nb\tc␍d");
        assert_eq!(shown("👩\u{200d}🚀 é 翻訳 اكتب ✓"), "👩\u{200d}🚀 é 翻訳 اكتب ✓");
        assert_eq!(on_one_line("a\r\nb\nc"), "a⏎b⏎c");
    }

    #[test]
    fn json_says_the_same_in_letters_that_do_nothing() {
        let said = "\u{1b}[2J \u{202e}x\u{9b} \u{e0041} é";
        let json = escaped_in_json(&serde_json::to_string(said).unwrap());
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), said);
        assert_eq!(shown(&json), json);
        assert!(json.contains("\\u202e") && json.contains("\\udb40\\udc41"), "{json}");
    }
}
