//! GEPA's decisions against those of the published package, as `tests/golden/packages/make_gepa.py` recorded them: its
//! draws are ours, so what differs is a decision.

use std::sync::LazyLock;

use serde_json::Value;

use super::plan::Plan;
use super::{Gepa, front};
use crate::history::{
    Assignment, Evaluation, Examination, ExampleScore, Found, History, Proposal, Step, Trial,
};
use crate::method::recorded::{list, places, read};
use crate::method::soft_prompts::count;
use crate::random::{Stream, Streams};
use crate::usage::Usage;

static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../tests/golden/packages/gepa.json")));

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn scores(value: &Value) -> Vec<f64> {
    list(value).iter().map(|score| score.as_f64().unwrap()).collect()
}

fn evaluation(rows: &[usize], scores: &[f64]) -> Evaluation {
    let pairs = rows.iter().zip(scores);
    let mut rows: Vec<ExampleScore> =
        pairs.map(|(row, score)| ExampleScore::new(*row, Some(*score), "")).collect();
    rows.sort_by_key(|row| row.example);
    Evaluation::new(rows, Usage::default())
}

fn stream() -> Stream {
    Streams::new(0).stream("golden", 0)
}

/// A study that does what the package did.
struct Replay {
    gepa: Gepa,
    history: History,
    /// Rows that the target was asked.
    calls: usize,
}

impl Replay {
    fn of(run: &Value) -> Self {
        let setting = |name| run["settings"].get(name).map_or(Value::Null, Value::clone);
        let gepa = Gepa {
            parent: match setting("candidate_selection_strategy") == "current_best" {
                true => super::Parent::CurrentBest,
                false => super::Parent::Pareto,
            },
            accept: match setting("acceptance_criterion") == "improvement_or_equal" {
                true => super::Accept::BetterOrEqual,
                false => super::Accept::Better,
            },
            skip_perfect: setting("skip_perfect_score") != false,
            ..Gepa::default()
        };
        let dev = (0..list(&GOLDEN["val"]).len()).collect();
        let history = History::scored_on(dev).with_train_rows(list(&GOLDEN["train"]).len());
        let mut replay = Self { gepa, history, calls: 0 };
        replay.write(&text(&run["start"]), Vec::new(), |_| Step::default());
        replay.score(0, &scores(&run["start_val"]));
        replay
    }

    fn push(&mut self, step: Step) {
        let asked = step.examinations.iter().map(|look| look.rows.len());
        self.calls += asked.sum::<usize>();
        self.calls += step.assignments.iter().map(|job| job.rows.len()).sum::<usize>();
        self.history.push(Step { index: self.history.steps().len(), ..step });
    }

    /// A new candidate, and what comes of it in its step.
    fn write(&mut self, words: &str, parents: Vec<usize>, rest: impl Fn(usize) -> Step) -> usize {
        let candidate = self.history.candidates().len();
        let found = Found { parents, ..Found::new(words) };
        self.push(Step {
            proposals: vec![Proposal::Instruction(words.to_owned())],
            readings: vec![vec![found]],
            ..rest(candidate)
        });
        candidate
    }

    /// Scores on the dev split.
    fn score(&mut self, candidate: usize, scores: &[f64]) {
        let rows = self.history.rows().to_vec();
        let evaluation = Some(evaluation(&rows, scores));
        let trial = self.history.trials().len();
        let job = Assignment { trial, candidate, rows, repeats: None, evaluation };
        self.push(Step { assignments: vec![job], ..Step::default() });
    }

    fn plan(&self) -> Plan {
        self.gepa.plan(&self.history, &stream())
    }

    /// Whether the package's parent is one that we may have drawn, or the one that we take.
    fn check_parent(&self, parent: usize) {
        let pool: Vec<&Trial> = self.history.trials().iter().collect();
        match self.gepa.parent {
            super::Parent::Pareto => assert!(front::urn(&pool).contains(&parent)),
            _ => assert!(matches!(self.plan(), Plan::Look { parent: ours, .. } if ours == parent)),
        }
    }

