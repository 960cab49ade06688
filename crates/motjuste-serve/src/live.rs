//! The live page over one store.

use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use motjuste::storage::Storage;
use motjuste::task::Task;
use motjuste::{Error, Result};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};

use crate::access::Access;
use crate::examples::Tasks;
use crate::guard::{Guard, guard};
use crate::hub::Hub;
use crate::pages::{Links, encoded};
use crate::routes::{Shared, Site, routes};
use crate::shelf::Shelf;

/// How often the store is looked at, whatever the number of browsers.
const PERIOD: Duration = Duration::from_secs(1);
/// How long the answers under way may take when the server ends.
const GOODBYE: Duration = Duration::from_secs(3);
/// The most browsers that listen at a time.
const LISTENERS: usize = 64;

/// The live page over one store: it only reads.
///
/// ```
/// use std::sync::Arc;
/// use motjuste::storage::InMemory;
/// use motjuste_serve::{Access, Live};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let live = Live::over(Arc::new(InMemory::default())).below("/motjuste");
/// tokio::spawn(live.clone().watch());
/// let site: axum::Router =
///     axum::Router::new().nest("/motjuste", live.router(Access::this_machine()));
/// # });
/// ```
#[derive(Clone)]
pub struct Live {
    site: Site,
}

impl Live {
    /// The page over `storage`, which others may be writing to.
    pub fn over(storage: Arc<dyn Storage>) -> Self {
        Self::showing(storage, [])
    }

    /// The same, with the tasks behind the studies: of these it shows what every row asks.
    pub fn showing(storage: Arc<dyn Storage>, tasks: impl IntoIterator<Item = Arc<Task>>) -> Self {
        let mut known = Tasks::default();
        tasks.into_iter().for_each(|task| known.add(task));
        let (shelf, hub) = (Shelf::over(storage), Hub::with_room_for(LISTENERS));
        let shared = Shared { shelf, hub, tasks: known };
        Self { site: Site { shared: Arc::new(shared), links: Links::default() } }
    }

    /// The same page, its addresses below `path`: for a router that is nested in another one there.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.site.links = Links::below(path);
        self
    }

    /// The page as a router, for those whom `access` lets in.
    pub fn router(&self, access: Access) -> Router {
        let guarding = Guard { access: Arc::new(access), links: self.site.links.clone() };
        routes(self.site.clone()).layer(from_fn_with_state(guarding, guard))
    }

    /// Looks at the store once a second, without end, and tells the browsers what changed. A store that cannot
    /// be read for a while is looked at again.
    pub async fn watch(self) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the store cannot be read");
            }
        }
    }

    /// Looks at the store once, and tells the browsers what changed.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the store cannot be read.
    pub async fn look(&self) -> Result<()> {
        let changed = self.site.shared.shelf.look().await?;
        if !changed.is_empty() {
            let names: Vec<String> = changed.iter().map(|study| encoded(study)).collect();
            // Names in letters have no way to fail to be JSON.
            self.site.shared.hub.tell(&serde_json::to_string(&names).unwrap_or_default());
        }
        Ok(())
    }

    /// Serves the page on `listener` until `stop`; then lets go of the browsers that listen, and ends.
    ///
    /// # Errors
    /// [`Error::is_output`] when the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        access: Access,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let router = self.router(access);
        let watching = tokio::spawn(self.clone().watch());
        let shared = self.site.shared.clone();
        let (asked, ended) = oneshot::channel();
        let stopped = async move {
            stop.await;
            watching.abort();
            shared.hub.close();
            // Nobody waits for this where the server has ended already.
            let _ = asked.send(());
        };
        let served = axum::serve(listener, router).with_graceful_shutdown(stopped).into_future();
        tokio::select! {
            served = served => served.map_err(|error| {
                Error::output(format!("the page is no longer served: {error}"))
            }),
            () = goodbye(ended) => Ok(()),
        }
    }
}

/// Ends some time after it was asked to: whoever does not take an answer is not waited for any longer.
async fn goodbye(asked: oneshot::Receiver<()>) {
    match asked.await {
        Ok(()) => tokio::time::sleep(GOODBYE).await,
        Err(_) => std::future::pending().await,
    }
}
