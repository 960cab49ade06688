//! Fitting a network: full-batch Adam on the squared error, and on the spread within groups of points that
//! have one outcome.

use std::ops::Range;

use super::Network;
use super::pass::Pass;
use crate::error::{Error, Result, check_finite};
use crate::points::Points;

/// What a network is fitted to.
///
/// ```
/// use motjuste_gp::{Points, network::Data};
/// let points = Points::from_rows(&[[0.0], [1.0], [2.0], [2.5]])?;
/// // Two outcomes are known; of the other two points only that they have the same.
/// let data = Data { points: &points, targets: &[0.5, 1.0], groups: &[2..4] };
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// n × d.
    pub points: &'a Points,
    /// The outcomes of the first m points, 1 ≤ m ≤ n.
    pub targets: &'a [f64],
    /// Points whose outcomes are unknown, and equal within a group of two or more.
    pub groups: &'a [Range<usize>],
}

/// How a network is fitted. The default is that of PyTorch's Adam, 1,000 steps of it.
///
/// ```
/// use motjuste_gp::network::Options;
/// assert_eq!(Options::default().learning_rate, 1e-3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Steps, each over all points.
    pub steps: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// The weight of the parameters' squares: `decay theta` is added to the gradient before Adam sees it.
    pub decay: f64,
    /// The weight of the spread within groups; it grows from 0 over the first half of the steps.
    pub consistency: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 1000, learning_rate: 1e-3, decay: 0.0, consistency: 0.0 }
    }
}

impl Data<'_> {
    fn check(&self, network: &Network) -> Result<()> {
        self.points.check_dim(network.widths[0])?;
        check_finite("targets", self.targets)?;
        let (n, m) = (self.points.len(), self.targets.len());
        if m == 0 || m > n {
            return Err(Error::shape(format!("{m} targets for {n} points")));
        }
        let fits = |group: &Range<usize>| group.len() >= 2 && group.end <= n;
        match self.groups.iter().all(fits) {
            true => Ok(()),
            false => Err(Error::shape("a group is a range of two points or more")),
        }
    }

    /// The loss, and its derivative by each output f_i:
    ///
    /// `L = 1/m sum_i (f_i - y_i)^2 + w/G sum_g 2 / (k_g (k_g - 1)) sum_(i<j in g) (f_i - f_j)^2`,
    /// where `sum_(i<j) (f_i - f_j)^2 = k sum f^2 - (sum f)^2`.
    fn loss(&self, outputs: &[f64], weight: f64) -> (f64, Vec<f64>) {
        let mut slopes = vec![0.0; outputs.len()];
        let m = self.targets.len() as f64;
        let mut loss = 0.0;
        for ((slope, output), target) in slopes.iter_mut().zip(outputs).zip(self.targets) {
            let error = output - target;
            loss += error * error / m;
            *slope = 2.0 * error / m;
        }
        for group in self.groups {
            let k = group.len() as f64;
            let scale = weight / self.groups.len() as f64 * 2.0 / (k * (k - 1.0));
            let outputs = &outputs[group.clone()];
            let sum: f64 = outputs.iter().sum();
            let squares: f64 = outputs.iter().map(|f| f * f).sum();
            loss += scale * (k * squares - sum * sum);
            let slopes = slopes[group.clone()].iter_mut().zip(outputs);
            slopes.for_each(|(slope, f)| *slope += scale * 2.0 * (k * f - sum));
        }
        (loss, slopes)
    }
}

