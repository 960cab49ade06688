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

    /// So many as may be left, the highest means first, of equals the oldest.
    fn best(&self, racers: Vec<Racer<'a>>, rows: usize) -> Vec<&'a Candidate> {
        let is_common = |row: &usize| racers.iter().all(|racer| racer.scores[*row].is_some());
        let common: Vec<usize> = (0..rows).filter(is_common).collect();
        let rank = |racer: &Racer<'a>| match self.capo.mode {
            Mode::Strict => racer.mean(common.iter().copied()) - racer.penalty,
            Mode::Compat => racer.mean(0..racer.scores.len()),
        };
        let mut ranked: Vec<_> = racers.iter().map(|it| (rank(it), it.candidate)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
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
fn is_above_zero(numbers: &[f64], more: f64, alpha: f64) -> bool {
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
        let mut history = History::scored_on((0..20).collect());
        let order = arms::order(&history, "rows");
        let scored = |trial: usize, right: usize| {
            let score =
                |&row: &usize| ExampleScore::new(row, Some(f64::from(u8::from(row < right))), "");
            let mut scores: Vec<_> = order[..rows].iter().map(score).collect();
            scores.sort_by_key(|score| score.example);
            Assignment {
                trial,
                candidate: trial,
                rows: order[..rows].to_vec(),
                repeats: None,
                evaluation: Some(Evaluation::new(scores, Usage::default())),
            }
        };
        let names = right.iter().enumerate().map(|(index, _)| format!("say {index}"));
        let names: Vec<String> = names.collect();
        history.push(Step {
            proposals: names.iter().cloned().map(Proposal::Instruction).collect(),
            readings: names.iter().map(|name| vec![Found::new(name.clone())]).collect(),
            assignments: right
                .iter()
                .enumerate()
                .map(|(trial, right)| scored(trial, *right))
                .collect(),
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
    fn the_test_is_the_paired_one_sided_t_test() {
        // Mean 0.2, standard error 0.2: t is 1 with 4 degrees of freedom, p 0.187.
        let numbers = [1.0, 0.0, 0.0, 0.0, 0.0];
        assert!(is_above_zero(&numbers, 0.0, 0.2) && !is_above_zero(&numbers, 0.0, 0.18));
        assert!(!is_above_zero(&numbers, -0.1, 0.2));
        assert!(is_above_zero(&[0.0, 0.0], 1e-9, 0.2) && !is_above_zero(&[0.0, 0.0], 0.0, 0.2));
        assert!(!is_above_zero(&[1.0], 0.0, 0.2));
    }
}
