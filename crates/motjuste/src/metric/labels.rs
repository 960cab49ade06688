//! A set of labels or items.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Reply;
use super::text::normalized;
use super::{Expects, Metric, feedback, identity, label};
use crate::Result;
use crate::verdict::Verdict;

/// The score of a set of labels against the accepted set: F1, Jaccard's index, or 1 for the same set.
///
/// An answer is a JSON list, or items on lines of their own or between commas or semicolons of any script;
/// bullets and numbers in front of them go. With labels given, it is every label of those that stands in the
/// answer. Items are compared once [`normalized`](super::normalized); their order does not matter.
///
/// ```
/// use motjuste::metric::{Labels, Metric, answer::Reply};
/// let accepted = ["[\"red\", \"blue\"]".to_owned()];
/// let verdict = Labels::default().judge(&Reply::of("- Blue\n- green"), &accepted);
/// assert_eq!(verdict.score, Some(0.5));
/// assert_eq!(verdict.feedback.as_deref(), Some("F1 0.50; missing: \"red\"; surplus: \"green\""));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Labels {
    /// How two sets are compared.
    pub score: SetScore,
    /// The labels there are; without them, items are read as they are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// How two sets A and B are compared; two empty sets are alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SetScore {
    /// 2 |A ∩ B| / (|A| + |B|).
    #[default]
    F1,
    /// |A ∩ B| / |A ∪ B|.
    Jaccard,
    /// 1 when A = B, else 0.
    Exact,
}

impl SetScore {
    fn of(self, read: usize, accepted: usize, both: usize) -> f64 {
        match self {
            _ if read + accepted == 0 => 1.0,
            Self::F1 => 2.0 * both as f64 / (read + accepted) as f64,
            Self::Jaccard => both as f64 / (read + accepted - both) as f64,
            Self::Exact => f64::from(u8::from(read == both && accepted == both)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::F1 => "F1",
            Self::Jaccard => "Jaccard",
            Self::Exact => "score",
        }
    }
}

/// Items by the form in which they are compared.
type Items = BTreeMap<String, String>;

impl Labels {
    fn read(&self, text: &str) -> Items {
        let items = match self.labels.is_empty() {
            true => listed(text),
            false => match json_list(text) {
                Some(items) => items,
                None => label::found_all(text, &self.labels),
            },
        };
        keyed(items)
    }

    fn judge_one(&self, read: &Items, output: &str) -> Verdict {
        let accepted = keyed(listed(output));
        let both = read.keys().filter(|item| accepted.contains_key(*item)).count();
        let score = self.score.of(read.len(), accepted.len(), both);
        let lacking = |from: &Items, of: &Items| {
            let items = from.iter().filter(|(item, _)| !of.contains_key(*item));
            feedback::list(items.map(|(_, item)| item.as_str()).collect::<Vec<_>>())
        };
        Verdict::from(score).or_feedback(|| {
            let (missing, surplus) = (lacking(&accepted, read), lacking(read, &accepted));
            format!("{} {score:.2}; missing: {missing}; surplus: {surplus}", self.score.name())
        })
    }
}

impl Metric for Labels {
    fn id(&self) -> String {
        identity::id("labels", self)
    }

    fn expects(&self) -> Expects {
        Expects::LISTS
    }

    fn check_settings(&self) -> Result<()> {
        label::refuse_twins(&self.labels)
    }

    fn check_output(&self, output: &str) -> Result<()> {
        feedback::refuse_empty(output)?;
        listed(output).iter().try_for_each(|item| label::refuse_stranger(&self.labels, item))
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        let read = self.read(reply.text);
        let shown = feedback::list(read.values().map(String::as_str).collect::<Vec<_>>());
        if reply.text.trim().is_empty() {
            return feedback::judged(false, "", accepted);
        }
        feedback::best(accepted, |output| self.judge_one(&read, output)).reading(Some(shown))
    }
}

fn keyed(items: Vec<String>) -> Items {
    let items = items.into_iter().map(|item| (normalized(&item), item.trim().to_owned()));
    items.filter(|(key, _)| !key.is_empty()).collect()
}

/// The items of a list: JSON's, or one a line, or between commas and semicolons.
fn listed(text: &str) -> Vec<String> {
    json_list(text).unwrap_or_else(|| {
        let mut lines: Vec<&str> =
            text.trim().lines().filter(|line| !line.trim().is_empty()).collect();
        if lines.len() > 1 && lines[0].trim_end().ends_with([':', '：']) {
            lines.remove(0);
        }
        let items = lines.iter().flat_map(|line| {
            without_bullet(line.trim()).split([',', ';', '、', '，', '；', '،', '؛'])
        });
        items.map(|item| item.trim().to_owned()).collect()
    })
}

/// The texts, numbers and truth values of a JSON list.
fn json_list(text: &str) -> Option<Vec<String>> {
    let Ok(Value::Array(values)) = serde_json::from_str(text.trim()) else { return None };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some(values.into_iter().map(text).collect())
}

/// A line without its bullet or its number.
fn without_bullet(line: &str) -> &str {
    let bullet = line.strip_prefix(['-', '*', '•', '–', '·']).filter(|rest| rest.starts_with(' '));
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = (digits.len() < line.len())
        .then(|| digits.strip_prefix(['.', ')']))
        .flatten()
        .filter(|rest| rest.starts_with(' '));
    bullet.or(number).unwrap_or(line).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(metric: &Labels, text: &str, accepted: &str) -> f64 {
        metric.judge(&Reply::of(text), &[accepted.to_owned()]).score.unwrap()
    }

    #[test]
    fn lists_are_read_in_every_form() {
        let metric = Labels::default();
        for text in [
            "[\"late\", \"broken\"]",
            "broken, late",
            "Broken; Late.",
            "- late\n- broken",
            "Labels:\n1. late\n2) broken\n",
            "late、broken",
            "late, late, broken",
        ] {
            assert_eq!(score(&metric, text, "[\"late\",\"broken\"]"), 1.0, "{text}");
        }
        assert_eq!(score(&metric, "[]", "[]"), 1.0);
        assert_eq!(score(&metric, "", "[]"), 0.0);
        assert_eq!(score(&metric, "[1, true]", "true, 1"), 1.0);
    }

    #[test]
    fn the_three_scores_are_those_of_their_formulas() {
        for (set, expected) in
            [(SetScore::F1, 4.0 / 6.0), (SetScore::Jaccard, 0.5), (SetScore::Exact, 0.0)]
        {
            let metric = Labels { score: set, ..Labels::default() };
            // One rounding apart at most.
            assert!((score(&metric, "a, b, c", "[\"a\",\"b\",\"d\"]") - expected).abs() < 1e-15);
            assert_eq!(score(&metric, "b, a", "[\"a\",\"b\"]"), 1.0);
        }
    }

    #[test]
    fn given_labels_are_found_in_sentences() {
        let metric = Labels { labels: vec!["late".into(), "broken".into()], ..Labels::default() };
        assert_eq!(score(&metric, "It was late and broken.", "[\"late\",\"broken\"]"), 1.0);
        assert!(metric.check_output("[\"lost\"]").is_err());
        let unknown = metric.judge(&Reply::of("[\"lost\", \"late\"]"), &["[\"late\"]".to_owned()]);
        assert!(unknown.feedback.unwrap().contains("surplus: \"lost\""));
    }
}
