//! What every journal promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::sample::{event, numbers};
use super::{ensure, equal};
use crate::Result;
use crate::journal::Event;
use crate::storage::Journal;

/// How long a lease may take to be given back.
const MOMENTS: usize = 100;
const MOMENT: Duration = Duration::from_millis(50);

/// Checks an implementation of [`Journal`]; `make` gives an empty one each time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::conformance;
/// use motjuste::storage::InMemory;
/// conformance::journal(async || Ok(InMemory::default())).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// With the promise that is broken; and whatever `make` or the journal fails with.
pub async fn journal<J: Journal + 'static>(make: impl AsyncFn() -> Result<J>) -> Result<()> {
    starts_empty(&make().await?).await?;
    keeps_events_in_order(&make().await?).await?;
    lists_studies_in_order_of_creation(&make().await?).await?;
    tells_how_far_studies_are(&make().await?).await?;
    refuses_an_event_out_of_order(&make().await?).await?;
    keeps_what_is_awkward(&make().await?).await?;
    lets_one_of_many_append(Arc::new(make().await?)).await?;
    leases_a_study_to_one(&make().await?).await?;
    tells_who_is_run(&make().await?).await?;
    lets_one_of_many_hold(Arc::new(make().await?)).await
}

async fn starts_empty(journal: &dyn Journal) -> Result<()> {
    ensure(journal.studies().await?.is_empty(), "a new journal has no study")?;
    ensure(journal.events("nobody").await?.is_empty(), "a study that is not there has no event")?;
    ensure(journal.studies().await?.is_empty(), "reading creates no study")
}

async fn keeps_events_in_order(journal: &dyn Journal) -> Result<()> {
    // More than ten: text order is not number order.
    let events: Vec<Event> = (0..12).map(|index| event(index, "one")).collect();
    append(journal, "second letter", &events).await?;
    equal(&journal.events("second letter").await?, &events, "events come back in order")
}

async fn lists_studies_in_order_of_creation(journal: &dyn Journal) -> Result<()> {
    append(journal, "second letter", &[event(0, "one")]).await?;
    append(journal, "antonyms", &[event(0, "later, though first in the alphabet")]).await?;
    journal.append("second letter", 1, &event(1, "one")).await?;
    let expected = ["second letter".to_owned(), "antonyms".to_owned()];
    let promise = "studies are listed in order of creation";
    equal(&journal.studies().await?, &expected.to_vec(), promise)
}

async fn tells_how_far_studies_are(journal: &dyn Journal) -> Result<()> {
    let events: Vec<Event> = (0..12).map(|index| event(index, "one")).collect();
    append(journal, "second letter", &events).await?;
    append(journal, "antonyms", &[event(0, "one")]).await?;
    for first in [0, 9, 12, 99] {
        let expected = events.get(first..).unwrap_or_default().to_vec();
        let promise = "the events from a number on are the last ones, in order";
        equal(&journal.events_from("second letter", first).await?, &expected, promise)?;
    }
    let found = journal.listing().await?;
    let numbers: Vec<_> = found.iter().map(|one| (one.study.as_str(), one.events)).collect();
    equal(&numbers, &vec![("second letter", 12), ("antonyms", 1)], "a listing counts the events")
}

async fn refuses_an_event_out_of_order(journal: &dyn Journal) -> Result<()> {
    append(journal, "antonyms", &[event(0, "first")]).await?;
    let taken = journal.append("antonyms", 0, &event(0, "other")).await.err();
    let message = taken.as_ref().map(ToString::to_string).unwrap_or_default();
    let promise = "a number that is taken is refused as a storage error";
    ensure(taken.as_ref().is_some_and(|error| error.is_storage()), promise)?;
    ensure(message.contains("antonyms already has event 0"), "a refusal names study and event")?;
    let help = taken.as_ref().and_then(|error| error.help()).unwrap_or_default();
    let promise = "a refusal says that another process is running this study";
    ensure(help.contains("another process is running this study"), promise)?;
    let early = journal.append("antonyms", 5, &event(5, "too far")).await.err();
    let promise = "a number that leaves a gap is refused as a storage error";
    ensure(early.is_some_and(|error| error.is_storage()), promise)?;
    let promise = "a refused event is not kept";
    equal(&journal.events("antonyms").await?, &vec![event(0, "first")], promise)
}

