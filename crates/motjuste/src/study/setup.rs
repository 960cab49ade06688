//! Everything a study is made of.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::budget::Budget;
use crate::evaluator::Sampling;
use crate::journal::{FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig};
use crate::model::{CallPolicy, Generator, LanguageModel};
use crate::optimizer::OptimizerConfig;
use crate::prompt::Templates;
use crate::storage::Storage;
use crate::task::Task;
use crate::{Error, Result};

/// Everything a study is made of.
pub struct Setup {
    /// The task, its splits checked.
    pub task: Task,
    /// The method.
    pub method: OptimizerConfig,
    /// The seed of every random stream.
    pub seed: u64,
    /// What may be used.
    pub budget: Budget,
    /// The model that writes instructions.
    pub generator: Arc<dyn Generator>,
    /// The model being instructed.
    pub target: Arc<dyn LanguageModel>,
    /// The model that judges answers, where the task wants one.
    pub judge: Option<Arc<dyn LanguageModel>>,
    /// The largest number of tokens in an instruction.
    pub instruction_tokens: usize,
    /// The largest number of tokens in an answer.
    pub answer_tokens: usize,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// How many dev examples score an instruction; `None` is all of them.
    pub dev_examples: Option<usize>,
    /// How calls leave.
    pub calls: CallPolicy,
    /// Where events and responses are kept.
    pub storage: Arc<dyn Storage>,
    /// Set to true by whoever wants the study to stop at the next safe point.
    pub stop: Arc<AtomicBool>,
}

impl Setup {
    /// What the models read: the task's templates, or, where the method words the target's prompt,
    /// its layout.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when both word it.
    pub fn templates(&self) -> Result<Templates> {
        let templates = self.task.templates.clone();
        match self.method.target_layout() {
            None => Ok(templates),
            Some(layout) if templates.follows_by_default() => layout.worded(templates),
            Some(_) => Err(Error::configuration(format!(
                "both the task and {} say what the target reads",
                self.method.name()
            ))
            .with_help(
                "--set prompt=task keeps the task's templates; without `follow` and `begin` in \
                 [templates], the method's layout holds",
            )),
        }
    }

    /// What determines the trajectory.
    ///
    /// # Errors
    /// As [`Self::templates`].
    pub fn config(&self) -> Result<StudyConfig> {
        let (induce, follow) = self.templates()?.hashes();
        Ok(StudyConfig {
            format: FORMAT,
            seed: self.seed,
            method: self.method.clone(),
            task: TaskConfig {
                name: self.task.name.clone(),
                data: self.task.data_hash(),
                scoring: self.task.scoring.identity(),
                train: self.task.train.len(),
                dev: self.dev_size(),
                test: self.task.test.len(),
            },
            generator: GeneratorConfig {
                model: self.generator.id().to_owned(),
                max_tokens: self.instruction_tokens,
                demonstrations: self.method.demonstrations(),
                template: induce,
            },
            target: TargetConfig {
                model: self.target.id().to_owned(),
                max_tokens: self.answer_tokens,
                template: follow,
                sampling: self.sampling,
            },
        })
    }

    fn dev_size(&self) -> usize {
        self.dev_examples.unwrap_or(usize::MAX).clamp(1, self.task.dev.len())
    }
}
