//! What a method wants computed on open weights: it names train rows by number, and the study words them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Exclude, Lesson, Policy, Trigger};

/// A task has few answers, which a trigger is judged among, where the train rows have no more than these, each of them twice on
/// average.
pub const FEW_ANSWERS: usize = 20;

/// One iteration of a trigger search: a [`Swap`](crate::model::Swap) whose rows are named by number.
///
/// ```
/// use motjuste::history::{Proposal, SwapPlan};
/// use motjuste::model::Trigger;
/// let plan = SwapPlan {
///     trigger: Trigger::Tokens(vec![7, 7, 9]),
///     position: 1,
///     candidates: 10,
///     gradient: vec![0, 3],
///     evaluation: vec![1, 2],
///     labels: None,
///     exclude: Default::default(),
/// };
/// assert!(matches!(Proposal::from(plan), Proposal::Swap(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SwapPlan {
    /// The trigger as it is.
    pub trigger: Trigger,
    /// Which of its tokens is to be swapped, from 0.
    pub position: usize,
    /// How many tokens are tried in its place.
    pub candidates: usize,
    /// Train rows of the gradient.
    pub gradient: Vec<usize>,
    /// Train rows on which the losses are measured.
    pub evaluation: Vec<usize>,
    /// The tokens that stand for each label; none where the answer itself is to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, Vec<u32>>>,
    /// Tokens that are not tried.
    #[serde(default)]
    pub exclude: Exclude,
}

/// A search for label tokens: a [`LabelSearch`](crate::model::LabelSearch) whose rows are named by number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelPlan {
    /// The trigger in front of the rows.
    pub trigger: Trigger,
    /// Train rows to learn from.
    pub rows: Vec<usize>,
    /// Tokens a label.
    pub tokens: usize,
    /// Steps of Adam over all rows.
    pub steps: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
}

/// A step of a policy: a [`PolicyRun`](crate::model::PolicyRun) with the newest lesson alone. The earlier ones stand in the
/// proposals before it, so a journal grows in proportion to its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyPlan {
    /// How the policy is made and trained.
    pub policy: Policy,
    /// What is to be learnt first: the prompts of the step before, with their rewards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<Lesson>,
    /// How many prompts are drawn.
    pub draws: usize,
    /// Whether the likeliest token is taken at every place, in place of a draw.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub greedy: bool,
}
