//! Which models take part, and how they are loaded.

use std::sync::{Arc, Mutex, PoisonError};

use motjuste::model::{Parameters, RoleParameters};
use motjuste::task::Task;
use motjuste::{Error, Result};
use motjuste_lm::{LoadOptions, Precision, SoftPromptPlace, Template};
use motjuste_models::{ModelName, Opener, Options};
use motjuste_remote::{Api, Limits, Notices, Settings, Timeouts};

use crate::args::{
    CallArgs, ChatTemplate, LocalArgs, ModelArgs, SoftPlace, TargetApi, TargetArgs, WeightPrecision,
};
use crate::progress::Downloads;
use crate::{exit, summary};

/// What opens the models of a command.
pub(crate) fn opener(local: &LocalArgs, calls: &CallArgs) -> Opener {
    let shown = Mutex::new(Downloads::default());
    Opener::new(Options {
        load: load(local),
        remote: remote(calls),
        downloads: Some(Arc::new(move |file: &str, done, size| {
            shown.lock().unwrap_or_else(PoisonError::into_inner).show(file, done, size);
        })),
    })
}

/// How servers are asked.
fn remote(calls: &CallArgs) -> Settings {
    let timeouts = Timeouts::default();
    Settings {
        limits: Limits {
            concurrency: calls.concurrency,
            requests_per_minute: calls.requests_per_minute,
            tokens_per_minute: calls.tokens_per_minute,
        },
        timeouts: Timeouts { total: calls.timeout.unwrap_or(timeouts.total), ..timeouts },
        ca_file: calls.ca_file.clone(),
        allow_http_key: calls.allow_http_key,
        thinking_tokens: calls.thinking_tokens,
        notices: Notices::to(|notice| {
            let flag = notice.setting.as_ref().and_then(exit::flag);
            let flag = flag.map_or_else(String::new, |flag| format!(" ({flag})"));
            summary::note(&format!("{}{flag}", notice.text));
        }),
        ..Settings::default()
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

/// The table of one role, which must be the same in all tasks of a command.
pub(super) fn table(
    tasks: &[Task],
    role: fn(&RoleParameters) -> &Parameters,
) -> Result<Parameters> {
    let mut tables = tasks.iter().map(|task| role(task.parameters()));
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
            WeightPrecision::F32 => Precision::F32,
            WeightPrecision::Q8_0 => Precision::Q8_0,
        },
        template: match args.chat_template {
            ChatTemplate::Auto => Template::Auto,
            ChatTemplate::Always => Template::Chat,
            ChatTemplate::Never => Template::None,
        },
        soft_prompt_place: match args.soft_prompt_place {
            SoftPlace::Front => SoftPromptPlace::Front,
            SoftPlace::BehindSystem => SoftPromptPlace::BehindSystem,
        },
    }
}

/// The target's name, asked with the table of the task.
pub(crate) fn target_name(args: &TargetArgs, table: &Parameters) -> ModelName {
    let parameters = parameters(args.target_params.as_ref(), table, &args.calls);
    name(&args.target, args.target_url.as_ref(), args.target_api, parameters)
}

/// The generator's name, asked with the table of the task.
pub(crate) fn generator_name(args: &ModelArgs, table: &Parameters) -> ModelName {
    let parameters = parameters(args.generator_params.as_ref(), table, &args.target.calls);
    name(&args.generator, args.generator_url.as_ref(), None, parameters)
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
