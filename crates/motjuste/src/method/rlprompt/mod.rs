//! RLPrompt (Deng et al., arXiv 2205.12548): a policy writes prompts token by token, and learns from what they earn.
//!
//! The policy is an open model, frozen, with a small network between its last hidden state and its output embeddings, trained
//! by soft Q-learning (section 2.3). In one step it learns from the prompts of the step before, then draws new ones, all
//! of which are scored on the same dev rows. What a prompt earns is its mean score there, as far as it stands out among the
//! others of its step (section 2.4). In the end the policy says its likeliest prompt, and the best of all get all rows.
//!
//! | symbol | meaning |
//! |---|---|
//! | L | tokens of a prompt |
//! | B | prompts of a step |
//! | z | how many standard deviations of its step a prompt is above the mean |
//!
//! | step | where |
//! |---|---|
//! | what a prompt earns | `reward` |
//! | where the search is, which rows a step has | `stage` |

pub mod reward;
mod stage;

use std::num::NonZeroUsize;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::computed::parsed;
use super::soft_prompts::count;
use super::{
    Bounds, Choice, ComputationBound, GeneratorRole, Method, MethodId, Needs, Registered, arms,
};
use crate::history::{
    Allocation, Candidate, Found, History, Job, PolicyPlan, Proposal, Reading, Reply, Rows,
};
use crate::model::{Drawn, Policy, PolicyReply};
use crate::random::Stream;
use crate::{Error, Result};
use stage::Stage;

/// RLPrompt.
///
/// ```
/// use motjuste::history::{History, Proposal};
/// use motjuste::method::{Method, RlPrompt};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// let asked = RlPrompt::default().propose(&history, &mut stream).unwrap();
/// assert!(matches!(&asked[..], [Proposal::Policy(plan)] if plan.draws == 8 && plan.lesson.is_none()));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RlPrompt {
    /// Tokens of a prompt, L.
    pub tokens: NonZeroUsize,
    /// Prompts that are drawn in a step, B.
    pub draws: NonZeroUsize,
    /// Dev rows that all prompts of a step are scored on.
    pub rows: NonZeroUsize,
    /// Steps at the most.
    pub steps: usize,
    /// Steps in a row that draw no new prompt after which the search ends; 0: it does not.
    pub patience: usize,
    /// A token is drawn among so many of the likeliest.
    pub top_k: NonZeroUsize,
    /// A token is drawn among so many that the frozen model finds likeliest; 0: among all.
    pub fluent: usize,
    /// Whether the first policy is the model itself, and not almost uniform.
    pub residual: bool,
    /// Units of the network's hidden layer.
    pub units: NonZeroUsize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// The greatest norm of a gradient.
    pub clip: f64,
    /// How far the target network moves towards the policy after each step.
    pub target_rate: f64,
    /// What a prompt earns that is as good as the mean of its step.
    pub low: f64,
    /// What a prompt earns that is a standard deviation better.
    pub high: f64,
    /// The best prompts that are scored on all rows in the end.
    pub leaders: NonZeroUsize,
}

impl Default for RlPrompt {
    fn default() -> Self {
        Self {
            tokens: count(5),
            draws: count(8),
            rows: count(20),
            steps: 150,
            patience: 10,
            top_k: count(256),
            fluent: 20,
            residual: true,
            units: count(2048),
            learning_rate: 5e-5,
            clip: 5.0,
            target_rate: 0.001,
            low: 0.0,
            high: 5.0,
            leaders: count(10),
        }
    }
}

impl Registered for RlPrompt {
    const NAME: &'static str = "rlprompt";
    const SUMMARY: &'static str = "RLPrompt (arXiv 2205.12548): a small network on an open model learns to write prompts from what \
                                   they score.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("rlprompt-compat", Self::compat())]
    }
}

