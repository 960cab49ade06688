//! Browsers that listen: each is told what changed, and none can keep the others waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many messages may wait for one browser. One that is further behind is dropped: it comes back by itself,
/// and fetches everything again.
const WAITING: usize = 8;

/// The browsers that listen.
pub(crate) struct Hub {
    listeners: Mutex<Vec<Sender<Arc<str>>>>,
    most: usize,
}

impl Hub {
    /// Room for so many browsers.
    pub(crate) fn with_room_for(most: usize) -> Self {
        Self { listeners: Mutex::default(), most }
    }

    /// One more browser; none when there is no room.
    pub(crate) fn join(&self) -> Option<Receiver<Arc<str>>> {
        let mut listeners = self.listeners();
        listeners.retain(|listener| !listener.is_closed());
        if listeners.len() >= self.most {
            return None;
        }
        let (sender, receiver) = channel(WAITING);
        listeners.push(sender);
        Some(receiver)
    }

    /// Tells everybody; whoever does not keep up is dropped.
    pub(crate) fn tell(&self, message: &str) {
        let message: Arc<str> = message.into();
        self.listeners().retain(|listener| listener.try_send(message.clone()).is_ok());
    }

    /// Lets go of everybody, so that a server can end.
    pub(crate) fn close(&self) {
        self.listeners().clear();
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Sender<Arc<str>>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_does_not_keep_up_is_dropped_and_the_others_stay() {
        let hub = Hub::with_room_for(2);
        let (mut slow, mut quick) = (hub.join().unwrap(), hub.join().unwrap());
        assert!(hub.join().is_none());
        for number in 0..=WAITING {
            hub.tell(&number.to_string());
            assert_eq!(quick.try_recv().unwrap().as_ref(), number.to_string());
        }
        let mut heard = 0;
        while slow.try_recv().is_ok() {
            heard += 1;
        }
        assert_eq!(heard, WAITING, "what waited is heard, and then the channel ends");
        assert!(slow.is_closed() && !quick.is_closed());
        assert!(hub.join().is_some(), "there is room again");
    }

    #[test]
    fn whoever_leaves_makes_room() {
        let hub = Hub::with_room_for(1);
        drop(hub.join().unwrap());
        assert!(hub.join().is_some());
    }
}
