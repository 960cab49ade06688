//! Who may look at the page: names that the server answers to, and a token.

mod host;
mod token;

pub use token::Token;

use host::{host_of, is_address, is_loopback};
use token::Door;

/// Who may look at the live page.
///
/// A browser names the server that it believes to talk to. A name that is not expected is refused, so that no
/// foreign web page can reach the server by a name of its own that leads to this machine (DNS rebinding).
///
/// ```
/// use motjuste_serve::{Access, Token};
/// let here = Access::this_machine();
/// let elsewhere = Access::with_token(&Token::random()?).answering_to(["gpu3.example.org"]);
/// assert!(here.expects("localhost:8750") && !here.expects("evil.example.org"));
/// assert!(elsewhere.expects("gpu3.example.org:8750") && elsewhere.expects("10.0.0.7"));
/// # Ok::<(), motjuste::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Access {
    names: Vec<String>,
    door: Option<Door>,
}

impl Access {
    /// Browsers on this machine, without a token: for a server that listens on the loopback interface alone.
    pub fn this_machine() -> Self {
        Self { names: Vec::new(), door: None }
    }

    /// Whoever has the token, from anywhere.
    pub fn with_token(token: &Token) -> Self {
        Self { names: Vec::new(), door: Some(Door::of(token)) }
    }

    /// The same, and the server answers to these host names, too.
    #[must_use]
    pub fn answering_to(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names.extend(names.into_iter().map(|name| name.into().to_ascii_lowercase()));
        self
    }

    /// Whether the server answers to `authority`, a host name or address with or without a port.
    ///
    /// Names of this machine are always answered to, addresses where there is a token: neither can be made to
    /// lead somewhere else. Any other name must be allowed.
    pub fn expects(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else { return false };
        is_loopback(&host)
            || (self.door.is_some() && is_address(&host))
            || self.names.contains(&host)
    }

    /// What opens the page; none where nothing is needed.
    pub(crate) fn door(&self) -> Option<&Door> {
        self.door.as_ref()
    }
}