impl Network {
    /// The mean squared error on the targets, plus `consistency` times the mean squared difference of two
    /// points of a group, averaged over the groups (Jeon et al. 2025, arXiv 2510.25808, for groups).
    ///
    /// # Errors
    /// The dimension of the points is not that of the network; there is no target, or more than points; a group
    /// has fewer than two points, or ends behind the last.
    ///
    /// ```
    /// use motjuste_gp::{Points, network::{Data, Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let network = Network::new(&[1, 4, 1], Start::Uniform, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let targets = network.predict(&points)?;
    /// assert_eq!(network.loss(&Data { points: &points, targets: &targets, groups: &[] }, 0.0)?, 0.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn loss(&self, data: &Data<'_>, consistency: f64) -> Result<f64> {
        data.check(self)?;
        Ok(data.loss(&self.predict(data.points)?, consistency).0)
    }

    /// The network after so many steps of Adam (Kingma and Ba 2015, algorithm 1, as in PyTorch) down its
    /// [`loss`](Self::loss), all points at once. Cost a step: O(n P) for P parameters.
    ///
    /// # Errors
    /// As [`loss`](Self::loss); the steps led to numbers that are not finite.
    ///
    /// ```
    /// use motjuste_gp::{Points, network::{Data, Network, Options, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let start = Network::new(&[1, 50, 1], Start::Uniform, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let points = Points::from_rows(&[[-1.0], [0.0], [1.0]])?;
    /// let data = Data { points: &points, targets: &[0.2, 0.9, 0.3], groups: &[] };
    /// let trained = start.trained(&data, &Options { learning_rate: 1e-2, ..Options::default() })?;
    /// assert!(trained.loss(&data, 0.0)? < 1e-4);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn trained(&self, data: &Data<'_>, options: &Options) -> Result<Self> {
        data.check(self)?;
        let mut parameters = self.parameters.clone();
        let mut gradient = vec![0.0; parameters.len()];
        let mut adam = Adam::new(parameters.len(), options);
        let mut pass = Pass::new(&self.layers, data.points.columns());
        for step in 0..options.steps {
            let outputs = pass.forward(&parameters);
            let (_, slopes) = data.loss(&outputs, ramp(options, step));
            pass.backward(&parameters, &slopes);
            pass.gradient(&mut gradient);
            adam.step(&mut parameters, &gradient);
        }
        check_finite("a trained network (lower the learning rate)", &parameters)?;
        Ok(Self { parameters, ..self.clone() })
    }

    /// The derivative of the [`loss`](Self::loss) by every parameter.
    #[cfg(test)]
    pub(super) fn loss_gradient(&self, data: &Data<'_>, consistency: f64) -> Vec<f64> {
        let mut pass = Pass::new(&self.layers, data.points.columns());
        let outputs = pass.forward(&self.parameters);
        pass.backward(&self.parameters, &data.loss(&outputs, consistency).1);
        let mut gradient = vec![0.0; self.parameters.len()];
        pass.gradient(&mut gradient);
        gradient
    }
}

/// The weight of the spread at a step: linear, up to its whole at half of the steps.
fn ramp(options: &Options, step: usize) -> f64 {
    let half = options.steps as f64 * 0.5;
    options.consistency * (step as f64 / half).min(1.0)
}

/// Adam with PyTorch's constants.
struct Adam<'a> {
    options: &'a Options,
    steps: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

impl<'a> Adam<'a> {
    fn new(parameters: usize, options: &'a Options) -> Self {
        Self { options, steps: 0, mean: vec![0.0; parameters], square: vec![0.0; parameters] }
    }

    /// Elementwise, so a processor with wider vectors comes to the same bits.
    fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        self.steps += 1;
        let rate = self.options.learning_rate / (1.0 - BETA_1.powi(self.steps));
        let root = 1.0 / (1.0 - BETA_2.powi(self.steps)).sqrt();
        let decay = self.options.decay;
        let (mean, square) = (&mut self.mean, &mut self.square);
        pulp::Arch::new().dispatch(|| {
            let moments = mean.iter_mut().zip(square.iter_mut());
            let slopes = parameters.iter_mut().zip(gradient);
            for ((parameter, slope), (mean, square)) in slopes.zip(moments) {
                let slope = slope + decay * *parameter;
                *mean = BETA_1 * *mean + (1.0 - BETA_1) * slope;
                *square = BETA_2 * *square + (1.0 - BETA_2) * slope * slope;
                *parameter -= rate * *mean / (square.sqrt() * root + EPSILON);
            }
        });
    }
}
