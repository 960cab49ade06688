//! Everything a study is made of.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Study;
use super::evaluator::{Answers, Models};
use crate::budget::Budget;
use crate::calls::{CacheMode, CallPolicy};
use crate::error::Setting;
use crate::example::Example;
use crate::journal::{FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig};
use crate::method::{GeneratorRole, HiddenStates, Method, Motjuste, Opro};
use crate::model::Model;
use crate::prompt::Templates;
use crate::sampling::Sampling;
use crate::storage::{InMemory, Storage};
use crate::task::Task;
use crate::{Error, Result};

/// Everything a study is made of; only the task and the target have no default.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::model::Scripted;
/// use motjuste::study::Study;
/// use motjuste::task::{Example, Task};
/// let example = |input: &str| Example::new(input, ["x"]);
/// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let study = Study::of(task, Scripted::new("m", |_| "x".into())).trials(5).open().await.unwrap();
/// assert_eq!(study.config().method.name, "motjuste");
/// # });
/// ```
#[derive(Clone)]
#[must_use = "a study that is not opened does nothing"]
pub struct StudyBuilder {
    pub(super) task: Task,
    pub(super) target: Arc<dyn Model>,
    pub(super) generator: Arc<dyn Model>,
    pub(super) judge: Option<Arc<dyn Model>>,
    pub(super) method: Option<Arc<dyn Method>>,
    pub(super) seed: u64,
    pub(super) tests_course: bool,
    pub(super) budget: Budget,
    pub(super) instruction_tokens: usize,
    pub(super) answer_tokens: Option<usize>,
    pub(super) sampling: Sampling,
    pub(super) dev_examples: DevExamples,
    pub(super) calls: CallPolicy,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) stop: Arc<AtomicBool>,
}

/// How many dev examples score an instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DevExamples {
    /// As many as the method [wants](crate::method::Needs::dev_examples).
    #[default]
    Usual,
    /// All there are.
    All,
    /// So many, or all if there are fewer.
    Count(usize),
}

impl From<Option<usize>> for DevExamples {
    fn from(count: Option<usize>) -> Self {
        count.map_or(Self::All, Self::Count)
    }
}

/// How many tokens an instruction has at the most, unless told otherwise.
pub const INSTRUCTION_TOKENS: usize = 128;

/// How many tokens an answer has at the most, unless told otherwise.
pub const ANSWER_TOKENS: usize = 64;

/// How many tokens an answer of a model behind an API has at the most, unless told otherwise: longer, because
/// such a model may reason aloud. What is thought before an answer comes on top.
pub const REMOTE_ANSWER_TOKENS: usize = 512;

/// The most tokens of an answer of this model where nothing is said.
pub(super) fn answer_tokens(given: Option<usize>, target: &dyn Model) -> usize {
    let usual = if target.is_remote() { REMOTE_ANSWER_TOKENS } else { ANSWER_TOKENS };
    given.unwrap_or(usual)
}

impl Study {
    /// A study of `task` with the model that is instructed, everything else at its default: the target
    /// writes the instructions as well, and the store lives and dies with the process.
    pub fn of(task: Task, target: impl Model + 'static) -> StudyBuilder {
        let target: Arc<dyn Model> = Arc::new(target);
        StudyBuilder {
            task,
            generator: target.clone(),
            target,
            judge: None,
            method: None,
            seed: 0,
            tests_course: false,
            budget: Budget::default(),
            instruction_tokens: INSTRUCTION_TOKENS,
            answer_tokens: None,
            sampling: Sampling::default(),
            dev_examples: DevExamples::Usual,
            calls: CallPolicy::default(),
            storage: Arc::new(InMemory::default()),
            stop: Arc::default(),
        }
    }
}

impl StudyBuilder {
    /// The model that writes instructions.
    pub fn generator(self, model: impl Model + 'static) -> Self {
        Self { generator: Arc::new(model), ..self }
    }

