//! `motjuste estimate`: what a run may use at the most.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::Result;
use motjuste::storage::InMemory;
use motjuste::study::Study;

use crate::args::RunArgs;
use crate::{summary, wiring};

pub(crate) async fn estimate(args: RunArgs, json: bool) -> Result<ExitCode> {
    let (setup, servers) = wiring::setup(&args, Arc::new(InMemory::default()), Arc::default())?;
    let budget = setup.budget;
    let study = Study::open(setup).await?;
    summary::forecast(&study.forecast()?, &budget, &servers.unpriced, json)?;
    Ok(ExitCode::SUCCESS)
}
