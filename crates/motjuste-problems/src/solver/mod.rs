//! A search on a mathematical problem with a language model that is paid for.
//!
//! [`Search`] decides; a [`Solver`] owns the model, the spending and the wish to stop. A reply is
//! durable before it is used, and its draw is named by seed, step and call: a search that was killed
//! and is begun again finds its replies in the store and ends as if it had never stopped.

mod trajectory;

pub use trajectory::{Counts, ModelRun, StopReason, Trajectory};

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use motjuste::budget::{self, Account, Budget, Ledger, Role};
use motjuste::calls::{CallPolicy, Calls, Metered};
use motjuste::model::{Decoding, Model, Request};
use motjuste::storage::{ResponseKey, Responses};
use motjuste::{Error, Result};

use crate::problem::Problem;
use crate::search::{Next, Progress, Search, Settings};

/// Draws that one seed has for itself, so that no two seeds share one.
const DRAWS_OF_A_SEED: u64 = 1_000_000;

/// What a solver needs.
pub struct Setup {
    /// The model that proposes points; it is on the generator's account.
    pub model: Arc<dyn Model>,
    /// What all its searches together may use. There are no trials and no target here.
    pub budget: Budget,
    /// How calls leave; the model costs the generator's price.
    pub calls: CallPolicy,
    /// Where responses are looked up and kept.
    pub responses: Arc<dyn Responses>,
    /// Set to true by whoever wants it to stop.
    pub stop: Arc<AtomicBool>,
}

/// Searches problem after problem with one model, under one budget.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::budget::Budget;
/// use motjuste::model::Scripted;
/// use motjuste::random::Streams;
/// use motjuste::storage::InMemory;
/// use motjuste_problems::linear_regression::{Instance, LinearRegression};
/// use motjuste_problems::{Settings, Setup, Solver, StopReason};
///
/// let solver = Solver::new(Setup {
///     model: Arc::new(Scripted::new("oracle", |_| "surely [15, 14]".into())),
///     budget: Budget { trials: None, ..Budget::default() },
///     calls: Default::default(),
///     responses: Arc::new(InMemory::default()),
///     stop: Arc::default(),
/// });
/// let instance = Instance::draw([15.0, 14.0], Streams::new(0));
/// let problem = LinearRegression::new(instance.clone());
/// let found = solver.solve(&problem, Settings::default(), instance.start, 0, &|_| {}).await.unwrap();
/// assert_eq!(found.stop_reason, StopReason::Solved { step: 1 });
/// # });
/// ```
pub struct Solver {
    setup: Setup,
    ledger: Arc<Ledger>,
    started: Once,
}

impl Solver {
    /// A solver that has used nothing yet.
    pub fn new(setup: Setup) -> Self {
        let ledger = Arc::new(Ledger::new(setup.budget));
        Self { setup, ledger, started: Once::new() }
    }

    /// The name of the model.
    pub fn model(&self) -> &str {
        self.setup.model.id()
    }

    /// What the searches have used so far.
    pub fn account(&self) -> Account {
        self.ledger.account()
    }

    /// Searches until the problem is solved, or the steps or the budget are spent; `on_step` hears of
    /// every step. A step that does not fit into the budget as a whole is not begun.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for settings under which nothing is asked; [`Error::is_interrupted`]
    /// when asked to stop, and whatever the model or the store fails with. What was paid for is kept.
    pub async fn solve<Q: Problem>(
        &self,
        problem: &Q,
        settings: Settings,
        start: Vec<Q::Point>,
        seed: u64,
        on_step: &dyn Fn(&Progress<Q::Point>),
    ) -> Result<Trajectory<Q::Point>> {
        refuse_settings(&settings)?;
        self.started.call_once(|| self.ledger.start_the_clock());
        let search = Search::new(problem, settings);
        let mut progress = search.begin(start);
        let identity = Identity { settings, seed };
        let calls = self.calls(identity.name(self.model(), &problem.meta_prompt(&progress.start)?));
        calls.count_lost_calls().await?;
        let model = calls.generator(self.setup.model.clone());
        let stop_reason = loop {
            calls.refuse_when_stopped()?;
            let prompt = match search.next(&progress)? {
                Next::Ask(prompt) => prompt,
                Next::Solved { step } => break StopReason::Solved { step },
                Next::OutOfSteps => break StopReason::Steps,
            };
            match self.ask(&model, &identity.step(progress.steps.len(), &prompt)).await? {
                Ok(replies) => progress.steps.push(search.read(&progress, replies)),
                Err(line) => break StopReason::Budget(line),
            }
            on_step(&progress);
        };
        Ok(Trajectory { progress, stop_reason })
    }

