//! What was typed for `motjuste solve`.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use motjuste::model::Parameters;
use motjuste::money::Usd;
use motjuste_lm::Embedded;

use super::values::{above_zero, budget_seconds, dollars, parameters, some_tokens};
use super::{CallArgs, LocalArgs, TargetApi};

#[derive(Debug, ClapArgs)]
pub(crate) struct SolveArgs {
    #[command(subcommand)]
    pub problem: SolveProblem,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SolveProblem {
    /// Linear regression: find w and b from values of the loss alone; the data stay hidden.
    #[command(visible_alias = "opro-linreg")]
    Linreg(LinregArgs),
    /// The travelling salesman: find a short round trip from the lengths of others.
    #[command(visible_alias = "opro-tsp")]
    Tsp(TspArgs),
}

#[derive(Debug, ClapArgs)]
#[command(mut_arg("model", |model| model.default_value(Embedded::Pairs.name())))]
pub(crate) struct LinregArgs {
    /// The true w, a whole number; with --instances, which of its pairs [default: w and b of the
    /// paper, seven pairs one after the other].
    #[arg(long, value_name = "W", allow_negative_numbers = true, requires = "b")]
    pub w: Option<i32>,

    /// The true b, a whole number.
    #[arg(long, value_name = "B", allow_negative_numbers = true, requires = "w")]
    pub b: Option<i32>,

    /// A file of published instances, in place of drawn ones.
    #[arg(long, value_name = "FILE")]
    pub instances: Option<PathBuf>,

    /// Repeats, each with noise and start of its own [default: 5; all of the file].
    #[arg(long, value_name = "N", value_parser = above_zero::<usize>())]
    pub repeats: Option<usize>,

    #[command(flatten)]
    pub search: SearchArgs,
}

#[derive(Debug, ClapArgs)]
#[command(mut_arg("model", |model| model.default_value(Embedded::Tours.name())))]
pub(crate) struct TspArgs {
    /// The number of points, 4 to 200 [default: 10; all of the file].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(4..=200))]
    pub n: Option<usize>,

    /// How many instances of a size [default: 5; all of the file].
    #[arg(long, value_name = "N", value_parser = above_zero::<usize>())]
    pub count: Option<usize>,

    /// A file of published instances, in place of drawn ones.
    #[arg(long, value_name = "FILE")]
    pub instances: Option<PathBuf>,

    #[command(flatten)]
    pub search: SearchArgs,
}

/// How the model is asked; the defaults are the paper's.
#[derive(Debug, ClapArgs)]
pub(crate) struct SearchArgs {
    /// The seed of the first instance and its draws; every further one has the next.
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub seed: u64,

    /// Steps at the most.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = above_zero::<usize>())]
    pub steps: usize,

    /// Calls of a step, all with the same prompt.
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = above_zero::<usize>())]
    pub calls: usize,

    /// The temperature of the model.
    #[arg(long, default_value_t = 1.0, value_name = "T")]
    pub temperature: f64,

    /// The largest number of tokens in a reply [default: 1024; 64 for the embedded models].
    #[arg(long, value_name = "N", value_parser = some_tokens())]
    pub reply_tokens: Option<usize>,

    /// How replies are read: with the defects of the published code mended, or as it does.
    #[arg(long, value_enum, default_value_t = ModeName::Strict)]
    pub mode: ModeName,

    #[command(flatten)]
    pub budget: SolveBudgetArgs,

    #[command(flatten)]
    pub model: SolveModelArgs,

    /// The folder for the report page [default: runs/NAME].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Replace a report.html that is not a page of ours, too.
    #[arg(long)]
    pub force: bool,

    /// Do not ask before calls leave for a server. Without a terminal, and with --json, calls that cost money
    /// need this or a cap on money, tokens or calls.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeName {
    Strict,
    Compat,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Budget")]
pub(crate) struct SolveBudgetArgs {
    /// Calls to the model, for all instances together, as the other caps.
    #[arg(long, value_name = "N")]
    pub budget_calls: Option<u64>,

    /// Tokens, read and written.
    #[arg(long, value_name = "N")]
    pub budget_tokens: Option<u64>,

    /// US dollars.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub budget_usd: Option<Usd>,

    /// Seconds of wall time. Answers on their way get a twentieth more, 1 to 10 s.
    #[arg(long, value_name = "S", value_parser = budget_seconds)]
    pub budget_seconds: Option<f64>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Models")]
pub(crate) struct SolveModelArgs {
    /// The model that proposes: `embedded-pairs` (linreg alone), `embedded-tours` (tsp alone) or `embedded`; a
    /// Hugging Face folder or a GGUF file; hf/ORG/NAME from the Hub; or PROVIDER/MODEL, such as openai/gpt-4.1-mini.
    // Each problem has a default of its own.
    #[arg(long, required = false, value_name = "MODEL")]
    pub model: String,

    /// Where a remote model is, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub model_url: Option<String>,

    /// How a remote model is asked: as a chat, or for the completion of a text.
    #[arg(long, value_enum, value_name = "API")]
    pub model_api: Option<TargetApi>,

    /// What a remote model is asked for beyond the prompt: fields of the request's body in the provider's
    /// words, such as '{"reasoning_effort": "low", "temperature": null}'; null leaves a field of ours out.
    #[arg(long, value_name = "JSON", value_parser = parameters)]
    pub model_params: Option<Parameters>,

    #[command(flatten)]
    pub local: LocalArgs,

    #[command(flatten)]
    pub calls: CallArgs,
}
