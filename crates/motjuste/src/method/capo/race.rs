//! The race: contenders are scored block by block, and who is behind so many others as may be left is out.

use super::Capo;
use crate::history::{Candidate, History};
use crate::interval::{mean_and_error, upper_tail};
use crate::method::arms;
use crate::metric::Mode;

/// A race over the dev rows of a study.
pub(super) struct Race<'a> {
    capo: &'a Capo,
    history: &'a History,
    /// The dev rows in the order of their blocks, the same in every race.
    order: Vec<usize>,
    /// Words of the longest first instruction.
    longest: f64,
}

/// How far a race is.
pub(super) enum Raced<'a> {
    /// Somebody of those that are left lacks one of these rows.
    Open { left: Vec<&'a Candidate>, rows: Vec<usize> },
    /// It is over: those that are left, the best first.
    Over(Vec<&'a Candidate>),
}

/// Somebody in a race.
#[derive(Clone)]
struct Racer<'a> {
    candidate: &'a Candidate,
    /// How many rows were paid for, from the first one of the order on.
    paid: usize,
    /// The scores there are, in the order of the rows.
    scores: Vec<Option<f64>>,
    /// What is taken off each score for the words of the instruction.
    penalty: f64,
}

impl<'a> Race<'a> {
    pub fn new(capo: &'a Capo, history: &'a History, first: &[&Candidate]) -> Self {
        let longest = first.iter().map(|one| length(one)).fold(1.0, f64::max);
        Self { capo, history, order: arms::order(history, "rows"), longest }
    }

    /// The rows of the first block.
    pub fn first_block(&self) -> Vec<usize> {
        self.order[..self.rows(1)].to_vec()
    }

