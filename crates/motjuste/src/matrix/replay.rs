//! Studies on a matrix.

use std::collections::HashMap;
use std::sync::Arc;

use rand::seq::SliceRandom;

use super::{Landscape, Matrix, Recorded, mean};
use crate::budget::Budget;
use crate::history::ExampleScore;
use crate::method::{GeneratorRole, Method};
use crate::model::Model;
use crate::random::Streams;
use crate::study::{DevExamples, Evaluated, Next, Study};
use crate::task::{Example, Task};
use crate::{Error, Result};

/// A matrix on which any method that picks from a pool can run, as often as one likes, for nothing.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::matrix::{Matrix, Replay, ReplaySettings, Wording};
/// use motjuste::method::Uniform;
/// use motjuste::model::Scripted;
/// use motjuste::study::Eval;
/// use motjuste::task::{Example, Task};
/// let rows = |from: usize| (from..from + 6).map(|i| Example::new(i.to_string(), ["x"])).collect();
/// let task = Task::new("t", rows(0), rows(10), rows(20)).unwrap();
/// let target = Scripted::new("m", |request| if request.text().contains("say x") { "x" } else { "y" }.into());
/// let pool = ["say x", "say y"].map(|text| Wording { instruction: text.into(), source: String::new() });
/// let matrix = Matrix::fill(Eval::of(task.clone(), Arc::new(target)), pool.into(), None, &|| ()).await.unwrap();
/// let replay = Replay::new(task, matrix).unwrap();
/// let course = replay.run(Arc::new(Uniform::default()), &ReplaySettings::of(100)).await.unwrap();
/// assert_eq!(course.test_at(100), 1.0);
/// # });
/// ```
pub struct Replay {
    task: Task,
    matrix: Matrix,
    target: Arc<Recorded>,
}

/// Calls that a trial takes in the published studies, which count repeats as trials.
pub const CALLS_A_TRIAL: u64 = 20;

/// How a study is run on a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplaySettings {
    /// The seed: it moves the split of the rows into dev and test, the landscape, and every draw.
    pub seed: u64,
    /// The most calls to the target.
    pub calls: u64,
    /// How many dev rows score an instruction.
    pub dev_examples: DevExamples,
}

/// What a study held for the best instruction as it went on.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// One entry for each step.
    pub moments: Vec<Moment>,
    /// The test score of the best instruction of the pool.
    pub best: f64,
}

/// A study after one of its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Calls to the target so far.
    pub calls: u64,
    /// Instructions that were paid for so far.
    pub trials: usize,
    /// What it would answer now.
    pub instruction: String,
    /// The dev score of that.
    pub dev: f64,
    /// The test score of that.
    pub test: f64,
}

impl ReplaySettings {
    /// So many calls, everything else at its default.
    pub fn of(calls: u64) -> Self {
        Self { seed: 0, calls, dev_examples: DevExamples::Usual }
    }
}

impl Course {
    /// The test score of what the study held for the best after so many calls; 0 before it held anything.
    pub fn test_at(&self, calls: u64) -> f64 {
        self.at(calls).map_or(0.0, |moment| moment.test)
    }

    /// Where the study was after so many calls.
    pub fn at(&self, calls: u64) -> Option<&Moment> {
        self.moments.iter().take_while(|moment| moment.calls <= calls).last()
    }

    /// The calls after which what it held was never again worse than this share of the pool's best.
    pub fn calls_to(&self, share: f64) -> Option<u64> {
        let is_below = |moment: &Moment| moment.test < share * self.best;
        let first = self.moments.iter().rposition(is_below).map_or(0, |last| last + 1);
        self.moments.get(first).map(|moment| moment.calls)
    }
}

impl Replay {
    /// The studies of this task on this matrix.
    ///
    /// # Errors
    /// [`Error::is_data`](crate::Error::is_data) when the matrix is of another task.
    pub fn new(task: Task, matrix: Matrix) -> Result<Self> {
        let target = Arc::new(Recorded::of(&matrix, &task)?);
        Ok(Self { task, matrix, target })
    }

