//! How numbers and foreign text are written, everywhere on the page.

use minijinja::{HtmlEscape, Value};

/// A score: `0.85`.
pub(super) fn score(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text.replace('-', "−") }
}

/// A difference of scores: `+0.51`, `−0.03`, `0.00`.
pub(super) fn signed(value: f64) -> String {
    let text = score(value);
    let is_positive = value > 0.0 && text != "0.00";
    if is_positive { format!("+{text}") } else { text }
}

/// An interval of scores: `0.77–0.91`.
pub(super) fn interval(low: f64, high: f64) -> String {
    format!("{}–{}", score(low), score(high))
}

/// A number of things: `12,345`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A whole number of either sign: `−1,200`.
pub(super) fn whole(number: f64) -> String {
    let sign = if number <= -0.5 { "−" } else { "" };
    format!("{sign}{}", count(number.abs().round() as u64))
}

/// A share in per cent: `3.2 %`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    if text == "-0.0" { "0.0 %".to_owned() } else { text.replace('-', "−") + " %" }
}

/// A number of things with their name: `1 example`, `20 examples`, `3 replies`.
pub(super) fn counted(number: usize, thing: &str) -> String {
    let things = match thing.strip_suffix('y') {
        _ if number == 1 => thing.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{thing}s"),
    };
    format!("{} {things}", count(number as u64))
}

/// A time: `4.2 s`, `3 min 12 s`, `2 h 05 min`.
pub(super) fn seconds(value: f64) -> String {
    let whole = value.max(0.0).round() as u64;
    match whole {
        _ if !value.is_finite() => "–".to_owned(),
        0..10 => format!("{:.1} s", value.max(0.0)),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", count(whole / 3600), whole % 3600 / 60),
    }
}

/// The text with its control characters made visible, so that none of them acts on the page.
pub(super) fn visible(text: &str) -> String {
    let picture = |letter: char| match letter {
        '\n' | '\t' | '\r' => letter,
        '\u{7f}' => '\u{2421}',
        '\0'..' ' => char::from_u32(0x2400 + letter as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
        // An override of the writing direction shows other words than the model read.
        '\u{202d}' | '\u{202e}' => char::REPLACEMENT_CHARACTER,
        // Noncharacters are errors in HTML.
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ => letter,
    };
    text.chars().map(picture).collect()
}

/// The text as HTML, in escaped form.
pub(super) fn escaped(text: &str) -> String {
    HtmlEscape(&visible(text)).to_string()
}

/// The longest text that is shown without being folded, in characters.
const FOLD: usize = 280;

/// Foreign text as HTML: escaped, isolated from the page's writing direction, and folded if long.
pub(super) fn text(text: &str) -> Value {
    folded(text, FOLD)
}

/// Foreign text as HTML, its first `limit` characters before the fold.
pub(super) fn folded(text: &str, limit: usize) -> Value {
    let html = match head(text, limit) {
        _ if text.is_empty() => "<i class=\"none\">empty</i>".to_owned(),
        None => format!("<bdi class=\"text\">{}</bdi>", escaped(text)),
        Some(head) => format!(
            "<details class=\"fold\"><summary><bdi class=\"text\">{}</bdi>\
             <span class=\"more\">… all {} characters</span></summary>\
             <bdi class=\"text\">{}</bdi></details>",
            escaped(head),
            count(text.chars().count() as u64),
            escaped(text)
        ),
    };
    Value::from_safe_string(html)
}

/// The beginning of a long text, cut between words where there are words.
fn head(text: &str, limit: usize) -> Option<&str> {
    let (fold, _) = text.char_indices().nth(limit)?;
    let start = &text[..fold];
    let cut = start.rfind(char::is_whitespace).filter(|&place| place > fold / 2);
    Some(start[..cut.unwrap_or(fold)].trim_end())
}

/// The first words of a text on one line, for a tooltip.
pub(super) fn brief(text: &str) -> String {
    const LENGTH: usize = 120;
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    let start: String = line.chars().take(LENGTH).collect();
    match line.chars().nth(LENGTH) {
        _ if line.is_empty() => "(empty)".to_owned(),
        Some(_) => format!("“{start}…”"),
        None => format!("“{start}”"),
    }
}
