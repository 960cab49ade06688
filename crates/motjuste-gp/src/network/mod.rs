//! Small neural networks with rectified linear units, one output and no state: forward, gradient, Adam, and
//! the kernel of their tangents.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | x, a_0 | d | a point, what the first layer reads |
//! | W_l, b_l | | weights and biases of layer l |
//! | a_l | | `relu(W_l a_(l-1) + b_l)`; of the last layer, without relu, the output f |
//! | theta | P | all parameters, layer by layer: W column by column, then b |
//! | delta_l | | df / d(W_l a_(l-1) + b_l) |
//! | g(x) | P | the tangent df / dtheta |
//!
//! [`Network::trained`] fits, [`Tangents`] say how far a point is from those that are known, and
//! [`TangentProcess`] predicts without any fit.

mod layout;
mod pass;
mod process;
mod tangent;
mod training;

#[cfg(test)]
mod tests;

pub use process::TangentProcess;
pub use tangent::Tangents;
pub use training::{Data, Options};

use rand_core::Rng;

use crate::error::{Error, Result};
use crate::points::Points;
use crate::special::{normal, uniform};
use layout::{Layer, layers};
use pass::Pass;

/// A network with rectified linear units and one output.
///
/// ```
/// use motjuste_gp::{Points, network::{Network, Start}};
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// let network = Network::new(&[3, 100, 1], Start::Uniform, &mut ChaCha20Rng::seed_from_u64(0))?;
/// assert_eq!(network.parameters().len(), 3 * 100 + 100 + 100 + 1);
/// assert_eq!(network.predict(&Points::from_rows(&[[0.0, 0.5, 1.0]])?)?.len(), 1);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    widths: Vec<usize>,
    layers: Vec<Layer>,
    parameters: Vec<f64>,
}

/// What the parameters of a new network are drawn from.
///
/// ```
/// use motjuste_gp::network::Start;
/// assert_ne!(Start::Uniform, Start::Normal);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// U(-1/sqrt(k), 1/sqrt(k)), where k is the number of the layer's inputs: the default of PyTorch's linear
    /// layer.
    Uniform,
    /// N(0, 1), whatever the width: outputs of new networks are as large as the square root of their number
    /// of weights.
    Normal,
}

impl Network {
    /// A network of these widths, the inputs first and 1 last, with new parameters.
    ///
    /// # Errors
    /// Fewer than two widths, a width of 0, or a last one that is not 1.
    ///
    /// ```
    /// # use motjuste_gp::network::{Network, Start};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let rng = &mut ChaCha20Rng::seed_from_u64(0);
    /// assert!(Network::new(&[3, 2], Start::Uniform, rng).unwrap_err().is_shape());
    /// ```
    pub fn new<R: Rng + ?Sized>(widths: &[usize], start: Start, rng: &mut R) -> Result<Self> {
        if widths.len() < 2 || widths.contains(&0) || widths.last() != Some(&1) {
            let message =
                format!("{widths:?} are no widths of a network: the last is 1, none is 0");
            return Err(Error::shape(message));
        }
        let (layers, count) = layers(widths);
        let mut parameters = Vec::with_capacity(count);
        for layer in &layers {
            let bound = 1.0 / (layer.inputs as f64).sqrt();
            parameters.extend((0..layer.len()).map(|_| match start {
                Start::Uniform => bound * (2.0 * uniform(rng) - 1.0),
                Start::Normal => normal(rng),
            }));
        }
        Ok(Self { widths: widths.to_vec(), layers, parameters })
    }

    /// theta: layer by layer, the weights (outputs × inputs) column by column, then the biases.
    ///
    /// ```
    /// # use motjuste_gp::network::{Network, Start};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let network = Network::new(&[1, 1], Start::Uniform, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// assert_eq!(network.parameters().len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// f, one number a point.
    ///
    /// # Errors
    /// The dimension of the points is not that of the network.
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let network = Network::new(&[1, 1], Start::Uniform, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let [w, b] = network.parameters() else { unreachable!() };
    /// assert_eq!(network.predict(&Points::from_rows(&[[2.0]])?)?, [2.0 * w + b]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn predict(&self, points: &Points) -> Result<Vec<f64>> {
        points.check_dim(self.widths[0])?;
        Ok(Pass::new(&self.layers, points.columns()).forward(&self.parameters))
    }
}
