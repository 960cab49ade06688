//! What a person sees while a model works on mathematical problems.

use indicatif::{ProgressBar, ProgressStyle};
use motjuste_problems::runs::Observer;

use crate::letters::shown;
use crate::summary;

/// A live line on a terminal; elsewhere one line for each instance.
pub(crate) struct Steps {
    bar: Option<ProgressBar>,
}

const TEMPLATE: &str = "{prefix}  {bar:30.cyan} {pos}/{len} steps · {elapsed}  {msg}";

impl Steps {
    /// Begins to show the steps of each instance, `limit` at the most.
    pub(crate) fn new(limit: usize, json: bool) -> Self {
        let live = !json && summary::is_watched();
        let bar = live.then(|| ProgressBar::new(limit as u64));
        if let (Some(bar), Ok(style)) = (&bar, ProgressStyle::with_template(TEMPLATE)) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Steps {
    fn begins(&self, name: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(shown(name));
                bar.set_position(0);
            }
            None => summary::note(name),
        }
    }

    fn step(&self, steps: usize, best: Option<f64>) {
        if let Some(bar) = &self.bar {
            bar.set_position(steps as u64);
            bar.set_message(best.map_or(String::new(), |best| format!("best {best:.1}")));
        }
    }
}
