//! How calls leave.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

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
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Cache {
    ReadWrite,
    ReadOnly,
    Off,
    Replay,
}
