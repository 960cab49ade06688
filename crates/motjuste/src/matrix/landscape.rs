//! A generator that writes the instructions of a pool and no others.

use async_trait::async_trait;
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::model::{Abilities, Completion, Model, Request, Returns, SoftPrompt};
use crate::random::Streams;
use crate::usage::Usage;
use crate::{Error, Result};

/// A model that writes the instructions of a pool: what a soft prompt stands for is decided by its place.
///
/// Every instruction has an anchor in the latent box, [-1, 1]^10; texts that share words have anchors near each
/// other. A soft prompt brings the instruction whose anchor is the nearest, so a place stands for one text,
/// its neighbours mostly for the same, and some texts take more room than others, as with a real generator.
/// Another projection is another map: it turns the box around. Latent coordinates beyond the tenth are folded
/// onto the first ten.
///
/// Its hidden state, as in the papers that read one, describes the place and not the text: 32 smooth random
/// features of it.
pub struct Landscape {
    id: String,
    texts: Vec<String>,
    anchors: Vec<[f64; DIMENSIONS]>,
    seed: u64,
}

/// Coordinates of an anchor.
const DIMENSIONS: usize = 10;

/// Features of a place that stand for a hidden state.
const FEATURES: usize = 32;

impl Landscape {
    /// A landscape of these texts; another seed is another landscape.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use motjuste::matrix::Landscape;
    /// use motjuste::model::{Decoding, Entries, Model, Projection, Request, Returns, SoftPrompt};
    /// let landscape = Landscape::of("l", vec!["say a".into(), "name b".into()], 0);
    /// let projection = Projection { tokens: 5, entries: Entries::Uniform, seed: 0 };
    /// let at = |z| SoftPrompt { z: vec![z; 10], projection, demonstrations: 0 };
    /// let request = |z| Request { soft_prompt: Some(at(z)), ..Request::new("?", Decoding::greedy(8)) };
    /// let answer = landscape.answer(&request(0.3)).await.unwrap();
    /// assert_eq!(answer, landscape.answer(&request(0.3)).await.unwrap());
    /// assert!(["say a", "name b"].contains(&answer.text.as_str()));
    /// # });
    /// ```
    pub fn of(name: &str, texts: Vec<String>, seed: u64) -> Self {
        let anchors = anchors(&texts, seed);
        Self { id: format!("landscape:{name}"), texts, anchors, seed }
    }

    fn one(&self, soft_prompt: &SoftPrompt, returns: &Returns) -> Completion {
        let place = self.place(soft_prompt);
        let hidden_state = if returns.hidden_state { self.state(&place) } else { Vec::new() };
        let usage = Usage { tokens_in: 1, tokens_out: 1 };
        Completion { usage, hidden_state, ..Completion::of(self.nearest(&place)) }
    }

    /// Where a soft prompt stands in this landscape: its coordinates, turned around by its projection.
    fn place(&self, soft_prompt: &SoftPrompt) -> [f64; DIMENSIONS] {
        let mut stream = Streams::new(soft_prompt.projection.seed).stream("landscape", self.seed);
        let mut axes: Vec<usize> = (0..DIMENSIONS).collect();
        axes.shuffle(&mut stream);
        let mut place = [0.0; DIMENSIONS];
        for (index, value) in soft_prompt.z.iter().enumerate() {
            let sign = if stream.random_bool(0.5) { 1.0 } else { -1.0 };
            place[axes[index % DIMENSIONS]] += sign * value;
        }
        let folded = soft_prompt.z.len().div_ceil(DIMENSIONS).max(1) as f64;
        place.map(|value| value / folded.sqrt())
    }

    fn nearest(&self, place: &[f64; DIMENSIONS]) -> &str {
        let distances = self.anchors.iter().map(|anchor| distance(anchor, place));
        let nearest = distances.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
        nearest.map_or("", |(index, _)| &self.texts[index])
    }

    fn state(&self, place: &[f64; DIMENSIONS]) -> Vec<f32> {
        let mut stream = Streams::new(self.seed).stream("features", 0);
        let mut feature = || {
            let sum: f64 = place.iter().map(|value| value * stream.random_range(-1.0..1.0)).sum();
            sum.tanh() as f32
        };
        (0..FEATURES).map(|_| feature()).collect()
    }
}

/// An anchor for each text: the sum of random directions of its words, each coordinate by rank over the pool,
/// so that the anchors fill the box evenly.
fn anchors(texts: &[String], seed: u64) -> Vec<[f64; DIMENSIONS]> {
    let sums: Vec<[f64; DIMENSIONS]> = texts.iter().map(|text| direction(text, seed)).collect();
    let mut anchors = vec![[0.0; DIMENSIONS]; texts.len()];
    for axis in 0..DIMENSIONS {
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by(|&a, &b| sums[a][axis].total_cmp(&sums[b][axis]));
        for (rank, &text) in order.iter().enumerate() {
            anchors[text][axis] = (2.0 * rank as f64 + 1.0) / texts.len() as f64 - 1.0;
        }
    }
    anchors
}

fn direction(text: &str, seed: u64) -> [f64; DIMENSIONS] {
    let small = text.to_lowercase();
    let words = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut sum = [0.0; DIMENSIONS];
    let mut count = 0.0_f64;
    for word in words {
        let mut stream = Streams::new(seed).stream(word, 0);
        sum.iter_mut().for_each(|value| *value += stream.random_range(-1.0..1.0));
        count += 1.0;
    }
    sum.map(|value| value / count.max(1.0).sqrt())
}

fn distance(a: &[f64; DIMENSIONS], b: &[f64; DIMENSIONS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

#[async_trait]
impl Model for Landscape {
    fn id(&self) -> &str {
        &self.id
    }

    fn abilities(&self) -> Abilities {
        Abilities { soft_prompts: true, hidden_states: true, ..Abilities::default() }
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        1000
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let one = |request: &Request| match &request.soft_prompt {
            Some(soft_prompt) => Ok(self.one(soft_prompt, &request.returns)),
            None => Err(Error::configuration(format!("{} answers soft prompts alone", self.id))),
        };
        batch.iter().map(one).collect()
    }
}
