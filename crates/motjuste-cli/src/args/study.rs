//! What was typed to look at a study, or to score one instruction.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use motjuste::money::Usd;

use super::values::dollars;
use super::{CallArgs, DataArgs, LocalArgs, TargetArgs, TaskArgs};

#[derive(Debug, ClapArgs)]
pub(crate) struct StudyArgs {
    /// The study's name, or the beginning of it.
    pub study: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub study: StudyArgs,

    /// Print what the generator was asked in this step.
    #[arg(long, value_name = "STEP")]
    pub meta_prompt: Option<usize>,

    /// The task, for the examples that a meta-prompt shows.
    #[arg(long, value_name = "TASK", requires = "meta_prompt")]
    pub task: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// The study's name, or the beginning of it.
    pub study: String,

    /// The task, for the examples behind the scores, which the store does not keep.
    #[arg(long, value_name = "TASK")]
    pub task: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

    /// The folder for the files [default: runs/STUDY].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Replace files in their way that are not a result of ours, too.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EvalArgs {
    #[command(flatten)]
    pub task: TaskArgs,

    /// The instruction to score; - is what is piped in [default: the prompt in use that the task names].
    #[arg(long, value_name = "TEXT", conflicts_with = "instruction_file")]
    pub instruction: Option<String>,

    /// A file whose bytes are the instruction, such as a run's prompt.txt; - is what is piped in.
    #[arg(long, value_name = "FILE")]
    pub instruction_file: Option<PathBuf>,

    /// The examples to score it on.
    #[arg(long, value_enum, default_value_t = SplitName::Test)]
    pub split: SplitName,

    #[command(flatten)]
    pub target: TargetArgs,

    /// US dollars.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub budget_usd: Option<Usd>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub task: TaskArgs,

    /// A file of answers: JSON objects with `answer` and `row` (from 1) or `index` (from 0), one a line; or
    /// one answer a line, in the order of the split; - is what is piped in.
    #[arg(long, value_name = "FILE", required_unless_present = "echo")]
    pub answers: Option<PathBuf>,

    /// Score each row's own input in place of an answer: what the task gives to whoever says the question back.
    #[arg(long, conflicts_with = "answers")]
    pub echo: bool,

    /// The examples that the answers are to.
    #[arg(long, value_enum, default_value_t = SplitName::Test)]
    pub split: SplitName,

    /// Where the judge is that the task names, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub judge_url: Option<String>,

    /// US dollars for the judge.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub budget_usd: Option<Usd>,

    #[command(flatten)]
    pub local: LocalArgs,

    #[command(flatten)]
    pub calls: CallArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SplitName {
    Train,
    Dev,
    Test,
}
