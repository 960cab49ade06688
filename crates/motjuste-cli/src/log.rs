//! What is going on, in lines: on the terminal as far as asked, and in a file.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use motjuste::{Error, Result};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::summary::Beside;

/// Begins to tell what is going on. Keys are in no message: what reads them takes them out.
pub(crate) fn begin(verbose: u8, file: Option<&Path>) -> Result<()> {
    let terminal_level = match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let terminal = layer().with_ansi(false).with_writer(|| Beside).without_time();
    let terminal = terminal.with_filter(ours(terminal_level));
    let file = match file {
        Some(path) => {
            let opened = OpenOptions::new().create(true).append(true).open(path);
            let file = opened.map_err(|error| {
                Error::output(format!("cannot write to {}: {error}", path.display()))
                    .with_help("name another file with --log-file")
            })?;
            let layer = layer().with_ansi(false).with_writer(Mutex::new(file));
            Some(layer.with_filter(ours(LevelFilter::TRACE)))
        }
        None => None,
    };
    // Nobody else begins to tell: this is called once.
    let _ = tracing_subscriber::registry().with(terminal).with(file).try_init();
    Ok(())
}

/// What our own crates tell.
fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target("motjuste", level)
}
