//! Requests in flight: additive increase, multiplicative decrease (Chiu and Jain, 1989), from a small start.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::growth::Growth;

#[derive(Debug)]
pub(super) struct Window {
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    maximum: usize,
    /// Slots to withdraw as soon as they come back.
    owed: usize,
    halvings: u64,
    /// How often the limit has changed.
    changes: u64,
    growth: Growth,
}

/// A place in the window.
#[derive(Debug)]
pub(super) struct Slot {
    window: Arc<Window>,
    permit: Option<OwnedSemaphorePermit>,
    /// How often the window had been halved, and had changed at all, when this request set out.
    halvings: u64,
    changes: u64,
}

impl Window {
    pub(super) fn new(maximum: usize, start: usize, growth: Growth) -> Self {
        let maximum = maximum.clamp(1, Semaphore::MAX_PERMITS);
        let limit = start.clamp(1, maximum);
        let state = State { limit, maximum, owed: 0, halvings: 0, changes: 0, growth };
        Self { slots: Arc::new(Semaphore::new(limit)), state: Mutex::new(state) }
    }

    pub(super) async fn slot(window: &Arc<Self>) -> Slot {
        // The semaphore is never closed, so there is always a permit.
        let permit = Arc::clone(&window.slots).acquire_owned().await.ok();
        let State { halvings, changes, .. } = *window.state();
        Slot { window: Arc::clone(window), permit, halvings, changes }
    }

    /// The server has so many slots: no more are in flight, and so many from now on.
    pub(super) fn has_slots(&self, slots: usize) {
        let mut state = self.state();
        state.maximum = state.maximum.min(slots.max(1));
        state.growth = Growth::Slots;
        let limit = state.maximum;
        self.resize(&mut state, limit);
    }

    fn resize(&self, state: &mut State, limit: usize) {
        if limit > state.limit {
            let kept = state.owed.min(limit - state.limit);
            state.owed -= kept;
            self.slots.add_permits(limit - state.limit - kept);
        } else if limit < state.limit {
            let withdrawn = state.limit - limit;
            state.owed += withdrawn - self.slots.forget_permits(withdrawn);
        } else {
            return;
        }
        state.limit = limit;
        state.changes += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The request was answered in this time. What set out under another limit says nothing about this one to
    /// who compares times.
    pub(super) fn answered(&self, took: Duration) {
        let mut state = self.window.state();
        let is_full = self.window.slots.available_permits() == 0 && state.changes == self.changes;
        let (limit, maximum) = (state.limit, state.maximum);
        let limit = state.growth.answered(took, is_full, limit, maximum);
        self.window.resize(&mut state, limit);
    }

    /// Halves the window, unless this request set out before the last halving: one overload is
    /// reported by every request that was in flight.
    pub(super) fn halve(&self) {
        let mut state = self.window.state();
        if state.halvings != self.halvings {
            return;
        }
        let limit = state.limit.div_ceil(2);
        self.window.resize(&mut state, limit);
        state.growth.overloaded();
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

    use super::super::growth::Bearing;

    /// A window of a provider that has grown to its maximum.
    fn full(maximum: usize) -> Arc<Window> {
        Arc::new(Window::new(maximum, maximum, Growth::of(Bearing::Refuses)))
    }

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
        let window = full(64);
        let slots = take(&window, 64).await;
        slots.iter().for_each(Slot::halve);
        drop(slots);
        assert_eq!(window.free(), 32);
        Window::slot(&window).await.halve();
        assert_eq!(window.free(), 16);
    }

    #[tokio::test]
    async fn the_window_never_closes_and_comes_back_in_sixteen_rounds() {
        let window = full(64);
        for _ in 0..10 {
            Window::slot(&window).await.halve();
        }
        assert_eq!(window.free(), 1);
        for _ in 0..16 {
            let round = take(&window, window.free()).await;
            round.iter().for_each(|slot| slot.answered(Duration::ZERO));
        }
        assert_eq!(window.free(), 64);
    }

    #[tokio::test]
    async fn a_slot_owed_is_withdrawn_when_it_returns_and_growth_pays_debts_first() {
        let window = full(4);
        let slots = take(&window, 4).await;
        slots[0].halve();
        // From 2 to 3 after two successes; the other two are not yet a full window.
        slots.iter().for_each(|slot| slot.answered(Duration::ZERO));
        drop(slots);
        assert_eq!(window.free(), 3);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_slot_behind() {
        let window = full(1);
        let held = Window::slot(&window).await;
        let waiting = tokio::time::timeout(std::time::Duration::ZERO, Window::slot(&window));
        assert!(waiting.await.is_err());
        drop(held);
        assert_eq!(window.free(), 1);
    }

    #[tokio::test]
    async fn a_server_that_tells_its_slots_gets_no_more() {
        let window = Arc::new(Window::new(64, 1, Growth::of(Bearing::Queues(Duration::MAX))));
        assert_eq!(window.free(), 1);
        window.has_slots(3);
        take(&window, 3).await.iter().for_each(|slot| slot.answered(Duration::ZERO));
        assert_eq!(window.free(), 3);
    }
}
