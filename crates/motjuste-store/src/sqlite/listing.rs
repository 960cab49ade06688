//! How far the studies are, without their events.

use std::time::{Duration, SystemTime};

use motjuste::storage::Listing;

/// The events of a study from a number on.
pub(super) const EVENTS_FROM: &str =
    "SELECT sequence, body FROM events WHERE study = ? AND sequence >= ? ORDER BY sequence";

/// Every study: two steps into an index for each, however many events there are.
pub(super) const ALL: &str = "SELECT name,
    (SELECT max(sequence) + 1 FROM events WHERE study = name),
    unixepoch(created_at, 'subsec'),
    (SELECT unixepoch(at, 'subsec') FROM events WHERE study = name ORDER BY sequence DESC LIMIT 1)
    FROM studies ORDER BY id";

/// A study's name, the number of its events, and the seconds since 1970 of the first and the last.
pub(super) type Row = (String, Option<i64>, Option<f64>, Option<f64>);

pub(super) fn read((study, events, begun, latest): Row) -> Listing {
    let events = events.and_then(|events| usize::try_from(events).ok()).unwrap_or(0);
    Listing { study, events, begun: begun.and_then(time), latest: latest.and_then(time) }
}

fn time(seconds: f64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}
