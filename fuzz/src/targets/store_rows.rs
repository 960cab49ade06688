//! Rows of a store: packed texts and events.

use motjuste::journal::{Event, StudyConfig, replay};
use motjuste_store::fuzzing::{comes_back, events, packed};

use crate::memory::choice;

/// The first byte chooses: a packed text, or events, one a line.
pub fn run(data: &[u8]) {
    let (choice, bytes) = choice(data);
    if choice & 1 == 0 {
        let _ = packed(bytes.to_vec(), None);
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    let Ok(events) = events(text.lines().map(str::to_owned).collect()) else { return };
    assert!(events.iter().all(comes_back), "an event that was read is written");
    if let Some(Event::Created { config }) = events.first() {
        told(&config.clone(), events.clone());
    }
}

/// What a study's events say.
fn told(config: &StudyConfig, events: Vec<Event>) {
    let outcome = replay(config, events);
    let _ = (outcome.winner(), outcome.stopped_under(), config.study());
}
