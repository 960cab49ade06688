//! A model with open weights that can be computed by hand: its tokens are words on a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

use rand::RngExt;
use serde::Serialize;

use crate::model::{
    Computation, Drawn, Exclude, LabelReply, LabelSearch, Labelled, Lesson, PolicyReply, PolicyRun,
    Swap, SwapLoss, SwapReply, Swapped, Trigger,
};
use crate::random::{Stream, Streams};

/// A model with open weights that can be computed by hand, for methods that compute on some.
///
/// Token w of V is the point eʷ = (cos 2πw/V, sin 2πw/V). There is a *hidden* text, whose token at place p is hₚ. The loss of a
/// trigger t of N tokens on a row is linear in its embeddings, (1/N) Σₚ (1 − e(tₚ) · (e(hₚ) + u)), where u is a
/// vector of length `spread` in a direction that the row alone decides: so what a gradient promises is what a swap brings, on the
/// same rows. Accuracy is the share of places with the hidden token. A policy has one softmax a place, over all tokens, and
/// follows the gradient of what its prompts earned.
///
/// ```
/// use motjuste::conformance::Circle;
/// use motjuste::model::{Computation, Exclude, Labelled, Swap, SwapLoss, SwapReply, Trigger};
/// let circle = Circle::new(["the", "big", "small", "house"], &["small", "house"]);
/// let row = Labelled { prompt: "\u{fffc} door:".into(), answer: " open".into() };
/// let swap = Swap {
///     trigger: Trigger::Begin { text: "the".into(), length: 2 },
///     position: 1,
///     candidates: 2,
///     gradient: vec![row.clone()],
///     evaluation: vec![row],
///     loss: SwapLoss::Answer { answers: vec![] },
///     exclude: Exclude::default(),
/// };
/// let reply: SwapReply = serde_json::from_str(&circle.compute(&Computation::Swap(swap))).unwrap();
/// assert_eq!((&*reply.text, &*reply.swaps[0].text), ("the the", "the house"));
/// ```
#[derive(Debug, Clone)]
pub struct Circle {
    words: Vec<String>,
    hidden: Vec<u32>,
    spread: f64,
    is_blind: bool,
}

/// How far a policy follows the gradient of a lesson.
const RATE: f64 = 0.5;

