//! What was typed for a worker.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::values::{above_zero, seconds};

#[derive(Debug, ClapArgs)]
pub(crate) struct WorkerArgs {
    /// The most calls in flight here.
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = above_zero::<usize>())]
    pub concurrency: usize,

    /// Seconds that an answer may take, where the study says nothing else [default: 180].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,

    /// Seconds that answers on their way are waited for when the system ends the process (SIGTERM, SIGHUP).
    #[arg(long, default_value = "8", value_name = "SECONDS", value_parser = seconds)]
    pub grace: Duration,

    /// A file of certificates (PEM) to trust besides the machine's own [default: SSL_CERT_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Send keys to other machines over plain http, too: in a network of your own, where nobody listens.
    #[arg(long)]
    pub allow_http_key: bool,

    /// A `.env` file with keys and addresses of providers; a variable that is set keeps its value.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// Seconds without a call after which it ends [default: it works until it is stopped].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub idle: Option<Duration>,
}
