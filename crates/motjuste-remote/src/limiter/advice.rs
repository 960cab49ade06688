//! What an answer's headers say about when to ask again.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// No server makes us wait longer than this on its word: a header may be wrong.
const LONGEST: Duration = Duration::from_secs(300);

/// Whose names for the limits to read. Others use the same names for hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `x-ratelimit-limit-requests` and its like, per minute.
    OpenAi,
    /// `anthropic-ratelimit-requests-limit` and its like, per minute.
    Anthropic,
    /// Limits are not told, or not by the minute.
    Silent,
}

/// The limits that an answer tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(super) requests: Option<Allowance>,
    pub(super) tokens: Option<Allowance>,
}

/// An amount a minute, and what is left of it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) per_minute: u64,
    pub(super) remaining: Option<u64>,
}

impl Advice {
    pub(crate) fn read(dialect: Dialect, headers: &HeaderMap) -> Self {
        let allowance = |what: &str| {
            let (limit, remaining) = match dialect {
                Dialect::OpenAi => ("x-ratelimit-limit-", "x-ratelimit-remaining-"),
                Dialect::Anthropic => return anthropic(headers, what),
                Dialect::Silent => return None,
            };
            pair(headers, &format!("{limit}{what}"), &format!("{remaining}{what}"))
        };
        Self { requests: allowance("requests"), tokens: allowance("tokens") }
    }
}

fn anthropic(headers: &HeaderMap, what: &str) -> Option<Allowance> {
    let name = |end: &str| format!("anthropic-ratelimit-{what}-{end}");
    pair(headers, &name("limit"), &name("remaining"))
}

fn pair(headers: &HeaderMap, limit: &str, remaining: &str) -> Option<Allowance> {
    let number = |name: &str| text(headers, name)?.parse().ok();
    let per_minute = number(limit).filter(|&limit| limit > 0)?;
    Some(Allowance { per_minute, remaining: number(remaining) })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// How long the server asks us to wait: milliseconds, seconds, or a date; at most five minutes.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"];
    let mut milliseconds = milliseconds.iter().filter_map(|name| text(headers, name));
    let exact = milliseconds.find_map(|text| seconds(text, 1e-3));
    exact.or_else(|| {
        let text = text(headers, "retry-after")?;
        seconds(text, 1.0).or_else(|| until(text))
    })
}

fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok().filter(|number| *number >= 0.0)? * unit;
    Some(Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())))
}

/// A date in the past means now.
fn until(text: &str) -> Option<Duration> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn after(name: &'static str, value: &str) -> Option<Duration> {
        retry_after(&headers(&[(name, value)]))
    }

    #[test]
    fn waits_are_read_in_every_form_and_bounded() {
        assert_eq!(after("retry-after", "2"), Some(Duration::from_secs(2)));
        assert_eq!(after("retry-after", " 0.25 "), Some(Duration::from_millis(250)));
        assert_eq!(after("retry-after-ms", "125"), Some(Duration::from_millis(125)));
        assert_eq!(after("retry-after", "1e300"), Some(LONGEST));
        assert_eq!(after("retry-after", "inf"), Some(LONGEST));
        let past = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(after("retry-after", past), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(20));
        let wait = after("retry-after", &soon).unwrap();
        assert!(wait > Duration::from_secs(17) && wait <= Duration::from_secs(20), "{wait:?}");
        for nonsense in ["-1", "NaN", "soon", ""] {
            assert_eq!(after("retry-after", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn limits_are_read_in_the_providers_own_words_alone() {
        let openai = headers(&[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-limit-tokens", "30000"),
        ]);
        let advice = Advice::read(Dialect::OpenAi, &openai);
        let requests = Allowance { per_minute: 500, remaining: Some(499) };
        assert_eq!(advice.requests, Some(requests));
        assert_eq!(advice.tokens, Some(Allowance { per_minute: 30000, remaining: None }));
        assert_eq!(Advice::read(Dialect::Silent, &openai), Advice::default());
        let anthropic = headers(&[("anthropic-ratelimit-tokens-limit", "80000")]);
        let tokens = Allowance { per_minute: 80000, remaining: None };
        assert_eq!(Advice::read(Dialect::Anthropic, &anthropic).tokens, Some(tokens));
    }
}
