//! The commands: one file for each thing a person can ask for.

mod compare;
mod consent;
mod doctor;
mod estimate;
mod eval;
mod export;
mod import;
mod init;
mod inspect;
mod looks;
mod manual;
mod matrix;
mod models;
mod prices;
mod replay;
mod report;
mod run;
mod score;
mod serve;
mod solve;
mod steps;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::work::Queue;
use motjuste::{Error, Result};
use motjuste_models::Servers;
use motjuste_store::{Address, Store};

use crate::args::{Args, Command};
use crate::{log, summary};

/// Does what was asked for.
pub(crate) fn run(args: Args) -> Result<ExitCode> {
    log::begin(args.verbose, args.log_file.as_deref())?;
    set_threads(args.threads)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::model(format!("no threads can be started: {error}")))?;
    runtime.block_on(dispatch(args))
}

async fn dispatch(args: Args) -> Result<ExitCode> {
    let (store, json) = (&Address::parse(&args.store)?, args.json);
    match args.command {
        Command::Init(init) => init::init(init, json),
        Command::Import(import) => import::import(import, json),
        Command::Run(run) => run::run(run, store, json).await,
        Command::Compare(asked) => compare::compare(*asked, store, json).await,
        Command::Show(study) => inspect::show(study, store, json).await,
        Command::Trials(study) => inspect::trials(study, store, json).await,
        Command::Inspect(steps) => steps::inspect(steps, store, json).await,
        Command::Best(study) => inspect::best(study, store, json).await,
        Command::Serve(asked) => serve::serve(asked, store, json).await,
        Command::Report(report) => report::report(report, store, json).await,
        Command::Export(export) => export::export(export, store, json).await,
        Command::Eval(eval) => eval::eval(eval, store, json).await,
        Command::Score(given) => score::score(given, store, json).await,
        Command::Matrix(matrix) => matrix::matrix(matrix, store, json).await,
        Command::Replay(asked) => replay::replay(asked, json).await,
        Command::Estimate(run) => estimate::estimate(run, json).await,
        Command::Doctor(doctor) => doctor::doctor(doctor, store, json).await,
        Command::Solve(solve) => solve::solve(solve, store, json).await,
        Command::Worker(args) => worker::worker(args, store, json).await,
        Command::Models(models) => models::models(models, json),
        Command::Prices(asked) => prices::prices(&asked, json),
        Command::Completions { shell } => Ok(manual::completions(shell)),
        Command::Man { command } => manual::page(command.as_deref()),
        Command::Manpages { folder } => manual::pages(&folder),
    }
}

/// More threads than this for each core make local models slower and slower.
const THREADS_A_CORE: usize = 8;

fn set_threads(threads: Option<usize>) -> Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = cores.saturating_mul(THREADS_A_CORE);
    if threads > most {
        summary::note(&format!(
            "{most} threads are used, not {threads}: this machine runs {cores} at once, and more make it slower"
        ));
    }
    let threads = threads.min(most);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|error| Error::configuration(format!("--threads {threads}: {error}")))
}

/// Says who makes the calls of a study whose store has a queue for them.
fn tell_workers(queue: Option<&dyn Queue>, servers: &Servers) {
    if let Some(queue) = queue.filter(|_| !servers.names.is_empty()) {
        summary::note(&summary::workers(queue.workers()));
    }
}

/// The store, made if need be.
async fn open_store(address: &Address) -> Result<Arc<dyn Store>> {
    if *address == Address::Memory {
        summary::note(
            "the store is in memory: what is paid for is forgotten when this command ends",
        );
    }
    motjuste_store::open(address).await
}

/// The store, which must be there, for reading: also while a study runs, and where nobody may write.
async fn existing_store(address: &Address) -> Result<Arc<dyn Store>> {
    motjuste_store::open_to_read(address).await
}
