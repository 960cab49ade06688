//! What the server knows of the store: every study in a few numbers, some of them whole.

mod folded;
mod summary;

pub(crate) use folded::Folded;
use summary::is_running;
pub(crate) use summary::{Stage, Summary};

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use motjuste::storage::{Listing, Storage};
use motjuste::{Error, Result};

/// How many studies are kept whole; the others are read again when somebody looks.
const WHOLE: usize = 12;
/// Of how many studies that have not ended, the newest, the calls that are out are counted.
const COUNTED: usize = 8;
/// How long one look may take: after that, what has changed so far is told.
const PATIENCE: Duration = Duration::from_millis(500);

/// A study on the shelf.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) listing: Listing,
    /// Its numbers; or why it cannot be read.
    pub(crate) summary: std::result::Result<Arc<Summary>, Error>,
    /// Calls that left and have no answer yet.
    pub(crate) calls_out: usize,
    /// Whether a process has its lease; none where the store cannot tell.
    is_held: Option<bool>,
    /// When it last moved, as far as is known.
    pub(crate) moved: Option<SystemTime>,
}

impl Entry {
    /// Whether all is done.
    fn is_done(&self) -> bool {
        self.summary.as_ref().is_ok_and(|summary| summary.stage == Stage::Done)
    }

    /// Whether it is running now.
    pub(crate) fn is_running(&self, now: SystemTime) -> bool {
        let stage = self.summary.as_ref().map_or(Stage::Done, |summary| summary.stage);
        is_running(stage, self.is_held, self.moved, now)
    }
}

/// All studies of a store, as far as they have been read.
pub(crate) struct Shelf {
    storage: Arc<dyn Storage>,
    known: Mutex<Known>,
    /// One study is read at a time: memory for one, and none twice.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    order: Vec<String>,
    entries: HashMap<String, Entry>,
    /// Those that a process has the lease of; none where the store cannot tell.
    held: Option<BTreeSet<String>>,
    whole: HashMap<String, (Arc<Folded>, u64)>,
    turn: u64,
}

/// All studies, the newest last, and how many more are still to be read.
pub(crate) struct All {
    pub(crate) entries: Vec<Entry>,
    pub(crate) unread: usize,
}

