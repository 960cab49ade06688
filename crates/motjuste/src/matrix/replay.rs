//! Studies on a matrix.

use std::collections::HashMap;
use std::sync::Arc;

use rand::seq::{IndexedRandom, SliceRandom};

use super::{Heritage, Landscape, Matrix, PoolWriter, Recorded};
use crate::budget::{Account, Budget};
use crate::journal::Outcome;
use crate::method::{GeneratorRole, Method};
use crate::model::Model;
use crate::random::Streams;
use crate::study::{DevExamples, Evaluated, Next, Study};
use crate::task::{Example, Task};
use crate::{Error, Result};

/// A matrix on which any method can run, as often as one likes, for nothing.
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
    /// The test score of the prompt in use; none where the method decodes soft prompts.
    pub in_use: Option<f64>,
}

/// A study after one of its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Calls so far: those to the target, and those to a generator that is asked in words.
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

    /// Runs a method, with the rows dealt out anew. The result is not proven on the test split: the matrix knows
    /// its score. Repeats cost nothing, so a study also ends once one instruction was repeated for every
    /// [`CALLS_A_TRIAL`] calls that it may make.
    ///
    /// The generator is a [`Landscape`] where the method decodes soft prompts. Where it asks in words, it is a
    /// [`PoolWriter`], train rows are dealt out, too, and there is a prompt in use: one of the second quarter of the
    /// pool by score. Its calls count as the target's do.
    ///
    /// # Errors
    /// Whatever the study fails with.
    pub async fn run(&self, method: Arc<dyn Method>, settings: &ReplaySettings) -> Result<Course> {
        refuse_without_weights(method.as_ref())?;
        let deal = self.deal(method.needs().generator, settings.seed);
        let first = self.course(&method, settings, &deal, 0).await?;
        // The budget is the target's. What the writer took beyond it is set aside in a second run, up to a half: of a
        // method that asks without end, the answer that it had in time counts.
        match first.moments.last().map_or(0, |last| last.calls.saturating_sub(settings.calls)) {
            0 => Ok(first),
            beyond => self.course(&method, settings, &deal, beyond.min(settings.calls / 2)).await,
        }
    }

    /// A study with these rows, in which so many calls are set aside.
    async fn course(
        &self,
        method: &Arc<dyn Method>,
        settings: &ReplaySettings,
        deal: &Deal,
        aside: u64,
    ) -> Result<Course> {
        let role = method.needs().generator;
        let tests = self.scores_on(&deal.test);
        let best = tests.values().copied().fold(0.0, f64::max);
        let in_use = match role {
            GeneratorRole::SoftPrompts | GeneratorRole::Weights => None,
            GeneratorRole::Words => tests.get(&self.prompt_in_use(settings.seed)).copied(),
        };
        let calls = settings.calls.saturating_sub(aside);
        let budget = Budget { trials: None, target_calls: Some(calls), ..Budget::default() };
        let study = Study::of(self.task_of(role, deal, settings.seed)?, self.target())
            .generator(self.generator(role, settings.seed))
            .method(Arc::clone(method))
            .seed(settings.seed)
            .dev_examples(settings.dev_examples)
            .budget(budget)
            .in_memory();
        let looks = Looks { tests, role, most_repeats: settings.calls / CALLS_A_TRIAL };
        Ok(Course { moments: looks.along(study.open().await?).await?, best, in_use })
    }

    fn target(&self) -> Arc<dyn Model> {
        self.target.clone()
    }

    fn generator(&self, role: GeneratorRole, seed: u64) -> Arc<dyn Model> {
        let name = self.task.name();
        match role {
            GeneratorRole::SoftPrompts | GeneratorRole::Weights => {
                Arc::new(Landscape::of(name, self.texts(), seed))
            }
            GeneratorRole::Words => {
                let pool = self.by_score();
                Arc::new(PoolWriter::of(name, pool, Heritage::default(), seed))
            }
        }
    }

    fn texts(&self) -> Vec<String> {
        self.matrix.lines.iter().map(|line| line.wording.instruction.clone()).collect()
    }

    /// The instructions with their mean score on all rows, the best first.
    fn by_score(&self) -> Vec<(String, f64)> {
        let all: Vec<usize> = (0..self.rows()).collect();
        let scores = self.scores_on(&all);
        let of = |text: String| (scores.get(text.as_str()).copied().unwrap_or_default(), text);
        let mut pool: Vec<(f64, String)> = self.texts().into_iter().map(of).collect();
        pool.sort_by(|a, b| b.0.total_cmp(&a.0));
        pool.into_iter().map(|(score, text)| (text, score)).collect()
    }

    /// Rows that the matrix has scores on.
    fn rows(&self) -> usize {
        self.task.dev().len() + self.task.test().len()
    }

    /// The rows of the matrix in a random order, cut into splits: dev and test as they are, or, for a method that
    /// examines train rows, as many of these as the task has and the rest in halves.
    fn deal(&self, role: GeneratorRole, seed: u64) -> Deal {
        let mut dev: Vec<usize> = (0..self.rows()).collect();
        dev.shuffle(&mut Streams::new(seed).stream("split", 0));
        let train = match role {
            GeneratorRole::SoftPrompts | GeneratorRole::Weights => None,
            GeneratorRole::Words => {
                Some(dev.split_off(dev.len() - self.task.train().len().min(dev.len() / 3)))
            }
        };
        let test = dev.split_off(train.as_ref().map_or(self.task.dev().len(), |_| dev.len() / 2));
        Deal { train, dev, test }
    }

    fn task_of(&self, role: GeneratorRole, deal: &Deal, seed: u64) -> Result<Task> {
        let all: Vec<&Example> = self.task.dev().iter().chain(self.task.test()).collect();
        let rows = |rows: &[usize]| rows.iter().map(|&row| all[row].clone()).collect();
        let train =
            deal.train.as_ref().map_or_else(|| self.task.train().to_vec(), |train| rows(train));
        let task = self.task.clone().with_rows(train, rows(&deal.dev), rows(&deal.test))?;
        match role {
            GeneratorRole::SoftPrompts | GeneratorRole::Weights => Ok(task),
            // The target was asked with the task's own templates.
            GeneratorRole::Words => {
                let templates = task.templates().clone();
                Ok(task.with_start([self.prompt_in_use(seed)])?.with_templates(templates))
            }
        }
    }

    fn prompt_in_use(&self, seed: u64) -> String {
        let pool = self.by_score();
        let quarter = pool.len() / 4..pool.len().div_ceil(2);
        let mut stream = Streams::new(seed).stream("prompt in use", 0);
        pool[quarter].choose(&mut stream).map(|(text, _)| text.clone()).unwrap_or_default()
    }

    /// The mean score of every instruction on these rows.
    fn scores_on(&self, rows: &[usize]) -> HashMap<String, f64> {
        let mut scores = HashMap::new();
        for (text, line) in self.matrix.spelled() {
            scores.entry(text).or_insert_with(|| line.score_on(rows));
        }
        scores
    }
}

