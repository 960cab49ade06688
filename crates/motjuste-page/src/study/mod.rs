//! The page of a study.
//!
//! Rust decides what is said (one module for each part of the page), `report.html` where.

mod answers;
mod examples;
mod figures;
#[cfg(test)]
mod fixture;
mod headline;
mod instructions;
pub mod parts;
mod progress_chart;
mod range_plot;
mod scores_by_step;
mod steps;
#[cfg(test)]
mod tests;
mod trials_chart;
mod verdict;

pub use answers::{faulty_answers, words_of_rows};
pub use examples::ScoredExample;
pub use steps::MetaPromptText;
pub use verdict::verdict;

use motjuste::Result;
use motjuste::history::Ask;
use motjuste::journal::Outcome;
use motjuste::report::{Report, StepLine, TrialLine, asked_in};
use motjuste::task::Task;
use serde::Serialize;

use crate::chart::Chart;
use crate::format;
use crate::frame::Frame;
use crate::html::{Html, template};
use crate::ledger::LedgerLine;

/// The report page of one study, finished or not.
#[derive(Debug, Clone)]
pub struct StudyPage<'a> {
    /// The study's result.
    pub report: &'a Report,
    /// Every evaluated trial, in order.
    pub trials: Vec<TrialLine>,
    /// The winner on the dev examples; empty without a winner.
    pub dev: Vec<ScoredExample>,
    /// The winner on the test examples; empty before the assessment.
    pub test: Vec<ScoredExample>,
    /// The steps of OPRO; empty for other methods.
    pub steps: Vec<StepLine>,
    /// The meta-prompts of those steps that are shown in full.
    pub meta_prompts: Vec<MetaPromptText>,
    /// The resolved configuration, as a person reads it.
    pub settings: &'a str,
}

impl<'a> StudyPage<'a> {
    /// The page of a study on `task` that came to `outcome`. `settings` is its configuration in
    /// words, as TOML.
    ///
    /// ```
    /// use motjuste::journal::Outcome;
    /// use motjuste::report::Report;
    /// use motjuste::task::Task;
    /// use motjuste_page::StudyPage;
    ///
    /// fn page(report: &Report, outcome: &Outcome, task: &Task) -> motjuste::Result<String> {
    ///     StudyPage::of(report, outcome, task, "seed = 0\n")?.to_html()
    /// }
    /// ```
    ///
    /// # Errors
    /// When `task` is not the one that the study was run on: a meta-prompt shows an example that it
    /// does not have.
    pub fn of(
        report: &'a Report,
        outcome: &Outcome,
        task: &Task,
        settings: &'a str,
    ) -> Result<Self> {
        let dev = outcome.winner().and_then(|trial| trial.evaluation.as_ref());
        let test = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        let (trials, steps) = (TrialLine::all(outcome), StepLine::all(&outcome.history));
        Ok(Self {
            dev: dev.map_or(Vec::new(), |dev| ScoredExample::all(task.dev(), dev)),
            test: test.map_or(Vec::new(), |test| ScoredExample::all(task.test(), &test.test)),
            meta_prompts: meta_prompts(report, &trials, &steps, outcome, task)?,
            report,
            trials,
            steps,
            settings,
        })
    }

    /// The whole page.
    ///
    /// # Errors
    /// When the page cannot be drawn, which a test rules out.
    pub fn to_html(&self) -> Result<String> {
        let report = self.report;
        let Report { method, seed, target, generator, .. } = report;
        let small_print = format!(
            "{method} · seed {seed} · target {target} · instructions by {generator} · motjuste {VERSION} · \
             {SMALL_PRINT}"
        );
        let frame = Frame {
            title: &report.task,
            style: "",
            body: template(include_str!("report.html"), &Values::of(self)?)?,
            settings: self.settings,
            ledger: &LedgerLine::of_study(&report.ledger),
            small_print: &format::visible(&small_print),
        };
        frame.to_html()
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

const SMALL_PRINT: &str = "the test examples were never seen by the search. The interval of a \
    difference is a bootstrap over pairs: both instructions answered the same test examples.";

/// The meta-prompts that the page shows.
fn meta_prompts(
    report: &Report,
    trials: &[TrialLine],
    steps: &[StepLine],
    outcome: &Outcome,
    task: &Task,
) -> Result<Vec<MetaPromptText>> {
    let shown = steps::shown_in_full(report, trials, steps).into_iter();
    let asked = |step| asked_in(&outcome.history, step).into_iter().next();
    let shown = shown.filter_map(|step| Some((step, asked(step)?)));
    let text = |(step, asked): (usize, &Ask)| {
        Ok(MetaPromptText { step, text: asked.text(&task.in_words(), task.train(), task.dev())? })
    };
    shown.map(text).collect()
}

/// What the template is filled with.
#[derive(Serialize)]
struct Values {
    study: String,
    headline: Html,
    proof: Html,
    figures: Html,
    progress: Chart,
    trials: Chart,
    instructions: Vec<instructions::Part>,
    steps: Option<Html>,
    splits: [examples::Split; 2],
}

impl Values {
    fn of(page: &StudyPage<'_>) -> Result<Self> {
        let StudyPage { report, trials, .. } = page;
        Ok(Self {
            study: format::visible(&report.study),
            headline: parts::headline(report)?,
            proof: parts::proof(report)?,
            figures: parts::figures(report, trials)?,
            progress: parts::best_so_far(report, trials),
            trials: parts::every_trial(report, trials),
            instructions: instructions::parts(report, trials),
            steps: steps::section(report, trials, &page.steps, &page.meta_prompts)?,
            splits: [
                examples::Split::of("dev", &page.dev),
                examples::Split::of("test", &page.test),
            ],
        })
    }
}
