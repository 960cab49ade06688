//! The network between the model and its output matrix: m(h) = W₂ max(0, W₁ h + b₁) + b₂, and h + m(h) if it
//! is residual.
//!
//! W₁ has shape (units, hidden) and W₂ (hidden, units). At first they are uniform on ±g √(6 / (units +
//! hidden)) with the gain g = 1e-4 (Glorot and Bengio 2010, equation 16), and b₁ = b₂ = −1e-4, as in the
//! published code.

use motjuste::random::Streams;

use crate::kernel::columns::add;
use crate::kernel::matmul::Panels;
use crate::kernel::matrix::Matrix;
use crate::sampling::uniform;

const GAIN: f64 = 1e-4;
const BIAS: f32 = -1e-4;

/// The widths of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) hidden: usize,
    pub(super) units: usize,
    pub(super) residual: bool,
}

/// Weights in one row: W₁, b₁, W₂, b₂.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    pub(super) shape: Shape,
    pub(super) weights: Vec<f32>,
}

/// A network with its matrices packed for products.
pub(super) struct Ready<'a> {
    network: &'a Network,
    first: Panels<f32>,
    second: Panels<f32>,
}

impl Network {
    /// The first weights, named by a seed.
    pub(super) fn first(shape: Shape, seed: u64) -> Self {
        let (hidden, units) = (shape.hidden, shape.units);
        let bound = GAIN * (6.0 / (units + hidden) as f64).sqrt();
        let mut stream = Streams::new(seed).stream("policy/weights", 0);
        let mut matrix = |weights: &mut Vec<f32>| {
            let entries = (0..hidden * units).map(|_| bound * (2.0 * uniform(&mut stream) - 1.0));
            weights.extend(entries.map(|entry| entry as f32));
        };
        let mut weights = Vec::with_capacity((2 * hidden + 1) * units + hidden);
        matrix(&mut weights);
        weights.extend(vec![BIAS; units]);
        matrix(&mut weights);
        weights.extend(vec![BIAS; hidden]);
        Self { shape, weights }
    }

    pub(super) fn ready(&self) -> Ready<'_> {
        let [first, _, second, _] = self.parts();
        Ready {
            network: self,
            first: Panels::of(first, self.shape.hidden),
            second: Panels::of(second, self.shape.units),
        }
    }

    /// Moves every weight towards another network's, by a share of the way.
    pub(super) fn follow(&mut self, other: &Self, share: f64) {
        let share = share as f32;
        let pairs = self.weights.iter_mut().zip(&other.weights);
        pairs.for_each(|(own, other)| *own += share * (other - *own));
    }

    /// W₁, b₁, W₂, b₂.
    fn parts(&self) -> [&[f32]; 4] {
        let Shape { hidden, units, .. } = self.shape;
        let (first, rest) = self.weights.split_at(hidden * units);
        let (first_bias, rest) = rest.split_at(units);
        let (second, second_bias) = rest.split_at(hidden * units);
        [first, first_bias, second, second_bias]
    }
}

impl Ready<'_> {
    /// States to what stands in their place, (rows, hidden) → (rows, hidden).
    pub(super) fn forward(&self, states: &[f32]) -> Vec<f32> {
        let [_, _, _, bias] = self.network.parts();
        let mut y = self.second.multiply(&self.activations(states));
        y.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
        if self.network.shape.residual {
            add(&mut y, states);
        }
        y
    }

    /// max(0, W₁ h + b₁), (rows, units).
    fn activations(&self, states: &[f32]) -> Vec<f32> {
        let [_, bias, _, _] = self.network.parts();
        let mut units = self.first.multiply(states);
        units.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
        units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        units
    }

    /// The gradient of the weights, in their order, from that of what [`forward`](Self::forward) returns for
    /// some states: ∂W₂ = ∂yᵀ a, ∂a = W₂ᵀ ∂y where a > 0, ∂W₁ = ∂aᵀ h.
    pub(super) fn back(&self, states: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Shape { hidden, units, .. } = self.network.shape;
        let [_, _, second, _] = self.network.parts();
        let active = self.activations(states);
        let mut inner = Panels::of(&transpose(second, units), hidden).multiply(gradient);
        for (inner, &active) in inner.iter_mut().zip(&active) {
            *inner = if active > 0.0 { *inner } else { 0.0 };
        }
        let mut result = outer(&inner, units, states, hidden);
        result.extend(sum(&inner, units));
        result.extend(outer(gradient, hidden, &active, units));
        result.extend(sum(gradient, hidden));
        result
    }
}

/// The sum of rows, in their order.
fn sum(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0; width];
    rows.chunks_exact(width).for_each(|row| add(&mut sum, row));
    sum
}

/// aᵀ b for a of shape (rows, `m`) and b of shape (rows, `n`): shape (m, n), each sum in the order of the rows.
fn outer(a: &[f32], m: usize, b: &[f32], n: usize) -> Vec<f32> {
    Panels::of(&transpose(b, n), b.len() / n).multiply(&transpose(a, m))
}

/// (rows, width) → (width, rows).
fn transpose(x: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|column| x.iter().skip(column).step_by(width)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::{Network, Shape};

    #[test]
    fn the_first_weights_are_small_and_named_by_their_seed() {
        let shape = Shape { hidden: 24, units: 40, residual: false };
        let network = Network::first(shape, 3);
        assert_eq!(network.weights.len(), 2 * 24 * 40 + 24 + 40);
        let bound = 1e-4 * (6.0 / 64.0f32).sqrt();
        let [first, biases, second, _] = network.parts();
        assert_eq!(biases, [-1e-4; 40]);
        for matrix in [first, second] {
            let largest = matrix.iter().fold(0.0, |largest: f32, w| largest.max(w.abs()));
            assert!(largest <= bound && largest > 0.99 * bound);
        }
        assert_eq!(network, Network::first(shape, 3));
        assert_ne!(network, Network::first(shape, 4));
    }

    #[test]
    fn a_residual_network_begins_near_the_model() {
        let states: Vec<f32> = (0..48).map(|i| (i % 7) as f32 - 3.0).collect();
        let at = |residual| {
            let network = Network::first(Shape { hidden: 24, units: 40, residual }, 3);
            network.ready().forward(&states)
        };
        assert!(at(true).iter().zip(&states).all(|(y, x)| (y - x).abs() < 1e-3));
        assert!(at(false).iter().all(|y| y.abs() < 1e-3));
    }
}
