//! Requests in flight: additive increase, multiplicative decrease (Chiu and Jain, 1989).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A full window of successes adds a sixteenth of the maximum, so that the way back from a single
/// request in flight takes sixteen round trips at most.
const STEPS: usize = 16;

#[derive(Debug)]
pub(super) struct Window {
    slots: Arc<Semaphore>,
    maximum: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Slots to withdraw as soon as they come back.
    owed: usize,
    successes: usize,
    halvings: u64,
}

/// A place in the window.
#[derive(Debug)]
pub(super) struct Slot {
    window: Arc<Window>,
    permit: Option<OwnedSemaphorePermit>,
    /// How often the window had been halved when this request set out.
    halvings: u64,
}

impl Window {
    pub(super) fn new(maximum: usize) -> Self {
        let maximum = maximum.clamp(1, Semaphore::MAX_PERMITS);
        let state = State { limit: maximum, owed: 0, successes: 0, halvings: 0 };
        Self { slots: Arc::new(Semaphore::new(maximum)), maximum, state: Mutex::new(state) }
    }

    pub(super) async fn slot(window: &Arc<Self>) -> Slot {
        // The semaphore is never closed, so there is always a permit.
        let permit = Arc::clone(&window.slots).acquire_owned().await.ok();
        let halvings = window.state().halvings;
        Slot { window: Arc::clone(window), permit, halvings }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    pub(super) fn grow(&self) {
        let mut state = self.window.state();
        state.successes += 1;
        if state.limit == self.window.maximum || state.successes < state.limit {
            return;
        }
        let step = self.window.maximum.div_ceil(STEPS).min(self.window.maximum - state.limit);
        let kept = step.min(state.owed);
        state.owed -= kept;
        state.limit += step;
        state.successes = 0;
        self.window.slots.add_permits(step - kept);
    }

    /// Halves the window, unless this request set out before the last halving: one overload is
    /// reported by every request that was in flight.
    pub(super) fn halve(&self) {
        let mut state = self.window.state();
        if state.halvings != self.halvings {
            return;
        }
        let withdrawn = state.limit / 2;
        state.limit -= withdrawn;
        state.owed += withdrawn - self.window.slots.forget_permits(withdrawn);
        state.successes = 0;
        state.halvings += 1;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.window.state();
        if let Some(permit) = self.permit.take()
            && state.owed > 0
        {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Window {
        fn free(&self) -> usize {
            self.slots.available_permits()
        }
    }

    async fn take(window: &Arc<Window>, count: usize) -> Vec<Slot> {
        let mut slots = Vec::new();
        for _ in 0..count {
            slots.push(Window::slot(window).await);
        }
        slots
    }

    #[tokio::test]
    async fn one_overload_halves_once_however_many_report_it() {
        let window = Arc::new(Window::new(64));
        let slots = take(&window, 64).await;
        slots.iter().for_each(Slot::halve);
        drop(slots);
        assert_eq!(window.free(), 32);
        Window::slot(&window).await.halve();
        assert_eq!(window.free(), 16);
    }

    #[tokio::test]
    async fn the_window_never_closes_and_comes_back_in_sixteen_rounds() {
        let window = Arc::new(Window::new(64));
        for _ in 0..10 {
            Window::slot(&window).await.halve();
        }
        assert_eq!(window.free(), 1);
        for _ in 0..16 {
            let round = take(&window, window.free()).await;
            round.iter().for_each(Slot::grow);
        }
        assert_eq!(window.free(), 64);
    }

    #[tokio::test]
    async fn a_slot_owed_is_withdrawn_when_it_returns_and_growth_pays_debts_first() {
        let window = Arc::new(Window::new(4));
        let slots = take(&window, 4).await;
        slots[0].halve();
        // From 2 to 3 after two successes; the other two are not yet a full window.
        slots.iter().for_each(Slot::grow);
        drop(slots);
        assert_eq!(window.free(), 3);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_slot_behind() {
        let window = Arc::new(Window::new(1));
        let held = Window::slot(&window).await;
        let waiting = tokio::time::timeout(std::time::Duration::ZERO, Window::slot(&window));
        assert!(waiting.await.is_err());
        drop(held);
        assert_eq!(window.free(), 1);
    }
}
