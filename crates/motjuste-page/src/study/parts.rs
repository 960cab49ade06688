//! Parts of a study's page, for pages of one's own.
//!
//! ```
//! use motjuste::report::{Report, TrialLine};
//! use motjuste_page::{Html, parts};
//!
//! fn numbers(report: &Report, trials: &[TrialLine]) -> motjuste::Result<Html> {
//!     Ok(Html::new(parts::figures(report, trials)?.to_string() + &parts::proof(report)?.to_string()))
//! }
//! ```

use std::collections::BTreeMap;

use motjuste::Result;
use motjuste::report::{Report, TrialLine};

use super::progress_chart::{self, improvements, steps};
use super::{figures, headline, trials_chart};
use crate::chart::Chart;
use crate::html::{Html, template};

/// The best instruction so far, and what its test scores say.
///
/// # Errors
/// When it cannot be drawn, which a test rules out.
pub fn headline(report: &Report) -> Result<Html> {
    template(include_str!("headline.html"), &headline::Headline::of(report))
}

/// The study in numbers: trials, calls, tokens, time, why it ended.
///
/// # Errors
/// When it cannot be drawn, which a test rules out.
pub fn figures(report: &Report, trials: &[TrialLine]) -> Result<Html> {
    let values = BTreeMap::from([("figures", figures::key_figures(report, trials))]);
    template(include_str!("figures.html"), &values)
}

/// The held-out scores of the winner and its baselines, with intervals; empty before the assessment.
///
/// # Errors
/// When it cannot be drawn, which a test rules out.
pub fn proof(report: &Report) -> Result<Html> {
    let values = BTreeMap::from([("headline", headline::Headline::of(report))]);
    template(include_str!("proof.html"), &values)
}

/// The best dev score so far, over the target calls that it took.
pub fn best_so_far(report: &Report, trials: &[TrialLine]) -> Chart {
    progress_chart::draw(report, trials)
}

/// Every trial as a point: its score against its number.
pub fn every_trial(report: &Report, trials: &[TrialLine]) -> Chart {
    trials_chart::draw(report, trials)
}

/// The trials that were better than all before them: the target calls it took to know, the dev score, the
/// trial.
pub fn improved(trials: &[TrialLine]) -> Vec<(usize, f64, &TrialLine)> {
    improvements(&steps(trials))
}
