//! The product of rounded rows with panels of quantised weights, on the widest vectors of this machine.

use super::form::{Block, Codes, GROUPS, STEPS};
use super::inputs::{Inputs, Rounding, TILES};
use crate::kernel::lanes::{LANES, Lanes, Portable};
use crate::kernel::split::PANEL;

/// The product of all rows of `x`, tile by tile, with some panels, into `y` of `width` columns.
pub(super) struct Product<'a, C, const SCALES: usize, const SHIFTS: usize> {
    pub(super) panels: &'a [Block<C, SCALES, SHIFTS>],
    pub(super) x: &'a [Inputs],
    pub(super) y: &'a mut [f32],
    pub(super) blocks: usize,
    pub(super) width: usize,
    pub(super) rounding: Rounding,
}

/// A product and the machine to run it on, `ROWS` rows at a time at the most.
pub(super) struct Kernel<'a, C, L, const SCALES: usize, const SHIFTS: usize, const ROWS: usize> {
    pub(super) lanes: L,
    pub(super) product: Product<'a, C, SCALES, SHIFTS>,
}

/// Runs a product on the widest vectors of this machine.
pub(super) fn run<C: Codes, const SCALES: usize, const SHIFTS: usize>(
    product: Product<C, SCALES, SHIFTS>,
) {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};

        use crate::kernel::lanes::x86::{Bytes, Words};

        if let (Rounding::Eight, Some(lanes)) = (product.rounding, Bytes::try_new()) {
            return lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 8> { lanes, product });
        }
        if let Some(lanes) = Words::try_new() {
            return lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 8> { lanes, product });
        }
        if let Some(lanes) = V4::try_new() {
            return lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 8> { lanes, product });
        }
        if let Some(lanes) = V3::try_new() {
            return lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 2> { lanes, product });
        }
    }
    pulp::NullaryFnOnce::call(Kernel::<_, _, SCALES, SHIFTS, 2> { lanes: Portable, product });
}

impl<C: Codes, L: Lanes, const SCALES: usize, const SHIFTS: usize, const ROWS: usize>
    pulp::NullaryFnOnce for Kernel<'_, C, L, SCALES, SHIFTS, ROWS>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, product: Product { panels, x, y, blocks, width, .. } } = self;
        for (index, panel) in panels.chunks_exact(blocks).enumerate() {
            let panel = Panel { lanes, panel, column: index * PANEL, width };
            let (x, y) = panel.tiles::<{ TILES[0] }, ROWS>(x, y);
            let (x, y) = panel.tiles::<{ TILES[1] }, ROWS>(x, y);
            let (x, y) = panel.tiles::<{ TILES[2] }, ROWS>(x, y);
            panel.tiles::<{ TILES[3] }, ROWS>(x, y);
        }
    }
}

/// One panel of weights and where its outputs go.
#[derive(Clone, Copy)]
struct Panel<'a, C, L, const SCALES: usize, const SHIFTS: usize> {
    lanes: L,
    panel: &'a [Block<C, SCALES, SHIFTS>],
    column: usize,
    width: usize,
}

impl<C: Codes, L: Lanes, const SCALES: usize, const SHIFTS: usize> Panel<'_, C, L, SCALES, SHIFTS> {
    /// Computes as many tiles as there are rows for, so many rows of each at a time, and returns the rest.
    #[inline(always)]
    fn tiles<'x, 'y, const TILE: usize, const ROWS: usize>(
        self,
        x: &'x [Inputs],
        y: &'y mut [f32],
    ) -> (&'x [Inputs], &'y mut [f32]) {
        let blocks = self.panel.len();
        let rows = x.len() / (TILE * blocks) * TILE;
        let (x, x_rest) = x.split_at(rows * blocks);
        let (y, y_rest) = y.split_at_mut(rows * self.width);
        for (x, y) in x.chunks_exact(TILE * blocks).zip(y.chunks_exact_mut(TILE * self.width)) {
            for group in 0..GROUPS {
                match TILE <= ROWS {
                    true => self.some_rows::<TILE, TILE>(group, 0, x, y),
                    false => (0..TILE / ROWS)
                        .for_each(|part| self.some_rows::<TILE, ROWS>(group, part * ROWS, x, y)),
                }
            }
        }
        (x_rest, y_rest)
    }

    /// ROWS × 16 outputs of a tile, held in registers while the blocks pass by.
    #[inline(always)]
    fn some_rows<const TILE: usize, const ROWS: usize>(
        self,
        group: usize,
        first: usize,
        x: &[Inputs],
        y: &mut [f32],
    ) {
        let mut floats = [self.lanes.no_floats(); ROWS];
        for (block, x) in self.panel.iter().zip(x.as_chunks::<TILE>().0) {
            let x: &[Inputs; ROWS] = match x[first..].first_chunk() {
                Some(rows) => rows,
                None => return,
            };
            for part in 0..SCALES {
                self.add_part(block, (group, part), x, &mut floats);
            }
        }
        for (row, floats) in floats.into_iter().enumerate() {
            let y = &mut y[(first + row) * self.width..][..self.width][self.column..];
            let own = y.chunks_mut(LANES).nth(group);
            let plain = self.lanes.spill(floats);
            own.into_iter().for_each(|own| own.copy_from_slice(&plain[..own.len()]));
        }
    }

    /// y ← fma(Σ, scale · `x_scale`, y), and fma(shift, `x_scale` · Σ value, y) where there are shifts, over the part of a block that has
    /// one scale. Σ = Σ (code − centre) · value are whole numbers, exact.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "constant bounds keep the sums in registers")]
    fn add_part<const ROWS: usize>(
        self,
        block: &Block<C, SCALES, SHIFTS>,
        (group, part): (usize, usize),
        x: &[Inputs; ROWS],
        floats: &mut [L::Floats; ROWS],
    ) {
        let mut sums = [self.lanes.sums_of(0); ROWS];
        if C::CENTRE != 0 {
            for row in 0..ROWS {
                sums[row] = self.lanes.sums_of(-C::CENTRE * x[row].sum::<SCALES>(part).0);
            }
        }
        for step in 0..STEPS {
            let quads = block.codes[group][step].quads(self.lanes);
            for half in 0..2 {
                if SCALES == 1 || half == part {
                    for row in 0..ROWS {
                        let four = x[row].four(half, step);
                        sums[row] = self.lanes.add(sums[row], quads[half], four);
                    }
                }
            }
        }
        for row in 0..ROWS {
            let (x, y) = (&x[row], &mut floats[row]);
            *y = self.lanes.add_scaled(*y, sums[row], &block.scales[group][part], x.scale);
            if let Some(shifts) = block.shifts[group].get(part) {
                *y = self.lanes.add_product(*y, shifts, x.sum::<SCALES>(part).1);
            }
        }
    }
}
