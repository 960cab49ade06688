//! NumPy's legacy generator, for the splits and draws of published code.
//!
//! `numpy.random.RandomState` and `numpy.random.seed` are frozen: MT19937 (Matsumoto and Nishimura
//! 1998) seeded by `init_genrand`, bounded integers by masking and rejection, and Fisher–Yates from
//! the end. Nothing of ours draws from it.

use rand_mt::Mt;

/// `numpy.random.RandomState`.
///
/// ```
/// use motjuste::random::legacy::RandomState;
/// assert_eq!(RandomState::new(0).permutation(5), [2, 0, 1, 3, 4]);
/// assert_eq!(RandomState::new(0).choice(10, 3), [2, 8, 4]);
/// ```
#[derive(Debug, Clone)]
pub struct RandomState {
    generator: Mt,
}

impl RandomState {
    /// `RandomState(seed)`.
    pub fn new(seed: u32) -> Self {
        Self { generator: Mt::new(seed) }
    }

    /// `permutation(n)`.
    pub fn permutation(&mut self, n: u32) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n as usize).collect();
        for last in (1..n).rev() {
            let other = self.at_most(last);
            order.swap(last as usize, other as usize);
        }
        order
    }

    /// `choice(n, k, replace=False)`: the head of a permutation.
    pub fn choice(&mut self, n: u32, k: usize) -> Vec<usize> {
        let mut chosen = self.permutation(n);
        chosen.truncate(k);
        chosen
    }

    /// A uniform integer from 0 to `largest`: draws, masked to its bits, until one is not above it.
    fn at_most(&mut self, largest: u32) -> u32 {
        let mask = u32::MAX >> largest.leading_zeros();
        loop {
            let draw = self.generator.next_u32() & mask;
            if draw <= largest {
                return draw;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RandomState;

    /// Computed with NumPy 2.4.6.
    #[test]
    fn draws_are_numpys() {
        assert_eq!(RandomState::new(42).permutation(8), [1, 5, 0, 7, 2, 4, 3, 6]);
        assert_eq!(RandomState::new(7).choice(1000, 4), [778, 334, 271, 802]);
        let mut state = RandomState::new(0);
        assert_eq!((state.choice(4, 2), state.choice(4, 2)), (vec![2, 3], vec![0, 2]));
        assert_eq!(RandomState::new(0).permutation(0), [0; 0]);
    }
}
