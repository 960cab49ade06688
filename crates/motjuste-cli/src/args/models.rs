//! Which models take part, and how they are loaded.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use motjuste::model::Parameters;
use motjuste_lm::Embedded;

use super::CallArgs;
use super::values::{embedded, parameters, some_tokens};

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Models")]
pub(crate) struct ModelArgs {
    /// The model that writes instructions: PROVIDER/MODEL; `embedded`; a Hugging Face folder or a GGUF
    /// file; hf/ORG/NAME from the Hub; or hosted_vllm/NAME with --embedder for a server that reads soft
    /// prompts [default: the target where it is behind an API, else `embedded`].
    #[arg(long, alias = "proposer", value_name = "MODEL")]
    pub generator: Option<String>,

    /// Where a served generator is [default: where the target is, if both have one provider; else where
    /// its provider usually is].
    #[arg(long, value_name = "URL")]
    pub generator_url: Option<String>,

    /// What a generator behind an API is asked for beyond the prompt, as --target-params.
    #[arg(long, value_name = "JSON", value_parser = parameters)]
    pub generator_params: Option<Parameters>,

    /// The served generator once more, as a local model: its tokenizer and embedding matrix turn
    /// soft prompts into what the server reads.
    #[arg(long, value_name = "MODEL")]
    pub embedder: Option<String>,

    #[command(flatten)]
    pub target: TargetArgs,

    /// The largest number of tokens in an instruction that is written for a soft prompt [default: 128]; with a
    /// method that asks in words, --set max_tokens=N is that of a reply.
    #[arg(long, value_name = "N", value_parser = some_tokens())]
    pub instruction_tokens: Option<usize>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Models")]
pub(crate) struct TargetArgs {
    /// The model being instructed: `embedded`; a Hugging Face folder or a GGUF file; hf/ORG/NAME
    /// from the Hub; PROVIDER/MODEL, such as openai/gpt-4.1-mini; or a program of yours, such as
    /// "command:python3 app.py" or http://127.0.0.1:9000/answer.
    #[arg(long, default_value = "embedded", value_name = "MODEL")]
    pub target: String,

    /// Where a remote target is, if not where its provider usually is.
    #[arg(long, value_name = "URL")]
    pub target_url: Option<String>,

    /// How a remote target is asked: as a chat, or for the completion of a text.
    #[arg(long, value_enum, value_name = "API")]
    pub target_api: Option<TargetApi>,

    /// What a remote target is asked for beyond the prompt: fields of the request's body in the provider's
    /// words, such as '{"reasoning_effort": "low", "temperature": null}'. null leaves a field of ours out;
    /// "max_completion_tokens": true calls an answer's length so. Wins over [target] of the task.
    #[arg(long, value_name = "JSON", value_parser = parameters)]
    pub target_params: Option<Parameters>,

    /// Where the judge is that the task names [default: where the target is, if both have one provider; else
    /// where its provider usually is].
    #[arg(long, value_name = "URL")]
    pub judge_url: Option<String>,

    /// What a judge behind an API is asked for beyond the prompt, as --target-params.
    #[arg(long, value_name = "JSON", value_parser = parameters)]
    pub judge_params: Option<Parameters>,

    /// 0 takes the target's likeliest answer; above 0, answers are drawn.
    #[arg(long, default_value_t = 0.0, value_name = "T")]
    pub temperature: f64,

    /// Draws of an answer to each example; its score is their mean.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub draws: u64,

    /// Show the target each reply of its own and ask for the answer alone, as OPRO does: what it says
    /// then is scored, and every answer is two calls.
    #[arg(long)]
    pub second_round: bool,

    /// The largest number of tokens in an answer; what a model thinks before it comes on top [default:
    /// 512 behind an API, else 64].
    #[arg(long, value_name = "N", value_parser = some_tokens())]
    pub answer_tokens: Option<usize>,

    #[command(flatten)]
    pub local: LocalArgs,

    #[command(flatten)]
    pub calls: CallArgs,
}

/// How open models are loaded on this machine; the embedded ones are what they are.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Local models")]
pub(crate) struct LocalArgs {
    /// How a local model's weights are kept in memory: as its files have them, opened to 32 bits, or in 8 bits and a scale.
    #[arg(long, value_enum, default_value_t = WeightPrecision::Auto, value_name = "PRECISION")]
    pub precision: WeightPrecision,

    /// To how many bits the inputs of weights in a few bits are rounded: 16, finer than the weights; or 8, faster, and
    /// about as coarse as weights of 8 bits.
    #[arg(long, value_enum, default_value_t = ActivationBits::Sixteen, value_name = "BITS")]
    pub activations: ActivationBits,

    /// Whether a prompt is a message to a local model: if it has a chat template, in any case, never.
    #[arg(long, value_enum, default_value_t = ChatTemplate::Auto, value_name = "WHEN")]
    pub chat_template: ChatTemplate,

    /// Where a soft prompt goes: in front of everything, as in the paper; right in front of the prompt, behind what the chat
    /// template says first; or right behind the prompt, which is then read once for many soft prompts.
    #[arg(long, value_enum, default_value_t = SoftPlace::Front, value_name = "PLACE")]
    pub soft_prompt_place: SoftPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WeightPrecision {
    Auto,
    F32,
    #[value(name = "q8_0")]
    Q8_0,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ActivationBits {
    #[value(name = "16")]
    Sixteen,
    #[value(name = "8")]
    Eight,
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
    BehindPrompt,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TargetApi {
    Chat,
    Completions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// A task file: its first dev row goes through the real prompt, target and metric.
    pub task: Option<PathBuf>,

    #[command(flatten)]
    pub models: ModelArgs,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ModelsArgs {
    /// A model's folder, or its GGUF file, to be looked at: family, size, types of numbers, chat template.
    pub path: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Write an embedded model as a Hugging Face folder or as a GGUF file, for a server to serve.
    Export {
        /// A folder, which is made, or a file whose name ends in .gguf (32 bits; for llama.cpp).
        path: PathBuf,

        /// Which of them.
        #[arg(long, default_value = Embedded::Instructions.name(), value_parser = embedded())]
        #[arg(value_name = "MODEL")]
        model: Embedded,

        /// Replace files in their way that are not this model's, too.
        #[arg(long)]
        force: bool,
    },
}