impl Method for RlPrompt {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs {
            generator: GeneratorRole::Weights,
            choice: Choice::PosteriorMean,
            dev_examples: arms::ROWS,
            first_rows: self.rows.get(),
            usual_rows: self.rows.get(),
            ..Needs::default()
        }
    }

    fn check(&self) -> Result<()> {
        let are_rates = [self.learning_rate, self.clip, self.target_rate];
        if are_rates.iter().any(|rate| !(*rate > 0.0 && rate.is_finite())) || self.target_rate > 1.0
        {
            return Err(Error::configuration("the policy learns nothing at these rates")
                .with_help(
                    "set learning_rate and clip above 0, and target_rate above 0, up to 1",
                ));
        }
        if !(self.low.is_finite() && self.high.is_finite() && self.low < self.high) {
            let message =
                format!("better prompts do not earn more from {} to {}", self.low, self.high);
            return Err(Error::configuration(message).with_help(
                "set low below high; the paper has 0 and 5, and for texts of a style -20 and 80",
            ));
        }
        Ok(())
    }

    fn bounds(&self, _: u64) -> Bounds {
        let texts = self.draws.get().saturating_mul(self.steps + 1);
        let tokens = texts.saturating_mul(self.tokens.get()) as u64;
        Bounds {
            replies: self.steps as u64 + 1,
            computation: Some(ComputationBound { rows: 0, tokens }),
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let plan = |policy, draws, greedy| {
            let lesson = self.lesson(history);
            PolicyPlan { policy, lesson, draws, greedy }
        };
        let plan = match self.stage(history) {
            Stage::Begin => plan(self.policy(stream), self.draws.get(), false),
            Stage::Learn(policy) => plan(policy.clone(), self.draws.get(), false),
            Stage::Say(policy) => plan(policy.clone(), 1, true),
            Stage::End => return Ok(Vec::new()),
        };
        Ok(vec![plan.into()])
    }

    /// Every prompt, also one that was drawn before.
    fn read(&self, _: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        replies.iter().map(read).collect()
    }

    /// The prompts of a step on its rows; where there are none, the best so far on all rows.
    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        _: &mut Stream,
    ) -> Result<Allocation> {
        let jobs: Vec<Job> = match fresh {
            [] => {
                self.leaders(history).map(|candidate| Job { candidate, rows: Rows::All }).collect()
            }
            fresh => {
                let rows = self.rows_of(history, stage::policies(history).count());
                let job = |one| Job {
                    candidate: known(history, fresh, one),
                    rows: Rows::These(rows.clone()),
                };
                fresh.iter().map(job).collect()
            }
        };
        Ok(jobs.into())
    }
}

impl RlPrompt {
    /// `rlprompt-compat`: the published policy, which begins almost uniform over the vocabulary, with its numbers.
    ///
    /// ```
    /// use motjuste::method::RlPrompt;
    /// assert!(!RlPrompt::compat().residual && RlPrompt::compat().fluent == 0);
    /// ```
    pub fn compat() -> Self {
        Self {
            draws: count(16),
            rows: count(16),
            steps: 12_000,
            patience: 0,
            residual: false,
            fluent: 0,
            ..Self::default()
        }
    }

    /// The policy of a study, its seed drawn; 32 bits of it survive every JSON reader.
    fn policy(&self, stream: &mut Stream) -> Policy {
        Policy {
            seed: u64::from(stream.next_u32()),
            length: self.tokens.get(),
            units: self.units.get(),
            residual: self.residual,
            top_k: self.top_k.get(),
            fluent: (self.fluent > 0).then_some(self.fluent),
            learning_rate: self.learning_rate,
            clip: self.clip,
            target_rate: self.target_rate,
        }
    }

    /// The most promising candidates.
    fn leaders<'a>(&self, history: &'a History) -> impl Iterator<Item = usize> + 'a {
        let leaders = history.by_promise().into_iter().take(self.leaders.get());
        leaders.map(|trial| trial.candidate)
    }
}

/// The candidate to be scored in place of a fresh one: the first with its words, so that these have one trial, which gets the
/// rows that it lacks and is paid for no other twice.
fn known(history: &History, fresh: &[Candidate], one: &Candidate) -> usize {
    let first =
        || fresh.iter().find(|it| it.instruction == one.instruction).map_or(one.id, |it| it.id);
    history.find(&one.instruction).map_or_else(first, |trial| trial.candidate)
}

fn read(reply: &Reply) -> Reading {
    let found = |drawn: Drawn| match drawn.text.trim() {
        "" => Found::dropped(drawn.text, "empty"),
        _ => Found::new(drawn.text),
    };
    match parsed::<PolicyReply>(reply) {
        Ok(it) => it.prompts.into_iter().map(found).collect(),
        Err(reason) => vec![Found::dropped("", reason)],
    }
}
