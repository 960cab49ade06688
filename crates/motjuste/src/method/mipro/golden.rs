//! MIPROv2's decisions against those of the published package, as `tests/golden/packages/make_dspy.py` recorded them.

use std::sync::LazyLock;

use serde_json::Value;

use super::{Mipro, tpe};
use crate::history::{
    Assignment, Evaluation, ExampleScore, Found, History, Job, Part, Proposal, Reply, Rows, Step,
};
use crate::method::arms;
use crate::method::recorded::{list, number, numbers, read};
use crate::method::soft_prompts::count;
use crate::random::{Stream, Streams};
use crate::usage::Usage;

static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../tests/golden/packages/dspy.json")));

fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream("golden", 0)
}

fn seen(estimate: &Value) -> Vec<(usize, f64)> {
    let one = |pair: &Value| (number(&pair[0]), pair[1].as_f64().unwrap());
    list(&estimate["seen"]).iter().map(one).collect()
}

#[test]
fn densities_are_those_of_the_package() {
    for estimate in list(&GOLDEN["estimates"]) {
        let (good, other) = tpe::densities(number(&estimate["categories"]), &seen(estimate));
        for (ours, theirs) in [(good, &estimate["good"]), (other, &estimate["other"])] {
            let pairs = ours.iter().zip(numbers(theirs));
            assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 1e-12), "{ours:?} {theirs}");
            assert_eq!(pairs.count(), number(&estimate["categories"]));
        }
    }
    assert_eq!(list(&GOLDEN["estimates"]).len(), 5);
}

#[test]
fn categories_are_suggested_as_often_as_by_the_package() {
    let drawn = list(&GOLDEN["estimates"]).iter().filter(|it| !it["suggested"].is_null());
    for estimate in drawn {
        let (categories, seen) = (number(&estimate["categories"]), seen(estimate));
        let mut ours = vec![0.0; categories];
        (0..4000).for_each(|seed| ours[tpe::next(categories, &seen, &mut stream(seed))] += 1.0);
        let theirs = numbers(&estimate["suggested"]);
        let gaps = ours.iter().zip(&theirs).map(|(a, b)| (a / 4000.0 - b / 1000.0_f64).abs());
        assert!(gaps.sum::<f64>() < 0.12, "{ours:?} {theirs:?}");
    }
}

/// A study that does what the package did: the prompt in use on all rows, then what it drew.
struct Replay {
    mipro: Mipro,
    history: History,
    names: Vec<String>,
}