/// A matrix has answers to the instructions in it, and no weights that would bring them.
fn refuse_without_weights(method: &dyn Method) -> Result<()> {
    match method.needs().generator {
        GeneratorRole::Weights => Err(Error::configuration(format!(
            "a response matrix has no weights, and {} computes on some",
            method.id().label
        ))
        .with_help(
            "replay another method; run this one as a study, with an open model as generator",
        )),
        GeneratorRole::Words | GeneratorRole::SoftPrompts => Ok(()),
    }
}

/// Which rows of the matrix are in which split.
struct Deal {
    /// None: those of the task, which the matrix has no scores on.
    train: Option<Vec<usize>>,
    dev: Vec<usize>,
    test: Vec<usize>,
}

/// How a study is looked at as it goes on.
struct Looks {
    tests: HashMap<String, f64>,
    role: GeneratorRole,
    most_repeats: u64,
}

impl Looks {
    /// Runs a study to its end, or to so many repeats, and looks at it after every step.
    async fn along(&self, mut study: Study) -> Result<Vec<Moment>> {
        let mut moments = Vec::new();
        while repeats(&study) <= self.most_repeats
            && let Next::Step(step) = study.propose().await?
        {
            let Evaluated { step, end } = study.evaluate(step).await?;
            if let Some(step) = step {
                study.tell(step).await?;
                moments.extend(self.at(study.outcome()));
            }
            if end.is_some() {
                break;
            }
        }
        Ok(moments)
    }

    fn at(&self, outcome: &Outcome) -> Option<Moment> {
        let winner = outcome.winner()?;
        Some(Moment {
            calls: self.paid(&outcome.account),
            trials: outcome.history.evaluated_trials(),
            instruction: winner.instruction.clone(),
            dev: winner.evaluation.as_ref().and_then(|all| all.score).unwrap_or_default(),
            test: self.tests.get(winner.instruction.as_str()).copied().unwrap_or_default(),
        })
    }

    /// An open model decodes soft prompts for nothing; one that is asked in words is paid.
    fn paid(&self, account: &Account) -> u64 {
        match self.role {
            GeneratorRole::SoftPrompts | GeneratorRole::Weights => account.target.calls,
            GeneratorRole::Words => account.target.calls + account.generator.calls,
        }
    }
}

/// Trials whose instruction was scored before.
fn repeats(study: &Study) -> u64 {
    let history = &study.outcome().history;
    (history.evaluated_trials() - history.distinct_instructions()) as u64
}
