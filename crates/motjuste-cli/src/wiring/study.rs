//! Everything that was typed for a run becomes a study to open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::budget::Budget;
use motjuste::calls::CallPolicy;
use motjuste::method::{GeneratorRole, HiddenStates, Method};
use motjuste::model::{Model, Parameters};
use motjuste::storage::Storage;
use motjuste::study::{Eval, Given, Study, StudyBuilder};
use motjuste::task::Task;
use motjuste::work::Queue;
use motjuste::{Error, Result};
use motjuste_lm::Embedded;
use motjuste_models::{ModelName, Opener, Prices, Servers, Unpriced};

use super::calls::{budget, calls, sampling};
use super::method::{default_role, method};
use super::models::{self, opener, parameters, shared_opener, tables, target_name, writer_name};
use super::prices::prices;
use super::task::task;
use crate::args::{
    CallArgs, DataArgs, EvalArgs, MatrixArgs, ModelArgs, RunArgs, ScoreArgs, TargetArgs,
};
use crate::{files, summary};

/// The models of a command, opened once for all its studies.
pub(crate) struct Models<'a> {
    args: &'a ModelArgs,
    writer: String,
    prices: Prices,
    is_capped: bool,
    generator: Arc<dyn Model>,
    target: Arc<dyn Model>,
    judges: HashMap<String, Arc<dyn Model>>,
}

impl<'a> Models<'a> {
    /// Opens the models, the generator for what `role` says, and the judges of `tasks`. Under a cap on
    /// money their prices must be known. Workers make their calls where there is a queue.
    pub(crate) fn open(
        args: &'a ModelArgs,
        role: GeneratorRole,
        tasks: &[Task],
        is_capped: bool,
        queue: Option<Arc<dyn Queue>>,
    ) -> Result<Self> {
        let target = &args.target;
        let mut opener = shared_opener(&target.local, &target.calls, queue)?;
        let tables = tables(tasks)?;
        let (writer, asked) = (writer_name(args, &tables), target_name(target, &tables.target));
        refuse_foreign_tasks(&writer, &asked, role, tasks)?;
        let models = [writer.name.as_str(), &target.target];
        opener.refuse_unused_options(&with_judges(&models, tasks))?;
        Ok(Self {
            args,
            writer: writer.name.clone(),
            generator: opener.generator(&writer, args.embedder.as_deref(), role)?,
            target: opener.model(&asked)?,
            judges: judges(&mut opener, tasks, &JudgeArgs::of(target))?,
            prices: prices(&target.calls, &[&writer.name, &target.target])?,
            is_capped,
        })
    }

    /// What the target and the generator are called where it matters which they are.
    pub(crate) fn ids(&self) -> [&str; 2] {
        [self.target.id(), self.generator.id()]
    }

    /// The servers among them.
    pub(crate) fn servers(&self) -> Result<Servers> {
        let models = [self.writer.as_str(), &self.args.target.target];
        let judges: Vec<&str> = self.judges.keys().map(String::as_str).collect();
        let all: Vec<&str> = models.into_iter().chain(judges.iter().copied()).collect();
        let servers = Servers::among(&all, &self.prices)?;
        let is_unpriced = |name: &str| servers.unpriced.iter().any(|unpriced| unpriced == name);
        let [generator, target] = models.map(is_unpriced);
        let judge = judges.into_iter().any(is_unpriced);
        Ok(Servers { roles: Unpriced { generator, target, judge }, ..servers })
    }

    /// A study of `task`.
    pub(crate) fn study(&self, task: Task) -> Result<StudyBuilder> {
        let (args, target) = (self.args, &self.args.target);
        let judge = task.score().judge().and_then(|name| self.judges.get(name)).cloned();
        let mut calls = priced(target, &task, &self.prices, self.is_capped)?;
        calls.generator_price = self.prices.under(self.is_capped, &self.writer)?;
        let study = Study::of(task, self.target.clone())
            .generator(self.generator.clone())
            .sampling(sampling(target)?)
            .calls(calls);
        let study = match args.instruction_tokens {
            Some(tokens) => study.instruction_tokens(tokens),
            None => study,
        };
        let study = match target.answer_tokens {
            Some(tokens) => study.answer_tokens(tokens),
            None => study,
        };
        Ok(match judge {
            Some(judge) => study.judge(judge),
            None => study,
        })
    }
}

/// The names of models, and of the judges that the tasks name.
fn with_judges<'a>(models: &[&'a str], tasks: &'a [Task]) -> Vec<&'a str> {
    let judges = tasks.iter().filter_map(|task| task.score().judge());
    models.iter().copied().chain(judges).collect()
}

/// How judges are asked, as it was typed.
struct JudgeArgs<'a> {
    url: Option<&'a String>,
    /// The model and the address beside which it may be.
    beside: Option<(&'a str, &'a String)>,
    parameters: Option<&'a Parameters>,
    calls: &'a CallArgs,
}

