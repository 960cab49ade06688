//! `motjuste models`: what can be used here.

use std::process::ExitCode;

use motjuste::Result;

use crate::{summary, wiring};

pub(crate) fn models(json: bool) -> Result<ExitCode> {
    let embedded = wiring::open_model(wiring::EMBEDDED)?;
    summary::models(embedded.description(), json)?;
    Ok(ExitCode::SUCCESS)
}
