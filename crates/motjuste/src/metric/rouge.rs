//! The longest common subsequence of words.

use serde::{Deserialize, Serialize};

use super::answer::Reply;
use super::overlap::{f1, judged};
use super::{Metric, feedback, identity};
use crate::counted::counted;
use crate::verdict::Verdict;

/// ROUGE-L (Lin 2004, section 3.1, with beta = 1): the F1 of an answer and an accepted output, where the
/// words that both have are those of their longest common subsequence.
///
/// ```
/// use motjuste::metric::{Metric, RougeL, answer::Reply};
/// let accepted = ["police killed the gunman".to_owned()];
/// let score = |text| RougeL::default().judge(&Reply::of(text), &accepted).score;
/// assert_eq!(score("police kill the gunman"), Some(0.75));
/// assert_eq!(score("the gunman kill police"), Some(0.5));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RougeL {}

/// The length of the longest common subsequence, row by row.
fn common(left: &[String], right: &[String]) -> usize {
    let mut lengths = vec![0_usize; right.len() + 1];
    for word in left {
        let mut diagonal = 0;
        for (index, other) in right.iter().enumerate() {
            let above = lengths[index + 1];
            lengths[index + 1] = match word == other {
                true => diagonal + 1,
                false => above.max(lengths[index]),
            };
            diagonal = above;
        }
    }
    lengths.last().copied().unwrap_or_default()
}

impl Metric for RougeL {
    fn id(&self) -> String {
        identity::id("rouge_l", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        judged(reply, accepted, |read, truth, output| {
            let both = common(read, truth);
            Verdict::from(f1(both, read.len(), truth.len())).or_feedback(|| {
                format!(
                    "{} in common and in order, of {} read and {} accepted: {}",
                    counted(both, "word"),
                    read.len(),
                    truth.len(),
                    feedback::quoted(output)
                )
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::overlap::words;
    use super::*;

    /// The examples of Lin (2004), section 3.1, whose values are given there.
    #[test]
    fn the_published_examples_hold() {
        let common = |left: &str, right: &str| common(&words(left), &words(right));
        assert_eq!(common("police killed the gunman", "police kill the gunman"), 3);
        assert_eq!(common("police killed the gunman", "the gunman kill police"), 2);
        assert_eq!(common("", "x"), 0);
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_no_longer_than_either(
            left in proptest::collection::vec("[ab]", 0..8),
            right in proptest::collection::vec("[ab]", 0..8),
        ) {
            let length = common(&left, &right);
            prop_assert_eq!(length, common(&right, &left));
            prop_assert!(length <= left.len().min(right.len()));
            prop_assert_eq!(common(&left, &left), left.len());
        }
    }
}
