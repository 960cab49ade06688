//! The report page.

use motjuste::Result;
use motjuste::report::{Report, TrialLine};
use motjuste::study::Outcome;
use motjuste::task::Task;

pub(crate) struct Page;

impl Page {
    pub(crate) fn of(_: &Report, _: Vec<TrialLine>, _: &Outcome, _: &Task, _: &str) -> Self {
        Self
    }
}

pub(crate) fn render(_: &Page) -> Result<String> {
    Ok(String::new())
}
