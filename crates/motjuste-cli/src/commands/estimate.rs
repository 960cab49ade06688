//! `motjuste estimate`: what a run may use at the most; and the question before a run that calls a
//! server.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use motjuste::storage::InMemory;
use motjuste::study::Study;
use motjuste::{Error, Result};

use crate::args::RunArgs;
use crate::{summary, wiring};

pub(crate) async fn estimate(args: RunArgs, json: bool) -> Result<ExitCode> {
    let setup = wiring::setup(&args, Arc::new(InMemory::default()), Arc::default())?;
    let budget = setup.budget;
    let study = Study::open(setup).await?;
    summary::forecast(&study.forecast()?, &budget, &wiring::unpriced(&args)?, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the worst case and asks whether to go on, where calls leave for a server and somebody is
/// there to answer.
pub(super) fn agree(args: &RunArgs, study: &Study, json: bool) -> Result<()> {
    let nobody = json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal();
    let remote = wiring::remote_models(args);
    if remote.is_empty() || study.is_finished() {
        return Ok(());
    }
    for name in wiring::unpriced(args)? {
        summary::note(&format!(
            "no price is known for {name}: money is not counted (--prices FILE gives one)"
        ));
    }
    if args.yes || nobody {
        return Ok(());
    }
    let forecast = study.forecast()?;
    summary::note(&summary::forecast_text(&forecast, study.ledger().budget()));
    match summary::ask(&format!("call {}?", remote.join(" and ")))? {
        true => Ok(()),
        false => Err(Error::interrupted().with_help("nothing was spent; --yes does not ask")),
    }
}
