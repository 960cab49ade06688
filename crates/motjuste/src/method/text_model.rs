//! Which of many instructions to pay for next: a Gaussian process over features of their texts.

use std::collections::{BTreeSet, HashMap};

use motjuste_gp::acquisition::select_batch;
use motjuste_gp::prior::Prior;
use motjuste_gp::process::{FitOptions, Model};
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Error as GpError, Points};

use crate::history::{Candidate, History, Job};
use crate::{Error, Result};

/// Jobs on all rows for the most promising of `pool` that were never paid for.
///
/// # Errors
/// [`Error::is_numerics`] when the Gaussian process cannot be fitted.
pub(super) fn choose(
    history: &History,
    pool: &[&Candidate],
    batch: usize,
    features: impl FnOnce() -> Result<Points, GpError>,
) -> Result<Vec<Job>> {
    let chosen = promising(history, pool, batch, features).map_err(|error| {
        Error::numerics(format!("the Gaussian process cannot be fitted: {error}"))
            .with_source(error)
    })?;
    Ok(chosen.into_iter().map(|index| Job::all(pool[index])).collect())
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
    let score = |index: &usize| history.find(&pool[*index].instruction)?.score();
    let is_paid = |index: &usize| history.find(&pool[*index].instruction).is_some();
    let (paid, fresh): (Vec<usize>, Vec<usize>) = (0..pool.len()).partition(is_paid);
    let (known, outcomes): (Vec<usize>, Vec<f64>) =
        paid.iter().filter_map(|index| Some((*index, score(index)?))).unzip();
    if fresh.is_empty() || outcomes.is_empty() {
        return Ok(fresh.into_iter().take(batch).collect());
    }
    let features = features()?;
    let y = standardise(&outcomes).values;
    let model = Model::plain(features.select(&known))?;
    let fit = model.fit(&y, &fit_options(&model)?)?;
    let posterior = model.posterior(&y, &fit.hyper)?;
    let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let picks = select_batch(&posterior, &features.select(&fresh), batch, best)?;
    Ok(picks.into_iter().map(|pick| fresh[pick]).collect())
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
fn fit_options(model: &Model) -> Result<FitOptions, GpError> {
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