impl Shelf {
    pub(crate) fn over(storage: Arc<dyn Storage>) -> Self {
        Self { storage, known: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// All studies, in order of creation.
    pub(crate) fn all(&self) -> All {
        let known = self.known();
        let found = known.order.iter().filter_map(|name| known.entries.get(name).cloned());
        let entries: Vec<Entry> = found.collect();
        All { unread: known.order.len() - entries.len(), entries }
    }

    /// One study in a few numbers; none before it was read.
    pub(crate) fn entry(&self, study: &str) -> Option<Entry> {
        self.known().entries.get(study).cloned()
    }

    /// A study whole, as far as its events go now; none where there is none of this name.
    ///
    /// # Errors
    /// When the store, or the study in it, cannot be read.
    pub(crate) async fn whole(&self, study: &str) -> Result<Option<Arc<Folded>>> {
        let _alone = self.reading.lock().await;
        let folded = self.grown(study).await?;
        if let Some(folded) = &folded {
            self.keep(folded.clone());
        }
        Ok(folded)
    }

    /// Looks what is new in the store; returns the names of the studies that changed.
    ///
    /// # Errors
    /// When the store cannot be read. A study that cannot be read is told in its place.
    pub(crate) async fn look(&self) -> Result<Vec<String>> {
        let start = Instant::now();
        let listing = self.storage.listing().await?;
        self.note(&listing);
        let held = self.storage.being_run(&self.not_ended(&listing)).await?;
        let mut changed = self.hold(held);
        let mut counted = 0;
        for one in listing.into_iter().rev() {
            if start.elapsed() > PATIENCE && !changed.is_empty() {
                break;
            }
            let study = one.study.clone();
            if self.is_changed(&one) {
                self.read(one).await;
                changed.insert(study);
            } else if counted < COUNTED && self.has_not_ended(&study) {
                counted += 1;
                changed.extend(self.count_calls(&one).await?.then_some(study));
            }
        }
        Ok(Vec::from_iter(changed))
    }

    /// The studies that a process may be running.
    fn not_ended(&self, listing: &[Listing]) -> Vec<String> {
        let known = self.known();
        let is_done = |one: &&Listing| {
            let entry = known.entries.get(&one.study);
            entry.is_some_and(|entry| entry.listing == **one && entry.is_done())
        };
        listing.iter().filter(|one| !is_done(one)).map(|one| one.study.clone()).collect()
    }

    /// Notes which studies are being run; returns those of which that is news.
    fn hold(&self, held: Option<BTreeSet<String>>) -> BTreeSet<String> {
        let mut known = self.known();
        let mut changed = BTreeSet::new();
        for (study, entry) in &mut known.entries {
            let is_held = held.as_ref().map(|held| held.contains(study));
            if entry.is_held != is_held {
                entry.is_held = is_held;
                changed.insert(study.clone());
            }
        }
        known.held = held;
        changed
    }

    /// Notes which studies there are.
    fn note(&self, listing: &[Listing]) {
        let mut known = self.known();
        known.order = listing.iter().map(|one| one.study.clone()).collect();
        let events: HashMap<&str, usize> =
            listing.iter().map(|one| (one.study.as_str(), one.events)).collect();
        known.entries.retain(|name, _| events.contains_key(name.as_str()));
        // Somebody may have put another store in the place of this one.
        let is_grown = |name: &str, was: usize| events.get(name).is_some_and(|now| *now >= was);
        known.whole.retain(|name, (folded, _)| is_grown(name, folded.events));
    }

    fn is_changed(&self, listing: &Listing) -> bool {
        let known = self.known();
        known.entries.get(&listing.study).is_none_or(|entry| entry.listing != *listing)
    }

    /// Whether a study may have calls out.
    fn has_not_ended(&self, study: &str) -> bool {
        let known = self.known();
        known.entries.get(study).is_some_and(|entry| entry.summary.is_ok() && !entry.is_done())
    }

    /// Reads a study that is new or has grown.
    async fn read(&self, listing: Listing) {
        let _alone = self.reading.lock().await;
        let study = listing.study.clone();
        let read = self.grown(&study).await;
        let summary = match read {
            Ok(Some(folded)) => {
                let summary = Arc::new(Summary::of(&folded));
                // Those that are done are read once for their numbers, and then only when somebody looks.
                if summary.stage != Stage::Done {
                    self.keep(folded);
                }
                Ok(summary)
            }
            Ok(None) => return,
            Err(error) => Err(error),
        };
        self.enter(listing, summary);
    }

    fn enter(&self, listing: Listing, summary: std::result::Result<Arc<Summary>, Error>) {
        let mut known = self.known();
        let was_known = known.entries.contains_key(&listing.study);
        let seen_to_move = was_known.then(SystemTime::now);
        let moved = listing.latest.or(seen_to_move);
        let is_held = known.held.as_ref().map(|held| held.contains(&listing.study));
        let entry = Entry { summary, calls_out: 0, is_held, moved, listing };
        known.entries.insert(entry.listing.study.clone(), entry);
    }

    /// The study as far as its events go now. What is kept of it is taken off the shelf, so that it can grow in
    /// place.
    async fn grown(&self, study: &str) -> Result<Option<Arc<Folded>>> {
        let Some(kept) = self.take(study) else {
            let folded = Folded::of(study, self.storage.events(study).await?)?;
            return Ok(folded.map(Arc::new));
        };
        let new = self.storage.events_from(study, kept.events).await?;
        if new.is_empty() {
            return Ok(Some(kept));
        }
        let mut folded = Arc::unwrap_or_clone(kept);
        folded.grow(new);
        Ok(Some(Arc::new(folded)))
    }

    fn take(&self, study: &str) -> Option<Arc<Folded>> {
        self.known().whole.remove(study).map(|(folded, _)| folded)
    }

    /// Keeps a study whole, in place of the one that nobody has looked at for longest.
    fn keep(&self, folded: Arc<Folded>) {
        let mut known = self.known();
        known.turn += 1;
        let turn = known.turn;
        known.whole.insert(folded.study.clone(), (folded, turn));
        if known.whole.len() > WHOLE {
            let oldest = known.whole.iter().min_by_key(|(_, (_, turn))| *turn);
            if let Some(name) = oldest.map(|(name, _)| name.clone()) {
                known.whole.remove(&name);
            }
        }
    }

    /// Counts the calls of a study that are out; whether the number changed.
    async fn count_calls(&self, listing: &Listing) -> Result<bool> {
        let payer = format!("{}#{}", listing.study, listing.events);
        let calls = self.storage.unanswered(&payer).await?.len();
        let mut known = self.known();
        let Some(entry) = known.entries.get_mut(&listing.study) else { return Ok(false) };
        let is_other = entry.calls_out != calls;
        if is_other {
            entry.calls_out = calls;
            entry.moved = Some(SystemTime::now());
        }
        Ok(is_other)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
