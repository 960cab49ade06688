//! `motjuste matrix`: a pool of instructions, scored on every dev and test row.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::Result;
use motjuste::matrix::Matrix;
use motjuste_store::Address;

use super::consent::Consent;
use crate::args::MatrixArgs;
use crate::{files, signals, summary, wiring};

pub(crate) async fn matrix(args: MatrixArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let mut pool = files::wordings(&args.instructions)?;
    pool.truncate(args.first.unwrap_or(usize::MAX));
    files::prepare_beside(&args.out)?;
    let known = args.out.exists().then(|| Matrix::read(&args.out)).transpose()?;
    let new = pool.len() - known.as_ref().map_or(0, |known| known.count(&pool));
    let storage = super::open_store(store).await?;
    let stop = Arc::default();
    let eval = wiring::eval_of_matrix(&args, storage, Arc::clone(&stop))?;
    let calls = new * (eval.task.dev().len() + eval.task.test().len());
    let question = |names: &str| Ok(format!("{names} will be called {calls} times. Go on?"));
    let consent = Consent { is_given: args.yes, is_capped: args.budget_usd.is_some(), json };
    consent.ask(&wiring::servers_of_matrix(&args)?, question)?;
    signals::listen(stop, wiring::patience(&args.target.calls));
    let (done, all) = (AtomicUsize::new(0), new);
    let tell = || tell(done.fetch_add(1, Ordering::Relaxed) + 1, all);
    let matrix = Matrix::fill(eval, pool, known, &tell).await?;
    let mut parquet = Vec::new();
    matrix.write(&mut parquet)?;
    files::write(args.out.clone(), parquet)?;
    summary::matrix(&matrix, &args.out, json);
    Ok(ExitCode::SUCCESS)
}

/// Every tenth instruction that is scored is told.
fn tell(done: usize, all: usize) {
    if done.is_multiple_of(10) || done == all {
        summary::note(&format!("{done}/{all} instructions"));
    }
}
