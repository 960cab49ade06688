//! The block format `Q8_0` of GGML: 32 weights as whole numbers of 8 bits and one 16-bit scale.

use half::f16;

use super::blocks::Group;

/// Weights of a block.
pub(crate) const BLOCK: usize = 32;

/// w ≈ scale · value for each of 32 weights that lie side by side in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    pub(crate) scale: f16,
    pub(crate) values: [i8; BLOCK],
}

impl Block {
    /// d = max |w| / 127 and qᵢ = round(wᵢ · (1 / d)), half away from zero; d is rounded to 16
    /// bits only when it is stored. This is GGML's `quantize_row_q8_0_ref`, bit for bit.
    pub(crate) fn quantize(weights: &[f32; BLOCK]) -> Self {
        let largest = weights.iter().fold(0.0, |largest: f32, w| largest.max(w.abs()));
        let scale = largest / 127.0;
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        let values = weights.map(|w| (w * inverse).round() as i8);
        Self { scale: f16::from_f32(scale), values }
    }

    /// The weights that the block stands for.
    #[cfg(test)]
    pub(crate) fn dequantize(&self) -> [f32; BLOCK] {
        let scale = self.scale.to_f32();
        self.values.map(|value| scale * f32::from(value))
    }
}

/// A row in this format.
pub(crate) fn groups(row: &[f32]) -> Vec<Group> {
    let blocks = row.as_chunks::<BLOCK>().0.iter().map(Block::quantize);
    blocks.map(|block| Group::even(block.values, block.scale.to_f32(), 0.0)).collect()
}

/// Whether rows of this length can be cut into blocks.
pub(crate) fn fits(inputs: usize) -> bool {
    inputs.is_multiple_of(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Block};
    use half::f16;

    /// The words of GGML's definition, one weight after the other.
    fn definition(weights: &[f32; BLOCK]) -> ([u8; 2], Vec<i8>) {
        let mut largest = 0f32;
        for w in weights {
            largest = if w.abs() > largest { w.abs() } else { largest };
        }
        let d = largest / ((1 << 7) - 1) as f32;
        let id = if d != 0.0 { 1.0 / d } else { 0.0 };
        let round = |x: f32| (x.abs() + 0.5).floor().copysign(x) as i8;
        (f16::from_f32(d).to_le_bytes(), weights.iter().map(|w| round(w * id)).collect())
    }

    fn blocks() -> Vec<[f32; BLOCK]> {
        let waves = (0..200).map(|b| std::array::from_fn(|i| ((b * 32 + i * i) as f32).sin()));
        // Powers of two make halves, where the direction of rounding shows.
        let halves = std::array::from_fn(|i| if i == 0 { 127.0 } else { i as f32 - 15.5 });
        let tiny = std::array::from_fn(|i| i as f32 * 1e-9);
        waves.chain([halves, tiny, [0.0; BLOCK], [-3.0; BLOCK]]).collect()
    }

    #[test]
    fn a_block_is_what_ggml_defines() {
        for weights in blocks() {
            let Block { scale, values } = Block::quantize(&weights);
            assert_eq!((scale.to_le_bytes(), values.to_vec()), definition(&weights));
        }
    }

    #[test]
    fn a_block_of_a_block_is_the_block() {
        for weights in blocks() {
            let block = Block::quantize(&weights);
            assert_eq!(Block::quantize(&block.dequantize()).dequantize(), block.dequantize());
        }
    }
}
