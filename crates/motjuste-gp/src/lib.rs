//! Gaussian processes for instruction search.
