//! `motjuste models`: what can be used here, and the embedded model for others to use.

use std::path::Path;
use std::process::ExitCode;

use motjuste::Result;
use motjuste_lm::OpenModel;

use crate::args::{ModelsArgs, ModelsCommand};
use crate::summary;

pub(crate) fn models(args: ModelsArgs, json: bool) -> Result<ExitCode> {
    match args.command {
        Some(ModelsCommand::Export { folder }) => export(&folder, json),
        None => list(json),
    }
}

fn list(json: bool) -> Result<ExitCode> {
    let embedded = OpenModel::embedded()?;
    summary::models(embedded.description(), json)?;
    Ok(ExitCode::SUCCESS)
}

fn export(folder: &Path, json: bool) -> Result<ExitCode> {
    OpenModel::embedded()?.export_folder(folder)?;
    summary::exported(folder, json);
    Ok(ExitCode::SUCCESS)
}