impl Circle {
    /// A model with these words as tokens, and a hidden text, which begins again behind its end. A word that it does not know is its
    /// first one.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>, hidden: &[&str]) -> Self {
        let words = words.into_iter().map(Into::into).collect();
        let circle = Self { words, hidden: Vec::new(), spread: 0.0, is_blind: false };
        Self { hidden: hidden.iter().map(|word| circle.token(word)).collect(), ..circle }
    }

    /// The same model, whose rows disagree by vectors of this length.
    #[must_use]
    pub fn spread(self, spread: f64) -> Self {
        Self { spread, ..self }
    }

    /// The same model, which tries tokens at random and not along the gradient: the control of a trigger search.
    #[must_use]
    pub fn blind(self) -> Self {
        Self { is_blind: true, ..self }
    }

    /// The answer to a computation: the JSON of its reply.
    pub fn compute(&self, computation: &Computation) -> String {
        match computation {
            Computation::Swap(swap) => json(&self.swap(swap)),
            Computation::Labels(search) => json(&self.labels(search)),
            Computation::Policy(run) => json(&self.draw(run)),
        }
    }

    fn swap(&self, swap: &Swap) -> SwapReply {
        let trigger = self.tokens(&swap.trigger);
        let gradient = self.gradient(swap, trigger.len());
        let Some(&old) = trigger.get(swap.position) else { return SwapReply::default() };
        let promise = |token: u32| dot(self.at(token), gradient) - dot(self.at(old), gradient);
        let swapped = |token: u32| {
            let mut swapped = trigger.clone();
            swapped[swap.position] = token;
            Swapped {
                token,
                text: self.text(&swapped),
                promised: promise(token),
                loss: self.loss(&swapped, &swap.evaluation),
                accuracy: self.accuracy(&swapped, &swap.loss),
            }
        };
        SwapReply {
            text: self.text(&trigger),
            loss: self.loss(&trigger, &swap.evaluation),
            accuracy: self.accuracy(&trigger, &swap.loss),
            swaps: self.candidates(swap, promise).into_iter().map(swapped).collect(),
            trigger,
        }
    }

    /// The tokens that are tried, the most promising first.
    fn candidates(&self, swap: &Swap, promise: impl Fn(u32) -> f64) -> Vec<u32> {
        let mut tokens: Vec<u32> = (0..self.words.len() as u32).collect();
        tokens.retain(|token| !self.is_excluded(*token, swap));
        match self.is_blind {
            true => {
                let lot = *blake3::hash(json(swap).as_bytes()).as_bytes();
                let drawn =
                    |token: &u32| *blake3::keyed_hash(&lot, &token.to_le_bytes()).as_bytes();
                tokens.sort_by_cached_key(drawn);
            }
            false => tokens.sort_by(|a, b| promise(*a).total_cmp(&promise(*b))),
        }
        tokens.truncate(swap.candidates);
        tokens
    }

    fn is_excluded(&self, token: u32, swap: &Swap) -> bool {
        let Exclude { capitals, answers } = swap.exclude;
        let word = self.word(token);
        let mut rows = swap.gradient.iter().chain(&swap.evaluation);
        capitals && word.starts_with(char::is_uppercase)
            || answers && rows.any(|row| row.answer.split_whitespace().any(|it| it == word))
    }

    /// ∂L/∂e at the place of the swap: −(1/N) (e(hₚ) + the mean u).
    fn gradient(&self, swap: &Swap, tokens: usize) -> [f64; 2] {
        let rows = swap.gradient.len().max(1) as f64;
        let mean = swap.gradient.iter().map(|row| self.pull(row));
        let mean = mean.fold([0.0; 2], |sum, u| [sum[0] + u[0] / rows, sum[1] + u[1] / rows]);
        let hidden = self.hidden_at(swap.position);
        [0, 1].map(|axis| -(hidden[axis] + mean[axis]) / tokens.max(1) as f64)
    }

    /// The mean loss on these rows.
    fn loss(&self, trigger: &[u32], rows: &[Labelled]) -> f64 {
        let of = |row: &Labelled| {
            let pull = self.pull(row);
            let places = trigger.iter().enumerate().map(|(place, token)| {
                let hidden = self.hidden_at(place);
                1.0 - dot(self.at(*token), [hidden[0] + pull[0], hidden[1] + pull[1]])
            });
            places.sum::<f64>() / trigger.len().max(1) as f64
        };
        rows.iter().map(of).sum::<f64>() / rows.len().max(1) as f64
    }

    fn accuracy(&self, trigger: &[u32], loss: &SwapLoss) -> Option<f64> {
        if matches!(loss, SwapLoss::Answer { answers } if answers.is_empty()) {
            return None;
        }
        let is_right = |(place, token): &(usize, &u32)| self.hidden_token(*place) == **token;
        let right = trigger.iter().enumerate().filter(is_right).count();
        Some(right as f64 / trigger.len().max(1) as f64)
    }

    /// Tokens in order for the labels in order.
    fn labels(&self, search: &LabelSearch) -> LabelReply {
        let labels: BTreeSet<&str> = search.rows.iter().map(|row| row.answer.as_str()).collect();
        let mut next = (0..self.words.len() as u32).cycle();
        let labels = labels
            .into_iter()
            .map(|label| (label.to_owned(), next.by_ref().take(search.tokens).collect()));
        let labels: BTreeMap<String, Vec<u32>> = labels.collect();
        let in_words =
            |tokens: &Vec<u32>| tokens.iter().map(|token| self.word(*token).to_owned()).collect();
        let words =
            labels.iter().map(|(label, tokens)| (label.clone(), in_words(tokens))).collect();
        LabelReply { trigger: self.tokens(&search.trigger), labels, words }
    }

    fn draw(&self, run: &PolicyRun) -> PolicyReply {
        let mut policy = vec![vec![0.0; self.words.len()]; run.policy.length];
        run.lessons.iter().for_each(|lesson| learn(&mut policy, lesson));
        let mut stream = Streams::new(run.policy.seed).stream("policy", run.lessons.len() as u64);
        let prompts = (0..run.draws).map(|_| {
            let places = policy.iter();
            let tokens: Vec<u32> = places
                .map(|place| match run.greedy {
                    true => likeliest(place),
                    false => drawn(place, run.policy.top_k, &mut stream),
                })
                .collect();
            Drawn { text: self.text(&tokens), tokens }
        });
        PolicyReply { prompts: prompts.collect(), loss: None }
    }

    fn tokens(&self, trigger: &Trigger) -> Vec<u32> {
        match trigger {
            Trigger::Tokens(tokens) => tokens.clone(),
            Trigger::Begin { text, length } => {
                text.split_whitespace().cycle().take(*length).map(|word| self.token(word)).collect()
            }
        }
    }

    fn token(&self, word: &str) -> u32 {
        self.words.iter().position(|known| known == word).unwrap_or(0) as u32
    }

    fn word(&self, token: u32) -> &str {
        self.words.get(token as usize).map_or("", String::as_str)
    }

    fn text(&self, tokens: &[u32]) -> String {
        tokens.iter().map(|token| self.word(*token)).collect::<Vec<_>>().join(" ")
    }

    fn at(&self, token: u32) -> [f64; 2] {
        let angle = TAU * f64::from(token) / self.words.len().max(1) as f64;
        [angle.cos(), angle.sin()]
    }

    fn hidden_token(&self, place: usize) -> u32 {
        self.hidden.get(place % self.hidden.len().max(1)).copied().unwrap_or_default()
    }

    fn hidden_at(&self, place: usize) -> [f64; 2] {
        self.at(self.hidden_token(place))
    }

    /// The vector by which a row disagrees with the others.
    fn pull(&self, row: &Labelled) -> [f64; 2] {
        let hash = blake3::hash(row.prompt.text().as_bytes());
        let angle = TAU * f64::from(hash.as_bytes()[0]) / 256.0;
        [self.spread * angle.cos(), self.spread * angle.sin()]
    }
}

