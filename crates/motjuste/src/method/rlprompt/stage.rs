//! Where a search is, told by the history: which rows a step had, and what its prompts earned there.

use std::collections::BTreeMap;

use super::{RlPrompt, reward};
use crate::history::{History, PolicyPlan, Proposal, Reply, Step};
use crate::method::arms;
use crate::method::computed::parsed;
use crate::model::{Drawn, Lesson, Policy, PolicyReply};

/// What comes next.
pub(super) enum Stage<'a> {
    /// A policy is made.
    Begin,
    /// It learns, and draws.
    Learn(&'a Policy),
    /// It learns for the last time, and says its likeliest prompt.
    Say(&'a Policy),
    /// Nothing is written any more.
    End,
}

/// A step of the policy.
pub(super) struct Drew<'a> {
    step: &'a Step,
    plan: &'a PolicyPlan,
    reply: &'a Reply,
}

/// The steps of the policy, in order.
pub(super) fn policies(history: &History) -> impl DoubleEndedIterator<Item = Drew<'_>> {
    history.steps().iter().filter_map(|step| {
        let mut pairs = step.proposals.iter().zip(&step.replies);
        pairs.find_map(|(proposal, reply)| match proposal {
            Proposal::Policy(plan) => Some(Drew { step, plan, reply }),
            _ => None,
        })
    })
}

impl RlPrompt {
    pub(super) fn stage<'a>(&self, history: &'a History) -> Stage<'a> {
        let policy = policies(history).next_back().map(|last| last.plan);
        let done = policies(history).count();
        match policy {
            Some(plan) if plan.greedy => Stage::End,
            Some(plan) if done >= self.steps || self.is_barren(history) => Stage::Say(&plan.policy),
            Some(plan) => Stage::Learn(&plan.policy),
            None if self.steps == 0 => Stage::End,
            None => Stage::Begin,
        }
    }

    /// Whether the last steps drew nothing new.
    fn is_barren(&self, history: &History) -> bool {
        let is_new = |drew: &Drew<'_>| {
            let mut begun =
                drew.step.assignments.iter().filter_map(|it| history.trials().get(it.trial));
            begun.any(|trial| trial.step == drew.step.index)
        };
        let barren = policies(history).rev().take_while(|drew| !is_new(drew)).take(self.patience);
        self.patience > 0 && barren.count() == self.patience
    }

    /// The dev rows that the prompts of a step are scored on: the next so many in an order of all that begins again at its end.
    pub(super) fn rows_of(&self, history: &History, step: usize) -> Vec<usize> {
        let order = arms::order(history, "minibatches");
        let first = step.saturating_mul(self.rows.get()) % order.len().max(1);
        order.iter().cycle().skip(first).take(self.rows.get().min(order.len())).copied().collect()
    }

    /// What the prompts of the last step earned, on the rows that all of them have a score on. One that has none is left out.
    pub(super) fn lesson(&self, history: &History) -> Option<Lesson> {
        let last = policies(history).next_back()?;
        let rows = self.rows_of(history, policies(history).count() - 1);
        let PolicyReply { prompts, .. } = parsed(last.reply).ok()?;
        let scored: Vec<(Drawn, BTreeMap<usize, f64>)> = prompts
            .into_iter()
            .filter_map(|drawn| {
                let scores = history.find(&drawn.text)?.scores();
                rows.iter().any(|row| scores.contains_key(row)).then_some((drawn, scores))
            })
            .collect();
        let is_common = |row: &&usize| scored.iter().all(|(_, scores)| scores.contains_key(row));
        let common: Vec<&usize> = rows.iter().filter(is_common).collect();
        if common.is_empty() || scored.is_empty() {
            return None;
        }
        let mean = |scores: &BTreeMap<usize, f64>| {
            common.iter().map(|row| scores[*row]).sum::<f64>() / common.len() as f64
        };
        let means: Vec<f64> = scored.iter().map(|(_, scores)| mean(scores)).collect();
        Some(Lesson {
            prompts: scored.into_iter().map(|(drawn, _)| drawn.tokens).collect(),
            rewards: self.earned(&means),
        })
    }

    /// What prompts earn that have these mean scores.
    fn earned(&self, means: &[f64]) -> Vec<f64> {
        let z = reward::standardised(means);
        z.into_iter().map(|z| reward::stretched(z, self.low, self.high)).collect()
    }
}
