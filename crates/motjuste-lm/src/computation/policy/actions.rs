//! What a policy may write, and its logits.

use motjuste::model::Policy;

use super::super::open::Open;
use super::network::Shape;
use crate::batches::in_batches;
use crate::forward::activation::cap_row;
use crate::reading::{Reading, Sequence, read};

/// Logits in a block of places: 64 MiB.
const LOGITS: usize = 1 << 24;

/// The settings of a policy on a model, and the text behind which it writes.
pub(super) struct Actions<'a> {
    pub(super) open: &'a Open<'a>,
    pub(super) policy: &'a Policy,
    pub(super) start: &'a [u32],
    /// Tokens that are no text.
    barred: Vec<usize>,
}

impl<'a> Actions<'a> {
    pub(super) fn new(open: &'a Open<'a>, policy: &'a Policy, start: &'a [u32]) -> Self {
        let barred = (0..open.decoder.config.vocabulary)
            .filter(|&token| !open.text.tokenizer.is_text(token as u32));
        Self { open, policy, start, barred: barred.collect() }
    }

    pub(super) fn shape(&self) -> Shape {
        let Policy { units, residual, .. } = *self.policy;
        Shape { hidden: self.open.decoder.config.hidden, units, residual }
    }

    /// Rows whose logits are made at once.
    pub(super) fn block(&self) -> usize {
        (LOGITS / self.open.decoder.config.vocabulary).max(1)
    }

    /// The logits of states and of what the network made of them, (rows, hidden) → (rows, vocabulary): −∞ for
    /// what is no action, and for what the frozen model does not find among the likeliest, if that is asked
    /// for.
    pub(super) fn logits(&self, states: &[f32], made: &[f32]) -> Vec<f32> {
        let mut logits = self.plain(made);
        if let Some(fluent) = self.policy.fluent {
            let frozen = self.plain(states);
            let vocabulary = self.open.decoder.config.vocabulary;
            let rows = logits.chunks_exact_mut(vocabulary).zip(frozen.chunks_exact(vocabulary));
            rows.for_each(|(row, frozen)| keep_likely(row, frozen, fluent));
        }
        logits
    }

    /// Logits of every action.
    fn plain(&self, states: &[f32]) -> Vec<f32> {
        let config = &self.open.decoder.config;
        let mut logits = self.open.packed.head(self.open.decoder).forward(states);
        for row in logits.chunks_exact_mut(config.vocabulary) {
            cap_row(row, config.logit_cap);
            self.barred.iter().for_each(|&token| row[token] = f32::NEG_INFINITY);
        }
        logits
    }

    /// The frozen model's states in front of every token of each prompt, (prompts · length, hidden).
    pub(super) fn states(&self, prompts: &[Vec<u32>]) -> Vec<f32> {
        let decoder = self.open.decoder;
        let reading = |prompt: &Vec<u32>| {
            let tokens = [self.start, &prompt[..prompt.len() - 1]].concat();
            let sequence = Sequence { tokens, ..Sequence::default() };
            Reading::new(sequence, prompt.len(), 1, &decoder.config)
        };
        let readings: Vec<Reading> = prompts.iter().map(reading).collect();
        let states = in_batches(decoder, &readings, |rows| {
            let readings: Vec<&Reading> = rows.iter().map(|&row| &readings[row]).collect();
            read(decoder, &readings).into_iter().map(|read| read.hidden).collect()
        });
        states.concat()
    }
}

/// Bars what is less likely to the frozen model than its `count` likeliest.
fn keep_likely(logits: &mut [f32], frozen: &[f32], count: usize) {
    let mut order: Vec<f32> = frozen.to_vec();
    let last = count.min(order.len()) - 1;
    let (_, least, _) = order.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
    for (logit, frozen) in logits.iter_mut().zip(frozen) {
        if frozen < least {
            *logit = f32::NEG_INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::keep_likely;

    #[test]
    fn only_what_the_model_finds_likely_is_left() {
        let mut logits = [1.0, 2.0, 3.0, 4.0];
        keep_likely(&mut logits, &[0.5, 9.0, 7.0, -1.0], 2);
        assert_eq!(logits, [f32::NEG_INFINITY, 2.0, 3.0, f32::NEG_INFINITY]);
    }
}
