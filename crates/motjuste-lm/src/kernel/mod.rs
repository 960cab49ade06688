//! Arithmetic on slices, in an order that nothing can change.
//!
//! A row's result must be the same bits alone, in any batch, on any number of threads and on any
//! processor. So no sum is ever split by a batch size, a thread or a vector width:
//!
//! - a matrix product adds over the inner index one term after the other, fused, and spends the
//!   vector lanes on different outputs ([`matmul`]);
//! - with quantised weights the sums within a block are whole numbers, which no order changes, and the
//!   blocks are added one after the other ([`quantized`]);
//! - a sum over a row (norms, softmax) has a fixed number of lanes, whatever the machine's, and
//!   one fixed tree at the end ([`reduce`]);
//! - `exp` is ours, because each platform's differs in the last bit ([`exp`]).
//!
//! Fused multiply-add is the only operation that not every processor has in hardware; without it
//! the results are still the same bits, slowly.

pub(crate) mod blocks;
pub(crate) mod columns;
pub(crate) mod exp;
mod lanes;
pub(crate) mod matmul;
pub(crate) mod matrix;
pub(crate) mod q8_0;
pub(crate) mod quantized;
pub(crate) mod reduce;
pub(crate) mod softmax;
mod split;
pub(crate) mod widest;

use pulp::{Arch, WithSimd};

/// Runs an operation compiled for the widest vectors of this machine.
pub(crate) fn vectorized<Op: WithSimd>(operation: Op) -> Op::Output {
    Arch::new().dispatch(operation)
}