    /// One iteration with the package's draws.
    fn iterate(&mut self, iteration: &Value) {
        let (parent, rows) =
            (iteration["parent"].as_u64().unwrap() as usize, places(&iteration["rows"]));
        self.check_parent(parent);
        let of_parent = self.history.trials()[parent].candidate;
        let look = |candidate, scores: &Value| Step {
            examinations: vec![Examination {
                candidate,
                rows: rows.clone(),
                evaluation: Some(evaluation(&rows, &self::scores(scores))),
            }],
            ..Step::default()
        };
        self.push(look(of_parent, &iteration["before"]));
        let reflects = matches!(self.plan(), Plan::Reflect { parent: ours, rows: these } if (ours, &these) == (parent, &rows));
        assert_eq!(reflects, !iteration["child"].is_null(), "{iteration}");
        if reflects {
            let after = |child| look(child, &iteration["after"]);
            let child = self.write(&text(&iteration["child"]), vec![of_parent], after);
            self.decide(child, iteration);
        }
        assert_eq!(self.calls as u64, iteration["metric_calls"].as_u64().unwrap(), "{iteration}");
    }

    /// Whether a child is scored on the dev split.
    fn decide(&mut self, child: usize, iteration: &Value) {
        let accepts = matches!(self.plan(), Plan::Validate { child: ours } if ours == child);
        assert_eq!(accepts, iteration["accepted"] == true, "{iteration}");
        if accepts {
            self.score(child, &scores(&iteration["val"]));
        }
    }
}

#[test]
fn a_run_of_the_package_is_a_run_of_ours() {
    for run in list(&GOLDEN["runs"]) {
        let mut replay = Replay::of(run);
        list(&run["iterations"]).iter().for_each(|iteration| replay.iterate(iteration));
        assert_eq!(replay.history.best().unwrap().instruction, text(&run["winner"]));
        assert_eq!(replay.calls as u64, run["metric_calls"].as_u64().unwrap());
    }
    assert_eq!(list(&GOLDEN["runs"]).len(), 6);
}

#[test]
fn parents_are_drawn_from_the_same_urn_as_in_the_package() {
    for front in list(&GOLDEN["fronts"]) {
        let members = list(&front["scores"]).iter().enumerate();
        let all: Vec<Trial> = members.map(|(id, row)| front::trial(id, &scores(row))).collect();
        let urn = front::urn(&all.iter().collect::<Vec<_>>());
        let times = |id| urn.iter().filter(|one| **one == id).count();
        let counts: Vec<usize> = (0..all.len()).map(times).collect();
        assert_eq!(counts, places(&front["urn"]), "{front}");
    }
    assert_eq!(list(&GOLDEN["fronts"]).len(), 62);
}

/// The package fills the last minibatch of an epoch with the rows that it shuffled last, which may stand in it already;
/// here it is filled from the next epoch.
#[test]
fn every_train_row_is_looked_at_within_an_epoch_of_the_package() {
    for case in list(&GOLDEN["batches"]) {
        let of = |name: &str| case[name].as_u64().unwrap() as usize;
        let (rows, size) = (of("rows"), of("size"));
        let theirs: Vec<Vec<usize>> = list(&case["batches"]).iter().map(places).collect();
        let ours = minibatches(rows, size, theirs.len());
        let epoch = rows.div_ceil(size);
        assert_eq!(distinct(&theirs[..epoch]), rows);
        assert_eq!(distinct(&ours[..epoch]), rows);
        assert!(ours.iter().all(|batch| batch.len() == size.min(rows)
            && distinct(std::slice::from_ref(batch)) == batch.len()));
        assert!(theirs.iter().all(|batch| batch.len() == size));
        let repeats = theirs.iter().any(|batch| distinct(std::slice::from_ref(batch)) < size);
        assert_eq!(repeats, !rows.is_multiple_of(size), "{case}");
    }
}

fn distinct(batches: &[Vec<usize>]) -> usize {
    batches.iter().flatten().collect::<std::collections::BTreeSet<_>>().len()
}

/// So many minibatches of ours, one after the other.
fn minibatches(rows: usize, size: usize, batches: usize) -> Vec<Vec<usize>> {
    let gepa = Gepa { minibatch: count(size), ..Gepa::default() };
    let mut history = History::scored_on(vec![0]).with_train_rows(rows);
    let mut stream = stream();
    let mut next = |index| {
        let rows = gepa.minibatch(&history, &mut stream);
        let look = Examination { candidate: 0, rows: rows.clone(), evaluation: None };
        history.push(Step { index, examinations: vec![look], ..Step::default() });
        rows
    };
    (0..batches).map(&mut next).collect()
}
