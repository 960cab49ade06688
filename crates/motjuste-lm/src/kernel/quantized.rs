//! y = W x for many rows x, with the weights W in 8 bits (`Q8_0`) and x rounded to 16 bits.
//!
//! x is cut into blocks of 32 like W, each with its own scale max |x| / 32767. Within a block the
//! product is a sum of whole numbers below 2²⁷, exact in any order; y adds the blocks one after
//! the other. 16 bits of x cost no more here than 8 would, since 8-bit weights are widened to 16
//! for the multiplication anyway, and what they round away is far below what W has lost.

use std::ops::Range;

use super::lanes::{LANES, Lanes, Portable};
use super::q8_0::{BLOCK, Block};
use super::split::{self, PANEL, Paneled};
use super::vectorized;

/// Groups of lanes in a panel.
const GROUPS: usize = PANEL / LANES;

/// 32 inputs of a panel of 32 outputs.
#[derive(Debug, Clone, Copy)]
struct PanelBlock {
    /// Pairs of neighbouring inputs, shape (pair, output, 2), for each group of outputs.
    weights: [[[i8; 2 * LANES]; BLOCK / 2]; GROUPS],
    scales: [[f32; LANES]; GROUPS],
}

const EMPTY: PanelBlock =
    PanelBlock { weights: [[[0; 2 * LANES]; BLOCK / 2]; GROUPS], scales: [[0.0; LANES]; GROUPS] };

/// A weight matrix W, shape (outputs, inputs), in `Q8_0`: 36 bytes for 32 weights.
#[derive(Debug, Clone)]
pub(crate) struct QuantizedPanels {
    /// Shape (panels, blocks of inputs); the last panel is filled up with zeros.
    data: Vec<PanelBlock>,
    inputs: usize,
    outputs: usize,
}

impl QuantizedPanels {
    /// Quantises and packs `weights`, shape (outputs, inputs), row-major; `inputs` is a multiple
    /// of 32.
    pub(crate) fn pack(weights: &[f32], inputs: usize) -> Self {
        let (outputs, blocks) = (weights.len() / inputs, inputs / BLOCK);
        let mut data = vec![EMPTY; outputs.div_ceil(PANEL) * blocks];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            let panel = &mut data[output / PANEL * blocks..];
            for (packed, weights) in panel.iter_mut().zip(row.as_chunks::<BLOCK>().0) {
                packed.set(output % PANEL, &Block::quantize(weights));
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
        let blocks = self.inputs / BLOCK;
        let panel = &self.data[output / PANEL * blocks..][..blocks];
        panel.iter().flat_map(|block| block.get(output % PANEL)).collect()
    }

    /// y = W x for each row of `x`, shape (rows, inputs) → (rows, outputs).
    pub(crate) fn multiply(&self, x: &[f32]) -> Vec<f32> {
        split::multiply(self, x)
    }
}

impl PanelBlock {
    fn set(&mut self, output: usize, block: &Block) {
        let (group, lane) = (output / LANES, output % LANES);
        self.scales[group][lane] = block.scale.to_f32();
        let (pairs, _) = block.values.as_chunks::<2>();
        for (weights, pair) in self.weights[group].iter_mut().zip(pairs) {
            weights[2 * lane..][..2].copy_from_slice(pair);
        }
    }

    fn get(&self, output: usize) -> impl Iterator<Item = f32> {
        let (group, lane) = (output / LANES, output % LANES);
        let scale = self.scales[group][lane];
        let pairs = self.weights[group].iter().map(move |weights| &weights[2 * lane..][..2]);
        pairs.flatten().map(move |&weight| scale * f32::from(weight))
    }
}

impl Paneled for QuantizedPanels {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn multiply_panels(&self, panels: Range<usize>, x: &[f32], y: &mut [f32]) {
        let width = self.outputs.min(panels.end * PANEL) - panels.start * PANEL;
        let blocks = self.inputs / BLOCK;
        let panels = &self.data[panels.start * blocks..panels.end * blocks];
        let rows = split::BLOCK;
        for (x, y) in x.chunks(rows * self.inputs).zip(y.chunks_mut(rows * width)) {
            let x = vectorized(Round(x));
            run(Product { panels, x: &x, y, blocks, width });
        }
    }
}

/// 32 inputs of a row: x ≈ scale · value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Inputs {
    values: [i16; BLOCK],
    scale: f32,
}

const NONE: Inputs = Inputs { values: [0; BLOCK], scale: 0.0 };

/// Rounds rows to 16 bits, half to even.
struct Round<'a>(&'a [f32]);

impl pulp::WithSimd for Round<'_> {
    type Output = Vec<Inputs>;

    #[inline(always)]
    // A plain loop: an iterator's fold is compiled on its own, without the machine's vectors.
    fn with_simd<S: pulp::Simd>(self, _: S) -> Vec<Inputs> {
        let (blocks, _) = self.0.as_chunks::<BLOCK>();
        let mut inputs = vec![NONE; blocks.len()];
        for (inputs, block) in inputs.iter_mut().zip(blocks) {
            *inputs = round(block);
        }
        inputs
    }
}

