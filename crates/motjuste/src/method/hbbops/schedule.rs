//! Hyperband's brackets over dev rows (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018, algorithm 1).

/// A bracket: how many instructions begin it, and the rows of each of its rungs, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) instructions: usize,
    pub(super) rungs: Vec<usize>,
    eta: usize,
}

impl Bracket {
    /// How many are on a rung: each rung keeps one in eta, at least one.
    pub(super) fn on_rung(&self, rung: usize) -> usize {
        (0..rung).fold(self.instructions, |count, _| (count / self.eta).max(1))
    }
}

/// The brackets of one round, the widest first: with R rows, at least r of them, `s = ⌊log_eta (R / r)⌋`; the bracket of
/// s' = s, …, 0 begins with `⌈(s + 1) eta^s' / (s' + 1)⌉` instructions on `R eta^-s'` rows.
pub(super) fn brackets(rows: usize, least: usize, eta: usize) -> Vec<Bracket> {
    let mut most = 0;
    while least.saturating_mul(power(eta, most + 1)) <= rows {
        most += 1;
    }
    let bracket = |s: u32| Bracket {
        instructions: ((most as usize + 1) * power(eta, s)).div_ceil(s as usize + 1),
        rungs: (0..=s).rev().map(|k| (rows / power(eta, k)).max(1)).collect(),
        eta,
    };
    (0..=most).rev().map(bracket).collect()
}

fn power(eta: usize, exponent: u32) -> usize {
    eta.saturating_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize, least: usize, eta: usize) -> Vec<(usize, Vec<usize>)> {
        brackets(rows, least, eta).into_iter().map(|it| (it.instructions, it.rungs)).collect()
    }

    /// Table 1 of the paper: R = 81, eta = 3.
    #[test]
    fn the_papers_table() {
        let found = table(81, 1, 3);
        let begin: Vec<(usize, usize)> = found.iter().map(|(n, rungs)| (*n, rungs[0])).collect();
        assert_eq!(begin, [(81, 1), (34, 3), (15, 9), (8, 27), (5, 81)]);
        let widest = &brackets(81, 1, 3)[0];
        let counts: Vec<usize> = (0..5).map(|rung| widest.on_rung(rung)).collect();
        assert_eq!((counts, widest.rungs.clone()), (vec![81, 27, 9, 3, 1], vec![1, 3, 9, 27, 81]));
    }

    #[test]
    fn few_rows_make_one_rung() {
        assert_eq!(table(20, 10, 2), [(2, vec![10, 20]), (2, vec![20])]);
        assert_eq!(table(8, 10, 2), [(1, vec![8])]);
    }
}
