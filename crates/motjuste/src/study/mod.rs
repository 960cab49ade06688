//! The loop: ask, generate, select, evaluate, write down, tell.
//!
//! A study owns the concurrency, the clock and the spending; its optimizer owns the decisions. Its
//! state is the fold of its events, so opening a study and resuming it are the same thing.

mod assess;
mod estimate;
mod models;
mod round;
mod setup;
mod single;

pub use crate::evaluator::Sampling;
pub use estimate::Forecast;
pub use setup::Setup;
pub use single::{Single, Split};

use std::sync::Arc;
use std::time::Instant;

use crate::budget::{Account, Budget, Ledger, StopReason};
use crate::evaluator::{Answering, Evaluator};
use crate::history::{History, Round};
use crate::journal::{Event, Outcome, StudyConfig, replay};
use crate::model::metered::{Meter, MeteredGenerator, Phase};
use crate::optimizer::Optimizer;
use crate::random::Streams;
use crate::storage::Storage;
use crate::task::Brief;
use crate::{Error, Result};
use models::Models;

/// Hears of a study's progress.
pub trait Observer: Send + Sync {
    /// The generator is about to write `proposals` texts for round `round`.
    fn generating(&self, _round: usize, _proposals: usize) {}

    /// A round is written down.
    fn round(&self, _history: &History, _account: Account) {}

    /// The winner and the baselines are about to be scored on the test examples.
    fn assessing(&self) {}
}

/// Hears and says nothing.
impl Observer for () {}

/// A search, from its first round to its assessment.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::budget::Budget;
/// use motjuste::model::{CallPolicy, ScriptedGenerator, ScriptedModel};
/// use motjuste::optimizer::OptimizerConfig;
/// use motjuste::storage::InMemory;
/// use motjuste::study::{Setup, Study};
/// use motjuste::task::{Example, Task};
///
/// let example = |input: &str| Example { input: input.into(), outputs: vec![input.to_uppercase()] };
/// let task = Task::new("shout", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let setup = Setup {
///     task,
///     method: OptimizerConfig::named("uniform").unwrap(),
///     seed: 0,
///     budget: Budget { trials: Some(4), ..Budget::default() },
///     generator: Arc::new(ScriptedGenerator::new("writer", |_| "shout".into())),
///     judge: None,
///     sampling: Default::default(),
///     target: Arc::new(ScriptedModel::new("echo", |prompt: &str| {
///         prompt.lines().nth(2).unwrap_or_default().replace("Input: ", "")
///     })),
///     instruction_tokens: 64,
///     answer_tokens: 16,
///     dev_examples: None,
///     calls: CallPolicy::default(),
///     storage: Arc::new(InMemory::default()),
///     stop: Arc::default(),
/// };
/// let outcome = Study::open(setup).await.unwrap().run(&()).await.unwrap();
/// assert_eq!(outcome.history.evaluated_trials(), 4);
/// assert_eq!(outcome.history.distinct_instructions(), 1);
/// # });
/// ```
pub struct Study {
    name: String,
    config: StudyConfig,
    optimizer: Box<dyn Optimizer>,
    streams: Streams,
    brief: Brief,
    generator: MeteredGenerator,
    models: Models,
    evaluator: Evaluator,
    meter: Arc<Meter>,
    storage: Arc<dyn Storage>,
    outcome: Outcome,
    sequence: usize,
    started: Instant,
}

impl Study {
    /// Opens a study: a new one, or the one with this configuration where it was left.
    ///
    /// # Errors
    /// [`Error::is_budget`] when the budget does not cover one evaluation; [`Error::is_storage`] when the
    /// store fails.
    pub async fn open(mut setup: Setup) -> Result<Self> {
        setup.method.checked()?;
        let config = setup.config()?;
        setup.task.templates = setup.templates()?;
        refuse_a_generator_without_features(&setup)?;
        refuse_a_generator_without_soft_prompts(&setup)?;
        let calls = config.task.dev as u64 * setup.sampling.calls();
        refuse_a_budget_below_one_trial(&setup.budget, calls)?;
        let events = setup.storage.events(&config.study()).await?;
        let sequence = events.len();
        let mut study = Self::assemble(setup, replay(&config, events), sequence)?;
        study.refuse_money_below_one_trial()?;
        study.outcome.history.rounds().iter().for_each(|round| study.optimizer.tell(round));
        if sequence == 0 {
            study.write(Event::Created { config: Box::new(config) }).await?;
        }
        study.meter.count_lost_calls().await?;
        Ok(study)
    }

    /// Wires the parts: all roads to the models share one meter, and so one ledger.
    fn assemble(setup: Setup, outcome: Outcome, sequence: usize) -> Result<Self> {
        let config = outcome.config.clone();
        let name = config.study();
        let streams = Streams::new(setup.seed);
        let ledger = Arc::new(Ledger::resume(setup.budget, outcome.account));
        let meter =
            Meter::new(setup.storage.clone(), ledger, name.clone(), setup.stop, setup.calls);
        meter.work_towards(sequence);
        let meter = Arc::new(meter);
        let demonstrations = config.generator.demonstrations;
        // OPRO's published tasks have no train split: what is scored on is shown as well.
        let shown =
            if setup.task.train.is_empty() { &setup.task.dev } else { &setup.task.train }.clone();
        let brief = Brief::new(shown, demonstrations, streams);
        let models = Models { target: setup.target, judge: setup.judge };
        let answering = Answering { max_tokens: setup.answer_tokens, sampling: setup.sampling };
        Ok(Self {
            optimizer: setup.method.build(),
            evaluator: models.evaluator(&meter, Arc::new(setup.task), answering, Phase::Search)?,
            generator: meter.generator(setup.generator, Phase::Search),
            storage: setup.storage,
            started: Instant::now(),
            brief,
            models,
            name,
            config,
            streams,
            meter,
            outcome,
            sequence,
        })
    }

