//! What was typed for a grid of settings.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::values::Limit;
use super::{CapArgs, DataArgs, MethodArgs, ModelArgs};
use crate::wiring::ABLATIONS;

#[derive(Debug, ClapArgs)]
pub(crate) struct GridArgs {
    /// The task files; with --data, names of published datasets.
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<PathBuf>,

    #[command(flatten)]
    pub data: DataArgs,

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

    /// Do not ask before calls leave for a server.
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

    #[command(flatten)]
    pub caps: CapArgs,
}
