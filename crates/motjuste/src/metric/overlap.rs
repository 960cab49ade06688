//! The words that an answer and an accepted one share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::answer::Reply;
use super::text::folded;
use super::{Metric, feedback, identity};
use crate::verdict::Verdict;

/// The F1 of the bags of words of an answer and an accepted output: 2 p r / (p + r), where p and r are the
/// shares of the answer's and of the accepted words that both have. Words are Unicode's (UAX #29), in any
/// case; in scripts without spaces each character is one.
///
/// ```
/// use motjuste::metric::{F1, Metric, answer::Reply};
/// let verdict = F1::default().judge(&Reply::of("The red car"), &["a red car".to_owned()]);
/// assert!((verdict.score.unwrap() - 2.0 / 3.0).abs() < 1e-15);
/// assert_eq!(verdict.feedback.as_deref(), Some("F1 0.67; missing: \"a\"; surplus: \"the\""));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct F1 {}

/// The words of a text, folded.
pub(super) fn words(text: &str) -> Vec<String> {
    folded(text).unicode_words().map(str::to_owned).collect()
}

/// 2 p r / (p + r) of `both` words out of `read` and `accepted` ones.
pub(super) fn f1(both: usize, read: usize, accepted: usize) -> f64 {
    match both {
        0 => 0.0,
        both => 2.0 * both as f64 / (read + accepted) as f64,
    }
}

/// The best verdict on the words of a reply beside those of an accepted output; a reply without a word is wrong.
pub(super) fn judged(
    reply: &Reply<'_>,
    accepted: &[String],
    one: impl Fn(&[String], &[String], &str) -> Verdict,
) -> Verdict {
    let read = words(reply.text);
    if read.is_empty() {
        return feedback::judged(false, reply.text.trim(), accepted);
    }
    let verdict = feedback::best(accepted, |output| one(&read, &words(output), output));
    verdict.reading(Some(reply.text.trim().to_owned()))
}

fn bag(words: &[String]) -> BTreeMap<&str, usize> {
    let mut bag = BTreeMap::new();
    for word in words {
        *bag.entry(word.as_str()).or_insert(0) += 1;
    }
    bag
}

/// The words of one bag that the other lacks.
fn lacking<'a>(bag: &BTreeMap<&'a str, usize>, other: &BTreeMap<&str, usize>) -> Vec<&'a str> {
    let lacks = |(word, count): &(&&str, &usize)| other.get(**word).is_none_or(|had| had < count);
    bag.iter().filter(lacks).map(|(word, _)| *word).collect()
}

impl Metric for F1 {
    fn id(&self) -> String {
        identity::id("f1", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        judged(reply, accepted, |read, truth, _| {
            let (left, right) = (bag(read), bag(truth));
            let both =
                left.iter().map(|(word, count)| *count.min(right.get(word).unwrap_or(&0))).sum();
            let score = f1(both, read.len(), truth.len());
            Verdict::from(score).or_feedback(|| {
                let missing = feedback::list(lacking(&right, &left));
                let surplus = feedback::list(lacking(&left, &right));
                format!("F1 {score:.2}; missing: {missing}; surplus: {surplus}")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_every_script() {
        for (answer, accepted, score) in [
            ("Going up!", "going up", 1.0),
            ("going up", "involve going up", 0.8),
            ("up up up", "up", 0.5),
            ("nothing", "else", 0.0),
            ("退款", "退款吧", 0.8),
            ("Straße", "STRASSE", 1.0),
            ("...", "x", 0.0),
        ] {
            let verdict = F1::default().judge(&Reply::of(answer), &[accepted.to_owned()]);
            assert!((verdict.score.unwrap() - score).abs() < 1e-15, "{answer} {accepted}");
            assert_eq!(verdict.feedback.is_none(), score == 1.0);
        }
    }
}
