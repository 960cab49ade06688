//! The end of the decoder: final norm, logits, losses; and where the way back begins.
//!
//! Logits z = cap(W norm(x)), p = softmax(z), and at a place with the aim S the loss is −log Σ_{v ∈ S} p_v. Back:
//! ∂z_v = p_v − [v ∈ S] p_v / Σ_{w ∈ S} p_w, divided by the number of the row's aims; through the cap times
//! 1 − (z / cap)²; then Wᵀ and the norm.

use rayon::prelude::*;

use super::{Aim, Packed, Row, norm};
use crate::forward::Decoder;
use crate::forward::activation::cap_row;
use crate::kernel::columns::add;
use crate::kernel::softmax::{log_sum_exp, log_sum_exp_of, softmax};

/// Logits in a block of places: 64 MiB.
const LOGITS: usize = 1 << 24;

/// What rows lose, and how that changes with what the last layer makes of them.
pub(super) struct Losses {
    pub(super) rows: Vec<f64>,
    /// Shape (tokens, hidden).
    pub(super) gradient: Vec<f32>,
}

/// An aim, the row among all tokens that it is for, and its share of its row's loss.
struct Place<'a> {
    token: usize,
    aim: &'a Aim,
    share: f32,
}

/// Losses behind the last layer, (tokens, hidden), of rows packed one behind the other.
pub(super) fn losses(decoder: &Decoder, packed: &Packed, x: &[f32], rows: &[Row]) -> Losses {
    let hidden = decoder.config.hidden;
    let places = places(rows, hidden);
    let mut gradient = vec![0.0; x.len()];
    let mut lost = Vec::with_capacity(places.len());
    let block = (LOGITS / decoder.config.vocabulary).max(1);
    for places in places.chunks(block) {
        let states: Vec<f32> =
            places.iter().flat_map(|place| &x[place.token * hidden..][..hidden]).copied().collect();
        let back = block_losses(decoder, packed, &states, places, &mut lost);
        for (place, back) in places.iter().zip(back.chunks_exact(hidden)) {
            add(&mut gradient[place.token * hidden..][..hidden], back);
        }
    }
    Losses { rows: means(rows, &lost), gradient }
}

fn places(rows: &[Row], hidden: usize) -> Vec<Place<'_>> {
    let mut start = 0;
    let place = |row: &'_ Row| {
        let first = start;
        start += row.embeddings.len() / hidden;
        first
    };
    let starts: Vec<usize> = rows.iter().map(place).collect();
    let of_row = |(row, start): (&'_ Row, usize)| {
        let share = 1.0 / row.aims.len() as f32;
        row.aims.iter().map(move |aim| (start + aim.place, share)).collect::<Vec<_>>()
    };
    let tokens = rows.iter().zip(starts).flat_map(of_row);
    let aims = rows.iter().flat_map(|row| &row.aims);
    aims.zip(tokens).map(|(aim, (token, share))| Place { token, aim, share }).collect()
}

/// The gradient of some states in front of the final norm, (places, hidden); appends what each place loses.
fn block_losses(
    decoder: &Decoder,
    packed: &Packed,
    states: &[f32],
    places: &[Place],
    lost: &mut Vec<f64>,
) -> Vec<f32> {
    let head = packed.head(decoder);
    let mut logits = head.forward(&decoder.norm.of(states));
    let rows = logits.par_chunks_exact_mut(decoder.config.vocabulary).zip(places);
    let losses = rows.map(|(row, place)| lose(row, place, decoder.config.logit_cap));
    lost.par_extend(losses);
    norm::back(&decoder.norm, states, &head.back(&logits))
}

/// Replaces the logits of a place by their gradient and says what is lost there.
fn lose(logits: &mut [f32], place: &Place, cap: Option<f32>) -> f64 {
    cap_row(logits, cap);
    let loss = lost(logits, &place.aim.tokens);
    let slopes = cap.map(|cap| logits.iter().map(|z| 1.0 - (z / cap) * (z / cap)).collect());
    let share = aimed(logits, &place.aim.tokens);
    softmax(logits);
    for (&token, share) in place.aim.tokens.iter().zip(share) {
        logits[token as usize] -= share;
    }
    scale(logits, place.share, slopes.unwrap_or_default());
    loss
}

/// x ← x · share · slope, where there are slopes.
fn scale(x: &mut [f32], share: f32, slopes: Vec<f32>) {
    x.iter_mut().for_each(|x| *x *= share);
    x.iter_mut().zip(&slopes).for_each(|(x, slope)| *x *= slope);
}

/// −log Σ p over some tokens, p = softmax(logits).
pub(crate) fn lost(logits: &[f32], tokens: &[u32]) -> f64 {
    log_sum_exp(logits) - log_sum_exp_of(logits, tokens)
}

/// The share of each of some tokens in their Σ p.
fn aimed(logits: &[f32], tokens: &[u32]) -> Vec<f32> {
    let mut share: Vec<f32> = tokens.iter().map(|&token| logits[token as usize]).collect();
    softmax(&mut share);
    share
}

/// Each row's mean over its aims.
fn means(rows: &[Row], mut lost: &[f64]) -> Vec<f64> {
    let mean = |row: &Row| {
        let (own, rest) = lost.split_at(row.aims.len());
        lost = rest;
        own.iter().sum::<f64>() / own.len() as f64
    };
    rows.iter().map(mean).collect()
}
