//! How calls leave.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use super::values::{above_zero, seconds, tokens};

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Calls")]
pub(crate) struct CallArgs {
    /// The most calls in flight, and how many there are at first. Without it, a provider gets a few at first and
    /// more until it refuses one; a server of one's own gets more only while it answers more in the same time;
    /// llama.cpp gets as many as it has slots in any case [default: up to 256].
    #[arg(long, value_name = "N", value_parser = above_zero::<usize>())]
    pub concurrency: Option<usize>,

    /// Seconds that an answer may take, from when it is asked for [default: 180].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,

    /// Tokens that an answer of a model that reasons may take for thinking, on top of its length; a model is
    /// known to reason by its name, or found to [default: 8000].
    #[arg(long, value_name = "N", value_parser = tokens())]
    pub thinking_tokens: Option<usize>,

    /// A file of certificates (PEM) to trust besides the machine's own: an authority's, or a server's own
    /// [default: SSL_CERT_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Send keys to other machines over plain http, too: in a network of your own, where nobody listens.
    #[arg(long)]
    pub allow_http_key: bool,

    /// Which kept responses answer in place of a call: all, and new ones are kept for all; all, and
    /// new ones are kept for this study; none; all, and a call that is not among them is an error; all, and one that
    /// another study paid for counts as paid, as in `compare` by default.
    #[arg(long, value_enum, default_value_t = Cache::ReadWrite, value_name = "MODE")]
    pub cache: Cache,

    /// Attempts at a call that fails and may succeed later.
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = above_zero::<usize>())]
    pub attempts: usize,

    /// Seconds that answers on their way are waited for when the system ends the process (SIGTERM, SIGHUP).
    #[arg(long, default_value = "8", value_name = "SECONDS", value_parser = seconds)]
    pub grace: Duration,

    /// Requests a minute to each server; by default what its answers say.
    #[arg(long, value_name = "N", value_parser = above_zero::<u64>())]
    pub requests_per_minute: Option<u64>,

    /// Tokens a minute to each server; by default what its answers say.
    #[arg(long, value_name = "N", value_parser = above_zero::<u64>())]
    pub tokens_per_minute: Option<u64>,

    /// A file with prices, for models that the built-in table lacks or has wrong; `motjuste prices` lists
    /// what is known.
    #[arg(long, env = "MOTJUSTE_PRICES", value_name = "FILE")]
    pub prices: Option<PathBuf>,

    /// A `.env` file with keys and addresses of providers; a variable that is set keeps its value.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// Processes of a model that is a program [default: 8, or --concurrency where that is less].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub processes: Option<u16>,

    /// Whether nothing is called, so that no key is needed.
    #[arg(skip)]
    pub plan: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Cache {
    ReadWrite,
    ReadOnly,
    Off,
    Replay,
    Shared,
}
