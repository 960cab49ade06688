//! One pass through a network, forwards and back, in memory that the next pass uses again.

use faer::linalg::matmul::matmul;
use faer::{Accum, ColRef, Mat, MatRef, Par};

use super::layout::{Layer, row_sums};

/// What n points become on their way through the layers, and what the loss says about it.
pub(super) struct Pass<'a> {
    layers: &'a [Layer],
    input: MatRef<'a, f64>,
    /// Layer by layer, outputs × n: a_l; the last layer's stay 0.
    activations: Vec<Mat<f64>>,
    /// Layer by layer, outputs × n: the derivative by what comes before the activation.
    deltas: Vec<Mat<f64>>,
}

impl<'a> Pass<'a> {
    /// `input`: d × n, a point a column.
    pub(super) fn new(layers: &'a [Layer], input: MatRef<'a, f64>) -> Self {
        let zeros = || layers.iter().map(|layer| Mat::zeros(layer.outputs, input.ncols()));
        Self { layers, input, activations: zeros().collect(), deltas: zeros().collect() }
    }

    /// `a_l = relu(W_l a_(l-1) + b_l)`, the last layer without relu; f, one output a point.
    pub(super) fn forward(&mut self, parameters: &[f64]) -> Vec<f64> {
        let (last, hidden) = (self.last(), self.layers.len() - 1);
        for (l, layer) in self.layers[..hidden].iter().enumerate() {
            let (before, after) = self.activations.split_at_mut(l);
            let input = before.last().map_or(self.input, Mat::as_ref);
            let weights = layer.weights(parameters);
            matmul(after[0].as_mut(), Accum::Replace, weights, input, 1.0, Par::Seq);
            rectify(&mut after[0], layer.bias(parameters));
        }
        let (weights, bias) = (last.only_row(parameters), last.bias(parameters)[0]);
        let output = |a: ColRef<'_, f64>| {
            bias + weights.iter().zip(a.iter()).map(|(w, a)| w * a).sum::<f64>()
        };
        self.input_of(hidden).col_iter().map(output).collect()
    }

    /// From `dL/df`, one a point, to the deltas of every layer.
    pub(super) fn backward(&mut self, parameters: &[f64], slopes: &[f64]) {
        let (weights, hidden) = (self.last().only_row(parameters), self.layers.len() - 1);
        slopes.iter().enumerate().for_each(|(j, slope)| self.deltas[hidden][(0, j)] = *slope);
        for l in (0..hidden).rev() {
            let (before, after) = self.deltas.split_at_mut(l + 1);
            let (delta, activation) = (&mut before[l], &self.activations[l]);
            if l + 1 == hidden {
                spread(delta, weights, slopes, activation);
                continue;
            }
            let weights = self.layers[l + 1].weights(parameters).transpose();
            matmul(delta.as_mut(), Accum::Replace, weights, after[0].as_ref(), 1.0, Par::Seq);
            mask(delta, activation);
        }
    }

    /// `dL/dW_l = delta_l a_(l-1)^T` and `dL/db_l`, summed over the points.
    pub(super) fn gradient(&self, gradient: &mut [f64]) {
        for (l, layer) in self.layers.iter().enumerate() {
            let (weights, bias) = layer.parts_mut(gradient);
            let (delta, input) = (self.deltas[l].as_ref(), self.input_of(l));
            matmul(weights, Accum::Replace, delta, input.transpose(), 1.0, Par::Seq);
            row_sums(delta, bias);
        }
    }

    fn last(&self) -> Layer {
        self.layers[self.layers.len() - 1]
    }

    /// a_(l-1): what layer l reads.
    pub(super) fn input_of(&self, l: usize) -> MatRef<'_, f64> {
        match l.checked_sub(1) {
            Some(before) => self.activations[before].as_ref(),
            None => self.input,
        }
    }

    /// The deltas, layer by layer.
    pub(super) fn into_deltas(self) -> Vec<Mat<f64>> {
        self.deltas
    }
}

/// `relu(A + b)`, column by column.
fn rectify(a: &mut Mat<f64>, bias: &[f64]) {
    pulp::Arch::new().dispatch(|| {
        for j in 0..a.ncols() {
            for (value, bias) in a.col_as_slice_mut(j).iter_mut().zip(bias) {
                let sum = *value + bias;
                *value = if sum > 0.0 { sum } else { 0.0 };
            }
        }
    });
}

/// relu passes a slope on where its output is above 0.
fn mask(delta: &mut Mat<f64>, activation: &Mat<f64>) {
    pulp::Arch::new().dispatch(|| {
        for j in 0..delta.ncols() {
            let outputs = activation.col_as_slice(j);
            for (delta, output) in delta.col_as_slice_mut(j).iter_mut().zip(outputs) {
                *delta = if *output > 0.0 { *delta } else { 0.0 };
            }
        }
    });
}

/// `w slope_j` through relu: the delta behind a layer of one output.
fn spread(delta: &mut Mat<f64>, weights: &[f64], slopes: &[f64], activation: &Mat<f64>) {
    pulp::Arch::new().dispatch(|| {
        for (j, slope) in slopes.iter().enumerate() {
            let terms = weights.iter().zip(activation.col_as_slice(j));
            for (delta, (weight, output)) in delta.col_as_slice_mut(j).iter_mut().zip(terms) {
                *delta = if *output > 0.0 { weight * slope } else { 0.0 };
            }
        }
    });
}
