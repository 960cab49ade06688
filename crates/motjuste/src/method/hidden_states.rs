//! The generator's states as a view of the instructions.

use crate::history::Reply;

/// The generator's mean hidden state over each text; the mean of the others where there is none, as of a text that
/// a person wrote.
pub(super) fn hidden_states<'a>(replies: impl Iterator<Item = Option<&'a Reply>>) -> Vec<Vec<f64>> {
    let state = |reply: &Reply| reply.hidden_state.iter().map(|&value| f64::from(value)).collect();
    let mut states: Vec<Vec<f64>> =
        replies.map(|reply| reply.map(state).unwrap_or_default()).collect();
    let mean = mean(states.iter().filter(|state| !state.is_empty()));
    states.iter_mut().filter(|state| state.is_empty()).for_each(|state| state.clone_from(&mean));
    states
}

/// The mean of states of one width; empty without any.
fn mean<'a>(states: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let (mut sum, mut count) = (Vec::new(), 0.0);
    for state in states {
        sum.resize(state.len(), 0.0);
        sum.iter_mut().zip(state).for_each(|(sum, value): (&mut f64, _)| *sum += value);
        count += 1.0;
    }
    sum.iter_mut().for_each(|value| *value /= count);
    sum
}
