//! Everything that was typed for a worker becomes the models that it asks.

use motjuste::Result;
use motjuste_models::{Opener, Options};
use motjuste_remote::{Limits, Settings, Timeouts};

use super::models::{environment, notices};
use crate::args::WorkerArgs;
use crate::signals::Patience;

/// What opens the models that a worker is asked for.
pub(crate) fn worker(args: &WorkerArgs) -> Result<Opener> {
    let timeouts = Timeouts::default();
    let remote = Settings {
        limits: Limits { concurrency: args.concurrency, at_once: true, ..Limits::default() },
        timeouts: Timeouts { total: args.timeout.unwrap_or(timeouts.total), ..timeouts },
        environment: environment(args.env_file.as_deref())?,
        ca_file: args.ca_file.clone(),
        allow_http_key: args.allow_http_key,
        notices: notices(),
        ..Settings::default()
    };
    Ok(Opener::new(Options { remote, ..Options::default() }))
}

/// How long a worker waits for the answers on their way when it is stopped.
pub(crate) fn patience_of_worker(args: &WorkerArgs) -> Patience {
    Patience { answer: args.timeout.unwrap_or(Timeouts::default().total), grace: args.grace }
}