#[inline(always)]
fn round(x: &[f32; BLOCK]) -> Inputs {
    let mut lanes = [0f32; LANES];
    for x in x.as_chunks::<LANES>().0 {
        for (lane, x) in lanes.iter_mut().zip(x) {
            *lane = lane.max(x.abs());
        }
    }
    let largest = lanes.iter().fold(0.0, |largest: f32, &x| largest.max(x));
    let scale = largest / 32767.0;
    // The inverse of a smaller number would be infinite.
    let inverse = if scale < f32::MIN_POSITIVE { 0.0 } else { 1.0 / scale };
    let mut values = [0; BLOCK];
    for (value, x) in values.iter_mut().zip(x) {
        *value = (x * inverse).round_ties_even() as i16;
    }
    Inputs { values, scale }
}

/// The product of all rows of `x` with some panels, into `y` of `width` columns.
struct Product<'a> {
    panels: &'a [PanelBlock],
    x: &'a [Inputs],
    y: &'a mut [f32],
    blocks: usize,
    width: usize,
}

/// A product and the machine to run it on, `ROWS` rows at a time.
struct Kernel<'a, L, const ROWS: usize> {
    lanes: L,
    product: Product<'a>,
}

/// Runs a product on the widest vectors of this machine.
fn run(product: Product) {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};

        use super::lanes::x86::Vnni;

        if let Some(lanes) = V4::try_new() {
            let kernel = Kernel::<_, 4> { lanes, product };
            return match Vnni::try_new() {
                Some(vnni) => vnni.vectorize(kernel),
                None => lanes.vectorize(kernel),
            };
        }
        if let Some(lanes) = V3::try_new() {
            return lanes.vectorize(Kernel::<_, 2> { lanes, product });
        }
    }
    pulp::NullaryFnOnce::call(Kernel::<_, 2> { lanes: Portable, product });
}

impl<L: Lanes, const ROWS: usize> pulp::NullaryFnOnce for Kernel<'_, L, ROWS> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, product: Product { panels, x, y, blocks, width } } = self;
        for (index, panel) in panels.chunks_exact(blocks).enumerate() {
            let panel = Panel { lanes, panel, column: index * PANEL, width };
            let (x, y) = panel.tiles::<ROWS>(x, y);
            panel.tiles::<1>(x, y);
        }
    }
}

/// One panel of weights and where its outputs go.
#[derive(Clone, Copy)]
struct Panel<'a, L> {
    lanes: L,
    panel: &'a [PanelBlock],
    column: usize,
    width: usize,
}

