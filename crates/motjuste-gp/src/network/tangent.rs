//! The tangents of a network: the derivatives of its output by every parameter, point by point.

use faer::Mat;

use super::Network;
use super::layout::{Layer, squared};
use super::pass::Pass;
use crate::error::{Error, Result, check_positive};
use crate::linalg::product;
use crate::points::Points;

/// The tangents g(x) of a network at n points, kept as their factors: for a layer with input a and slope
/// delta behind it `g = (delta a^T, delta)`, so P numbers a point are never written out.
#[derive(Clone, Debug)]
pub struct Tangents {
    pub(super) layers: Vec<Layer>,
    parameters: usize,
    /// Layer by layer, what it reads: inputs × n.
    pub(super) inputs: Vec<Mat<f64>>,
    /// Layer by layer, the derivative of the output: outputs × n.
    pub(super) deltas: Vec<Mat<f64>>,
}

impl Network {
    /// The tangents at these points.
    ///
    /// # Errors
    /// The dimension of the points is not that of the network.
    ///
    /// ```
    /// use motjuste_gp::{Points, network::{Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let network = Network::new(&[2, 3, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let tangents = network.tangents(&Points::from_rows(&[[0.5, 1.0]])?)?;
    /// assert_eq!(tangents.squares().len(), network.parameters().len());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn tangents(&self, points: &Points) -> Result<Tangents> {
        points.check_dim(self.widths[0])?;
        let mut pass = Pass::new(&self.layers, points.columns());
        pass.forward(&self.parameters);
        pass.backward(&self.parameters, &vec![1.0; points.len()]);
        let inputs = (0..self.layers.len()).map(|l| pass.input_of(l).to_owned()).collect();
        let (layers, parameters) = (self.layers.clone(), self.parameters.len());
        Ok(Tangents { layers, parameters, inputs, deltas: pass.into_deltas() })
    }
}

impl Tangents {
    /// `sum_i g(x_i)^2`, one number a parameter: what the points add to the diagonal of NeuralUCB's U
    /// (Zhou, Li and Gu 2020, arXiv 1911.04462, algorithm 1).
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 2, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// // The derivative by the last bias is 1 at every point.
    /// let squares = network.tangents(&Points::from_rows(&[[0.5], [1.0]])?)?.squares();
    /// assert_eq!(squares.last(), Some(&2.0));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn squares(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.parameters];
        for ((layer, input), delta) in self.layers.iter().zip(&self.inputs).zip(&self.deltas) {
            let (delta, input) = (squared(delta.as_ref()), squared(input.as_ref()));
            let (mut weights, bias) = layer.parts_mut(&mut out);
            weights.copy_from(product(delta.as_ref(), input.transpose()));
            super::layout::row_sums(delta.as_ref(), bias);
        }
        out
    }

    /// `sum_k g_k(x_i)^2 / u_k`, one number a point: the square of NeuralUCB's width of confidence, with a
    /// diagonal U.
    ///
    /// # Errors
    /// Not one positive number a parameter.
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 2, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let tangents = network.tangents(&Points::from_rows(&[[0.5]])?)?;
    /// let all: f64 = tangents.squares().iter().sum();
    /// let ones = vec![1.0; network.parameters().len()];
    /// assert!((tangents.widths(&ones)?[0] - all).abs() < 1e-12);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn widths(&self, u: &[f64]) -> Result<Vec<f64>> {
        if u.len() != self.parameters {
            let (k, p) = (u.len(), self.parameters);
            return Err(Error::shape(format!("{k} numbers for {p} parameters")));
        }
        check_positive("the diagonal of U", u)?;
        let inverse: Vec<f64> = u.iter().map(|u| 1.0 / u).collect();
        let mut out = vec![0.0; self.inputs.first().map_or(0, Mat::ncols)];
        for ((layer, input), delta) in self.layers.iter().zip(&self.inputs).zip(&self.deltas) {
            let spread = product(layer.weights(&inverse), squared(input.as_ref()).as_ref());
            let bias = layer.bias(&inverse);
            for (j, out) in out.iter_mut().enumerate() {
                let terms = delta.col_as_slice(j).iter().zip(spread.col_as_slice(j)).zip(bias);
                *out += terms
                    .map(|((delta, spread), bias)| delta * delta * (spread + bias))
                    .sum::<f64>();
            }
        }
        Ok(out)
    }

    /// The tangent kernel `g(x_i) g(x'_j)`, n × m (Jacot, Gabriel and Hongler 2018, arXiv 1806.07572): layer by
    /// layer `(delta . delta') (a . a' + 1)`. Both must be of one network.
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 2, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let tangents = network.tangents(&Points::from_rows(&[[0.5], [1.0]])?)?;
    /// let kernel = tangents.kernel(&tangents);
    /// assert_eq!(kernel[(0, 1)], kernel[(1, 0)]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn kernel(&self, other: &Self) -> Mat<f64> {
        let (n, m) = (self.inputs[0].ncols(), other.inputs[0].ncols());
        let mut out = Mat::zeros(n, m);
        for l in 0..self.layers.len() {
            let slopes = product(self.deltas[l].transpose(), other.deltas[l].as_ref());
            let inputs = product(self.inputs[l].transpose(), other.inputs[l].as_ref());
            for j in 0..m {
                let terms = slopes.col_as_slice(j).iter().zip(inputs.col_as_slice(j));
                let column = out.col_as_slice_mut(j).iter_mut().zip(terms);
                column.for_each(|(out, (slope, input))| *out += slope * (input + 1.0));
            }
        }
        out
    }
}
