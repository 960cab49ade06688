//! The proxy that the environment names for an endpoint.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use motjuste::{Error, Result};
use reqwest::Url;

use super::base::is_loopback;

/// What names a proxy, for the scheme of a URL and for both.
const FOR_HTTP: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const FOR_HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Scheme, host and port of the proxy that `base` is asked through, without what it knows us by; none for this
/// machine, which is asked directly.
///
/// # Errors
/// [`Error::is_configuration`] when a variable that names one holds no address: it would be passed over in silence.
pub(super) fn of(base: &Url) -> Result<Option<String>> {
    let Some(uri) = base.as_str().parse::<Uri>().ok().filter(|_| !is_loopback(base)) else {
        return Ok(None);
    };
    let names = if base.scheme() == "http" { FOR_HTTP } else { FOR_HTTPS };
    for name in names {
        check(name, &std::env::var(name).unwrap_or_default(), &uri)?;
    }
    Ok(Matcher::from_env().intercept(&uri).map(|proxy| shown(proxy.uri())))
}

/// The value itself is not shown: it may hold a password.
fn check(name: &str, value: &str, uri: &Uri) -> Result<()> {
    let is_proxy = || Matcher::builder().all(value).build().intercept(uri).is_some();
    if value.is_empty() || is_proxy() {
        return Ok(());
    }
    Err(Error::configuration(format!("the variable {name} holds no address of a proxy"))
        .with_help(format!("write it like http://proxy.example:3128, or unset {name}")))
}

fn shown(proxy: &Uri) -> String {
    let (scheme, host) = (proxy.scheme_str().unwrap_or("http"), proxy.host().unwrap_or_default());
    let port = proxy.port_u16().map_or_else(String::new, |port| format!(":{port}"));
    format!("{scheme}://{host}{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        assert_eq!(shown(&"http://me:secret@proxy:3128/".parse().unwrap()), "http://proxy:3128");
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        let uri = "https://api.example/v1".parse().unwrap();
        for value in ["", "http://proxy:3128", "proxy:3128", "http://me:pass@proxy", "socks5://p:1"]
        {
            assert!(check("HTTPS_PROXY", value, &uri).is_ok(), "{value}");
        }
        for value in ["not a proxy", "http://", "://x"] {
            let error = check("HTTPS_PROXY", value, &uri).unwrap_err();
            assert!(error.to_string().contains("HTTPS_PROXY") && error.is_configuration());
            assert!(!error.to_string().contains(value), "{error}");
        }
    }
}