impl<L: Lanes> Panel<'_, L> {
    /// Computes as many whole tiles as there are rows for and returns the rest.
    #[inline(always)]
    fn tiles<'x, 'y, const ROWS: usize>(
        self,
        x: &'x [Inputs],
        y: &'y mut [f32],
    ) -> (&'x [Inputs], &'y mut [f32]) {
        let blocks = self.panel.len();
        let rows = x.len() / (ROWS * blocks) * ROWS;
        let (x, x_rest) = x.split_at(rows * blocks);
        let (y, y_rest) = y.split_at_mut(rows * self.width);
        let tiles = x.chunks_exact(ROWS * blocks);
        for (x, y) in tiles.zip(y.chunks_exact_mut(ROWS * self.width)) {
            self.tile::<ROWS>(x, y);
        }
        (x_rest, y_rest)
    }

    /// ROWS × 32 outputs, held in registers while the blocks pass by.
    #[inline(always)]
    fn tile<const ROWS: usize>(self, x: &[Inputs], y: &mut [f32]) {
        let mut floats = [[self.lanes.no_floats(); GROUPS]; ROWS];
        let blocks = self.panel.len();
        for (index, block) in self.panel.iter().enumerate() {
            let x: [&Inputs; ROWS] = std::array::from_fn(
                #[inline(always)]
                |row| &x[row * blocks + index],
            );
            self.add_block(block, x, &mut floats);
        }
        for (y, floats) in y.chunks_exact_mut(self.width).zip(floats) {
            let y = &mut y[self.column..];
            for (y, floats) in y.chunks_mut(LANES).zip(floats) {
                y.copy_from_slice(&self.lanes.spill(floats)[..y.len()]);
            }
        }
    }

    #[inline(always)]
    fn add_block<const ROWS: usize>(
        self,
        block: &PanelBlock,
        x: [&Inputs; ROWS],
        floats: &mut [[L::Floats; GROUPS]; ROWS],
    ) {
        let mut sums = [[self.lanes.no_sums(); GROUPS]; ROWS];
        for pair in 0..BLOCK / 2 {
            for group in 0..GROUPS {
                let weights = self.lanes.widen(&block.weights[group][pair]);
                for (sums, x) in sums.iter_mut().zip(x) {
                    let x = [x.values[2 * pair], x.values[2 * pair + 1]];
                    sums[group] = self.lanes.add_pairs(sums[group], weights, x);
                }
            }
        }
        for ((floats, sums), x) in floats.iter_mut().zip(sums).zip(x) {
            for group in 0..GROUPS {
                let scales = &block.scales[group];
                floats[group] = self.lanes.add_scaled(floats[group], sums[group], scales, x.scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::NullaryFnOnce;

    use super::super::lanes::Portable;
    use super::super::q8_0::{BLOCK, Block};
    use super::super::split::{Paneled, columns_parallel, rows_parallel, rows_serial};
    use super::{Inputs, Kernel, Product, QuantizedPanels, round};

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 1009.0 - 0.5).collect()
    }

    /// y ← fma(Σ q_w q_x, d_w d_x, y), block after block, with sums in 64 bits.
    fn reference(weights: &[f32], x: &[f32], inputs: usize) -> Vec<f32> {
        let block = |w: &[f32; BLOCK], x: &[f32; BLOCK], y: f32| {
            let (w, x) = (Block::quantize(w), round(x));
            let products =
                w.values.iter().zip(&x.values).map(|(&w, &x)| i64::from(w) * i64::from(x));
            (products.sum::<i64>() as f32).mul_add(w.scale.to_f32() * x.scale, y)
        };
        let dot = |w: &[f32], x: &[f32]| {
            let blocks = w.as_chunks::<BLOCK>().0.iter().zip(x.as_chunks::<BLOCK>().0);
            blocks.fold(0.0, |y, (w, x)| block(w, x, y))
        };
        let row = |x| weights.chunks_exact(inputs).map(move |w| dot(w, x));
        x.chunks_exact(inputs).flat_map(row).collect()
    }

    #[test]
    fn every_output_is_one_chain_of_blocks_whatever_the_shape_and_the_split() {
        for (rows, inputs, outputs) in
            [(1, 32, 1), (2, 64, 31), (13, 96, 33), (25, 160, 64), (121, 32, 70), (259, 64, 100)]
        {
            let (weights, x) = (numbers(inputs * outputs, 1), numbers(rows * inputs, 2));
            let panels = QuantizedPanels::pack(&weights, inputs);
            let expected = reference(&weights, &x, inputs);
            for split in [rows_serial, rows_parallel, columns_parallel] {
                let mut y = vec![0.0; rows * outputs];
                split(&panels, &x, &mut y);
                assert_eq!(y, expected, "{rows} rows, {inputs} → {outputs}");
            }
        }
    }

    #[test]
    fn every_machine_computes_the_same() {
        let (inputs, outputs, rows) = (96, 70, 11);
        let (weights, x) = (numbers(inputs * outputs, 1), numbers(rows * inputs, 2));
        let panels = QuantizedPanels::pack(&weights, inputs);
        let x: Vec<Inputs> = x.as_chunks::<BLOCK>().0.iter().map(round).collect();
        let on = |run: &dyn Fn(Product)| {
            let mut y = vec![0.0; rows * outputs];
            run(Product { panels: &panels.data, x: &x, y: &mut y, blocks: 3, width: outputs });
            y
        };
        let portable = on(&|product| Kernel::<_, 2> { lanes: Portable, product }.call());
        assert_eq!(on(&super::run), portable);
        #[cfg(target_arch = "x86_64")]
        if let Some(lanes) = pulp::x86::V3::try_new() {
            assert_eq!(on(&|product| lanes.vectorize(Kernel::<_, 2> { lanes, product })), portable);
        }
    }

    #[test]
    fn a_row_is_what_the_blocks_stand_for() {
        let weights = numbers(64 * 40, 3);
        let panels = QuantizedPanels::pack(&weights, 64);
        assert_eq!((panels.inputs(), Paneled::outputs(&panels)), (64, 40));
        for (output, row) in weights.chunks_exact(64).enumerate() {
            let blocks = row.as_chunks::<BLOCK>().0.iter();
            let expected: Vec<f32> = blocks.flat_map(|w| Block::quantize(w).dequantize()).collect();
            assert_eq!(panels.row(output), expected);
        }
    }

    #[test]
    fn inputs_lose_a_65534th_of_the_largest_at_most() {
        let x: [f32; BLOCK] = std::array::from_fn(|i| (i as f32 - 11.0).powi(3));
        let rounded = round(&x);
        for (x, value) in x.iter().zip(rounded.values) {
            let error = (x - f32::from(value) * rounded.scale).abs();
            assert!(error <= 8000.0 / 65534.0 * 1.001, "{x}: {error}");
        }
        assert_eq!(round(&[0.0; BLOCK]).values, [0; BLOCK]);
        assert_eq!(round(&[1e-40; BLOCK]).values, [0; BLOCK]);
    }
}
