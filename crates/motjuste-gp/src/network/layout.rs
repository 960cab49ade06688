//! Where each layer's numbers stand among the parameters of a network.

use faer::{Mat, MatMut, MatRef};

/// One layer: `outputs × inputs` weights, column by column, and behind them `outputs` biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    offset: usize,
}

/// The layers between these widths, and the number of their parameters.
pub(super) fn layers(widths: &[usize]) -> (Vec<Layer>, usize) {
    let mut offset = 0;
    let layer = |pair: &[usize]| {
        let layer = Layer { inputs: pair[0], outputs: pair[1], offset };
        offset += layer.len();
        layer
    };
    let layers = widths.windows(2).map(layer).collect();
    (layers, offset)
}

impl Layer {
    /// The number of its parameters.
    pub(super) fn len(&self) -> usize {
        self.outputs * (self.inputs + 1)
    }

    fn split(&self) -> (usize, usize, usize) {
        (self.offset, self.offset + self.outputs * self.inputs, self.offset + self.len())
    }

    /// W, outputs × inputs.
    pub(super) fn weights<'a>(&self, parameters: &'a [f64]) -> MatRef<'a, f64> {
        let (first, bias, _) = self.split();
        MatRef::from_column_major_slice(&parameters[first..bias], self.outputs, self.inputs)
    }

    /// The weights of a layer of one output.
    pub(super) fn only_row<'a>(&self, parameters: &'a [f64]) -> &'a [f64] {
        &parameters[self.offset..self.offset + self.inputs]
    }

    /// b, of length outputs.
    pub(super) fn bias<'a>(&self, parameters: &'a [f64]) -> &'a [f64] {
        let (_, bias, end) = self.split();
        &parameters[bias..end]
    }

    /// W and b, to be written.
    pub(super) fn parts_mut<'a>(
        &self,
        parameters: &'a mut [f64],
    ) -> (MatMut<'a, f64>, &'a mut [f64]) {
        let (first, bias, end) = self.split();
        let (weights, bias) = parameters[first..end].split_at_mut(bias - first);
        (MatMut::from_column_major_slice_mut(weights, self.outputs, self.inputs), bias)
    }
}

/// `A_ij^2`.
pub(super) fn squared(a: MatRef<'_, f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)] * a[(i, j)])
}

/// `sum_j A_ij`.
pub(super) fn row_sums(a: MatRef<'_, f64>, sums: &mut [f64]) {
    sums.fill(0.0);
    for column in a.col_iter() {
        sums.iter_mut().zip(column.iter()).for_each(|(sum, value)| *sum += value);
    }
}
