//! A weight matrix, however its numbers are kept.

/// A weight matrix W, shape (outputs, inputs).
pub(crate) trait Matrix: Send + Sync {
    fn inputs(&self) -> usize;

    fn outputs(&self) -> usize;

    /// Whether its products are those of 32 bits: no input is rounded.
    fn is_exact(&self) -> bool;

    /// The weights of one output, in the order of the inputs.
    fn row(&self, output: usize) -> Vec<f32>;

    /// y = W x for each row of `x`, shape (rows, inputs) → (rows, outputs).
    ///
    /// What a y is depends on its row of x alone: not on the other rows, on the split between threads or on the width of
    /// the machine's vectors.
    fn multiply(&self, x: &[f32]) -> Vec<f32>;
}
