//! `motjuste`, our own method, first edition: decode first, then model the *instruction*.
//!
//! A soft prompt costs nothing but local time, and most soft prompts repeat an instruction that is
//! known. So many are decoded before the target is called, repeats are dropped, and what is left is
//! a finite set of texts. A Gaussian process over features of the text — not of the soft prompt —
//! says which five to pay for next.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | x | w + e | features of an instruction: its words, and the generator's hidden state over it |
//! | h | n | dev score |
//! | k | | isotropic Matérn-5/2 |
//!
//! The choice is log expected improvement (Ament et al., arXiv 2310.20708), in greedy batches that
//! take each pick's variance away before the next.

use std::collections::{BTreeSet, HashMap};

use motjuste_gp::Points;
use motjuste_gp::acquisition::select_batch;
use motjuste_gp::prior::Prior;
use motjuste_gp::process::{FitOptions, Model};
use motjuste_gp::standardise::standardise;
use serde::{Deserialize, Serialize};

use super::pool::{self, Pool};
use super::{Bounds, HiddenStates, Method, MethodId, Needs, Registered, soft_prompts};
use crate::history::{Allocation, Candidate, History, Job, Proposal, Reading, Reply};
use crate::random::Stream;
use crate::{Error, Result};

/// Our own method: a pool of instructions, and a Gaussian process that says which to pay for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Motjuste {
    /// How the pool is decoded.
    pub pool: Pool,
    /// What the Gaussian process sees of an instruction.
    pub features: Features,
}

/// What the Gaussian process sees of an instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// Which words stand in it.
    Words,
    /// The generator's mean hidden state over it.
    HiddenStates,
    /// Both views, at equal weight; words alone where the generator returns no hidden states.
    #[default]
    Both,
}

impl Registered for Motjuste {
    const NAME: &'static str = "motjuste";
    const SUMMARY: &'static str = "Decodes 1,000 soft prompts, drops repeats, models the instructions \
                                   and pays for five new ones at a time.";
}

impl Motjuste {
    /// The most promising candidates that were never paid for, by their ids.
    fn choose(&self, history: &History) -> Result<Vec<usize>, motjuste_gp::Error> {
        let pool = history.candidates();
        let score = |index: &usize| history.find(&pool[*index].instruction)?.score();
        let is_paid = |index: &usize| history.find(&pool[*index].instruction).is_some();
        let (paid, fresh): (Vec<usize>, Vec<usize>) = (0..pool.len()).partition(is_paid);
        let (known, outcomes): (Vec<usize>, Vec<f64>) =
            paid.iter().filter_map(|index| Some((*index, score(index)?))).unzip();
        let batch = self.pool.batch.get();
        if fresh.is_empty() || outcomes.is_empty() {
            return Ok(fresh.into_iter().take(batch).collect());
        }
        let features = self.features(history)?;
        let y = standardise(&outcomes).values;
        let model = Model::plain(features.select(&known))?;
        let fit = model.fit(&y, &fit_options(&model)?)?;
        let posterior = model.posterior(&y, &fit.hyper)?;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let picks = select_batch(&posterior, &features.select(&fresh), batch, best)?;
        Ok(picks.into_iter().map(|pick| fresh[pick]).collect())
    }

    /// One row for each candidate. Every view is scaled on the whole pool, never on the scored part of
    /// it, to a root mean square distance of 1 between two candidates.
    fn features(&self, history: &History) -> Result<Points, motjuste_gp::Error> {
        let pool = history.candidates();
        let hidden = || pool.iter().map(|candidate| hidden_state(history, candidate)).collect();
        let views: Vec<Vec<Vec<f64>>> = match self.features {
            Features::Words => vec![words(pool)],
            Features::HiddenStates => vec![hidden()],
            Features::Both => vec![words(pool), hidden()],
        };
        let views: Vec<_> = views.into_iter().map(unit_spread).collect();
        let row = |index: usize| views.iter().flat_map(|view| view[index].clone()).collect();
        let rows: Vec<Vec<f64>> = (0..pool.len()).map(row).collect();
        Points::from_rows(&rows)
    }
}

impl Method for Motjuste {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        soft_prompts::needs(match self.features {
            Features::Words => HiddenStates::Unused,
            Features::HiddenStates => HiddenStates::Required,
            Features::Both => HiddenStates::Welcome,
        })
    }

    fn check(&self) -> Result<()> {
        self.pool.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        pool::read(history, replies)
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        _: &mut Stream,
    ) -> Result<Allocation> {
        if history.steps().is_empty() {
            return Ok(self.pool.first(fresh).into());
        }
        let chosen = self.choose(history).map_err(|error| {
            Error::numerics(format!("the Gaussian process cannot be fitted: {error}"))
                .with_source(error)
        })?;
        let pool = history.candidates();
        Ok(chosen.into_iter().map(|index| Job::all(&pool[index])).collect::<Vec<_>>().into())
    }
}

/// One lengthscale, expected around the typical distance of two instructions (which is 1 a view).
fn fit_options(model: &Model) -> Result<FitOptions, motjuste_gp::Error> {
    let mut options = FitOptions::isotropic(model)?;
    options.lengthscale_prior = Prior::log_normal(LENGTHSCALE_LOG_MEAN, LENGTHSCALE_LOG_SD)?;
    options.start.lengthscales = vec![LENGTHSCALE_LOG_MEAN.exp()];
    Ok(options)
}

/// Somewhat more than the typical distance: neighbours should inform, strangers hardly.
const LENGTHSCALE_LOG_MEAN: f64 = 0.3;
const LENGTHSCALE_LOG_SD: f64 = 1.0;

/// Which words of the pool's vocabulary stand in each text: 0 or 1, pool × vocabulary.
fn words(pool: &[Candidate]) -> Vec<Vec<f64>> {
    let split = |candidate: &Candidate| -> BTreeSet<String> {
        let text = candidate.instruction.to_lowercase();
        let word = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        text.split(|c: char| !c.is_alphanumeric()).filter_map(word).collect()
    };
    let texts: Vec<BTreeSet<String>> = pool.iter().map(split).collect();
    let vocabulary: BTreeSet<&String> = texts.iter().flatten().collect();
    let indices: HashMap<&String, usize> =
        vocabulary.into_iter().enumerate().map(|(index, word)| (word, index)).collect();
    let row = |text: &BTreeSet<String>| {
        let mut row = vec![0.0; indices.len()];
        text.iter().for_each(|word| row[indices[word]] = 1.0);
        row
    };
    texts.iter().map(row).collect()
}

fn hidden_state(history: &History, candidate: &Candidate) -> Vec<f64> {
    let state = history.reply_of(candidate).map(|reply| reply.hidden_state.as_slice());
    state.unwrap_or_default().iter().map(|&value| f64::from(value)).collect()
}

/// Divides a view by the root mean square distance of two of its rows, √(2 Σ variance).
fn unit_spread(mut view: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = view.len().max(1) as f64;
    let width = view.first().map_or(0, Vec::len);
    let variance = |column: usize| {
        let mean = view.iter().map(|row| row[column]).sum::<f64>() / n;
        view.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / n
    };
    let spread = (2.0 * (0..width).map(variance).sum::<f64>()).sqrt();
    if spread > 0.0 {
        view.iter_mut().flatten().for_each(|value| *value /= spread);
    }
    view
}
