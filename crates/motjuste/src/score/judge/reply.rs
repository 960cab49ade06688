//! The points and the reason in a judge's reply.

use serde_json::Value;

use super::super::Verdict;
use crate::metric::answer_alone;

/// The most characters of a reason that is kept.
const REASON: usize = 600;

/// The verdict that a reply gives, on this scale; without points it is missing, with the reply as feedback.
pub(super) fn verdict(reply: &str, scale: f64) -> Verdict {
    let said = answer_alone(reply).text();
    let found = in_object(said, scale).or_else(|| in_text(said, scale));
    match found {
        Some((score, reason)) => match clipped(&reason) {
            reason if reason.is_empty() => Verdict::from(score),
            reason => Verdict::from(score).with_feedback(reason),
        },
        None if said.is_empty() => Verdict::missing("the judge's reply is empty"),
        None => Verdict::missing(clipped(said)),
    }
}

fn clipped(text: &str) -> String {
    text.trim().chars().take(REASON).collect()
}

/// The points of `{"score": n, "reason": text}`, as a share of all, and the reason.
fn in_object(said: &str, scale: f64) -> Option<(f64, String)> {
    let Ok(Value::Object(object)) = serde_json::from_str(said) else { return None };
    let score = match object.get("score")? {
        Value::Number(points) => share(points.as_f64()?, scale),
        Value::String(points) => whole(points, scale),
        _ => None,
    }?;
    let names = ["reason", "reasoning", "feedback", "explanation", "rationale"];
    let reason = names.iter().find_map(|name| object.get(*name)?.as_str());
    Some((score, reason.unwrap_or_default().to_owned()))
}

/// The points behind the last `Score:`, and what stands before it, or, where nothing does, behind it. A reply
/// that is a number and nothing else is its points.
fn in_text(said: &str, scale: f64) -> Option<(f64, String)> {
    let Some((start, behind)) = last_label(said) else {
        return whole(said, scale).map(|score| (score, String::new()));
    };
    let (score, length) = points(behind, scale)?;
    let before = said[..start].trim_end_matches(is_mark);
    let after = behind[length..].trim_start_matches(|c: char| is_mark(c) || ".)]}".contains(c));
    let reason = if before.trim().is_empty() { after } else { before };
    Some((score, reason.to_owned()))
}

/// White space, quotes and signs of emphasis.
fn is_mark(c: char) -> bool {
    c.is_whitespace() || "*_`\"'#".contains(c)
}

/// Where the last `Score:` begins, and what stands behind its colon.
fn last_label(said: &str) -> Option<(usize, &str)> {
    const LABEL: &str = "score";
    let starts = (0..said.len()).rev().filter(|&start| {
        said.get(start..start + LABEL.len()).is_some_and(|word| word.eq_ignore_ascii_case(LABEL))
    });
    starts.into_iter().find_map(|start| {
        let before = said[..start].chars().next_back();
        let behind = said[start + LABEL.len()..].trim_start_matches(is_mark);
        let behind = behind.strip_prefix([':', '=', '：'])?;
        (!before.is_some_and(char::is_alphanumeric))
            .then(|| (start, behind.trim_start_matches(|c: char| is_mark(c) || "[({".contains(c))))
    })
}

/// Points and nothing else.
fn whole(text: &str, scale: f64) -> Option<f64> {
    let text = text.trim_matches(is_mark);
    let (score, length) = points(text, scale)?;
    text[length..].trim_matches(|c: char| is_mark(c) || c == '.').is_empty().then_some(score)
}

