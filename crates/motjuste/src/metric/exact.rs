//! An answer that is an accepted one: byte for byte, in any case, or normalised.

use serde::{Deserialize, Serialize};

use super::answer::Reply;
use super::text::{fold_case, normalized};
use super::{Metric, feedback, identity, words};
use crate::verdict::Verdict;

/// 1 when the answer is an accepted output, byte for byte, but for the white space around both.
///
/// ```
/// use motjuste::metric::{Exact, Metric, answer::Reply};
/// let score = |answer| Exact::default().judge(&Reply::of(answer), &["C#".to_owned()]).score;
/// assert_eq!((score(" C#\n"), score("c#"), score("C++")), (Some(1.0), Some(0.0), Some(0.0)));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exact {}

/// 1 when the answer is an accepted output under Unicode's full case folding, but for the white space
/// around both: ß is ss, İ is i.
///
/// ```
/// use motjuste::metric::{ExactIgnoreCase, Metric, answer::Reply};
/// let accepted = ["Straße".to_owned()];
/// let verdict = ExactIgnoreCase::default().judge(&Reply::of("STRASSE"), &accepted);
/// assert_eq!(verdict.score, Some(1.0));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExactIgnoreCase {}

/// 1 when the answer is an accepted output once both are [`normalized`].
///
/// ```
/// use motjuste::metric::{Metric, Normalized, answer::Reply};
/// let score = |answer| Normalized::default().judge(&Reply::of(answer), &["refund".to_owned()]).score;
/// assert_eq!((score("“Refund.”"), score("a refund")), (Some(1.0), Some(0.0)));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Normalized {}

impl Metric for Exact {
    fn id(&self) -> String {
        identity::id("exact", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        judge(reply, accepted, str::to_owned)
    }
}

impl Metric for ExactIgnoreCase {
    fn id(&self) -> String {
        identity::id("exact_ignore_case", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        judge(reply, accepted, fold_case)
    }
}

impl Metric for Normalized {
    fn id(&self) -> String {
        identity::id("normalized", self)
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        judge(reply, accepted, normalized)
    }
}

/// Whether the answer and an accepted output have the same form; an empty answer is none.
fn judge(reply: &Reply<'_>, accepted: &[String], form: fn(&str) -> String) -> Verdict {
    let text = reply.text.trim();
    let read = form(text);
    let is_right = !read.is_empty() && accepted.iter().any(|output| form(output.trim()) == read);
    let verdict = feedback::judged(is_right, text, accepted);
    match accepted.iter().find(|output| stands(text, output.trim())) {
        Some(output) if !is_right => {
            let output = feedback::quoted(output.trim());
            let said = format!(
                "read {}; accepted: {output}, which stands in it with more around it",
                feedback::quoted(text)
            );
            verdict.with_feedback(said)
        }
        _ => verdict,
    }
}

/// Whether an accepted output stands in the answer, and is not all of it.
fn stands(text: &str, output: &str) -> bool {
    text.len() > output.len() && !words::places(text, output).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(metric: &dyn Metric, answer: &str, accepted: &str) -> f64 {
        metric.judge(&Reply::of(answer), &[accepted.to_owned()]).score.unwrap()
    }

    #[test]
    fn each_is_blind_to_what_its_name_says_and_to_nothing_else() {
        for (answer, accepted, exact, any_case, normalized) in [
            ("refund", "refund", 1.0, 1.0, 1.0),
            (" refund\n", "refund ", 1.0, 1.0, 1.0),
            ("Refund", "refund", 0.0, 1.0, 1.0),
            ("İZMİR", "izmir", 0.0, 1.0, 1.0),
            ("refund.", "refund", 0.0, 0.0, 1.0),
            ("ＲＥＦＵＮＤ", "refund", 0.0, 0.0, 1.0),
            ("llama-2.1", "llama-2.3", 0.0, 0.0, 0.0),
            ("notes.txt", "notes.md", 0.0, 0.0, 0.0),
            ("10.1.2.3", "10.9.9.9", 0.0, 0.0, 0.0),
            ("a\nb", "a", 0.0, 0.0, 0.0),
            ("", "refund", 0.0, 0.0, 0.0),
        ] {
            let scores = [
                score(&Exact::default(), answer, accepted),
                score(&ExactIgnoreCase::default(), answer, accepted),
                score(&Normalized::default(), answer, accepted),
            ];
            assert_eq!(scores, [exact, any_case, normalized], "{answer:?} {accepted:?}");
        }
    }

    #[test]
    fn an_answer_that_says_more_than_the_accepted_text_is_told_so() {
        let said = |answer| {
            let accepted = ["Rome".to_owned(), "Roma".to_owned()];
            Exact::default().judge(&Reply::of(answer), &accepted).feedback
        };
        let more =
            "read \"It is Rome.\"; accepted: \"Rome\", which stands in it with more around it";
        assert_eq!(said("It is Rome.").as_deref(), Some(more));
        assert_eq!(said("rome").as_deref(), Some("read \"rome\"; accepted: \"Rome\" or \"Roma\""));
        assert_eq!(
            said("Romeo").as_deref(),
            Some("read \"Romeo\"; accepted: \"Rome\" or \"Roma\"")
        );
        assert_eq!(said(" Rome "), None);
    }

    #[test]
    fn an_empty_answer_is_told_so() {
        let verdict = Exact::default().judge(&Reply::of(" "), &["a".into(), "b".into()]);
        let said = "the answer is empty; accepted: \"a\" or \"b\"";
        assert_eq!(verdict.feedback.as_deref(), Some(said));
        assert!(Exact::default().check_output(" ").unwrap_err().is_data());
    }
}
