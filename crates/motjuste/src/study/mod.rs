//! A search: propose, generate, read, allocate, evaluate, write down; and the proof at its end.
//!
//! A study owns the concurrency, the clock and the spending; its method owns the decisions. Its
//! state is the fold of its events, so opening a study and resuming it are the same thing.

mod assess;
mod budget;
mod builder;
mod computed;
mod eval;
mod evaluate;
mod evaluator;
mod expected;
mod forecast;
mod given;
mod guard;
mod headroom;
mod hopeless;
mod past;
mod propose;

pub use crate::sampling::Sampling;
pub use builder::{
    ANSWER_TOKENS, DevExamples, INSTRUCTION_TOKENS, REMOTE_ANSWER_TOKENS, StudyBuilder,
};
pub use eval::{Eval, Scorer};
pub use evaluate::Evaluated;
pub use forecast::Forecast;
pub use given::Given;
pub use propose::Next;

use std::sync::Arc;
use std::time::Instant;

use crate::budget::{Account, Ledger, StopReason};
use crate::calls::{Calls, Metered};
use crate::error::Setting;
use crate::history::{History, Step};
use crate::journal::{Event, Outcome, StudyConfig, replay};
use crate::method::{HiddenStates, Method};
use crate::model::Model;
use crate::random::Streams;
use crate::storage::{Lease, Storage};
use crate::task::Demonstrations;
use crate::{Error, Result};
use evaluator::{Evaluator, Models};
use past::Past;

/// Hears of a study's progress.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use motjuste::budget::Account;
/// use motjuste::history::History;
/// use motjuste::study::Observer;
///
/// /// Counts the steps.
/// #[derive(Default)]
/// struct Counter(AtomicUsize);
///
/// impl Observer for Counter {
///     fn step(&self, _: &History, _: Account) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// The generator is about to write `proposals` texts for step `step`.
    fn generating(&self, _step: usize, _proposals: usize) {}

    /// What the generator wrote for a step is read, and nothing is paid for it yet.
    fn written(&self, _step: &Step) {}

    /// So many answers of the target are about to be scored for step `step`, those of repeated calls and of
    /// calls that the cache answers included.
    fn scoring(&self, _step: usize, _answers: usize) {}

    /// A step is written down.
    fn step(&self, _history: &History, _account: Account) {}

    /// The winner and the baselines are about to be scored on the test examples, with so many answers at the
    /// most.
    fn assessing(&self, _answers: usize) {}
}

/// Hears and says nothing.
impl Observer for () {}

/// A search, from its first step to its assessment.
///
/// [`Self::run`] owns the loop. Whoever wants to own it calls [`Self::propose`], [`Self::evaluate`] and
/// [`Self::tell`] in turn, and [`Self::finish`] at the end.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::method::Uniform;
/// use motjuste::model::Scripted;
/// use motjuste::study::Study;
/// use motjuste::task::{Example, Task};
///
/// let example = |input: &str| Example::new(input, [input.to_uppercase()]);
/// let task = Task::new("shout", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let target = Scripted::new("echo", |request| {
///     request.text().lines().nth(2).unwrap_or_default().replace("Input: ", "")
/// });
/// let study = Study::of(task, target)
///     .generator(Scripted::new("writer", |_| "shout".into()))
///     .method(Uniform::default())
///     .trials(4);
/// let outcome = study.open().await.unwrap().run(&()).await.unwrap();
/// assert_eq!(outcome.history.evaluated_trials(), 4);
/// assert_eq!(outcome.history.distinct_instructions(), 1);
/// # });
/// ```
pub struct Study {
    name: String,
    config: StudyConfig,
    method: Arc<dyn Method>,
    streams: Streams,
    demonstrations: Demonstrations,
    generator: Metered,
    hidden_states: bool,
    models: Models,
    evaluator: Evaluator,
    calls: Calls,
    storage: Arc<dyn Storage>,
    lease: Arc<dyn Lease>,
    outcome: Outcome,
    sequence: usize,
    /// Where the journal goes further than the budget.
    past: Option<Past>,
    started: Instant,
    /// Whether what the search held for the best as it went on is scored on the test examples, too.
    tests_course: bool,
    /// Answers of the target when this process began.
    answers_before: u64,
}

