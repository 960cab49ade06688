//! Where an endpoint is.

use motjuste::{Error, Result};
use reqwest::Url;

use super::place;
use crate::environment::Environment;
use crate::provider::Provider;

/// The base URL: the one given, else the environment's, else the provider's own.
pub(super) fn resolve(
    provider: Provider,
    given: Option<&str>,
    environment: &Environment,
) -> Result<Url> {
    let facts = provider.facts();
    let found = given.map(str::to_owned).or_else(|| environment.first(facts.base_variables));
    let own = || facts.base.map(|base| place::filled(facts.name, base, environment)).transpose();
    let Some(base) = found.map_or_else(own, |found| Ok(Some(found)))? else {
        let message = format!("{} needs a base URL", facts.name);
        let help = format!("give one, or set {}", facts.base_variables.join(" or "));
        return Err(Error::configuration(message).with_help(help));
    };
    parse(&if provider == Provider::Ollama { ollama(&base) } else { base })
}

/// Whether `base` is where the provider itself answers; who answers elsewhere is another model.
pub(super) fn is_own(provider: Provider, base: &Url, environment: &Environment) -> bool {
    let facts = provider.facts();
    let own = facts.base.and_then(|own| place::filled(facts.name, own, environment).ok());
    own.is_some_and(|own| own == base.as_str().trim_end_matches('/'))
}

/// The path of a base that is not where the provider itself answers, unless it is the one that its interface usually
/// has.
pub(super) fn unusual_path(provider: Provider, base: &Url) -> &str {
    let path = base.path().trim_end_matches('/');
    let own = provider.facts().base.and_then(|own| Url::parse(own).ok());
    let usual =
        own.map_or_else(|| "/v1".to_owned(), |own| own.path().trim_end_matches('/').to_owned());
    match (path, provider) {
        ("", Provider::Azure) => "",
        // Anthropic's is asked below /v1 in any case.
        ("/v1", Provider::Anthropic) => "",
        (path, _) if path == usual && provider != Provider::Azure => "",
        ("", _) => "/",
        (path, _) => path,
    }
}

/// `OLLAMA_HOST` is read as Ollama reads it: scheme, port and path may be missing, and the address
/// that a server listens on everywhere means this machine.
fn ollama(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => format!("{}:{port}", local(name)),
        _ if host.contains("://") => local(authority).to_owned(),
        _ => format!("{}:11434", local(authority)),
    };
    let path = if path.is_empty() { "v1" } else { path };
    format!("{scheme}://{authority}/{path}")
}

fn local(name: &str) -> &str {
    if matches!(name, "" | "0.0.0.0" | "[::]") { "127.0.0.1" } else { name }
}

fn parse(base: &str) -> Result<Url> {
    // The text itself is not shown: people put keys into URLs.
    let refuse = |why: &str| {
        let message = format!("the base URL {why}");
        Error::configuration(message).with_help("write it like http://127.0.0.1:8000/v1")
    };
    let url = Url::parse(base).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(refuse("is not one of http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("carries a user name or a password; keys come from the environment"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("carries a query or a fragment"));
    }
    Ok(url)
}

/// Whether the URL names this machine, where plain http shows a key to nobody else.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(provider: Provider, given: Option<&str>, variables: [(&str, &str); 1]) -> String {
        let url = resolve(provider, given, &Environment::of(variables)).unwrap();
        url.as_str().trim_end_matches('/').to_owned()
    }

    #[test]
    fn what_is_given_wins_over_the_environment_and_that_over_the_default() {
        let set = [("OPENAI_BASE_URL", "https://proxy/v1")];
        assert_eq!(base(Provider::OpenAi, Some("https://a/v1"), set), "https://a/v1");
        assert_eq!(base(Provider::OpenAi, None, set), "https://proxy/v1");
        assert_eq!(base(Provider::OpenAi, None, [("", "")]), "https://api.openai.com/v1");
        let older = [("OPENAI_API_BASE", "https://older/v1")];
        assert_eq!(base(Provider::OpenAi, None, older), "https://older/v1");
    }

    #[test]
    fn ollama_host_is_read_as_ollama_reads_it() {
        let host = |host| base(Provider::Ollama, None, [("OLLAMA_HOST", host)]);
        assert_eq!(host("gpu"), "http://gpu:11434/v1");
        assert_eq!(host("gpu:99"), "http://gpu:99/v1");
        assert_eq!(host("0.0.0.0:99"), "http://127.0.0.1:99/v1");
        assert_eq!(host(":99"), "http://127.0.0.1:99/v1");
        assert_eq!(host("https://gpu/ollama/v1"), "https://gpu/ollama/v1");
        assert_eq!(host("[::1]"), "http://[::1]:11434/v1");
    }

    #[test]
    fn a_base_url_that_holds_a_key_or_is_none_is_refused_without_showing_it() {
        for base in ["https://user:sk-1@host/v1", "https://host/v1?key=sk-1", "ftp://sk-1", "sk-1"]
        {
            let error = resolve(Provider::OpenAi, Some(base), &Environment::of([])).unwrap_err();
            assert!(error.is_configuration() && !format!("{error:?}").contains("sk-1"), "{base}");
        }
    }

    #[test]
    fn a_provider_without_an_address_of_its_own_asks_for_one() {
        let error = resolve(Provider::Azure, None, &Environment::of([])).unwrap_err();
        assert!(error.help().unwrap().contains("AZURE_OPENAI_ENDPOINT"));
    }

    #[test]
    fn only_this_machine_is_a_loopback() {
        let loopback = |url| is_loopback(&Url::parse(url).unwrap());
        assert!(loopback("http://127.0.0.1:8000/v1") && loopback("http://localhost"));
        assert!(loopback("http://[::1]:8000") && loopback("http://127.8.8.8"));
        assert!(!loopback("http://localhost.evil.example") && !loopback("http://10.0.0.1"));
    }
}
