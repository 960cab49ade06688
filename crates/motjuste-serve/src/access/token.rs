//! The token that opens the page from elsewhere, and the cookie that stands for it.

use std::fmt;

use motjuste::{Error, Result};

/// The fewest characters of a token that a person chooses.
const FEWEST: usize = 16;

/// A secret that opens the live page.
///
/// ```
/// use motjuste_serve::Token;
/// assert_eq!(Token::random()?.as_str().len(), 43);
/// assert!(Token::new("1234").is_err());
/// assert_eq!(format!("{:?}", Token::new("correct-horse-battery")?), "Token(hidden)");
/// # Ok::<(), motjuste::Error>(())
/// ```
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token of one's own.
    ///
    /// # Errors
    /// When it has fewer than 16 characters, or others than letters, digits and `-._~`: it is part of an
    /// address.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
        if text.len() < FEWEST || !is_plain {
            return Err(Error::configuration("the token of the live page cannot be used")
                .with_help("take at least 16 letters, digits and -._~"));
        }
        Ok(Self(text))
    }

    /// A new token of 256 random bits from the operating system.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::configuration(format!("no random token can be drawn: {error}"))
                .with_help("give a token of your own")
        })?;
        Ok(Self(bytes.chunks(3).map(in_letters).collect()))
    }

    /// The token itself, for its owner alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

/// Base64 for addresses, RFC 4648, section 5, without padding.
fn in_letters(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = bytes.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte))
        << (8 * (3 - bytes.len()));
    let letter = |index: usize| char::from(LETTERS[(bits >> (18 - 6 * index) & 63) as usize]);
    (0..=bytes.len()).map(letter).collect()
}

/// What the server keeps of a token: no secret that opens anything else.
#[derive(Clone)]
pub(crate) struct Door {
    token: blake3::Hash,
    cookie_name: String,
    cookie: String,
}

impl Door {
    pub(super) fn of(token: &Token) -> Self {
        // Cookies are shared by all ports of a host: two servers must not overwrite each other's.
        let name = derived("motjuste live page 1 cookie name", token);
        Self {
            token: blake3::hash(token.0.as_bytes()),
            cookie_name: format!("motjuste_{}", &name.to_hex()[..8]),
            cookie: derived("motjuste live page 1 cookie", token).to_hex().to_string(),
        }
    }

    /// Whether `given` is the token. Hashes are compared, in constant time.
    pub(crate) fn is_token(&self, given: &str) -> bool {
        blake3::hash(given.as_bytes()) == self.token
    }

    /// Whether a `Cookie` header holds the cookie.
    pub(crate) fn is_in_cookies(&self, header: &str) -> bool {
        let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        let mut values =
            pairs.filter(|(name, _)| *name == self.cookie_name).map(|(_, value)| value);
        let expected = blake3::hash(self.cookie.as_bytes());
        values.any(|value| blake3::hash(value.as_bytes()) == expected)
    }

    /// The `Set-Cookie` header for the pages below `path`.
    pub(crate) fn set_cookie(&self, path: &str) -> String {
        let (name, value) = (&self.cookie_name, &self.cookie);
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age=2592000")
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Door(hidden)")
    }
}

fn derived(purpose: &str, token: &Token) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(purpose, token.0.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_token_is_a_token_and_another_one_each_time() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(one.as_str(), other.as_str());
        assert!(Token::new(one.as_str()).is_ok());
        assert_eq!([&b"Man"[..], b"Ma", b"M"].map(in_letters), ["TWFu", "TWE", "TQ"]);
    }

    #[test]
    fn the_cookie_is_not_the_token_and_opens_as_well() {
        let token = Token::new("correct-horse-battery").unwrap();
        let door = Door::of(&token);
        let set = door.set_cookie("/");
        assert!(!set.contains(token.as_str()) && set.contains("HttpOnly"));
        let cookie = set.split(';').next().unwrap();
        assert!(door.is_in_cookies(&format!("a=b; {cookie}; c")));
        assert!(!door.is_in_cookies(&cookie[..cookie.len() - 1]) && !door.is_in_cookies(""));
        assert!(door.is_token(token.as_str()) && !door.is_token("") && !door.is_token("correct"));
    }
}
