//! The local model: a process with a tangent kernel over the scored instructions nearest to a place.

use std::collections::BTreeMap;

use motjuste_gp::network::{Network, Start, TangentProcess};
use motjuste_gp::{Error as GpError, Points};

use super::{Variance, Zopo};
use crate::random::Stream;

/// What is needed to fit one anywhere.
pub(super) struct Local<'a> {
    settings: &'a Zopo,
    features: &'a Points,
    network: Network,
}

/// A fitted one: inputs are brought to \[0, 1\] by the range of its points.
pub(super) struct Fitted<'a> {
    settings: &'a Zopo,
    process: TangentProcess<'a>,
    lower: Vec<f64>,
    width: Vec<f64>,
}

impl<'a> Local<'a> {
    pub(super) fn new(
        settings: &'a Zopo,
        features: &'a Points,
        stream: &mut Stream,
    ) -> Result<Self, GpError> {
        let mut widths = vec![features.dim()];
        widths.extend(std::iter::repeat_n(settings.width, settings.depth));
        widths.push(1);
        Ok(Self { settings, features, network: Network::new(&widths, Start::Normal, stream)? })
    }

    /// Where an instruction lies.
    pub(super) fn place(&self, index: usize) -> &'a [f64] {
        self.features.row(index)
    }

    /// The so many of these that lie nearest to a place, the nearest first.
    pub(super) fn nearest(&self, place: &[f64], among: &[usize], count: usize) -> Vec<usize> {
        let square = |a: f64| a * a;
        let distance = |&index: &usize| {
            let pairs = self.features.row(index).iter().zip(place);
            (pairs.map(|(a, b)| square(a - b)).sum::<f64>(), index)
        };
        let mut all: Vec<(f64, usize)> = among.iter().map(distance).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.into_iter().take(count).map(|(_, index)| index).collect()
    }

    /// The process of the scores nearest to a place.
    pub(super) fn fitted(
        &'a self,
        place: &[f64],
        scored: &[(usize, f64)],
    ) -> Result<Fitted<'a>, GpError> {
        let scores: BTreeMap<usize, f64> = scored.iter().copied().collect();
        let known: Vec<usize> = scores.keys().copied().collect();
        let nearest = self.nearest(place, &known, self.settings.local);
        let points = self.features.select(&nearest);
        let y: Vec<f64> = nearest.iter().map(|index| scores[index]).collect();
        let (lower, width) = range(&points);
        let inputs: Vec<f64> = points.rows().flat_map(|row| scaled(row, &lower, &width)).collect();
        let inputs = Points::new(points.dim(), inputs)?;
        let noise = self.settings.noise * self.settings.noise;
        let process = TangentProcess::new(&self.network, &inputs, &y, noise)?;
        Ok(Fitted { settings: self.settings, process, lower, width })
    }
}

impl Fitted<'_> {
    /// The gradient of the mean by the place.
    pub(super) fn gradient(&self, place: &[f64]) -> Result<Vec<f64>, GpError> {
        let gradient = self.process.gradient(&self.inputs(place))?;
        Ok(gradient.iter().zip(&self.width).map(|(slope, width)| slope / width).collect())
    }

    /// Whether the process is unsure of a place.
    pub(super) fn is_unsure(&self, place: &[f64]) -> Result<bool, GpError> {
        let inputs = self.inputs(place);
        let variance = self.process.predict(&inputs)?.variance;
        let unit = match self.settings.variance {
            Variance::Share => self.process.prior_variance(&inputs)?,
            Variance::Kernel => 1.0,
        };
        Ok(variance > self.settings.unsure * unit)
    }

    fn inputs(&self, place: &[f64]) -> Vec<f64> {
        scaled(place, &self.lower, &self.width).collect()
    }
}

fn scaled<'a>(
    row: &'a [f64],
    lower: &'a [f64],
    width: &'a [f64],
) -> impl Iterator<Item = f64> + use<'a> {
    row.iter().zip(lower).zip(width).map(|((value, lower), width)| (value - lower) / width)
}

/// The least value of every column and the width of its range; a column without a range stays as it is.
fn range(points: &Points) -> (Vec<f64>, Vec<f64>) {
    let fold = |k: usize, start: f64, f: fn(f64, f64) -> f64| {
        points.rows().map(|row| row[k]).fold(start, f)
    };
    let one = |k: usize| {
        let (lower, upper) =
            (fold(k, f64::INFINITY, f64::min), fold(k, f64::NEG_INFINITY, f64::max));
        if upper > lower { (lower, upper - lower) } else { (0.0, 1.0) }
    };
    (0..points.dim()).map(one).unzip()
}
