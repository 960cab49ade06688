//! A tensor as it lies in a file.

use std::borrow::Cow;

use crate::kernel::blocks::Kind;

/// A tensor as it lies in a file, row-major.
pub(crate) struct Stored<'a> {
    pub(crate) kind: Kind,
    pub(crate) bytes: Cow<'a, [u8]>,
}

impl Stored<'_> {
    /// How many numbers it has.
    pub(crate) fn numbers(&self) -> usize {
        self.bytes.len() / self.kind.bytes() * self.kind.numbers()
    }

    /// All of them.
    pub(crate) fn values(&self) -> Vec<f32> {
        self.kind.numbers_of(&self.bytes)
    }

    /// The numbers of each row of `inputs`.
    pub(crate) fn rows(&self, inputs: usize) -> impl Iterator<Item = Vec<f32>> {
        self.bytes.chunks_exact(self.row_bytes(inputs)).map(|row| self.kind.numbers_of(row))
    }

    /// The bytes of a row of `inputs`.
    pub(crate) fn row_bytes(&self, inputs: usize) -> usize {
        inputs / self.kind.numbers() * self.kind.bytes()
    }
}
