//! Which of many instructions to pay for next: a Gaussian process over features of their texts.

mod principal;
mod terms;

use std::collections::{BTreeSet, HashMap};

use motjuste_gp::acquisition::select_batch;
use motjuste_gp::prior::Prior;
use motjuste_gp::process::{FitOptions, Model, Posterior};
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Error as GpError, Points};

use crate::history::{Candidate, History, Standing, Trial, TrialState, standings};
use crate::{Error, Result};

/// The most promising of `pool` that were never paid for.
///
/// # Errors
/// [`Error::is_numerics`] when the Gaussian process cannot be fitted.
pub(super) fn choose<'a>(
    history: &History,
    pool: &[&'a Candidate],
    batch: usize,
    features: impl FnOnce() -> Result<Points, GpError>,
) -> Result<Vec<&'a Candidate>> {
    if batch == 0 {
        return Ok(Vec::new());
    }
    let chosen = promising(history, pool, batch, features).map_err(|error| {
        Error::numerics(format!("the Gaussian process cannot be fitted: {error}"))
            .with_source(error)
    })?;
    Ok(chosen.into_iter().map(|index| pool[index]).collect())
}

/// The most promising of `pool` that were never paid for, by their index in it: log expected improvement
/// (Ament et al., arXiv 2310.20708), in greedy batches that take each pick's variance away before the
/// next. `features` has one row for each of the pool.
fn promising(
    history: &History,
    pool: &[&Candidate],
    batch: usize,
    features: impl FnOnce() -> Result<Points, GpError>,
) -> Result<Vec<usize>, GpError> {
    let is_paid = |index: &usize| history.find(&pool[*index].instruction).is_some();
    let fresh: Vec<usize> = (0..pool.len()).filter(|index| !is_paid(index)).collect();
    let known = known(history, pool);
    if fresh.is_empty() || known.is_empty() {
        return Ok(fresh.into_iter().take(batch).collect());
    }
    let features = features()?;
    let outcomes: Vec<f64> = known.iter().map(|one| one.estimate).collect();
    let y = standardise(&outcomes);
    let places: Vec<usize> = known.iter().map(|one| one.place).collect();
    let noise = known.iter().map(|one| one.variance / (y.sd + 1e-9).powi(2)).collect();
    let scored = Scored { points: features.select(&places), outcomes: y.values, noise };
    let posterior = scored.posterior()?;
    let best = incumbent(&known, &scored.outcomes, &posterior, &scored.points)?;
    let fresh = screened(fresh, &features, &posterior)?;
    let picks = select_batch(&posterior, &features.select(&fresh), batch, best)?;
    Ok(picks.into_iter().map(|pick| fresh[pick]).collect())
}

/// What the process learns from: a point, a standardised outcome and a noise variance for each instruction.
struct Scored {
    points: Points,
    outcomes: Vec<f64>,
    noise: Vec<f64>,
}

/// The hyperparameters are fitted on so many of the scored instructions at the most, spread over all of them: the time
/// of a fit grows with the cube of their number, what it finds hardly changes.
const FITTED: usize = 150;

impl Scored {
    /// The process given all outcomes.
    fn posterior(&self) -> Result<Posterior, GpError> {
        let count = self.outcomes.len();
        let step = count.div_ceil(FITTED).max(1);
        let sample: Vec<usize> = (0..count).step_by(step).collect();
        let of = |values: &[f64]| sample.iter().map(|&index| values[index]).collect::<Vec<f64>>();
        let part = Model::plain(self.points.select(&sample))?.with_extra_noise(of(&self.noise))?;
        let hyper = part.fit(&of(&self.outcomes), &fit_options(&part)?)?.hyper;
        let model = Model::plain(self.points.clone())?.with_extra_noise(self.noise.clone())?;
        model.posterior(&self.outcomes, &hyper)
    }
}

/// So many new instructions at the most are compared by expected improvement, whose time grows with the square of the
/// scored ones for each.
const COMPARED: usize = 1000;

