//! `motjuste estimate`: what a run may use at the most.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::Result;
use motjuste::storage::InMemory;

use crate::args::RunArgs;
use crate::{summary, wiring};

pub(crate) async fn estimate(args: RunArgs, json: bool) -> Result<ExitCode> {
    let (study, servers) = wiring::study(&args, Arc::new(InMemory::default()), None, Arc::default())?;
    let study = study.open().await?;
    summary::forecast(&study.forecast()?, study.ledger().budget(), &servers.unpriced, json)?;
    Ok(ExitCode::SUCCESS)
}