    /// The model that judges answers, where the task's metric wants one.
    pub fn judge(self, model: impl Model + 'static) -> Self {
        Self { judge: Some(Arc::new(model)), ..self }
    }

    /// The method; by default [`Motjuste`] where the generator reads soft prompts, else [`Opro`].
    pub fn method(self, method: impl Method + 'static) -> Self {
        Self { method: Some(Arc::new(method)), ..self }
    }

    /// The seed of every random stream.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// What may be used.
    pub fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// The number of trials: instructions that are paid for.
    pub fn trials(self, trials: u64) -> Self {
        let budget = Budget { trials: Some(trials), ..self.budget };
        Self { budget, ..self }
    }

    /// The largest number of tokens in an instruction.
    pub fn instruction_tokens(self, tokens: usize) -> Self {
        Self { instruction_tokens: tokens, ..self }
    }

    /// The largest number of tokens in an answer.
    pub fn answer_tokens(self, tokens: usize) -> Self {
        Self { answer_tokens: Some(tokens), ..self }
    }

    /// How answers are drawn.
    pub fn sampling(self, sampling: Sampling) -> Self {
        Self { sampling, ..self }
    }

    /// How many dev examples score an instruction; `None` is all of them.
    pub fn dev_examples(self, count: impl Into<DevExamples>) -> Self {
        Self { dev_examples: count.into(), ..self }
    }

    /// Whether what the search held for the best as it went on is scored on the test examples once it has ended: for a curve of test scores.
    /// Each such instruction, 25 at the most, costs one answer a test row.
    pub fn test_course(self, tests_course: bool) -> Self {
        Self { tests_course, ..self }
    }

    /// How calls leave.
    pub fn calls(self, calls: CallPolicy) -> Self {
        Self { calls, ..self }
    }

    /// Where events and responses are kept.
    pub fn storage(self, storage: Arc<dyn Storage>) -> Self {
        Self { storage, ..self }
    }

    /// The same study in a store that lives and dies with the process.
    pub fn in_memory(self) -> Self {
        self.storage(Arc::new(InMemory::default()))
    }

