//! y = W x for many rows x, with W stored in the order the processor reads it.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::split::{self, BLOCK, PANEL, Paneled};
use super::vectorized;

/// Rows of the tiles behind the full ones; the last few rows go one by one.
const SMALL_TILE: usize = 4;

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

    /// The weights of one output, in the order of the inputs.
    pub(crate) fn row(&self, output: usize) -> Vec<f32> {
        let panel = &self.data[output / PANEL * PANEL * self.inputs..][..PANEL * self.inputs];
        panel.iter().skip(output % PANEL).step_by(PANEL).copied().collect()
    }

    /// y = W x for each row of `x`, shape (rows, inputs) → (rows, outputs).
    ///
    /// Every y is one chain y ← fma(x_k, w_k, y) over k = 0, 1, …, so it does not depend on the
    /// other rows, on the split between threads or on the width of the machine's vectors.
    pub(crate) fn multiply(&self, x: &[f32]) -> Vec<f32> {
        split::multiply(self, x)
    }
}

impl Paneled for Panels {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn multiply_panels(&self, panels: Range<usize>, x: &[f32], y: &mut [f32]) {
        let width = self.outputs.min(panels.end * PANEL) - panels.start * PANEL;
        let panel = PANEL * self.inputs;
        let panels = &self.data[panels.start * panel..panels.end * panel];
        vectorized(Product { panels, inputs: self.inputs, x, y, width });
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

/// Lays the rows out tile by tile, each of shape (inputs, rows of the tile): full tiles first,
/// then small ones, then the remaining rows one by one.
#[inline(always)]
fn pack_tiles<const ROWS: usize>(x: &[f32], inputs: usize, packed: &mut Vec<f32>) {
    packed.clear();
    let rest = append_tiles::<ROWS>(x, inputs, packed);
    let rest = append_tiles::<SMALL_TILE>(rest, inputs, packed);
    packed.extend_from_slice(rest);
}

/// Appends the full tiles and returns the rows that are left.
#[inline(always)]
fn append_tiles<'a, const ROWS: usize>(
    x: &'a [f32],
    inputs: usize,
    packed: &mut Vec<f32>,
) -> &'a [f32] {
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
    rest
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
        let (packed, y) = self.tiles::<S, VECTORS, ROWS>(simd, packed, y);
        let (packed, y) = self.tiles::<S, VECTORS, SMALL_TILE>(simd, packed, y);
        self.tiles::<S, VECTORS, 1>(simd, packed, y);
    }

    /// Computes as many whole tiles as there are rows for and returns the rest.
    #[inline(always)]
    fn tiles<'x, 'y, S: Simd, const VECTORS: usize, const ROWS: usize>(
        self,
        simd: S,
        x: &'x [f32],
        y: &'y mut [f32],
    ) -> (&'x [f32], &'y mut [f32]) {
        let rows = x.len() / (ROWS * self.inputs) * ROWS;
        let (x, x_rest) = x.split_at(rows * self.inputs);
        let (y, y_rest) = y.split_at_mut(rows * self.width);
        let tiles = x.chunks_exact(ROWS * self.inputs);
        for (x, y) in tiles.zip(y.chunks_exact_mut(ROWS * self.width)) {
            self.tile::<S, VECTORS, ROWS>(simd, x, y);
        }
        (x_rest, y_rest)
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
    use crate::kernel::split::{columns_parallel, rows_parallel, rows_serial};
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
            [(1, 1, 1), (2, 3, 31), (13, 24, 33), (23, 40, 64), (121, 17, 70), (259, 5, 100)]
        {
            let (weights, x) = (numbers(inputs * outputs, 1), numbers(rows * inputs, 2));
            let panels = Panels::pack(&weights, inputs);
            let expected = reference(&weights, &x, inputs);
            for split in [rows_serial, rows_parallel, columns_parallel] {
                let mut y = vec![0.0; rows * outputs];
                split(&panels, &x, &mut y);
                assert_eq!(y, expected, "{rows} rows, {inputs} → {outputs}");
            }
            assert_eq!(panels.multiply(&x), expected);
            for (output, row) in weights.chunks_exact(inputs).enumerate() {
                assert_eq!(panels.row(output), row);
            }
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
