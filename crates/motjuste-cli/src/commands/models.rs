//! `motjuste models`: what can be used here, and the embedded models for others to use.

use std::path::Path;
use std::process::ExitCode;

use motjuste::Result;
use motjuste_lm::Embedded;

use crate::args::{ModelsArgs, ModelsCommand};
use crate::summary;

pub(crate) fn models(args: ModelsArgs, json: bool) -> Result<ExitCode> {
    match args.command {
        Some(ModelsCommand::Export { folder, model }) => export(model, &folder, json),
        None => list(json),
    }
}

fn list(json: bool) -> Result<ExitCode> {
    let described = |model: Embedded| Ok((model, model.open()?.description().clone()));
    let models = Embedded::ALL.into_iter().map(described).collect::<Result<Vec<_>>>()?;
    summary::models(&models, json)?;
    Ok(ExitCode::SUCCESS)
}

fn export(model: Embedded, folder: &Path, json: bool) -> Result<ExitCode> {
    model.open()?.export_folder(folder)?;
    summary::exported(model, folder, json);
    Ok(ExitCode::SUCCESS)
}
