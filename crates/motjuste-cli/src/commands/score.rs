//! `motjuste score`: the scores of answers that are there already, and why.

use std::process::ExitCode;

use motjuste::Result;
use motjuste_store::Address;

use super::eval::split;
use crate::args::ScoreArgs;
use crate::{files, summary, wiring};

pub(crate) async fn score(args: ScoreArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::open_store(store).await?;
    let given = wiring::given(&args, storage, super::stop_on_ctrl_c())?;
    let split = split(args.split);
    let rows = given.task.split(split).to_vec();
    let answers = files::answers(&args.answers, rows.len())?;
    let (verdicts, account) = given.score(&answers, split).await?;
    summary::scores(&rows, &answers, &verdicts, &account, json)?;
    Ok(ExitCode::SUCCESS)
}
