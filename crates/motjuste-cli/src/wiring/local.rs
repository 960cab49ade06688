//! Open models on this machine: the embedded one, folders, files, the Hugging Face Hub.

use std::path::Path;
use std::sync::Arc;

use motjuste::{Error, Result};
use motjuste_lm::{LoadOptions, OpenModel, Precision, SoftPromptPlace, Template};
use motjuste_remote::Provider;

use crate::args::{ChatTemplate, LocalArgs, SoftPlace, WeightPrecision};

/// The name of the model that is compiled into the binary.
const EMBEDDED: &str = "embedded";

/// How a model is loaded.
pub(super) fn options(args: &LocalArgs) -> LoadOptions {
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

/// Refuses options that no model of a command is loaded with.
pub(super) fn refuse_unused(options: &LoadOptions, names: &[&str]) -> Result<()> {
    let loads = names.iter().any(|name| *name != EMBEDDED && !super::models::is_remote(name));
    if loads || *options == LoadOptions::default() {
        return Ok(());
    }
    Err(Error::configuration("the options for local models apply to none of the models").with_help(
        "--precision, --chat-template and --soft-prompt-place are for models from a folder, a \
         GGUF file or the Hub",
    ))
}

/// The local model of this name.
pub(crate) fn open(name: &str, options: &LoadOptions) -> Result<Arc<OpenModel>> {
    let path = Path::new(name);
    if name == EMBEDDED {
        return OpenModel::embedded();
    }
    if path.is_dir() {
        return OpenModel::from_folder(path, options).map(Arc::new);
    }
    if path.extension().is_some_and(|extension| extension == "gguf") {
        return OpenModel::from_gguf(path, options).map(Arc::new);
    }
    match name.strip_prefix("hf/") {
        Some(repository) => from_hub(repository, options).map(Arc::new),
        None => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Error {
    let providers: Vec<_> = Provider::names().collect();
    Error::configuration(format!("unknown model \"{name}\"")).with_help(format!(
        "use `embedded`; a folder with config.json, tokenizer.json and model.safetensors; a GGUF \
         file; hf/ORG/NAME from the Hugging Face Hub; or PROVIDER/MODEL with one of {}",
        providers.join(", ")
    ))
}

/// The model of a repository on the Hugging Face Hub, given as `ORG/NAME` or `ORG/NAME@REVISION`.
#[cfg(feature = "hub")]
fn from_hub(repository: &str, options: &LoadOptions) -> Result<OpenModel> {
    let (name, revision) = repository.split_once('@').unwrap_or((repository, "main"));
    let mut download = crate::progress::Downloads::default();
    OpenModel::from_hub(name, revision, options, &mut |part| {
        download.show(part.file, part.done, part.size);
    })
}

#[cfg(not(feature = "hub"))]
fn from_hub(repository: &str, _options: &LoadOptions) -> Result<OpenModel> {
    Err(Error::configuration(format!("this motjuste cannot download {repository}"))
        .with_help("download it with another program, and give the path of its folder"))
}
