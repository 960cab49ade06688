//! What every method promises.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dying::Dying;
use super::world::World;
use super::{bounds, ensure, equal};
use crate::Result;
use crate::journal::Outcome;
use crate::method::{Method, MethodId, Registry};
use crate::storage::{InMemory, Storage};

/// Checks a method, as `registry` makes it from its settings, in a small world.
///
/// - Its settings survive being written down, and are accepted.
/// - Killed anywhere and resumed, a study takes the same path, and pays the same, as one that was not.
/// - So does one that makes its calls one after the other, or many at once.
/// - Its [`Bounds`](crate::method::Bounds) hold.
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
/// use motjuste::conformance::{self, World};
/// use motjuste::method::{Method, Registry, Uniform};
/// let registry = Registry::default().with::<Uniform>();
/// let id = Uniform { batch: 4.try_into().unwrap(), ..Uniform::default() }.id();
/// conformance::method(&registry, &id, &World::new().unwrap()).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// With the promise that is broken; and whatever a study of the method fails with.
pub async fn method(registry: &Registry, id: &MethodId, world: &World) -> Result<()> {
    settings_survive(registry, id)?;
    let make = || registry.read(id);
    let (whole, writes) = uninterrupted(make()?, world).await?;
    for concurrency in [1, 64] {
        let other = run(make()?, Arc::new(InMemory::default()), world, concurrency).await?;
        same(&other, &whole, &format!("with {concurrency} calls at once"))?;
    }
    for writes in moments(writes) {
        let store = Arc::new(InMemory::default());
        let killed = run(make()?, Dying::after(writes, store.clone()), world, CONCURRENCY).await;
        ensure(killed.is_err(), "a store that fails ends the study")?;
        let resumed = run(make()?, store, world, CONCURRENCY).await?;
        same(&resumed, &whole, &format!("killed after {writes} writes and resumed"))?;
    }
    bounds::hold(&whole.history, make()?.as_ref(), world.trials)
}

const CONCURRENCY: usize = 16;

fn settings_survive(registry: &Registry, id: &MethodId) -> Result<()> {
    let written = serde_json::to_string(id).unwrap_or_default();
    let read: Option<MethodId> = serde_json::from_str(&written).ok();
    equal(&read.as_ref(), &Some(id), "settings can be written down and read back")?;
    let method = registry.read(id)?;
    equal(&method.id(), id, "a method made from its settings has these settings")?;
    method.check()
}

/// A study that nothing disturbs, and how often it writes.
async fn uninterrupted(method: Arc<dyn Method>, world: &World) -> Result<(Outcome, usize)> {
    let store = Dying::after(usize::MAX, Arc::new(InMemory::default()));
    let outcome = run(method, store.clone(), world, CONCURRENCY).await?;
    ensure(outcome.history.evaluated_trials() > 0, "a study evaluates an instruction")?;
    Ok((outcome, store.written()))
}

async fn run(
    method: Arc<dyn Method>,
    storage: Arc<dyn Storage>,
    world: &World,
    concurrency: usize,
) -> Result<Outcome> {
    world.study(method, storage, concurrency).open().await?.run(&()).await
}

/// Where a study of so many writes is killed: at its ends, and spread over it.
fn moments(writes: usize) -> BTreeSet<usize> {
    let spread = (0..12).map(|part| writes * part / 12);
    let ends = (0..3).chain(writes.saturating_sub(2)..writes);
    spread.chain(ends).filter(|write| *write < writes).collect()
}

fn same(found: &Outcome, expected: &Outcome, how: &str) -> Result<()> {
    let promise = |what: &str| format!("{how}, a study has the same {what}");
    equal(&found.history.steps(), &expected.history.steps(), &promise("steps"))?;
    equal(&found.history.trials(), &expected.history.trials(), &promise("trials"))?;
    equal(&found.account, &expected.account, &promise("account"))?;
    equal(&found.stop_reason, &expected.stop_reason, &promise("reason to stop"))?;
    equal(&found.assessment, &expected.assessment, &promise("assessment"))
}
