//! CAPO's races, test and draws of examples against those of the published code and of the package promptolution, as
//! `tests/golden/packages/make_capo.py` and `make_promptolution.py` recorded them.

use std::sync::LazyLock;

use serde_json::Value;

use super::Capo;
use super::examples::Examples;
use super::race::{Race, Raced, is_above_zero};
use crate::history::{
    Assignment, Candidate, Evaluation, ExampleScore, Found, History, Proposal, Step,
};
use crate::method::arms;
use crate::method::recorded::{list, number, numbers, places, read};
use crate::method::soft_prompts::count;
use crate::metric::Mode;
use crate::random::Streams;
use crate::usage::Usage;

static PUBLISHED: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../tests/golden/packages/capo.json")));

static PACKAGE: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../tests/golden/packages/promptolution.json")));

#[test]
fn who_is_ahead_is_told_by_the_test_of_the_package() {
    for case in list(&PACKAGE["t_tests"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let gaps: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let ahead: Vec<f64> =
            [0.05, 0.2].into_iter().filter(|&alpha| is_above_zero(&gaps, 0.0, alpha)).collect();
        assert_eq!(ahead, numbers(&case["ahead"]), "{case}");
    }
    assert_eq!(list(&PACKAGE["t_tests"]).len(), 53);
}

/// A race of the package, with the words and scores of its contenders.
struct Case<'a>(&'a Value);

impl Case<'_> {
    fn capo(&self, mode: Mode) -> Capo {
        Capo {
            population: count(number(&self.0["most"])),
            block: count(number(&self.0["block"])),
            blocks: count(number(&self.0["blocks"])),
            length_penalty: self.0["penalty"].as_f64().unwrap(),
            mode,
            ..Capo::default()
        }
    }

    /// All contenders with the scores of their first blocks.
    fn history(&self, blocks: usize) -> History {
        let mut history = History::scored_on((0..30).collect());
        let rows = blocks * number(&self.0["block"]);
        let order = arms::order(&history, "rows");
        let words = places(&self.0["words"]);
        // As many words as told, the first of which is its place.
        let name = |(place, words): (usize, &usize)| format!("{place}{}", " x".repeat(words - 1));
        let names: Vec<String> = words.iter().enumerate().map(name).collect();
        let assignments = (0..names.len()).map(|place| {
            let scores = numbers(&self.0["scores"][place]);
            let scored = order.iter().zip(scores).take(rows);
            let mut scored: Vec<ExampleScore> =
                scored.map(|(row, score)| ExampleScore::new(*row, Some(score), "")).collect();
            scored.sort_by_key(|one| one.example);
            Assignment {
                trial: place,
                candidate: place,
                rows: scored.iter().map(|one| one.example).collect(),
                repeats: None,
                evaluation: Some(Evaluation::new(scored, Usage::default())),
            }
        });
        let assignments = assignments.collect();
        history.push(Step {
            proposals: names.iter().cloned().map(Proposal::Instruction).collect(),
            readings: names.iter().map(|name| vec![Found::new(name.clone())]).collect(),
            assignments,
            ..Step::default()
        });
        history
    }

    /// Who is left once so many blocks are paid for, and whether the race is over.
    fn left(&self, mode: Mode, blocks: usize) -> (Vec<usize>, bool) {
        let (capo, history) = (self.capo(mode), self.history(blocks));
        let all: Vec<&Candidate> = history.candidates().iter().collect();
        let race = Race::new(&capo, &history, &all[..number(&self.0["first"])]);
        let ids = |left: Vec<&Candidate>| left.iter().map(|one| one.id).collect();
        match race.run(&all) {
            Raced::Open { left, .. } => (ids(left), false),
            Raced::Over(left) => (ids(left), true),
        }
    }

    /// That our race goes as theirs: who stands before each block, and who is left.
    fn check(&self, mode: Mode, theirs: &Value) {
        let before = list(&theirs["left"]);
        for (blocks, left) in before.iter().enumerate() {
            assert_eq!(self.left(mode, blocks), (places(left), false), "{blocks}: {theirs}");
        }
        let (ours, is_over) = self.left(mode, before.len());
        assert!(is_over, "{theirs}");
        assert_eq!(ours, places(&theirs["order"]), "{theirs}");
    }

    /// These in the order of their means on so many blocks, less the penalties, as a strict race ranks them.
    fn ranked(&self, mut places: Vec<usize>, blocks: usize) -> Vec<usize> {
        let (rows, words) = (blocks * number(&self.0["block"]), numbers(&self.0["words"]));
        let longest = words[..number(&self.0["first"])].iter().copied().fold(0.0, f64::max);
        let penalty = self.0["penalty"].as_f64().unwrap();
        let rank = |place: usize| {
            let scores = numbers(&self.0["scores"][place]);
            scores[..rows].iter().sum::<f64>() / rows as f64 - penalty * words[place] / longest
        };
        places.sort_unstable();
        places.sort_by(|a, b| rank(*b).total_cmp(&rank(*a)));
        places
    }
}

