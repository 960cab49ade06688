//! What was typed.

mod solve;

pub(crate) use solve::{LinregArgs, ModeName, SearchArgs, SolveArgs, SolveProblem, TspArgs};

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use motjuste::money::Usd;
use motjuste::optimizer::OptimizerConfig;
use motjuste_lm::Embedded;

/// Finds the wording that makes a language model do a task.
#[derive(Debug, Parser)]
#[command(name = "motjuste", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,

    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,

    /// The file that keeps studies and paid responses.
    #[arg(long, global = true, env = "MOTJUSTE_STORE", default_value = ".motjuste/store.sqlite")]
    pub store: PathBuf,

    /// Threads for local models; the default is one per core. Results never depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 2 wrong request; 3 a budget cap ended the search \
    early, result written; 4 data; 5 model; 6 store; 7 output; 8 numerics; 130 interrupted, run \
    again to go on.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Search, choose, prove it on held-out examples, write the report; goes on where it stopped.
    Run(RunArgs),
    /// Say what a run may use at the most, before anything is spent; takes what `run` takes.
    Estimate(RunArgs),
    /// Show a study, or list all of them.
    Show(StudyArgs),
    /// List a study's trials.
    Trials(StudyArgs),
    /// Print a study's best instruction.
    Best(StudyArgs),
    /// Write a study's files and report page again.
    Report(ReportArgs),
    /// Score one instruction on a split of a task.
    Eval(EvalArgs),
    /// Put a mathematical problem of OPRO to a language model, beside methods that need none.
    Solve(SolveArgs),
    /// List the models that can be used, or write an embedded one to a folder.
    Models(ModelsArgs),
    /// Check that the models are reachable and do what a study needs; that costs a few tokens.
    Doctor(DoctorArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub models: ModelArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Write an embedded model as a Hugging Face folder, for a server to serve.
    Export {
        /// The folder; it is made.
        folder: PathBuf,

        /// Which of them.
        #[arg(long, default_value = Embedded::Instructions.name(), value_parser = embedded())]
        #[arg(value_name = "MODEL")]
        model: Embedded,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// The task file.
    pub task: PathBuf,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub budget: BudgetArgs,

    #[command(flatten)]
    pub models: ModelArgs,

    /// The folder for the result's files [default: runs/STUDY].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Do not ask before calls leave for a server.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MethodArgs {
    /// The method that searches.
    #[arg(long, default_value = "motjuste", value_parser = OptimizerConfig::NAMES)]
    pub method: String,

    /// With `instructzero`: do what its published code does, faults included.
    #[arg(long)]
    pub compat: bool,

    /// Change a setting of the method, such as `--set pool.size=500`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// The seed of every random stream.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,

    /// How many dev examples score an instruction, or `all`.
    #[arg(long, default_value = "20", value_name = "N")]
    pub dev_examples: Amount,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Budget")]
pub(crate) struct BudgetArgs {
    /// Trials: instructions selected for evaluation, or `none`.
    #[arg(long, default_value = "150", value_name = "N")]
    pub budget_trials: Limit,

    /// Calls to the target.
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

    /// Seconds of wall time.
    #[arg(long, value_name = "S")]
    pub budget_seconds: Option<f64>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Models")]
pub(crate) struct ModelArgs {
    /// The open model that writes instructions: `embedded`; a Hugging Face folder or a GGUF file;
    /// hf/ORG/NAME from the Hub; or hosted_vllm/NAME for a server that reads soft prompts.
    #[arg(long, default_value = "embedded", value_name = "MODEL")]
    pub generator: String,

    /// Where a served generator is, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub generator_url: Option<String>,

    /// The served generator once more, as a local model: its tokenizer and embedding matrix turn
    /// soft prompts into what the server reads.
    #[arg(long, value_name = "MODEL")]
    pub embedder: Option<String>,

    #[command(flatten)]
    pub target: TargetArgs,

    /// The largest number of tokens in an instruction.
    #[arg(long, default_value_t = 128, value_name = "N")]
    pub instruction_tokens: usize,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Models")]
pub(crate) struct TargetArgs {
    /// The model being instructed: `embedded`; a Hugging Face folder or a GGUF file; hf/ORG/NAME
    /// from the Hub; or PROVIDER/MODEL, such as openai/gpt-4.1-mini.
    #[arg(long, default_value = "embedded", value_name = "MODEL")]
    pub target: String,

    /// Where a remote target is, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub target_url: Option<String>,

    /// How a remote target is asked: as a chat, or for the completion of a text.
    #[arg(long, value_enum, value_name = "API")]
    pub target_api: Option<TargetApi>,

    /// Where the judge is that the task names, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub judge_url: Option<String>,

    /// 0 takes the target's likeliest answer; above 0, answers are drawn.
    #[arg(long, default_value_t = 0.0, value_name = "T")]
    pub temperature: f64,

    /// Draws of an answer to each example; its score is their mean.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub draws: u64,

    /// The largest number of tokens in an answer.
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub answer_tokens: usize,

    #[command(flatten)]
    pub local: LocalArgs,

    #[command(flatten)]
    pub calls: CallArgs,
}

/// How open models are loaded on this machine; the embedded ones are what they are.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Local models")]
pub(crate) struct LocalArgs {
    /// How a local model's weights are kept in memory.
    #[arg(long, value_enum, default_value_t = WeightPrecision::F32, value_name = "PRECISION")]
    pub precision: WeightPrecision,

    /// Whether a prompt is a message to a local model: if it has a chat template, in any case, never.
    #[arg(long, value_enum, default_value_t = ChatTemplate::Auto, value_name = "WHEN")]
    pub chat_template: ChatTemplate,

    /// Where a soft prompt goes: in front of everything, as in the paper, or right in front of the
    /// prompt, behind what the chat template says first.
    #[arg(long, value_enum, default_value_t = SoftPlace::Front, value_name = "PLACE")]
    pub soft_prompt_place: SoftPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WeightPrecision {
    F32,
    #[value(name = "q8_0")]
    Q8_0,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ChatTemplate {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SoftPlace {
    Front,
    BehindSystem,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Calls")]
pub(crate) struct CallArgs {
    /// Calls in flight.
    #[arg(long, default_value_t = 256, value_name = "N")]
    pub concurrency: usize,

    /// Which kept responses answer in place of a call: all, and new ones are kept for all; all, and
    /// new ones are kept for this study; none; all, and a call that is not among them is an error.
    #[arg(long, value_enum, default_value_t = Cache::ReadWrite, value_name = "MODE")]
    pub cache: Cache,

    /// Attempts at a call that fails and may succeed later.
    #[arg(long, default_value_t = 6, value_name = "N")]
    pub attempts: usize,

    /// Requests a minute to each server; by default what its answers say.
    #[arg(long, value_name = "N")]
    pub requests_per_minute: Option<u64>,

    /// Tokens a minute to each server; by default what its answers say.
    #[arg(long, value_name = "N")]
    pub tokens_per_minute: Option<u64>,

    /// A file with prices, for models that the built-in table lacks or has wrong.
    #[arg(long, env = "MOTJUSTE_PRICES", value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TargetApi {
    Chat,
    Completions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Cache {
    ReadWrite,
    ReadOnly,
    Off,
    Replay,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StudyArgs {
    /// The study's name, or the beginning of it.
    pub study: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// The study's name, or the beginning of it.
    pub study: String,

    /// The task file, for the examples behind the scores.
    #[arg(long, value_name = "TASK")]
    pub task: PathBuf,

    /// The folder for the files [default: runs/STUDY].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EvalArgs {
    /// The task file.
    pub task: PathBuf,

    /// The instruction to score.
    #[arg(long, value_name = "TEXT", conflicts_with = "instruction_file")]
    pub instruction: Option<String>,

    /// A file whose bytes are the instruction, such as a run's prompt.txt.
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

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SplitName {
    Dev,
    Test,
}

fn dollars(text: &str) -> Result<Usd, String> {
    let amount =
        text.trim_start_matches('$').parse().map_err(|_| "expected a number of dollars")?;
    Usd::dollars(amount).map_err(|error| error.to_string())
}

/// A number, or everything there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount(pub Option<usize>);

impl std::str::FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(None)),
            _ => match text.parse() {
                Ok(0) | Err(_) => Err("expected a number above 0, or `all`".to_owned()),
                Ok(number) => Ok(Self(Some(number))),
            },
        }
    }
}

/// A number, or no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(pub Option<u64>);

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            _ => text
                .parse()
                .map(|number| Self(Some(number)))
                .map_err(|_| "expected a number, or `none`".to_owned()),
        }
    }
}

fn embedded() -> impl TypedValueParser<Value = Embedded> {
    let names = PossibleValuesParser::new(Embedded::ALL.map(Embedded::name));
    names.try_map(|name| Embedded::named(&name).ok_or("no such embedded model"))
}
