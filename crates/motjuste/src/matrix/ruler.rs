//! Many methods on many matrices: who is where after how many calls.

use std::ops::Range;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::{Course, Replay, ReplaySettings};
use crate::experiment::Cell;
use crate::interval::Difference;
use crate::study::DevExamples;
use crate::{Error, Result};

/// Methods, matrices and seeds, and the numbers of calls at which the methods are looked at.
pub struct Ruler {
    /// The matrices, one a task.
    pub replays: Vec<Arc<Replay>>,
    /// The methods, the one first that the others are compared with.
    pub cells: Vec<Cell>,
    /// The seeds.
    pub seeds: Range<u64>,
    /// Numbers of calls to the target, ascending.
    pub marks: Vec<u64>,
    /// How many dev rows score an instruction.
    pub dev_examples: DevExamples,
}

/// One study on one matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reading {
    /// The method.
    pub method: String,
    /// The task.
    pub task: String,
    /// The seed.
    pub seed: u64,
    /// The test score of the answer so far at each mark.
    pub test: Vec<f64>,
    /// The dev score of that answer at each mark.
    pub dev: Vec<f64>,
    /// The test score of the best instruction of the pool.
    pub best: f64,
    /// Calls to 95 % of that for good; null where it was not reached.
    pub calls_to_95: Option<u64>,
}

/// A method over all tasks and seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measured {
    /// The method.
    pub method: String,
    /// What it came to at each mark.
    pub at: Vec<Mark>,
    /// The median of the calls to 95 % of the pool's best; null where most studies did not reach it.
    pub calls_to_95: Option<u64>,
    /// The share of studies that reached it.
    pub reached_95: f64,
}

/// A method at a number of calls.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mark {
    /// Calls to the target.
    pub calls: u64,
    /// The mean test score of its answer, each task with the same weight.
    pub test: f64,
    /// How much higher the dev score of that answer is.
    pub dev_above_test: f64,
    /// The first method's test score less this one's, seed by seed, with a 95 % interval over tasks; null for the
    /// first.
    pub behind_the_first: Option<Difference>,
    /// Tasks on which the first method is better, and on which it is worse, on average.
    pub tasks: Option<[usize; 2]>,
}

impl Ruler {
    /// Runs every method on every matrix with every seed, `threads` studies at a time. `done` hears of each.
    ///
    /// # Errors
    /// [`Error::is_configuration`] without a method, a matrix, a seed or a mark; whatever a study fails with.
    pub async fn run(&self, threads: usize, done: &dyn Fn()) -> Result<Vec<Reading>> {
        let Some(&most) = self.marks.iter().max() else {
            return Err(Error::configuration("no number of calls to look at")
                .with_help("give one or more, such as 500, 1000 and 3300"));
        };
        let studies = self.studies().map(|(replay, cell, seed)| {
            let settings = ReplaySettings { seed, calls: most, dev_examples: self.dev_examples };
            self.reading(Arc::clone(replay), cell.clone(), settings)
        });
        let told = stream::iter(studies).buffered(threads).inspect_ok(|_| done());
        told.try_collect().await
    }

    /// How many studies it runs.
    pub fn len(&self) -> usize {
        self.studies().count()
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn studies(&self) -> impl Iterator<Item = (&Arc<Replay>, &Cell, u64)> {
        self.replays.iter().flat_map(move |replay| {
            let cells = self.cells.iter();
            cells.flat_map(move |cell| self.seeds.clone().map(move |seed| (replay, cell, seed)))
        })
    }

    async fn reading(
        &self,
        replay: Arc<Replay>,
        cell: Cell,
        settings: ReplaySettings,
    ) -> Result<Reading> {
        let (method, seed) = (cell.method, settings.seed);
        let task = replay.matrix().about.task.clone();
        let study = tokio::spawn(async move { replay.run(method, &settings).await });
        let course = study.await.map_err(|error| {
            Error::numerics(format!("the method {} failed", cell.label)).with_source(error)
        })??;
        Ok(self.read(cell.label, task, seed, &course))
    }

    fn read(&self, method: String, task: String, seed: u64, course: &Course) -> Reading {
        let dev = |calls: &u64| course.at(*calls).map_or(0.0, |moment| moment.dev);
        Reading {
            method,
            task,
            seed,
            test: self.marks.iter().map(|calls| course.test_at(*calls)).collect(),
            dev: self.marks.iter().map(dev).collect(),
            best: course.best,
            calls_to_95: course.calls_to(0.95),
        }
    }

    /// What the readings say of each method.
    pub fn measured(&self, readings: &[Reading]) -> Vec<Measured> {
        self.cells.iter().map(|cell| self.of(&cell.label, readings)).collect()
    }

    fn of(&self, method: &str, readings: &[Reading]) -> Measured {
        let own: Vec<&Reading> = readings.iter().filter(|one| one.method == method).collect();
        let mut calls: Vec<u64> =
            own.iter().map(|one| one.calls_to_95.unwrap_or(u64::MAX)).collect();
        calls.sort_unstable();
        let median = calls.get(calls.len() / 2).copied().filter(|calls| *calls < u64::MAX);
        let reached = calls.iter().filter(|calls| **calls < u64::MAX).count();
        Measured {
            method: method.to_owned(),
            at: (0..self.marks.len()).map(|mark| self.mark(method, mark, readings)).collect(),
            calls_to_95: median,
            reached_95: reached as f64 / calls.len().max(1) as f64,
        }
    }

    fn mark(&self, method: &str, mark: usize, readings: &[Reading]) -> Mark {
        let own = |of: fn(&Reading, usize) -> f64| {
            mean(&self.by_task(method, readings, |reading| of(reading, mark)))
        };
        let test = own(|reading, mark| reading.test[mark]);
        let first = self.cells.first().map(|cell| cell.label.as_str());
        let behind = first.filter(|first| *first != method).map(|first| {
            let of = |name| self.by_task(name, readings, |reading: &Reading| reading.test[mark]);
            let pairs = of(first).into_iter().zip(of(method));
            pairs.map(|(first, this)| first - this).collect::<Vec<f64>>()
        });
        let tasks = behind.as_ref().map(|differences| {
            let count = |is: fn(&f64) -> bool| differences.iter().filter(|one| is(one)).count();
            [count(|one| *one > 0.0), count(|one| *one < 0.0)]
        });
        Mark {
            calls: self.marks[mark],
            test,
            dev_above_test: own(|reading, mark| reading.dev[mark]) - test,
            behind_the_first: behind.as_deref().map(Difference::over_tasks),
            tasks,
        }
    }

    /// The mean over seeds for each task, in order.
    fn by_task(
        &self,
        method: &str,
        readings: &[Reading],
        of: impl Fn(&Reading) -> f64,
    ) -> Vec<f64> {
        let tasks = self.replays.iter().map(|replay| replay.matrix().about.task.as_str());
        let of_task = |task| {
            let own = readings.iter().filter(|one| one.method == method && one.task == task);
            mean(&own.map(&of).collect::<Vec<f64>>())
        };
        tasks.map(of_task).collect()
    }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}
