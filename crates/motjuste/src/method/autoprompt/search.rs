//! The trigger as it is, told by the history, and what comes next.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::SliceRandom;

use super::{AutoPrompt, Labels, Start};
use crate::history::{History, LabelPlan, Proposal, Reply, SwapPlan};
use crate::method::computed::parsed;
use crate::model::{LabelReply, SwapReply, Trigger};
use crate::random::Stream;

impl AutoPrompt {
    /// The next computation; none once the search is over.
    pub(super) fn next(&self, history: &History, stream: &mut Stream) -> Option<Proposal> {
        if history.train_rows() == 0 || self.is_over(history) {
            return None;
        }
        match (self.labels, labels(history)) {
            (Labels::Answers, _) => Some(self.swap(history, None, stream).into()),
            (Labels::Searched, None) => Some(self.label_search(history, stream).into()),
            (Labels::Searched, Some(Ok(found))) => {
                Some(self.swap(history, Some(found), stream).into())
            }
            // The reading says why there are no labels.
            (Labels::Searched, Some(Err(_))) => None,
        }
    }

    fn is_over(&self, history: &History) -> bool {
        let barren = || {
            let last = iterations(history).rev().take(self.patience);
            let brought =
                |(plan, reply)| swaps(plan, reply).is_ok_and(|it| self.accepted(&it).is_some());
            last.map(brought).filter(|brought| !brought).count()
        };
        let done = iterations(history).count();
        done >= self.iterations
            || (self.patience > 0 && done >= self.patience && barren() >= self.patience)
    }

    fn swap(
        &self,
        history: &History,
        labels: Option<BTreeMap<String, Vec<u32>>>,
        stream: &mut Stream,
    ) -> SwapPlan {
        let trigger = self.incumbent(history);
        let position = stream.random_range(0..trigger.len().max(1));
        let (gradient, evaluation) = self.rows(history, stream);
        let (candidates, exclude) = (self.candidates.get(), self.exclude);
        SwapPlan { trigger, position, candidates, gradient, evaluation, labels, exclude }
    }

    fn label_search(&self, history: &History, stream: &mut Stream) -> LabelPlan {
        LabelPlan {
            trigger: self.incumbent(history),
            rows: self.rows(history, stream).0,
            tokens: self.label_tokens.get(),
            steps: self.label_steps,
            learning_rate: self.label_learning_rate,
        }
    }

    /// The trigger as it is.
    fn incumbent(&self, history: &History) -> Trigger {
        let Some((plan, it)) = last(history) else { return self.begin(history) };
        let mut tokens = it.trigger.clone();
        if let (Some(swap), Some(place)) = (self.accepted(&it), tokens.get_mut(plan.position)) {
            *place = swap.token;
        }
        Trigger::Tokens(tokens)
    }

    fn begin(&self, history: &History) -> Trigger {
        let in_use = history.start().first().filter(|_| self.start == Start::InUse);
        let text = in_use.unwrap_or(&self.text).clone();
        Trigger::Begin { text, length: self.tokens.get() }
    }

    /// Train rows for the gradient, and for the losses: others, as far as there are any.
    fn rows(&self, history: &History, stream: &mut Stream) -> (Vec<usize>, Vec<usize>) {
        let all = history.train_rows();
        let mut order: Vec<usize> = (0..all).collect();
        order.shuffle(stream);
        let (first, second) =
            (self.gradient_rows.get().min(all), self.evaluation_rows.get().min(all));
        let mut gradient = order[..first].to_vec();
        let mut evaluation: Vec<usize> =
            order.iter().cycle().skip(first).take(second).copied().collect();
        gradient.sort_unstable();
        evaluation.sort_unstable();
        (gradient, evaluation)
    }
}

/// The iterations so far, each with its reply.
fn iterations(history: &History) -> impl DoubleEndedIterator<Item = (&SwapPlan, &Reply)> {
    let steps = history.steps().iter();
    let pairs = steps.flat_map(|step| step.proposals.iter().zip(&step.replies));
    pairs.filter_map(|(proposal, reply)| match proposal {
        Proposal::Swap(plan) => Some((plan.as_ref(), reply)),
        _ => None,
    })
}

/// The last iteration whose reply can be read.
pub(super) fn last(history: &History) -> Option<(&SwapPlan, SwapReply)> {
    iterations(history).rev().find_map(|(plan, reply)| Some((plan, swaps(plan, reply).ok()?)))
}

/// What the reply of an iteration says, or why it cannot be used.
pub(super) fn swaps(plan: &SwapPlan, reply: &Reply) -> Result<SwapReply, String> {
    let it: SwapReply = parsed(reply)?;
    match (it.trigger.len(), plan.trigger.len()) {
        (found, length) if found == length => Ok(it),
        (found, length) => Err(format!("is about a trigger of {found} tokens, not {length}")),
    }
}

/// The label tokens, where they were searched for, or why there are none.
fn labels(history: &History) -> Option<Result<BTreeMap<String, Vec<u32>>, String>> {
    let mut steps = history.steps().iter();
    let reply = steps.find_map(|step| {
        let mut pairs = step.proposals.iter().zip(&step.replies);
        pairs.find(|(proposal, _)| matches!(proposal, Proposal::Labels(_))).map(|(_, reply)| reply)
    })?;
    Some(found_labels(reply))
}

/// The label tokens in a reply: some for every label.
pub(super) fn found_labels(reply: &Reply) -> Result<BTreeMap<String, Vec<u32>>, String> {
    let LabelReply { labels, .. } = parsed(reply)?;
    match labels.is_empty() || labels.values().any(Vec::is_empty) {
        true => Err("has a label without tokens".to_owned()),
        false => Ok(labels),
    }
}
