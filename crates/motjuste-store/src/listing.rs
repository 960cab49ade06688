//! How far the studies are, without their events.

use std::time::{Duration, SystemTime};

use motjuste::storage::Listing;

/// A study's name, the number of its events, and the seconds since 1970 of the first and the last.
pub(crate) type Row = (String, Option<i64>, Option<f64>, Option<f64>);

pub(crate) fn read((study, events, begun, latest): Row) -> Listing {
    let events = events.and_then(|events| usize::try_from(events).ok()).unwrap_or(0);
    Listing { study, events, begun: begun.and_then(time), latest: latest.and_then(time) }
}

fn time(seconds: f64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}
