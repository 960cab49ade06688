//! Spending: what a study may use, and the one ledger that every model call passes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::usage::{Cost, Usage};
use crate::{Error, Result};

/// The most a study may use. `None` is no limit.
///
/// The budget does not belong to a study's identity: a study that its budget stopped goes on
/// under a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Trials: instructions selected for evaluation, repeats included.
    pub trials: Option<u64>,
    /// Calls to the target.
    pub target_calls: Option<u64>,
    /// Texts from the generator.
    pub generator_calls: Option<u64>,
    /// Tokens of both models, read and written.
    pub tokens: Option<u64>,
    /// Seconds of wall time, counted from the start of the process.
    pub seconds: Option<f64>,
}

impl Default for Budget {
    /// InstructZero's budget: 150 trials (arXiv 2306.03082).
    fn default() -> Self {
        Self {
            trials: Some(150),
            target_calls: None,
            generator_calls: None,
            tokens: None,
            seconds: None,
        }
    }
}

/// The line of a budget that ended a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All planned trials were run.
    Trials,
    /// The optimizer has nothing left to propose.
    Finished,
    /// No further trial fits into the target calls.
    TargetCalls,
    /// No further text fits into the generator calls.
    GeneratorCalls,
    /// No further trial fits into the tokens.
    Tokens,
    /// The time is over.
    Seconds,
}

impl StopReason {
    /// Whether a cap ended the study before its planned end.
    ///
    /// ```
    /// use motjuste::budget::StopReason;
    /// assert!(StopReason::TargetCalls.is_cap() && !StopReason::Trials.is_cap());
    /// ```
    pub fn is_cap(self) -> bool {
        !matches!(self, Self::Trials | Self::Finished)
    }
}

/// Who a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The target, during the search.
    Target,
    /// The generator, during the search.
    Generator,
    /// The target, scoring the winner and the baselines after the search.
    Assessment,
}

/// What one role has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// Calls that this study paid for.
    pub calls: u64,
    /// Calls that the cache answered.
    pub cache_hits: u64,
    /// Tokens read in the paid calls.
    pub tokens_in: u64,
    /// Tokens written in the paid calls.
    pub tokens_out: u64,
}

impl Spending {
    fn tokens(&self) -> u64 {
        self.tokens_in + self.tokens_out
    }

    fn settle(&mut self, calls: u64, usage: Usage) {
        self.calls += calls;
        self.tokens_in += usage.tokens_in;
        self.tokens_out += usage.tokens_out;
    }
}

/// What every role has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The search's calls to the target.
    pub target: Spending,
    /// The search's texts from the generator.
    pub generator: Spending,
    /// The calls that score the winner and the baselines, outside the search budget.
    pub assessment: Spending,
}

impl Account {
    fn role(&mut self, role: Role) -> &mut Spending {
        match role {
            Role::Target => &mut self.target,
            Role::Generator => &mut self.generator,
            Role::Assessment => &mut self.assessment,
        }
    }

    fn search_tokens(&self) -> u64 {
        self.target.tokens() + self.generator.tokens()
    }
}

/// The one place where spending is allowed and recorded: reserve before a call, settle after it.
///
/// What is settled plus what is reserved never exceeds the budget, however many calls are in
/// flight, because a reservation is the call's worst case.
///
/// ```
/// use motjuste::budget::{Budget, Ledger, Role};
/// use motjuste::usage::{Cost, Usage};
/// let ledger = Ledger::new(Budget { target_calls: Some(1), ..Budget::default() });
/// let reserved = ledger.reserve(Role::Target, Cost { calls: 1, tokens: 40 }).unwrap();
/// assert!(ledger.reserve(Role::Target, Cost { calls: 1, tokens: 40 }).is_err());
/// reserved.settle(Usage { tokens_in: 25, tokens_out: 3 });
/// assert_eq!(ledger.account().target.calls, 1);
/// ```
#[derive(Debug)]
pub struct Ledger {
    budget: Budget,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    account: Account,
    reserved_target: u64,
    reserved_generator: u64,
    reserved_tokens: u64,
}

impl Ledger {
    /// An empty ledger under `budget`.
    pub fn new(budget: Budget) -> Self {
        Self::resume(budget, Account::default())
    }

    /// A ledger that goes on from what a study has used before.
    pub fn resume(budget: Budget, account: Account) -> Self {
        Self { budget, books: Mutex::new(Books { account, ..Books::default() }) }
    }

    /// The budget it guards.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What has been settled so far.
    pub fn account(&self) -> Account {
        self.books().account
    }

    /// The line of the budget that `cost` would cross now, if any.
    pub fn refusal(&self, role: Role, cost: Cost) -> Option<StopReason> {
        self.books().refusal(&self.budget, role, cost)
    }

