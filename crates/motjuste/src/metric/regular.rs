//! A regular expression that matches in the answer.

use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::answer::Reply;
use super::{Expects, Metric, feedback, identity};
use crate::verdict::Verdict;
use crate::{Error, Result};

/// 1 when a regular expression matches somewhere in the answer: the pattern, or, without one, an accepted
/// output. `^` and `$` are the ends of the answer, `.` matches no line break; Unicode throughout.
///
/// ```
/// use motjuste::metric::{Metric, Regex, answer::Reply};
/// let date = Regex { pattern: Some(r"^\d{4}-\d{2}-\d{2}$".into()), ..Regex::default() };
/// assert_eq!(date.judge(&Reply::of("2031-02-03"), &[]).score, Some(1.0));
/// assert_eq!(date.judge(&Reply::of("on 2031-02-03"), &[]).score, Some(0.0));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Regex {
    /// The expression for all rows; without it, each row's expected output is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Whether letters match in any case.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
}

impl Regex {
    fn compile(&self, pattern: &str) -> Result<regex::Regex, String> {
        let mut builder = RegexBuilder::new(pattern);
        let built = builder.case_insensitive(self.ignore_case).build();
        built.map_err(|error| format!("{pattern:?} is no regular expression: {error}"))
    }

    fn judge_one(&self, text: &str, pattern: &str) -> Verdict {
        match self.compile(pattern) {
            Err(why) => Verdict::missing(why),
            Ok(expression) => match expression.find(text) {
                Some(found) => Verdict::from(true).reading(Some(found.as_str().to_owned())),
                None => Verdict::from(false).or_feedback(|| {
                    let (read, pattern) = (feedback::quoted(text), feedback::quoted(pattern));
                    format!("no match of {pattern} in {read}")
                }),
            },
        }
    }
}

const HELP: &str =
    "write it as Rust's regex crate reads it, which has no look-around and no references back";

impl Metric for Regex {
    fn id(&self) -> String {
        identity::id("regex", self)
    }

    fn expects(&self) -> Expects {
        if self.pattern.is_some() { Expects::NOTHING } else { Expects::default() }
    }

    fn check_settings(&self) -> Result<()> {
        let Some(pattern) = &self.pattern else { return Ok(()) };
        let compiled = self.compile(pattern).map(drop);
        compiled.map_err(|why| Error::configuration(format!("the pattern {why}")).with_help(HELP))
    }

    fn check_output(&self, output: &str) -> Result<()> {
        feedback::refuse_empty(output)?;
        self.compile(output).map(drop).map_err(|why| Error::data(why).with_help(HELP))
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        let text = reply.text.trim();
        match &self.pattern {
            Some(pattern) => self.judge_one(text, pattern),
            None => feedback::best(accepted, |output| self.judge_one(text, output)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_outputs_are_expressions_and_bad_ones_are_refused() {
        let metric = Regex { ignore_case: true, ..Regex::default() };
        let score = |text: &str| {
            let accepted = ["^order\\s+\\d+$".to_owned(), "none".to_owned()];
            metric.judge(&Reply::of(text), &accepted)
        };
        assert_eq!(score("Order  ١٢").score, Some(1.0));
        assert_eq!(score("there is None").score, Some(1.0));
        assert!(score("order x").feedback.unwrap().contains("no match of"));
        assert!(metric.check_output("(").unwrap_err().is_data());
        let broken = Regex { pattern: Some("(?=x)".into()), ..Regex::default() };
        assert!(broken.check_settings().unwrap_err().is_configuration());
    }
}
