//! `motjuste completions` and `motjuste manpages`: the command line, described for shells and for `man`.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use motjuste::{Error, Result};

use crate::args::Args;
use crate::summary;

pub(crate) fn completions(shell: Shell) -> ExitCode {
    let mut written = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "motjuste", &mut written);
    summary::exact(String::from_utf8_lossy(&written).trim_end());
    ExitCode::SUCCESS
}

/// The page of one command, or of the program.
pub(crate) fn page(name: Option<&str>) -> Result<ExitCode> {
    let mut command = Args::command();
    command.build();
    let described = match name {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            Error::configuration(format!("there is no command {name}"))
                .with_help("`motjuste help` lists them")
        })?,
    };
    let mut written = Vec::new();
    clap_mangen::Man::new(described)
        .render(&mut written)
        .map_err(|error| Error::output(format!("the page cannot be written: {error}")))?;
    summary::exact(String::from_utf8_lossy(&written).trim_end());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn pages(folder: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Args::command(), folder))
        .map_err(|error| {
            Error::output(format!("cannot write manual pages to {}: {error}", folder.display()))
                .with_help("name a folder that you can write to")
        })?;
    summary::line(&format!("{}/motjuste.1 and a page for each command", folder.display()));
    Ok(ExitCode::SUCCESS)
}
