//! Which tokens of a batch are read once for several sequences.
//!
//! Sequences that begin alike form a tree: an inner node is a run of tokens that several share, a
//! leaf is the rest of one sequence. Sharing saves work and changes no result.

use std::ops::Range;

/// The shortest run worth a segment of its own: attention reads keys in blocks of 16, and each
/// segment adds a block that is partly empty.
const WORTH: usize = 8;

/// A run of tokens that several sequences share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The node in front, if any; it comes earlier in the list.
    pub(crate) parent: Option<usize>,
    /// A sequence that holds the run, and where.
    pub(crate) row: usize,
    pub(crate) range: Range<usize>,
}

/// The rest of one sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) parent: Option<usize>,
    pub(crate) start: usize,
}

/// The tree of a batch: its shared runs, parents first, and one leaf for each sequence.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) leaves: Vec<Leaf>,
}

impl Tree {
    /// The tree of sequences, given the part of each that it can share.
    pub(crate) fn grow(shareable: &[&[u32]]) -> Self {
        let mut sorted: Vec<(usize, &[u32])> = shareable.iter().copied().enumerate().collect();
        sorted.sort_by_key(|&(_, tokens)| tokens);
        let mut tree = Self { leaves: vec![Leaf::default(); shareable.len()], ..Self::default() };
        tree.branch(&sorted, Leaf::default());
        tree
    }

    /// Grows what lies behind `at` for sequences that agree so far, in sorted order.
    fn branch(&mut self, rows: &[(usize, &[u32])], at: Leaf) {
        let (Some(&(row, first)), Some(&(_, last))) = (rows.first(), rows.last()) else { return };
        if rows.len() == 1 {
            self.leaves[row] = at;
            return;
        }
        let common = first.iter().zip(last).take_while(|(a, b)| a == b).count();
        let at = if common >= at.start + WORTH {
            self.nodes.push(Node { parent: at.parent, row, range: at.start..common });
            Leaf { parent: Some(self.nodes.len() - 1), start: common }
        } else {
            at
        };
        for group in rows.chunk_by(|(_, a), (_, b)| a.get(common) == b.get(common)) {
            self.branch_or_end(group, common, &at);
        }
    }

    fn branch_or_end(&mut self, group: &[(usize, &[u32])], common: usize, at: &Leaf) {
        if group.iter().all(|(_, tokens)| tokens.len() == common) {
            for &(row, _) in group {
                self.leaves[row] = at.clone();
            }
        } else {
            self.branch(group, at.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Leaf, Node, Tree};

    #[test]
    fn sequences_that_begin_alike_share_runs_of_eight_or_more() {
        let shared: Vec<u32> = (0..10).collect();
        let with = |rest: &[u32]| [&shared, rest].concat();
        let nine: Vec<u32> = (30..39).collect();
        let rows = [with(&nine), vec![7; 3], with(&[50]), with(&[&nine[..], &[1]].concat())];
        let tree = Tree::grow(&rows.each_ref().map(Vec::as_slice));
        assert_eq!(
            tree.nodes,
            [
                Node { parent: None, row: 0, range: 0..10 },
                Node { parent: Some(0), row: 0, range: 10..19 },
            ]
        );
        let leaf = |parent, start| Leaf { parent, start };
        assert_eq!(
            tree.leaves,
            [leaf(Some(1), 19), leaf(None, 0), leaf(Some(0), 10), leaf(Some(1), 19)]
        );
    }

    #[test]
    fn sequences_with_nothing_to_share_are_leaves() {
        let tree = Tree::grow(&[&[], &[1, 2], &[], &[1, 3]]);
        assert!(tree.nodes.is_empty());
        assert_eq!(tree.leaves, vec![Leaf::default(); 4]);
        assert_eq!(Tree::grow(&[]), Tree::default());
    }
}
