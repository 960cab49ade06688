//! What was typed.

mod calls;
mod compare;
mod convert;
mod from;
mod matrix;
mod models;
mod prices;
mod run;
mod serve;
mod solve;
mod study;
mod task;
mod unread;
mod values;
mod worker;

pub(crate) use calls::{Cache, CallArgs};
pub(crate) use compare::{Combine, CompareArgs, CompareBudgetArgs, Suite};
pub(crate) use convert::{AUTO, ExportArgs, ImportArgs, InitArgs};
pub(crate) use matrix::{MatrixArgs, ReplayArgs};
pub(crate) use models::{
    ActivationBits, ChatTemplate, DoctorArgs, LocalArgs, ModelArgs, ModelsArgs, ModelsCommand,
    SoftPlace, TargetApi, TargetArgs, WeightPrecision,
};
pub(crate) use prices::PricesArgs;
pub(crate) use run::{BudgetArgs, CapArgs, MethodArgs, RunArgs};
pub(crate) use serve::ServeArgs;
pub(crate) use solve::{
    LinregArgs, ModeName, SearchArgs, SolveArgs, SolveBudgetArgs, SolveProblem, TspArgs,
};
pub(crate) use study::{EvalArgs, InspectArgs, ReportArgs, ScoreArgs, SplitName, StudyArgs};
pub(crate) use task::{DataArgs, DatasetMode, TaskArgs};
pub(crate) use unread::read;
use values::above_zero;
pub(crate) use values::{Amount, Limit};
pub(crate) use worker::WorkerArgs;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Finds the wording that makes a language model do a task.
#[derive(Debug, Parser)]
#[command(name = "motjuste", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,

    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,

    /// Where studies and paid responses are kept: a file, or postgresql://USER@HOST/DATABASE for many machines; :memory: keeps
    /// nothing.
    #[arg(
        long,
        global = true,
        env = "MOTJUSTE_STORE",
        hide_env_values = true,
        default_value = ".motjuste/store.sqlite",
        value_name = "STORE"
    )]
    pub store: OsString,

    /// Tell on the terminal what is going on: -v retries and failures, -vv every call and wait, -vvv the
    /// cache, too.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Write what is going on to this file, whatever is told on the terminal.
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// Threads for local models; the default is one per core. Results never depend on it.
    #[arg(long, global = true, value_name = "N", value_parser = above_zero::<usize>())]
    pub threads: Option<usize>,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 2 wrong request; 3 a budget cap ended the search \
    early, result written; 4 data; 5 model; 6 store; 7 output; 8 numerics; 130 interrupted (143 by \
    SIGTERM, 129 by SIGHUP), run again to go on.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a task file for your own rows: asks, or takes flags.
    Init(InitArgs),
    /// Make a task of the files of promptfoo, OpenAI's evals, MLflow, Langfuse or DSPy, or of chat transcripts.
    Import(ImportArgs),
    /// Search, choose, prove it on held-out examples, write the report; goes on where it stopped.
    Run(RunArgs),
    /// Run many methods, or one in many settings, over tasks and seeds under equal budgets, and say which is better; goes
    /// on where it stopped.
    Compare(Box<CompareArgs>),
    /// Score a pool of instructions on every dev and test row, into a Parquet file.
    Matrix(MatrixArgs),
    /// Run methods on such files, many times and for nothing, and compare them.
    Replay(ReplayArgs),
    /// Say what a run may use at the most, and what is to be expected, before anything is spent; takes what `run` takes.
    Estimate(RunArgs),
    /// Show a study, or list all of them.
    Show(StudyArgs),
    /// List a study's trials.
    Trials(StudyArgs),
    /// Show a study whose generator is asked in words, step by step: what was read, replied, dropped, and why.
    Inspect(InspectArgs),
    /// Print a study's best instruction: to a pipe or a file its very bytes, on a terminal with control
    /// characters made visible.
    Best(StudyArgs),
    /// Serve the live page: every study of the store in a browser, as it runs.
    Serve(ServeArgs),
    /// Write a study's files and report page again.
    Report(ReportArgs),
    /// Write a study's prompt in the form of promptfoo, DSPy, MLflow or Langfuse, or as messages.
    Export(ExportArgs),
    /// Score one instruction on a split of a task.
    Eval(EvalArgs),
    /// Score answers that are there already, and say why: without any model, unless the task names a judge.
    Score(ScoreArgs),
    /// Put a mathematical problem of OPRO to a language model, beside methods that need none.
    Solve(SolveArgs),
    /// Make the calls of studies that other processes run on the same PostgreSQL store.
    Worker(WorkerArgs),
    /// List the models that can be used, or write an embedded one to a folder.
    Models(ModelsArgs),
    /// List what models cost, or take over a table of prices from a file.
    Prices(PricesArgs),
    /// Print the completions of a shell, for it to read.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a manual page, for `man -l -` to show.
    Man {
        /// The command [default: motjuste itself].
        command: Option<String>,
    },
    /// Write manual pages, one for each command, to a folder.
    Manpages {
        /// The folder, which is made.
        folder: PathBuf,
    },
    /// Check that the models are reachable and do what a study needs; that costs a few tokens.
    Doctor(DoctorArgs),
}