    /// Sets `cost` aside.
    ///
    /// # Errors
    /// [`Error::is_budget`] when it does not fit; then nothing is set aside.
    pub fn reserve(&self, role: Role, cost: Cost) -> Result<Reservation<'_>> {
        let mut books = self.books();
        if let Some(reason) = books.refusal(&self.budget, role, cost) {
            return Err(Error::budget(format!("the budget allows no further call ({reason:?})"))
                .with_help("run again with a larger budget; nothing paid for is lost"));
        }
        books.reserve(role, cost);
        Ok(Reservation { ledger: self, role, cost, settled: false })
    }

    /// Records a call that this study paid for before it was interrupted.
    pub fn replay(&self, role: Role, usage: Usage) {
        self.books().account.role(role).settle(1, usage);
    }

    /// Records a call that the cache answered.
    pub fn hit(&self, role: Role) {
        self.books().account.role(role).cache_hits += 1;
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn refusal(&self, budget: &Budget, role: Role, cost: Cost) -> Option<StopReason> {
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used > limit);
        let target = self.account.target.calls + self.reserved_target + cost.calls;
        let generator = self.account.generator.calls + self.reserved_generator + cost.calls;
        let tokens = self.account.search_tokens() + self.reserved_tokens + cost.tokens;
        match role {
            Role::Assessment => None,
            Role::Target if over(budget.target_calls, target) => Some(StopReason::TargetCalls),
            Role::Generator if over(budget.generator_calls, generator) => {
                Some(StopReason::GeneratorCalls)
            }
            _ if over(budget.tokens, tokens) => Some(StopReason::Tokens),
            _ => None,
        }
    }

    fn reserve(&mut self, role: Role, cost: Cost) {
        match role {
            Role::Target => self.reserved_target += cost.calls,
            Role::Generator => self.reserved_generator += cost.calls,
            Role::Assessment => return,
        }
        self.reserved_tokens += cost.tokens;
    }

    fn release(&mut self, role: Role, cost: Cost) {
        match role {
            Role::Target => self.reserved_target -= cost.calls,
            Role::Generator => self.reserved_generator -= cost.calls,
            Role::Assessment => return,
        }
        self.reserved_tokens -= cost.tokens;
    }
}

/// Money set aside for calls in flight. Dropped unsettled, it goes back.
#[derive(Debug)]
#[must_use = "a reservation that is dropped at once guards nothing"]
pub struct Reservation<'a> {
    ledger: &'a Ledger,
    role: Role,
    cost: Cost,
    settled: bool,
}

impl Reservation<'_> {
    /// Books what the reserved calls really used.
    pub fn settle(mut self, usage: Usage) {
        let mut books = self.ledger.books();
        books.release(self.role, self.cost);
        books.account.role(self.role).settle(self.cost.calls, usage);
        self.settled = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.ledger.books().release(self.role, self.cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(target_calls: u64, tokens: u64) -> Ledger {
        let caps = (Some(target_calls), Some(tokens));
        Ledger::new(Budget { target_calls: caps.0, tokens: caps.1, ..Budget::default() })
    }

    #[test]
    fn a_dropped_reservation_goes_back() {
        let ledger = ledger(1, 100);
        drop(ledger.reserve(Role::Target, Cost { calls: 1, tokens: 100 }).unwrap());
        assert!(ledger.reserve(Role::Target, Cost { calls: 1, tokens: 100 }).is_ok());
    }

    #[test]
    fn the_cap_holds_under_256_calls_in_flight() {
        let ledger = ledger(100, u64::MAX);
        let granted = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..256 {
                scope.spawn(|| {
                    if let Ok(held) = ledger.reserve(Role::Target, Cost { calls: 1, tokens: 9 }) {
                        granted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        held.settle(Usage { tokens_in: 3, tokens_out: 1 });
                    }
                });
            }
        });
        assert_eq!(granted.into_inner(), 100);
        let spent = ledger.account().target;
        assert_eq!((spent.calls, spent.tokens_in, spent.tokens_out), (100, 300, 100));
    }

    #[test]
    fn tokens_are_reserved_at_their_worst_case_and_settled_at_their_real_number() {
        let ledger = ledger(9, 100);
        let held = ledger.reserve(Role::Generator, Cost { calls: 1, tokens: 80 }).unwrap();
        let more = Cost { calls: 1, tokens: 50 };
        assert_eq!(ledger.refusal(Role::Target, more), Some(StopReason::Tokens));
        held.settle(Usage { tokens_in: 40, tokens_out: 5 });
        assert_eq!(ledger.refusal(Role::Target, more), None);
    }

    #[test]
    fn the_assessment_is_counted_and_never_refused() {
        let ledger = ledger(0, 0);
        let held = ledger.reserve(Role::Assessment, Cost { calls: 3, tokens: 10 }).unwrap();
        held.settle(Usage { tokens_in: 9, tokens_out: 1 });
        assert_eq!(ledger.account().assessment.calls, 3);
    }
}
