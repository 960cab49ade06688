//! Reserve before a call, settle after it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::{Account, Budget, Role, StopReason};
use crate::cost::Cost;
use crate::money::Usd;
use crate::{Error, Result};

/// The one place where spending is allowed and recorded.
///
/// What is settled plus what is reserved never exceeds the budget, however many calls are in
/// flight, because a reservation is the call's worst case. The caps on calls and tokens are the
/// search's; the cap on money covers the scoring after it as well.
///
/// ```
/// use motjuste::budget::{Budget, Ledger, Role};
/// use motjuste::cost::Price;
/// use motjuste::usage::Usage;
/// let ledger = Ledger::new(Budget { target_calls: Some(1), ..Budget::default() });
/// let worst = Price::FREE.of(1, Usage { tokens_in: 30, tokens_out: 10 });
/// let reserved = ledger.reserve(Role::Target, worst).unwrap();
/// assert!(ledger.reserve(Role::Target, worst).is_err());
/// reserved.settle(Price::FREE.of(1, Usage { tokens_in: 25, tokens_out: 3 }));
/// assert_eq!(ledger.account().target.calls, 1);
/// ```
#[derive(Debug)]
pub struct Ledger {
    budget: Budget,
    books: Mutex<Books>,
    clock: Clock,
    repeated: AtomicU64,
    paused: Mutex<Option<Paused>>,
}

/// Calls wait before they are repeated.
#[derive(Debug)]
struct Paused {
    until: Instant,
    why: String,
}

#[derive(Debug, Default)]
struct Books {
    account: Account,
    target_calls: u64,
    generator_calls: u64,
    tokens: u64,
    usd: Usd,
    set_aside: Usd,
    /// Reservations that are neither settled nor given back.
    in_flight: usize,
}

impl Ledger {
    /// An empty ledger under `budget`.
    pub fn new(budget: Budget) -> Self {
        Self::resume(budget, Account::default())
    }

    /// A ledger that goes on from what a study has used before.
    pub fn resume(budget: Budget, account: Account) -> Self {
        let books = Mutex::new(Books { account, ..Books::default() });
        let clock = Clock::new(budget.seconds);
        Self { budget, books, clock, repeated: AtomicU64::new(0), paused: Mutex::default() }
    }

    /// The budget it guards.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What has been settled so far.
    pub fn account(&self) -> Account {
        self.books().account
    }

    /// Attempts that this process repeated because one before them failed.
    pub fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    /// Calls that are reserved and not yet settled: on the wire, or waiting for their turn.
    pub fn in_flight(&self) -> usize {
        self.books().in_flight
    }

    /// Says that calls wait for so long from now on, for this reason.
    pub(crate) fn pause(&self, pause: Duration, why: &str) {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + pause;
        if paused.as_ref().is_none_or(|known| known.until < until) {
            *paused = Some(Paused { until, why: why.to_owned() });
        }
    }

    /// How long calls wait still before they are repeated, and for what reason; for whoever watches.
    pub fn paused(&self) -> Option<(Duration, String)> {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let paused = paused.as_ref()?;
        let left = paused.until.checked_duration_since(Instant::now())?;
        Some((left, paused.why.clone()))
    }

    /// Begins to count the seconds of the budget anew; before, they count from when the ledger was made.
    pub fn start_the_clock(&self) {
        self.clock.restart();
    }

    /// Keeps time out of the search's reach, for the scoring after it: half of the budget's seconds at the most.
    pub fn set_time_aside(&self, time: Duration) {
        self.clock.set_aside(time);
    }

    /// Whether the time is up for calls in this role: none begins any more.
    pub fn is_time_up(&self, role: Role) -> bool {
        self.clock.is_over(role)
    }

    /// When a call in this role is given up that is in flight still.
    pub(crate) fn end_of_time(&self, role: Role) -> Option<tokio::time::Instant> {
        self.clock.end(role)
    }