    fn calls(&self, name: String) -> Calls {
        let Setup { responses, stop, calls, .. } = &self.setup;
        Calls::stoppable(responses.clone(), self.ledger.clone(), name, *calls, stop.clone())
    }

    /// The replies to one step's calls, or the line of the budget that they would cross.
    async fn ask(
        &self,
        model: &Metered,
        calls: &[Request],
    ) -> Result<std::result::Result<Vec<String>, budget::StopReason>> {
        if let Some(line) = self.refusal(model, calls) {
            return Ok(Err(line));
        }
        match model.answers(calls).await {
            Ok(answers) => Ok(Ok(answers.into_iter().map(|answer| answer.text).collect())),
            // A repeated attempt did not fit any more. What the step paid for is kept.
            Err(error) => error.stop_reason().ok_or(error).map(Err),
        }
    }

    /// The line of the budget that these calls would cross.
    fn refusal(&self, model: &Metered, calls: &[Request]) -> Option<budget::StopReason> {
        if self.ledger.is_time_up(Role::Generator) {
            return Some(budget::StopReason::Seconds);
        }
        let worst = calls.iter().map(Request::worst_case).sum();
        self.ledger.refusal(Role::Generator, model.cost(calls.len() as u64, worst))
    }
}

/// What determines the calls of a search, together with the problem and the model.
struct Identity {
    settings: Settings,
    seed: u64,
}

impl Identity {
    /// The name that the search pays under. A search that gets more steps is the same search.
    fn name(&self, model: &str, first_prompt: &str) -> String {
        let settings = Settings { steps: 0, ..self.settings };
        let key = ResponseKey::of(model, &(settings, self.seed, first_prompt));
        let last: String = key.0[24..].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("solve-{last}")
    }

    /// The calls of step `step`: one prompt, drawn anew for each.
    fn step(&self, step: usize, prompt: &str) -> Vec<Request> {
        let Settings { calls, temperature, max_tokens, .. } = self.settings;
        let first = self.seed.wrapping_mul(DRAWS_OF_A_SEED).wrapping_add((step * calls) as u64);
        let draws = (0..calls as u64).map(|call| first.wrapping_add(call));
        let decoding = draws.map(|draw| Decoding { max_tokens, temperature, draw });
        decoding.map(|decoding| Request::new(prompt, decoding)).collect()
    }
}

fn refuse_settings(settings: &Settings) -> Result<()> {
    let Settings { steps, calls, temperature, max_tokens } = *settings;
    let calls_in_all = steps.saturating_mul(calls) as u64;
    let (what, help) = if steps == 0 || calls == 0 || max_tokens == 0 {
        ("steps, calls and reply tokens of 0 ask nothing", "give each of them at least 1")
    } else if !(0.0..=2.0).contains(&temperature) {
        ("the temperature cannot be used", "it lies between 0 and 2; the paper's is 1")
    } else if temperature == 0.0 && calls > 1 {
        ("at temperature 0 every call of a step is the same", "set calls to 1, or raise it above 0")
    } else if calls_in_all > DRAWS_OF_A_SEED {
        ("these are more than a million calls", "lower the steps or the calls of a step")
    } else {
        return Ok(());
    };
    Err(Error::configuration(what).with_help(help))
}
