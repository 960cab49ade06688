//! The product of rounded rows with panels of quantised weights, on the widest vectors of this machine.

use super::form::{Block, Codes, GROUPS, STEPS};
use super::inputs::Inputs;
use crate::kernel::lanes::{LANES, Lanes, Portable};
use crate::kernel::split::PANEL;

/// The product of all rows of `x` with some panels, into `y` of `width` columns.
pub(super) struct Product<'a, C, const SCALES: usize, const SHIFTS: usize> {
    pub(super) panels: &'a [Block<C, SCALES, SHIFTS>],
    pub(super) x: &'a [Inputs],
    pub(super) y: &'a mut [f32],
    pub(super) blocks: usize,
    pub(super) width: usize,
}

/// A product and the machine to run it on, `ROWS` rows at a time.
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

        use crate::kernel::lanes::x86::Vnni;

        if let Some(lanes) = V4::try_new() {
            let kernel = Kernel::<_, _, SCALES, SHIFTS, 4> { lanes, product };
            return match Vnni::try_new() {
                Some(vnni) => vnni.vectorize(kernel),
                None => lanes.vectorize(kernel),
            };
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
struct Panel<'a, C, L, const SCALES: usize, const SHIFTS: usize> {
    lanes: L,
    panel: &'a [Block<C, SCALES, SHIFTS>],
    column: usize,
    width: usize,
}

impl<C: Codes, L: Lanes, const SCALES: usize, const SHIFTS: usize> Panel<'_, C, L, SCALES, SHIFTS> {
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
            let sums = self.sums(block, x);
            self.add(block, x, &sums, &mut floats);
        }
        for (y, floats) in y.chunks_exact_mut(self.width).zip(floats) {
            let y = &mut y[self.column..];
            for (y, floats) in y.chunks_mut(LANES).zip(floats) {
                y.copy_from_slice(&self.lanes.spill(floats)[..y.len()]);
            }
        }
    }

    /// Σ (code − centre) · value over a block, for both halves together, or for each where each has a scale: whole
    /// numbers, exact.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "constant bounds keep the sums in registers")]
    fn sums<const ROWS: usize>(
        self,
        block: &Block<C, SCALES, SHIFTS>,
        x: [&Inputs; ROWS],
    ) -> [[[L::Sums; GROUPS]; ROWS]; 2] {
        let mut sums = [[[self.lanes.sums_of(0); GROUPS]; ROWS]; 2];
        if C::CENTRE != 0 {
            for (row, x) in x.iter().enumerate() {
                let [first, second] = x.sums;
                let (first, second) =
                    if SCALES == 1 { (first + second, 0) } else { (first, second) };
                sums[0][row] = [self.lanes.sums_of(-C::CENTRE * first); GROUPS];
                sums[1][row] = [self.lanes.sums_of(-C::CENTRE * second); GROUPS];
            }
        }
        for step in 0..STEPS {
            for group in 0..GROUPS {
                let pairs = block.codes[group][step].pairs(self.lanes);
                for row in 0..ROWS {
                    let at = |half: usize| x[row].values.as_chunks::<2>().0[half * STEPS + step];
                    let last = SCALES - 1;
                    sums[0][row][group] =
                        self.lanes.add_pairs(sums[0][row][group], pairs[0], at(0));
                    sums[last][row][group] =
                        self.lanes.add_pairs(sums[last][row][group], pairs[1], at(1));
                }
            }
        }
        sums
    }

    /// y ← fma(Σ, scale · `x_scale`, y), and fma(shift, `x_scale` · Σ value, y) where there are shifts; the first half, then the
    /// second.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "constant bounds keep the sums in registers")]
    fn add<const ROWS: usize>(
        self,
        block: &Block<C, SCALES, SHIFTS>,
        x: [&Inputs; ROWS],
        sums: &[[[L::Sums; GROUPS]; ROWS]; 2],
        floats: &mut [[L::Floats; GROUPS]; ROWS],
    ) {
        for half in 0..SCALES {
            for row in 0..ROWS {
                let x = x[row];
                let all = if SCALES == 1 { x.sums[0] + x.sums[1] } else { x.sums[half] };
                let all = x.scale * all as f32;
                for group in 0..GROUPS {
                    let y = &mut floats[row][group];
                    let scales = &block.scales[group][half];
                    *y = self.lanes.add_scaled(*y, sums[half][row][group], scales, x.scale);
                    if let Some(shifts) = block.shifts[group].get(half) {
                        *y = self.lanes.add_product(*y, shifts, all);
                    }
                }
            }
        }
    }
}
