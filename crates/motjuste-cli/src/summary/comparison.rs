//! Methods compared, on the terminal.

use std::path::PathBuf;

use motjuste::Result;
use motjuste::comparison::ComparisonReport;
use motjuste::experiment::{End, RunState};
use motjuste_page::comparison::{self, LEGEND};

use super::{account, line, stop_words};
use crate::files;

/// What the methods came to: the table, what it cost, what is missing, where the files are.
pub(crate) fn comparison(report: &ComparisonReport, written: &[PathBuf], json: bool) -> Result<()> {
    if json {
        line(&files::json(report)?);
        return Ok(());
    }
    line(&comparison::headline(report));
    line("");
    line(&comparison::leaderboard(report).to_text());
    line(LEGEND);
    line("");
    comparison::notes(report).iter().for_each(|text| line(text));
    account(&report.used);
    missing(report);
    line("");
    written.iter().for_each(|path| line(&path.display().to_string()));
    Ok(())
}

/// The studies that a cap cut or did not reach.
fn missing(report: &ComparisonReport) {
    if let Some(end) = &report.ended_by {
        let why = match end {
            End::Cap(reason) => stop_words(*reason),
            End::Refused(why) => why,
        };
        line(&format!("\nended by {why}; run again with a larger budget to go on"));
    }
    for run in &report.studies {
        let state = match run.state {
            RunState::Cut => "cut short",
            RunState::NotReached => "not reached",
            // The notes say who failed and why.
            RunState::Complete | RunState::Failed => continue,
        };
        let method = &report.methods[run.at.cell].method;
        line(&format!("{state:<12}{method} · {} · seed {}", run.task, run.at.seed));
    }
}