/// The points that a text begins with, as a share of all, and their length: `n`, `n/m`, `n out of m`, `n %`.
fn points(text: &str, scale: f64) -> Option<(f64, usize)> {
    let (points, length) = number(text)?;
    let rest = &text[length..];
    let of = rest.trim_start();
    let below = ["/", "out of", "of"].iter().find_map(|word| of.strip_prefix(word));
    if let Some((most, more)) = below.and_then(|below| {
        let below = below.trim_start();
        number(below).map(|(most, length)| (most, text.len() - below.len() + length))
    }) {
        return (most > 0.0).then(|| share(points, most)).flatten().map(|score| (score, more));
    }
    if let Some(rest) = of.strip_prefix('%') {
        return share(points, 100.0).map(|score| (score, text.len() - rest.len()));
    }
    // A range, an exponent or a unit is no number of points.
    let next = rest.chars().next();
    let is_range = matches!(of.chars().next(), Some('-' | '–' | '—'))
        && of.chars().skip(1).find(|c| !c.is_whitespace()).is_some_and(|c| c.is_ascii_digit());
    let goes_on = is_range || next.is_some_and(char::is_alphanumeric);
    (!goes_on).then(|| share(points, scale)).flatten().map(|score| (score, length))
}

/// The number that a text begins with, a comma or a point before its decimals; and its length.
fn number(text: &str) -> Option<(f64, usize)> {
    let digits =
        |from: usize| text.as_bytes()[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mark = matches!(text.as_bytes().get(whole), Some(b'.' | b','));
    let decimals = if mark { digits(whole + 1) } else { 0 };
    let length = if decimals > 0 { whole + 1 + decimals } else { whole };
    let value: f64 = text[..length].replace(',', ".").parse().ok()?;
    (whole > 0).then_some((value, length))
}

/// Points as a share of the most there are; none outside of the scale.
fn share(points: f64, most: f64) -> Option<f64> {
    (0.0..=most).contains(&points).then(|| points / most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_judges_write_them() {
        for (reply, expected) in [
            ("Score: 7", Some(0.7)),
            ("It is close.\nSCORE: 10.", Some(1.0)),
            ("**Score:** 3/10", Some(0.3)),
            ("**Score**: 3", Some(0.3)),
            ("Score : 6", Some(0.6)),
            ("Score = 6", Some(0.6)),
            ("Score: 4/5", Some(0.8)),
            ("Score: 4 out of 5", Some(0.8)),
            ("Score: [8]", Some(0.8)),
            ("Score: 7,5", Some(0.75)),
            ("Score: 80%", Some(0.8)),
            ("score: 2\n…\nScore: 2.5", Some(0.25)),
            ("Score: 7 (of 10)", Some(0.7)),
            ("10/10", Some(1.0)),
            ("8", Some(0.8)),
            ("**8**.", Some(0.8)),
            ("{\"score\": 8, \"reason\": \"close\"}", Some(0.8)),
            ("```json\n{\"reason\": \"x\", \"score\": \"4/5\"}\n```", Some(0.8)),
            ("<think>Score: 1</think>Score: 9", Some(0.9)),
            ("Score: 11", None),
            ("Score: -1", None),
            ("Score: 1e400", None),
            ("Score: 7-8", None),
            ("Score: ten", None),
            ("seven", None),
            ("Score:", None),
            ("", None),
            ("{\"score\": 11}", None),
            ("{\"score\": null}", None),
            ("underscore: 7", None),
            ("banana", None),
            ("8 points for style", None),
            ("Score: 4/0", None),
        ] {
            assert_eq!(verdict(reply, 10.0).score, expected, "{reply}");
        }
    }

    #[test]
    fn the_reason_stands_before_the_last_score_or_behind_the_only_one() {
        let said = |reply: &str| verdict(reply, 10.0).feedback;
        assert_eq!(said("Too long.\nNot kind.\n\n**Score:** 3").unwrap(), "Too long.\nNot kind.");
        assert_eq!(said("Score: 3\nToo long.").unwrap(), "Too long.");
        assert_eq!(said("{\"score\": 3, \"reason\": \" Too long. \"}").unwrap(), "Too long.");
        assert_eq!(said("Score: 3"), None);
        assert_eq!(said("Score: 10/10."), None);
        assert_eq!(said("no points").unwrap(), "no points");
        assert_eq!(said("").unwrap(), "the judge's reply is empty");
        let long = format!("{}\nScore: 3", "é".repeat(2 * REASON));
        assert_eq!(said(&long).unwrap().chars().count(), REASON);
    }
}