async fn keeps_what_is_awkward(journal: &dyn Journal) -> Result<()> {
    let name = "it's \"a\" study\n; DROP TABLE events; -- é 漢 🦀";
    let events = [
        event(0, "\0 \u{7f} \u{2028} 'quoted' \"twice\" \\ 🦀"),
        event(1, &"a large one ".repeat(100_000)),
        event(2, ""),
        numbers(3, &[0.1 + 0.2, f64::MIN_POSITIVE, 5e-324, -0.0, f64::MAX, 1.0 / 3.0]),
    ];
    append(journal, name, &events).await?;
    let promise = "texts and numbers come back as they were";
    equal(&journal.events(name).await?, &events.to_vec(), promise)?;
    equal(&journal.studies().await?, &vec![name.to_owned()], "names come back as they were")
}

async fn lets_one_of_many_append(journal: Arc<dyn Journal>) -> Result<()> {
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let journal = journal.clone();
        let text = format!("number {number}");
        tasks.spawn(async move { journal.append("race", 0, &event(0, &text)).await.is_ok() });
    }
    let winners = tasks.join_all().await.into_iter().filter(|won| *won).count();
    equal(&winners, &1, "of many who append one event at once, one succeeds")?;
    equal(&journal.events("race").await?.len(), &1, "of many events with one number, one is kept")
}

async fn leases_a_study_to_one(journal: &dyn Journal) -> Result<()> {
    let held = journal.lease("it's \"leased\"/\n 漢").await?;
    held.check()?;
    refuses_a_second(journal, "it's \"leased\"/\n 漢").await?;
    let other = journal.lease("another").await?;
    ensure(journal.events("another").await?.is_empty(), "a lease creates no study")?;
    append(journal, "another", &[event(0, "one")]).await?;
    equal(&journal.events("another").await?.len(), &1, "a study that is leased can be read")?;
    drop(held);
    let again = journal.lease("it's \"leased\"/\n 漢").await?;
    ensure(again.check().is_ok() && other.check().is_ok(), "a lease lasts until it is given back")
}

/// A journal that cannot tell breaks no promise.
async fn tells_who_is_run(journal: &dyn Journal) -> Result<()> {
    let studies = ["it's \"leased\"/\n 漢", "another"].map(str::to_owned);
    let none = Some(BTreeSet::new());
    let Some(run) = journal.being_run(&studies).await? else { return Ok(()) };
    equal(&Some(run), &none, "what nobody has the lease of is not being run")?;
    let held = journal.lease(&studies[0]).await?;
    let one = Some(BTreeSet::from([studies[0].clone()]));
    equal(&journal.being_run(&studies).await?, &one, "a study that is leased is being run")?;
    refuses_a_second(journal, &studies[0]).await?;
    drop(held);
    // A lease is given back in a moment.
    for _ in 0..MOMENTS {
        if journal.being_run(&studies).await? == none {
            return Ok(());
        }
        tokio::time::sleep(MOMENT).await;
    }
    ensure(false, "a study whose lease was given back is not being run")
}

async fn refuses_a_second(journal: &dyn Journal, study: &str) -> Result<()> {
    let refusal = journal.lease(study).await.err();
    let message = refusal.as_ref().map(ToString::to_string).unwrap_or_default();
    let promise = "a lease that is held is refused as a storage error";
    ensure(refusal.as_ref().is_some_and(|error| error.is_storage()), promise)?;
    let promise = "a refused lease names the study and says that it is being run";
    ensure(message.contains(study) && message.contains("is being run by"), promise)
}

async fn lets_one_of_many_hold(journal: Arc<dyn Journal>) -> Result<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let journal = journal.clone();
        tasks.spawn(async move { journal.lease("race").await.ok() });
    }
    let held: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    equal(&held.len(), &1, "of many who take one lease at once, one has it")
}

async fn append(journal: &dyn Journal, study: &str, events: &[Event]) -> Result<()> {
    for (index, event) in events.iter().enumerate() {
        journal.append(study, index, event).await?;
    }
    Ok(())
}
