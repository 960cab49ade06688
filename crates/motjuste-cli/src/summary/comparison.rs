//! Methods compared, on the terminal.

use std::path::PathBuf;

use motjuste::Result;
use motjuste::comparison::{ComparisonReport, MethodResult};
use motjuste::experiment::{End, RunState};
use motjuste::interval::Estimate;
use motjuste_page::{Column, Table};

use super::{account, line, stop_words};
use crate::files;

/// What the methods came to: the table, what it cost, what is missing, where the files are.
pub(crate) fn comparison(report: &ComparisonReport, written: &[PathBuf], json: bool) -> Result<()> {
    if json {
        line(&files::json(report)?);
        return Ok(());
    }
    line(&leaderboard(report).to_text());
    line("");
    account(&report.used);
    missing(report);
    line("");
    written.iter().for_each(|path| line(&path.display().to_string()));
    Ok(())
}

/// The methods, the best first.
fn leaderboard(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text(""),
        Column::number("studies").at_least(8),
        Column::text("test, 95 %").at_least(19),
        Column::number("dev").at_least(5),
        Column::number("rank").at_least(5),
        Column::text("less the first, 95 %").at_least(22),
        Column::number("corrected p"),
    ];
    let rows = report.ranked().into_iter().map(|index| row(&report.methods[index]));
    Table::new("Methods", columns, rows)
}

fn row(method: &MethodResult) -> [String; 7] {
    let none = || "–".to_owned();
    let score = |e: Estimate| format!("{:.3}  {:.2} to {:.2}", e.score, e.low, e.high);
    let versus = method.against_reference.as_ref();
    let difference = versus.map(|one| one.these_tasks.difference);
    [
        method.method.clone(),
        format!("{}/{}", method.complete, method.studies),
        method.test.map_or_else(none, score),
        method.dev.map_or_else(none, |dev| format!("{:.2}", dev.score)),
        method.rank.map_or_else(none, |rank| format!("{:.1}", rank.rank)),
        difference
            .map_or_else(none, |d| format!("{:+.3}  {:+.2} to {:+.2}", d.value, d.low, d.high)),
        versus.map_or_else(none, |one| format!("{:.3}", one.corrected_p)),
    ]
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
    for run in report.studies.iter().filter(|run| run.state != RunState::Complete) {
        let state = match run.state {
            RunState::Cut => "cut short",
            RunState::Failed => "failed",
            _ => "not reached",
        };
        let method = &report.methods[run.at.cell].method;
        let why = run.failure.as_ref().map_or(String::new(), |why| format!(": {why}"));
        line(&format!("{state:<12}{method} · {} · seed {}{why}", run.task, run.at.seed));
    }
}
