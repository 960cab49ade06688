//! `motjuste eval`: the score of one instruction.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use motjuste::task::{Split, Task};
use motjuste::{Error, Result};
use motjuste_store::Address;

use crate::args::{EvalArgs, SplitName};
use crate::{files, signals, summary, wiring};

pub(crate) async fn eval(args: EvalArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let task = wiring::task(&args.task.task, &args.task.data, 0)?;
    let instruction = given(&args)?.map_or_else(|| in_use(&task), Ok)?;
    let storage = super::open_store(store).await?;
    let stop = Arc::default();
    let eval = wiring::eval(task, &args, storage, Arc::clone(&stop))?;
    signals::listen(stop, wiring::patience(&args.target.calls));
    let split = split(args.split);
    let examples = eval.task.split(split).to_vec();
    let (evaluation, estimate, account) = eval.score(&instruction, split).await?;
    let target = &args.target.target;
    summary::evaluation(target, &instruction, &examples, &evaluation, &estimate, &account, json)?;
    Ok(ExitCode::SUCCESS)
}

/// The split of this name.
pub(super) fn split(name: SplitName) -> Split {
    match name {
        SplitName::Train => Split::Train,
        SplitName::Dev => Split::Dev,
        SplitName::Test => Split::Test,
    }
}

/// The prompt in the file, or the argument as it stands.
fn given(args: &EvalArgs) -> Result<Option<String>> {
    match (&args.instruction, &args.instruction_file) {
        (Some(text), _) if text == "-" => files::prompt(Path::new("-")).map(Some),
        (Some(text), _) => Ok(Some(text.clone())),
        (None, Some(path)) => files::prompt(path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The prompt in use, where the task names one.
fn in_use(task: &Task) -> Result<String> {
    task.start().yours().map(str::to_owned).ok_or_else(|| {
        Error::configuration("no instruction to score").with_help(
            "give --instruction TEXT or --instruction-file FILE, or name the prompt in use in the task file (start = \
             FILE)",
        )
    })
}
