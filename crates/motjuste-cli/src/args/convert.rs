//! What was typed to bring a task in, or to take a result out.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use motjuste_convert::{Format, Target};

use super::DataArgs;

/// The format that is found in the first file.
pub(crate) const AUTO: &str = "auto";

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// The form that the files are in; `auto` finds it.
    #[arg(value_name = "FORMAT", value_parser = formats())]
    pub format: String,

    /// The files: rows, and what belongs to them, such as a prompt or graders.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The folder for the task [default: the task's name].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// The form to write.
    #[arg(value_name = "FORMAT", value_parser = targets())]
    pub format: String,

    /// The study's name, or the beginning of it.
    pub study: String,

    /// The task of the study, for what stands around the instruction.
    #[arg(long, value_name = "TASK")]
    pub task: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

    /// The file to write [default: it is printed: to a pipe or a file its very bytes].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Replace a file that says something else.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The rows: JSONL, JSON, CSV, TSV or Parquet.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// The encoding of the rows, where it is not Unicode, such as windows-1252.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// What divides the columns of a table [default: found in its header].
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<char>,

    /// A file with the prompt that you use today.
    #[arg(long, value_name = "FILE")]
    pub prompt: Option<PathBuf>,

    /// A column that the target is given; may be repeated [default: those that the prompt names, or all but
    /// the output].
    #[arg(long, value_name = "COLUMN")]
    pub input: Vec<String>,

    /// The column with the expected output [default: found by its name].
    #[arg(long, value_name = "COLUMN")]
    pub output: Option<String>,

    /// How answers are scored: a metric of docs/src/scores.md, or `judge` [default: what fits the outputs].
    #[arg(long, value_name = "NAME")]
    pub metric: Option<String>,

    /// The judging model, with `--metric judge`.
    #[arg(long, value_name = "MODEL")]
    pub judge: Option<String>,

    /// The model that the prompt is for, such as openai/gpt-4.1-mini: for the command that comes next.
    #[arg(long, value_name = "MODEL")]
    pub target: Option<String>,

    /// The task file to write.
    #[arg(long, value_name = "FILE", default_value = "task.toml")]
    pub out: PathBuf,

    /// Ask nothing: what is not given is found in the rows.
    #[arg(long, short)]
    pub yes: bool,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new([AUTO].into_iter().chain(Format::ALL.map(Format::name)))
}

fn targets() -> PossibleValuesParser {
    PossibleValuesParser::new(Target::ALL.map(Target::name))
}
