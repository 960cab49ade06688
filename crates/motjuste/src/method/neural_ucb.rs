//! NeuralUCB (Zhou, Li and Gu 2020, arXiv 1911.04462) with a diagonal U over a finite pool, as INSTINCT and
//! PRESTO use it.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | x | D | a point: features of what a soft prompt led to |
//! | f | | a network with one hidden layer, fitted to the scores so far |
//! | g(x) | P | derivative of f by its parameters |
//! | U | P | lambda + sum of g(x)^2 over points that count as seen |
//! | u(x) | | f(x) + sqrt(lambda nu sum_k g_k(x)^2 / U_k) |

use std::ops::Range;

use motjuste_gp::network::{Data, Network, Options, Start, Tangents};
use motjuste_gp::{Error as GpError, Points};
use serde::{Deserialize, Serialize};

use crate::random::Stream;
use crate::{Error, Result};

/// A network, how it is fitted, and how much doubt counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuralUcb {
    /// What the network's first parameters are drawn from.
    pub initialisation: Initialisation,
    /// Units of the hidden layer.
    pub width: usize,
    /// Steps of Adam at each fit, always from the same first parameters.
    pub steps: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// Weight decay, divided by the number of scored points.
    pub decay: f64,
    /// The weight of doubt, nu.
    pub nu: f64,
    /// What U begins with, lambda.
    pub lambda: f64,
    /// Points, or instructions, of the pool that are drawn and compared at each choice.
    pub considered: usize,
    /// What counts as seen.
    pub seen: Seen,
    /// Whether every study has the same first parameters.
    pub fixed_network: bool,
}

/// What a network's first parameters are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initialisation {
    /// U(-1/√k, 1/√k) for a layer of k inputs: PyTorch's default.
    Library,
    /// N(0, 1), as INSTINCT's published code: its network predicts next to nothing of what it has not seen.
    Normal,
}

/// What counts as seen: the points whose gradients, by the present network, are in U.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// All that were scored.
    Scored,
    /// Those that were chosen, not those of the start: the published code of INSTINCT.
    Chosen,
    /// Those that were chosen, and those that repeated another before the first choice, though nothing was paid for
    /// them: the published code of PRESTO.
    ChosenAndUnpaid,
}

/// What a network is fitted to: rows of the pool's features.
pub(super) struct Known<'a> {
    /// The features of the whole pool.
    pub(super) features: &'a Points,
    /// The scored rows, with their scores.
    pub(super) scored: Vec<(usize, f64)>,
    /// Rows without scores that must have one outcome, group by group.
    pub(super) groups: Vec<Range<usize>>,
    /// The weight of that.
    pub(super) consistency: f64,
}

/// A fitted network with the scale of its inputs.
pub(super) struct Fitted {
    network: Network,
    scale: Option<Scale>,
}

impl NeuralUcb {
    /// Refuses a network that cannot be fitted.
    pub(super) fn check(&self) -> Result<()> {
        let counts = [("width", self.width), ("considered", self.considered)];
        if let Some((name, _)) = counts.iter().find(|(_, value)| *value == 0) {
            return Err(Error::configuration(format!("the setting bandit.{name} is 0"))
                .with_help(format!("set bandit.{name} to 1 or more")));
        }
        let is_rate = |value: f64| value.is_finite() && value > 0.0;
        let is_weight = |value: f64| value.is_finite() && value >= 0.0;
        let fits = is_rate(self.learning_rate) && is_rate(self.lambda);
        match fits && is_weight(self.decay) && is_weight(self.nu) {
            true => Ok(()),
            false => Err(Error::configuration("the bandit's numbers are out of range").with_help(
                "bandit.learning_rate and bandit.lambda are above 0, bandit.decay and bandit.nu 0 or more",
            )),
        }
    }

    /// The network before any fit, on features as they are.
    pub(super) fn untrained(&self, inputs: usize, stream: &mut Stream) -> Result<Fitted, GpError> {
        let start = match self.initialisation {
            Initialisation::Library => Start::Uniform,
            Initialisation::Normal => Start::Normal,
        };
        Ok(Fitted { network: Network::new(&[inputs, self.width, 1], start, stream)?, scale: None })
    }

