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

use super::Optimizer;
use super::pool::{self, Member, PoolConfig};
use crate::history::History;
use crate::model::Generation;
use crate::proposal::Proposal;
use crate::random::Stream;
use crate::{Error, Result};

/// The settings of `motjuste`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MotjusteConfig {
    /// How the pool is decoded.
    pub pool: PoolConfig,
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
    /// Both views, at equal weight.
    #[default]
    Both,
}

impl Features {
    pub(super) fn wants_hidden_states(self) -> bool {
        self != Self::Words
    }
}

#[derive(Debug)]
pub(super) struct Motjuste {
    config: MotjusteConfig,
}

impl Motjuste {
    pub(super) fn new(config: MotjusteConfig) -> Self {
        Self { config }
    }

    /// The most promising texts that were never paid for, by place among `members`.
    fn choose(
        &self,
        history: &History,
        members: &[Member<'_>],
    ) -> Result<Vec<usize>, motjuste_gp::Error> {
        let score = |place: &usize| history.find(&members[*place].generation.text)?.score();
        let (known, fresh): (Vec<usize>, Vec<usize>) =
            (0..members.len()).partition(|place| score(place).is_some());
        let outcomes: Vec<f64> = known.iter().filter_map(score).collect();
        if fresh.is_empty() || outcomes.is_empty() {
            return Ok(fresh.into_iter().take(self.config.pool.batch).collect());
        }
        let features = self.features(members)?;
        let y = standardise(&outcomes).values;
        let model = Model::plain(features.select(&known))?;
        let fit = model.fit(&y, &fit_options(&model)?)?;
        let posterior = model.posterior(&y, &fit.hyper)?;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let picks =
            select_batch(&posterior, &features.select(&fresh), self.config.pool.batch, best)?;
        Ok(picks.into_iter().map(|pick| fresh[pick]).collect())
    }

    /// One row for each member. Every view is scaled on the whole pool, never on the scored part of
    /// it, to a root mean square distance of 1 between two members.
    fn features(&self, members: &[Member<'_>]) -> Result<Points, motjuste_gp::Error> {
        let hidden = || members.iter().map(|member| hidden_state(member.generation)).collect();
        let views = match self.config.features {
            Features::Words => vec![words(members)],
            Features::HiddenStates => vec![hidden()],
            Features::Both => vec![words(members), hidden()],
        };
        let views: Vec<_> = views.into_iter().map(unit_spread).collect();
        let row = |place: usize| views.iter().flat_map(|view| view[place].clone()).collect();
        let rows: Vec<Vec<f64>> = (0..members.len()).map(row).collect();
        Points::from_rows(&rows)
    }
}

impl Optimizer for Motjuste {
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        if history.rounds().is_empty() {
            return self.config.pool.soft_prompts(stream);
        }
        let members = pool::members(history);
        let chosen = self.choose(history, &members).map_err(|error| {
            Error::numerics(format!("the Gaussian process cannot be fitted: {error}"))
                .with_source(error)
        })?;
        Ok(chosen.into_iter().map(|place| Proposal::Pooled(members[place].id)).collect())
    }

    fn select(&mut self, history: &History, generated: &[Generation]) -> Vec<usize> {
        self.config.pool.first_picks(history, generated)
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
fn words(members: &[Member<'_>]) -> Vec<Vec<f64>> {
    let split = |member: &Member<'_>| -> BTreeSet<String> {
        let text = member.generation.text.to_lowercase();
        let word = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        text.split(|c: char| !c.is_alphanumeric()).filter_map(word).collect()
    };
    let texts: Vec<BTreeSet<String>> = members.iter().map(split).collect();
    let vocabulary: BTreeSet<&String> = texts.iter().flatten().collect();
    let places: HashMap<&String, usize> =
        vocabulary.into_iter().enumerate().map(|(place, word)| (word, place)).collect();
    let row = |text: &BTreeSet<String>| {
        let mut row = vec![0.0; places.len()];
        text.iter().for_each(|word| row[places[word]] = 1.0);
        row
    };
    texts.iter().map(row).collect()
}

fn hidden_state(generation: &Generation) -> Vec<f64> {
    generation.features.iter().map(|&value| f64::from(value)).collect()
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