impl<'a> JudgeArgs<'a> {
    /// Beside a target.
    fn of(target: &'a TargetArgs) -> Self {
        let (url, parameters) = (target.judge_url.as_ref(), target.judge_params.as_ref());
        let beside = target.target_url.as_ref().map(|url| (target.target.as_str(), url));
        Self { url, beside, parameters, calls: &target.calls }
    }

    /// Where a judge of this name is: where it was said to be, or else where the target is, if both have one
    /// provider.
    fn url_of(&self, name: &str) -> Option<&'a String> {
        let beside = self.beside.filter(|(target, _)| models::have_one_provider(name, target));
        self.url.or(beside.map(|(_, url)| url))
    }
}

/// The judges that the tasks name.
fn judges(
    opener: &mut Opener,
    tasks: &[Task],
    args: &JudgeArgs<'_>,
) -> Result<HashMap<String, Arc<dyn Model>>> {
    let names: Vec<String> =
        tasks.iter().filter_map(|task| task.score().judge().map(str::to_owned)).collect();
    let table = tables(tasks)?.judge;
    let parameters = parameters(args.parameters, &table, args.calls);
    if names.is_empty() && (args.url.is_some() || !parameters.is_empty()) {
        let what = if args.url.is_some() { "--judge-url is" } else { "parameters of a judge are" };
        return Err(Error::configuration(format!("{what} given and the task names no judge"))
            .with_help("leave it out, or write metric = { judge = \"PROVIDER/MODEL\" }"));
    }
    let judge = |name: String| {
        let model =
            opener.model(&models::name(&name, args.url_of(&name), None, parameters.clone()))?;
        Ok((name, model))
    };
    names.into_iter().map(judge).collect()
}

/// The study that was asked for, and the servers that it calls.
pub(crate) fn study(
    args: &RunArgs,
    storage: Arc<dyn Storage>,
    queue: Option<Arc<dyn Queue>>,
    stop: Arc<AtomicBool>,
) -> Result<(StudyBuilder, Servers)> {
    let method = method(&args.method, &args.models)?;
    let needs = method.needs();
    refuse_unused_tokens(&args.models, method.as_ref())?;
    let task = task(&args.task.task, &args.task.data, needs.train_rows())?;
    let task = if args.start.is_empty() { task } else { started(task, &args.start)? };
    tell_of_initial(args, &task);
    let is_capped = args.budget.caps.budget_usd.is_some();
    let tasks = std::slice::from_ref(&task);
    let models = Models::open(&args.models, needs.generator, tasks, is_capped, queue)?;
    if args.method.method.as_deref().unwrap_or("motjuste") != method.id().label
        && needs.generator == GeneratorRole::Words
        && !args.method.compat
    {
        let (generator, name) = (models.generator.id(), method.id().name);
        summary::note(&format!(
            "{generator} writes the instructions; it reads words: the method is {name}"
        ));
    }
    if needs.hidden_states == HiddenStates::Welcome && !models.generator.abilities().hidden_states {
        let generator = models.generator.id();
        summary::note(&format!("{generator} tells no hidden states: the method sees words alone"));
    }
    let study = models
        .study(task)?
        .method(method)
        .seed(args.method.seed)
        .dev_examples(args.method.dev_examples())
        .budget(budget(&args.budget))
        .storage(storage)
        .stop(stop);
    Ok((study, models.servers()?))
}

/// Tells that a prompt given as a setting is not the one that the result is compared with.
fn tell_of_initial(args: &RunArgs, task: &Task) {
    let is_set = args.method.settings.iter().any(|setting| setting.starts_with("initial="));
    if is_set && task.start().yours().is_none() {
        summary::note(
            "note: what `initial` says begins the search, and the result is not compared with it; for that, give \
             your prompt with --start FILE: it is scored first, and shown as yours",
        );
    }
}

/// Refuses the length of an instruction where it is a reply, with several instructions, that has a length.
fn refuse_unused_tokens(models: &ModelArgs, method: &dyn Method) -> Result<()> {
    match (models.instruction_tokens, method.needs().generator) {
        (Some(tokens), GeneratorRole::Words) => Err(Error::configuration(format!(
            "--instruction-tokens is given, and {} asks the generator in words",
            method.id().name
        ))
        .with_help(format!("--set max_tokens={tokens} bounds a whole reply of the generator"))),
        (Some(tokens), GeneratorRole::Weights) => Err(Error::configuration(format!(
            "--instruction-tokens is given, and {} has instructions of one length",
            method.id().name
        ))
        .with_help(format!("--set tokens={tokens} is that length"))),
        _ => Ok(()),
    }
}

/// The task with the prompts in these files, and what there is to know of them told.
fn started(task: Task, files: &[PathBuf]) -> Result<Task> {
    let known = task.notes().len();
    let prompts = files.iter().map(|path| files::prompt(path)).collect::<Result<Vec<_>>>()?;
    let task = task.with_start(prompts)?;
    task.notes()[known..].iter().for_each(|note| summary::note(&format!("note: {note}")));
    Ok(task)
}