#[test]
fn races_of_the_published_code_are_those_of_compat() {
    let races = list(&PACKAGE["races"]).iter().zip(list(&PUBLISHED["races"]));
    assert_eq!(races.map(|(case, theirs)| Case(case).check(Mode::Compat, theirs)).count(), 30);
}

/// The package has no block too many. Its rank is that of the published code, without the penalty; so where more are
/// left than the population holds, strict may keep others.
#[test]
fn races_of_the_package_are_block_by_block_those_of_strict() {
    let mut kept = 0;
    for case in list(&PACKAGE["races"]) {
        let (race, before) = (Case(case), list(&case["left"]));
        for (blocks, left) in before.iter().enumerate() {
            assert_eq!(race.left(Mode::Strict, blocks), (places(left), false), "{case}");
        }
        let (ours, is_over) = race.left(Mode::Strict, before.len());
        assert!(is_over && ours == race.ranked(ours.clone(), before.len()), "{ours:?} {case}");
        let theirs = places(&case["order"]);
        kept += usize::from(ours.iter().all(|one| theirs.contains(one)));
    }
    assert!(kept > 20, "{kept}");
}

/// How often each size comes, and how often a row comes twice, out of so many draws.
fn shares(draws: usize, mut draw: impl FnMut() -> Vec<usize>) -> (Vec<f64>, f64) {
    let (mut sizes, mut repeats) = (vec![0.0; 7], 0.0);
    for _ in 0..draws {
        let mut rows = draw();
        sizes[rows.len()] += 1.0;
        let all = rows.len();
        rows.sort_unstable();
        rows.dedup();
        repeats += f64::from(u8::from(rows.len() < all));
    }
    (sizes, repeats)
}

/// Counts out of 4,000 draws of both, five standard deviations apart at the most.
fn is_near(ours: f64, theirs: f64) -> bool {
    let share = (ours + theirs) / 8000.0;
    (ours - theirs).abs() <= 5.0 * (2.0 * 4000.0 * share * (1.0 - share)).sqrt()
}

#[test]
fn examples_come_and_go_as_often_as_in_the_published_code() {
    let from = Examples { rows: 9, most: 5, mode: Mode::Compat };
    let mut stream = Streams::new(0).stream("golden", 0);
    let theirs = &PUBLISHED["examples"];
    let draws = number(&theirs["draws"]);
    let ours = [
        ("first", shares(draws, || from.first(&mut stream))),
        ("crossed", shares(draws, || from.crossed(&[1, 2, 3], &[3, 4], &mut stream))),
        ("mutated", shares(draws, || from.mutated(vec![1, 2], &mut stream))),
    ];
    for (name, (sizes, repeats)) in ours {
        let pairs = sizes.iter().copied().zip(numbers(&theirs[name]["sizes"]));
        assert!(pairs.clone().all(|(a, b)| is_near(a, b)), "{name}: {sizes:?} {theirs}");
        let theirs = theirs[name]["repeats"].as_f64().unwrap();
        assert!(is_near(repeats, theirs), "{name}: {repeats} {theirs}");
    }
}

/// The package mended what the published code throws away.
#[test]
fn examples_mutate_in_strict_as_in_the_package() {
    let from = Examples { rows: 9, most: 5, mode: Mode::Strict };
    let mut stream = Streams::new(0).stream("golden", 1);
    let theirs = numbers(&PACKAGE["examples"]["mutated"]["sizes"]);
    let (sizes, _) = shares(4000, || from.mutated(vec![1, 2], &mut stream));
    assert!(sizes.iter().zip(&theirs).all(|(a, b)| is_near(*a, *b)), "{sizes:?} {theirs:?}");
    assert!(theirs[3] > 1000.0);
}