    /// The matrix.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// Runs a method, with the rows of both splits dealt out anew. The result is not proven on the test split:
    /// the matrix knows its score. Repeats cost nothing, so a study also ends once one instruction was repeated for
    /// every [`CALLS_A_TRIAL`] calls that it may make.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a method that asks its generator in words: what that would write is in no
    /// matrix. Whatever the study fails with.
    pub async fn run(&self, method: Arc<dyn Method>, settings: &ReplaySettings) -> Result<Course> {
        refuse_words(method.as_ref())?;
        let order = self.dealt(settings.seed);
        let tests = self.tests(&order);
        let best = tests.values().copied().fold(0.0, f64::max);
        let generator = Landscape::of(self.task.name(), self.texts(), settings.seed);
        let study = Study::of(self.task_as(&order)?, self.target.clone() as Arc<dyn Model>)
            .generator(generator)
            .method(method)
            .seed(settings.seed)
            .dev_examples(settings.dev_examples)
            .budget(Budget {
                trials: None,
                target_calls: Some(settings.calls),
                ..Budget::default()
            })
            .in_memory();
        let most = settings.calls / CALLS_A_TRIAL;
        Ok(Course { moments: moments(study.open().await?, &tests, most).await?, best })
    }

    fn texts(&self) -> Vec<String> {
        self.matrix.lines.iter().map(|line| line.wording.instruction.clone()).collect()
    }

    /// The rows of dev and test in a random order: the first are dev.
    fn dealt(&self, seed: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.task.dev().len() + self.task.test().len()).collect();
        order.shuffle(&mut Streams::new(seed).stream("split", 0));
        order
    }

    fn task_as(&self, order: &[usize]) -> Result<Task> {
        let all: Vec<&Example> = self.task.dev().iter().chain(self.task.test()).collect();
        let rows = |rows: &[usize]| rows.iter().map(|&row| all[row].clone()).collect();
        let (dev, test) = order.split_at(self.task.dev().len());
        self.task.clone().with_rows(rows(dev), rows(test))
    }

    /// The test score of every instruction, with the rows dealt out like this.
    fn tests(&self, order: &[usize]) -> HashMap<&str, f64> {
        let test = &order[self.task.dev().len()..];
        let score = |line: &'_ super::Line| {
            let all: Vec<&ExampleScore> = line.dev.iter().chain(&line.test).collect();
            let scores: Vec<ExampleScore> = test.iter().map(|&row| all[row].clone()).collect();
            mean(&scores)
        };
        let lines = self.matrix.lines.iter();
        lines.map(|line| (line.wording.instruction.as_str(), score(line))).collect()
    }
}

fn refuse_words(method: &dyn Method) -> Result<()> {
    match method.needs().generator {
        GeneratorRole::SoftPrompts => Ok(()),
        GeneratorRole::Words => {
            let name = method.id().label;
            let message =
                format!("{name} asks its generator in words, and a matrix holds no replies");
            Err(Error::configuration(message)
                .with_help("measure methods that pick from a pool; run the others on the target"))
        }
    }
}

/// Runs a study to its end, or to so many repeats, and looks at it after every step.
async fn moments(
    mut study: Study,
    tests: &HashMap<&str, f64>,
    most_repeats: u64,
) -> Result<Vec<Moment>> {
    let mut moments = Vec::new();
    while repeats(&study) <= most_repeats
        && let Next::Step(step) = study.propose().await?
    {
        let Evaluated { step, end } = study.evaluate(step).await?;
        if let Some(step) = step {
            study.tell(step).await?;
            moments.extend(moment(&study, tests));
        }
        if end.is_some() {
            break;
        }
    }
    Ok(moments)
}

/// Trials whose instruction was scored before.
fn repeats(study: &Study) -> u64 {
    let history = &study.outcome().history;
    (history.evaluated_trials() - history.distinct_instructions()) as u64
}

fn moment(study: &Study, tests: &HashMap<&str, f64>) -> Option<Moment> {
    let outcome = study.outcome();
    let winner = outcome.winner()?;
    Some(Moment {
        calls: outcome.account.target.calls,
        trials: outcome.history.evaluated_trials(),
        instruction: winner.instruction.clone(),
        dev: winner.evaluation.as_ref().and_then(|all| all.score).unwrap_or_default(),
        test: tests.get(winner.instruction.as_str()).copied().unwrap_or_default(),
    })
}