    /// A wish to stop at the next safe point, which is there once it is true.
    pub fn stop(self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self }
    }

    /// Opens the study: a new one, or the one with this configuration where it was left.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for settings that cannot be used, or not together;
    /// [`Error::is_budget`] when the budget does not cover one evaluation; [`Error::is_storage`] when
    /// the store fails, and while another process, or another [`Study`] of this one, runs the same study.
    pub async fn open(self) -> Result<Study> {
        Study::open(self).await
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The budget as it is now.
    pub fn within(&self) -> &Budget {
        &self.budget
    }

    /// The method that is used: the one that was given, or the default one.
    pub fn chosen_method(&self) -> Arc<dyn Method> {
        match &self.method {
            Some(method) => method.clone(),
            None if self.generator.abilities().soft_prompts => Arc::new(Motjuste::default()),
            None => Arc::new(Opro::default()),
        }
    }

    /// What determines the trajectory.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when both the task and the method word the target's prompt.
    pub fn config(&self) -> Result<StudyConfig> {
        let (induce, follow) = self.templates()?.hashes();
        let method = self.chosen_method();
        let needs = method.needs();
        Ok(StudyConfig {
            format: FORMAT,
            seed: self.seed,
            method: method.id(),
            choice: needs.choice,
            task: TaskConfig {
                name: self.task.name().to_owned(),
                data: self.task.data_hash(),
                scoring: self.task.score().id(),
                train: self.task.train().len(),
                dev: self.dev_size(),
                dev_split: self.task.dev().len(),
                test: self.task.test().len(),
                start: self.task.start().instructions().to_vec(),
                frame: self.task.templates().frame().clone(),
            },
            generator: GeneratorConfig {
                model: self.generator.id().to_owned(),
                max_tokens: self.instruction_tokens,
                demonstrations: needs.demonstrations,
                template: induce,
            },
            target: TargetConfig {
                model: self.target.id().to_owned(),
                max_tokens: self.answers().max_tokens,
                template: follow,
                sampling: self.sampling,
            },
            shares_calls: self.calls.cache == CacheMode::Shared,
        })
    }

    /// What the models read: the task's templates, or, where the method words the target's prompt,
    /// its own.
    pub(super) fn templates(&self) -> Result<Templates> {
        let task = self.task.clone().asked_of(self.target.as_ref());
        let templates = task.templates().clone();
        match self.chosen_method().needs().target_prompt {
            None => Ok(templates),
            Some(prompt) if templates.follows_by_default() => templates.with_target_prompt(&prompt),
            Some(prompt) => {
                let method = self.chosen_method().id().label;
                let (setting, value) = prompt.leave_to_task;
                let message = format!("both the task and {method} say what the target reads");
                Err(Error::configuration(message)
                    .with_help(format!(
                        "{setting} = {value} keeps the task's templates; without `follow` and `begin` \
                         among the task's templates, the method's hold"
                    ))
                    .with_setting(Setting::Method(setting, value)))
            }
        }
    }

    /// Refuses a task or a generator that lacks what the method needs.
    pub(super) fn check(&self) -> Result<()> {
        let method = self.chosen_method();
        method.check()?;
        let (needs, name) = (method.needs(), method.id().label);
        let (abilities, model) = (self.generator.abilities(), self.generator.id());
        if needs.generator == GeneratorRole::SoftPrompts && !abilities.soft_prompts {
            let message = format!("the method {name} writes soft prompts, and {model} reads none");
            return Err(Error::configuration(message).with_help(
                "use an open model as generator, or a method that asks in words, such as opro",
            ));
        }
        if needs.generator == GeneratorRole::Weights {
            self.check_weights(&name)?;
        }
        if needs.hidden_states == HiddenStates::Required && !abilities.hidden_states {
            let message =
                format!("the method {name} looks at hidden states, and {model} gives none");
            return Err(Error::configuration(message)
                .with_help("set its features to words")
                .with_setting(Setting::Method("features", "words")));
        }
        if needs.train_rows() > 0 && self.task.train().is_empty() {
            let message = format!("the method {name} shows train examples, and the task has none");
            return Err(Error::configuration(message)
                .with_help("give the task a train split, or use a method that asks in words"));
        }
        Ok(())
    }

    /// Refuses a generator without open weights, and rows that have no place for a trigger or nothing behind it.
    fn check_weights(&self, name: &str) -> Result<()> {
        let refuse =
            |message: String, help: &str| Err(Error::configuration(message).with_help(help));
        let (model, templates) = (self.generator.id(), self.task.templates());
        let lacks_answer = |row: &Example| row.outputs.first().is_none_or(|it| it.is_empty());
        if !self.generator.abilities().gradients {
            let message =
                format!("the method {name} computes on open weights, and {model} shows none");
            return refuse(
                message,
                "use an open model on this machine as generator: `embedded`, a folder or a GGUF file; the target may be \
                 any model",
            );
        }
        if templates.begins_answers() {
            let message =
                format!("the task begins the answers, where {name} has no place for a trigger");
            return refuse(message, "leave `begin` out of the task's templates");
        }
        match self.task.train().iter().position(lacks_answer) {
            Some(row) => refuse(
                format!("the method {name} learns from outputs, and train row {row} has none"),
                "give every train row an output, or use a method that asks in words",
            ),
            None => Ok(()),
        }
    }

    pub(super) fn models(&self) -> Models {
        Models { target: self.target.clone(), judge: self.judge.clone() }
    }

    pub(super) fn answers(&self) -> Answers {
        let max_tokens = answer_tokens(self.answer_tokens, self.target.as_ref());
        Answers { max_tokens, sampling: self.sampling }
    }

    fn dev_size(&self) -> usize {
        let count = match self.dev_examples {
            DevExamples::Usual => self.chosen_method().needs().dev_examples,
            DevExamples::All => usize::MAX,
            DevExamples::Count(count) => count,
        };
        count.clamp(1, self.task.dev().len())
    }
}
