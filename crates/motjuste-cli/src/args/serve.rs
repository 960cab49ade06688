//! What was typed to serve the live page.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// The address to listen on. Anywhere but on this machine whoever looks needs a token: the one in the
    /// environment variable MOTJUSTE_SERVE_TOKEN, or one that is drawn and printed once.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: String,

    /// The port; 0 takes one that is free.
    #[arg(long, default_value_t = 8750)]
    pub port: u16,

    /// A name that this server is called by, as in gpu3.example.org; may be repeated. Addresses and localhost
    /// need not be named.
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,

    /// The task file of studies in the store, so that their rows are shown with what they ask; may be
    /// repeated.
    #[arg(long, value_name = "TASK")]
    pub task: Vec<PathBuf>,
}
