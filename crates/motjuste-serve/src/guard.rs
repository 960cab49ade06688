//! Who is let in, and what every answer says to the browser.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, LOCATION,
    ORIGIN, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::access::Access;
use crate::pages::{Links, needs_token};

/// The script and the style come from this server, and nothing else is loaded, framed or sent anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the guard knows.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) access: Arc<Access>,
    pub(crate) links: Links,
}

/// Refuses whoever may not look; the answers of the others get the headers that every answer has.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let refusal = guard.refusal(request.uri(), request.headers());
    let mut response = match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    add_headers(response.headers_mut());
    response
}

fn add_headers(headers: &mut HeaderMap) {
    let all = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl Guard {
    /// The answer to a request that is not let in; none where it is.
    fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        if !self.is_expected(uri, headers) {
            let told = "This server does not answer to the name by which it was called.\n\
                        Call it by its address, or name this host when it is started.\n";
            return Some((StatusCode::MISDIRECTED_REQUEST, told).into_response());
        }
        if is_foreign(headers) {
            let told = "Another site asked for this page: it is not told.\n";
            return Some((StatusCode::FORBIDDEN, told).into_response());
        }
        self.token_refusal(uri, headers)
    }

    /// Whether the server is called by a name that it answers to.
    fn is_expected(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let is_expected = |authority: &str| self.access.expects(authority);
        host.to_str().is_ok_and(is_expected)
            && uri.authority().is_none_or(|authority| is_expected(authority.as_str()))
    }

    /// What happens to a request without the token, and to one that brings it in its address: that one is sent
    /// to the same address without it, with a cookie.
    fn token_refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        let door = self.access.door()?;
        let is_open = |name: &HeaderName, opens: &dyn Fn(&str) -> bool| {
            headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(opens))
        };
        let (token, rest) = split_token(uri.query().unwrap_or_default());
        if let Some(token) = token {
            return Some(match door.is_token(&token) {
                true => redirect(
                    &self.links.to(uri.path()),
                    &rest,
                    &door.set_cookie(&self.links.root()),
                ),
                false => unauthorized(),
            });
        }
        let bears =
            |value: &str| value.strip_prefix("Bearer ").is_some_and(|token| door.is_token(token));
        let is_open =
            is_open(&COOKIE, &|value| door.is_in_cookies(value)) || is_open(&AUTHORIZATION, &bears);
        (!is_open).then(unauthorized)
    }
}

/// Whether a web page of another site makes the browser ask: its origin is not the host that it asks, or the
/// browser says so and nobody followed a link.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let is_ours = |origin: &str| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    let is_other_origin = headers.contains_key(ORIGIN) && !text(ORIGIN).is_some_and(is_ours);
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let mode = text(HeaderName::from_static("sec-fetch-mode"));
    is_other_origin || (site == Some("cross-site") && mode != Some("navigate"))
}

/// The token in the query of an address, and the query without it.
fn split_token(query: &str) -> (Option<String>, String) {
    let mut token = None;
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "token" => token = Some(value.into_owned()),
            _ => {
                rest.append_pair(&name, &value);
            }
        }
    }
    (token, rest.finish())
}

fn redirect(path: &str, query: &str, cookie: &str) -> Response {
    let mark = if query.is_empty() { "" } else { "?" };
    // A path that begins with two slashes would be the name of another server.
    let target = format!("/{}{mark}{query}", path.trim_start_matches('/'));
    let headers = [(LOCATION, target), (SET_COOKIE, cookie.to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn unauthorized() -> Response {
    let headers = [(WWW_AUTHENTICATE, "Bearer"), (CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::UNAUTHORIZED, headers, Body::from(needs_token().to_string())).into_response()
}
