//! One label of a set.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answer::Reply;
use super::text::{folded, normalized};
use super::{Metric, feedback, identity, words};
use crate::verdict::Verdict;
use crate::{Error, Result};

/// 1 when exactly one label of the set stands in the answer, as whole words in any case, and it is an
/// accepted one. A label within a longer one that stands there does not count; an answer that names two is
/// wrong.
///
/// ```
/// use motjuste::metric::{Label, Metric, answer::Reply};
/// let metric = Label::of(["refund", "login"]);
/// let verdict = |text| metric.judge(&Reply::of(text), &["refund".to_owned()]);
/// assert_eq!(verdict("I think: Refund.").score, Some(1.0));
/// assert_eq!(verdict("refund, not login").score, Some(0.0));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Label {
    /// The labels; without them, every expected output of the data is one.
    pub labels: Vec<String>,
}

impl Label {
    /// These labels.
    pub fn of<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        Self { labels: labels.into_iter().map(Into::into).collect() }
    }
}

impl Metric for Label {
    fn id(&self) -> String {
        identity::id("label", self)
    }

    fn check_settings(&self) -> Result<()> {
        refuse_twins(&self.labels)
    }

    fn learn(&mut self, outputs: &BTreeSet<&str>) {
        if self.labels.is_empty() {
            self.labels = without_twins(outputs);
        }
    }

    fn check_output(&self, output: &str) -> Result<()> {
        feedback::refuse_empty(output)?;
        refuse_stranger(&self.labels, output)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        if self.labels.is_empty() {
            return Verdict::missing("the metric was given no labels");
        }
        match found(reply.text, &self.labels)[..] {
            [] if reply.text.trim().is_empty() => feedback::judged(false, "", accepted),
            [] => Verdict::from(0.0).with_feedback(format!(
                "no label found in {}; the labels are {}",
                feedback::quoted(reply.text.trim()),
                feedback::list(self.labels.iter().map(String::as_str))
            )),
            [label] => {
                let is_right = accepted.iter().any(|output| folded(output) == folded(label));
                feedback::judged(is_right, label, accepted)
            }
            ref several => Verdict::from(0.0).with_feedback(format!(
                "{} labels found, {}; accepted: {}",
                several.len(),
                feedback::list(several.iter().copied()),
                feedback::either(accepted)
            )),
        }
    }
}

/// The labels that stand in a text, in the order of the set; longer ones first, so that "not spam" is no
/// "spam".
pub(super) fn found<'a>(text: &str, labels: &'a [String]) -> Vec<&'a str> {
    let whole = normalized(text);
    if let Some(label) = labels.iter().find(|label| normalized(label) == whole) {
        return vec![label];
    }
    standing(text, labels)
}

/// As [`found`], owned.
pub(super) fn found_all(text: &str, labels: &[String]) -> Vec<String> {
    found(text, labels).into_iter().map(str::to_owned).collect()
}

fn standing<'a>(text: &str, labels: &'a [String]) -> Vec<&'a str> {
    let text = folded(text);
    let by_length: BTreeMap<_, _> = labels
        .iter()
        .enumerate()
        .map(|(i, label)| ((usize::MAX - label.len(), i), label))
        .collect();
    let (mut taken, mut found) = (Vec::new(), BTreeMap::new());
    for ((_, index), label) in by_length {
        let mut places = words::places(&text, &folded(label));
        places.retain(|place| {
            taken.iter().all(|other: &std::ops::Range<usize>| {
                place.end <= other.start || other.end <= place.start
            })
        });
        if !places.is_empty() {
            found.insert(index, label.as_str());
        }
        taken.append(&mut places);
    }
    found.into_values().collect()
}

/// Refuses an expected output that is none of the labels.
pub(super) fn refuse_stranger(labels: &[String], output: &str) -> Result<()> {
    let output_form = folded(output);
    if labels.is_empty() || labels.iter().any(|label| folded(label) == output_form) {
        return Ok(());
    }
    Err(Error::data(format!("the expected output {output:?} is none of the labels"))
        .with_help("add it to the metric's labels, or mend the row"))
}

/// One spelling of each label, of those that differ in case or spaces alone the last: `refund`, and not `REFUND`.
fn without_twins(outputs: &BTreeSet<&str>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let spellings = outputs.iter().rev().map(|output| output.trim());
    let mut labels: Vec<String> =
        spellings.filter(|label| known.insert(folded(label))).map(str::to_owned).collect();
    labels.sort();
    labels
}

/// Refuses labels that an answer cannot tell apart.
pub(super) fn refuse_twins(labels: &[String]) -> Result<()> {
    let mut seen = BTreeMap::new();
    for label in labels {
        if label.trim().is_empty() {
            return Err(
                Error::configuration("a label is empty").with_help("give every label a name")
            );
        }
        if let Some(twin) = seen.insert(folded(label), label) {
            let message =
                format!("the labels {twin:?} and {label:?} differ in case or spaces alone");
            return Err(Error::configuration(message)
                .with_help("leave one of them out, or use the metric exact"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        let metric = Label::of(["spam", "not spam", "退款", "other"]);
        metric.judge(&Reply::of(text), &["not spam".to_owned()])
    }

    #[test]
    fn exactly_one_label_is_read() {
        for right in ["not spam", "Not spam.", "This is not spam, I think", "NOT SPAM: not spam"] {
            assert_eq!(verdict(right).score, Some(1.0), "{right}");
        }
        for marked in [
            "_not spam_",
            "*not spam*",
            "**Not spam**",
            "\"not spam\"",
            "`not spam`.",
            "__not spam__",
        ] {
            assert_eq!(verdict(marked).score, Some(1.0), "{marked}");
            assert_eq!(verdict(&format!("It is {marked}, I think")).score, Some(1.0), "{marked}");
        }
        let said = |text| verdict(text).feedback.unwrap();
        assert_eq!(said("It is spam!"), "read \"spam\"; accepted: \"not spam\"");
        assert_eq!(said("我想是退款。"), "read \"退款\"; accepted: \"not spam\"");
        let two = said("not spam, or other");
        assert_eq!(two, "2 labels found, \"not spam\", \"other\"; accepted: \"not spam\"");
        assert!(
            said("spammy").starts_with("no label found in \"spammy\"; the labels are \"spam\"")
        );
        assert!(said("").contains("empty"));
    }

    #[test]
    fn labels_come_from_the_data_where_none_are_given() {
        let mut metric = Label::default();
        assert_eq!(metric.judge(&Reply::of("a"), &["a".to_owned()]).score, None);
        metric.learn(&BTreeSet::from(["b", "a"]));
        assert_eq!(metric.labels, ["a", "b"]);
        assert_eq!(metric.id(), r#"label {"labels":["a","b"]}"#);
        metric.check_output(" A ").unwrap();
        assert!(metric.check_output("c").unwrap_err().to_string().contains("\"c\""));
        assert!(Label::of(["US", "us"]).check_settings().is_err());
        let mut sloppy = Label::default();
        sloppy.learn(&BTreeSet::from(["REFUND", "Refund", "refund ", "login"]));
        assert_eq!(sloppy.labels, ["login", "refund"]);
        sloppy.check_settings().unwrap();
        assert_eq!(sloppy.judge(&Reply::of("Refund."), &["REFUND".to_owned()]).score, Some(1.0));
    }
}
