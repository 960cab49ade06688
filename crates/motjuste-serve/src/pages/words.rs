//! Words and marks that several pages share.

use std::time::{Duration, SystemTime};

use motjuste::budget::{Account, Spending};
use motjuste_page::{Html, format};

use crate::shelf::{Entry, Stage};

/// The longest text that a page holds, in characters; of longer ones the beginning.
const LONGEST: usize = 8_000;

/// Foreign text, folded if long, and cut if very long.
pub(super) fn text(text: &str) -> Html {
    match text.char_indices().nth(LONGEST) {
        None => format::text(text),
        Some((end, _)) => Html::new(format!(
            "{} <span class=\"tag\">the first {} of {} characters</span>",
            format::text(&text[..end]),
            format::count(LONGEST as u64),
            format::count(text.chars().count() as u64)
        )),
    }
}

/// A score; a dash where there is none.
pub(super) fn score(score: Option<f64>) -> String {
    score.map_or("–".to_owned(), format::score)
}

/// A bar as long as a score.
pub(super) fn bar(score: Option<f64>) -> Html {
    let share = score.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
    Html::new(format!(
        "<svg class=\"bar\" aria-hidden=\"true\"><rect width=\"{share:.1}%\" height=\"100%\"/></svg>"
    ))
}

/// A moment, which the page keeps counting from.
pub(super) fn moment(at: Option<SystemTime>, now: SystemTime) -> Html {
    let Some(at) = at else { return Html::new("") };
    let age = now.duration_since(at).unwrap_or_default();
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Html::new(format!("<time data-at=\"{}\">{}</time>", since.as_secs(), ago(age)))
}

fn ago(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", format::count(seconds / 86_400)),
    }
}

/// How far a study is, in a word.
pub(super) fn state(entry: &Entry, now: SystemTime) -> &'static str {
    let stage = entry.summary.as_ref().map(|summary| summary.stage);
    match stage {
        Err(_) => "unreadable",
        Ok(Stage::Done) => "done",
        Ok(Stage::Searching) if entry.is_running(now) => "running",
        Ok(Stage::Proving) if entry.is_running(now) => "being tested",
        Ok(Stage::Searching) => "not ended",
        Ok(Stage::Proving) => "not tested",
    }
}

/// All that an account was charged for.
pub(super) fn total(account: &Account) -> Spending {
    account.target + account.generator + account.judge + account.assessment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_one_unit() {
        let told = [0, 59, 60, 7199, 200_000].map(|seconds| ago(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s ago", "59 s ago", "1 min ago", "1 h ago", "2 days ago"]);
    }

    #[test]
    fn a_text_without_end_is_cut_and_says_so() {
        let html = text(&"é".repeat(50_000)).to_string();
        assert!(html.len() < 40_000 && html.contains("the first 8,000 of 50,000 characters"));
    }
}
