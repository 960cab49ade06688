//! Prompts drawn from a policy, token by token, all side by side.

use motjuste::model::PolicyRun;
use motjuste::random::{Stream, Streams};

use super::actions::Actions;
use super::state::State;
use crate::cache::Cache;
use crate::forward::Span;
use crate::kernel::softmax::softmax;
use crate::reading::{Reading, Sequence, read};
use crate::sampling::uniform;

/// The prompts that a run asks for.
pub(super) fn draw(actions: &Actions, run: &PolicyRun, state: &State) -> Vec<Vec<u32>> {
    let (decoder, network) = (actions.open.decoder, state.network.ready());
    let mut prompts = vec![Vec::new(); run.draws];
    let mut pickers: Vec<Picker> = (0..run.draws).map(|row| Picker::new(run, row)).collect();
    let (mut caches, mut states) = begin(actions, run.draws);
    let spans = vec![Span { new: 1, wanted: 1 }; run.draws];
    for place in 0..run.policy.length {
        let logits = actions.logits(&states, &network.forward(&states));
        let rows = logits.chunks_exact(decoder.config.vocabulary).zip(&mut pickers);
        let tokens: Vec<u32> = rows.map(|(row, picker)| picker.pick(row)).collect();
        prompts.iter_mut().zip(&tokens).for_each(|(prompt, &token)| prompt.push(token));
        if run.draws > 0 && place + 1 < run.policy.length {
            let embeddings = tokens.iter().flat_map(|&token| decoder.embedding.row(token));
            states = decoder.read(embeddings.collect(), &mut caches, &spans);
        }
    }
    prompts
}

/// The start text, read once: a cache behind it for each prompt, and its last state, (prompts, hidden).
fn begin(actions: &Actions, draws: usize) -> (Vec<Cache>, Vec<f32>) {
    let (decoder, length) = (actions.open.decoder, actions.policy.length);
    let sequence = Sequence { tokens: actions.start.to_vec(), ..Sequence::default() };
    let reading = Reading::new(sequence, 1, length, &decoder.config);
    let (mut caches, mut states) = (Vec::new(), Vec::new());
    for read in read(decoder, &[&reading]) {
        let shared = read.cache.into_shared();
        let text = actions.start.len() + length;
        caches.extend((0..draws).map(|_| Cache::behind(shared.clone(), &decoder.config, text)));
        states = read.hidden.repeat(draws);
    }
    (caches, states)
}

/// How one prompt's tokens are picked.
struct Picker {
    among: usize,
    /// None takes the likeliest; the lowest id among equals.
    stream: Option<Stream>,
}

impl Picker {
    /// The stream of a prompt is named by the policy's seed, the number of lessons and the prompt's place
    /// among those that are drawn.
    fn new(run: &PolicyRun, row: usize) -> Self {
        let streams = Streams::new(run.policy.seed);
        let lessons = run.lessons.len() as u64;
        let stream = (!run.greedy).then(|| streams.stream(&format!("policy/draws/{row}"), lessons));
        Self { among: run.policy.top_k, stream }
    }

    fn pick(&mut self, logits: &[f32]) -> u32 {
        let likely = likeliest(logits, if self.stream.is_some() { self.among } else { 1 });
        let mut shares: Vec<f32> = likely.iter().map(|&token| logits[token as usize]).collect();
        softmax(&mut shares);
        let mut left = self.stream.as_mut().map_or(0.0, uniform);
        for (&token, &share) in likely.iter().zip(&shares) {
            left -= f64::from(share);
            if left < 0.0 {
                return token;
            }
        }
        // Rounding may leave a sliver at the end; it belongs to the likeliest token.
        likely.first().copied().unwrap_or(0)
    }
}

/// The tokens with the greatest logits, greatest first, the lower id among equals; none with −∞.
fn likeliest(logits: &[f32], count: usize) -> Vec<u32> {
    let by_logit =
        |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
    let mut tokens: Vec<u32> = (0..logits.len() as u32)
        .filter(|&token| logits[token as usize] > f32::NEG_INFINITY)
        .collect();
    if count < tokens.len() {
        tokens.select_nth_unstable_by(count, by_logit);
        tokens.truncate(count);
    }
    tokens.sort_unstable_by(by_logit);
    tokens
}

#[cfg(test)]
mod tests {
    use super::{Picker, likeliest};
    use motjuste::random::Streams;

    #[test]
    fn a_token_is_drawn_among_the_likeliest_as_often_as_it_is_likely() {
        let logits = [0.0, 2f32.ln(), f32::NEG_INFINITY, -1.0, 2f32.ln()];
        assert_eq!(likeliest(&logits, 3), [1, 4, 0]);
        assert_eq!(likeliest(&logits, 9), [1, 4, 0, 3]);
        let mut picker = Picker { among: 3, stream: Some(Streams::new(1).stream("test", 0)) };
        let mut counts = [0; 5];
        (0..10_000).for_each(|_| counts[picker.pick(&logits) as usize] += 1);
        assert_eq!((counts[2], counts[3]), (0, 0));
        // Shares of 1/5, 2/5, 2/5; four standard errors are 0.02.
        for (token, share) in [(0, 0.2), (1, 0.4), (4, 0.4)] {
            assert!((f64::from(counts[token]) / 10_000.0 - share).abs() < 0.02, "{counts:?}");
        }
        assert_eq!(Picker { among: 3, stream: None }.pick(&logits), 1);
    }
}
