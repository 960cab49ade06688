//! `motjuste score`: the scores of answers that are there already, and why.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::Result;
use motjuste_store::Address;

use super::eval::split;
use crate::args::ScoreArgs;
use crate::{files, signals, summary, wiring};

pub(crate) async fn score(args: ScoreArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::open_store(store).await?;
    let stop = Arc::default();
    let given = wiring::given(&args, storage, Arc::clone(&stop))?;
    signals::listen(stop, wiring::patience(&args.calls));
    let split = split(args.split);
    let rows = given.task.split(split).to_vec();
    let answers = match &args.answers {
        Some(file) => files::answers(file, rows.len())?,
        None => given.echo(split),
    };
    let (verdicts, account) = given.score(&answers, split).await?;
    summary::scores(&rows, &answers, &verdicts, &account, json)?;
    Ok(ExitCode::SUCCESS)
}
