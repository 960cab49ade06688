//! What a policy has learnt, and one lesson more.

use motjuste::model::Lesson;
use motjuste::{Error, Result};

use super::super::adam::{Adam, clip};
use super::actions::Actions;
use super::consistency::Path;
use super::network::{Network, Ready};
use crate::kernel::softmax::{log_sum_exp, softmax};

/// A policy after some lessons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) network: Network,
    target: Network,
    adam: Adam,
    /// The loss of the newest lesson before it was learnt from.
    pub(super) loss: Option<f64>,
}

/// The tokens of a lesson, and the states of the frozen model in front of each.
struct Places {
    tokens: Vec<u32>,
    states: Vec<f32>,
}

impl State {
    /// Before the first lesson.
    pub(super) fn first(actions: &Actions) -> Self {
        let network = Network::first(actions.shape(), actions.policy.seed);
        let adam = Adam::new(actions.policy.learning_rate, network.weights.len());
        Self { target: network.clone(), network, adam, loss: None }
    }

    /// One step of Adam down the clipped gradient of the lesson's loss; then the target follows.
    pub(super) fn learn(&mut self, actions: &Actions, lesson: &Lesson) -> Result<()> {
        let (loss, mut gradient) = self.loss(actions, lesson)?;
        clip(&mut gradient, actions.policy.clip);
        self.adam.step(&mut self.network.weights, &gradient);
        self.target.follow(&self.network, actions.policy.target_rate);
        self.loss = Some(loss);
        Ok(())
    }

    /// The loss of a lesson, and its gradient in the network's weights.
    pub(super) fn loss(&self, actions: &Actions, lesson: &Lesson) -> Result<(f64, Vec<f32>)> {
        let states = actions.states(&lesson.prompts);
        let places = Places { tokens: lesson.prompts.concat(), states };
        let (network, target) = (self.network.ready(), self.target.ready());
        let advantages = advantages(actions, &network, &places)?;
        let target_values = values(actions, &target, &places);
        let length = actions.policy.length;
        let prompts = advantages.chunks(length).zip(target_values.chunks(length));
        let (mut loss, mut slopes) = (0.0, Vec::with_capacity(advantages.len()));
        for ((advantages, target_values), &reward) in prompts.zip(&lesson.rewards) {
            let (own, own_slopes) = Path { advantages, target_values, reward }.loss();
            loss += own / lesson.prompts.len() as f64;
            slopes.extend(own_slopes.iter().map(|slope| slope / lesson.prompts.len() as f64));
        }
        Ok((loss, gradient(actions, &network, &places, &slopes)))
    }
}

/// A block of rows: their tokens, the states and what the network makes of them.
struct Block<'a> {
    tokens: &'a [u32],
    states: &'a [f32],
    made: Vec<f32>,
}

fn blocks<'a>(
    actions: &Actions,
    network: &'a Ready,
    places: &'a Places,
) -> impl Iterator<Item = Block<'a>> + use<'a> {
    let (rows, hidden) = (actions.block(), actions.open.decoder.config.hidden);
    let blocks = places.tokens.chunks(rows).zip(places.states.chunks(rows * hidden));
    blocks.map(|(tokens, states)| Block { tokens, states, made: network.forward(states) })
}

/// A = Q − V at each place.
fn advantages(actions: &Actions, network: &Ready, places: &Places) -> Result<Vec<f64>> {
    let vocabulary = actions.open.decoder.config.vocabulary;
    let mut advantages = Vec::with_capacity(places.tokens.len());
    for block in blocks(actions, network, places) {
        let logits = actions.logits(block.states, &block.made);
        for (row, &token) in logits.chunks_exact(vocabulary).zip(block.tokens) {
            let taken = row[token as usize];
            if taken == f32::NEG_INFINITY {
                return Err(Error::configuration(format!(
                    "a lesson has token {token} where the policy cannot write it"
                ))
                .with_help("teach a policy with prompts that it drew itself"));
            }
            advantages.push(f64::from(taken) - log_sum_exp(row));
        }
    }
    Ok(advantages)
}

/// V at each place.
fn values(actions: &Actions, network: &Ready, places: &Places) -> Vec<f64> {
    let vocabulary = actions.open.decoder.config.vocabulary;
    let block = |block: Block| {
        let logits = actions.logits(block.states, &block.made);
        logits.chunks_exact(vocabulary).map(log_sum_exp).collect::<Vec<f64>>()
    };
    blocks(actions, network, places).flat_map(block).collect()
}

/// From the slopes in the advantages to the gradient of the weights: ∂logits = ∂A ([taken] − softmax),
/// through the cap, Wᵀ and the network.
fn gradient(actions: &Actions, network: &Ready, places: &Places, slopes: &[f64]) -> Vec<f32> {
    let config = &actions.open.decoder.config;
    let head = actions.open.packed.head(actions.open.decoder);
    let mut made = Vec::with_capacity(places.states.len());
    for (block, slopes) in blocks(actions, network, places).zip(slopes.chunks(actions.block())) {
        let mut logits = actions.logits(block.states, &block.made);
        let rows = logits.chunks_exact_mut(config.vocabulary).zip(block.tokens).zip(slopes);
        rows.for_each(|((row, &token), &slope)| {
            slope_row(row, token, slope as f32, config.logit_cap)
        });
        made.extend(head.back(&logits));
    }
    network.back(&places.states, &made)
}

/// Replaces logits by their gradient.
fn slope_row(logits: &mut [f32], token: u32, slope: f32, cap: Option<f32>) {
    let bends = cap.map(|cap| logits.iter().map(|z| 1.0 - (z / cap) * (z / cap)).collect());
    let bends: Vec<f32> = bends.unwrap_or_default();
    softmax(logits);
    logits.iter_mut().for_each(|p| *p *= -slope);
    logits[token as usize] += slope;
    // What is no action has no share, and no bend that is a number.
    let bent = logits.iter_mut().zip(&bends).filter(|(_, bend)| bend.is_finite());
    bent.for_each(|(slope, bend)| *slope *= bend);
}
