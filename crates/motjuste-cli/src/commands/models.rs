//! `motjuste models`: what can be used here, and the embedded model for others to use.

use std::path::Path;
use std::process::ExitCode;

use motjuste::Result;

use crate::args::{ModelsArgs, ModelsCommand};
use crate::{summary, wiring};

pub(crate) fn models(args: ModelsArgs, json: bool) -> Result<ExitCode> {
    match args.command {
        Some(ModelsCommand::Export { folder }) => export(&folder, json),
        None => list(json),
    }
}

fn list(json: bool) -> Result<ExitCode> {
    let embedded = wiring::open_model(wiring::EMBEDDED)?;
    summary::models(embedded.description(), json)?;
    Ok(ExitCode::SUCCESS)
}

fn export(folder: &Path, json: bool) -> Result<ExitCode> {
    wiring::open_model(wiring::EMBEDDED)?.export_folder(folder)?;
    summary::exported(folder, json);
    Ok(ExitCode::SUCCESS)
}