impl Study {
    async fn open(builder: StudyBuilder) -> Result<Self> {
        builder.check()?;
        let config = builder.config()?;
        let needs = builder.chosen_method().needs();
        let rows = forecast::rows_of_the_first_trial(&config, &needs);
        budget::refuse_below_one_trial(&builder.budget, rows as u64 * builder.sampling.calls())?;
        let lease = builder.storage.lease(&config.study()).await?;
        let events = builder.storage.events(&config.study()).await?;
        if let Some((past, outcome)) = Past::beyond(&config, &events, &builder.budget) {
            return Self::again(builder, lease, past, outcome);
        }
        let sequence = events.len();
        let mut study = Self::assemble(builder, lease, replay(&config, events), sequence)?;
        study.refuse_money_below_one_trial()?;
        if sequence == 0 {
            study.write(Event::Created { config: Box::new(config) }).await?;
        }
        study.calls.count_lost_calls().await?;
        Ok(study)
    }

    /// A study that has run for more than its budget now allows, as it was then.
    fn again(
        builder: StudyBuilder,
        lease: Arc<dyn Lease>,
        past: Past,
        outcome: Outcome,
    ) -> Result<Self> {
        let study = Self::assemble(builder, lease, outcome, 0)?;
        study.refuse_money_below_one_trial()?;
        let study = Self { past: Some(past), ..study };
        study.work_on();
        Ok(study)
    }

    /// Wires the parts: all models share one way out, and so one ledger.
    fn assemble(
        builder: StudyBuilder,
        lease: Arc<dyn Lease>,
        outcome: Outcome,
        sequence: usize,
    ) -> Result<Self> {
        let config = outcome.config.clone();
        let name = config.study();
        let ledger = Arc::new(Ledger::resume(builder.budget, outcome.account));
        let (storage, stop) = (builder.storage.clone(), builder.stop.clone());
        let calls = Calls::stoppable(storage, ledger, name.clone(), builder.calls, stop);
        let calls = calls.under(lease.clone());
        calls.work_towards(sequence);
        let task = Arc::new(builder.task.clone().with_templates(builder.templates()?));
        let (models, method) = (builder.models(), builder.chosen_method());
        let paid = outcome.account.target;
        let wants_hidden_states = method.needs().hidden_states != HiddenStates::Unused;
        Ok(Self {
            evaluator: Evaluator::new(&calls, task.clone(), &models, builder.answers())?,
            demonstrations: Demonstrations::of(&task, config.generator.demonstrations, config.seed),
            hidden_states: wants_hidden_states && builder.generator.abilities().hidden_states,
            generator: calls.generator(builder.generator),
            streams: Streams::new(config.seed),
            storage: builder.storage,
            lease,
            started: Instant::now(),
            tests_course: builder.tests_course,
            answers_before: paid.calls.saturating_add(paid.cache_hits),
            method,
            models,
            name,
            config,
            calls,
            outcome,
            sequence,
            past: None,
        })
    }

    /// The study's name in the store.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether nothing is left to do under this budget.
    pub fn is_finished(&self) -> bool {
        let budget = self.ledger().budget();
        self.outcome.stopped_under() == Some(budget) && self.is_assessed()
    }

    /// The trials that it has run for under a larger budget, where that is so. Then it is what it was under
    /// the present one: found in what is kept, call by call the study that never ran for more. Nothing of it
    /// is written down, and the larger one stays as it is.
    pub fn has_run_for(&self) -> Option<usize> {
        self.past.as_ref().map(|past| past.trials)
    }

    /// What determines the trajectory.
    pub fn config(&self) -> &StudyConfig {
        &self.config
    }

