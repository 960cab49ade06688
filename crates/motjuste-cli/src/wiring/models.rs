//! Which models take part, and how they are loaded.

use std::sync::{Arc, Mutex, PoisonError};

use motjuste::Result;
use motjuste_lm::{Embedded, LoadOptions, Precision, SoftPromptPlace, Template};
use motjuste_models::{ModelName, Opener, Options};
use motjuste_remote::{Api, Environment, Limits};

use crate::args::{
    CallArgs, ChatTemplate, LocalArgs, ModelArgs, SoftPlace, TargetApi, TargetArgs, WeightPrecision,
};
use crate::progress::Downloads;

/// What opens the models of a command.
pub(crate) fn opener(local: &LocalArgs, calls: &CallArgs) -> Result<Opener> {
    let shown = Mutex::new(Downloads::default());
    Ok(Opener::new(Options {
        load: load(local),
        limits: Limits {
            concurrency: calls.concurrency,
            requests_per_minute: calls.requests_per_minute,
            tokens_per_minute: calls.tokens_per_minute,
        },
        downloads: Some(Arc::new(move |file: &str, done, size| {
            shown.lock().unwrap_or_else(PoisonError::into_inner).show(file, done, size);
        })),
        environment: environment(calls)?,
        processes: calls.processes.map(usize::from),
    }))
}

/// Where keys come from: this process' environment, and the file that was named.
fn environment(calls: &CallArgs) -> Result<Environment> {
    match &calls.env_file {
        Some(file) => Environment::process().with_file(file),
        None => Ok(Environment::process()),
    }
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

/// The name of the model that writes instructions: the one that was given, or the target where that is behind
/// an API, or the embedded one. It is asked where the target is, if both have one provider.
pub(crate) fn writer_name(args: &ModelArgs) -> ModelName {
    let target = target_name(&args.target);
    let named = match &args.generator {
        Some(generator) => ModelName::new(generator),
        None if target.is_remote() => ModelName { api: None, ..target.clone() },
        None => ModelName::new(Embedded::Instructions.name()),
    };
    let beside = target.url.filter(|_| provider(&named.name) == provider(&target.name));
    ModelName { url: args.generator_url.clone().or(beside), ..named }
}

fn provider(name: &str) -> Option<&str> {
    name.split_once('/').map(|(provider, _)| provider)
}

/// The target's name.
pub(crate) fn target_name(args: &TargetArgs) -> ModelName {
    name(&args.target, args.target_url.as_ref(), args.target_api)
}

/// A model's name, and where and how it is asked.
pub(super) fn name(name: &str, url: Option<&String>, api: Option<TargetApi>) -> ModelName {
    let api = api.map(|api| match api {
        TargetApi::Chat => Api::Chat,
        TargetApi::Completions => Api::Completions,
    });
    ModelName { name: name.to_owned(), url: url.cloned(), api }
}