fn json(value: &impl Serialize) -> String {
    // Serialising plain data to memory has no way to fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// One step along the gradient of Σ reward · log p(prompt) / prompts.
fn learn(policy: &mut [Vec<f64>], lesson: &Lesson) {
    let weight = RATE / lesson.prompts.len().max(1) as f64;
    for (place, logits) in policy.iter_mut().enumerate() {
        let p = softmax(logits);
        for (prompt, reward) in lesson.prompts.iter().zip(&lesson.rewards) {
            let Some(&taken) = prompt.get(place) else { continue };
            for (token, logit) in logits.iter_mut().enumerate() {
                let is_taken = f64::from(u8::from(token == taken as usize));
                *logit += weight * reward * (is_taken - p[token]);
            }
        }
    }
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// The first of the likeliest tokens.
fn likeliest(logits: &[f64]) -> u32 {
    let best = (0..logits.len())
        .reduce(|best, token| if logits[token] > logits[best] { token } else { best });
    best.unwrap_or_default() as u32
}

/// A token among so many of the likeliest, in proportion to its probability.
fn drawn(logits: &[f64], top_k: usize, stream: &mut Stream) -> u32 {
    let p = softmax(logits);
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    order.truncate(top_k.max(1));
    let mut left = stream.random::<f64>() * order.iter().map(|token| p[*token]).sum::<f64>();
    let is_hit = |token: &&usize| {
        left -= p[**token];
        left <= 0.0
    };
    let last = order.last().copied();
    order.iter().find(is_hit).copied().or(last).unwrap_or_default() as u32
}
