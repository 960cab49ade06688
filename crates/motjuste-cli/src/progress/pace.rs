//! How far a part of a step has come, and how long the rest will take.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use motjuste::budget::{Account, Ledger, Spending};

use crate::summary;

/// Some texts that are being written, or answers that are waited for.
#[derive(Clone, Copy)]
struct Work {
    what: What,
    total: u64,
    before: u64,
    since: Instant,
}

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum What {
    Texts,
    Answers,
    TestAnswers,
}

impl What {
    fn done(self, account: &Account) -> u64 {
        // A call that was lost brought nothing, and is made again.
        let of = |spent: &Spending| (spent.calls + spent.cache_hits).saturating_sub(spent.lost);
        match self {
            Self::Texts => of(&account.generator),
            Self::Answers => of(&account.target),
            Self::TestAnswers => of(&account.assessment),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Texts => "texts written",
            Self::Answers => "answers",
            Self::TestAnswers => "answers to test examples",
        }
    }
}

impl Work {
    /// How far it has come; none at its ends, where there is nothing to tell.
    fn words(&self, account: &Account) -> Option<String> {
        let done = self.what.done(account).saturating_sub(self.before);
        if done == 0 || done >= self.total {
            return None;
        }
        let left = self.since.elapsed().as_secs_f64() / done as f64 * (self.total - done) as f64;
        let (total, what) = (self.total, self.what.name());
        Some(format!("{done} of {total} {what}, about {} left", duration(left)))
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        0.0..90.0 => format!("{seconds:.0} s"),
        90.0..5400.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

/// Pauses of less are not worth a word.
const LONG_PAUSE: Duration = Duration::from_secs(3);

/// That failed calls wait before they are repeated, and why.
fn waiting(ledger: &Ledger) -> Option<String> {
    let (left, why) = ledger.paused().filter(|(left, _)| *left >= LONG_PAUSE)?;
    let why: String = why.chars().take(120).collect();
    Some(format!("failed calls wait {} and are repeated then: {why}", duration(left.as_secs_f64())))
}

/// What is being done now, for whoever shows it.
#[derive(Clone)]
pub(super) struct Pace {
    ledger: Arc<Ledger>,
    work: Arc<Mutex<Option<Work>>>,
}

/// How often a line tells how far it has come, where there is no live line, in glances.
const EVERY: u64 = 10;

/// How often whoever tells looks.
const GLANCE: Duration = Duration::from_secs(1);

impl Pace {
    pub(super) fn of(ledger: Arc<Ledger>) -> Self {
        Self { ledger, work: Arc::default() }
    }

    /// So many of these are begun now.
    pub(super) fn begin(&self, what: What, total: u64) {
        let before = what.done(&self.ledger.account());
        let work = Work { what, total, before, since: Instant::now() };
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = Some(work);
    }

    /// How far it has come, if there is anything to tell.
    pub(super) fn words(&self) -> Option<String> {
        let work = *self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work.and_then(|work| work.words(&self.ledger.account()));
        let told: Vec<String> = done.into_iter().chain(waiting(&self.ledger)).collect();
        (!told.is_empty()).then(|| told.join(" · "))
    }

    /// Tells it on a line of its own every ten seconds, and a long pause when it begins, for as long as anybody else
    /// holds it.
    pub(super) fn tell(&self) {
        let (ledger, work) = (self.ledger.clone(), Arc::downgrade(&self.work));
        std::thread::spawn(move || {
            let mut was_waiting = false;
            for glance in 1_u64.. {
                std::thread::sleep(GLANCE);
                let Some(work) = work.upgrade() else { return };
                let (is_waiting, is_due) =
                    (waiting(&ledger).is_some(), glance.is_multiple_of(EVERY));
                if is_due || (is_waiting && !was_waiting) {
                    let words = Self { ledger: ledger.clone(), work }.words();
                    words.iter().for_each(|words| summary::note(words));
                }
                was_waiting = is_waiting;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_between_the_ends() {
        let since = Instant::now();
        let work = Work { what: What::Texts, total: 10, before: 3, since };
        let after = |calls, cache_hits| {
            let generator = Spending { calls, cache_hits, ..Spending::default() };
            work.words(&Account { generator, ..Account::default() })
        };
        assert_eq!((after(3, 0), after(10, 3)), (None, None));
        assert!(after(3, 5).unwrap().starts_with("5 of 10 texts written, about 0 s left"));
        let lost = Spending { calls: 8, lost: 4, ..Spending::default() };
        let account = Account { generator: lost, ..Account::default() };
        assert!(work.words(&account).unwrap().starts_with("1 of 10 texts written"));
        assert_eq!([duration(89.0), duration(120.0), duration(9000.0)], ["89 s", "2 min", "2.5 h"]);
    }
}
