//! A search as it went on, in numbers.

use serde::{Deserialize, Serialize};

use crate::journal::Outcome;

/// A search after some of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moment {
    /// Calls to the target so far.
    pub calls: u64,
    /// The dev score of what it held for the best, on the rows that were paid for.
    pub dev: f64,
    /// How many rows these are: a race pays for few at first, whose score is partly luck.
    pub rows: usize,
    /// The test score of that, where the [course was scored](crate::study::StudyBuilder::test_course).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<f64>,
}

/// The moments of a search, at about equal distances in calls.
pub(super) fn course(outcome: &Outcome) -> Vec<Moment> {
    let scored = outcome.assessment.as_ref().filter(|all| all.course.is_some());
    let moment = |held: crate::journal::Held| Moment {
        calls: held.calls,
        dev: held.dev,
        rows: held.rows,
        test: scored.and_then(|all| Some(all.test_of(&held.instruction)?.score)),
    };
    outcome.course().into_iter().map(moment).collect()
}
