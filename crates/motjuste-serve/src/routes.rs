//! The addresses: from a request to a page, a style, a script, or a stream of what changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures::stream::{Stream, unfold};
use motjuste::{Error, Result};
use tokio::sync::mpsc::Receiver;

use crate::assets::{SCRIPT, style};
use crate::examples::Tasks;
use crate::hub::Hub;
use crate::pages::{self, Asked, Links};
use crate::shelf::{Folded, Shelf};

/// How often a silent stream says that it is there.
const ALIVE: Duration = Duration::from_secs(15);
/// The most studies that a page offers to compare with.
const OFFERED: usize = 200;

/// What every request can see.
pub(crate) struct Shared {
    pub(crate) shelf: Shelf,
    pub(crate) hub: Hub,
    pub(crate) tasks: Tasks,
}

/// What a handler is given.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) shared: Arc<Shared>,
    pub(crate) links: Links,
}

/// All addresses.
pub(crate) fn routes(site: Site) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/studies/{study}", get(study))
        .route("/studies/{study}/trials/{trial}", get(trial))
        .route("/studies/{study}/held-out", get(held_out))
        .route("/compare", get(compare))
        .route("/events", get(events))
        .route("/live.css", get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], style())))
        .route(
            "/live.js",
            get(async || ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)),
        )
        .fallback(nowhere)
        .with_state(site)
}

async fn overview(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    site.page(query, async |asked| {
        let (all, links) = (site.shared.shelf.all(), site.links.clone());
        let drawn = drawn(move || pages::overview(&all, &asked, &links, SystemTime::now()));
        drawn.await.map(Some)
    })
    .await
}

async fn study(
    State(site): State<Site>,
    name: std::result::Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    site.page(query, async |asked| {
        let Some(folded) = site.whole(name.map(|Path(name)| name)).await? else { return Ok(None) };
        let entry = site.shared.shelf.entry(&folded.study);
        let (others, links) = (site.others(&folded), site.links.clone());
        let now = SystemTime::now();
        drawn(move || pages::study(&folded, entry.as_ref(), &others, &asked, &links, now))
            .await
            .map(Some)
    })
    .await
}

async fn trial(
    State(site): State<Site>,
    path: std::result::Result<Path<(String, usize)>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    site.page(query, async |asked| {
        let Ok(Path((name, number))) = path else { return Ok(None) };
        let Some(folded) = site.whole(Ok(name)).await? else { return Ok(None) };
        let (shared, links) = (site.shared.clone(), site.links.clone());
        drawn(move || {
            let examples = shared.tasks.dev(&folded.outcome.config);
            pages::trial(&folded, number, examples, &asked, &links)
        })
        .await
    })
    .await
}

async fn held_out(
    State(site): State<Site>,
    name: std::result::Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    site.page(query, async |asked| {
        let Some(folded) = site.whole(name.map(|Path(name)| name)).await? else { return Ok(None) };
        let (shared, links) = (site.shared.clone(), site.links.clone());
        drawn(move || {
            let examples = shared.tasks.test(&folded.outcome.config);
            pages::held_out(&folded, examples, &asked, &links)
        })
        .await
    })
    .await
}

async fn compare(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    site.page(query, async |asked| {
        let [one, other] = asked.studies.as_slice() else {
            return Err(not_two(asked.studies.len()));
        };
        let one = site.shared.shelf.whole(one).await?;
        let other = site.shared.shelf.whole(other).await?;
        let (Some(one), Some(other)) = (one, other) else { return Ok(None) };
        let (shared, links) = (site.shared.clone(), site.links.clone());
        drawn(move || {
            let examples = shared.tasks.test(&one.outcome.config);
            pages::compare([&one, &other], examples, &asked, &links)
        })
        .await
        .map(Some)
    })
    .await
}

fn not_two(chosen: usize) -> Error {
    let chosen = match chosen {
        0 => "none was chosen".to_owned(),
        1 => "one was chosen".to_owned(),
        more => format!("{more} were chosen"),
    };
    Error::configuration(format!("Two studies can be compared; {chosen}."))
        .with_help("Go back to the list, and mark two.")
}

/// What changes, as it changes.
async fn events(State(site): State<Site>) -> Response {
    match site.shared.hub.join() {
        Some(receiver) => {
            Sse::new(stream(receiver)).keep_alive(KeepAlive::new().interval(ALIVE)).into_response()
        }
        None => {
            let told = "Too many browsers listen already; this one is told nothing by itself.\n";
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "30")], told).into_response()
        }
    }
}

/// The messages; the stream ends when the hub lets go.
fn stream(
    receiver: Receiver<Arc<str>>,
) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    unfold(receiver, async |mut receiver| {
        let message = receiver.recv().await?;
        Some((Ok(Event::default().event("changed").data(message)), receiver))
    })
}

async fn nowhere(State(site): State<Site>, uri: Uri) -> Response {
    let what = format!("There is nothing at {}.", uri.path());
    site.told(StatusCode::NOT_FOUND, "Not found", &what, "Begin with the list of studies.")
}

impl Site {
    /// The page that `draw` makes of what the address asks for; or one that says why there is none.
    async fn page(
        &self,
        query: Option<String>,
        draw: impl AsyncFnOnce(Asked) -> Result<Option<String>>,
    ) -> Response {
        let asked = match Asked::read(&query.unwrap_or_default()) {
            Ok(asked) => asked,
            Err(error) => return self.failed(&error),
        };
        match draw(asked).await {
            Ok(Some(html)) => Html(html).into_response(),
            Ok(None) => {
                let help = "It may not have begun, or it is in another store.";
                self.told(StatusCode::NOT_FOUND, "Not found", "There is no such page.", help)
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &Error) -> Response {
        let (status, title) = match error {
            error if error.is_configuration() => (StatusCode::BAD_REQUEST, "Not understood"),
            error if error.is_storage() => {
                (StatusCode::SERVICE_UNAVAILABLE, "The store cannot be read")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "The page cannot be shown"),
        };
        tracing::warn!(%error, "a page cannot be shown");
        self.told(status, title, &error.to_string(), error.help().unwrap_or_default())
    }

    fn told(&self, status: StatusCode, title: &str, what: &str, help: &str) -> Response {
        match pages::trouble(title, what, help, &self.links) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }

    /// The study of this name; none where there is none.
    async fn whole(
        &self,
        name: std::result::Result<String, PathRejection>,
    ) -> Result<Option<Arc<Folded>>> {
        match name {
            Ok(name) => self.shared.shelf.whole(&name).await,
            Err(_) => Ok(None),
        }
    }

    /// The other studies of the same task, the newest first.
    fn others(&self, folded: &Folded) -> Vec<String> {
        let all = self.shared.shelf.all();
        let is_other = |study: &str, task: &str| {
            study != folded.study && task == folded.outcome.config.task.name
        };
        let summaries = all.entries.iter().rev().filter_map(|entry| entry.summary.as_ref().ok());
        let others = summaries.filter(|summary| is_other(&summary.study, &summary.task));
        others.map(|summary| summary.study.clone()).take(OFFERED).collect()
    }
}

/// Draws a page beside the threads that answer requests.
async fn drawn<T: Send + 'static>(draw: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let drawn = tokio::task::spawn_blocking(draw).await;
    drawn.map_err(|error| Error::output(format!("the page cannot be drawn: {error}")))?
}
