//! Points of the standard normal distribution.

/// The 97.5 % point.
pub(super) const Z: f64 = 1.959_963_984_540_054;

/// The 80 % point.
pub(super) const Z_POWER: f64 = 0.841_621_233_572_914_2;
