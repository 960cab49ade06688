//! The block formats of GGML: whole numbers of a few bits, and scales for a block of them.
//!
//! Whatever the format, 32 weights that lie side by side in a row are [`Group`]: w = scale · code + shift.

mod small;
mod super_block;

use half::f16;

/// Weights of a group.
pub(crate) const GROUP: usize = 32;

/// How a tensor's numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
}

/// 32 weights: w = scale · code + shift, with a scale and a shift for each half of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Group {
    pub(crate) codes: [i8; GROUP],
    pub(crate) scales: [f32; 2],
    pub(crate) shifts: [f32; 2],
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q2K,
        Self::Q3K,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// The type that GGML gives this code.
    pub(crate) fn of(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The code that GGML gives it.
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q4_1 => 3,
            Self::Q5_0 => 6,
            Self::Q5_1 => 7,
            Self::Q8_0 => 8,
            Self::Q2K => 10,
            Self::Q3K => 11,
            Self::Q4K => 12,
            Self::Q5K => 13,
            Self::Q6K => 14,
            Self::Bf16 => 30,
        }
    }

    /// What GGML calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q2K => "Q2_K",
            Self::Q3K => "Q3_K",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// Numbers of a block.
    pub(crate) fn numbers(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => GROUP,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => super_block::NUMBERS,
        }
    }

    /// Bytes of a block.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Whether it is a block format: whole numbers and scales.
    pub(crate) fn is_quantized(self) -> bool {
        self.numbers() > 1
    }

    /// The groups of some blocks, in the order of the row.
    pub(crate) fn groups(self, bytes: &[u8]) -> impl Iterator<Item = Group> {
        let groups = self.numbers() / GROUP;
        let blocks = bytes.chunks_exact(self.bytes());
        blocks.flat_map(move |block| (0..groups).map(move |index| self.group(block, index)))
    }

    fn group(self, block: &[u8], index: usize) -> Group {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => Group::NONE,
            Self::Q4_0 => small::q4_0(block),
            Self::Q4_1 => small::q4_1(block),
            Self::Q5_0 => small::q5_0(block),
            Self::Q5_1 => small::q5_1(block),
            Self::Q8_0 => small::q8_0(block),
            Self::Q2K => super_block::q2_k(block, index),
            Self::Q3K => super_block::q3_k(block, index),
            Self::Q4K => super_block::q4_k(block, index),
            Self::Q5K => super_block::q5_k(block, index),
            Self::Q6K => super_block::q6_k(block, index),
        }
    }

    /// How many of the numbers, or of the scales of them, are not finite.
    pub(crate) fn not_finite(self, bytes: &[u8]) -> usize {
        let count = |numbers: &[f32]| numbers.iter().filter(|number| !number.is_finite()).count();
        match self.is_quantized() {
            true => self.groups(bytes).map(|it| count(&it.scales) + count(&it.shifts)).sum(),
            false => bytes.chunks(1 << 12).map(|bytes| count(&self.numbers_of(bytes))).sum(),
        }
    }

    /// The numbers that some bytes stand for.
    pub(crate) fn numbers_of(self, bytes: &[u8]) -> Vec<f32> {
        let halves = || bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
        match self {
            Self::F32 => bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
            Self::F16 => halves().map(|bits| f16::from_bits(bits).to_f32()).collect(),
            Self::Bf16 => halves().map(|bits| f32::from_bits(u32::from(bits) << 16)).collect(),
            _ => self.groups(bytes).flat_map(|group| group.numbers()).collect(),
        }
    }
}

impl Group {
    const NONE: Self = Self { codes: [0; GROUP], scales: [0.0; 2], shifts: [0.0; 2] };

    /// One scale and one shift for all.
    pub(crate) fn even(codes: [i8; GROUP], scale: f32, shift: f32) -> Self {
        Self { codes, scales: [scale; 2], shifts: [shift; 2] }
    }

    /// The numbers that it stands for.
    pub(crate) fn numbers(&self) -> [f32; GROUP] {
        std::array::from_fn(|i| {
            let half = i / (GROUP / 2);
            self.scales[half] * f32::from(self.codes[i]) + self.shifts[half]
        })
    }
}

/// A number of 16 bits, two bytes in.
fn half_at(block: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
}

/// Low half bytes of 16 bytes, then their high ones.
fn nibbles(bytes: &[u8]) -> [i8; GROUP] {
    let half = GROUP / 2;
    std::array::from_fn(|i| if i < half { bytes[i] & 15 } else { bytes[i - half] >> 4 } as i8)
}

#[cfg(test)]
mod tests;
