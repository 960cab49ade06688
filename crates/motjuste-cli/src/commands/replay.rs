//! `motjuste replay`: methods on response matrices, for nothing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::Result;
use motjuste::matrix::{Matrix, Replay, Ruler};
use motjuste::method::{GeneratorRole, Method};
use motjuste::study::DevExamples;

use crate::args::{Amount, DataArgs, ReplayArgs};
use crate::output::Replayed;
use crate::{summary, wiring};

pub(crate) async fn replay(args: ReplayArgs, json: bool) -> Result<ExitCode> {
    let replays = args.tasks.iter().map(|task| replay_of(task, &args.matrix, &args.data));
    let ruler = Ruler {
        replays: replays.collect::<Result<_>>()?,
        cells: wiring::cells_of_replay(&args)?,
        seeds: args.seed..args.seed.saturating_add(args.seeds),
        marks: args.target_calls.clone(),
        dev_examples: args.dev_examples.map_or(DevExamples::Usual, |Amount(count)| count.into()),
    };
    if let Some(words) = caveat(&ruler) {
        summary::note(words);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (done, all) = (AtomicUsize::new(0), ruler.len());
    let tell = || tell(done.fetch_add(1, Ordering::Relaxed) + 1, all);
    let readings = ruler.run(threads, &tell).await?;
    let measured = ruler.measured(&readings);
    match json {
        true => summary::json(&Replayed { methods: &measured, studies: &readings }),
        false => summary::line(&summary::measured(&measured).to_text()),
    }
    Ok(ExitCode::SUCCESS)
}

/// What a reader of the table must know of methods that ask in words.
fn caveat(ruler: &Ruler) -> Option<&'static str> {
    let mut roles = ruler.cells.iter().map(|cell| cell.method.needs().generator);
    let asks = roles.clone().any(|role| role == GeneratorRole::Words);
    match (asks, roles.any(|role| role == GeneratorRole::SoftPrompts)) {
        (false, _) => None,
        (true, false) => Some(
            "the writer is simulated: it replies with instructions of the matrix, and reads no example",
        ),
        (true, true) => Some(
            "the writer of methods that ask in words is simulated, and other rows are dealt to them: compare them with each \
             other, not with methods that decode soft prompts",
        ),
    }
}

/// Every tenth part is told.
fn tell(done: usize, all: usize) {
    if done.is_multiple_of(all.div_ceil(10)) || done == all {
        summary::note(&format!("{done}/{all} studies"));
    }
}

fn replay_of(task: &Path, matrix: &Path, data: &DataArgs) -> Result<Arc<Replay>> {
    let matrix = Matrix::read(&beside(task, matrix))?;
    Ok(Arc::new(Replay::new(wiring::task(task, data, 0)?, matrix)?))
}

/// The matrix in the folder that is called as the task file is, or where its path says.
fn beside(task: &Path, matrix: &Path) -> PathBuf {
    let own = task.with_extension("").join(matrix);
    if own.exists() { own } else { matrix.to_owned() }
}
