//! All heads of all texts: a group of query heads and their key-value head in one text is one task.

use std::ops::Range;

use rayon::prelude::*;

use super::rotation::{self, Shape};
use super::row::{Gradients, Scratch, Side, Sides};
use crate::kernel::widest::widest;
use crate::rope::{Rope, Table};

/// The constants of a layer's attention.
pub(super) struct Heads<'a> {
    pub(super) key_value_heads: usize,
    /// Query heads that share keys and values.
    pub(super) group: usize,
    pub(super) width: usize,
    pub(super) scale: f32,
    pub(super) cap: Option<f32>,
    pub(super) window: usize,
    pub(super) rope: Option<&'a Rope>,
}

/// Where a task's rows and columns are.
struct Task {
    tokens: Range<usize>,
    head: usize,
}

impl Heads<'_> {
    /// From queries, keys and values, each (tokens, heads · width), to attended values, shaped as the queries.
    pub(super) fn attend(&self, projected: &[Vec<f32>], texts: &[usize]) -> Vec<f32> {
        let tasks = self.tasks(texts);
        let done: Vec<_> = tasks.par_iter().map(|task| self.attend_one(projected, task)).collect();
        let mut attended = vec![0.0; projected[0].len()];
        for (task, columns) in tasks.iter().zip(&done) {
            self.put(&mut attended, columns, task, self.group);
        }
        attended
    }

    /// The gradients of queries, keys and values from that of the attended values.
    pub(super) fn back(
        &self,
        projected: &[Vec<f32>],
        gradient: &[f32],
        texts: &[usize],
    ) -> Vec<Vec<f32>> {
        let tasks = self.tasks(texts);
        let back = |task| self.back_one(projected, gradient, task);
        let done: Vec<[Vec<f32>; 3]> = tasks.par_iter().map(back).collect();
        let mut gradients: Vec<_> = projected.iter().map(|part| vec![0.0; part.len()]).collect();
        for (task, parts) in tasks.iter().zip(&done) {
            for ((all, own), heads) in gradients.iter_mut().zip(parts).zip([self.group, 1, 1]) {
                self.put(all, own, task, heads);
            }
        }
        gradients
    }

    fn tasks(&self, texts: &[usize]) -> Vec<Task> {
        let mut start = 0;
        let text = |&len: &usize| {
            start += len;
            (0..self.key_value_heads).map(move |head| Task { tokens: start - len..start, head })
        };
        texts.iter().flat_map(text).collect()
    }

    fn attend_one(&self, projected: &[Vec<f32>], task: &Task) -> Vec<f32> {
        let table = self.table(task);
        let (keys, values) = self.sides(projected, task, table);
        let sides = Sides { keys: &keys, values: &values, cap: self.cap };
        let mut queries = self.take(&projected[0], task, self.group);
        let mut out = vec![0.0; queries.len()];
        widest(
            #[inline(always)]
            || {
                let mut scratch = Scratch::default();
                rotation::forward(&mut queries, self.shape(self.group), table, self.scale);
                let rows = queries.chunks_exact(self.width).zip(out.chunks_exact_mut(self.width));
                for (index, (query, out)) in rows.enumerate() {
                    sides.attend(query, &self.seen(index / self.group), &mut scratch, out);
                }
            },
        );
        out
    }

    fn back_one(&self, projected: &[Vec<f32>], gradient: &[f32], task: &Task) -> [Vec<f32>; 3] {
        let table = self.table(task);
        let (keys, values) = self.sides(projected, task, table);
        let sides = Sides { keys: &keys, values: &values, cap: self.cap };
        let mut queries = self.take(&projected[0], task, self.group);
        let gradient = self.take(gradient, task, self.group);
        let zeros = vec![0.0; keys.rows.len()];
        let mut sums = Gradients { keys: zeros.clone(), values: zeros };
        widest(
            #[inline(always)]
            || {
                let mut scratch = Scratch::default();
                rotation::forward(&mut queries, self.shape(self.group), table, self.scale);
                let rows = queries.chunks_exact_mut(self.width);
                for (index, (query, gradient)) in
                    rows.zip(gradient.chunks_exact(self.width)).enumerate()
                {
                    let seen = self.seen(index / self.group);
                    sides.back(query, gradient, &seen, &mut scratch, &mut sums);
                }
                rotation::back(&mut queries, self.shape(self.group), table, self.scale);
                rotation::back(&mut sums.keys, self.shape(1), table, 1.0);
            },
        );
        [queries, sums.keys, sums.values]
    }

    /// The rotation of a text of this length.
    fn table(&self, task: &Task) -> Option<&Table> {
        self.rope.map(|rope| rope.table(task.tokens.len()))
    }

    /// The positions that a position sees.
    fn seen(&self, position: usize) -> Range<usize> {
        (position + 1).saturating_sub(self.window)..position + 1
    }

    fn shape(&self, heads: usize) -> Shape {
        Shape { heads, width: self.width }
    }

    fn sides(&self, projected: &[Vec<f32>], task: &Task, table: Option<&Table>) -> (Side, Side) {
        let mut keys = self.take(&projected[1], task, 1);
        rotation::forward(&mut keys, self.shape(1), table, 1.0);
        let values = self.take(&projected[2], task, 1);
        (Side::new(keys, self.width), Side::new(values, self.width))
    }

    /// The columns of a task: `heads` heads of its group, (tokens, heads · width).
    fn take(&self, rows: &[f32], task: &Task, heads: usize) -> Vec<f32> {
        let (all, own) = (self.key_value_heads * heads * self.width, heads * self.width);
        let rows = rows[task.tokens.start * all..task.tokens.end * all].chunks_exact(all);
        rows.flat_map(|row| &row[task.head * own..][..own]).copied().collect()
    }

    /// The other way round.
    fn put(&self, rows: &mut [f32], columns: &[f32], task: &Task, heads: usize) {
        let (all, own) = (self.key_value_heads * heads * self.width, heads * self.width);
        let rows = rows[task.tokens.start * all..task.tokens.end * all].chunks_exact_mut(all);
        for (row, columns) in rows.zip(columns.chunks_exact(own)) {
            row[task.head * own..][..own].copy_from_slice(columns);
        }
    }
}
