//! An accepted text anywhere in the answer.

use serde::{Deserialize, Serialize};

use super::answer::Reply;
use super::text::{folded, normalized};
use super::{Metric, feedback, identity, words};
use crate::verdict::Verdict;

/// 1 when an accepted output stands anywhere in the answer as whole words, in any case; in a script
/// without spaces, anywhere at all.
///
/// ```
/// use motjuste::metric::{Contains, Metric, answer::Reply};
/// let score = |answer| Contains::default().judge(&Reply::of(answer), &["1.20".to_owned()]).score;
/// assert_eq!((score("It costs 1.20."), score("It costs 11.205.")), (Some(1.0), Some(0.0)));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Contains {}

impl Metric for Contains {
    fn id(&self) -> String {
        identity::id("contains", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        let text = folded(reply.text);
        let stands = |output: &String| !words::places(&text, &normalized(output)).is_empty();
        feedback::judged(accepted.iter().any(stands), reply.text.trim(), accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_sentence_and_the_second_line_count() {
        for (answer, accepted, score) in [
            ("I would say that the label is Shipping.", "shipping", 1.0),
            ("Because it was late.\nLabel: shipping", "shipping", 1.0),
            ("It is 2.49", "2.50", 0.0),
            ("a b c d e f g h", "h", 1.0),
            ("答えは返金です。", "返金", 1.0),
            ("Es ist „Größe“!", "GRÖSSE", 1.0),
            ("reshipping", "shipping", 0.0),
            ("", "shipping", 0.0),
        ] {
            let verdict = Contains::default().judge(&Reply::of(answer), &[accepted.to_owned()]);
            assert_eq!(verdict.score, Some(score), "{answer} {accepted}");
            assert_eq!(verdict.feedback.is_none(), score == 1.0);
        }
    }
}
