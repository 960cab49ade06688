//! Why answers have no score.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history::Evaluation;

/// So many reasons are told: a program may have another one for every row.
const TOLD: usize = 5;

/// A reason, and how many answers have no score for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Missing {
    /// What went wrong, in words: what a target or a metric that is a program said as it failed, or what a
    /// judge wrote.
    pub reason: String,
    /// The number of answers.
    pub answers: usize,
}

impl Missing {
    /// The reasons of these evaluations, the most frequent first, and no more than a person reads.
    ///
    /// ```
    /// use motjuste::history::{Evaluation, ExampleScore};
    /// use motjuste::report::Missing;
    /// use motjuste::usage::Usage;
    /// let feedback = Some("no answer: the program crashed".to_owned());
    /// let lost = |row| ExampleScore { feedback: feedback.clone(), ..ExampleScore::new(row, None, "") };
    /// let evaluation = Evaluation::new(vec![lost(0), lost(1)], Usage::default());
    /// assert_eq!(Missing::among([&evaluation])[0].answers, 2);
    /// ```
    pub fn among<'a>(evaluations: impl IntoIterator<Item = &'a Evaluation>) -> Vec<Self> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in evaluations.into_iter().flat_map(reasons) {
            *counts.entry(reason).or_default() += 1;
        }
        let told = |(reason, answers): (&str, usize)| Self { reason: reason.to_owned(), answers };
        let mut all: Vec<Self> = counts.into_iter().map(told).collect();
        all.sort_by_key(|missing| Reverse(missing.answers));
        all.truncate(TOLD);
        all
    }
}

fn reasons(evaluation: &Evaluation) -> impl Iterator<Item = &str> {
    let unscored = evaluation.per_example.iter().filter(|one| one.score.is_none());
    unscored.filter_map(|one| one.feedback.as_deref())
}
