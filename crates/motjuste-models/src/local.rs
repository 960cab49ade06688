//! Open models on this machine: the embedded ones, folders, files, the Hugging Face Hub.

use std::path::Path;
use std::sync::Arc;

use motjuste::model::Embedder;
use motjuste::{Error, Result};
use motjuste_lm::{Embedded, LoadOptions, OpenModel, PromptEmbedder};
use motjuste_remote::Provider;

use crate::name::ModelName;
use crate::options::Options;
use crate::suggest;

/// Refuses options that no model of a command is loaded with.
pub(crate) fn refuse_unused(options: &LoadOptions, names: &[&str]) -> Result<()> {
    let loads = |name: &&str| Embedded::named(name).is_none() && !ModelName::new(*name).is_remote();
    if names.iter().any(loads) || *options == LoadOptions::default() {
        return Ok(());
    }
    Err(Error::configuration("the options for local models apply to none of the models").with_help(
        "precision, bits of activations, chat template and the place of soft prompts are for models from \
         a folder, a GGUF file or the Hub",
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
fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gguf")
}

/// The local model of this name.
pub(crate) fn open(name: &str, options: &Options) -> Result<Arc<OpenModel>> {
    match Place::of(name)? {
        Place::Embedded(embedded) => embedded.open(),
        Place::Folder(path) => OpenModel::from_folder(path, &options.load).map(Arc::new),
        Place::Gguf(path) => OpenModel::from_gguf(path, &options.load).map(Arc::new),
        Place::Hub(repository) => hub::model(repository, options).map(Arc::new),
    }
}

/// The reading end of the local model of this name.
pub(crate) fn embedder(name: &str, options: &Options) -> Result<Arc<dyn Embedder>> {
    Ok(Arc::new(match Place::of(name)? {
        Place::Embedded(embedded) => embedded.embedder()?,
        Place::Folder(path) => PromptEmbedder::from_folder(path, &options.load)?,
        Place::Gguf(path) => PromptEmbedder::from_gguf(path, &options.load)?,
        Place::Hub(repository) => hub::embedder(repository, options)?,
    }))
}

fn unknown(name: &str) -> Error {
    let providers: Vec<_> = Provider::names().collect();
    let known = format!(
        "use `embedded`; a folder with config.json, tokenizer.json and model.safetensors; a GGUF \
         file; hf/ORG/NAME from the Hugging Face Hub; command:PROGRAM; the http:// address of a web \
         service; or PROVIDER/MODEL with one of {}",
        providers.join(", ")
    );
    let help = match suggest::for_name(name) {
        Some(meant) => format!("{meant} Otherwise {known}"),
        None => known,
    };
    Error::configuration(format!("unknown model \"{name}\"")).with_help(help)
}

/// Repositories of the Hugging Face Hub, given as `ORG/NAME` or `ORG/NAME@REVISION`.
#[cfg(feature = "hub")]
mod hub {
    use motjuste::Result;
    use motjuste_lm::{Download, OpenModel, PromptEmbedder};

    use crate::options::Options;

    pub(super) fn model(repository: &str, options: &Options) -> Result<OpenModel> {
        let (name, revision) = parts(repository);
        OpenModel::from_hub(name, revision, &options.load, &mut told(options))
    }

    pub(super) fn embedder(repository: &str, options: &Options) -> Result<PromptEmbedder> {
        let (name, revision) = parts(repository);
        PromptEmbedder::from_hub(name, revision, &options.load, &mut told(options))
    }

    fn parts(repository: &str) -> (&str, &str) {
        repository.split_once('@').unwrap_or((repository, "main"))
    }

    fn told(options: &Options) -> impl FnMut(Download<'_>) {
        let downloads = options.downloads.clone();
        move |part| {
            if let Some(downloads) = &downloads {
                downloads(part.file, part.done, part.size);
            }
        }
    }
}

#[cfg(not(feature = "hub"))]
mod hub {
    use motjuste::{Error, Result};
    use motjuste_lm::{OpenModel, PromptEmbedder};

    use crate::options::Options;

    pub(super) fn model(repository: &str, _: &Options) -> Result<OpenModel> {
        Err(refuse(repository))
    }

    pub(super) fn embedder(repository: &str, _: &Options) -> Result<PromptEmbedder> {
        Err(refuse(repository))
    }

    fn refuse(repository: &str) -> Error {
        Error::configuration(format!("this motjuste cannot download {repository}"))
            .with_help("download it with another program, and give the path of its folder")
    }
}
