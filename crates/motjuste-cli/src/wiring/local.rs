//! Open models on this machine: the embedded ones, folders, files, the Hugging Face Hub.

use std::path::Path;
use std::sync::Arc;

use motjuste::model::Embedder;
use motjuste::{Error, Result};
use motjuste_lm::{
    Embedded, LoadOptions, OpenModel, Precision, PromptEmbedder, SoftPromptPlace, Template,
};
use motjuste_remote::Provider;

use crate::args::{ChatTemplate, LocalArgs, SoftPlace, WeightPrecision};

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
    let loads = |name: &&str| Embedded::named(name).is_none() && !super::models::is_remote(name);
    if names.iter().any(loads) || *options == LoadOptions::default() {
        return Ok(());
    }
    Err(Error::configuration("the options for local models apply to none of the models").with_help(
        "--precision, --chat-template and --soft-prompt-place are for models from a folder, a \
         GGUF file or the Hub",
    ))
}

/// Where a local model is.
enum Place<'a> {
    Embedded(Embedded),
    Folder(&'a Path),
    Gguf(&'a Path),
    Hub(&'a str),
}

impl<'a> Place<'a> {
    fn of(name: &'a str) -> Result<Self> {
        let path = Path::new(name);
        if let Some(embedded) = Embedded::named(name) {
            return Ok(Self::Embedded(embedded));
        }
        match name.strip_prefix("hf/") {
            _ if path.is_dir() => Ok(Self::Folder(path)),
            _ if is_gguf(path) => Ok(Self::Gguf(path)),
            Some(repository) => Ok(Self::Hub(repository)),
            None => Err(unknown(name)),
        }
    }
}

/// Whether this is the name of a GGUF file.
pub(crate) fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gguf")
}

/// The local model of this name.
pub(crate) fn open(name: &str, options: &LoadOptions) -> Result<Arc<OpenModel>> {
    match Place::of(name)? {
        Place::Embedded(embedded) => embedded.open(),
        Place::Folder(path) => OpenModel::from_folder(path, options).map(Arc::new),
        Place::Gguf(path) => OpenModel::from_gguf(path, options).map(Arc::new),
        Place::Hub(repository) => hub::model(repository, options).map(Arc::new),
    }
}

/// The reading end of the local model of this name.
pub(crate) fn embedder(name: &str, options: &LoadOptions) -> Result<Arc<dyn Embedder>> {
    Ok(Arc::new(match Place::of(name)? {
        Place::Embedded(embedded) => embedded.embedder()?,
        Place::Folder(path) => PromptEmbedder::from_folder(path, options)?,
        Place::Gguf(path) => PromptEmbedder::from_gguf(path, options)?,
        Place::Hub(repository) => hub::embedder(repository, options)?,
    }))
}

fn unknown(name: &str) -> Error {
    let providers: Vec<_> = Provider::names().collect();
    Error::configuration(format!("unknown model \"{name}\"")).with_help(format!(
        "use `embedded`; a folder with config.json, tokenizer.json and model.safetensors; a GGUF \
         file; hf/ORG/NAME from the Hugging Face Hub; or PROVIDER/MODEL with one of {}",
        providers.join(", ")
    ))
}

/// Repositories of the Hugging Face Hub, given as `ORG/NAME` or `ORG/NAME@REVISION`.
#[cfg(feature = "hub")]
mod hub {
    use motjuste::Result;
    use motjuste_lm::{Download, LoadOptions, OpenModel, PromptEmbedder};

    use crate::progress::Downloads;

    pub(super) fn model(repository: &str, options: &LoadOptions) -> Result<OpenModel> {
        let (name, revision) = parts(repository);
        OpenModel::from_hub(name, revision, options, &mut shown())
    }

    pub(super) fn embedder(repository: &str, options: &LoadOptions) -> Result<PromptEmbedder> {
        let (name, revision) = parts(repository);
        PromptEmbedder::from_hub(name, revision, options, &mut shown())
    }

    fn parts(repository: &str) -> (&str, &str) {
        repository.split_once('@').unwrap_or((repository, "main"))
    }

    fn shown() -> impl FnMut(Download<'_>) {
        let mut downloads = Downloads::default();
        move |part| downloads.show(part.file, part.done, part.size)
    }
}

#[cfg(not(feature = "hub"))]
mod hub {
    use motjuste::{Error, Result};
    use motjuste_lm::{LoadOptions, OpenModel, PromptEmbedder};

    pub(super) fn model(repository: &str, _options: &LoadOptions) -> Result<OpenModel> {
        Err(refuse(repository))
    }

    pub(super) fn embedder(repository: &str, _options: &LoadOptions) -> Result<PromptEmbedder> {
        Err(refuse(repository))
    }

    fn refuse(repository: &str) -> Error {
        Error::configuration(format!("this motjuste cannot download {repository}"))
            .with_help("download it with another program, and give the path of its folder")
    }
}
