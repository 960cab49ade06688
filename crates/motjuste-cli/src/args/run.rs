//! What was typed for a run: the method, its seed, what it may use.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use motjuste::money::Usd;
use motjuste::study::DevExamples;

use super::values::{Amount, Limit, budget_seconds, dollars, methods, share};
use super::{ModelArgs, TaskArgs};

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub task: TaskArgs,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub budget: BudgetArgs,

    #[command(flatten)]
    pub models: ModelArgs,

    /// A file with the prompt that you use today: it is scored first, and the result is compared with it.
    /// Given again, it is a further one to begin with. Takes the place of `start` in the task file.
    #[arg(long, value_name = "FILE")]
    pub start: Vec<PathBuf>,

    /// The folder for the result's files [default: runs/STUDY].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Replace files in their way that are not a result of ours, too.
    #[arg(long)]
    pub force: bool,

    /// Do not ask before calls leave for a server. Without a terminal, and with --json, calls that cost money
    /// need this or a cap on money, tokens or target calls.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MethodArgs {
    /// The method that searches [default: motjuste, or motjuste-chat for a generator that reads no soft
    /// prompts].
    #[arg(long, value_name = "NAME", value_parser = methods())]
    pub method: Option<String>,

    /// With `instructzero`: do what its published code does, faults included.
    #[arg(long)]
    pub compat: bool,

    /// Change a setting of the method, such as `--set pool.size=500`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// The seed of every random stream.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,

    /// How many dev examples score an instruction, or `all` [default: what the method wants: 100 for those that
    /// race, else 20].
    #[arg(long, value_name = "N")]
    pub dev_examples: Option<Amount>,
}

impl MethodArgs {
    /// How many dev examples score an instruction.
    pub(crate) fn dev_examples(&self) -> DevExamples {
        self.dev_examples.map_or(DevExamples::Usual, |Amount(count)| count.into())
    }
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Budget")]
pub(crate) struct BudgetArgs {
    /// Trials: instructions selected for evaluation, or `none`.
    #[arg(long, default_value = "150", value_name = "N")]
    pub budget_trials: Limit,

    #[command(flatten)]
    pub caps: CapArgs,

    /// Seconds of wall time for the search and the held-out scoring after it, which is left as long as it takes at
    /// the pace so far, half of the time at the most. Answers on their way get a twentieth more, 1 to 10 s.
    #[arg(long, value_name = "S", value_parser = budget_seconds)]
    pub budget_seconds: Option<f64>,

    /// End the search at an instruction with this dev score, such as 1: it is good enough.
    #[arg(long, value_name = "SCORE", value_parser = share)]
    pub stop_at_score: Option<f64>,

    /// Go on although an instruction is right on every dev row, or none of many promises to be better than the prompt in use.
    #[arg(long)]
    pub search_on: bool,
}

/// What studies may use at the most.
#[derive(Debug, ClapArgs)]
pub(crate) struct CapArgs {
    /// Calls to the target, in the search.
    #[arg(long, value_name = "N")]
    pub budget_target_calls: Option<u64>,

    /// Texts from the generator.
    #[arg(long, value_name = "N")]
    pub budget_generator_calls: Option<u64>,

    /// Tokens of both models, read and written.
    #[arg(long, value_name = "N")]
    pub budget_tokens: Option<u64>,

    /// US dollars, the held-out scoring included.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub budget_usd: Option<Usd>,
}
