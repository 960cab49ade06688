//! What was typed to make a response matrix, or to run methods on some.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use motjuste::money::Usd;

use super::values::{Amount, dollars, methods};
use super::{DataArgs, TargetArgs, TaskArgs};

#[derive(Debug, ClapArgs)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub task: TaskArgs,

    /// The instructions: a JSONL file with `instruction` and, if you like, `source`; or a text file with one a
    /// line.
    #[arg(long, value_name = "FILE")]
    pub instructions: PathBuf,

    /// The first so many of them alone.
    #[arg(long, value_name = "N")]
    pub first: Option<usize>,

    /// The Parquet file to write. Where it is there, it grows: what it has stays and is not scored again.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub target: TargetArgs,

    /// US dollars.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub budget_usd: Option<Usd>,

    /// Do not ask before calls leave for a server. Without a terminal, and with --json, calls that cost money
    /// need this or --budget-usd.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// The task files.
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

    /// The matrix of each task: the name of a file in the folder that is called as the task file is, such as
    /// ruler/animals/NAME for ruler/animals.toml; with one task, a file's path.
    #[arg(long, value_name = "NAME", default_value = "smollm2.parquet")]
    pub matrix: PathBuf,

    /// The methods or presets, the one first that the others are compared with. One that asks in words has a simulated
    /// writer of the matrix's instructions.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', value_parser = methods(), required = true)]
    pub methods: Vec<String>,

    /// A further method with other settings, such as `uniform batch=50`; may be repeated.
    #[arg(long = "variant", value_name = "NAME KEY=VALUE …")]
    pub variants: Vec<String>,

    /// Seeds, from --seed on.
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,

    /// The first seed.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,

    /// Numbers of paid calls after which the answers are compared.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [500, 1000, 3300])]
    pub target_calls: Vec<u64>,

    /// How many dev examples score an instruction, or `all` [default: what each method wants: 100 for those that
    /// race, else 20].
    #[arg(long, value_name = "N")]
    pub dev_examples: Option<Amount>,
}