    /// The race of these, as far as it is paid for.
    pub fn run(&self, contenders: &[&'a Candidate]) -> Raced<'a> {
        let mut left: Vec<Racer<'a>> = contenders.iter().map(|one| self.racer(one)).collect();
        let mut rows = 0;
        for block in 1..=self.blocks() {
            rows = self.rows(block);
            if left.iter().any(|racer| racer.paid < rows) {
                let left = left.iter().map(|racer| racer.candidate).collect();
                return Raced::Open { left, rows: self.order[..rows].to_vec() };
            }
            left = self.unbeaten(left, rows);
            if left.len() <= self.capo.population.get() {
                break;
            }
        }
        Raced::Over(self.best(left, rows))
    }

    fn racer(&self, candidate: &'a Candidate) -> Racer<'a> {
        let trial = self.history.trial_of(candidate.id);
        let paid = trial.map(|trial| trial.rows()).unwrap_or_default();
        let scores = trial.map(|trial| trial.scores()).unwrap_or_default();
        let is_paid = |row: &&usize| paid.binary_search(row).is_ok();
        Racer {
            candidate,
            paid: self.order.iter().take_while(is_paid).count(),
            scores: self.order.iter().map(|row| scores.get(row).copied()).collect(),
            penalty: self.capo.length_penalty * length(candidate) / self.longest,
        }
    }

    /// The most blocks of a race; the published code has one more than it says.
    fn blocks(&self) -> usize {
        let more = usize::from(self.capo.mode == Mode::Compat);
        (self.capo.blocks.get() + more).min(self.order.len().div_ceil(self.capo.block.get()))
    }

    /// How many rows the first so many blocks have.
    fn rows(&self, blocks: usize) -> usize {
        (blocks * self.capo.block.get()).min(self.order.len())
    }

    /// Those that are behind fewer others than may be left.
    fn unbeaten(&self, racers: Vec<Racer<'a>>, rows: usize) -> Vec<Racer<'a>> {
        let alpha = self.capo.alpha;
        let ahead = |racer: &Racer<'_>| {
            racers.iter().filter(|other| other.is_ahead_of(racer, rows, alpha)).count()
        };
        let is_left = |racer: &&Racer<'_>| ahead(racer) < self.capo.population.get();
        racers.iter().filter(is_left).cloned().collect()
    }

    /// So many as may be left, the highest means first; of equals the oldest, in the published code the one that was ahead
    /// before.
    fn best(&self, racers: Vec<Racer<'a>>, rows: usize) -> Vec<&'a Candidate> {
        let is_common = |row: &usize| racers.iter().all(|racer| racer.scores[*row].is_some());
        let common: Vec<usize> = (0..rows).filter(is_common).collect();
        let rank = |racer: &Racer<'a>| match self.capo.mode {
            Mode::Strict => racer.mean(common.iter().copied()) - racer.penalty,
            Mode::Compat => racer.mean(0..racer.scores.len()),
        };
        let mut ranked: Vec<_> = racers.iter().map(|it| (rank(it), it.candidate)).collect();
        if self.capo.mode == Mode::Strict {
            ranked.sort_by_key(|(_, candidate)| candidate.id);
        }
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.iter().take(self.capo.population.get()).map(|(_, candidate)| *candidate).collect()
    }
}

impl Racer<'_> {
    /// The mean score of the rows at these places of the order.
    fn mean(&self, places: impl Iterator<Item = usize>) -> f64 {
        let scores: Vec<f64> = places.filter_map(|place| self.scores[place]).collect();
        mean_and_error(&scores).0
    }

    /// Whether its scores, less the penalties, are higher than another's: by a paired t test on the first so many
    /// rows, those that both have a score on, at this level.
    fn is_ahead_of(&self, other: &Self, rows: usize, alpha: f64) -> bool {
        let pairs = self.scores[..rows].iter().zip(&other.scores);
        let gaps: Vec<f64> = pairs.filter_map(|(own, other)| Some((*own)? - (*other)?)).collect();
        is_above_zero(&gaps, other.penalty - self.penalty, alpha)
    }
}

/// Whether the mean of these numbers, each with so much more, is above 0 by a one-sided t test. Where they are all
/// equal there is no doubt about it.
pub(super) fn is_above_zero(numbers: &[f64], more: f64, alpha: f64) -> bool {
    let (mean, error) = mean_and_error(numbers);
    match numbers.len() {
        0 | 1 => false,
        _ if error <= 0.0 => mean + more > 0.0,
        count => upper_tail((mean + more) / error, count - 1) < alpha,
    }
}

/// The length of an instruction, in words.
fn length(candidate: &Candidate) -> f64 {
    candidate.instruction.split_whitespace().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Assignment, Evaluation, ExampleScore, Found, Proposal, Step};
    use crate::method::soft_prompts::count;
    use crate::usage::Usage;

    /// A history in which instruction i is right on the first `right[i]` of `rows` of 20.
    fn history(right: &[usize], rows: usize) -> History {
        let order = arms::order(&History::scored_on((0..20).collect()), "rows");
        let score = |right: usize| {
            let scores = order[..rows].iter().map(|row| f64::from(u8::from(*row < right)));
            scores.collect()
        };
        history_of(&right.iter().map(|right| score(*right)).collect::<Vec<_>>())
    }

    /// A history in which instruction i has these scores on the first of 20 rows, in the order of a race.
    fn history_of(scores: &[Vec<f64>]) -> History {
        let mut history = History::scored_on((0..20).collect());
        let order = arms::order(&history, "rows");
        let scored = |(trial, scores): (usize, &Vec<f64>)| {
            let rows = order.iter().zip(scores);
            let mut rows: Vec<_> =
                rows.map(|(row, score)| ExampleScore::new(*row, Some(*score), "")).collect();
            rows.sort_by_key(|score| score.example);
            Assignment {
                trial,
                candidate: trial,
                rows: rows.iter().map(|row| row.example).collect(),
                repeats: None,
                evaluation: Some(Evaluation::new(rows, Usage::default())),
            }
        };
        let names: Vec<String> = (0..scores.len()).map(|index| format!("say {index}")).collect();
        let assignments = scores.iter().enumerate().map(scored).collect();
        history.push(Step {
            proposals: names.iter().cloned().map(Proposal::Instruction).collect(),
            readings: names.iter().map(|name| vec![Found::new(name.clone())]).collect(),
            assignments,
            ..Step::default()
        });
        history
    }

    fn capo(blocks: usize, mode: Mode) -> Capo {
        Capo {
            population: count(2),
            block: count(5),
            blocks: count(blocks),
            mode,
            ..Capo::default()
        }
    }

    /// Who is left, and whether more rows are wanted.
    fn left(capo: &Capo, history: &History) -> (Vec<usize>, Option<usize>) {
        let all: Vec<&Candidate> = history.candidates().iter().collect();
        let ids = |left: Vec<&Candidate>| left.iter().map(|one| one.id).collect();
        match Race::new(capo, history, &all).run(&all) {
            Raced::Open { left, rows } => (ids(left), Some(rows.len())),
            Raced::Over(left) => (ids(left), None),
        }
    }

    #[test]
    fn who_is_behind_as_many_as_may_be_left_is_out_and_nobody_else() {
        // Two are far ahead of the third on all rows, the fourth is between.
        let race = capo(4, Mode::Strict);
        assert_eq!(left(&race, &history(&[20, 20, 0, 20], 5)), (vec![0, 1, 3], Some(10)));
        assert_eq!(left(&race, &history(&[20, 0, 20], 5)), (vec![0, 2], None));
        // Nobody is ahead of anybody: the race goes on to its last block, and the oldest are left.
        assert_eq!(left(&race, &history(&[9, 9, 9], 15)), (vec![0, 1, 2], Some(20)));
        assert_eq!(left(&race, &history(&[9, 9, 9], 20)), (vec![0, 1], None));
        assert_eq!(left(&race, &history(&[9, 14, 9], 20)).0, [1, 0]);
    }

    #[test]
    fn the_published_race_has_a_block_more_than_it_says() {
        let even = history(&[9, 9, 9], 10);
        assert_eq!(left(&capo(2, Mode::Strict), &even).1, None);
        assert_eq!(left(&capo(2, Mode::Compat), &even).1, Some(15));
    }

    #[test]
    fn of_equals_the_oldest_is_kept_and_in_the_published_code_the_one_that_was_ahead() {
        let history = history(&[9, 9, 20, 9], 20);
        let all: Vec<&Candidate> = history.candidates().iter().collect();
        // The population as the race before ranked it, and a child.
        let contenders = [all[3], all[1], all[0], all[2]];
        let kept = |mode| match Race::new(&capo(4, mode), &history, &all).run(&contenders) {
            Raced::Over(left) => left.iter().map(|one| one.id).collect(),
            Raced::Open { .. } => Vec::new(),
        };
        assert_eq!((kept(Mode::Strict), kept(Mode::Compat)), (vec![2, 0], vec![2, 3]));
    }

    /// The first is right on its first block, and on no other row that it was scored on before.
    #[test]
    fn the_rank_is_of_the_rows_that_all_have_and_in_the_published_code_of_those_that_each_has() {
        let mut early = vec![1.0; 5];
        early.resize(20, 0.0);
        let scores = [early, vec![1.0, 1.0, 1.0, 1.0, 0.0], vec![0.0; 5]];
        let history = history_of(&scores);
        assert_eq!(left(&capo(4, Mode::Strict), &history), (vec![0, 1], None));
        assert_eq!(left(&capo(4, Mode::Compat), &history), (vec![1, 0], None));
    }

    #[test]
    fn the_test_is_the_paired_one_sided_t_test() {
        // Mean 0.2, standard error 0.2: t is 1 with 4 degrees of freedom, p 0.187.
        let numbers = [1.0, 0.0, 0.0, 0.0, 0.0];
        assert!(is_above_zero(&numbers, 0.0, 0.2) && !is_above_zero(&numbers, 0.0, 0.18));
        assert!(!is_above_zero(&numbers, -0.1, 0.2));
        assert!(is_above_zero(&[0.0, 0.0], 1e-9, 0.2) && !is_above_zero(&[0.0, 0.0], 0.0, 0.2));
        assert!(!is_above_zero(&[1.0], 0.0, 0.2));
    }
}
