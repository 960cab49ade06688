//! Losses by the ordinary forward pass, prompts that begin alike read together.

use motjuste::Result;

use super::open::Open;
use crate::batches::in_batches;
use crate::forward::Decoder;
use crate::kernel::softmax::{log_sum_exp, log_sum_exp_of};
use crate::reading::{Reading, Sequence, read};

/// Logits in a block of places: 64 MiB.
const LOGITS: usize = 1 << 24;

/// Prompts are read, and at each of their last tokens the same number of losses is asked for.
pub(super) struct Question {
    reading: Reading,
    /// For each of the last tokens, sets of tokens that may follow it.
    places: Vec<Vec<Vec<u32>>>,
}

impl Question {
    /// The mean over an answer's tokens of −log p, given those in front of each.
    pub(super) fn answer(open: &Open, prompt: &[u32], answer: &[u32]) -> Result<Self> {
        let read = [prompt, &answer[..answer.len() - 1]].concat();
        let places = answer.iter().map(|&token| vec![vec![token]]).collect();
        Self::new(open, read, places)
    }

    /// −log Σ p of each of some sets of tokens, right behind a prompt.
    pub(super) fn sets(open: &Open, prompt: Vec<u32>, sets: Vec<Vec<u32>>) -> Result<Self> {
        Self::new(open, prompt, vec![sets])
    }

    fn new(open: &Open, tokens: Vec<u32>, places: Vec<Vec<Vec<u32>>>) -> Result<Self> {
        open.check(&tokens)?;
        let sequence = Sequence { tokens, ..Sequence::default() };
        let reading = Reading::new(sequence, places.len(), 0, &open.decoder.config);
        Ok(Self { reading, places })
    }

    /// How many tokens are read for it.
    pub(super) fn tokens(&self) -> usize {
        self.reading.sequence.tokens.len()
    }

    /// The means over the places of the losses of each set.
    fn means(&self, losses: &[Vec<f64>]) -> Vec<f64> {
        let sets = losses.first().map_or(0, Vec::len);
        let sum = |set: usize| losses.iter().map(|place| place[set]).sum::<f64>();
        (0..sets).map(|set| sum(set) / losses.len() as f64).collect()
    }
}

/// What is lost for each set of each question.
pub(super) fn losses(open: &Open, questions: &[Question]) -> Vec<Vec<f64>> {
    let readings: Vec<Reading> = questions.iter().map(|asked| asked.reading.clone()).collect();
    in_batches(open.decoder, &readings, |rows| {
        let readings: Vec<&Reading> = rows.iter().map(|&row| &readings[row]).collect();
        let states = read(open.decoder, &readings).into_iter().flat_map(|read| read.hidden);
        let asked: Vec<&Question> = rows.iter().map(|&row| &questions[row]).collect();
        batch_losses(open.decoder, &states.collect::<Vec<f32>>(), &asked)
    })
}

/// From the hidden states of all places of some questions, (places, hidden).
fn batch_losses(decoder: &Decoder, states: &[f32], asked: &[&Question]) -> Vec<Vec<f64>> {
    let (hidden, vocabulary) = (decoder.config.hidden, decoder.config.vocabulary);
    let places: Vec<&Vec<Vec<u32>>> = asked.iter().flat_map(|asked| &asked.places).collect();
    let block = (LOGITS / vocabulary).max(1);
    let mut lost = Vec::with_capacity(places.len());
    for (states, places) in states.chunks(block * hidden).zip(places.chunks(block)) {
        let logits = decoder.logits(states);
        let rows = logits.chunks_exact(vocabulary).zip(places);
        lost.extend(rows.map(|(row, sets)| place_losses(row, sets)));
    }
    let mut rest = &lost[..];
    let means = asked.iter().map(|asked| {
        let (own, others) = rest.split_at(asked.places.len());
        rest = others;
        asked.means(own)
    });
    means.collect()
}

/// −log Σ p over each set.
fn place_losses(logits: &[f32], sets: &[Vec<u32>]) -> Vec<f64> {
    let all = log_sum_exp(logits);
    sets.iter().map(|set| all - log_sum_exp_of(logits, set)).collect()
}
