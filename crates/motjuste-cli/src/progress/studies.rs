//! How the studies of a comparison go: how many are done, and how long the others will take.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use motjuste::experiment::{Coordinates, Experiment, Watch};
use motjuste::journal::Outcome;
use motjuste::study::Study;
use motjuste::{Error, Result};

use crate::summary;

/// One line for all studies on a terminal, a line for each elsewhere.
pub(crate) struct Studies<'a> {
    experiment: &'a Experiment,
    /// Asks whether so many studies may call servers.
    agree: &'a (dyn Fn(usize) -> Result<()> + Sync),
    /// Listens to signals, once somebody agreed.
    listen: &'a (dyn Fn() + Sync),
    answer: Mutex<Option<bool>>,
    all: usize,
    done: AtomicUsize,
    /// Studies that were not there already: their pace is the others'.
    run: AtomicUsize,
    begun: Instant,
    bar: Option<ProgressBar>,
    is_quiet: bool,
}

impl<'a> Studies<'a> {
    pub(crate) fn new(
        experiment: &'a Experiment,
        agree: &'a (dyn Fn(usize) -> Result<()> + Sync),
        listen: &'a (dyn Fn() + Sync),
        json: bool,
    ) -> Self {
        let all = experiment.studies().len();
        let bar = (!json && summary::is_watched()).then(|| bar(all));
        Self {
            experiment,
            agree,
            listen,
            answer: Mutex::default(),
            all,
            done: AtomicUsize::new(0),
            run: AtomicUsize::new(0),
            begun: Instant::now(),
            bar,
            is_quiet: json,
        }
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(line.to_owned()),
            None if self.is_quiet => {}
            None => summary::note(line),
        }
    }

    /// How long the studies that are left will take, at the pace of those that were run.
    fn left(&self, done: usize) -> String {
        match self.run.load(Ordering::Relaxed) {
            0 => String::new(),
            run => {
                let each = self.begun.elapsed() / u32::try_from(run).unwrap_or(u32::MAX);
                let left = each.saturating_mul(u32::try_from(self.all - done).unwrap_or(u32::MAX));
                format!(", {} left", minutes(left))
            }
        }
    }
}

impl Watch for Studies<'_> {
    /// Asks once, in front of the first study that may call a server.
    fn begin(&self, _: &Coordinates, study: &Study) -> Result<()> {
        if let Some(trials) = study.has_run_for() {
            self.tell(&summary::beginning(trials));
        }
        if study.is_finished() {
            return Ok(());
        }
        self.run.fetch_add(1, Ordering::Relaxed);
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match *answer {
            Some(true) => return Ok(()),
            Some(false) => return Err(Error::interrupted()),
            None => {}
        }
        let agreed = (self.agree)(self.all);
        *answer = Some(agreed.is_ok());
        agreed.inspect(|()| (self.listen)())
    }

    fn end(&self, at: &Coordinates, outcome: &Outcome) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let winner = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        let score = winner.map_or(String::new(), |it| format!(": test {:.2}", it.interval.score));
        let title = self.experiment.title(at);
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
        self.tell(&format!("{done} of {}{}  {title}{score}", self.all, self.left(done)));
    }
}

fn bar(all: usize) -> ProgressBar {
    let bar = ProgressBar::new(all as u64);
    let style = ProgressStyle::with_template("{spinner} {elapsed} {bar:20} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A time as minutes and seconds, or hours and minutes.
fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}