    /// The study's name in the store.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether nothing is left to do under this budget.
    pub fn is_finished(&self) -> bool {
        let budget = self.meter.ledger().budget();
        self.outcome.stopped_under() == Some(budget) && self.outcome.assessment.is_some()
    }

    /// What determines the trajectory.
    pub fn config(&self) -> &StudyConfig {
        &self.config
    }

    /// What the study has used so far, calls in flight not counted.
    pub fn ledger(&self) -> Arc<Ledger> {
        self.meter.ledger().clone()
    }

    /// Searches until the budget or the optimizer ends it, then scores the result on the test
    /// examples. A study that is finished under this budget returns at once.
    ///
    /// # Errors
    /// [`Error::is_interrupted`] when asked to stop, and whatever a model, the store or the optimizer
    /// fails with. What was paid for is kept: running again goes on from there.
    pub async fn run(mut self, observer: &dyn Observer) -> Result<Outcome> {
        let budget = *self.meter.ledger().budget();
        if self.outcome.stopped_under() != Some(&budget) {
            self.search(observer).await?;
        }
        if self.outcome.assessment.is_none() {
            observer.assessing();
            match self.assess().await {
                // The result of the search stands; a larger budget gets it its proof.
                Err(error) if error.is_budget() => {}
                assessment => self.write(Event::Assessed(Box::new(assessment?))).await?,
            }
        }
        Ok(self.outcome)
    }

    async fn search(&mut self, observer: &dyn Observer) -> Result<()> {
        let reason = loop {
            self.meter.refuse_when_stopped()?;
            if let Some(reason) = self.planned_end() {
                break reason;
            }
            self.put_by_for_the_assessment()?;
            let step = match self.step(observer).await {
                Ok(step) => step,
                // Repeated attempts used up what was left. What the round paid for is kept.
                Err(error) => break error.stop_reason().ok_or(error)?,
            };
            if let Some(round) = step.round {
                self.close(round, observer).await?;
            }
            if let Some(reason) = step.end {
                break reason;
            }
        };
        if reason.is_cap() && self.outcome.history.evaluated_trials() == 0 {
            return Err(Error::budget("the budget ended before one instruction was evaluated")
                .with_help("raise the cap that is too small; what was paid for is kept"));
        }
        let stopped = Event::Stopped {
            reason,
            budget: *self.meter.ledger().budget(),
            account: self.meter.ledger().account(),
            seconds: self.started.elapsed().as_secs_f64(),
        };
        self.write(stopped).await
    }

    fn planned_end(&self) -> Option<StopReason> {
        let budget = self.meter.ledger().budget();
        let trials = self.outcome.history.evaluated_trials() as u64;
        let over =
            budget.seconds.is_some_and(|limit| self.started.elapsed().as_secs_f64() >= limit);
        match budget.trials {
            Some(limit) if trials >= limit => Some(StopReason::Trials),
            _ if over => Some(StopReason::Seconds),
            _ => None,
        }
    }

    async fn close(&mut self, round: Round, observer: &dyn Observer) -> Result<()> {
        let account = self.meter.ledger().account();
        let whole = (!round.is_cut()).then(|| round.clone());
        self.write(Event::Round { round, account }).await?;
        if let Some(round) = whole {
            self.optimizer.tell(&round);
        }
        observer.round(&self.outcome.history, account);
        Ok(())
    }

    /// Makes an event durable, then believes it.
    async fn write(&mut self, event: Event) -> Result<()> {
        self.storage.append(&self.name, self.sequence, &event).await?;
        self.sequence += 1;
        self.meter.work_towards(self.sequence);
        self.outcome.apply(event);
        Ok(())
    }
}

fn refuse_a_generator_without_features(setup: &Setup) -> Result<()> {
    if !setup.method.wants_features() || setup.generator.gives_features() {
        return Ok(());
    }
    let message = format!(
        "the method {} looks at hidden states, and {} gives none",
        setup.method.name(),
        setup.generator.id()
    );
    Err(Error::configuration(message).with_help("set its features to words: --set features=words"))
}

fn refuse_a_generator_without_soft_prompts(setup: &Setup) -> Result<()> {
    if !setup.method.wants_soft_prompts() || setup.generator.reads_soft_prompts() {
        return Ok(());
    }
    let (method, model) = (setup.method.name(), setup.generator.id());
    Err(Error::configuration(format!(
        "the method {method} writes soft prompts, and {model} reads none"
    ))
    .with_help("use an open model as generator, or a method that asks in words, such as opro"))
}

fn refuse_a_budget_below_one_trial(budget: &Budget, calls: u64) -> Result<()> {
    let needs = [
        ("trials", budget.trials, 1),
        ("generator-calls", budget.generator_calls, 1),
        ("target-calls", budget.target_calls, calls),
    ];
    for (what, given, needed) in needs {
        let Some(given) = given.filter(|given| *given < needed) else { continue };
        let words = what.replace('-', " ");
        let message = format!("a budget of {given} {words} does not cover one evaluation");
        return Err(Error::budget(message)
            .with_help(format!("one evaluation needs {needed} {words}; raise --budget-{what}")));
    }
    Ok(())
}
