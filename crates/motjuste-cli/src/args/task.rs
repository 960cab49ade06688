//! What the task is: a file, or a published dataset.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct TaskArgs {
    /// The task file; with --data, the name of a published dataset: gsm8k, aqua, multiarith, bbh/TASK,
    /// mmlu/SUBJECT or instruction_induction/TASK.
    pub task: PathBuf,

    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DataArgs {
    /// The folder below which the published files of the datasets lie.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// How a published dataset is read and its answers judged.
    #[arg(long, value_enum, requires = "data", value_name = "MODE")]
    pub mode: Option<DatasetMode>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DatasetMode {
    /// Without the faults of the published code; the default.
    Strict,
    /// As the published code does it.
    Compat,
    /// As the published code does it for GPT models: \boxed{} holds the answer.
    CompatBoxed,
}
