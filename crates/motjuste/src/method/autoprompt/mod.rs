//! AutoPrompt (Shin et al., arXiv 2010.15980): a few tokens in front of the input, the trigger, found by gradients on the weights of
//! an open model.
//!
//! One iteration (section 2.2): the gradient of the loss at the embedding of one token of the trigger, over train rows; the k
//! tokens w with the greatest −eʷ · ∇L (HotFlip, arXiv 1712.06751, equation 10); the loss with each of them in that place, on
//! other train rows. The best takes the place if it is better than what stands there. Every trigger that was taken is an
//! instruction, and scored on the target as any other.
//!
//! | symbol | meaning |
//! |---|---|
//! | N | tokens of the trigger |
//! | k | tokens that are tried in a place |
//! | eʷ | the input embedding of token w |
//! | L | the loss: of the answer, or of the tokens that stand for a label |
//!
//! | step | where |
//! |---|---|
//! | which trigger, which rows | `search` |
//! | which swap is better | `better` |

mod better;
mod search;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::{Bounds, ComputationBound, GeneratorRole, Method, MethodId, Needs, Registered, arms};
use crate::history::{FEW_ANSWERS, Found, History, Proposal, Reading, Reply, SwapPlan};
use crate::model::{Exclude, SwapReply, Swapped};
use crate::random::Stream;
use crate::{Error, Result};

/// AutoPrompt.
///
/// ```
/// use motjuste::history::{History, Proposal};
/// use motjuste::method::{AutoPrompt, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// let asked = AutoPrompt::default().propose(&history, &mut stream).unwrap();
/// assert!(matches!(&asked[..], [Proposal::Swap(plan)] if plan.candidates == 10));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoPrompt {
    /// Tokens of the trigger, N.
    pub tokens: NonZeroUsize,
    /// What the trigger begins as.
    pub start: Start,
    /// The text that it begins as, unless that is a prompt in use; repeated where it has fewer tokens.
    pub text: String,
    /// Tokens that are tried in a place, k.
    pub candidates: NonZeroUsize,
    /// Train rows of a gradient; in the published code the batch size times the accumulation steps.
    pub gradient_rows: NonZeroUsize,
    /// Train rows on which the swaps are compared.
    pub evaluation_rows: NonZeroUsize,
    /// Iterations at the most.
    pub iterations: usize,
    /// Iterations in a row that bring nothing after which the search ends; 0: it does not.
    pub patience: usize,
    /// By what a swap is better.
    pub better_by: BetterBy,
    /// Which triggers are scored on the target.
    pub scored: Scored,
    /// Tokens that are not tried.
    pub exclude: Exclude,
    /// What is to follow the prompt.
    pub labels: Labels,
    /// With `searched`: tokens that stand for a label.
    pub label_tokens: NonZeroUsize,
    /// With `searched`: steps of Adam of the search for them.
    pub label_steps: usize,
    /// With `searched`: Adam's learning rate in that search.
    pub label_learning_rate: f64,
}

/// What a trigger begins as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The text of the settings.
    #[default]
    Text,
    /// The beginning of the first prompt in use; the text where there is none.
    InUse,
}

/// By what a swap is better than the trigger as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetterBy {
    /// Accuracy, where a task has few answers, else the loss.
    Accuracy,
    /// The loss.
    #[default]
    Loss,
}

/// Which triggers are scored on the target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scored {
    /// The first one, and each that took the place of another.
    #[default]
    Accepted,
    /// Also those that would have been better, had there been no best.
    Better,
}

/// What is to follow the prompt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// The row's answer as it is.
    #[default]
    Answers,
    /// One of the tokens that stand for the row's answer, which are searched for first (section 2.3).
    Searched,
}

impl Default for AutoPrompt {
    fn default() -> Self {
        Self {
            tokens: count(5),
            start: Start::Text,
            text: "the".to_owned(),
            candidates: count(10),
            gradient_rows: count(32),
            evaluation_rows: count(32),
            iterations: 100,
            patience: 30,
            better_by: BetterBy::Loss,
            scored: Scored::Accepted,
            exclude: Exclude::default(),
            labels: Labels::Answers,
            label_tokens: count(3),
            label_steps: 1000,
            label_learning_rate: 3e-4,
        }
    }
}

impl Registered for AutoPrompt {
    const NAME: &'static str = "autoprompt";
    const SUMMARY: &'static str = "AutoPrompt (arXiv 2010.15980): gradients on the weights of an open model swap the tokens of a \
                                   trigger, one at a time.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("autoprompt-compat", Self::compat())]
    }
}

