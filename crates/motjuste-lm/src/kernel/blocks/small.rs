//! Blocks of 32 numbers: a scale of 16 bits, perhaps a least number, and codes of 4, 5 or 8 bits
//! (`block_q4_0` to `block_q8_0` in GGML).

use super::{GROUP, Group, half_at, nibbles};

/// w = d (q − 8).
pub(super) fn q4_0(block: &[u8]) -> Group {
    Group::even(nibbles(&block[2..]).map(|code| code - 8), half_at(block, 0), 0.0)
}

/// w = d q + m.
pub(super) fn q4_1(block: &[u8]) -> Group {
    Group::even(nibbles(&block[4..]), half_at(block, 0), half_at(block, 2))
}

/// w = d (q − 16).
pub(super) fn q5_0(block: &[u8]) -> Group {
    let codes = with_fifth(nibbles(&block[6..]), &block[2..6]);
    Group::even(codes.map(|code| code - 16), half_at(block, 0), 0.0)
}

/// w = d q + m.
pub(super) fn q5_1(block: &[u8]) -> Group {
    let codes = with_fifth(nibbles(&block[8..]), &block[4..8]);
    Group::even(codes, half_at(block, 0), half_at(block, 2))
}

/// w = d q.
pub(super) fn q8_0(block: &[u8]) -> Group {
    let codes = std::array::from_fn(|i| block[2 + i].cast_signed());
    Group::even(codes, half_at(block, 0), 0.0)
}

/// Codes with the fifth bits of all of them, lowest first.
fn with_fifth(codes: [i8; GROUP], bits: &[u8]) -> [i8; GROUP] {
    std::array::from_fn(|i| codes[i] | ((bits[i / 8] >> (i % 8) & 1) << 4) as i8)
}