/// Refuses a target whose name lacks its provider, which would have written the instructions itself.
fn refuse_misspelt(target: &ModelName) -> Result<()> {
    target.did_you_mean().map_or(Ok(()), |meant| {
        let message = format!("unknown model \"{}\"", target.name);
        Err(Error::configuration(message).with_help(meant))
    })
}

/// Refuses the embedded generator for tasks of other kinds than those that it was trained on.
fn refuse_foreign_tasks(
    writer: &ModelName,
    target: &ModelName,
    role: GeneratorRole,
    tasks: &[Task],
) -> Result<()> {
    let knows =
        |task: &&Task| task.name().contains('/') || motjuste_lm::FAMILIES.contains(&task.name());
    let is_embedded = writer.name == Embedded::Instructions.name();
    match tasks.iter().find(|task| !knows(task)).filter(|_| is_embedded) {
        Some(task) if role == GeneratorRole::SoftPrompts => {
            refuse_misspelt(target)?;
            Err(foreign_task(task))
        }
        _ => Ok(()),
    }
}

fn foreign_task(task: &Task) -> Error {
    Error::configuration(format!(
        "the embedded generator writes instructions for the {} kinds of task that it was trained on, \
         and \"{}\" is none of them",
        motjuste_lm::FAMILIES.len(),
        task.name()
    ))
    .with_help(
        "let a chat model write: --target openai/gpt-4.1-mini, which then writes as well, or \
         --generator openai/gpt-4.1; or an open model: --generator hf/ORG/NAME",
    )
}

/// What the generator is for, where no method is named.
pub(crate) fn role(args: &ModelArgs) -> GeneratorRole {
    default_role(args)
}

/// The scoring of one instruction that was asked for.
pub(crate) fn eval(
    task: Task,
    args: &EvalArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Eval> {
    let eval = of_target(task, &args.target, args.budget_usd.is_some(), storage)?;
    let budget = Budget { usd: args.budget_usd, ..eval.budget };
    Ok(Eval { budget, stop, ..eval })
}

/// The scoring of a pool that was asked for.
pub(crate) fn eval_of_matrix(
    args: &MatrixArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Eval> {
    let task = task(&args.task.task, &args.task.data, 0)?;
    let eval = of_target(task, &args.target, args.budget_usd.is_some(), storage)?;
    let budget = Budget { usd: args.budget_usd, ..eval.budget };
    Ok(Eval { budget, stop, ..eval })
}

/// The target of a pool that is scored, if it is behind an API.
pub(crate) fn servers_of_matrix(args: &MatrixArgs) -> Result<Servers> {
    let target = args.target.target.as_str();
    Servers::among(&[target], &prices(&args.target.calls, &[target])?)
}

/// The scoring of a task's rows with this target.
pub(crate) fn eval_of(task: &Path, target: &TargetArgs, storage: Arc<dyn Storage>) -> Result<Eval> {
    let data = DataArgs { data: None, mode: None };
    of_target(super::task(task, &data, 0)?, target, false, storage)
}

fn of_target(
    task: Task,
    target: &TargetArgs,
    is_capped: bool,
    storage: Arc<dyn Storage>,
) -> Result<Eval> {
    let mut opener = opener(&target.local, &target.calls)?;
    let tasks = std::slice::from_ref(&task);
    opener.refuse_unused_options(&with_judges(&[target.target.as_str()], tasks))?;
    let prices = prices(&target.calls, &[&target.target])?;
    let judges = judges(&mut opener, tasks, &JudgeArgs::of(target))?;
    let model = opener.model(&target_name(target, &task.parameters().target))?;
    Ok(Eval {
        judge: judges.into_values().next(),
        answer_tokens: target.answer_tokens,
        sampling: sampling(target)?,
        calls: priced(target, &task, &prices, is_capped)?,
        storage,
        ..Eval::of(task, model)
    })
}

/// The scoring of given answers that was asked for.
pub(crate) fn given(
    args: &ScoreArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Given> {
    let task = task(&args.task.task, &args.task.data, 0)?;
    let mut opener = opener(&args.local, &args.calls)?;
    opener.refuse_unused_options(&task.score().judge().into_iter().collect::<Vec<_>>())?;
    let asked = JudgeArgs {
        url: args.judge_url.as_ref(),
        beside: None,
        parameters: None,
        calls: &args.calls,
    };
    let judges = judges(&mut opener, std::slice::from_ref(&task), &asked)?;
    let mut calls = calls(&args.calls);
    if let Some(judge) = task.score().judge() {
        let prices = prices(&args.calls, &[judge])?;
        calls.judge_price = prices.under(args.budget_usd.is_some(), judge)?;
    }
    Ok(Given {
        judge: judges.into_values().next(),
        budget: Budget { trials: None, usd: args.budget_usd, ..Budget::default() },
        calls,
        storage,
        stop,
        ..Given::of(task)
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