    /// What it has come to so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What the study has used so far, calls in flight not counted.
    pub fn ledger(&self) -> &Arc<Ledger> {
        self.calls.ledger()
    }

    /// Searches until the budget or the method ends it, then scores the result on the test
    /// examples. A study that is finished under this budget returns at once.
    ///
    /// # Errors
    /// [`Error::is_interrupted`] when asked to stop, and whatever a model, the store or the method
    /// fails with. What was paid for is kept: running again goes on from there.
    pub async fn run(mut self, observer: &dyn Observer) -> Result<Outcome> {
        let budget = *self.ledger().budget();
        self.started = Instant::now();
        self.ledger().start_the_clock();
        if self.outcome.stopped_under() != Some(&budget) {
            let reason = self.search(observer).await?;
            self.stop(reason).await?;
        }
        self.prove(observer).await?;
        Ok(self.outcome)
    }

    /// Ends the search, and scores the result on the test examples.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn finish(mut self, reason: StopReason) -> Result<Outcome> {
        self.stop(reason).await?;
        self.prove(&()).await?;
        Ok(self.outcome)
    }

    async fn search(&mut self, observer: &dyn Observer) -> Result<StopReason> {
        loop {
            let step = match self.propose_before(observer).await {
                Ok(Next::Step(step)) => step,
                Ok(Next::End(reason)) => return Ok(reason),
                // Repeated attempts used up what was left. What the step paid for is kept.
                Err(error) => return error.stop_reason().ok_or(error),
            };
            observer.scoring(step.index, self.answers_of(&step));
            let Evaluated { step, end } = self.evaluate(step).await?;
            if let Some(step) = step {
                self.tell(step).await?;
                observer.step(&self.outcome.history, self.outcome.account);
            }
            if let Some(reason) = end {
                return Ok(reason);
            }
        }
    }

    async fn stop(&mut self, reason: StopReason) -> Result<()> {
        if reason.is_cap() && self.outcome.history.evaluated_trials() == 0 {
            return Err(Error::budget("the budget ended before one instruction was evaluated")
                .with_help("raise the cap that is too small; what was paid for is kept")
                .with_setting(Setting::Budget(reason)));
        }
        let stopped = Event::Stopped {
            reason,
            budget: *self.ledger().budget(),
            account: self.ledger().account(),
            seconds: self.started.elapsed().as_secs_f64(),
        };
        self.write(stopped).await
    }

    async fn prove(&mut self, observer: &dyn Observer) -> Result<()> {
        if self.is_assessed() {
            return Ok(());
        }
        observer.assessing(self.answers_of_the_assessment());
        match self.assess().await {
            // The result of the search stands; a larger budget gets it its proof.
            Err(error) if error.is_budget() => {
                self.outcome.account = self.ledger().account();
                Ok(())
            }
            assessment => self.write(Event::Assessed(Box::new(assessment?))).await,
        }
    }

    /// Writes a step down, durably: the history has it from now on.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the store fails, or the study's lease was lost.
    pub async fn tell(&mut self, step: Step) -> Result<()> {
        let account = self.ledger().account();
        self.write(Event::Step { step, account }).await
    }

    /// Makes an event durable, then believes it. What the journal goes beyond is not written again.
    async fn write(&mut self, event: Event) -> Result<()> {
        self.lease.check()?;
        if self.past.is_none() {
            self.storage.append(&self.name, self.sequence, &event).await?;
            tracing::debug!(study = self.name, sequence = self.sequence, "an event is durable");
            self.sequence += 1;
        }
        self.outcome.apply(event);
        self.work_on();
        Ok(())
    }

    /// Calls from now on work towards the next event.
    fn work_on(&self) {
        let Some(past) = &self.past else { return self.calls.work_towards(self.sequence) };
        let is_searching = self.outcome.stop_reason.is_none();
        let step = is_searching.then(|| self.outcome.history.steps().len());
        self.calls.work_again(past.since, past.sequence(step));
    }
}