/// Of many new instructions those with the highest posterior mean, in the order of the pool.
fn screened(
    fresh: Vec<usize>,
    features: &Points,
    posterior: &Posterior,
) -> Result<Vec<usize>, GpError> {
    if fresh.len() <= COMPARED {
        return Ok(fresh);
    }
    let means = posterior.means(&features.select(&fresh))?;
    let mut ranked: Vec<(f64, usize)> = means.into_iter().zip(fresh).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut kept: Vec<usize> = ranked.into_iter().take(COMPARED).map(|(_, place)| place).collect();
    kept.sort_unstable();
    Ok(kept)
}

/// What a new instruction must be better than: the best score, or, where scores are doubtful, what the process
/// believes of the best, so that luck on a few rows is not taken for the thing to beat.
fn incumbent(
    known: &[Known],
    outcomes: &[f64],
    posterior: &Posterior,
    places: &Points,
) -> Result<f64, GpError> {
    let highest = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    if known.iter().all(|one| one.variance == 0.0) {
        return Ok(highest(&mut outcomes.iter().copied()));
    }
    let believed = posterior.predict_batch(places)?;
    Ok(highest(&mut believed.iter().map(|prediction| prediction.mean)))
}

/// What is known of one of the pool.
struct Known {
    /// Its index in the pool.
    place: usize,
    estimate: f64,
    /// The variance of the estimate, 0 where all have the same rows.
    variance: f64,
}

/// The instructions of the pool that have scores. Where all are complete, their scores are compared as they are;
/// else they have an [estimate](standings) each, the more doubtful the fewer rows it rests on.
fn known(history: &History, pool: &[&Candidate]) -> Vec<Known> {
    let places = pool.iter().enumerate();
    let trials = places.filter_map(|(place, one)| Some((place, history.find(&one.instruction)?)));
    let is_whole = |trial: &Trial| matches!(trial.state, TrialState::Complete | TrialState::Failed);
    if history.trials().iter().all(is_whole) {
        let whole = |(place, trial): (usize, &Trial)| {
            Some(Known { place, estimate: trial.score()?, variance: 0.0 })
        };
        return trials.filter_map(whole).collect();
    }
    let standings = standings(history);
    let standing = |(place, trial): (usize, &Trial)| {
        let index = standings.binary_search_by_key(&trial.id, |standing| standing.trial).ok()?;
        let Standing { estimate, variance, .. } = standings[index];
        Some(Known { place, estimate, variance })
    };
    trials.filter_map(standing).collect()
}

/// One row for each candidate from views of it. Every view is scaled on the whole pool, never on the scored
/// part of it, to a root mean square distance of 1 between two candidates.
pub(super) fn joined(views: Vec<Vec<Vec<f64>>>, pool: usize) -> Result<Points, GpError> {
    let views: Vec<_> = views.into_iter().map(unit_spread).collect();
    let row = |index: usize| views.iter().flat_map(|view| view[index].clone()).collect();
    let rows: Vec<Vec<f64>> = (0..pool).map(row).collect();
    Points::from_rows(&rows)
}

/// One lengthscale, expected around the typical distance of two instructions (which is 1 a view).
pub(super) fn fit_options(model: &Model) -> Result<FitOptions, GpError> {
    let mut options = FitOptions::isotropic(model)?;
    options.lengthscale_prior = Prior::log_normal(LENGTHSCALE_LOG_MEAN, LENGTHSCALE_LOG_SD)?;
    options.start.lengthscales = vec![LENGTHSCALE_LOG_MEAN.exp()];
    Ok(options)
}

/// Somewhat more than the typical distance: neighbours should inform, strangers hardly.
const LENGTHSCALE_LOG_MEAN: f64 = 0.3;
const LENGTHSCALE_LOG_SD: f64 = 1.0;

/// Which words of the pool's vocabulary stand in each text: 0 or 1, pool × vocabulary.
pub(super) fn words(pool: &[&Candidate]) -> Vec<Vec<f64>> {
    let split = |candidate: &&Candidate| -> BTreeSet<String> {
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

/// The first principal components of the texts' weighted terms: pool × `count`.
pub(super) fn terms(pool: &[&Candidate], count: usize) -> Vec<Vec<f64>> {
    let texts = pool.iter().map(|candidate| candidate.instruction.as_str());
    principal::components(&terms::Terms::of(texts), count)
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