impl Method for AutoPrompt {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { generator: GeneratorRole::Weights, dev_examples: arms::ROWS, ..Needs::default() }
    }

    fn check(&self) -> Result<()> {
        if self.start == Start::Text && self.text.is_empty() {
            return Err(Error::configuration("a trigger begins as nothing")
                .with_help("set text to a word, such as \"the\""));
        }
        let rate = self.label_learning_rate;
        if !(rate > 0.0 && rate.is_finite()) {
            let message = format!("with label_learning_rate {rate} no label is learnt");
            return Err(Error::configuration(message)
                .with_help("set label_learning_rate above 0; the published code has 3e-4"));
        }
        Ok(())
    }

    fn bounds(&self, _: u64) -> Bounds {
        let searched = u64::from(self.labels == Labels::Searched);
        let rows = self.rows_read();
        Bounds {
            replies: self.iterations as u64 + searched,
            computation: Some(ComputationBound { rows, tokens: rows * self.tokens.get() as u64 }),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        Ok(self.next(history, stream).into_iter().collect())
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let read = |(proposal, reply): (&Proposal, &Reply)| match proposal {
            Proposal::Swap(plan) => self.triggers(history, plan, reply),
            Proposal::Labels(_) => unread(search::found_labels(reply)),
            _ => Vec::new(),
        };
        proposals.iter().zip(replies).map(read).collect()
    }
}

impl AutoPrompt {
    /// `autoprompt-compat`: the numbers of the published code, which ends after its iterations alone, and takes the more accurate
    /// trigger.
    ///
    /// ```
    /// use motjuste::method::AutoPrompt;
    /// assert_eq!(AutoPrompt::compat().patience, 0);
    /// ```
    pub fn compat() -> Self {
        let rows = count(320);
        Self {
            gradient_rows: rows,
            evaluation_rows: rows,
            patience: 0,
            better_by: BetterBy::Accuracy,
            ..Self::default()
        }
    }

    /// The most rows that one iteration reads, one as often as it is read.
    fn rows_read(&self) -> u64 {
        let answers = match self.labels {
            Labels::Answers => FEW_ANSWERS,
            Labels::Searched => 1,
        };
        let compared = (self.candidates.get() + 1) * answers * self.evaluation_rows.get();
        (self.gradient_rows.get() + compared) as u64
    }

    /// The triggers in a reply that are scored on the target.
    fn triggers(&self, history: &History, plan: &SwapPlan, reply: &Reply) -> Reading {
        let it = match search::swaps(plan, reply) {
            Ok(it) => it,
            Err(reason) => return vec![Found::dropped("", reason)],
        };
        let is_first = search::last(history).is_none();
        let first = is_first.then(|| found(history, &it.text, None));
        let better: Vec<&Swapped> = match self.scored {
            Scored::Accepted => self.accepted(&it).into_iter().collect(),
            Scored::Better => self.better(&it),
        };
        let better = better.into_iter().map(|swap| found(history, &swap.text, Some(&it.text)));
        let mut reading: Reading = first.into_iter().chain(better).collect();
        if self.accepted(&it).is_none() {
            reading.extend(self.refusal(&it));
        }
        reading
    }

    /// Why no swap is taken.
    fn refusal(&self, it: &SwapReply) -> Option<Found> {
        let best = self.best(it)?;
        let of = |loss: f64, accuracy: Option<f64>| match accuracy {
            Some(accuracy) => format!("accuracy {accuracy:.3}, loss {loss:.4}"),
            None => format!("loss {loss:.4}"),
        };
        let (best_of, present) = (of(best.loss, best.accuracy), of(it.loss, it.accuracy));
        let reason = format!("no swap is better: {best_of}, where there is {present}");
        Some(Found::dropped(&*best.text, reason))
    }
}

/// A trigger as a candidate, unless it is empty or known.
fn found(history: &History, text: &str, parent: Option<&str>) -> Found {
    let id_of = |text: &str| history.candidates().iter().find(|it| it.instruction == text);
    match text {
        "" => Found::dropped(text, "empty"),
        text if id_of(text).is_some() => Found::dropped(text, "known already"),
        text => Found {
            parents: parent.and_then(id_of).map(|it| it.id).into_iter().collect(),
            ..Found::new(text)
        },
    }
}

/// A reply without an instruction: nothing where it can be read, else why not.
fn unread<T>(reply: Result<T, String>) -> Reading {
    reply.err().map(|reason| Found::dropped("", reason)).into_iter().collect()
}
