//! What the scores so far say of every trial, whichever rows it was scored on.

use std::collections::HashMap;

use super::{History, Trial};

/// How good an instruction is, as far as its scores tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The trial.
    pub trial: usize,
    /// The rows that it has scores on.
    pub rows: usize,
    /// Its mean score as if it had been scored on every row, before any doubt: the mean of what it scores above
    /// others on the rows it has, and the mean of all.
    pub estimate: f64,
    /// The variance of that estimate.
    pub variance: f64,
    /// The posterior mean: the estimate, drawn towards the mean of all trials the more, the fewer rows it has.
    pub mean: f64,
    /// The posterior standard deviation.
    pub sd: f64,
}

/// The standing of every instruction that has scores, in the order of its first trial.
///
/// The score of trial x on row i is taken as m + a(x) + d(i) + noise: the trial's ability, the row's difficulty,
/// both normal with a variance of their own, as in a two-way layout with random effects (Henderson 1950; Searle,
/// Casella and McCulloch, *Variance Components*, 1992, chapter 7). Trials that were scored on different rows are
/// so compared on equal terms. The variances are found by expectation and maximisation, in a fixed number of
/// rounds: the time is in proportion to the number of scores.
///
/// ```
/// use motjuste::history::{History, standings};
/// assert!(standings(&History::new()).is_empty());
/// ```
pub fn standings(history: &History) -> Vec<Standing> {
    let scored: Vec<Scored<'_>> = history.trials().iter().filter_map(Scored::of).collect();
    let Some(layout) = Layout::of(scored.iter().map(|one| one.scores.as_slice())) else {
        return Vec::new();
    };
    let all = scored.iter().enumerate();
    all.map(|(index, one)| layout.standing(index, one.trial.id, one.scores.len())).collect()
}

/// A trial with the scores there are, each with its row.
struct Scored<'a> {
    trial: &'a Trial,
    scores: Vec<(usize, f64)>,
}

impl<'a> Scored<'a> {
    /// None for a trial that repeats another, or has no score.
    fn of(trial: &'a Trial) -> Option<Self> {
        let scores: Vec<(usize, f64)> = trial.scores().into_iter().collect();
        (trial.repeats.is_none() && !scores.is_empty()).then_some(Self { trial, scores })
    }
}

/// The trials that have scores, the highest posterior mean first; of equals a prompt that the person has in use, then the
/// shortest, then the first.
pub(super) fn ranked(history: &History) -> Vec<&Trial> {
    let with_mean =
        |standing: Standing| Some((standing.mean, history.trials().get(standing.trial)?));
    let mut ranked: Vec<(f64, &Trial)> =
        standings(history).into_iter().filter_map(with_mean).collect();
    let is_new = |trial: &Trial| !history.start().contains(&trial.instruction);
    let key = |trial: &Trial| (is_new(trial), trial.instruction.len(), trial.id);
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| key(a.1).cmp(&key(b.1))));
    ranked.into_iter().map(|(_, trial)| trial).collect()
}

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 20;

/// No variance is taken for less: scores that agree on a few rows are no certainty.
const LEAST: f64 = 1e-3;

/// The two-way layout, fitted.
struct Layout {
    mean: f64,
    /// One for each trial: what it scores above others, before and after doubt.
    raw: Vec<f64>,
    ability: Vec<f64>,
    /// One for each row that was scored.
    difficulty: Vec<f64>,
    of_abilities: f64,
    of_difficulties: f64,
    of_noise: f64,
}

