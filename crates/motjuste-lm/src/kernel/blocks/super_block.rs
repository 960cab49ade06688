//! Blocks of 256 numbers with scales of scales (`block_q2_K` to `block_q6_K` in GGML).

use super::{GROUP, Group, half_at};

/// Numbers of a block.
pub(super) const NUMBERS: usize = 256;

/// w = d s q − m t, with a scale s and a least number t of 4 bits for each 16 numbers.
pub(super) fn q2_k(block: &[u8], index: usize) -> Group {
    let (d, m) = (half_at(block, 80), half_at(block, 82));
    let scale = |half: usize| block[2 * index + half];
    Group {
        codes: two_bits(&block[16..80], index),
        scales: [0, 1].map(|half| d * f32::from(scale(half) & 15)),
        shifts: [0, 1].map(|half| -(m * f32::from(scale(half) >> 4))),
    }
}

/// w = d (s − 32) (q − 4 + 4 h), with a scale s of 6 bits for each 16 numbers and a third bit h.
pub(super) fn q3_k(block: &[u8], index: usize) -> Group {
    let (high, d) = (&block[..32], half_at(block, 108));
    let low = two_bits(&block[32..96], index);
    let scale = |half: usize| third_scale(&block[96..108], 2 * index + half);
    Group {
        codes: std::array::from_fn(|i| low[i] - if high[i] >> index & 1 == 1 { 0 } else { 4 }),
        scales: [0, 1].map(|half| d * f32::from(scale(half))),
        shifts: [0.0; 2],
    }
}

/// w = d s q − m t, with 6 bits for each scale s and least number t of 32 numbers.
pub(super) fn q4_k(block: &[u8], index: usize) -> Group {
    let (scale, shift) = scale_and_shift(block, index);
    Group::even(four_bits(&block[16..144], index), scale, shift)
}

/// As `q4_k`, with a fifth bit.
pub(super) fn q5_k(block: &[u8], index: usize) -> Group {
    let (scale, shift) = scale_and_shift(block, index);
    let (high, low) = (&block[16..48], four_bits(&block[48..176], index));
    let codes = std::array::from_fn(|i| low[i] | ((high[i] >> index & 1) << 4) as i8);
    Group::even(codes, scale, shift)
}

/// w = d s (q − 32), with a scale s of 8 bits for each 16 numbers.
pub(super) fn q6_k(block: &[u8], index: usize) -> Group {
    let (part, row) = (index / 4, index % 4);
    let (low, high) = (&block[64 * part + 32 * (row % 2)..], &block[128 + 32 * part..]);
    let d = half_at(block, 208);
    let code = |i: usize| {
        let low = if row < 2 { low[i] & 15 } else { low[i] >> 4 };
        (low | (high[i] >> (2 * row) & 3) << 4).cast_signed() - 32
    };
    let scale = |half: usize| d * f32::from(block[192 + 2 * index + half].cast_signed());
    Group { codes: std::array::from_fn(code), scales: [0, 1].map(scale), shifts: [0.0; 2] }
}

/// Group `index` of 256 codes of two bits: four of them lie in the same 32 bytes.
fn two_bits(bytes: &[u8], index: usize) -> [i8; GROUP] {
    let (part, shift) = (index / 4, 2 * (index % 4));
    std::array::from_fn(|i| (bytes[32 * part + i] >> shift & 3) as i8)
}

/// Group `index` of 256 codes of four bits: two of them lie in the same 32 bytes.
fn four_bits(bytes: &[u8], index: usize) -> [i8; GROUP] {
    let (part, shift) = (index / 2, 4 * (index % 2));
    std::array::from_fn(|i| (bytes[32 * part + i] >> shift & 15) as i8)
}

/// d s and −m t of group `index` of a block that begins with d, m and eight s and t of 6 bits in 12 bytes.
fn scale_and_shift(block: &[u8], index: usize) -> (f32, f32) {
    let (d, m, packed) = (half_at(block, 0), half_at(block, 2), &block[4..16]);
    let (s, t) = match index {
        0..4 => (packed[index] & 63, packed[index + 4] & 63),
        _ => (
            packed[index + 4] & 15 | packed[index - 4] >> 6 << 4,
            packed[index + 4] >> 4 | packed[index] >> 6 << 4,
        ),
    };
    (d * f32::from(s), -(m * f32::from(t)))
}

/// Scale `index` of sixteen of 6 bits: four low bits each in 8 bytes, then two high bits each in 4.
fn third_scale(packed: &[u8], index: usize) -> i8 {
    let low = if index < 8 { packed[index] & 15 } else { packed[index - 8] >> 4 };
    let high = packed[8 + index % 4] >> (2 * (index / 4)) & 3;
    (low | high << 4).cast_signed() - 32
}