impl Replay {
    fn of(run: &Value) -> Self {
        let scored = list(&run["scored"]);
        let mut names: Vec<String> = Vec::new();
        for name in scored.iter().map(|it| it["instruction"].as_str().unwrap().to_owned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // So many that nobody gets them all by minibatches, which the package would pay for again.
        let history = History::scored_on((0..2000).collect());
        let instructions = count(number(&run["asked"]["other"]) / 3);
        let mipro = Mipro { instructions, summary: false, ..Mipro::default() };
        let mut replay = Self { mipro, history, names };
        let of = |name: &String| vec![Found::new(name.clone())];
        let proposals = replay.names.iter().cloned().map(Proposal::Instruction).collect();
        let readings = replay.names.iter().map(of).collect();
        let job = replay.scored(&scored[0], usize::MAX);
        let assignments = job.into_iter().collect();
        replay.history.push(Step { proposals, readings, assignments, ..Step::default() });
        replay
    }

    /// An evaluation of the package on the next rows of its instruction, so many at the most.
    fn scored(&self, it: &Value, most: usize) -> Option<Assignment> {
        let candidate = self.names.iter().position(|name| it["instruction"] == **name).unwrap();
        let trial = self.history.trial_of(candidate);
        let paid = trial.map_or(0, |trial| trial.rows().len());
        let order = arms::order(&self.history, "minibatches");
        let mut rows: Vec<usize> = order.iter().copied().skip(paid).take(most).collect();
        rows.sort_unstable();
        // So many right as there, so that equal means are equal here.
        let right = (it["score"].as_f64().unwrap() / 100.0 * rows.len() as f64).round() as usize;
        let score = |place: usize| Some(f64::from(u8::from(place < right)));
        let scores = rows.iter().enumerate();
        let scores = scores.map(|(place, row)| ExampleScore::new(*row, score(place), "")).collect();
        Some(Assignment {
            trial: trial.map_or(self.history.trials().len(), |trial| trial.id),
            candidate,
            evaluation: Some(Evaluation::new(scores, Usage::default())),
            rows,
            repeats: None,
        })
        .filter(|job| !job.rows.is_empty())
    }

    fn next(&self) -> Option<Job> {
        let step = self.history.steps().len() - 1;
        self.mipro.searched(&self.history, 1, step, &mut stream(0))
    }

    /// One evaluation of the package: whether it is one of ours is asked first.
    fn follow(&mut self, it: &Value) {
        let is_full = number(&it["rows"]) > self.mipro.minibatch.get();
        let ours = self.next().unwrap();
        assert_eq!(is_full, ours.rows == Rows::All, "{it}");
        if is_full {
            assert_eq!(it["instruction"], *self.names[ours.candidate], "{it}");
        }
        let most = if is_full { usize::MAX } else { self.mipro.minibatch.get() };
        let assignments = self.scored(it, most).into_iter().collect();
        let index = self.history.steps().len();
        self.history.push(Step { index, assignments, ..Step::default() });
    }
}

#[test]
fn minibatches_and_whole_splits_come_in_the_order_of_the_package() {
    let runs = list(&GOLDEN["runs"]).iter().filter(|run| number(&run["dev"]) == 400);
    let counts = runs.map(|run| {
        let mut replay = Replay::of(run);
        list(&run["scored"])[1..].iter().for_each(|it| replay.follow(it));
        assert!(replay.next().is_none());
        assert_eq!(run["winner"], replay.history.best().unwrap().instruction);
        replay.history.steps().len()
    });
    // The prompt in use, 9, 18 and 27 minibatches, and a whole split after each five and at the end.
    assert_eq!(counts.collect::<Vec<_>>(), [1 + 9 + 2, 1 + 18 + 4, 1 + 27 + 6]);
}

/// Where there are no more than 50 dev rows, the package scores on all of them each time; here there are minibatches.
#[test]
fn few_dev_rows_have_minibatches_here_alone() {
    let run = &GOLDEN["runs"][3];
    let theirs = list(&run["scored"]).iter().filter(|it| number(&it["rows"]) == 40);
    assert_eq!((number(&run["dev"]), theirs.count()), (40, 1 + 9));
    let ours = Replay::of(run).next().unwrap();
    assert!(matches!(ours.rows, Rows::These(rows) if rows.len() == 35));
}

#[test]
fn an_observation_is_made_in_view_of_all_before_it() {
    let run = &GOLDEN["runs"][0];
    let mut history = History::scored_on(vec![0]).with_train_rows(25);
    for (batch, facts) in list(&run["shows_earlier_facts"]).iter().enumerate() {
        let asked = Mipro::default().observe(&history, batch).unwrap();
        let Some(Part::Text(text)) = asked.parts.first() else { panic!("no text") };
        let shown = |fact: &usize| text.contains(&format!("Fact {fact}."));
        let ours: Vec<usize> = (0..9).filter(shown).collect();
        assert_eq!(ours, list(facts).iter().map(number).collect::<Vec<_>>());
        let replies = vec![Reply::of(format!("Fact {batch}."))];
        history.push(Step { index: batch, replies, ..Step::default() });
    }
    assert_eq!(number(&run["asked"]["observations"]), 3);
}

#[test]
fn that_there_is_nothing_new_is_no_observation() {
    let mut history = History::scored_on(vec![0]).with_train_rows(45);
    for (index, text) in ["Fact 0.", "COMPLETE", "Complete.", "compleat"].iter().enumerate() {
        history.push(Step { index, replies: vec![Reply::of(*text)], ..Step::default() });
    }
    let all: Vec<String> = super::observations(&history).collect();
    assert_eq!(all, ["Fact 0.", "compleat"]);
}
