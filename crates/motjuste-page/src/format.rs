//! How numbers and foreign text are written, everywhere on a page.

use minijinja::HtmlEscape;

use crate::html::Html;

/// A score: `0.85`.
pub fn score(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text.replace('-', "−") }
}

/// A difference of scores: `+0.51`, `−0.03`, `0.00`.
pub fn signed(value: f64) -> String {
    let text = score(value);
    let is_positive = value > 0.0 && text != "0.00";
    if is_positive { format!("+{text}") } else { text }
}

/// An interval of scores: `0.77–0.91`.
pub fn interval(low: f64, high: f64) -> String {
    format!("{}–{}", score(low), score(high))
}

/// A p-value: `0.24`, `0.012`, `< 0.001`.
pub fn p_value(p: f64) -> String {
    match p {
        _ if !p.is_finite() => "–".to_owned(),
        0.0..0.001 => "<\u{a0}0.001".to_owned(),
        0.001..0.1 => format!("{p:.3}"),
        _ => format!("{p:.2}"),
    }
}

/// A number of things: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A whole number of either sign: `−1,200`.
pub fn whole(number: f64) -> String {
    let sign = if number <= -0.5 { "−" } else { "" };
    format!("{sign}{}", count(number.abs().round() as u64))
}

/// A share in per cent: `3.2 %`. One that is more than nothing does not look like nothing.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    if share > 0.0 && text == "0.0" {
        return "under 0.1 %".to_owned();
    }
    if text == "-0.0" { "0.0 %".to_owned() } else { text.replace('-', "−") + " %" }
}

/// A number of things with their name: `1 example`, `20 examples`, `3 replies`.
pub fn counted(number: usize, thing: &str) -> String {
    let things = match thing.strip_suffix('y') {
        _ if number == 1 => thing.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{thing}s"),
    };
    format!("{} {things}", count(number as u64))
}

/// A time: `4.2 s`, `3 min 12 s`, `2 h 05 min`.
pub fn seconds(value: f64) -> String {
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
pub fn visible(text: &str) -> String {
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
pub fn escaped(text: &str) -> String {
    HtmlEscape(&visible(text)).to_string()
}

/// The longest text that is shown without being folded, in characters.
const FOLD: usize = 280;

/// Foreign text as HTML: escaped, isolated from the page's writing direction, and folded if long.
pub fn text(text: &str) -> Html {
    folded(text, FOLD)
}

/// Foreign text as HTML, its first `limit` characters before the fold.
pub fn folded(text: &str, limit: usize) -> Html {
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
    Html::new(html)
}

/// The beginning of a long text, cut between words where there are words.
fn head(text: &str, limit: usize) -> Option<&str> {
    let (fold, _) = text.char_indices().nth(limit)?;
    let start = &text[..fold];
    let cut = start.rfind(char::is_whitespace).filter(|&index| index > fold / 2);
    Some(start[..cut.unwrap_or(fold)].trim_end())
}

/// The first words of a text on one line, for a tooltip.
pub fn brief(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_one_way() {
        assert_eq!([0.849, -0.002, 1.0, f64::NAN].map(score), ["0.85", "0.00", "1.00", "–"]);
        assert_eq!([0.514, -0.03, 0.001].map(signed), ["+0.51", "−0.03", "0.00"]);
        assert_eq!(interval(0.77, 0.914), "0.77–0.91");
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "example"), "1 example");
        assert_eq!(counted(3, "reply"), "3 replies");
        assert_eq!([-1200.0, -0.2, 7.0].map(whole), ["−1,200", "0", "7"]);
        assert_eq!([0.0321, 0.0, -0.00001].map(percent), ["3.2 %", "0.0 %", "0.0 %"]);
        assert_eq!(percent(0.0004), "under 0.1 %");
        assert_eq!(
            [0.0, 0.0009, 0.0123, 0.24].map(p_value),
            ["<\u{a0}0.001", "<\u{a0}0.001", "0.012", "0.24"]
        );
        let times = [0.42, 9.97, 59.7, 192.4, 7503.0].map(seconds);
        assert_eq!(times, ["0.4 s", "10 s", "1 min 00 s", "3 min 12 s", "2 h 05 min"]);
    }

    #[test]
    fn long_text_is_folded_whole() {
        let long = "one two ".repeat(100);
        let html = text(&long).to_string();
        assert!(html.starts_with("<details") && html.contains(&long) && html.contains("all 800"));
        assert!(!text("one two").to_string().contains("<details"));
        assert!(text(&"👩‍🚀".repeat(200)).to_string().starts_with("<details"));
    }
}
