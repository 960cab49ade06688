//! Who is let in, and what every answer says to the browser.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use motjuste_serve::{Access, Live, Token};

use crate::shop::store;
use crate::{Answer, ask, get, live, send};

const PATHS: [&str; 7] = [
    "/",
    "/studies/shop-mine-seed0-aaaa",
    "/compare",
    "/live.css",
    "/live.js",
    "/events",
    "/nowhere",
];

fn token() -> Token {
    Token::new("correct-horse-battery").unwrap()
}

/// Asks a server that needs a token.
async fn from_elsewhere(live: &Live, path: &str, headers: &[(&str, &str)]) -> Answer {
    let access = Access::with_token(&token()).answering_to(["gpu3.example.org"]);
    ask(live.router(access), path, &[&[("host", "10.0.0.7:8750")], headers].concat()).await
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused_everywhere() {
    let live = live(store().await).await;
    let foreign = ["evil.example.org", "localhost.evil.org", "10.0.0.7", "", "localhost, evil.org"];
    for path in PATHS {
        for host in foreign {
            let answer = ask(live.router(Access::this_machine()), path, &[("host", host)]).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path} {host}");
            assert!(!answer.text.contains("seed0"));
        }
        let nameless = ask(live.router(Access::this_machine()), path, &[]).await;
        assert_eq!(nameless.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    let twice = [("host", "localhost"), ("host", "evil.org")];
    let answer = ask(live.router(Access::this_machine()), "/", &twice).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    let absolute = ask(live.router(Access::this_machine()), "http://evil.org/", &twice[..1]).await;
    assert_eq!(absolute.status, StatusCode::MISDIRECTED_REQUEST);
    for host in ["localhost", "localhost:1", "127.0.0.1:8750", "[::1]:8750", "LOCALHOST"] {
        let answer = ask(live.router(Access::this_machine()), "/", &[("host", host)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn another_site_that_makes_the_browser_ask_is_refused() {
    let live = live(store().await).await;
    let of = async |headers: &[(&str, &str)]| {
        let headers = [&[("host", "localhost:8750")], headers].concat();
        ask(live.router(Access::this_machine()), "/events", &headers).await.status
    };
    for origin in ["http://evil.example.org", "null", "http://localhost:9999", "http://localhost"] {
        assert_eq!(of(&[("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
    let cross = ("sec-fetch-site", "cross-site");
    assert_eq!(of(&[cross, ("sec-fetch-mode", "no-cors")]).await, StatusCode::FORBIDDEN);
    let own = ("origin", "http://localhost:8750");
    let page =
        ask(live.router(Access::this_machine()), "/", &[("host", "localhost:8750"), own]).await;
    assert_eq!(page.status, StatusCode::OK);
    let followed = [("host", "localhost:8750"), cross, ("sec-fetch-mode", "navigate")];
    let page = ask(live.router(Access::this_machine()), "/", &followed).await;
    assert_eq!(page.status, StatusCode::OK, "a link may be followed");
}

#[tokio::test]
async fn from_elsewhere_nothing_is_shown_without_the_token() {
    let live = live(store().await).await;
    let wrong = [
        ("authorization", "Bearer wrong"),
        ("authorization", "correct-horse-battery"),
        ("cookie", "motjuste=correct-horse-battery"),
        ("accept", "*/*"),
    ];
    for path in PATHS {
        for header in wrong {
            let answer = from_elsewhere(&live, path, &[header]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {header:?}");
            assert!(!answer.text.contains("seed0") && answer.text.contains("needs its token"));
        }
        let asked = from_elsewhere(&live, &format!("{path}?token=wrong"), &[]).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let bearer = [("authorization", "Bearer correct-horse-battery")];
    assert_eq!(from_elsewhere(&live, "/", &bearer).await.status, StatusCode::OK);
    let foreign = [("host", "evil.example.org"), bearer[0]];
    let answer = ask(live.router(Access::with_token(&token())), "/", &foreign).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "a token does not excuse the name");
}

#[tokio::test]
async fn the_token_in_an_address_is_taken_for_a_cookie_once() {
    let live = live(store().await).await;
    let asked = "/studies/shop-mine-seed0-aaaa?token=correct-horse-battery&order=newest";
    let first = from_elsewhere(&live, asked, &[]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(first.header("location"), "/studies/shop-mine-seed0-aaaa?order=newest");
    let cookie = first.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    assert!(!cookie.contains("correct-horse"), "the cookie is not the token");
    let pair = cookie.split(';').next().unwrap();
    let page = from_elsewhere(&live, "/", &[("cookie", pair)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("correct-horse"));
    let other = Access::with_token(&Token::new("another-token-altogether").unwrap());
    let answer = ask(live.router(other), "/", &[("host", "10.0.0.7"), ("cookie", pair)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let elsewhere = from_elsewhere(&live, "//evil.org/?token=correct-horse-battery", &[]).await;
    assert!(elsewhere.header("location").starts_with("/evil.org"), "no way to another server");
}

#[tokio::test]
async fn every_answer_forbids_what_a_page_does_not_need() {
    let live = live(store().await).await;
    for path in PATHS.into_iter().filter(|path| *path != "/events") {
        let answer = get(&live, path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'));
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn nothing_can_be_changed() {
    let live = live(store().await).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in ["/", "/studies/shop-mine-seed0-aaaa", "/compare", "/events"] {
            let request = Request::builder().method(&method).uri(path).header("host", "localhost");
            let request = request.body(Body::from("x=1")).unwrap();
            let answer = send(live.router(Access::this_machine()), request).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}
