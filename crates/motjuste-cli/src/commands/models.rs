//! `motjuste models`: what can be used here, and the embedded models for others to use.

use std::path::Path;
use std::process::ExitCode;

use motjuste::{Error, Result};
use motjuste_lm::{Embedded, Precision};

use crate::args::{ModelsArgs, ModelsCommand};
use crate::{files, summary};

pub(crate) fn models(args: ModelsArgs, json: bool) -> Result<ExitCode> {
    match (args.command, args.path) {
        (Some(ModelsCommand::Export { path, model, force }), _) => {
            export(model, &path, force, json)
        }
        (None, Some(path)) => look(&path, json),
        (None, None) => list(json),
    }
}

fn list(json: bool) -> Result<ExitCode> {
    let described = |model: Embedded| Ok((model, model.open()?.description().clone()));
    let models = Embedded::ALL.into_iter().map(described).collect::<Result<Vec<_>>>()?;
    summary::models(&models, json)?;
    Ok(ExitCode::SUCCESS)
}

/// What a model's files are.
fn look(path: &Path, json: bool) -> Result<ExitCode> {
    if let Some(embedded) = path.to_str().filter(|_| !path.exists()).and_then(Embedded::named) {
        let message = format!("{} is no file: it is in the binary", embedded.name());
        return Err(Error::configuration(message)
            .with_help("`motjuste models` without a path says what it is"));
    }
    summary::inspected(&motjuste_lm::inspect(path)?, json)?;
    Ok(ExitCode::SUCCESS)
}

fn export(model: Embedded, path: &Path, force: bool, json: bool) -> Result<ExitCode> {
    let opened = model.open()?;
    let form = if path.extension().is_some_and(|extension| extension == "gguf") {
        files::into_file(path, force, |path| opened.export_gguf(path, Precision::F32))?;
        "GGUF file"
    } else {
        files::into_folder(path, force, |folder| opened.export_folder(folder))?;
        "Hugging Face folder"
    };
    summary::exported(model, path, form, json)?;
    Ok(ExitCode::SUCCESS)
}
