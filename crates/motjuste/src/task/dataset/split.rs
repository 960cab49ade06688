//! The published division of a dataset.

use crate::random::legacy::RandomState;

/// Indices of the three parts, each ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What instructions are scored on during the search.
    pub train: Vec<usize>,
    /// What they are scored on now and then, without consequence.
    pub validation: Vec<usize>,
    /// The rest.
    pub test: Vec<usize>,
}

/// OPRO's split of `n` items with seed 0: `n · train` items without replacement, `n · validation` of
/// the others (both cut to whole numbers), and the rest.
///
/// ```
/// let parts = motjuste::task::dataset::published_split(250, 0.2, 0.0);
/// assert_eq!((parts.train.len(), parts.test.len()), (50, 200));
/// assert_eq!(parts.train[..4], [5, 8, 12, 22]);
/// ```
pub fn published_split(n: usize, train: f64, validation: f64) -> Parts {
    let count = |share: f64| (share * n as f64) as usize;
    let mut state = RandomState::new(0);
    let all = (0..n).collect();
    let (train, others) = draw(&mut state, all, count(train));
    let (validation, test) = draw(&mut state, others, count(validation));
    Parts { train, validation, test }
}

/// `count` of the indices without replacement, and what is left; both ascending.
fn draw(state: &mut RandomState, from: Vec<usize>, count: usize) -> (Vec<usize>, Vec<usize>) {
    // No published dataset comes near 2³² items.
    let indices = state.choice(u32::try_from(from.len()).unwrap_or(u32::MAX), count);
    let mut chosen: Vec<usize> = indices.iter().map(|index| from[*index]).collect();
    chosen.sort_unstable();
    let left = from.into_iter().filter(|index| chosen.binary_search(index).is_err()).collect();
    (chosen, left)
}