    /// Keeps money out of the search's reach, for the scoring after it.
    pub fn set_aside(&self, usd: Usd) {
        self.books().set_aside = usd;
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
            return Err(Error::cap(reason));
        }
        books.reserve(role, cost);
        Ok(Reservation { ledger: self, role, cost, settled: false })
    }

    /// Records a call that this study paid for before it was interrupted.
    pub(crate) fn replay(&self, role: Role, cost: Cost) {
        self.books().account.role(role).settle(cost);
    }

    /// Records a call that another study paid for and that counts for this one as well, from before an interruption.
    pub(crate) fn replay_shared(&self, role: Role, cost: Cost) {
        self.books().account.role(role).share(cost);
    }

    /// Records a call that may have been paid for and whose answer never came.
    pub(crate) fn lose(&self, role: Role, cost: Cost) {
        self.books().account.role(role).lose(cost);
    }

    /// Records a call that the cache answered.
    pub(crate) fn hit(&self, role: Role) {
        self.books().account.role(role).cache_hits += 1;
    }

    /// Records that a failed attempt is about to be repeated.
    pub(crate) fn repeat(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn refusal(&self, budget: &Budget, role: Role, cost: Cost) -> Option<StopReason> {
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used > limit);
        let sum = |parts: [u64; 3]| parts.into_iter().fold(0, u64::saturating_add);
        let target = sum([self.account.target.calls, self.target_calls, cost.calls]);
        let generator = sum([self.account.generator.calls, self.generator_calls, cost.calls]);
        let tokens = sum([self.account.search_tokens(), self.tokens, cost.usage.tokens()]);
        let is_search = role != Role::Assessment;
        match role {
            Role::Target if over(budget.target_calls, target) => Some(StopReason::TargetCalls),
            Role::Generator if over(budget.generator_calls, generator) => {
                Some(StopReason::GeneratorCalls)
            }
            _ if is_search && over(budget.tokens, tokens) => Some(StopReason::Tokens),
            _ if self.is_too_dear(budget.usd, is_search, cost.usd) => Some(StopReason::Usd),
            _ => None,
        }
    }

    fn is_too_dear(&self, limit: Option<Usd>, is_search: bool, usd: Usd) -> bool {
        let set_aside = if is_search { self.set_aside } else { Usd::ZERO };
        limit.is_some_and(|limit| self.account.usd() + self.usd + set_aside + usd > limit)
    }

    fn reserve(&mut self, role: Role, cost: Cost) {
        self.in_flight += 1;
        self.usd += cost.usd;
        self.move_counts(role, cost, u64::saturating_add);
    }

    fn release(&mut self, role: Role, cost: Cost) {
        self.in_flight -= 1;
        self.usd -= cost.usd;
        self.move_counts(role, cost, u64::saturating_sub);
    }

    /// Calls and tokens that are set aside; those of the scoring after the search are not capped.
    fn move_counts(&mut self, role: Role, cost: Cost, by: fn(u64, u64) -> u64) {
        match role {
            Role::Target => self.target_calls = by(self.target_calls, cost.calls),
            Role::Generator => self.generator_calls = by(self.generator_calls, cost.calls),
            Role::Judge => {}
            Role::Assessment => return,
        }
        self.tokens = by(self.tokens, cost.usage.tokens());
    }
}

/// What is set aside for calls in flight. Dropped unsettled, it goes back.
#[derive(Debug)]
#[must_use = "a reservation that is dropped at once guards nothing"]
pub struct Reservation<'a> {
    ledger: &'a Ledger,
    role: Role,
    cost: Cost,
    settled: bool,
}

