//! Multinomial logistic regression by Adam over all rows at once.

use super::adam::Adam;
use crate::kernel::reduce;
use crate::kernel::softmax::{log_sum_exp, softmax};
use crate::kernel::widest::widest;

/// p(y | x) = softmax(W x + b), begun at zero.
pub(super) struct Regression {
    /// Shape (labels, inputs), then the labels' offsets b.
    weights: Vec<f32>,
    inputs: usize,
    labels: usize,
}

impl Regression {
    pub(super) fn new(inputs: usize, labels: usize) -> Self {
        Self { weights: vec![0.0; labels * (inputs + 1)], inputs, labels }
    }

    /// Steps down the gradient of the mean over rows of −log p(y | x).
    pub(super) fn fit(&mut self, x: &[f32], labels: &[usize], steps: usize, rate: f64) {
        let mut adam = Adam::new(rate, self.weights.len());
        for _ in 0..steps {
            let gradient = self.gradient(x, labels);
            adam.step(&mut self.weights, &gradient);
        }
    }

    fn gradient(&self, x: &[f32], labels: &[usize]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.weights.len()];
        let (maps, offsets) = gradient.split_at_mut(self.labels * self.inputs);
        for (x, &label) in x.chunks_exact(self.inputs).zip(labels) {
            let mut error = self.scores(x);
            softmax(&mut error);
            error[label] -= 1.0;
            let parts = maps.chunks_exact_mut(self.inputs).zip(offsets.iter_mut());
            for ((map, offset), error) in parts.zip(&error) {
                let error = error / labels.len() as f32;
                *offset += error;
                add_scaled(map, x, error);
            }
        }
        gradient
    }

    /// W x + b.
    fn scores(&self, x: &[f32]) -> Vec<f32> {
        let (maps, offsets) = self.weights.split_at(self.labels * self.inputs);
        let mut scores = offsets.to_vec();
        widest(
            #[inline(always)]
            || {
                for (score, map) in scores.iter_mut().zip(maps.chunks_exact(self.inputs)) {
                    *score += reduce::dot(map, x);
                }
            },
        );
        scores
    }

    /// W, shape (labels, inputs).
    pub(super) fn maps(&self) -> &[f32] {
        &self.weights[..self.labels * self.inputs]
    }

    /// log p(y | x) of every label for many x, shape (x, labels), from W x of each, shape (labels, x).
    pub(super) fn log_shares(&self, products: &[f32]) -> Vec<f64> {
        let offsets = &self.weights[self.labels * self.inputs..];
        let count = products.len() / self.labels;
        let of_one = |index: usize| {
            let products = products.iter().skip(index).step_by(count);
            let scores: Vec<f32> = products.zip(offsets).map(|(x, offset)| x + offset).collect();
            let all = log_sum_exp(&scores);
            scores.into_iter().map(move |score| f64::from(score) - all)
        };
        (0..count).flat_map(of_one).collect()
    }
}

/// y ← y + a x.
fn add_scaled(y: &mut [f32], x: &[f32], a: f32) {
    widest(
        #[inline(always)]
        || {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = a.mul_add(x, *y);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::Regression;

    /// Two labels by the sign of the first input; the second says nothing.
    #[test]
    fn a_line_between_two_labels_is_learnt() {
        let x = [1.0, 0.5, 2.0, -0.5, -1.0, 0.5, -2.0, -0.5];
        let labels = [0, 0, 1, 1];
        let mut regression = Regression::new(2, 2);
        assert!(regression.log_shares(&[0.0; 2]).iter().all(|p| (p + 2f64.ln()).abs() < 1e-7));
        regression.fit(&x, &labels, 300, 0.05);
        // The points (1.5, 0) and (−1.5, 0).
        let [first, second] = [0, 2].map(|row| 1.5 * regression.maps()[row]);
        let shares = regression.log_shares(&[first, -first, second, -second]);
        assert!(shares[0] > -0.02 && shares[3] > -0.02, "{shares:?}");
        assert!(shares[1] < -2.0 && shares[2] < -2.0, "{shares:?}");
    }
}
