//! Methods compared: the page, and the tables for a terminal and for files.
//!
//! A report becomes a page with [`ComparisonPage`], sentences with [`headline`] and [`notes`], and [`Table`]s with
//! [`leaderboard`], [`by_task`], [`pairs`], [`studies`], [`spending`] and [`power`], which are for people, and those of
//! [`data`], which are for programs.
//!
//! [`Table`]: crate::Table

mod by_task;
mod contestants;
mod curves;
pub mod data;
mod differing;
#[cfg(test)]
mod fixture;
mod headline;
mod heat_map;
mod leaderboard;
mod marks;
mod matrix;
mod notes;
mod pairs;
mod plot;
mod power;
mod standing;
mod studies;
#[cfg(test)]
mod tests;
mod winners;
mod words;

pub use by_task::by_task;
pub use headline::headline;
pub use leaderboard::{LEGEND, leaderboard, leaderboard_in_full, spending};
pub use notes::notes;
pub use pairs::pairs;
pub use power::power;
pub use studies::studies;

use motjuste::Result;
use motjuste::comparison::ComparisonReport;
use motjuste::report::LedgerReport;
use serde::Serialize;

use crate::format;
use crate::frame::Frame;
use crate::html::{Html, template};
use crate::ledger::LedgerLine;

/// The page of methods compared.
#[derive(Debug, Clone)]
pub struct ComparisonPage<'a> {
    /// What the comparison came to.
    pub report: &'a ComparisonReport,
    /// The settings, as a person reads them.
    pub settings: &'a str,
    /// The inputs of the test rows, task by task, to show those on which methods differ; empty where they are not to
    /// be shown.
    pub inputs: &'a [Vec<String>],
}

impl ComparisonPage<'_> {
    /// The whole page.
    ///
    /// ```
    /// use motjuste::comparison::ComparisonReport;
    /// use motjuste_page::ComparisonPage;
    /// fn page(report: &ComparisonReport) -> motjuste::Result<String> {
    ///     ComparisonPage { report, settings: "seeds = 3\n", inputs: &[] }.to_html()
    /// }
    /// ```
    ///
    /// # Errors
    /// When the page cannot be drawn, which a test rules out.
    pub fn to_html(&self) -> Result<String> {
        let frame = Frame {
            title: "Methods compared",
            style: include_str!("style.css"),
            body: template(include_str!("page.html"), &Values::of(self))?,
            settings: self.settings,
            ledger: &ledger(self.report),
            small_print: &small_print(self.report),
        };
        frame.to_html()
    }
}

/// What the template is filled with.
#[derive(Serialize)]
struct Values {
    kicker: String,
    title: String,
    /// How large the title is set: long names smaller.
    size: &'static str,
    has_scores: bool,
    about: String,
    headline: String,
    notes: Vec<String>,
    standings: Vec<standing::Standing>,
    axis: Html,
    leaderboard: Html,
    curves: Vec<curves::Curves>,
    heat_map: heat_map::HeatMap,
    matrix: matrix::Matrix,
    pairs: Html,
    winners: Vec<winners::Winners>,
    differing: Vec<differing::Differing>,
    power: Option<Html>,
    spending: Html,
    studies: Html,
}

impl Values {
    fn of(page: &ComparisonPage<'_>) -> Self {
        let report = page.report;
        Self {
            kicker: kicker(report),
            size: if title(report).chars().count() > 40 { "long" } else { "short" },
            has_scores: !contestants::scored(report).is_empty(),
            title: title(report),
            about: about(report),
            headline: headline(report),
            notes: notes(report),
            standings: standing::standings(report),
            axis: standing::axis(),
            // Those two stand above it, drawn.
            leaderboard: leaderboard_in_full(report)
                .without(&["test score", "95 % on these tasks"])
                .to_html(),
            curves: curves::curves(report),
            heat_map: heat_map::HeatMap::of(report),
            matrix: matrix::Matrix::of(report),
            pairs: pairs(report).to_html(),
            winners: winners::winners(report),
            differing: differing::differing(report, page.inputs),
            power: (!report.pairs.is_empty()).then(|| power(report).to_html()),
            spending: spending(report).to_html(),
            studies: studies(report).to_html(),
        }
    }
}

/// What stands above the leader's name.
fn kicker(report: &ComparisonReport) -> String {
    let tasks = format::counted(report.tasks.len(), "task");
    let methods = format::counted(report.methods.len(), "method");
    match contestants::scored(report).len() {
        0 | 1 => format!("{methods} on {tasks}"),
        _ => format!("The highest test score of {methods} on {tasks}"),
    }
}

/// The leader's name where there is one.
fn title(report: &ComparisonReport) -> String {
    match contestants::scored(report)[..] {
        [] => "No result yet".to_owned(),
        [leader, ..] => contestants::name(report, leader),
    }
}

/// What was compared on what, in a line.
fn about(report: &ComparisonReport) -> String {
    [
        format::counted(report.methods.len(), "method"),
        format::counted(report.tasks.len(), "task"),
        format::counted(report.about.seeds.len(), "seed"),
    ]
    .join(" · ")
}

fn ledger(report: &ComparisonReport) -> Vec<LedgerLine> {
    let motjuste::budget::Account { target, generator, judge, assessment } = report.used;
    LedgerLine::of_study(&LedgerReport { target, generator, judge, assessment })
}

fn small_print(report: &ComparisonReport) -> String {
    let about = &report.about;
    let seeds: Vec<String> = about.seeds.iter().map(u64::to_string).collect();
    let text = format!(
        "target {} · instructions by {} · seeds {} · motjuste {} · the test rows were never seen by a \
         search. Intervals are of 95\u{a0}%, tests two-sided; p-values against the reference are corrected for \
         the number of methods, those of every two methods for the number of pairs (Holm).",
        about.target,
        about.generator,
        seeds.join(", "),
        report.version
    );
    format::visible(&text)
}