impl Reservation<'_> {
    /// Books what the reserved calls really cost.
    pub fn settle(mut self, cost: Cost) {
        let mut books = self.ledger.books();
        books.release(self.role, self.cost);
        books.account.role(self.role).settle(cost);
        self.settled = true;
    }

    /// Books what the reserved calls cost another study.
    pub fn share(mut self, cost: Cost) {
        let mut books = self.ledger.books();
        books.release(self.role, self.cost);
        books.account.role(self.role).share(cost);
        self.settled = true;
    }

    /// Books the worst case: the calls may have been charged for, and no answer came.
    pub fn lose(mut self) {
        let mut books = self.ledger.books();
        books.release(self.role, self.cost);
        books.account.role(self.role).lose(self.cost);
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
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::cost::Price;
    use crate::usage::Usage;

    /// One call that reads this many tokens, at a dollar a million.
    fn cost(tokens_in: u64) -> Cost {
        Price::per_million(1.0, 1.0).unwrap().of(1, Usage { tokens_in, tokens_out: 0 })
    }

    fn ledger(target_calls: u64, tokens: u64) -> Ledger {
        let caps = (Some(target_calls), Some(tokens));
        Ledger::new(Budget { target_calls: caps.0, tokens: caps.1, ..Budget::default() })
    }

    fn money(dollars: f64) -> Ledger {
        Ledger::new(Budget { usd: Some(Usd::dollars(dollars).unwrap()), ..Budget::default() })
    }

    #[test]
    fn a_dropped_reservation_goes_back() {
        let ledger = ledger(1, 100);
        drop(ledger.reserve(Role::Target, cost(100)).unwrap());
        assert!(ledger.reserve(Role::Target, cost(100)).is_ok());
    }

    #[test]
    fn the_cap_holds_under_256_calls_in_flight() {
        let ledger = ledger(100, u64::MAX);
        let granted = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..256 {
                scope.spawn(|| {
                    if let Ok(held) = ledger.reserve(Role::Target, cost(9)) {
                        granted.fetch_add(1, Ordering::Relaxed);
                        held.settle(cost(3));
                    }
                });
            }
        });
        assert_eq!(granted.into_inner(), 100);
        let spent = ledger.account().target;
        assert_eq!((spent.calls, spent.tokens_in), (100, 300));
        assert_eq!(spent.usd, cost(300).usd);
    }

    #[test]
    fn tokens_are_reserved_at_their_worst_case_and_settled_at_their_real_number() {
        let ledger = ledger(9, 100);
        let held = ledger.reserve(Role::Generator, cost(80)).unwrap();
        assert_eq!(ledger.refusal(Role::Target, cost(50)), Some(StopReason::Tokens));
        held.settle(cost(45));
        assert_eq!(ledger.refusal(Role::Target, cost(50)), None);
    }

    #[test]
    fn money_is_capped_to_the_last_token_for_the_scoring_too() {
        let ledger = money(1e-4);
        ledger.reserve(Role::Target, cost(60)).unwrap().settle(cost(60));
        assert_eq!(ledger.refusal(Role::Target, cost(41)), Some(StopReason::Usd));
        assert_eq!(ledger.refusal(Role::Assessment, cost(41)), Some(StopReason::Usd));
        assert_eq!(ledger.refusal(Role::Assessment, cost(40)), None);
    }

    #[test]
    fn what_is_set_aside_is_out_of_the_searchs_reach_alone() {
        let ledger = money(1e-4);
        ledger.set_aside(cost(70).usd);
        assert_eq!(ledger.refusal(Role::Generator, cost(31)), Some(StopReason::Usd));
        assert_eq!(ledger.refusal(Role::Generator, cost(30)), None);
        assert_eq!(ledger.refusal(Role::Assessment, cost(100)), None);
    }

    #[test]
    fn a_lost_call_is_counted_at_its_worst() {
        let ledger = ledger(2, 100);
        ledger.reserve(Role::Target, cost(40)).unwrap().lose();
        let spent = ledger.account().target;
        assert_eq!((spent.calls, spent.lost, spent.tokens_in), (1, 1, 40));
    }

    #[test]
    fn amounts_beyond_all_measure_are_the_most_there_is_and_stop_the_search() {
        let ledger = ledger(u64::MAX, u64::MAX - 1);
        let absurd = Usage { tokens_in: u64::MAX, tokens_out: u64::MAX };
        let absurd = Price::per_million(9.0, 9.0).unwrap().of(1, absurd);
        for _ in 0..3 {
            ledger.reserve(Role::Assessment, cost(1)).unwrap().settle(absurd);
        }
        ledger.lose(Role::Target, absurd);
        let account = ledger.account();
        assert_eq!((account.target.tokens(), account.assessment.tokens_in), (u64::MAX, u64::MAX));
        assert_eq!(ledger.refusal(Role::Target, cost(1)), Some(StopReason::Tokens));
        let json = serde_json::to_string(&account).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
    }

    #[test]
    fn what_is_in_flight_is_counted_until_it_is_settled() {
        let ledger = ledger(9, 1000);
        let (one, other) =
            (ledger.reserve(Role::Target, cost(1)), ledger.reserve(Role::Judge, cost(1)));
        assert_eq!(ledger.in_flight(), 2);
        one.unwrap().settle(cost(1));
        drop(other);
        assert_eq!(ledger.in_flight(), 0);
    }

    #[test]
    fn the_assessment_is_counted_and_calls_and_tokens_do_not_refuse_it() {
        let ledger = ledger(0, 0);
        let held = ledger.reserve(Role::Assessment, cost(10)).unwrap();
        held.settle(cost(9));
        assert_eq!(ledger.account().assessment.calls, 1);
    }
}
