//! Which models take part, and how they are loaded.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use motjuste::model::{Parameters, RoleParameters};
use motjuste::task::Task;
use motjuste::work::Queue;
use motjuste::{Error, Result};
use motjuste_lm::{Activations, Embedded, LoadOptions, Precision, SoftPromptPlace, Template};
use motjuste_models::{ModelName, Opener, Options};
use motjuste_remote::{Api, Environment, Limits, Notices, Settings, Timeouts};

use crate::args::{
    ActivationBits, CallArgs, ChatTemplate, LocalArgs, ModelArgs, SoftPlace, TargetApi, TargetArgs,
    WeightPrecision,
};
use crate::progress::Downloads;
use crate::{exit, summary};

/// What opens the models of a command.
pub(crate) fn opener(local: &LocalArgs, calls: &CallArgs) -> Result<Opener> {
    shared_opener(local, calls, None)
}

/// What opens the models of a command whose calls workers may make.
pub(super) fn shared_opener(
    local: &LocalArgs,
    calls: &CallArgs,
    queue: Option<Arc<dyn Queue>>,
) -> Result<Opener> {
    let shown = Mutex::new(Downloads::default());
    Ok(Opener::new(Options {
        load: load(local),
        remote: remote(calls)?,
        processes: calls.processes.map(usize::from),
        queue,
        downloads: Some(Arc::new(move |file: &str, done, size| {
            shown.lock().unwrap_or_else(PoisonError::into_inner).show(file, done, size);
        })),
    }))
}

/// How servers are asked.
fn remote(calls: &CallArgs) -> Result<Settings> {
    let (timeouts, limits) = (Timeouts::default(), Limits::default());
    Ok(Settings {
        limits: Limits {
            concurrency: calls.concurrency.unwrap_or(limits.concurrency),
            at_once: calls.concurrency.is_some(),
            requests_per_minute: calls.requests_per_minute,
            tokens_per_minute: calls.tokens_per_minute,
        },
        timeouts: Timeouts { total: calls.timeout.unwrap_or(timeouts.total), ..timeouts },
        environment: environment(calls.env_file.as_deref())?,
        ca_file: calls.ca_file.clone(),
        allow_http_key: calls.allow_http_key,
        without_key: calls.plan,
        thinking_tokens: calls.thinking_tokens,
        notices: notices(),
    })
}

/// Tells what is found out about models, each thing once.
pub(super) fn notices() -> Notices {
    // A model that plays two roles turns out to need the same twice.
    let told = Mutex::new(HashSet::new());
    Notices::to(move |notice| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.insert(notice.text.clone()) {
            return;
        }
        let flag = notice.setting.as_ref().and_then(exit::flag);
        let flag = flag.map_or_else(String::new, |flag| format!(" ({flag})"));
        summary::note(&format!("{}{flag}", notice.text));
    })
}

/// Where keys come from: this process' environment, and the file that was named.
pub(super) fn environment(file: Option<&Path>) -> Result<Environment> {
    match file {
        Some(file) => Environment::process().with_file(file),
        None => Ok(Environment::process()),
    }
}

/// What was typed wins over the task's table.
pub(super) fn parameters(
    typed: Option<&Parameters>,
    table: &Parameters,
    calls: &CallArgs,
) -> Parameters {
    let mut parameters = typed.cloned().unwrap_or_default().over(table);
    // A timeout that was typed holds for every model of the command, and so do tokens for thinking.
    parameters.timeout = parameters.timeout.filter(|_| calls.timeout.is_none());
    if calls.thinking_tokens.is_some() && parameters.thinking_tokens.is_some() {
        parameters.thinking_tokens = calls.thinking_tokens;
    }
    parameters
}

/// The tables of the roles, which must be the same in all tasks of a command.
pub(super) fn tables(tasks: &[Task]) -> Result<RoleParameters> {
    let mut tables = tasks.iter().map(Task::parameters);
    let first = tables.next().cloned().unwrap_or_default();
    if tables.all(|table| *table == first) {
        return Ok(first);
    }
    Err(Error::configuration("the tasks ask a model with different parameters").with_help(
        "make their tables [target], [generator] and [judge] equal, or run one task at a time",
    ))
}

fn load(args: &LocalArgs) -> LoadOptions {
    LoadOptions {
        precision: match args.precision {
            WeightPrecision::Auto => Precision::AsStored,
            WeightPrecision::F32 => Precision::F32,
            WeightPrecision::Q8_0 => Precision::Q8_0,
        },
        activations: match args.activations {
            ActivationBits::Sixteen => Activations::Sixteen,
            ActivationBits::Eight => Activations::Eight,
        },
        template: match args.chat_template {
            ChatTemplate::Auto => Template::Auto,
            ChatTemplate::Always => Template::Chat,
            ChatTemplate::Never => Template::None,
        },
        soft_prompt_place: match args.soft_prompt_place {
            SoftPlace::Front => SoftPromptPlace::Front,
            SoftPlace::BehindSystem => SoftPromptPlace::BehindSystem,
            SoftPlace::BehindPrompt => SoftPromptPlace::BehindPrompt,
        },
    }
}

/// The target's name, asked with the table of the task.
pub(crate) fn target_name(args: &TargetArgs, table: &Parameters) -> ModelName {
    let parameters = parameters(args.target_params.as_ref(), table, &args.calls);
    name(&args.target, args.target_url.as_ref(), args.target_api, parameters)
}

/// The name of the model that writes instructions: the one that was given, or the target where that is behind
/// an API, or the embedded one. It is asked where the target is, if both have one provider. A target that
/// writes is asked as the generator's table says, and, where that says nothing, as the target's.
pub(crate) fn writer_name(args: &ModelArgs, tables: &RoleParameters) -> ModelName {
    let target = target_name(&args.target, &tables.target);
    let own = parameters(args.generator_params.as_ref(), &tables.generator, &args.target.calls);
    let beside = |name: &str| target.url.clone().filter(|_| have_one_provider(name, &target.name));
    let url = |name: &str| args.generator_url.clone().or_else(|| beside(name));
    match &args.generator {
        Some(generator) => name(generator, url(generator).as_ref(), None, own),
        None if target.is_remote() && target.command().is_none() => {
            name(&target.name, url(&target.name).as_ref(), None, own.over(&target.parameters))
        }
        None => name(Embedded::Instructions.name(), args.generator_url.as_ref(), None, own),
    }
}

/// Whether two models are behind one provider, and so behind one gateway.
pub(super) fn have_one_provider(one: &str, other: &str) -> bool {
    let provider = |name: &str| Some(name.split_once(['/', ':'])?.0.to_owned());
    provider(one).is_some() && provider(one) == provider(other)
}

/// A model's name, and where and how it is asked.
pub(super) fn name(
    name: &str,
    url: Option<&String>,
    api: Option<TargetApi>,
    parameters: Parameters,
) -> ModelName {
    let api = api.map(|api| match api {
        TargetApi::Chat => Api::Chat,
        TargetApi::Completions => Api::Completions,
    });
    ModelName { name: name.to_owned(), url: url.cloned(), api, parameters }
}
