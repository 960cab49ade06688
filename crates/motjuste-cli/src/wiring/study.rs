//! Everything that was typed for a run becomes a study to open.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::budget::Budget;
use motjuste::calls::CallPolicy;
use motjuste::method::{GeneratorRole, HiddenStates};
use motjuste::model::Model;
use motjuste::storage::Storage;
use motjuste::study::{Eval, Study, StudyBuilder};
use motjuste::task::Task;
use motjuste::{Error, Result};
use motjuste_models::{Opener, Prices, Servers};

use super::calls::{budget, calls, sampling};
use super::method::{default_role, method};
use super::models::{self, generator_name, opener, parameters, table, target_name};
use super::task::task;
use crate::args::{EvalArgs, ModelArgs, RunArgs, TargetArgs};
use crate::summary;

/// The models of a command, opened once for all its studies.
pub(crate) struct Models<'a> {
    args: &'a ModelArgs,
    prices: Prices,
    is_capped: bool,
    generator: Arc<dyn Model>,
    target: Arc<dyn Model>,
    judges: HashMap<String, Arc<dyn Model>>,
}

impl<'a> Models<'a> {
    /// Opens the models, the generator for what `role` says, and the judges of `tasks`. Under a cap on
    /// money their prices must be known.
    pub(crate) fn open(
        args: &'a ModelArgs,
        role: GeneratorRole,
        tasks: &[Task],
        is_capped: bool,
    ) -> Result<Self> {
        let target = &args.target;
        let mut opener = opener(&target.local, &target.calls);
        opener.refuse_unused_options(&[&args.generator, &target.target])?;
        let writer = generator_name(args, &table(tasks, |all| &all.generator)?);
        let asked = target_name(target, &table(tasks, |all| &all.target)?);
        Ok(Self {
            args,
            generator: opener.generator(&writer, args.embedder.as_deref(), role)?,
            target: opener.model(&asked)?,
            judges: judges(&mut opener, tasks, target)?,
            prices: Prices::load(target.calls.prices.as_deref())?,
            is_capped,
        })
    }

    /// The servers among them.
    pub(crate) fn servers(&self) -> Result<Servers> {
        let models = [self.args.generator.as_str(), &self.args.target.target];
        let judges = self.judges.keys().map(String::as_str);
        Servers::among(&models.into_iter().chain(judges).collect::<Vec<_>>(), &self.prices)
    }

    /// A study of `task`.
    pub(crate) fn study(&self, task: Task) -> Result<StudyBuilder> {
        let (args, target) = (self.args, &self.args.target);
        let judge = task.score().judge().and_then(|name| self.judges.get(name)).cloned();
        let mut calls = priced(target, &task, &self.prices, self.is_capped)?;
        calls.generator_price = self.prices.under(self.is_capped, &args.generator)?;
        let study = Study::of(task, self.target.clone())
            .generator(self.generator.clone())
            .instruction_tokens(args.instruction_tokens)
            .answer_tokens(target.answer_tokens)
            .sampling(sampling(target)?)
            .calls(calls);
        Ok(match judge {
            Some(judge) => study.judge(judge),
            None => study,
        })
    }
}

/// The judges that the tasks name.
fn judges(
    opener: &mut Opener,
    tasks: &[Task],
    args: &TargetArgs,
) -> Result<HashMap<String, Arc<dyn Model>>> {
    let names: Vec<String> =
        tasks.iter().filter_map(|task| task.score().judge().map(str::to_owned)).collect();
    let table = table(tasks, |all| &all.judge)?;
    let parameters = parameters(args.judge_params.as_ref(), &table, &args.calls);
    if names.is_empty() && (args.judge_url.is_some() || !parameters.is_empty()) {
        let what =
            if args.judge_url.is_some() { "--judge-url is" } else { "parameters of a judge are" };
        return Err(Error::configuration(format!("{what} given and the task names no judge"))
            .with_help("leave it out, or write metric = { judge = \"PROVIDER/MODEL\" }"));
    }
    let url = args.judge_url.clone();
    let judge = |name: String| {
        let model = opener.model(&models::name(&name, url.as_ref(), None, parameters.clone()))?;
        Ok((name, model))
    };
    names.into_iter().map(judge).collect()
}

/// The study that was asked for, and the servers that it calls.
pub(crate) fn study(
    args: &RunArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<(StudyBuilder, Servers)> {
    let method = method(&args.method, &args.models)?;
    let needs = method.needs();
    let task = task(&args.task.task, &args.task.data, needs.train_rows())?;
    let is_capped = args.budget.caps.budget_usd.is_some();
    let tasks = std::slice::from_ref(&task);
    let models = Models::open(&args.models, needs.generator, tasks, is_capped)?;
    if args.method.method.is_none() && needs.generator == GeneratorRole::Words {
        let (generator, name) = (models.generator.id(), method.id().name);
        summary::note(&format!("{generator} reads no soft prompts: the method is {name}"));
    }
    if needs.hidden_states == HiddenStates::Welcome && !models.generator.abilities().hidden_states {
        let generator = models.generator.id();
        summary::note(&format!("{generator} tells no hidden states: the method sees words alone"));
    }
    let study = models
        .study(task)?
        .method(method)
        .seed(args.method.seed)
        .dev_examples(args.method.dev_examples.0)
        .budget(budget(&args.budget))
        .storage(storage)
        .stop(stop);
    Ok((study, models.servers()?))
}

/// What the generator is for, where no method is named.
pub(crate) fn role(args: &ModelArgs) -> GeneratorRole {
    default_role(args)
}

/// The scoring of one instruction that was asked for.
pub(crate) fn eval(
    args: &EvalArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Eval> {
    let task = task(&args.task.task, &args.task.data, 0)?;
    let target = &args.target;
    let mut opener = opener(&target.local, &target.calls);
    opener.refuse_unused_options(&[&target.target])?;
    let prices = Prices::load(target.calls.prices.as_deref())?;
    let judges = judges(&mut opener, std::slice::from_ref(&task), target)?;
    let model = opener.model(&target_name(target, &task.parameters().target))?;
    Ok(Eval {
        judge: judges.into_values().next(),
        answer_tokens: target.answer_tokens,
        sampling: sampling(target)?,
        budget: Budget { trials: None, usd: args.budget_usd, ..Budget::default() },
        calls: priced(target, &task, &prices, args.budget_usd.is_some())?,
        storage,
        stop,
        ..Eval::of(task, model)
    })
}

fn priced(args: &TargetArgs, task: &Task, prices: &Prices, is_capped: bool) -> Result<CallPolicy> {
    let mut calls = calls(&args.calls);
    calls.target_price = prices.under(is_capped, &args.target)?;
    if let Some(judge) = task.score().judge() {
        calls.judge_price = prices.under(is_capped, judge)?;
    }
    Ok(calls)
}
