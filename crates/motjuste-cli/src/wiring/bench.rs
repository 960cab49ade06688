//! The models of a study, opened once for all the studies that a command runs.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::model::{Generator, LanguageModel};
use motjuste::optimizer::OptimizerConfig;
use motjuste::scoring::Scoring;
use motjuste::storage::Storage;
use motjuste::study::Setup;
use motjuste::task::Task;

use super::calls::sampling;
use super::method::fitted;
use super::models::Opener;
use super::prices::Prices;
use super::servers::Servers;
use super::setup::{judge, priced_calls};
use crate::args::ModelArgs;

/// Generator and target, ready to be set to work on any task.
pub(crate) struct Bench<'a> {
    args: &'a ModelArgs,
    opener: Opener<'a>,
    prices: Prices,
    is_capped: bool,
    generator: Arc<dyn Generator>,
    target: Arc<dyn LanguageModel>,
}

/// What a study does with them.
pub(crate) struct Plan {
    pub method: OptimizerConfig,
    pub seed: u64,
    pub dev_examples: Option<usize>,
    pub budget: Budget,
}

impl<'a> Bench<'a> {
    /// Opens the models, the generator as one that reads soft prompts or as one that is asked in words.
    /// Under a cap on money their prices must be known.
    pub(crate) fn open(args: &'a ModelArgs, soft_prompts: bool, is_capped: bool) -> Result<Self> {
        let target = &args.target;
        let mut opener = Opener::new(&target.local, &target.calls);
        opener.refuse_unused_options(&[&args.generator, &target.target])?;
        Ok(Self {
            args,
            generator: match soft_prompts {
                true => opener.generator(args)?,
                false => opener.writer(args)?,
            },
            target: opener.model(
                &target.target,
                target.target_url.as_deref(),
                target.target_api,
            )?,
            prices: Prices::load(target.calls.prices.as_deref())?,
            is_capped,
            opener,
        })
    }

    /// The servers among them, and among the judges of `tasks`.
    pub(crate) fn servers(&self, tasks: &[Task]) -> Result<Servers> {
        let judges = tasks.iter().filter_map(|task| match &task.scoring {
            Scoring::Judge(rubric) => Some(rubric.model.as_str()),
            _ => None,
        });
        let models = [self.args.generator.as_str(), &self.args.target.target];
        Servers::among(&models.into_iter().chain(judges).collect::<Vec<_>>(), &self.prices)
    }

    /// A study of `task`.
    pub(crate) fn setup(
        &mut self,
        task: Task,
        plan: Plan,
        storage: Arc<dyn Storage>,
        stop: Arc<AtomicBool>,
    ) -> Result<Setup> {
        let target = &self.args.target;
        let mut calls = priced_calls(target, &task, &self.prices, self.is_capped)?;
        calls.generator_price = self.prices.under(self.is_capped, &self.args.generator)?;
        Ok(Setup {
            method: fitted(plan.method, self.generator.as_ref()),
            seed: plan.seed,
            budget: plan.budget,
            generator: self.generator.clone(),
            target: self.target.clone(),
            judge: judge(&mut self.opener, &task, target)?,
            instruction_tokens: self.args.instruction_tokens,
            answer_tokens: target.answer_tokens,
            sampling: sampling(target)?,
            dev_examples: plan.dev_examples,
            task,
            calls,
            storage,
            stop,
        })
    }
}
