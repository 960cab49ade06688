//! The router over a store in memory: every page, who is let in, and what is told as it changes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod changes;
mod guarded;
mod pages;
mod shop;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use motjuste::storage::InMemory;
use motjuste_serve::{Access, Live};
use tower::ServiceExt;

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A page over the shop's studies, looked at once.
async fn live(storage: Arc<InMemory>) -> Live {
    let live = Live::showing(storage, [Arc::new(shop::task())]);
    live.look().await.unwrap();
    live
}

/// Asks as a browser on this machine.
async fn get(live: &Live, path: &str) -> Answer {
    ask(live.router(Access::this_machine()), path, &[("host", "localhost:8750")]).await
}

async fn ask(router: Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 8 << 20).await.unwrap();
    // A slash is escaped in a template, and means a slash.
    let text = String::from_utf8(bytes.to_vec()).unwrap().replace("&#x2f;", "/");
    Answer { status: parts.status, headers: parts.headers, text }
}
