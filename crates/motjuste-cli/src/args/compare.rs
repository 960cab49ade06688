//! What was typed to compare methods, or one method in many settings.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use motjuste::experiment::ABLATIONS;
use motjuste::money::Usd;

use super::values::{Limit, above_zero, dollars, methods, share};
use super::{CapArgs, DataArgs, MethodArgs, ModelArgs};

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// The task files; with --data, names of published datasets.
    #[arg(value_name = "TASK", required_unless_present_any = ["suite", "from"])]
    pub tasks: Vec<PathBuf>,

    /// A suite of tasks, besides those that are named.
    #[arg(long, value_enum)]
    pub suite: Option<Suite>,

    /// A TOML file with flags of this command, such as `methods = ["motjuste", "opro"]` and `budget_target_calls = 1000`; `tasks`
    /// are the task files. What is typed takes its place; task files that are typed are added.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

    /// The methods or presets, the one first that the others are compared with, each in its default settings.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', value_parser = methods())]
    #[arg(conflicts_with_all = ["method", "ablations", "axes", "settings", "compat"])]
    pub methods: Vec<String>,

    /// A further method with other settings, such as `uniform batch=50`; may be repeated.
    #[arg(long = "variant", value_name = "NAME KEY=VALUE …")]
    #[arg(conflicts_with_all = ["method", "ablations", "axes", "settings", "compat"])]
    pub variants: Vec<String>,

    /// In place of many methods one, of which this is varied: what an ablation of the papers of OPRO
    /// and InstructZero varies; may be repeated.
    #[arg(long = "ablation", value_name = "NAME", value_parser = ABLATIONS)]
    pub ablations: Vec<String>,

    /// In place of many methods one, of which what this TOML file says is varied; a line of it is
    /// `exemplars = [3, 10, 0]`.
    #[arg(long, value_name = "FILE")]
    pub axes: Option<PathBuf>,

    /// One axis at a time, the others at their first choice; or every choice with every other.
    #[arg(long, value_enum, default_value_t = Combine::Each)]
    pub combine: Combine,

    /// Seeds, from --seed on.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub budget: CompareBudgetArgs,

    /// Studies that run side by side; what comes of them does not depend on it.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = above_zero::<usize>())]
    pub side_by_side: usize,

    #[command(flatten)]
    pub models: ModelArgs,

    /// List the methods and what the studies may use, and run nothing.
    #[arg(long)]
    pub plan: bool,

    /// The folder for the page and the tables [default: runs/compare-…].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Replace files in their way that are not a result of ours, too.
    #[arg(long)]
    pub force: bool,

    /// Also score on the test rows what each search held for the best as it went on, for a curve of test scores: up to 25 instructions a
    /// study, after the search.
    #[arg(long)]
    pub test_curve: bool,

    /// Look again at test rows that were looked at before.
    #[arg(long)]
    pub again: bool,

    /// Do not ask before calls leave for a server. Without a terminal, and with --json, calls that cost money
    /// need this or a cap on money, tokens or target calls.
    #[arg(long, short)]
    pub yes: bool,
}

/// Tasks that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// The tasks of the embedded model, in the folder `tasks` of the repository.
    Embedded,
    /// The six tasks of the ruler for a real model, in the folder `ruler` of the repository; needs --target.
    Real,
    /// The tasks of Honovich et al. (arXiv 2205.10782), below --data.
    InstructionInduction,
    /// The tasks of Big-Bench Hard, below --data.
    Bbh,
    /// Grade-school mathematics, below --data.
    Gsm8k,
    /// The subjects of MMLU, below --data.
    Mmlu,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Combine {
    Each,
    All,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Budget of each study; what another study paid for counts, too")]
pub(crate) struct CompareBudgetArgs {
    /// Trials: instructions selected for evaluation, or `none` [default: none where another budget is given, else 150].
    #[arg(long, value_name = "N")]
    pub budget_trials: Option<Limit>,

    #[command(flatten)]
    pub caps: CapArgs,

    /// End each search at an instruction with this dev score.
    #[arg(long, value_name = "SCORE", value_parser = share)]
    pub stop_at_score: Option<f64>,

    /// Search on in every study that has an instruction right on every dev row, or a prompt in use that hardly can be improved.
    #[arg(long)]
    pub search_on: bool,

    /// US dollars of all studies together: they run one after the other, and what it does not reach counts nowhere.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub total_usd: Option<Usd>,

    /// Calls to the target of all studies together, likewise.
    #[arg(long, value_name = "N")]
    pub total_target_calls: Option<u64>,
}
