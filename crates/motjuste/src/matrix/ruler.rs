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
    /// Numbers of calls; a study of its own has each for its budget.
    pub marks: Vec<u64>,
    /// How many dev rows score an instruction.
    pub dev_examples: DevExamples,
}

/// One method on one matrix with one seed.
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
    /// The test score of the prompt in use; null where the method decodes soft prompts.
    pub in_use: Option<f64>,
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
    /// Runs every method on every matrix with every seed and every number of calls, `threads` at a time. `done`
    /// hears of each method, matrix and seed.
    ///
    /// # Errors
    /// [`Error::is_configuration`] without a method, a matrix, a seed or a mark; whatever a study fails with.
    pub async fn run(&self, threads: usize, done: &dyn Fn()) -> Result<Vec<Reading>> {
        if self.marks.is_empty() {
            return Err(Error::configuration("no number of calls to look at")
                .with_help("give one or more, such as 500, 1000 and 3300"));
        }
        let studies = self
            .studies()
            .map(|(replay, cell, seed)| self.reading(Arc::clone(replay), cell.clone(), seed));
        let told = stream::iter(studies).buffered(threads).inspect_ok(|_| done());
        told.try_collect().await
    }

    /// How many readings it takes.
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

    /// One study for each number of calls.
    async fn reading(&self, replay: Arc<Replay>, cell: Cell, seed: u64) -> Result<Reading> {
        let (method, dev_examples) = (cell.method, self.dev_examples);
        let task = replay.matrix().about.task.clone();
        let marks = self.marks.clone();
        let studies = tokio::spawn(async move {
            let mut courses = Vec::with_capacity(marks.len());
            for calls in marks {
                let settings = ReplaySettings { seed, calls, dev_examples };
                courses.push(replay.run(Arc::clone(&method), &settings).await?);
            }
            Ok::<_, Error>(courses)
        });
        let courses = studies.await.map_err(|error| {
            Error::numerics(format!("the method {} failed", cell.label)).with_source(error)
        })??;
        Ok(self.read(cell.label, task, seed, &courses))
    }

    fn read(&self, method: String, task: String, seed: u64, courses: &[Course]) -> Reading {
        let ends = || self.marks.iter().zip(courses).map(|(calls, course)| course.at(*calls));
        let longest = self.marks.iter().zip(courses).max_by_key(|(calls, _)| **calls);
        Reading {
            method,
            task,
            seed,
            test: ends().map(|end| end.map_or(0.0, |moment| moment.test)).collect(),
            dev: ends().map(|end| end.map_or(0.0, |moment| moment.dev)).collect(),
            best: courses.first().map_or(0.0, |course| course.best),
            in_use: courses.first().and_then(|course| course.in_use),
            calls_to_95: longest.and_then(|(_, course)| course.calls_to(0.95)),
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
