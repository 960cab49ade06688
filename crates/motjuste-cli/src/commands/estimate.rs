//! `motjuste estimate`: what a run may use at the most.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::Result;
use motjuste::storage::InMemory;

use crate::args::RunArgs;
use crate::{summary, wiring};

pub(crate) async fn estimate(mut args: RunArgs, json: bool) -> Result<ExitCode> {
    args.models.target.calls.plan = true;
    let storage = Arc::new(InMemory::default());
    let (study, servers) = wiring::study(&args, storage, None, Arc::default())?;
    let study = study.open().await?;
    let (worst, expected) = (study.forecast()?, study.expected()?);
    summary::estimate(&worst, &expected, study.ledger().budget(), &servers, json)?;
    Ok(ExitCode::SUCCESS)
}
