//! What is told as it changes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures::StreamExt;
use motjuste::journal::Event;
use motjuste::storage::{
    Attempt, AttemptId, InMemory, Journal, Lease, Listing, ResponseKey, Responses, StoredResponse,
};
use motjuste::{Error, Result};
use motjuste_serve::{Access, Live};
use tower::ServiceExt;

use crate::shop::{assessed, config, created, step, stopped, store, write};
use crate::{get, live};

async fn listen(router: Router) -> BodyDataStream {
    let request = Request::get("/events").header("host", "localhost").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.into_body().into_data_stream()
}

/// The next message; none when the stream has ended.
async fn heard(stream: &mut BodyDataStream) -> Option<String> {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.unwrap();
    next.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_browser_hears_of_every_new_event_and_the_pages_have_it() {
    let storage = store().await;
    let live = live(storage.clone()).await;
    let mut stream = listen(live.router(Access::this_machine())).await;
    live.look().await.unwrap();
    write(&storage, "grows", vec![created(config("shop", 9))]).await;
    live.look().await.unwrap();
    assert_eq!(heard(&mut stream).await.unwrap(), "event: changed\ndata: [\"grows\"]\n\n");
    for (index, right) in [(0, 1), (1, 3)] {
        write(&storage, "grows", vec![step(index, &format!("take {index}"), right)]).await;
        live.look().await.unwrap();
        assert!(heard(&mut stream).await.unwrap().contains("grows"));
        let page = get(&live, "/studies/grows").await.text;
        assert!(page.contains(&format!("take {index}")), "{page}");
    }
    assert!(get(&live, "/studies/grows").await.text.contains("nothing is proven yet"));
    write(&storage, "grows", vec![stopped(), assessed("take 1", 3)]).await;
    live.look().await.unwrap();
    let page = get(&live, "/studies/grows").await.text;
    assert!(page.contains("held-out") && page.contains(">done<"), "{page}");
}

#[tokio::test]
async fn a_page_is_as_new_as_the_store_even_between_two_looks() {
    let storage = store().await;
    let live = live(storage.clone()).await;
    get(&live, "/studies/shop-mine-seed0-aaaa").await;
    write(&storage, "shop-mine-seed0-aaaa", vec![step(3, "A fourth one.", 3)]).await;
    let page = get(&live, "/studies/shop-mine-seed0-aaaa?order=newest").await.text;
    assert!(page.contains("A fourth one."));
}

#[tokio::test]
async fn a_study_is_running_while_a_process_has_its_lease() {
    let storage = Arc::new(InMemory::default());
    write(&storage, "one", vec![created(config("shop", 0)), step(0, "Say it.", 1)]).await;
    let live = live(storage.clone()).await;
    let mut stream = listen(live.router(Access::this_machine())).await;
    assert!(get(&live, "/").await.text.contains("1 not ended"));
    let lease = storage.lease("one").await.unwrap();
    live.look().await.unwrap();
    assert_eq!(heard(&mut stream).await.unwrap(), "event: changed\ndata: [\"one\"]\n\n");
    assert!(get(&live, "/").await.text.contains("1 running"));
    drop(lease);
    live.look().await.unwrap();
    assert!(get(&live, "/").await.text.contains("1 not ended"));
}

#[tokio::test]
async fn calls_that_are_out_are_counted() {
    let storage = Arc::new(InMemory::default());
    write(&storage, "one", vec![created(config("shop", 0)), step(0, "Say it.", 1)]).await;
    let live = live(storage.clone()).await;
    let attempt = Attempt { role: motjuste::budget::Role::Target, cost: Default::default() };
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(storage.begin("one#2", &attempt).await.unwrap());
    }
    live.look().await.unwrap();
    assert!(get(&live, "/studies/one").await.text.contains("3 calls without an answer yet"));
    for id in ids {
        storage.close(id, &[]).await.unwrap();
    }
    live.look().await.unwrap();
    assert!(!get(&live, "/studies/one").await.text.contains("without an answer yet"));
}

#[tokio::test]
async fn no_more_browsers_listen_than_there_is_room_for() {
    let live = live(store().await).await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(listen(live.router(Access::this_machine())).await);
    }
    let refused = get(&live, "/events").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "30");
    drop(streams.pop());
    let _there = listen(live.router(Access::this_machine())).await;
}

#[tokio::test]
async fn a_browser_that_does_not_keep_up_is_let_go() {
    let storage = store().await;
    let live = live(storage.clone()).await;
    let mut stream = listen(live.router(Access::this_machine())).await;
    for index in 0..20 {
        let event = if index == 0 { created(config("shop", 9)) } else { step(index - 1, "x", 1) };
        write(&storage, "grows", vec![event]).await;
        live.look().await.unwrap();
    }
    let mut told = 0;
    while heard(&mut stream).await.is_some() {
        told += 1;
    }
    assert_eq!(told, 8, "what waited is told, and the stream ends");
}

/// A store in which one study cannot be read.
struct Damaged(InMemory);

#[async_trait]
impl Journal for Damaged {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        self.0.append(study, sequence, event).await
    }

    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        match study {
            "damaged" => {
                Err(Error::storage("event 3 of it cannot be read").with_help("restore a copy"))
            }
            study => self.0.events(study).await,
        }
    }

    async fn studies(&self) -> Result<Vec<String>> {
        self.0.studies().await
    }

    async fn listing(&self) -> Result<Vec<Listing>> {
        self.0.listing().await
    }

    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
        self.0.lease(study).await
    }
}

#[async_trait]
impl Responses for Damaged {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        self.0.recall(key).await
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.0.remember(key, response).await
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        self.0.begin(paid_by, attempt).await
    }

    async fn close(&self, id: AttemptId, kept: &[(ResponseKey, StoredResponse)]) -> Result<()> {
        self.0.close(id, kept).await
    }

    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        self.0.unanswered(paid_by).await
    }
}

#[tokio::test]
async fn a_study_that_cannot_be_read_is_told_and_the_others_are_shown() {
    let storage = InMemory::default();
    write(&storage, "damaged", vec![created(config("shop", 0))]).await;
    write(&storage, "whole", vec![created(config("shop", 1)), step(0, "Say it.", 1)]).await;
    let live = Live::over(Arc::new(Damaged(storage)));
    live.look().await.unwrap();
    let list = get(&live, "/").await.text;
    assert!(list.contains("event 3 of it cannot be read") && list.contains("unreadable"));
    assert!(list.contains("Say it."));
    let page = get(&live, "/studies/damaged").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("restore a copy"));
}
