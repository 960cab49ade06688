//! `motjuste prices`: what models cost, and where that is known from.

use std::path::Path;
use std::process::ExitCode;

use motjuste::{Error, Result};
use motjuste_models::Prices;

use crate::args::PricesArgs;
use crate::{config, summary};

pub(crate) fn prices(args: &PricesArgs, json: bool) -> Result<ExitCode> {
    let installed = config::prices();
    match &args.update {
        Some(file) => update(file, installed.as_deref(), args.prices.as_deref(), json)?,
        None => {
            let prices = Prices::load(args.prices.as_deref(), installed.as_deref())?;
            summary::prices(&prices, args.name.as_deref(), json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn update(file: &Path, installed: Option<&Path>, first: Option<&Path>, json: bool) -> Result<()> {
    let place = installed.ok_or_else(|| {
        Error::configuration("this user has no folder for settings")
            .with_help("set MOTJUSTE_CONFIG to a folder, or give --prices FILE to each command")
    })?;
    if let Some(first) = first {
        summary::note(&format!("{} still goes before it", first.display()));
    }
    summary::installed(&Prices::install(file, place)?, json)
}
