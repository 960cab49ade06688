//! Closures compiled for the widest vectors of this machine.

use pulp::{Simd, WithSimd};

use super::vectorized;

/// Runs a closure that is marked `#[inline(always)]`, compiled for the widest vectors.
///
/// It is called as an `FnMut`: as an `FnOnce` it would be called by way of a function of its own, which the
/// compiler does not inline, and which knows of no vectors.
#[inline(always)]
pub(crate) fn widest<R>(operation: impl FnMut() -> R) -> R {
    vectorized(Operation(operation))
}

struct Operation<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Operation<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}