    /// The network fitted to what is known, its inputs standardised by the scored rows.
    pub(super) fn fitted(&self, known: &Known<'_>, stream: &mut Stream) -> Result<Fitted, GpError> {
        let (rows, targets): (Vec<usize>, Vec<f64>) = known.scored.iter().copied().unzip();
        let scale = Scale::of(&known.features.select(&rows));
        let mut at = rows.len();
        let ranges: Vec<Range<usize>> = known
            .groups
            .iter()
            .map(|group| {
                at += group.len();
                at - group.len()..at
            })
            .collect();
        let all: Vec<usize> =
            rows.into_iter().chain(known.groups.iter().cloned().flatten()).collect();
        let points = scale.apply(&known.features.select(&all))?;
        let options = Options {
            steps: self.steps,
            learning_rate: self.learning_rate,
            decay: self.decay / targets.len() as f64,
            consistency: known.consistency,
        };
        let data = Data { points: &points, targets: &targets, groups: &ranges };
        let network = self.untrained(points.dim(), stream)?.network.trained(&data, &options)?;
        Ok(Fitted { network, scale: Some(scale) })
    }

    /// U before anything is seen, for a network of this size.
    pub(super) fn doubt(&self, fitted: &Fitted) -> Vec<f64> {
        vec![self.lambda; fitted.network.parameters().len()]
    }

    /// u(x) of every point.
    pub(super) fn upper_bounds(
        &self,
        outputs: &[f64],
        tangents: &Tangents,
        u: &[f64],
    ) -> Result<Vec<f64>, GpError> {
        let widths = tangents.widths(u)?;
        let bound = |(f, width): (&f64, f64)| f + (self.lambda * self.nu * width).sqrt();
        Ok(outputs.iter().zip(widths).map(bound).collect())
    }
}

impl Fitted {
    fn scaled(&self, points: &Points) -> Result<Points, GpError> {
        match &self.scale {
            Some(scale) => scale.apply(points),
            None => Ok(points.clone()),
        }
    }

    /// f and g at these points.
    pub(super) fn at(&self, points: &Points) -> Result<(Vec<f64>, Tangents), GpError> {
        let points = self.scaled(points)?;
        Ok((self.network.predict(&points)?, self.network.tangents(&points)?))
    }

    /// Adds the squares of g at these rows to U.
    pub(super) fn see(
        &self,
        features: &Points,
        rows: &[usize],
        u: &mut [f64],
    ) -> Result<(), GpError> {
        let squares = self.network.tangents(&self.scaled(&features.select(rows))?)?.squares();
        u.iter_mut().zip(squares).for_each(|(u, square)| *u += square);
        Ok(())
    }
}

/// Mean and standard deviation (n - 1) of every column.
struct Scale {
    mean: Vec<f64>,
    /// 1/sd; 0 where all values are equal, so that such a column says nothing.
    inverse: Vec<f64>,
}

impl Scale {
    fn of(points: &Points) -> Self {
        let (n, width) = (points.len().max(1) as f64, points.dim());
        let mut mean = vec![0.0; width];
        points.rows().for_each(|row| add(&mut mean, row.iter().map(|value| value / n)));
        let mut squares = vec![0.0; width];
        for row in points.rows() {
            add(&mut squares, row.iter().zip(&mean).map(|(value, mean)| (value - mean).powi(2)));
        }
        let inverse = |(square, mean): (&f64, &f64)| {
            let sd = (square / (n - 1.0).max(1.0)).sqrt();
            if sd > ALL_EQUAL * mean.abs() { 1.0 / sd } else { 0.0 }
        };
        let inverse = squares.iter().zip(&mean).map(inverse).collect();
        Self { mean, inverse }
    }

    fn apply(&self, points: &Points) -> Result<Points, GpError> {
        let scaled = points.rows().flat_map(|row| {
            let columns = row.iter().zip(&self.mean).zip(&self.inverse);
            columns.map(|((value, mean), inverse)| (value - mean) * inverse)
        });
        Points::new(points.dim(), scaled.collect())
    }
}

/// Rounding alone makes a spread of this share of the mean.
const ALL_EQUAL: f64 = 1e-12;

fn add(sums: &mut [f64], values: impl Iterator<Item = f64>) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// The index of the largest number, the first of equals.
pub(super) fn first_of_largest(values: impl IntoIterator<Item = f64>) -> Option<usize> {
    let larger =
        |first: (usize, f64), other: (usize, f64)| if other.1 > first.1 { other } else { first };
    values.into_iter().enumerate().reduce(larger).map(|(index, _)| index)
}

/// The error of a fit, in words.
pub(super) fn numerics(error: GpError) -> Error {
    Error::numerics(format!("the neural network cannot be fitted: {error}")).with_source(error)
}
