//! Studies and their trials, a line each.

use motjuste::Result;
use motjuste::report::{Report, TrialLine};
use motjuste_page::{Column, Table};

use super::line;
use crate::files;

/// All studies of a store.
pub(crate) fn studies(reports: &[Report], json: bool) -> Result<()> {
    if json {
        return reports.iter().try_for_each(|report| files::json(report).map(|text| line(&text)));
    }
    let columns = [
        Column::text("study"),
        Column::number("dev"),
        Column::number("test"),
        Column::number("trials"),
        Column::text("instruction"),
    ];
    line(&Table::new("Studies", columns, reports.iter().map(study)).to_text());
    Ok(())
}

fn study(report: &Report) -> [String; 5] {
    [
        report.study.clone(),
        score(report.dev.map(|dev| dev.score)),
        score(report.test.map(|test| test.score)),
        report.trials.scored().to_string(),
        report.instruction.clone().unwrap_or_default(),
    ]
}

/// All trials of a study.
pub(crate) fn trials(lines: &[TrialLine], json: bool) -> Result<()> {
    if json {
        return lines.iter().try_for_each(|trial| files::json(trial).map(|text| line(&text)));
    }
    let columns = [
        Column::number("trial"),
        Column::number("step"),
        Column::number("dev"),
        Column::number("repeats"),
        Column::text("instruction"),
    ];
    line(&Table::new("Trials", columns, lines.iter().map(trial)).to_text());
    Ok(())
}

fn trial(line: &TrialLine) -> [String; 5] {
    [
        line.trial.to_string(),
        line.step.to_string(),
        score(line.score),
        line.repeats.map_or(String::new(), |first| first.to_string()),
        line.instruction.clone(),
    ]
}

fn score(score: Option<f64>) -> String {
    score.map_or("–".to_owned(), |score| format!("{score:.2}"))
}
