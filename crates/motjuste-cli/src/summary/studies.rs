//! Studies and their trials, a line each.

use motjuste::Result;
use motjuste::report::{Report, TrialLine};

use super::line;
use crate::files;

/// All studies of a store.
pub(crate) fn studies(reports: &[Report], json: bool) -> Result<()> {
    for report in reports {
        if json {
            line(&files::json(report)?);
            continue;
        }
        let score = |value: Option<f64>| value.map_or("  – ".to_owned(), |v| format!("{v:.2}"));
        line(&format!(
            "{}  dev {}  test {}  {:>4} trials  {}",
            report.study,
            score(report.dev.map(|dev| dev.score)),
            score(report.test.map(|test| test.score)),
            report.trials.complete,
            report.instruction.as_deref().unwrap_or_default()
        ));
    }
    Ok(())
}

/// One trial in words.
pub(crate) fn trial(line: &TrialLine) -> String {
    let score = line.score.map_or("  – ".to_owned(), |score| format!("{score:.2}"));
    let repeats = line.repeats.map_or(String::new(), |first| format!("  (as trial {first})"));
    format!("{:>5}  round {:>3}  {score}  {}{repeats}", line.trial, line.round, line.instruction)
}
