//! A key that cannot be shown by accident.

use std::fmt;

use motjuste::{Error, Result};
use reqwest::header::HeaderValue;

/// Shown in the place of a key.
const HIDDEN: &str = "[hidden]";

/// A key shorter than this is not searched for in texts: it would be found inside ordinary words.
const SHORTEST: usize = 4;

/// A key. Its `Debug` hides it, it has no `Display`, and it can take itself out of texts.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(key: String) -> Self {
        Self(key)
    }

    /// The key as a header that is left out of every log.
    pub(crate) fn header(&self, prefix: &str) -> Result<HeaderValue> {
        let value = HeaderValue::from_str(&format!("{prefix}{}", self.0));
        let mut value = value.map_err(|_| {
            Error::configuration("the API key holds characters that no header can carry")
                .with_help("copy the key again, without line breaks or quotes")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The text without the key.
    pub(crate) fn redact(&self, text: &str) -> String {
        match self.0.len() < SHORTEST {
            true => text.to_owned(),
            false => text.replace(&self.0, HIDDEN),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_wherever_it_could_be_seen() {
        let secret = Secret::new("sk-1234567890".to_owned());
        assert_eq!(format!("{:?}", Some(&secret)), "Some([hidden])");
        assert_eq!(secret.redact("key sk-1234567890!"), "key [hidden]!");
        assert!(!format!("{:?}", secret.header("Bearer ").unwrap()).contains("sk-"));
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
        let error = Secret::new("sk-\n123".to_owned()).header("").unwrap_err();
        assert!(error.is_configuration() && !format!("{error:?}").contains("sk-"));
    }
}
