//! A study as the fold of its events, which grows by those that are new.

use motjuste::journal::{Event, Outcome, replay};
use motjuste::report::Report;
use motjuste::{Error, Result};

/// A study's state after so many of its events.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    pub(crate) study: String,
    pub(crate) events: usize,
    pub(crate) outcome: Outcome,
}

impl Folded {
    /// The state after all of `events`; none where there is no event, and so no study.
    pub(super) fn of(study: &str, events: Vec<Event>) -> Result<Option<Self>> {
        let config = match events.first() {
            None => return Ok(None),
            Some(Event::Created { config }) => config.clone(),
            Some(_) => {
                return Err(Error::storage(format!("study {study} has no beginning")).with_help(
                    "the store is damaged, or the study was written by another version",
                ));
            }
        };
        let number = events.len();
        let outcome = replay(&config, events);
        Ok(Some(Self { study: study.to_owned(), events: number, outcome }))
    }

    /// The state after some more events.
    pub(super) fn grow(&mut self, new: Vec<Event>) {
        self.events += new.len();
        new.into_iter().for_each(|event| self.outcome.apply(event));
    }

    /// The study's result so far.
    pub(crate) fn report(&self) -> Report {
        Report::of(&self.study, &self.outcome, None)
    }
}
