//! y = W x for many rows x, with W stored in the order the processor reads it.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::vectorized;

/// Outputs computed together: a whole number of vectors of any machine.
const PANEL: usize = 32;

/// Rows packed together: their inputs stay in the second-level cache while all of W passes by.
const BLOCK: usize = 120;

/// Multiplications below which a second thread costs more than it brings.
const PARALLEL_WORK: usize = 1 << 22;

/// A weight matrix W, shape (outputs, inputs), cut into panels of 32 outputs.
///
/// Within a panel the weights of one input lie together, shape (inputs, 32); the last panel is
/// filled up with zeros.
#[derive(Debug, Clone)]
pub(crate) struct Panels {
    data: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl Panels {
    /// Packs `weights`, shape (outputs, inputs), row-major.
    pub(crate) fn pack(weights: &[f32], inputs: usize) -> Self {
        let outputs = weights.len() / inputs;
        let mut data = vec![0.0; outputs.div_ceil(PANEL) * PANEL * inputs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            let panel = &mut data[output / PANEL * PANEL * inputs..];
            for (input, &weight) in row.iter().enumerate() {
                panel[input * PANEL + output % PANEL] = weight;
            }
        }
        Self { data, inputs, outputs }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// y = W x for each row of `x`, shape (rows, inputs) → (rows, outputs).
    ///
    /// Every y is one chain y ← fma(x_k, w_k, y) over k = 0, 1, …, so it does not depend on the
    /// other rows, on the split between threads or on the width of the machine's vectors.
    pub(crate) fn multiply(&self, x: &[f32]) -> Vec<f32> {
        let rows = x.len() / self.inputs;
        let mut y = vec![0.0; rows * self.outputs];
        if rows * self.data.len() < PARALLEL_WORK {
            self.rows_serial(x, &mut y);
        } else if rows >= BLOCK {
            self.rows_parallel(x, &mut y);
        } else {
            self.columns_parallel(x, &mut y);
        }
        y
    }

    fn rows_serial(&self, x: &[f32], y: &mut [f32]) {
        vectorized(Product { panels: &self.data, inputs: self.inputs, x, y, width: self.outputs });
    }

    fn rows_parallel(&self, x: &[f32], y: &mut [f32]) {
        let blocks = x.par_chunks(BLOCK * self.inputs);
        blocks
            .zip(y.par_chunks_mut(BLOCK * self.outputs))
            .for_each(|(x, y)| self.rows_serial(x, y));
    }

    /// Few rows and many weights: each thread reads its own part of the weights.
    fn columns_parallel(&self, x: &[f32], y: &mut [f32]) {
        let threads = rayon::current_num_threads();
        let panels = self.outputs.div_ceil(PANEL).div_ceil(threads);
        let width = panels * PANEL;
        let strips: Vec<Vec<f32>> = self
            .data
            .par_chunks(panels * PANEL * self.inputs)
            .enumerate()
            .map(|(strip, panels)| {
                let width = width.min(self.outputs - strip * width);
                let mut y = vec![0.0; x.len() / self.inputs * width];
                vectorized(Product { panels, inputs: self.inputs, x, y: &mut y, width });
                y
            })
            .collect();
        for (strip, part) in strips.iter().enumerate() {
            let columns = width.min(self.outputs - strip * width);
            for (y, part) in y.chunks_exact_mut(self.outputs).zip(part.chunks_exact(columns)) {
                y[strip * width..][..columns].copy_from_slice(part);
            }
        }
    }
}

/// The product of all rows of `x` with some panels, into `y` of `width` columns.
struct Product<'a> {
    panels: &'a [f32],
    inputs: usize,
    x: &'a [f32],
    y: &'a mut [f32],
    width: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    // Rows per tile: as many accumulators as the machine has registers for.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.run::<S, 2, 12>(simd),
            8 => self.run::<S, 4, 3>(simd),
            4 => self.run::<S, 8, 3>(simd),
            _ => self.run::<S, 32, 1>(simd),
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize, const ROWS: usize>(self, simd: S) {
        let Self { panels, inputs, x, y, width } = self;
        let mut packed = Vec::with_capacity(BLOCK.min(x.len() / inputs) * inputs);
        for (x, y) in x.chunks(BLOCK * inputs).zip(y.chunks_mut(BLOCK * width)) {
            pack_tiles::<ROWS>(x, inputs, &mut packed);
            for (index, panel) in panels.chunks_exact(PANEL * inputs).enumerate() {
                let column = index * PANEL;
                let panel = Panel { weights: panel, inputs, column, width };
                panel.block::<S, VECTORS, ROWS>(simd, &packed, y);
            }
        }
    }
}

/// Lays the rows out tile by tile, shape (inputs, rows of the tile): full tiles first, then the
/// remaining rows one by one.
#[inline(always)]
fn pack_tiles<const ROWS: usize>(x: &[f32], inputs: usize, packed: &mut Vec<f32>) {
    packed.clear();
    let tiles = x.chunks_exact(ROWS * inputs);
    let rest = tiles.remainder();
    for tile in tiles {
        let start = packed.len();
        packed.resize(start + tile.len(), 0.0);
        let (columns, _) = packed[start..].as_chunks_mut::<ROWS>();
        for (row, values) in tile.chunks_exact(inputs).enumerate() {
            for (column, &value) in columns.iter_mut().zip(values) {
                column[row] = value;
            }
        }
    }
    packed.extend_from_slice(rest);
}

/// One panel of weights and where its outputs go.
#[derive(Clone, Copy)]
struct Panel<'a> {
    weights: &'a [f32],
    inputs: usize,
    column: usize,
    width: usize,
}

