//! Everything that was typed for a worker becomes the models that it asks.

use motjuste::Result;
use motjuste_models::{Opener, Options};
use motjuste_remote::{Limits, Settings, Timeouts};

use super::models::{environment, notices};
use crate::args::WorkerArgs;

/// What opens the models that a worker is asked for.
pub(crate) fn worker(args: &WorkerArgs) -> Result<Opener> {
    let timeouts = Timeouts::default();
    let remote = Settings {
        limits: Limits { concurrency: args.concurrency, ..Limits::default() },
        timeouts: Timeouts { total: args.timeout.unwrap_or(timeouts.total), ..timeouts },
        environment: environment(args.env_file.as_deref())?,
        ca_file: args.ca_file.clone(),
        allow_http_key: args.allow_http_key,
        notices: notices(),
        ..Settings::default()
    };
    Ok(Opener::new(Options { remote, ..Options::default() }))
}
