//! y = W x for many rows x, with W stored in the order the processor reads it.

use std::ops::Range;

use half::{bf16, f16};
use pulp::{Simd, WithSimd};

use super::matrix::Matrix;
use super::split::{self, PANEL, Paneled};
use super::vectorized;

/// Rows of the tiles behind the full ones; the last few rows go one by one.
const SMALL_TILE: usize = 4;

/// A weight matrix W, shape (outputs, inputs), cut into panels of 32 outputs, its numbers as the file has them.
///
/// Within a panel the weights of one input lie together, shape (inputs, 32); the last panel is
/// filled up with zeros. Numbers of 16 bits become numbers of 32, exactly, a panel at a time.
#[derive(Debug, Clone)]
pub(crate) struct Panels<T> {
    data: Vec<T>,
    inputs: usize,
    outputs: usize,
}

/// A floating-point type of weights.
pub(crate) trait Element: Copy + Default + Send + Sync + 'static {
    fn single(self) -> f32;

    /// The numbers in 32 bits: themselves, or written to `room`.
    fn singles<'a>(numbers: &'a [Self], room: &'a mut Vec<f32>) -> &'a [f32];
}

impl Element for f32 {
    #[inline(always)]
    fn single(self) -> f32 {
        self
    }

    #[inline(always)]
    fn singles<'a>(numbers: &'a [f32], _: &'a mut Vec<f32>) -> &'a [f32] {
        numbers
    }
}

impl Element for bf16 {
    #[inline(always)]
    fn single(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    #[inline(always)]
    fn singles<'a>(numbers: &'a [bf16], room: &'a mut Vec<f32>) -> &'a [f32] {
        room.resize(numbers.len(), 0.0);
        for (single, number) in room.iter_mut().zip(numbers) {
            *single = number.single();
        }
        room
    }
}

impl Element for f16 {
    #[inline(always)]
    fn single(self) -> f32 {
        self.to_f32()
    }

    #[inline(always)]
    fn singles<'a>(numbers: &'a [f16], room: &'a mut Vec<f32>) -> &'a [f32] {
        room.resize(numbers.len(), 0.0);
        half::slice::HalfFloatSliceExt::convert_to_f32_slice(numbers, room);
        room
    }
}

impl<T: Element> Panels<T> {
    /// Packs rows of weights.
    pub(crate) fn pack(
        rows: impl Iterator<Item = Vec<T>>,
        (outputs, inputs): (usize, usize),
    ) -> Self {
        let mut data = vec![T::default(); outputs.div_ceil(PANEL) * PANEL * inputs];
        for (output, row) in rows.enumerate() {
            let panel = &mut data[output / PANEL * PANEL * inputs..][..PANEL * inputs];
            for (column, &weight) in panel.as_chunks_mut::<PANEL>().0.iter_mut().zip(&row) {
                column[output % PANEL] = weight;
            }
        }
        Self { data, inputs, outputs }
    }
}

impl Panels<f32> {
    /// Packs `weights`, shape (outputs, inputs), row-major.
    pub(crate) fn of(weights: &[f32], inputs: usize) -> Self {
        let rows = weights.chunks_exact(inputs).map(<[f32]>::to_vec);
        Self::pack(rows, (weights.len() / inputs, inputs))
    }
}

impl<T: Element> Matrix for Panels<T> {
    fn is_exact(&self) -> bool {
        true
    }

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn row(&self, output: usize) -> Vec<f32> {
        let panel = &self.data[output / PANEL * PANEL * self.inputs..][..PANEL * self.inputs];
        panel.iter().skip(output % PANEL).step_by(PANEL).map(|weight| weight.single()).collect()
    }

    /// Every y is one chain y ← fma(x_k, w_k, y) over k = 0, 1, …
    fn multiply(&self, x: &[f32]) -> Vec<f32> {
        split::multiply(self, x)
    }
}

impl<T: Element> Paneled for Panels<T> {
    /// The rows, laid out tile by tile.
    type Prepared = Vec<f32>;

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn prepare(&self, x: &[f32]) -> Vec<f32> {
        vectorized(Tiles { x, inputs: self.inputs })
    }

    fn multiply_panels(&self, panels: Range<usize>, x: &Vec<f32>, y: &mut [f32]) {
        let width = self.outputs.min(panels.end * PANEL) - panels.start * PANEL;
        let panel = PANEL * self.inputs;
        let panels = &self.data[panels.start * panel..panels.end * panel];
        vectorized(Product { panels, inputs: self.inputs, x, y, width });
    }
}

/// Rows to be laid out tile by tile.
struct Tiles<'a> {
    x: &'a [f32],
    inputs: usize,
}