impl Panel<'_> {
    #[inline(always)]
    fn block<S: Simd, const VECTORS: usize, const ROWS: usize>(
        self,
        simd: S,
        packed: &[f32],
        y: &mut [f32],
    ) {
        let full = packed.len() / (ROWS * self.inputs) * ROWS;
        let (tiles, rest) = packed.split_at(full * self.inputs);
        let (y_tiles, y_rest) = y.split_at_mut(full * self.width);
        for (x, y) in
            tiles.chunks_exact(ROWS * self.inputs).zip(y_tiles.chunks_exact_mut(ROWS * self.width))
        {
            self.tile::<S, VECTORS, ROWS>(simd, x, y);
        }
        for (x, y) in rest.chunks_exact(self.inputs).zip(y_rest.chunks_exact_mut(self.width)) {
            self.tile::<S, VECTORS, 1>(simd, x, y);
        }
    }

    /// ROWS × 32 outputs, held in registers while the inner index runs.
    #[inline(always)]
    fn tile<S: Simd, const VECTORS: usize, const ROWS: usize>(
        self,
        simd: S,
        x: &[f32],
        y: &mut [f32],
    ) {
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let (weights, _) = S::as_simd_f32s(self.weights);
        let (weights, _) = weights.as_chunks::<VECTORS>();
        let (x, _) = x.as_chunks::<ROWS>();
        for (x, weights) in x.iter().zip(weights) {
            for (sums, &x) in sums.iter_mut().zip(x) {
                let x = simd.splat_f32s(x);
                for (sum, &weight) in sums.iter_mut().zip(weights) {
                    *sum = simd.mul_add_f32s(x, weight, *sum);
                }
            }
        }
        for (row, y) in spill::<S, VECTORS, ROWS>(sums).iter().zip(y.chunks_exact_mut(self.width)) {
            let columns = PANEL.min(self.width - self.column);
            y[self.column..][..columns].copy_from_slice(&row[..columns]);
        }
    }
}

/// The sums as plain numbers. Loops of constant length only: a single access with a computed index
/// and the compiler keeps the sums in memory instead of registers.
#[inline(always)]
fn spill<S: Simd, const VECTORS: usize, const ROWS: usize>(
    sums: [[S::f32s; VECTORS]; ROWS],
) -> [[f32; PANEL]; ROWS] {
    let mut plain = [[0.0; PANEL]; ROWS];
    for (plain, sums) in plain.iter_mut().zip(sums) {
        let (vectors, _) = S::as_mut_simd_f32s(plain);
        for (vector, sum) in vectors.iter_mut().zip(sums) {
            *vector = sum;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Panels, Product};
    use pulp::Arch;

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 1009.0 - 0.5).collect()
    }

    /// The chain that every output is defined as.
    fn reference(weights: &[f32], x: &[f32], inputs: usize) -> Vec<f32> {
        let dot = |x: &[f32], w: &[f32]| x.iter().zip(w).fold(0.0, |y, (x, w)| x.mul_add(*w, y));
        let row = |x| weights.chunks_exact(inputs).map(move |w| dot(x, w));
        x.chunks_exact(inputs).flat_map(row).collect()
    }

    #[test]
    fn every_output_is_one_fused_chain_whatever_the_shape_and_the_split() {
        for (rows, inputs, outputs) in
            [(1, 1, 1), (2, 3, 31), (13, 24, 33), (25, 40, 64), (121, 17, 70), (259, 5, 100)]
        {
            let (weights, x) = (numbers(inputs * outputs, 1), numbers(rows * inputs, 2));
            let panels = Panels::pack(&weights, inputs);
            let expected = reference(&weights, &x, inputs);
            for split in [Panels::rows_serial, Panels::rows_parallel, Panels::columns_parallel] {
                let mut y = vec![0.0; rows * outputs];
                split(&panels, &x, &mut y);
                assert_eq!(y, expected, "{rows} rows, {inputs} → {outputs}");
            }
            assert_eq!(panels.multiply(&x), expected);
        }
    }

    #[test]
    fn the_width_of_the_vectors_changes_nothing() {
        let (inputs, outputs) = (40, 70);
        let (weights, x) = (numbers(inputs * outputs, 1), numbers(25 * inputs, 2));
        let panels = Panels::pack(&weights, inputs);
        for arch in machines() {
            let mut y = vec![0.0; 25 * outputs];
            let data = &panels.data;
            arch.dispatch(Product { panels: data, inputs, x: &x, y: &mut y, width: outputs });
            assert_eq!(y, reference(&weights, &x, inputs), "{arch:?}");
        }
    }

    /// What this machine can pretend to be.
    fn machines() -> Vec<Arch> {
        let mut machines = vec![Arch::Scalar, Arch::new()];
        #[cfg(target_arch = "x86_64")]
        machines.extend(pulp::x86::V3::try_new().map(Arch::V3));
        machines
    }

    #[test]
    fn no_rows_are_no_outputs() {
        assert!(Panels::pack(&numbers(12, 3), 4).multiply(&[]).is_empty());
    }
}