impl Layout {
    fn of<'a>(trials: impl Iterator<Item = &'a [(usize, f64)]>) -> Option<Self> {
        let mut places = HashMap::new();
        let mut place = |row: usize| {
            let next = places.len();
            *places.entry(row).or_insert(next)
        };
        let table: Vec<Vec<(usize, f64)>> = trials
            .map(|one| one.iter().map(|&(row, score)| (place(row), score)).collect())
            .collect();
        let count = table.iter().map(Vec::len).sum::<usize>();
        if count == 0 {
            return None;
        }
        let mean = table.iter().flatten().map(|cell| cell.1).sum::<f64>() / count as f64;
        let mut layout = Self {
            mean,
            raw: vec![0.0; table.len()],
            ability: vec![0.0; table.len()],
            difficulty: vec![0.0; places.len()],
            of_abilities: 0.04,
            of_difficulties: 0.04,
            of_noise: 0.15,
        };
        (0..ROUNDS).for_each(|_| layout.improve(&table, count));
        Some(layout)
    }

    fn improve(&mut self, table: &[Vec<(usize, f64)>], count: usize) {
        self.find_difficulties(table);
        self.find_abilities(table);
        let residual = |(trial, cells): (usize, &Vec<(usize, f64)>)| {
            let expected = self.mean + self.ability[trial];
            let off =
                |&(row, score): &(usize, f64)| (score - expected - self.difficulty[row]).powi(2);
            cells.iter().map(off).sum::<f64>()
        };
        let squares: f64 = table.iter().enumerate().map(residual).sum();
        let freedom = count.saturating_sub(self.difficulty.len()).max(1);
        self.of_noise = (squares / freedom as f64).max(LEAST);
    }

    /// d(i) from what all trials score on row i above what they are able to; and their variance.
    fn find_difficulties(&mut self, table: &[Vec<(usize, f64)>]) {
        let mut sums = vec![(0.0, 0.0); self.difficulty.len()];
        for (trial, cells) in table.iter().enumerate() {
            for &(row, score) in cells {
                sums[row].0 += score - self.mean - self.ability[trial];
                sums[row].1 += 1.0;
            }
        }
        let doubt = self.of_noise / self.of_difficulties;
        self.difficulty = sums.iter().map(|(sum, count)| sum / (count + doubt)).collect();
        let counts = sums.iter().map(|(_, count)| *count);
        self.of_difficulties = variance(&self.difficulty, counts, self.of_noise, doubt);
    }

    /// a(x) from what trial x scores above the difficulty of its rows; and their variance.
    fn find_abilities(&mut self, table: &[Vec<(usize, f64)>]) {
        let doubt = self.of_noise / self.of_abilities;
        for (trial, cells) in table.iter().enumerate() {
            let above = |&(row, score): &(usize, f64)| score - self.mean - self.difficulty[row];
            let (sum, count) = (cells.iter().map(above).sum::<f64>(), cells.len() as f64);
            self.raw[trial] = sum / count.max(1.0);
            self.ability[trial] = sum / (count + doubt);
        }
        let counts = table.iter().map(|cells| cells.len() as f64);
        self.of_abilities = variance(&self.ability, counts, self.of_noise, doubt);
    }

    fn standing(&self, index: usize, trial: usize, rows: usize) -> Standing {
        let n = rows as f64;
        Standing {
            trial,
            rows,
            estimate: self.mean + self.raw[index],
            variance: self.of_noise / n,
            mean: self.mean + self.ability[index],
            sd: (self.of_noise / (n + self.of_noise / self.of_abilities)).sqrt(),
        }
    }
}

/// The expected mean square of effects: what they are, and what is still in doubt about each.
fn variance(effects: &[f64], counts: impl Iterator<Item = f64>, noise: f64, doubt: f64) -> f64 {
    let squares =
        effects.iter().zip(counts).map(|(effect, n)| effect.powi(2) + noise / (n + doubt));
    (squares.sum::<f64>() / effects.len().max(1) as f64).max(LEAST)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::random::Streams;

    /// Abilities and difficulties are drawn; half of the scores are missing, the easy rows more often where the
    /// ability is low, so that plain means mislead.
    #[test]
    fn trials_on_different_rows_are_compared_on_equal_terms() {
        let mut stream = Streams::new(1).stream("layout", 0);
        let abilities: Vec<f64> = (0..30).map(|_| stream.random_range(-0.3..0.3)).collect();
        let difficulties: Vec<f64> = (0..60).map(|_| stream.random_range(-0.4..0.4)).collect();
        let table: Vec<Vec<(usize, f64)>> = abilities
            .iter()
            .map(|ability| {
                let rows = (0..60)
                    .filter(|&row| (difficulties[row] > 0.0) == (*ability < 0.0) || row % 10 == 0);
                let score = |row: usize| 0.5 + ability + difficulties[row];
                rows.map(|row| (row, score(row) + stream.random_range(-0.1..0.1))).collect()
            })
            .collect();
        let layout = Layout::of(table.iter().map(Vec::as_slice)).unwrap();
        for (found, ability) in layout.ability.iter().zip(&abilities) {
            assert!((found - ability).abs() < 0.08, "{found} for {ability}");
        }
    }

    #[test]
    fn the_fewer_rows_the_nearer_to_the_mean() {
        let row = |n: usize, score: f64| (0..n).map(|row| (row, score)).collect::<Vec<_>>();
        let mixed = (0..40).map(|row| (row, f64::from(row % 2 == 0))).collect::<Vec<_>>();
        let table = [row(4, 1.0), row(40, 1.0), mixed.clone(), mixed];
        let layout = Layout::of(table.iter().map(Vec::as_slice)).unwrap();
        assert!(layout.ability[0] < layout.ability[1]);
        let standing = |index: usize, rows| layout.standing(index, index, rows);
        assert!(standing(0, 4).sd > standing(1, 40).sd);
        assert!(Layout::of(std::iter::empty()).is_none());
    }
}
