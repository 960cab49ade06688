//! What every storage promises to a study.

use std::sync::Arc;

use super::dying::Dying;
use super::world::World;
use super::{ensure, equal};
use crate::Result;
use crate::journal::Event;
use crate::method::{Method, Registry};
use crate::storage::{InMemory, Storage};

/// Checks that a storage gives studies the trajectory that they have in memory, event by event: those of
/// every method, uninterrupted, and killed in the middle and resumed. `make` gives an empty storage each time.
///
/// ```
/// # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::conformance;
/// use motjuste::storage::InMemory;
/// conformance::studies(async || Ok(Arc::new(InMemory::default()))).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// With the promise that is broken; and whatever `make` or a study fails with.
pub async fn studies<S: Storage + 'static>(make: impl AsyncFn() -> Result<Arc<S>>) -> Result<()> {
    let (registry, world) = (Registry::built_in(), World { trials: 12, ..World::new()? });
    for name in ["uniform", "opro", "random-pick"] {
        let method = registry.method(name, &[])?;
        let memory = Dying::after(usize::MAX, Arc::new(InMemory::default()));
        let expected = events(&method, memory.clone(), &world).await?;
        let whole = events(&method, make().await?, &world).await?;
        equal(&whole, &expected, &format!("a study of {name} has the events it has in memory"))?;
        let kept = make().await?;
        let killed = Dying::after(memory.written() / 2, kept.clone());
        ensure(
            events(&method, killed, &world).await.is_err(),
            "a store that fails ends the study",
        )?;
        let resumed = events(&method, kept, &world).await?;
        equal(
            &resumed,
            &expected,
            &format!("killed and resumed, a study of {name} has the same events"),
        )?;
    }
    Ok(())
}

/// Runs a study; its events as JSON, without the time that it took.
async fn events(
    method: &Arc<dyn Method>,
    storage: Arc<dyn Storage>,
    world: &World,
) -> Result<Vec<String>> {
    let study = world.study(method.clone(), storage.clone(), 16).open().await?;
    let name = study.name().to_owned();
    study.run(&()).await?;
    Ok(storage.events(&name).await?.into_iter().map(timeless).collect())
}

fn timeless(mut event: Event) -> String {
    if let Event::Stopped { seconds, .. } = &mut event {
        *seconds = 0.0;
    }
    // Serialising plain data to memory has no way to fail.
    serde_json::to_string(&event).unwrap_or_default()
}
