//! What a model was found to be like while it was asked.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a model was found to be like; clones of the model share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Habits(Arc<Mutex<Found>>);

/// What a person hears of once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// An answer held a key.
    Key,
    /// An answer was much longer than what was asked for.
    Length,
    /// A usage that no call can have.
    Usage,
}

#[derive(Debug, Default)]
struct Found {
    refused: BTreeSet<&'static str>,
    told: BTreeSet<Oddity>,
    thinks: bool,
}

impl Habits {
    /// Fields of a request's body that its server refused.
    pub(crate) fn refused(&self) -> BTreeSet<&'static str> {
        self.found().refused.clone()
    }

    /// Its server refuses a field; whether that is new.
    pub(crate) fn refuses(&self, field: &'static str) -> bool {
        self.found().refused.insert(field)
    }

    /// It did something odd; whether that is new.
    pub(crate) fn is_new(&self, oddity: Oddity) -> bool {
        self.found().told.insert(oddity)
    }

    /// Whether it thinks before it answers.
    pub(crate) fn thinks(&self) -> bool {
        self.found().thinks
    }

    /// It thought before it answered; whether that is new.
    pub(crate) fn has_thought(&self) -> bool {
        !std::mem::replace(&mut self.found().thinks, true)
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