impl WithSimd for Tiles<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f32> {
        match S::F32_LANES {
            16 => pack_tiles::<WIDE>(self.x, self.inputs),
            8 | 4 => pack_tiles::<NARROW>(self.x, self.inputs),
            _ => pack_tiles::<1>(self.x, self.inputs),
        }
    }
}

/// Rows of a full tile: as many accumulators as the machine has registers for.
const WIDE: usize = 12;
const NARROW: usize = 3;

/// The product of all rows of `x`, tile by tile, with some panels, into `y` of `width` columns.
struct Product<'a, T> {
    panels: &'a [T],
    inputs: usize,
    x: &'a [f32],
    y: &'a mut [f32],
    width: usize,
}

impl<T: Element> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.run::<S, 2, WIDE>(simd),
            8 => self.run::<S, 4, NARROW>(simd),
            4 => self.run::<S, 8, NARROW>(simd),
            _ => self.run::<S, 32, 1>(simd),
        }
    }
}

impl<T: Element> Product<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize, const ROWS: usize>(self, simd: S) {
        let Self { panels, inputs, x, y, width } = self;
        let mut room = Vec::new();
        for (index, panel) in panels.chunks_exact(PANEL * inputs).enumerate() {
            let (weights, column) = (T::singles(panel, &mut room), index * PANEL);
            Panel { weights, inputs, column, width }.block::<S, VECTORS, ROWS>(simd, x, y);
        }
    }
}

/// Lays the rows out tile by tile, each of shape (inputs, rows of the tile): full tiles first,
/// then small ones, then the remaining rows one by one.
#[inline(always)]
fn pack_tiles<const ROWS: usize>(x: &[f32], inputs: usize) -> Vec<f32> {
    let mut packed = Vec::with_capacity(x.len());
    let rest = append_tiles::<ROWS>(x, inputs, &mut packed);
    let rest = append_tiles::<SMALL_TILE>(rest, inputs, &mut packed);
    packed.extend_from_slice(rest);
    packed
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
    use half::{bf16, f16};
    use pulp::Arch;

    use super::{Element, Panels, Product, Tiles};
    use crate::kernel::matrix::Matrix;
    use crate::kernel::split::{columns_parallel, rows_parallel, rows_serial};

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 1009.0 - 0.5).collect()
    }

    /// The chain that every output is defined as.
    fn reference(weights: &[f32], x: &[f32], inputs: usize) -> Vec<f32> {
        let dot = |x: &[f32], w: &[f32]| x.iter().zip(w).fold(0.0, |y, (x, w)| x.mul_add(*w, y));
        let row = |x| weights.chunks_exact(inputs).map(move |w| dot(x, w));
        x.chunks_exact(inputs).flat_map(row).collect()
    }

    fn every_output_is_one_chain<T: Element>(narrow: impl Fn(f32) -> T) {
        for (rows, inputs, outputs) in
            [(1, 1, 1), (2, 3, 31), (13, 24, 33), (23, 40, 64), (121, 17, 70), (259, 5, 100)]
        {
            let stored: Vec<T> = numbers(inputs * outputs, 1).into_iter().map(&narrow).collect();
            let weights: Vec<f32> = stored.iter().map(|weight| weight.single()).collect();
            let x = numbers(rows * inputs, 2);
            let panels = Panels::pack(stored.chunks(inputs).map(<[T]>::to_vec), (outputs, inputs));
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
    fn every_output_is_one_fused_chain_whatever_the_type_the_shape_and_the_split() {
        every_output_is_one_chain(|weight| weight);
        every_output_is_one_chain(bf16::from_f32);
        every_output_is_one_chain(f16::from_f32);
    }

    #[test]
    fn the_width_of_the_vectors_changes_nothing() {
        let (inputs, outputs) = (40, 70);
        let (weights, x) = (numbers(inputs * outputs, 1), numbers(25 * inputs, 2));
        let panels = Panels::pack(weights.chunks(inputs).map(<[f32]>::to_vec), (outputs, inputs));
        for arch in machines() {
            let (mut y, data) = (vec![0.0; 25 * outputs], &panels.data);
            let x_tiles = arch.dispatch(Tiles { x: &x, inputs });
            arch.dispatch(Product { panels: data, inputs, x: &x_tiles, y: &mut y, width: outputs });
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
        assert!(
            Panels::pack(numbers(12, 3).chunks(4).map(<[f32]>::to_vec), (3, 4))
                .multiply(&[])
                .is_empty()
        );
    }
}
