//! What was typed for a grid of settings.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::values::{Limit, methods, share};
use super::{CapArgs, DataArgs, MethodArgs, ModelArgs};
use motjuste::experiment::ABLATIONS;

#[derive(Debug, ClapArgs)]
pub(crate) struct GridArgs {
    /// The task files; with --data, names of published datasets.
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

    /// Compare these methods or presets, each in its default settings, in place of one in many settings;
    /// with --cache off each pays for itself.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', value_parser = methods())]
    #[arg(conflicts_with_all = ["method", "ablations", "axes", "settings", "compat"])]
    pub methods: Vec<String>,

    /// Vary what an ablation of the OPRO paper varies; may be repeated.
    #[arg(long = "ablation", value_name = "NAME", value_parser = ABLATIONS)]
    pub ablations: Vec<String>,

    /// Vary what this TOML file says, in which a line is `exemplars = [3, 10, 0]`.
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
    pub budget: GridBudgetArgs,

    #[command(flatten)]
    pub models: ModelArgs,

    /// List the cells and what they may use at the most, and run nothing.
    #[arg(long)]
    pub plan: bool,

    /// Do not ask before calls leave for a server. Without a terminal, and with --json, calls that cost money
    /// need this or a cap on money, tokens or target calls.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Combine {
    Each,
    All,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Budget; caps are for all studies together")]
pub(crate) struct GridBudgetArgs {
    /// Trials of each study, or `none`.
    #[arg(long, default_value = "150", value_name = "N")]
    pub budget_trials: Limit,

    /// Calls to the target that each study may make in its search.
    #[arg(long, value_name = "N")]
    pub target_calls_each: Option<u64>,

    /// End each search at an instruction with this dev score.
    #[arg(long, value_name = "SCORE", value_parser = share)]
    pub stop_at_score: Option<f64>,

    #[command(flatten)]
    pub caps: CapArgs,
}
